/* report_page.h - a study as one page: what was asked, what came out, what it rests on.
 *
 * The page is one HTML file that needs nothing else: no network, no scripts to be read. Its figures
 * are also written beside it, as godwit plot does. The same runs give the same bytes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_REPORT_PAGE_H
#define GW_REPORT_PAGE_H

#include "results/model_card.h"
#include "results/report_facts.h"
#include "results/store.h"
#include "results/study_store.h"

/* What the report is made of; all borrowed. */
struct gw_report_input {
    const char *database; /* its name, for the commands that repeat a number */
    const struct gw_result_list *runs;
    const struct gw_study_states *studies;
    const struct gw_report_facts *facts;
    const struct gw_cards *cards;
    bool scripts;         /* curves to zoom into, where dygraphs is found */
    const char *dygraphs; /* folder with dygraph.min.js; NULL: where Debian has it */
};

/* Writes DIRECTORY/report.html and DIRECTORY/figures/; folders are made when missing. Errors:
 * GW_EINVAL (no runs), GW_EIO (also: gnuplot is missing), GW_ENOMEM. */
bool gw_report_write(const struct gw_report_input *report, const char *directory,
                     struct gw_error *err);

#endif
