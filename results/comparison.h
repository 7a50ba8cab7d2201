/* comparison.h - two sets of runs side by side: what differs, by how much, and how sure that is.
 *
 * Pairs come from pairs.h; this judges them. comparison_words.h says it in sentences,
 * comparison_output.h as tables and JSON, comparison_figure.h draws it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_COMPARISON_H
#define GW_COMPARISON_H

#include "results/contrast.h"
#include "results/curve_band.h"
#include "results/curve_grid.h"
#include "results/divergence.h"
#include "results/pairs.h"

struct gw_comparison_request {
    const enum gw_metric *metrics; /* metric_count; none: the usual ones of disks or of memory */
    size_t metric_count;
    double confidence; /* 0.95: intervals and bands; a finding has p at most 1 less this */
    bool with_curves;
    size_t points;    /* of a curve: 200 */
    size_t resamples; /* of a curve: 9999 */
};

enum gw_comparison_verdict {
    GW_COMPARED_IDENTICAL, /* the same to the last bit in every pair */
    GW_COMPARED_NONE_SEEN, /* what differs may be chance */
    GW_COMPARED_DIFFERS,
    GW_COMPARED_UNSURE, /* differs, in too few pairs to say how sure that is */
    GW_COMPARED_NOTHING /* no pair has it */
};

struct gw_compared_metric {
    enum gw_metric metric;
    struct gw_contrast contrast; /* of the pairs that ended alike; times: that completed */
    double p;                    /* adjusted (Holm) over all metrics of all cells; NAN: no test */
    enum gw_comparison_verdict verdict;
};

struct gw_compared_curve {
    enum gw_curve_id id;
    double end_s;
    double *mean_a, *mean_b; /* band.points of them; owned; NULL if identical, unsure or nothing */
    struct gw_curve_band band;
    size_t peak; /* where the difference is largest, among the points whose band leaves 0 */
    double p;    /* adjusted over the curves of the cell; NAN: no test */
    size_t unequal_pairs; /* whose curves differ */
    size_t pairs_needed;  /* of an unsure one, to be found to differ; 0: more resamples are */
    enum gw_comparison_verdict verdict;
};

/* Runs whose outcome changed. */
struct gw_compared_outcome {
    enum gw_outcome from, to;
    size_t count;
};

enum { GW_COMPARED_OUTCOMES = 6 };

/* One group of pairs. */
struct gw_compared_cell {
    const struct gw_pair_group *group;  /* borrowed */
    bool same_guests;                   /* equal seeds: pairs are pairs, not only of one number */
    size_t identical;                   /* pairs that are the same in all that they computed */
    bool differs;                       /* there is a finding */
    struct gw_compared_metric *metrics; /* owned */
    size_t metric_count;
    struct gw_compared_curve curves[GW_CURVE_COUNT];
    size_t curve_count;
    struct gw_compared_outcome outcomes[GW_COMPARED_OUTCOMES];
    size_t outcome_count;
    /* Of pairs with the same guest: the first one that parts; differs.kind is GW_SAME if none. */
    struct gw_divergence parting;
    int64_t parting_replication;
};

struct gw_comparison {
    struct gw_compared_cell *cells; /* those that have pairs, in the order of the groups */
    size_t count;
    size_t pairs;
    size_t a_alone, b_alone; /* runs without a partner */
    bool differs;
    double confidence;
};

/* Groups and results are borrowed as long as the comparison lives. A comparison without pairs is
 * no error. Errors: GW_ENOMEM. */
bool gw_comparison_make(const struct gw_pair_groups *groups,
                        const struct gw_comparison_request *request,
                        struct gw_comparison *comparison, struct gw_error *err);
void gw_comparison_clear(struct gw_comparison *comparison);

/* Time of a point of a curve, s after the migration began. */
double gw_compared_curve_time(const struct gw_compared_curve *curve, size_t point);

#endif
