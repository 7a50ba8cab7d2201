/* frontier_report.c - what a search for boundaries found, as rows and as figures.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/frontier_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/sheet.h"

enum { FIXED = 8 };

/* ---- the boundaries -------------------------------------------------------------------------------- */

static void
name_columns(struct gw_sheet *sheet, const struct gw_frontier_report *report)
{
    static const char *const fixed[FIXED] = {"boundary", "low",  "high",      "result",
                                             "values",   "runs", "undecided", "monotone"};
    const struct gw_variation *variation = &report->sweep->points[0].variation;

    gw_sheet_column(sheet, "architecture", false);
    for (size_t i = 0; i < variation->count + variation->labels &&
                       sheet->column_count < GW_SHEET_COLUMNS_MOST - FIXED;
         i++) {
        if (strcmp(variation->names[i], "migration.architecture") != 0) {
            gw_sheet_column(sheet, variation->names[i], false);
        }
    }
    gw_sheet_columns(sheet, fixed, FIXED, false);
}

/* The value of a setting in a point; NULL: it is not varied there. */
static const char *
value_in(const struct gw_variation *variation, const char *name)
{
    for (size_t i = 0; i < variation->count + variation->labels; i++) {
        if (strcmp(variation->names[i], name) == 0) {
            return variation->values[i];
        }
    }
    return NULL;
}

static void
put_value(struct gw_sheet *sheet, const struct gw_sweep_frontier *frontier,
          const struct gw_frontier_probe *probe)
{
    char text[GW_QUANTITY_TEXT_MAX];

    if (probe != NULL) {
        gw_sweep_frontier_value(frontier, probe->share, text);
    }
    gw_sheet_text(sheet, probe == NULL ? NULL : text);
}

/* The middle with the unit of its ends. */
static void
put_middle(struct gw_sheet *sheet, const struct gw_sweep_frontier *frontier, double middle)
{
    union gw_quantity value = {.whole = (int64_t)(middle + 0.5)};
    char digits[GW_QUANTITY_TEXT_MAX];
    char text[GW_QUANTITY_TEXT_MAX];

    if (gw_quantity_is_real(frontier->range.type)) {
        snprintf(digits, sizeof digits, "%.5e", middle);
        value.real = strtod(digits, NULL);
    }
    gw_quantity_format(frontier->range.type, value, GW_QUANTITY_SHOWN, text);
    gw_sheet_text(sheet, text);
}

static void
put_row(struct gw_sheet *sheet, const struct gw_frontier_report *report, size_t number)
{
    const struct gw_sweep_frontier *asked = &report->sweep->frontier;
    const struct gw_frontier_row *row = &report->map->rows[number];
    struct gw_frontier_bracket bracket;
    size_t runs = 0;

    gw_frontier_bracket(&row->frontier, &bracket);
    for (size_t i = 0; i < row->frontier.count; i++) {
        runs += row->frontier.probes[i].wanted;
    }
    gw_sheet_text(sheet, row->architecture);
    for (size_t i = 1; i < sheet->column_count - FIXED; i++) {
        gw_sheet_text(sheet, value_in(&report->sweep->points[number].variation, sheet->columns[i]));
    }
    if (bracket.end == GW_FRONTIER_BETWEEN) {
        put_middle(sheet, asked, bracket.middle);
    } else {
        gw_sheet_text(sheet, NULL);
    }
    put_value(sheet, asked, bracket.low);
    put_value(sheet, asked, bracket.high);
    gw_sheet_text(sheet, gw_frontier_ends[bracket.end]);
    gw_sheet_format(sheet, "%zu", row->frontier.count);
    gw_sheet_format(sheet, "%zu", runs);
    gw_sheet_format(sheet, "%zu", bracket.undecided);
    gw_sheet_text(sheet, bracket.is_monotone ? "yes" : "no");
}

static bool
print_boundaries(const struct gw_frontier_report *report, enum gw_format format,
                 struct gw_error *err)
{
    struct gw_sheet sheet = {.name = "frontier", .format = format};
    bool fine;

    name_columns(&sheet, report);
    for (size_t i = 0; i < report->map->count; i++) {
        put_row(&sheet, report, i);
    }
    fine = gw_sheet_print(&sheet, err);
    gw_sheet_clear(&sheet);
    return fine;
}

/* ---- who is fastest -------------------------------------------------------------------------------- */

static bool
is_first_of_its_place(const struct gw_frontier_map *map, size_t number)
{
    for (size_t i = 0; i < number; i++) {
        if (strcmp(map->rows[i].axis[0], map->rows[number].axis[0]) == 0 &&
            strcmp(map->rows[i].axis[1], map->rows[number].axis[1]) == 0) {
            return false;
        }
    }
    return true;
}

static void
put_fastest(struct gw_sheet *sheet, const struct gw_frontier_report *report,
            const struct gw_frontier_row *place, size_t number)
{
    const struct gw_frontier_map *map = report->map;
    double value = gw_frontier_common_value(map->rule, number);
    size_t good;
    const struct gw_frontier_row *fastest = gw_frontier_fastest(map, place, value, &good);

    for (size_t i = 0; i < GW_FRONTIER_AXES_MOST && map->axis[i] != NULL; i++) {
        gw_sheet_text(sheet, place->axis[i]);
    }
    put_value(sheet, &report->sweep->frontier, gw_frontier_probe_at(&place->frontier, value));
    gw_sheet_format(sheet, "%zu", good);
    gw_sheet_text(sheet, fastest == NULL ? NULL : fastest->architecture);
    if (fastest == NULL) {
        gw_sheet_text(sheet, NULL);
        return;
    }
    gw_sheet_format(sheet, "%.4g", gw_frontier_probe_at(&fastest->frontier, value)->cost);
}

static bool
print_fastest(const struct gw_frontier_report *report, enum gw_format format, struct gw_error *err)
{
    static const char *const columns[] = {"converge", "fastest", "migration_time_s"};
    const struct gw_frontier_map *map = report->map;
    struct gw_sheet sheet = {.name = "fastest", .format = format};
    bool fine;

    for (size_t i = 0; i < GW_FRONTIER_AXES_MOST && map->axis[i] != NULL; i++) {
        gw_sheet_column(&sheet, map->axis[i], false);
    }
    gw_sheet_column(&sheet, map->over, false);
    gw_sheet_columns(&sheet, columns, sizeof columns / sizeof columns[0], false);
    for (size_t i = 0; i < map->count; i++) {
        for (size_t k = 0; k < map->rule->values && is_first_of_its_place(map, i); k++) {
            put_fastest(&sheet, report, &map->rows[i], k);
        }
    }
    fputs("\n", stdout);
    fine = gw_sheet_print(&sheet, err);
    gw_sheet_clear(&sheet);
    return fine;
}

bool
gw_frontier_print(const struct gw_frontier_report *report, enum gw_format format,
                  struct gw_error *err)
{
    bool both = format == GW_FORMAT_TABLE || format == GW_FORMAT_MD;

    return print_boundaries(report, format, err) && (!both || print_fastest(report, format, err));
}

/* ---- figures --------------------------------------------------------------------------------------- */

static bool
write_figure(struct gw_figure *figure, const char *directory, const char *name,
             struct gw_error *err)
{
    bool fine = figure != NULL
                    ? gw_figure_write(figure, directory, name, GW_FIGURE_SVG | GW_FIGURE_PNG, err)
                    : gw_fail(err, GW_ENOMEM, "out of memory for a figure");

    gw_figure_destroy(figure);
    return fine;
}

bool
gw_frontier_draw(const struct gw_frontier_map *map, const char *directory, struct gw_error *err)
{
    return write_figure(gw_figure_frontier(map), directory, "frontier", err) &&
           write_figure(gw_figure_fastest(map), directory, "fastest", err);
}
