/* check.h - cases run again and compared with their baseline, shared by the files of the verb.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_CHECK_H
#define GW_CHECK_H

#include <stdio.h>

#include "base/result_wire.h"
#include "cli/options.h"
#include "cli/run_plan.h"
#include "results/gate.h"

enum { GW_CHECK_REPLICATIONS = 12, GW_CHECK_MOST_TIMES = 4, GW_CHECK_LOOKS = 2 };

/* ---- runs ------------------------------------------------------------------------------------------- */

/* The runs of one case, which may become more. */
struct gw_check_case {
    struct gw_run_plan plan; /* its variations */
    int64_t done, wanted;    /* replications of each */
    struct gw_result *results;
    const struct gw_result **pointers;
    size_t count, allocated;
    char *trouble; /* why it cannot be run; NULL: it can */
};

struct gw_check_runs {
    struct gw_check_case *cases;
    size_t count;
    size_t workers;
    struct gw_wire_words words; /* texts of the results */
};

/* Settings that every case gets instead of its own of the same key, or after them. One value each:
 * groups of runs are found by their names. */
struct gw_check_settings {
    const char *const *items;
    size_t count;
};

/* Plans the cases of a baseline; what cannot be loaded is the trouble of its case. seed < 0: each
 * case's own. Errors: GW_ENOMEM. */
bool gw_check_runs_open(struct gw_check_runs *runs, const struct gw_baseline *baseline,
                        const struct gw_check_settings *settings, int64_t seed,
                        struct gw_error *err);
/* Runs what is wanted and not done, on worker processes: the crash of a run is the trouble of its
 * case. Errors: GW_ENOMEM, GW_ECANCELED (by a signal). */
bool gw_check_runs_make(struct gw_check_runs *runs, struct gw_error *err);
void gw_check_runs_close(struct gw_check_runs *runs);

/* ---- the check ---------------------------------------------------------------------------------------- */

struct gw_check_request {
    const struct gw_baseline *before;
    struct gw_check_settings settings;
    int64_t seed;         /* < 0: the baseline's */
    int64_t replications; /* 0: the baseline's */
    int64_t most;         /* of a case that stays open; 0: GW_CHECK_MOST_TIMES as many */
    double alpha;         /* of the whole check: the looks share it */
    size_t workers;
    bool once; /* one look with all of alpha */
};

struct gw_check {
    const struct gw_baseline *before; /* borrowed */
    struct gw_baseline after;
    struct gw_gate_report report;
    struct gw_check_runs runs;
    double alpha;
};

/* Errors: GW_ENOMEM, GW_ECANCELED, GW_EINVAL; nothing to clear then. */
bool gw_check_make(struct gw_check *check, const struct gw_check_request *request,
                   struct gw_error *err);
/* Measures the runs of a check as a baseline of their own, with new grids. `after` begins empty.
 * Errors: GW_EINVAL (trouble: a case did not run), GW_ENOMEM. */
bool gw_check_rebase(const struct gw_check *check, struct gw_baseline *after, struct gw_error *err);
void gw_check_clear(struct gw_check *check);

/* A copy of what defines a case, without groups. False: memory out. */
bool gw_check_case_copy(const struct gw_baseline_case *one, struct gw_baseline_case *out);

/* ---- faces -------------------------------------------------------------------------------------------- */

struct gw_check_view {
    const struct gw_check *check;
    const char *path; /* of the baseline, as the user named it */
    bool strict;      /* what stays open fails */
};

/* All: errors are GW_ENOMEM; those of the stream stay in the stream. */
bool gw_check_print_text(const struct gw_check_view *view, FILE *stream, struct gw_error *err);
bool gw_check_print_md(const struct gw_check_view *view, FILE *stream, struct gw_error *err);
bool gw_check_print_json(const struct gw_check_view *view, FILE *stream, struct gw_error *err);
bool gw_check_print_junit(const struct gw_check_view *view, FILE *stream, struct gw_error *err);
bool gw_check_print_github(const struct gw_check_view *view, FILE *stream, struct gw_error *err);

/* "moved: 1 of 5 cases": the last line of a check. */
void gw_check_conclude(const struct gw_check_view *view, struct gw_text *out);

/* Whether a verdict fails the check. */
static inline bool
gw_check_fails(enum gw_gate_verdict verdict, bool strict)
{
    return verdict >= GW_GATE_MOVED || (strict && verdict == GW_GATE_OPEN);
}

/* ---- the verb ----------------------------------------------------------------------------------------- */

struct gw_check_options {
    struct gw_words set;
    const char *baseline;
    const char *accept; /* the reason; NULL: compare */
    const char *name;   /* of the case, with accept */
    int64_t replications;
    int64_t most;
    const char *reseed;
    const char *alpha;
    bool strict;
    const char *format;
    const char *junit;
    const char *summary;
    const char *directory;
    int64_t threads;
};

/* Runs cases and writes them as the new baseline; says what moved. Returns an exit code. */
int gw_check_accept(const struct gw_check_options *options, const struct gw_words *operands,
                    const struct gw_check_request *request);

/* What ended a check: an exit code, with a message where there is something to say. */
int gw_check_stopped(const struct gw_error *err);

/* Draws each curve that moved, old and new, into a directory. Errors: as gw_figure_write. */
bool gw_check_draw(const struct gw_check *check, const char *directory, struct gw_error *err);

#endif
