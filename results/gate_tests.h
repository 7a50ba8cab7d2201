/* gate_tests.h - the single tests of the gate, shared by the files of the gate.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_GATE_TESTS_H
#define GW_GATE_TESTS_H

#include "results/gate.h"

/* A group of the baseline beside the same group now. */
struct gw_gate_pair {
    const struct gw_baseline_group *before, *after;
    const struct gw_gate_margins *margins;
    const struct gw_gate_rules *rules;
    bool same_seed;
};

/* Outcomes have three rows: GW_GATE_OUTCOMES. Fills what was seen and the raw p; where both sides
 * say the same there is nothing to test and the verdict is GW_GATE_SAME. */
enum { GW_GATE_OUTCOMES = 3 };

void gw_gate_test_outcome(const struct gw_gate_pair *pair, size_t which, struct gw_gate_test *test);
/* test->which says which. p is never below 1 / (resamples + 1). *there is false when there is no
 * test: neither side has it, or another metric says the same on both. May be called again for the
 * same test with more resamples. Errors: as gw_curve_band_make. */
bool gw_gate_test_metric(const struct gw_gate_pair *pair, size_t resamples,
                         struct gw_gate_test *test, bool *there, struct gw_error *err);
bool gw_gate_test_curve(const struct gw_gate_pair *pair, size_t resamples,
                        struct gw_gate_test *test, bool *there, struct gw_error *err);

/* What is left of a test when there are too few runs for a p: the figure has moved if its means, of
 * the replications that both sides have when seeds are equal, differ by more than the margin.
 * Errors: GW_ENOMEM. */
bool gw_gate_test_few(const struct gw_gate_pair *pair, struct gw_gate_test *test,
                      struct gw_error *err);

/* Where run `run` leaves the baseline's: the first point at which a curve differs. */
void gw_gate_parting(const struct gw_gate_pair *pair, size_t run, double *at_s, const char **key);

#endif
