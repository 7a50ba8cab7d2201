/* chart_memory.c - the charts of memory runs: rates, throttle and guest speed of the first one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>

#include "results/chart.h"
#include "results/style.h"

enum { CURVES_A_PANEL = 2 };

static const struct panel {
    const char *title, *y_label;
    struct {
        const char *legend;
        size_t column; /* of GW_SERIES_MEMORY */
        double scale;
    } curves[CURVES_A_PANEL];
} panels[] = {
    {"Rates", "MB/s", {{"dirtied", 1, 1e-6}, {"sent", 2, 1e-6}}},
    {"Guest", "per cent", {{"throttle", 3, 1.0}, {"guest speed", 5, 100.0}}},
};

/* One allocation a panel: the times, then each curve. */
static double *
take_numbers(const struct gw_series *series, const struct panel *panel)
{
    double *numbers = malloc((CURVES_A_PANEL + 1) * series->rows * sizeof *numbers);

    for (size_t row = 0; numbers != NULL && row < series->rows; row++) {
        numbers[row] = (double)series->t_ns[row] / 1e9;
        for (size_t k = 0; k < CURVES_A_PANEL; k++) {
            numbers[(k + 1) * series->rows + row] =
                panel->curves[k].scale *
                series->values[row * series->columns + panel->curves[k].column];
        }
    }
    return numbers;
}

static bool
draw_panel(FILE *stream, const struct gw_result *result, const struct panel *panel,
           const struct gw_chart_look *look, struct gw_error *err)
{
    const struct gw_series *series = &result->series[GW_SERIES_MEMORY];
    double *numbers = take_numbers(series, panel);
    struct gw_chart_curve curves[CURVES_A_PANEL];
    char title[100];

    if (numbers == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for a chart");
    }
    for (size_t k = 0; k < CURVES_A_PANEL; k++) {
        curves[k] = (struct gw_chart_curve){panel->curves[k].legend, numbers,
                                            numbers + (k + 1) * series->rows, series->rows};
    }
    snprintf(title, sizeof title, "%s, %.60s", panel->title, gw_style_label(result->architecture));
    struct gw_chart chart = {title, "time (s)", panel->y_label, curves, CURVES_A_PANEL};
    bool ok = gw_chart_draw(stream, &chart, look, err);
    free(numbers);
    return ok;
}

bool
gw_chart_memory(FILE *stream, const struct gw_result *const *results, size_t count,
                const struct gw_chart_look *look, struct gw_error *err)
{
    const struct gw_result *first = NULL;
    bool ok = true;

    for (size_t i = 0; first == NULL && i < count; i++) {
        first = results[i]->series[GW_SERIES_MEMORY].rows > 0 ? results[i] : NULL;
    }
    for (size_t i = 0; ok && first != NULL && i < sizeof panels / sizeof panels[0]; i++) {
        ok = draw_panel(stream, first, &panels[i], look, err);
    }
    return ok;
}
