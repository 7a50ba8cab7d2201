/* gate_rules.h - what the gate looks at, and how much of a change it lets pass.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_GATE_RULES_H
#define GW_GATE_RULES_H

#include "base/error.h"
#include "base/result.h"
#include "results/curve_grid.h"

enum { GW_GATE_METRIC_COUNT = 21 };

struct gw_gate_metric {
    enum gw_metric metric;
    double margin; /* share of the baseline's mean */
    double least;  /* the margin is never below this, in the metric's unit */
    const char *reason;
};

struct gw_gate_curve {
    double margin; /* share of the curve's scale: the highest mean of the baseline */
    const char *reason;
};

extern const struct gw_gate_metric gw_gate_metrics[GW_GATE_METRIC_COUNT];
extern const struct gw_gate_curve gw_gate_curves[GW_CURVE_COUNT];

/* As shares: 0.02. */
struct gw_gate_margins {
    double metric[GW_GATE_METRIC_COUNT];
    double curve[GW_CURVE_COUNT];
};

void gw_gate_margins_default(struct gw_gate_margins *margins);

/* Sets the margin of a metric, or of a curve, to a text such as "2%". Errors: GW_EINVAL. */
bool gw_gate_margin_set(struct gw_gate_margins *margins, bool curve, const char *key,
                        const char *text, struct gw_error *err);

#endif
