/* stopping.c - the sequential procedure at a relative half width.
 *
 * Source    Law, Simulation Modeling and Analysis, section 9.4.1, after Chow and Robbins, Annals of
 *           Mathematical Statistics 36, 1965: a half width of g |sample mean| is an error of up to
 *           g / (1 - g) of the true mean, so that g = r / (1 + r) is asked for an error of r.
 * Why       Looking again and again favours samples whose deviation is small by chance; the rule's
 *           least number of values bounds what that costs. tests/statistics measures it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/stopping.h"

#include <math.h>

#include "base/error.h"
#include "results/statistics.h"

/* The half width falls with the root of the number of values. */
static size_t
estimate_wanted(const struct gw_stopping_rule *rule, const struct gw_stopping_look *look,
                double allowed)
{
    double ratio = look->half_width / allowed;
    double wanted = ceil((double)look->count * ratio * ratio);

    if (!(wanted < (double)rule->most)) {
        return rule->most;
    }
    return wanted > (double)rule->least ? (size_t)wanted : rule->least;
}

void
gw_stopping_decide(const struct gw_stopping_rule *rule, const double *values, size_t count,
                   struct gw_stopping_look *out)
{
    struct gw_summary summary;

    gw_assert(rule->relative > 0.0 && rule->least >= 2 && rule->most >= rule->least);
    gw_summary_of(values, count, rule->confidence, &summary);
    double allowed = rule->relative / (1.0 + rule->relative) * fabs(summary.mean);
    *out = (struct gw_stopping_look){
        .count = summary.count,
        .mean = summary.mean,
        .half_width = summary.half_width,
        .reached = summary.half_width / fabs(summary.mean),
    };
    out->wanted = estimate_wanted(rule, out, allowed);
    if (summary.count >= rule->least && summary.half_width <= allowed) {
        out->verdict = GW_STOPPING_PRECISE;
        out->wanted = summary.count;
        return;
    }
    out->verdict = count >= rule->most ? GW_STOPPING_CAPPED : GW_STOPPING_MORE;
}
