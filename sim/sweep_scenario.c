/* sweep_scenario.c - the scenario of one point of a sweep.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "sim/sweep.h"
#include "sim/sweep_parts.h"

/* The text that was read first; sources are added in front. */
static const struct gw_config_source *
first_source(const struct gw_config *config)
{
    const struct gw_config_source *source = config->sources;

    while (source->next != NULL) {
        source = source->next;
    }
    return source;
}

/* Whether the error stands in the override "key=value". */
static bool
is_about(const struct gw_diagnostic *item, const char *override)
{
    return item->where != NULL && strncmp(item->where, "--set ", 6) == 0 &&
           strcmp(item->where + 6, override) == 0;
}

/* The axis of the file that sets the key; NULL: an argument does. */
static const struct gw_sweep_axis *
origin_of(const struct gw_sweep_parts *parts, const char *key)
{
    const struct gw_sweep_axis *points = NULL;

    for (size_t i = 0; i < parts->axis_count; i++) {
        const struct gw_sweep_axis *axis = &parts->axes[i];

        if (strcmp(axis->key, key) == 0) {
            return axis->is_argument ? NULL : axis;
        }
        points = strcmp(axis->key, GW_SWEEP_POINT) == 0 ? axis : points;
    }
    return points;
}

/* Says of the errors from `first` on which values of the file they are about. */
static void
note_origins(const struct gw_sweep *sweep, const struct gw_variation *variation,
             struct gw_diagnostics *diagnostics, size_t first)
{
    size_t end = diagnostics->count;

    for (size_t i = 0; i < variation->count; i++) {
        const struct gw_sweep_axis *axis = origin_of(sweep->parts, variation->names[i]);
        size_t item = first;

        while (item < end && !is_about(&diagnostics->items[item], variation->overrides[i])) {
            item++;
        }
        if (axis != NULL && item < end) {
            gw_diagnostics_note(diagnostics, axis->place, "the sweep sets '%.80s' here",
                                variation->names[i]);
        }
    }
}

struct gw_scenario *
gw_sweep_scenario(const struct gw_sweep *sweep, size_t index, struct gw_diagnostics *diagnostics)
{
    const struct gw_config_source *source = first_source(&sweep->parts->config);
    const struct gw_variation *variation = &sweep->points[index].variation;
    size_t first = diagnostics->count;
    struct gw_scenario *scenario;

    gw_assert(index < sweep->count);
    scenario = gw_scenario_parse(source->name, source->text, source->length, variation->overrides,
                                 variation->count, diagnostics);
    if (scenario == NULL) {
        note_origins(sweep, variation, diagnostics, first);
    }
    return scenario;
}
