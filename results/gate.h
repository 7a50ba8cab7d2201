/* gate.h - did runs move against their baseline: the decision, on numbers alone.
 *
 * Two classes. Exact: same seeds and same digests, then nothing is asked. Else statistical: each
 * metric, curve and share of outcomes is a test, and Holm's correction holds the chance of any false
 * alarm of a whole file at alpha.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_GATE_H
#define GW_GATE_H

#include "base/text.h"
#include "results/baseline.h"
#include "results/curve_band.h"

enum gw_gate_kind { GW_GATE_OUTCOME, GW_GATE_METRIC, GW_GATE_CURVE };

enum gw_gate_verdict {
    GW_GATE_IDENTICAL, /* of cases: every digest is the baseline's */
    GW_GATE_SAME,      /* shown to lie within the margin */
    GW_GATE_OPEN,      /* neither shown to be the same nor to have moved */
    GW_GATE_MOVED,
    GW_GATE_BROKEN /* of cases: it did not run, or is not there any more */
};

struct gw_gate_rules {
    double alpha;       /* chance of any false alarm in this comparison: 0.001 */
    double equivalence; /* level of "shown to lie within the margin": 0.05 */
    uint64_t seed;      /* of the permutations */
};

struct gw_gate_test {
    size_t case_index, group_index; /* of the baseline */
    enum gw_gate_kind kind;
    size_t which;         /* row of gw_gate_metrics, or enum gw_curve_id; outcomes: 0 completed,
                          1 failed, 2 not verified */
    const char *key;      /* "total_time_s" */
    double before, after; /* means; of a curve: at its peak; of outcomes: shares */
    double difference;    /* after less before */
    double low, high;     /* 95 % interval of the difference; of a curve: its band at the peak */
    double margin;        /* in the same unit; NAN: of shares of runs, which outcomes are, and
                             metrics and curves that one side does not have */
    double p, adjusted;   /* of no difference; adjusted by Holm's rule. NAN: nothing to test */
    double within;        /* p of "outside the margin"; NAN for curves and outcomes */
    size_t runs_before, runs_after; /* with a value */
    double from_s, to_s, peak_s;    /* of a curve: where its band leaves 0; NAN: nowhere */
    bool both_ways;                 /* it is above here and below there */
    bool late;                      /* it does so behind the end of the shortest run alone */
    double most;                    /* of a curve: its largest sure difference; 0: none */
    bool few; /* no p of so few runs could be small enough; judged by its margin alone */
    struct gw_curve_band band; /* of a curve; points 0: none was needed */
    enum gw_gate_verdict verdict;
};

struct gw_gate_case {
    enum gw_gate_verdict verdict;
    size_t runs, changed; /* compared digests, and those that differ; 0 with other seeds */
    double parts_s;       /* where the first changed run leaves the baseline's; NAN: not seen */
    const char *parts_key;
    char trouble[400]; /* of GW_GATE_BROKEN */
};

struct gw_gate_report {
    struct gw_gate_test *tests; /* in the order of the baseline */
    size_t test_count;
    struct gw_gate_case *cases; /* as in the baseline */
    size_t case_count;
    size_t family;                /* tests that Holm's correction counted */
    enum gw_gate_verdict verdict; /* the worst of all cases */
};

/* Compares case by case; both have the same cases in the same order, the new ones measured on the
 * grids of the old ones. Digests are looked at where a case has the seed of the baseline. Errors: GW_EINVAL, GW_ENOMEM; the report is empty then. */
bool gw_gate_compare(const struct gw_baseline *before, const struct gw_baseline *after,
                     const struct gw_gate_rules *rules, struct gw_gate_report *report,
                     struct gw_error *err);
void gw_gate_report_clear(struct gw_gate_report *report);

/* After a second look with more runs: what had moved at the first one has moved. */
void gw_gate_keep_moved(struct gw_gate_report *report, const struct gw_gate_report *earlier);

/* After the last look: a figure that is open because its runs are too few for any p to be small
 * enough has moved if it differs by more than its margin. With equal seeds the replications that
 * both sides have are compared. The arguments are those of the last comparison. Errors: GW_ENOMEM. */
bool gw_gate_settle(const struct gw_baseline *before, const struct gw_baseline *after,
                    const struct gw_gate_rules *rules, struct gw_gate_report *report,
                    struct gw_error *err);

/* The least replications with which any of the baseline's figures could be found to have moved, all
 * of them being tested, when the new side gets up to `times` as many. */
size_t gw_gate_least_runs(const struct gw_baseline *baseline, double alpha, size_t times);

/* "identical", "same", "open", "moved", "broken" */
const char *gw_gate_verdict_name(enum gw_gate_verdict verdict);

/* The index of the tests of a case with a verdict, worst first; room for test_count. */
size_t gw_gate_worst(const struct gw_gate_report *report, size_t case_index,
                     enum gw_gate_verdict verdict, size_t *order);

/* What one test found, for people: "total_time_s 60.6 -> 71.2 s, +17.5 % (...)". */
void gw_gate_test_say(const struct gw_gate_test *test, struct gw_text *out);
/* The sentence of a case: its name, and what moved, worst first; else what is open. */
void gw_gate_case_say(const struct gw_gate_report *report, const struct gw_baseline *baseline,
                      size_t case_index, struct gw_text *out);
/* Takes control characters out of the text from `first` on. Names come from files of anybody: a line
 * break in one would begin a line of its own, which a terminal or a CI system may obey. */
void gw_gate_clean(struct gw_text *out, size_t first);

#endif
