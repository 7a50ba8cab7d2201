/* comparison_words.c - sentences about differences.
 *
 * Idea      A ratio where there is one that is surely not 1, because a share is read without
 *           knowing the scale; else the difference with its unit. Words depend on the metric: times
 *           until something are sooner or later, pauses shorter or longer, the rest less or more.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/comparison_words.h"

#include <math.h>
#include <string.h>

static const double P_LEAST_SHOWN = 0.001;

/* ---- numbers ------------------------------------------------------------------------------------- */

static const struct scale {
    const char *unit;
    double from, size;
    const char *shown;
} scales[] = {
    {"bytes", 1073741824.0, 1073741824.0, " GiB"},
    {"bytes", 1048576.0, 1048576.0, " MiB"},
    {"bytes", 1024.0, 1024.0, " KiB"},
    {"bytes/s", 1e9, 1e9, " GB/s"},
    {"bytes/s", 1e6, 1e6, " MB/s"},
    {"bytes/s", 1e3, 1e3, " kB/s"},
    {"s", 1.0, 1.0, " s"},
    {"s", 1e-3, 1e-3, " ms"},
    {"s", 0.0, 1e-6, " us"},
    {"1/s", 0.0, 1.0, "/s"},
    {"pages/s", 0.0, 1.0, " pages/s"},
    {"%", 0.0, 1.0, " points"},
    {"ratio", 0.0, 1.0, ""},
};

static void
add_quantity(double value, const char *unit, struct gw_text *out)
{
    for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++) {
        if (strcmp(scales[i].unit, unit) == 0 && fabs(value) >= scales[i].from) {
            gw_text_format(out, "%.4g%s", value / scales[i].size, scales[i].shown);
            return;
        }
    }
    gw_text_format(out, "%.4g%s%s", value, unit[0] == '\0' ? "" : " ", unit);
}

/* "+1.2 GiB", "-300 ms". */
static void
say_difference(double difference, const char *unit, struct gw_text *out)
{
    gw_text_add(out, difference < 0.0 ? "-" : "+");
    add_quantity(fabs(difference), unit, out);
}

const char *
gw_comparison_verdict_name(enum gw_comparison_verdict verdict)
{
    static const char *const names[] = {
        [GW_COMPARED_IDENTICAL] = "identical", [GW_COMPARED_NONE_SEEN] = "none seen",
        [GW_COMPARED_DIFFERS] = "differs",     [GW_COMPARED_UNSURE] = "unsure",
        [GW_COMPARED_NOTHING] = "no value",
    };

    gw_assert((size_t)verdict < sizeof names / sizeof names[0]);
    return names[verdict];
}

/* ---- metrics ------------------------------------------------------------------------------------- */

static const char *
direction(enum gw_metric metric, bool less)
{
    static const struct {
        enum gw_metric metric;
        const char *less, *more;
    } rows[] = {
        {GW_METRIC_MIGRATION_TIME_S, "sooner", "later"},
        {GW_METRIC_TOTAL_TIME_S, "sooner", "later"},
        {GW_METRIC_READY_TIME_S, "sooner", "later"},
        {GW_METRIC_SWITCH_TIME_S, "sooner", "later"},
        {GW_METRIC_DOWNTIME_S, "shorter", "longer"},
        {GW_METRIC_LONGEST_STUN_S, "shorter", "longer"},
        {GW_METRIC_SETUP_TIME_S, "shorter", "longer"},
        {GW_METRIC_EXPECTED_DOWNTIME_S, "shorter", "longer"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].metric == metric) {
            return less ? rows[i].less : rows[i].more;
        }
    }
    if (gw_metric_info[metric].unit[0] == '\0') {
        return less ? "fewer" : "more";
    }
    return less ? "less" : "more";
}

/* NAN as ends: one pair. */
static bool
is_narrow(double low, double high)
{
    return !(high - low > 1e-9 * (fabs(high) + fabs(low)));
}

static void
add_ratio(const struct gw_contrast *contrast, double confidence, struct gw_text *out)
{
    bool less = contrast->ratio < 1.0;
    double sign = less ? -100.0 : 100.0;
    double low = sign * ((less ? contrast->ratio_high : contrast->ratio_low) - 1.0);
    double high = sign * ((less ? contrast->ratio_low : contrast->ratio_high) - 1.0);

    gw_text_format(out, " by %.3g %%", sign * (contrast->ratio - 1.0));
    if (contrast->pairs < 2) {
        return;
    }
    if (is_narrow(low, high)) {
        gw_text_add(out, " in every pair");
        return;
    }
    gw_text_format(out, " (%.4g %%: %.3g to %.3g %%)", 100.0 * confidence, low, high);
}

static void
add_difference(const struct gw_contrast *contrast, const char *unit, double confidence,
               struct gw_text *out)
{
    bool less = contrast->difference < 0.0;
    double low = less ? -contrast->high : contrast->low;
    double high = less ? -contrast->low : contrast->high;

    gw_text_add(out, " by ");
    add_quantity(fabs(contrast->difference), unit, out);
    if (contrast->pairs < 2) {
        return;
    }
    if (is_narrow(low, high)) {
        gw_text_add(out, " in every pair");
        return;
    }
    gw_text_format(out, " (%.4g %%: ", 100.0 * confidence);
    add_quantity(low, unit, out);
    gw_text_add(out, " to ");
    add_quantity(high, unit, out);
    gw_text_add(out, ")");
}

static void
add_change(const struct gw_compared_cell *cell, const struct gw_compared_metric *metric,
           double confidence, struct gw_text *out)
{
    const struct gw_contrast *contrast = &metric->contrast;
    bool surely = contrast->ratio_low > 1.0 || contrast->ratio_high < 1.0;

    gw_text_format(out, "%s %s", cell->group->b_name,
                   direction(metric->metric, contrast->difference < 0.0));
    if (surely && (contrast->ratio < 1.0) == (contrast->difference < 0.0)) {
        add_ratio(contrast, confidence, out);
        return;
    }
    add_difference(contrast, gw_metric_info[metric->metric].unit, confidence, out);
}

void
gw_compared_metric_words(const struct gw_compared_cell *cell,
                         const struct gw_compared_metric *metric, double confidence,
                         struct gw_text *out)
{
    switch (metric->verdict) {
    case GW_COMPARED_IDENTICAL:
        gw_text_format(out, "identical in all %zu pairs", cell->group->count);
        break;
    case GW_COMPARED_NONE_SEEN:
        gw_text_add(out, "no difference seen");
        break;
    case GW_COMPARED_DIFFERS:
        add_change(cell, metric, confidence, out);
        break;
    case GW_COMPARED_UNSURE:
        add_change(cell, metric, confidence, out);
        gw_text_add(out, ", in the one pair there is");
        break;
    case GW_COMPARED_NOTHING:
        gw_text_add(out, "no pair has a value");
        break;
    }
}

/* ---- curves, outcomes, partings ------------------------------------------------------------------ */

static void
add_p(double p, struct gw_text *out)
{
    if (p < P_LEAST_SHOWN) {
        gw_text_format(out, "p < %g", P_LEAST_SHOWN);
        return;
    }
    gw_text_format(out, "p = %.2g", p);
}

/* Whether the band is above 0 somewhere and below it elsewhere. */
static bool
goes_both_ways(const struct gw_curve_band *band)
{
    bool above = false;
    bool below = false;

    for (size_t k = 0; k < band->points; k++) {
        above = above || band->low[k] > 0.0;
        below = below || band->high[k] < 0.0;
    }
    return above && below;
}

static void
add_span(const struct gw_compared_cell *cell, const struct gw_compared_curve *curve,
         struct gw_text *out)
{
    const struct gw_curve_band *band = &curve->band;
    double peak = band->difference[curve->peak];
    const char *higher = peak < 0.0 ? "is lower in" : "is higher in";

    gw_text_format(out, "%s %s %s", gw_curve_info[curve->id].key,
                   goes_both_ways(band) ? "differs in" : higher, cell->group->b_name);
    if (band->first <= band->last) {
        size_t before = band->first == 0 ? 0 : band->first - 1;

        gw_text_format(out, " from %.4g s to %.4g s", gw_compared_curve_time(curve, before),
                       gw_compared_curve_time(curve, band->last));
    }
    gw_text_format(out, ", most at %.4g s: ", gw_compared_curve_time(curve, curve->peak));
    say_difference(peak, gw_curve_info[curve->id].unit, out);
    gw_text_add(out, " (");
    add_p(curve->p, out);
    gw_text_add(out, ")");
}

/* Why it is not judged. */
static void
add_power(const struct gw_compared_cell *cell, const struct gw_compared_curve *curve,
          struct gw_text *out)
{
    gw_text_format(out, "%s: not equal", gw_curve_info[curve->id].key);
    if (curve->pairs_needed == 0) {
        gw_text_add(out, ", rearrangements are too few to judge it");
        return;
    }
    if (curve->unequal_pairs < cell->group->count) {
        gw_text_format(out, " in %zu of %zu pairs, too few to judge it, %zu are needed",
                       curve->unequal_pairs, cell->group->count, curve->pairs_needed);
        return;
    }
    gw_text_format(out, ", %zu pairs are too few to judge it, %zu are needed", cell->group->count,
                   curve->pairs_needed);
}

void
gw_compared_curve_words(const struct gw_compared_cell *cell, const struct gw_compared_curve *curve,
                        struct gw_text *out)
{
    const char *key = gw_curve_info[curve->id].key;

    switch (curve->verdict) {
    case GW_COMPARED_IDENTICAL:
        gw_text_format(out, "%s: identical in all %zu pairs", key, cell->group->count);
        break;
    case GW_COMPARED_NONE_SEEN:
        gw_text_format(out, "%s: no difference seen", key);
        break;
    case GW_COMPARED_DIFFERS:
        add_span(cell, curve, out);
        break;
    case GW_COMPARED_UNSURE:
        add_power(cell, curve, out);
        break;
    case GW_COMPARED_NOTHING:
        gw_text_format(out, "%s: no pair has a value", key);
        break;
    }
}

void
gw_compared_outcome_words(const struct gw_compared_cell *cell,
                          const struct gw_compared_outcome *outcome, struct gw_text *out)
{
    gw_text_format(out, "%s -> %s %zu of %zu", gw_outcome_name(outcome->from),
                   gw_outcome_name(outcome->to), outcome->count, cell->group->count);
}

void
gw_compared_parting_words(const struct gw_compared_cell *cell, struct gw_text *out)
{
    bool has_time = cell->parting.kind == GW_PART_IN_SERIES && !isnan(cell->parting.t_s);

    gw_text_format(out, "the runs of replication %lld %s ", (long long)cell->parting_replication,
                   has_time ? "part at" : "differ in");
    gw_divergence_describe(&cell->parting, out);
}
