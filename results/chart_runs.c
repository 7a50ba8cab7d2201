/* chart_runs.c - the charts of runs: remaining bytes and guest IOPS against time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "results/chart.h"
#include "results/style.h"

enum { CURVES_MOST = 8 };

static const double GIB = 1073741824.0;

typedef double row_value(const double *row);

static double
remaining_gib(const double *row)
{
    return row[0] / GIB;
}

static double
guest_iops(const double *row)
{
    return row[0] + row[1];
}

static bool
is_drawn(const struct gw_chart_curve *curves, size_t count, const char *legend)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(curves[i].legend, legend) == 0) {
            return true;
        }
    }
    return false;
}

/* One allocation a curve: the times, then the values. */
static bool
take_curve(const struct gw_result *result, enum gw_series_id id, row_value *value,
           struct gw_chart_curve *curve, double **owned)
{
    const struct gw_series *series = &result->series[id];
    double *numbers = malloc(2 * series->rows * sizeof *numbers);

    if (numbers == NULL) {
        return false;
    }
    *owned = numbers;
    for (size_t row = 0; row < series->rows; row++) {
        numbers[row] = (double)series->t_ns[row] / 1e9;
        numbers[series->rows + row] = value(series->values + row * series->columns);
    }
    *curve = (struct gw_chart_curve){gw_style_label(result->architecture), numbers,
                                     numbers + series->rows, series->rows};
    return true;
}

static bool
draw_runs(FILE *stream, const struct gw_result *const *results, size_t count,
          const struct gw_chart_look *look, enum gw_series_id id, struct gw_error *err)
{
    static const struct {
        const char *title, *y_label;
        row_value *value;
    } rows[GW_SERIES_COUNT] = {
        [GW_SERIES_PROGRESS] = {"Data remaining", "GiB", remaining_gib},
        [GW_SERIES_MEMORY] = {"Memory remaining", "GiB", remaining_gib},
        [GW_SERIES_IOPS] = {"Guest IOPS", "reads and writes a second", guest_iops},
    };
    struct gw_chart_curve curves[CURVES_MOST];
    double *owned[CURVES_MOST];
    size_t drawn = 0;
    bool ok = true;

    for (size_t i = 0; ok && i < count && drawn < CURVES_MOST; i++) {
        if (results[i]->series[id].rows == 0 ||
            is_drawn(curves, drawn, gw_style_label(results[i]->architecture))) {
            continue;
        }
        ok = take_curve(results[i], id, rows[id].value, &curves[drawn], &owned[drawn]);
        drawn += ok;
    }
    struct gw_chart chart = {rows[id].title, "time (s)", rows[id].y_label, curves, drawn};
    ok = ok ? gw_chart_draw(stream, &chart, look, err)
            : gw_fail(err, GW_ENOMEM, "out of memory for a chart");
    while (drawn > 0) {
        free(owned[--drawn]);
    }
    return ok;
}

bool
gw_chart_remaining(FILE *stream, const struct gw_result *const *results, size_t count,
                   const struct gw_chart_look *look, struct gw_error *err)
{
    return draw_runs(stream, results, count, look, GW_SERIES_PROGRESS, err);
}

bool
gw_chart_iops(FILE *stream, const struct gw_result *const *results, size_t count,
              const struct gw_chart_look *look, struct gw_error *err)
{
    return draw_runs(stream, results, count, look, GW_SERIES_IOPS, err);
}

bool
gw_chart_memory_remaining(FILE *stream, const struct gw_result *const *results, size_t count,
                          const struct gw_chart_look *look, struct gw_error *err)
{
    return draw_runs(stream, results, count, look, GW_SERIES_MEMORY, err);
}
