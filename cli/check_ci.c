/* check_ci.c - a check for other programs: JUnit XML and annotations of GitHub workflows.
 *
 * Source    The JUnit of Jenkins' and GitLab's readers: testsuites, testsuite, testcase with
 *           failure, error or system-out. GitHub: "Workflow commands", ::error title=..,file=..::,
 *           with %, CR and LF escaped, in properties also ':' and ','.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "cli/check.h"
#include "results/html.h"

/* ---- JUnit ---------------------------------------------------------------------------------------------- */

/* What no page may hold no XML may either; the escapes of HTML are XML's. */
static void
put_xml(struct gw_text *out, const char *text)
{
    gw_html_attribute(out, text);
}

static void
put_case(struct gw_text *out, const struct gw_check_view *view, size_t index)
{
    const struct gw_check *check = view->check;
    enum gw_gate_verdict verdict = check->report.cases[index].verdict;
    const char *kind = verdict == GW_GATE_BROKEN ? "error" : "failure";
    struct gw_text sentence = {0};

    gw_gate_case_say(&check->report, check->before, index, &sentence);
    gw_text_add(out, "    <testcase classname=\"");
    put_xml(out, view->path);
    gw_text_add(out, "\" name=\"");
    put_xml(out, check->before->cases[index].name);
    gw_text_add(out, "\">");
    if (gw_check_fails(verdict, view->strict)) {
        gw_text_format(out, "<%s type=\"%s\" message=\"", kind, gw_gate_verdict_name(verdict));
        put_xml(out, sentence.bytes);
        gw_text_format(out, "\"></%s>", kind);
    } else {
        gw_text_add(out, "<system-out>");
        put_xml(out, sentence.bytes);
        gw_text_add(out, "</system-out>");
    }
    gw_text_add(out, "</testcase>\n");
    out->failed = out->failed || sentence.failed;
    gw_text_clear(&sentence);
}

static void
put_counts(struct gw_text *out, const struct gw_check_view *view)
{
    const struct gw_gate_report *report = &view->check->report;
    size_t failures = 0, errors = 0;

    for (size_t i = 0; i < report->case_count; i++) {
        enum gw_gate_verdict verdict = report->cases[i].verdict;

        errors += verdict == GW_GATE_BROKEN;
        failures += verdict != GW_GATE_BROKEN && gw_check_fails(verdict, view->strict);
    }
    gw_text_format(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"", report->case_count,
                   failures, errors);
}

static bool
finish(struct gw_text *out, FILE *stream, struct gw_error *err)
{
    bool fine = !out->failed;

    if (fine && out->bytes != NULL) {
        fputs(out->bytes, stream);
    }
    gw_text_clear(out);
    return fine || gw_fail(err, GW_ENOMEM, "out of memory for the report");
}

bool
gw_check_print_junit(const struct gw_check_view *view, FILE *stream, struct gw_error *err)
{
    struct gw_text out = {0};

    gw_text_add(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    put_counts(&out, view);
    gw_text_add(&out, ">\n  <testsuite name=\"godwit check\"");
    put_counts(&out, view);
    gw_text_add(&out, ">\n");
    for (size_t i = 0; i < view->check->report.case_count; i++) {
        put_case(&out, view, i);
    }
    gw_text_add(&out, "  </testsuite>\n</testsuites>\n");
    return finish(&out, stream, err);
}

/* ---- GitHub --------------------------------------------------------------------------------------------- */

static void
put_escaped(struct gw_text *out, const char *text, const char *escaped)
{
    for (const char *at = text; *at != '\0'; at++) {
        if (strchr(escaped, *at) != NULL) {
            gw_text_format(out, "%%%02X", (unsigned)(unsigned char)*at);
        } else {
            gw_text_add_bytes(out, at, 1);
        }
    }
}

static void
put_annotation(struct gw_text *out, const struct gw_check_view *view, size_t index)
{
    const struct gw_check *check = view->check;
    enum gw_gate_verdict verdict = check->report.cases[index].verdict;
    struct gw_text sentence = {0};

    if (verdict < GW_GATE_OPEN) {
        return;
    }
    gw_gate_case_say(&check->report, check->before, index, &sentence);
    gw_text_format(out, "::%s title=godwit check%%3A ",
                   gw_check_fails(verdict, view->strict) ? "error" : "warning");
    put_escaped(out, check->before->cases[index].name, "%\r\n:,");
    gw_text_add(out, ",file=");
    put_escaped(out, view->path, "%\r\n:,");
    gw_text_add(out, "::");
    put_escaped(out, sentence.bytes == NULL ? "" : sentence.bytes, "%\r\n");
    gw_text_add(out, "\n");
    out->failed = out->failed || sentence.failed;
    gw_text_clear(&sentence);
}

bool
gw_check_print_github(const struct gw_check_view *view, FILE *stream, struct gw_error *err)
{
    struct gw_text out = {0};

    for (size_t i = 0; i < view->check->report.case_count; i++) {
        put_annotation(&out, view, i);
    }
    gw_text_add(&out, "::notice title=godwit check,file=");
    put_escaped(&out, view->path, "%\r\n:,");
    gw_text_add(&out, "::");
    gw_check_conclude(view, &out);
    gw_text_add(&out, "\n");
    return finish(&out, stream, err);
}
