/* sweep_grid.c - the cross product of axes, and what a point of it sets.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>

#include "sim/sweep_parts.h"

size_t
gw_sweep_grid_count(struct gw_sweep_parts *parts, size_t most)
{
    size_t count = 1;

    for (size_t i = 0; i < parts->axis_count; i++) {
        const struct gw_sweep_axis *axis = &parts->axes[i];

        if (axis->count > most / count) {
            gw_diagnostics_error(parts->diagnostics, axis->place, "more than %zu variations", most);
            parts->fine = false;
            return 0;
        }
        count *= axis->count;
    }
    return count;
}

void
gw_sweep_grid_pick(const struct gw_sweep_parts *parts, size_t number,
                   const struct gw_sweep_choice **picks)
{
    for (size_t i = parts->axis_count; i > 0; i--) {
        const struct gw_sweep_axis *axis = &parts->axes[i - 1];

        picks[i - 1] = &axis->choices[number % axis->count];
        number /= axis->count;
    }
}

bool
gw_sweep_join(const struct gw_sweep_choice *const *picks, size_t count,
              struct gw_variation *variation)
{
    const char **words;
    const char *point = NULL;
    size_t at = 0;

    variation->count = 0;
    for (size_t i = 0; i < count; i++) {
        variation->count += picks[i]->count;
        point = point == NULL ? picks[i]->name : point;
    }
    variation->labels = point == NULL ? 0 : 1;
    words = calloc(3 * variation->count + 2, sizeof *words);
    if (words == NULL) {
        return false;
    }
    variation->overrides = words;
    variation->names = words + variation->count;
    variation->values = words + 2 * variation->count + 1;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < picks[i]->count; k++, at++) {
            variation->overrides[at] = picks[i]->words[3 * k];
            variation->names[at] = picks[i]->words[3 * k + 1];
            variation->values[at] = picks[i]->words[3 * k + 2];
        }
    }
    variation->names[at] = point == NULL ? NULL : GW_SWEEP_POINT;
    variation->values[at] = point;
    return true;
}
