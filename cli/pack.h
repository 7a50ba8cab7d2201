/* pack.h - a pack: scenarios whose runs are put beside published numbers and claims.
 *
 * A pack is a table of studies (what is run) and a function that judges their results. A new
 * pack costs its file and one line in pack_list.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_PACK_H
#define GW_PACK_H

#include "base/result.h"
#include "results/output.h"

enum {
    GW_PACK_SETTINGS_MAX = 8,
    GW_PACK_STUDIES_MAX = 32,
    GW_PACK_CELLS_MAX = 256,
    GW_PACK_TEXTS_MAX = 1024
};

struct gw_pack_study {
    const char *name;
    const char *scenario;                       /* "atc11/oltp" */
    const char *settings[GW_PACK_SETTINGS_MAX]; /* --set words, NULL-ended */
    int64_t replications; /* most that are worth their time; 0 = as many as asked for */
};

/* What a study gave. */
struct gw_pack_runs {
    const struct gw_pack_study *study;
    const struct gw_result **results;
    size_t count;
};

/* The cells of a reproduction; texts are kept in it. */
struct gw_pack_report {
    struct gw_cell cells[GW_PACK_CELLS_MAX];
    size_t count;
    char *texts[GW_PACK_TEXTS_MAX];
    size_t text_count;
};

struct gw_pack_definition {
    const char *name;
    const struct gw_pack_study *studies; /* ended by a NULL name */
    /* Judges the runs of all studies, in the order of the table. */
    void (*judge)(const struct gw_pack_runs *runs, struct gw_pack_report *report);
};

extern const struct gw_pack_definition *const gw_pack_definitions[]; /* NULL-terminated */

extern const struct gw_pack_definition gw_pack_atc11;
extern const struct gw_pack_definition gw_pack_kvmforum18;

/* ---- helpers for judges -------------------------------------------------------------------------- */

/* Which runs: architecture and up to two settings; NULL matches all. */
struct gw_pack_filter {
    const char *architecture;
    const char *name[2];
    const char *value[2];
};

/* Mean over the matching runs; NAN when there is none or one of them has no value. */
double gw_pack_mean(const struct gw_pack_runs *runs, const struct gw_pack_filter *filter,
                    enum gw_metric metric);
/* Largest value over the matching runs; NAN when there is none. */
double gw_pack_most(const struct gw_pack_runs *runs, const struct gw_pack_filter *filter,
                    enum gw_metric metric);
/* Quantile of the merged distributions, in milliseconds; NAN when empty. */
double gw_pack_quantile_ms(const struct gw_pack_runs *runs, const struct gw_pack_filter *filter,
                           enum gw_distribution which, double share);
/* Share of the matching runs with an outcome; NAN when there is none. */
double gw_pack_outcome_share(const struct gw_pack_runs *runs, const struct gw_pack_filter *filter,
                             enum gw_outcome outcome);
/* Whether every run of a study was verified. */
bool gw_pack_all_verified(const struct gw_pack_runs *runs);

struct gw_pack_published {
    double number;
    double tolerance_pct; /* NAN: no verdict */
    const char *kind;
};

/* Adds a number beside a published one. */
void gw_pack_number(struct gw_pack_report *report, const char *case_name, const char *metric,
                    const struct gw_pack_published *published, double got);
/* Adds an upper bound. */
void gw_pack_bound(struct gw_pack_report *report, const char *case_name, const char *metric,
                   double most, double got, const char *kind);
/* Adds a text beside a published one: equal or not. */
void gw_pack_word(struct gw_pack_report *report, const char *case_name, const char *metric,
                  const char *expected, const char *got, const char *kind);

/* Adds a claim: what is claimed, what was seen (printf), and the rule that judged it. */
struct gw_pack_claim {
    const char *id;
    const char *claim;
    const char *rule;
    enum gw_verdict verdict;
};

void gw_pack_add_claim(struct gw_pack_report *report, const struct gw_pack_claim *claim,
                       const char *seen, ...) __attribute__((format(printf, 3, 4)));

void gw_pack_report_clear(struct gw_pack_report *report);

#endif
