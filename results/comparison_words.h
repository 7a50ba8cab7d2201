/* comparison_words.h - what a comparison found, in sentences.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_COMPARISON_WORDS_H
#define GW_COMPARISON_WORDS_H

#include "base/text.h"
#include "results/comparison.h"

/* "B sooner by 12.3 % (95 %: 11 to 13.5 %)", "no difference seen", "identical in all 10 pairs". */
void gw_compared_metric_words(const struct gw_compared_cell *cell,
                              const struct gw_compared_metric *metric, double confidence,
                              struct gw_text *out);

/* "remaining_bytes is higher in B from 12 s to 34.5 s, most at 20.1 s: +1.2 GiB (p = 0.001)". */
void gw_compared_curve_words(const struct gw_compared_cell *cell,
                             const struct gw_compared_curve *curve, struct gw_text *out);

/* "completed -> not_converged 3 of 10". */
void gw_compared_outcome_words(const struct gw_compared_cell *cell,
                               const struct gw_compared_outcome *outcome, struct gw_text *out);

/* "the runs of replication 0 part at 3.214 s: sync 4: dirty_pages_found 1203 -> 1188". The cell has
 * a parting. */
void gw_compared_parting_words(const struct gw_compared_cell *cell, struct gw_text *out);

/* One word: "identical", "none seen", "differs", "unsure", "no value". */
const char *gw_comparison_verdict_name(enum gw_comparison_verdict verdict);

#endif
