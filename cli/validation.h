/* validation.h - measured cases, their predictions and the cells that compare them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_VALIDATION_H
#define GW_VALIDATION_H

#include "cli/measured.h"
#include "cli/options.h"
#include "results/output.h"
#include "sim/study.h"

enum { GW_VALIDATION_REPLICATIONS_MOST = 1000 };

struct gw_validation {
    struct gw_measured *measured; /* one a file, as the scenarios */
    struct gw_scenario **scenarios;
    size_t count;
    struct gw_job *jobs; /* the replications of each file in a row */
    size_t replications;
    struct gw_cell *cells;
    size_t *cell_cases; /* index of the case, one a cell */
    size_t cell_count;
};

/* Room for so many files, each to be run so many times. False: memory out; clear it all the same. */
bool gw_validation_init(struct gw_validation *work, size_t files, size_t replications,
                        struct gw_error *err);
void gw_validation_clear(struct gw_validation *work);

/* The first run of a case that ended as most of its runs did. */
const struct gw_result *gw_validation_result(const struct gw_validation *work, size_t index);

/* Makes the cells of all cases, after the runs. curves: with the distance of the curves. */
void gw_validation_compare(struct gw_validation *work, bool curves);

/* Which cells a summary is of. */
struct gw_summary_request {
    struct gw_words combine; /* "A,B,L": groups that get a row together */
    double at_least_s;       /* cases that took less have no part in it */
};

/* Rows by group, then those of the combined groups, then "all". Owner: the caller frees *rows.
 * Errors: GW_ENOMEM. */
bool gw_validation_summary(const struct gw_validation *work,
                           const struct gw_summary_request *request, struct gw_cells_summary **rows,
                           size_t *count, struct gw_error *err);

/* Whether no case before this one is of its group. */
bool gw_validation_opens_group(const struct gw_validation *work, size_t index);

/* Pictures. Errors: as gw_figure_write. */
bool gw_validation_draw_curves(const struct gw_validation *work, const char *directory,
                               struct gw_error *err);
bool gw_validation_draw_errors(const struct gw_validation *work, const char *directory,
                               struct gw_error *err);

/* Mean distance of predicted and measured remaining bytes over the time of the longer migration,
 * in percent of what there was to send; NAN: not recorded, or by several jobs. */
double gw_validation_curve_distance(const struct gw_measured *measured,
                                    const struct gw_result *result);

/* Writes the model cards of all cases. Errors: GW_EIO, GW_ENOMEM. */
bool gw_validation_write_cards(const struct gw_validation *work, const char *path,
                               struct gw_error *err);

#endif
