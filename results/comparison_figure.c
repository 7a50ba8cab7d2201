/* comparison_figure.c - both means above, their difference below.
 *
 * Idea      Above, the band lies round the mean of B and is as wide as that of the difference: the
 *           two sets differ where the line of A is outside of it. Below, the same is seen against
 *           0. The span between the outermost such points is shaded.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/comparison_figure.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/comparison_words.h"
#include "results/style.h"

/* What is drawn, in the unit of the axis. */
struct lines {
    double *x, *a, *b, *difference, *low, *high, *around_low, *around_high; /* one block */
    size_t points;
};

static const struct {
    const char *unit, *shown;
    double size;
} axes[] = {
    {"bytes", "GiB", 1073741824.0},
    {"bytes/s", "MB/s", 1e6},
};

static double
axis_of(const char *unit, const char **shown)
{
    for (size_t i = 0; i < sizeof axes / sizeof axes[0]; i++) {
        if (strcmp(axes[i].unit, unit) == 0) {
            *shown = axes[i].shown;
            return axes[i].size;
        }
    }
    *shown = unit;
    return 1.0;
}

/* Bands without an end are not drawn. */
static double
finite_or(double value, double other)
{
    return isfinite(value) ? value : other;
}

static bool
take_lines(const struct gw_compared_curve *curve, double size, struct lines *lines)
{
    const struct gw_curve_band *band = &curve->band;
    size_t points = band->points;

    lines->x = calloc(8 * points, sizeof(double));
    if (lines->x == NULL) {
        return false;
    }
    lines->points = points;
    lines->a = lines->x + points;
    lines->b = lines->a + points;
    lines->difference = lines->b + points;
    lines->low = lines->difference + points;
    lines->high = lines->low + points;
    lines->around_low = lines->high + points;
    lines->around_high = lines->around_low + points;
    for (size_t k = 0; k < points; k++) {
        double difference = band->difference[k];
        double low = finite_or(band->low[k], difference);
        double high = finite_or(band->high[k], difference);

        lines->x[k] = gw_compared_curve_time(curve, k);
        lines->a[k] = curve->mean_a[k] / size;
        lines->b[k] = curve->mean_b[k] / size;
        lines->difference[k] = difference / size;
        lines->low[k] = low / size;
        lines->high[k] = high / size;
        lines->around_low[k] = lines->a[k] + lines->low[k];
        lines->around_high[k] = lines->a[k] + lines->high[k];
    }
    return true;
}

static void
add_line(struct gw_figure *figure, const struct lines *lines, const double *y, const char *style,
         const char *legend)
{
    gw_figure_add_series(figure, &(struct gw_figure_series){.legend = legend,
                                                            .style = style,
                                                            .kind = GW_FIGURE_LINES,
                                                            .count = lines->points,
                                                            .x = lines->x,
                                                            .y = y});
}

static void
add_band(struct gw_figure *figure, const struct lines *lines, const double *low, const double *high,
         const char *legend)
{
    gw_figure_add_series(figure, &(struct gw_figure_series){.legend = legend,
                                                            .style = "side-b",
                                                            .kind = GW_FIGURE_FILLED,
                                                            .count = lines->points,
                                                            .x = lines->x,
                                                            .y = low,
                                                            .low = low,
                                                            .high = high});
}

static void
add_legends(struct gw_figure *figure, const struct gw_compared_cell *cell,
            const struct lines *lines, double confidence)
{
    char legend[80];

    snprintf(legend, sizeof legend, "%.4g %% of the difference, round %.30s", 100.0 * confidence,
             cell->group->b_name);
    add_band(figure, lines, lines->around_low, lines->around_high, legend);
    snprintf(legend, sizeof legend, "Mean of %.60s", cell->group->a_name);
    add_line(figure, lines, lines->a, "side-a", legend);
    snprintf(legend, sizeof legend, "Mean of %.60s", cell->group->b_name);
    add_line(figure, lines, lines->b, "side-b", legend);
}

static void
add_caption(struct gw_figure *figure, const struct gw_compared_cell *cell,
            const struct gw_compared_curve *curve)
{
    struct gw_text caption = {0};

    gw_text_format(&caption, "%zu %s, max-t band by permutation. ", cell->group->count,
                   cell->same_guests ? "pairs of runs of the same guests" : "runs of each");
    gw_compared_curve_words(cell, curve, &caption);
    if (!caption.failed) {
        gw_figure_set_caption(figure, caption.bytes);
    }
    gw_text_clear(&caption);
}

static void
add_shade(struct gw_figure *figure, const struct gw_compared_curve *curve)
{
    const struct gw_curve_band *band = &curve->band;

    if (band->first <= band->last) {
        gw_figure_add_shade(figure,
                            gw_compared_curve_time(curve, band->first == 0 ? 0 : band->first - 1),
                            gw_compared_curve_time(curve, band->last), "");
    }
}

struct gw_figure *
gw_compared_curve_figure(const struct gw_compared_cell *cell, const struct gw_compared_curve *curve,
                         double confidence)
{
    const struct gw_curve_info *info = &gw_curve_info[curve->id];
    const char *unit;
    double size = axis_of(info->unit, &unit);
    struct lines lines = {0};
    char title[200];
    char label[80];

    snprintf(title, sizeof title, "%s: %s", info->key, cell->group->cell);
    snprintf(label, sizeof label, "%s (%s)", info->label, unit);
    struct gw_figure *figure = gw_figure_create(title, "Time since the request (s)", label);
    if (figure == NULL || !take_lines(curve, size, &lines)) {
        gw_figure_destroy(figure);
        return NULL;
    }
    add_legends(figure, cell, &lines, confidence);
    add_shade(figure, curve);
    gw_figure_set_y_range(figure, 0.0, NAN);
    snprintf(label, sizeof label, "%.20s less %.20s (%s)", cell->group->b_name, cell->group->a_name,
             unit);
    gw_figure_add_panel(figure, label, 0.6);
    add_band(figure, &lines, lines.low, lines.high, NULL);
    add_line(figure, &lines, lines.difference, "side-b", NULL);
    memset(lines.a, 0, lines.points * sizeof *lines.a);
    add_line(figure, &lines, lines.a, "diagonal", NULL);
    add_shade(figure, curve);
    add_caption(figure, cell, curve);
    free(lines.x);
    return figure;
}

void
gw_compared_curve_name(const struct gw_compared_cell *cell, const struct gw_compared_curve *curve,
                       size_t number, char *out, size_t size)
{
    char harmless[100];
    size_t used = 0;

    for (const char *letter = cell->group->cell; *letter != '\0' && used + 1 < sizeof harmless;
         letter++) {
        bool plain = isalnum((unsigned char)*letter) || *letter == '.' || *letter == '_';

        if (plain || (used > 0 && harmless[used - 1] != '-')) {
            harmless[used++] = (char)(plain ? *letter : '-');
        }
    }
    harmless[used] = '\0';
    if (number == 0) {
        snprintf(out, size, "%s.%s", harmless, gw_curve_info[curve->id].key);
        return;
    }
    snprintf(out, size, "%s.%s-%zu", harmless, gw_curve_info[curve->id].key, number);
}
