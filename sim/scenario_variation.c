/* scenario_variation.c - "--set key=a,b,c", several times, expanded into their cross product: a
 * sweep in which every value is taken as it is written.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>

#include "sim/scenario_build.h"
#include "sim/sweep_parts.h"

static bool
fill_item(const struct gw_sweep_parts *parts, size_t number, struct gw_variation *item)
{
    const struct gw_sweep_choice **picks = calloc(parts->axis_count + 1, sizeof *picks);
    bool fine = picks != NULL;

    if (fine) {
        gw_sweep_grid_pick(parts, number, picks);
        fine = gw_sweep_join(picks, parts->axis_count, item);
    }
    free(picks);
    return fine;
}

static void
fill_items(struct gw_sweep_parts *parts, struct gw_variations *variations)
{
    size_t count = gw_sweep_grid_count(parts, GW_SCENARIO_VARIATIONS_MAX);

    if (!parts->fine) {
        return;
    }
    variations->items = calloc(count, sizeof *variations->items);
    if (variations->items == NULL) {
        gw_sweep_out_of_memory(parts);
        return;
    }
    variations->count = count;
    for (size_t i = 0; i < count; i++) {
        if (!fill_item(parts, i, &variations->items[i])) {
            gw_sweep_out_of_memory(parts);
            return;
        }
    }
}

bool
gw_variations_expand(struct gw_variations *variations, const char *const *settings,
                     size_t setting_count, struct gw_diagnostics *diagnostics)
{
    struct gw_sweep_parts parts = {.diagnostics = diagnostics, .fine = true};
    bool fine;

    *variations = (struct gw_variations){0};
    for (size_t i = 0; i < setting_count; i++) {
        gw_sweep_add_argument(&parts, "--set", settings[i], false);
    }
    if (parts.fine) {
        fill_items(&parts, variations);
    }
    fine = parts.fine;
    if (fine) {
        variations->strings = parts.strings;
        variations->string_count = parts.string_count;
        parts.strings = NULL;
        parts.string_count = 0;
    } else {
        gw_variations_clear(variations);
    }
    gw_sweep_parts_clear(&parts);
    return fine;
}

void
gw_variations_clear(struct gw_variations *variations)
{
    for (size_t i = 0; i < variations->count; i++) {
        free(variations->items[i].overrides);
    }
    for (size_t i = 0; i < variations->string_count; i++) {
        free(variations->strings[i]);
    }
    free(variations->items);
    free(variations->strings);
    *variations = (struct gw_variations){0};
}
