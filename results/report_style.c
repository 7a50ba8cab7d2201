/* report_style.c - the style sheet of the report.
 *
 * Idea      A light page, because the pictures are on white. Wide things scroll in boxes of their
 *           own. On paper everything that is folded is open, and nothing scrolls.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stddef.h>

#include "results/report_shared.h"

const char *const gw_report_style[] = {
    ":root{color-scheme:light}\n", "*{box-sizing:border-box}[hidden]{display:none!important}\n",
    "body{margin:0 auto;padding:1.5rem 1.25rem 4rem;max-width:78rem;background:#fff;color:#1c2024;"
    "font:16px/1.55 system-ui,-apple-system,'Segoe UI','Liberation Sans','DejaVu Sans',sans-serif;"
    "overflow-wrap:break-word}\n",
    "h1{font-size:2rem;line-height:1.2;margin:.5rem 0 .25rem;letter-spacing:-.01em}\n",
    "h2{font-size:1.4rem;line-height:1.25;margin:2.75rem 0 .75rem;padding-bottom:.3rem;"
    "border-bottom:2px solid #1c2024}\n",
    "h3{font-size:1.05rem;margin:1.75rem 0 .4rem}\n",
    "p,ul{margin:.5rem 0 .75rem}p,li{max-width:46rem}ul{padding-left:1.3rem}li{margin:.2rem 0}\n",
    "a{color:#0b57a4}\n",
    ".kicker{margin:0;color:#56606a;font-size:.85rem;letter-spacing:.06em;"
    "text-transform:uppercase}\n",
    ".note,figcaption{color:#4a545e;font-size:.875rem}\n",
    ".tight{font-size:.875rem}.tight li{margin:0}\n",
    "nav{margin:1.5rem 0;padding:.75rem 1rem;background:#f4f6f8;border-radius:6px}\n",
    "nav ul{margin:0;padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:.15rem 1.25rem}\n",
    "nav.list{font-size:.875rem;padding:0;background:none;margin:.5rem 0}\n",
    "code,pre{font-family:ui-monospace,'Liberation Mono','DejaVu Sans Mono',monospace;"
    "font-size:.85em;overflow-wrap:anywhere}\n",
    "pre{margin:.5rem 0;padding:.75rem;background:#f4f6f8;border-radius:6px;overflow:auto;"
    "max-height:30rem;overflow-wrap:normal}\n",
    /* A shadow at the edge beyond which there is more: phones show no scroll bar. */
    ".scroll{overflow-x:auto;background:linear-gradient(90deg,#fff 40%,#fff0) 0 0/3rem 100% local "
    "no-repeat,linear-gradient(270deg,#fff 40%,#fff0) 100% 0/3rem 100% local no-repeat,"
    "linear-gradient(90deg,#0003,#0000) 0 0/.7rem 100% no-repeat,"
    "linear-gradient(270deg,#0003,#0000) 100% 0/.7rem 100% no-repeat}\n",
    ".scroll:focus-visible{outline:2px solid #0b57a4}\n",
    "table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums;"
    "margin:.5rem 0}\n",
    "th,td{padding:.3rem .7rem .3rem 0;text-align:right;border-bottom:1px solid #dde2e7;"
    "vertical-align:baseline;white-space:nowrap}\n",
    "th{font-weight:600}thead th{color:#4a545e;border-bottom:1px solid #8a949e;"
    "vertical-align:bottom}\n",
    "th:first-child{text-align:left}tbody th{font-weight:500}\n",
    ".verdicts td:nth-child(2),.verdicts th:nth-child(2){text-align:left}\n",
    ".words th,.words td{text-align:left;white-space:normal;min-width:5rem}\n",
    ".words td:nth-child(2){min-width:9rem}.words code{white-space:nowrap}\n",
    ".cell th{padding-top:.9rem;font-weight:600;text-align:left;border-bottom-color:#8a949e}\n",
    ".scroll th:first-child{position:sticky;left:0;background:#fff}"
    ".scroll .cell th{position:static;background:none}\n",
    ".best{font-weight:700}.mark{display:block;font-size:.75rem;line-height:1.2;font-weight:600;"
    "color:#4a545e}"
    ".best .mark{color:#00664b}\n",
    ".ref{font-size:.75rem;font-weight:400}\n",
    "figure{margin:1.5rem 0 2.25rem}svg.figure{display:block;width:100%;min-width:36rem;"
    "max-width:52rem;height:auto;mix-blend-mode:multiply}\n",
    ".panel{font-weight:600;margin:.6rem 0 0;font-size:.875rem}\n",
    "details{margin:.4rem 0}summary{cursor:pointer;color:#0b57a4;font-size:.9rem}\n",
    "details.scenario summary{color:inherit}\n", ".chart{width:100%;height:22rem;margin:.5rem 0}\n",
    ".choose{display:flex;flex-wrap:wrap;gap:.5rem 1.25rem;align-items:center;font-size:.9rem}\n",
    ".choose label{display:inline-flex;gap:.4rem;align-items:center;min-width:0;max-width:100%}"
    ".choose select{font:inherit;min-width:0;flex:0 1 auto}\n",
    ".key{display:flex;flex-wrap:wrap;gap:.1rem 1.25rem;list-style:none;padding:0;"
    "font-size:.875rem;font-variant-numeric:tabular-nums;min-height:1.5rem}\n",
    ".key svg{margin-right:.4rem;vertical-align:middle}\n", ".key li:empty{display:none}\n",
    "footer{margin-top:3rem;padding-top:.75rem;border-top:1px solid #dde2e7}\n",
    "@media (max-width:40rem){body{padding:1rem .9rem 3rem;font-size:15px}h1{font-size:1.6rem}"
    ".chart{height:18rem}}\n",
    "@media print{body{max-width:none;padding:0;font-size:10pt}nav,#curves{display:none}"
    "a{color:inherit;text-decoration:none}figure,tr,.card{break-inside:avoid}"
    "h2,h3{break-after:avoid}pre{max-height:none;white-space:pre-wrap}"
    ".scroll,pre{overflow:visible}.scroll{background:none}th,td{white-space:normal}svg.figure{min-"
    "width:0}"
    "details::details-content{content-visibility:visible;display:block;height:auto}}\n",
    NULL};
