/* report_shared.h - what the files of the report share; nobody else includes it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_REPORT_SHARED_H
#define GW_REPORT_SHARED_H

#include "base/text.h"
#include "results/contrast.h"
#include "results/figure.h"
#include "results/report_page.h"

/* ---- runs in order: report_groups.c -------------------------------------------------------------- */

/* The replications of one variant in one cell. */
struct gw_report_row {
    const char *variant; /* value of what is compared: "mirror"; borrowed */
    const struct gw_result *const *runs;
    size_t count;
    size_t outcomes[GW_FAILED + 1]; /* by enum gw_outcome */
    size_t config;                  /* index of its scenario */
};

/* What differs in the compared thing only. */
struct gw_report_cell {
    char *name; /* "oio=4"; "" when nothing else varies */
    size_t first_row, row_count;
};

/* The runs of one scenario and guest. */
struct gw_report_group {
    const char *scenario, *vm;
    const char *compared; /* "architecture", or a parameter; NULL: nothing varies */
    const char **names;   /* of the other parameters that vary; texts borrowed */
    size_t name_count;
    const struct gw_result **runs; /* by cell, variant, replication */
    size_t count;
    struct gw_report_row *rows;
    size_t row_count;
    struct gw_report_cell *cells;
    size_t cell_count;
};

/* One resolved scenario. */
struct gw_report_config {
    const char *canonical; /* borrowed */
    const struct gw_result *first;
    size_t runs;
};

struct gw_report_book {
    struct gw_report_group *groups;
    size_t group_count;
    struct gw_report_config *configs; /* in the order of the groups */
    size_t config_count;
};

bool gw_report_book_make(struct gw_report_book *book, const struct gw_result_list *runs,
                         struct gw_error *err);
void gw_report_book_clear(struct gw_report_book *book);

/* How a variant is called: "IO Mirroring", "oio=4". */
void gw_report_variant(const struct gw_report_group *group, const struct gw_report_row *row,
                       struct gw_text *out);

/* ---- figures of cells: report_metrics.c ---------------------------------------------------------- */

struct gw_report_metric {
    enum gw_metric metric;
    const char *label; /* "Migration time" */
    const char *best;  /* "Shortest migration time" */
    const char *unit;  /* "s", "GiB", "%" */
    double scale;      /* from the stored number to the unit */
    int decimals_most;
    bool more_is_better;
    bool is_judged; /* has a best one */
};

enum { GW_REPORT_DOWNTIME = 1, GW_REPORT_METRICS = 6 };
extern const struct gw_report_metric gw_report_metrics[GW_REPORT_METRICS];

/* Whether a completed run of the group has it. */
bool gw_report_has_metric(const struct gw_report_group *group, enum gw_metric metric);
/* Of the completed runs of a row. Memory out is a bug. */
void gw_report_summarize(const struct gw_report_row *row, enum gw_metric metric,
                         struct gw_summary *summary);
/* Row with the best mean among those whose runs all completed, or SIZE_MAX: none did, or the cell
 * has one row. */
size_t gw_report_best_row(const struct gw_report_group *group, const struct gw_report_cell *cell,
                          const struct gw_report_metric *metric);
/* b against a, completed pairs only. False: they cannot be paired. */
bool gw_report_contrast(const struct gw_report_group *group, const struct gw_report_row *a,
                        const struct gw_report_row *b, enum gw_metric metric,
                        struct gw_contrast *contrast);
/* Whether the pairs of runs do not tell the row from the best one: they are equal, or the interval
 * of the difference holds 0. */
bool gw_report_is_alike(const struct gw_report_group *group, const struct gw_report_row *best,
                        const struct gw_report_row *row, enum gw_metric metric);
/* "41.2 ± 0.3 s", "41.2 s", "-". */
void gw_report_value(struct gw_text *out, const struct gw_report_metric *metric,
                     const struct gw_summary *summary);
/* "0.272 to 0.332 s", not broken before the unit; one number where both are written alike. */
void gw_report_range(struct gw_text *out, const struct gw_report_metric *metric, double least,
                     double most);
/* "1.48", "12.3"; with more digits when `width`, of its interval, asks for them; else 0. */
void gw_report_ratio(struct gw_text *out, double ratio, double width);

/* ---- sections; each adds to `out` ----------------------------------------------------------------- */

struct gw_report_page {
    const struct gw_report_input *report;
    const struct gw_report_book *book;
    const char *directory;
    struct gw_text *out;
};

bool gw_report_intro(const struct gw_report_page *page, struct gw_error *err);
bool gw_report_summary(const struct gw_report_page *page, struct gw_error *err);
bool gw_report_verdicts(const struct gw_report_page *page, struct gw_error *err);
bool gw_report_figures(const struct gw_report_page *page, struct gw_error *err);
bool gw_report_cards(const struct gw_report_page *page, struct gw_error *err);
bool gw_report_scenarios(const struct gw_report_page *page, struct gw_error *err);
bool gw_report_runs(const struct gw_report_page *page, struct gw_error *err);

/* ---- words of the summary: report_summary.c, report_duels.c --------------------------------------- */

/* The name of a variant as HTML. */
void gw_report_add_variant(const struct gw_report_group *group, const struct gw_report_row *row,
                           struct gw_text *out);
/* " at 4 of 5 values of oio" where one parameter makes the cells, else " in 4 of 5 cells". */
void gw_report_add_cells(const struct gw_report_group *group, size_t count, size_t all,
                         struct gw_text *out);
/* Whether no row before has the same variant. */
bool gw_report_is_first_of_variant(const struct gw_report_group *group, size_t index);
/* Whether all of its runs completed. */
bool gw_report_is_complete(const struct gw_report_row *row);
/* A list that holds the variant of row `best` against each other one. */
void gw_report_duels(const struct gw_report_group *group, size_t best, struct gw_text *out);

/* In single quotes, as a shell wants it. */
void gw_report_shell_word(struct gw_text *out, const char *word);

/* Curves of the runs as JSON for the script; *any: there are some. */
bool gw_report_curves(const struct gw_report_page *page, bool *any);

enum { GW_REPORT_SAID = 2 };

struct gw_report_picture {
    const char *prefix;               /* of its ids */
    const char *alt;                  /* what is said to those who do not see it */
    const char *said[GW_REPORT_SAID]; /* texts that the page says beside it, so they are dropped */
};

/* A picture that gnuplot wrote, as part of a page; everything but shapes and texts is left out.
 * False: memory is out, or it is no picture. */
bool gw_report_inline_svg(struct gw_text *out, const char *svg, size_t length,
                          const struct gw_report_picture *picture);

/* The whole of a file; NULL: cannot be read. The caller frees. */
char *gw_report_read_file(const char *path, size_t *length);

/* Our style sheet and our script; dygraphs itself is read from its folder. */
extern const char *const gw_report_style[];  /* NULL-terminated */
extern const char *const gw_report_script[]; /* NULL-terminated */

#endif
