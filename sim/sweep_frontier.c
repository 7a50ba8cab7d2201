/* sweep_frontier.c - the key `sweep.frontier`: along which setting a boundary is searched.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario_build.h"
#include "sim/sweep.h"
#include "sim/sweep_parts.h"

#define ROW(name, type, preset, least, most, words, help)                                          \
    {                                                                                              \
#name, type, offsetof(struct gw_sweep_frontier, name), preset, least, most, words, help    \
    }

static const char *const scale_words[] = {"linear", "log", NULL};

static const struct gw_setting frontier_table[] = {
    ROW(over, GW_SETTING_TEXT, NULL, NULL, NULL, NULL, "the setting along which is searched"),
    ROW(from, GW_SETTING_TEXT, NULL, NULL, NULL, NULL, "its smallest value"),
    ROW(to, GW_SETTING_TEXT, NULL, NULL, NULL, NULL, "its largest value"),
    ROW(scale, GW_SETTING_CHOICE, "log", NULL, NULL, scale_words, "how values are spread"),
    ROW(values, GW_SETTING_COUNT, "5", "2", "100", NULL,
        "values that are tried everywhere, both ends among them"),
    ROW(metric, GW_SETTING_TEXT, NULL, NULL, NULL, NULL,
        "what decides: outcome, or a metric with a limit"),
    ROW(limit, GW_SETTING_TEXT, NULL, NULL, NULL, NULL,
        "largest value of the metric, in its unit, that is good"),
    ROW(confidence, GW_SETTING_SHARE, "95%", "50%", "99.99%", NULL, "of each verdict"),
    ROW(precision, GW_SETTING_SHARE, "1%", "0.01%", "100%", NULL,
        "width of the interval, relative to the boundary, that is good enough"),
    ROW(replications, GW_SETTING_COUNT, "8", "1", "10000", NULL, "runs of a value at first"),
    ROW(replications_most, GW_SETTING_COUNT, "32", "1", "10000", NULL,
        "runs of a value that stays undecided"),
    GW_SETTING_END,
};

static void
refuse(struct gw_sweep_parts *parts, struct gw_place place, const char *message)
{
    gw_diagnostics_error(parts->diagnostics, place, "%s", message);
    parts->fine = false;
}

void
gw_sweep_read_frontier(struct gw_sweep_parts *parts, const struct gw_config_node *node,
                       struct gw_sweep_frontier *frontier)
{
    struct gw_settings_target target = {frontier_table, frontier, sizeof *frontier, NULL,
                                        "sweep.frontier"};
    struct gw_error err;

    if (node == NULL) {
        return;
    }
    if (!gw_settings_resolve(&target, node, parts->diagnostics)) {
        parts->fine = false;
        return;
    }
    frontier->place = node->place;
    if (frontier->over == NULL || frontier->from == NULL || frontier->to == NULL) {
        refuse(parts, node->place, "a frontier needs 'over', 'from' and 'to'");
        return;
    }
    const struct gw_sweep_range_words words = {
        .from = frontier->from, .to = frontier->to, .is_log = frontier->scale == 1};
    if (!gw_sweep_range_make(&words, &frontier->range, &err)) {
        refuse(parts, node->place, err.message);
    }
}

void
gw_sweep_check_frontier(struct gw_sweep_parts *parts, const struct gw_sweep_frontier *frontier)
{
    for (size_t i = 0; frontier->over != NULL && i < parts->axis_count; i++) {
        if (strcmp(parts->axes[i].key, frontier->over) == 0) {
            refuse(parts, frontier->place,
                   "'over' of the frontier is varied by the sweep too: leave it to one of them");
        }
    }
}

void
gw_sweep_frontier_clear(struct gw_sweep_frontier *frontier)
{
    gw_settings_clear(frontier_table, frontier);
}

/* Six digits: enough for any precision that is asked for, and fit to be read. */
static double
shortened(double value)
{
    char text[40];

    snprintf(text, sizeof text, "%.5e", value);
    return strtod(text, NULL);
}

double
gw_sweep_frontier_value(const struct gw_sweep_frontier *frontier, double share,
                        char out[GW_QUANTITY_TEXT_MAX])
{
    const struct gw_sweep_range *range = &frontier->range;
    union gw_quantity value = {0};

    gw_sweep_range_value_at(range, share, out);
    gw_quantity_parse(range->type, out, &value, NULL);
    if (!gw_quantity_is_real(range->type)) {
        return (double)value.whole;
    }
    if (share > 0.0 && share < 1.0) {
        value.real = shortened(value.real);
        gw_quantity_format(range->type, value, GW_QUANTITY_SHOWN, out);
    }
    return value.real;
}
