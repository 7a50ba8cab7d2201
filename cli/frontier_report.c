/* frontier_report.c - what a search for boundaries found, as rows and as figures.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/frontier_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MOST = 64, TEXT_BYTES = 64, TEXTS = 6, FIXED = 8 };

/* Rows that are filled cell by cell. */
struct sheet {
    const char *columns[COLUMNS_MOST];
    size_t count;
    const char **cells;
    size_t used;
    char (*texts)[TEXT_BYTES];
    size_t text_count;
};

static bool
sheet_open(struct sheet *sheet, size_t rows)
{
    sheet->cells = calloc(rows * sheet->count + 1, sizeof *sheet->cells);
    sheet->texts = calloc(rows * TEXTS + 1, sizeof *sheet->texts);
    return sheet->cells != NULL && sheet->texts != NULL;
}

static void
sheet_close(struct sheet *sheet)
{
    free(sheet->cells);
    free(sheet->texts);
}

static void
put(struct sheet *sheet, const char *text)
{
    sheet->cells[sheet->used++] = text;
}

static char *
new_text(struct sheet *sheet)
{
    return sheet->texts[sheet->text_count++];
}

static void
put_count(struct sheet *sheet, size_t count)
{
    char *text = new_text(sheet);

    snprintf(text, TEXT_BYTES, "%zu", count);
    put(sheet, text);
}

static void
print_sheet(const struct sheet *sheet, const char *name, enum gw_format format)
{
    const struct gw_grid grid = {name, sheet->columns, sheet->count, sheet->cells,
                                 sheet->used / sheet->count};

    gw_grid_print(&grid, format, stdout);
}

/* ---- the boundaries -------------------------------------------------------------------------------- */

static void
name_columns(struct sheet *sheet, const struct gw_frontier_report *report)
{
    static const char *const fixed[FIXED] = {"boundary", "low",  "high",      "result",
                                             "values",   "runs", "undecided", "monotone"};
    const struct gw_variation *variation = &report->sweep->points[0].variation;

    sheet->columns[sheet->count++] = "architecture";
    for (size_t i = 0; i < variation->count && sheet->count < COLUMNS_MOST - FIXED; i++) {
        if (strcmp(variation->names[i], "migration.architecture") != 0) {
            sheet->columns[sheet->count++] = variation->names[i];
        }
    }
    for (size_t i = 0; i < FIXED; i++) {
        sheet->columns[sheet->count++] = fixed[i];
    }
}

/* The value of a setting in a point; NULL: it is not varied there. */
static const char *
value_in(const struct gw_variation *variation, const char *name)
{
    for (size_t i = 0; i < variation->count; i++) {
        if (strcmp(variation->names[i], name) == 0) {
            return variation->values[i];
        }
    }
    return NULL;
}

static const char *
value_text(struct sheet *sheet, const struct gw_sweep_frontier *frontier,
           const struct gw_frontier_probe *probe)
{
    char *text = NULL;

    if (probe != NULL) {
        text = new_text(sheet);
        gw_sweep_frontier_value(frontier, probe->share, text);
    }
    return text;
}

/* The middle with the unit of its ends. */
static const char *
middle_text(struct sheet *sheet, const struct gw_sweep_frontier *frontier, double middle)
{
    union gw_quantity value = {.whole = (int64_t)(middle + 0.5)};
    char digits[TEXT_BYTES];
    char *text = new_text(sheet);

    if (gw_quantity_is_real(frontier->range.type)) {
        snprintf(digits, sizeof digits, "%.5e", middle);
        value.real = strtod(digits, NULL);
    }
    gw_quantity_format(frontier->range.type, value, GW_QUANTITY_SHOWN, text);
    return text;
}

static void
put_row(struct sheet *sheet, const struct gw_frontier_report *report, size_t number)
{
    const struct gw_sweep_frontier *asked = &report->sweep->frontier;
    const struct gw_frontier_row *row = &report->map->rows[number];
    struct gw_frontier_bracket bracket;
    size_t runs = 0;
    bool is_between;

    gw_frontier_bracket(&row->frontier, &bracket);
    is_between = bracket.end == GW_FRONTIER_BETWEEN;
    for (size_t i = 0; i < row->frontier.count; i++) {
        runs += row->frontier.probes[i].wanted;
    }
    put(sheet, row->architecture);
    for (size_t i = 1; i < sheet->count - FIXED; i++) {
        put(sheet, value_in(&report->sweep->points[number].variation, sheet->columns[i]));
    }
    put(sheet, is_between ? middle_text(sheet, asked, bracket.middle) : NULL);
    put(sheet, value_text(sheet, asked, bracket.low));
    put(sheet, value_text(sheet, asked, bracket.high));
    put(sheet, gw_frontier_ends[bracket.end]);
    put_count(sheet, row->frontier.count);
    put_count(sheet, runs);
    put_count(sheet, bracket.undecided);
    put(sheet, bracket.is_monotone ? "yes" : "no");
}

static bool
print_boundaries(const struct gw_frontier_report *report, enum gw_format format)
{
    struct sheet sheet = {.count = 0};
    bool fine;

    name_columns(&sheet, report);
    fine = sheet_open(&sheet, report->map->count);
    for (size_t i = 0; i < report->map->count && fine; i++) {
        put_row(&sheet, report, i);
    }
    if (fine) {
        print_sheet(&sheet, "frontier", format);
    }
    sheet_close(&sheet);
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
put_fastest(struct sheet *sheet, const struct gw_frontier_report *report,
            const struct gw_frontier_row *place, size_t number)
{
    const struct gw_frontier_map *map = report->map;
    double value = gw_frontier_common_value(map->rule, number);
    size_t good;
    const struct gw_frontier_row *fastest = gw_frontier_fastest(map, place, value, &good);
    char *text = NULL;

    for (size_t i = 0; i < GW_FRONTIER_AXES_MOST && map->axis[i] != NULL; i++) {
        put(sheet, place->axis[i]);
    }
    put(sheet,
        value_text(sheet, &report->sweep->frontier, gw_frontier_probe_at(&place->frontier, value)));
    put_count(sheet, good);
    put(sheet, fastest == NULL ? NULL : fastest->architecture);
    if (fastest != NULL) {
        text = new_text(sheet);
        snprintf(text, TEXT_BYTES, "%.4g", gw_frontier_probe_at(&fastest->frontier, value)->cost);
    }
    put(sheet, text);
}

static bool
print_fastest(const struct gw_frontier_report *report, enum gw_format format)
{
    const struct gw_frontier_map *map = report->map;
    struct sheet sheet = {.count = 0};
    bool fine;

    for (size_t i = 0; i < GW_FRONTIER_AXES_MOST && map->axis[i] != NULL; i++) {
        sheet.columns[sheet.count++] = map->axis[i];
    }
    sheet.columns[sheet.count++] = map->over;
    sheet.columns[sheet.count++] = "converge";
    sheet.columns[sheet.count++] = "fastest";
    sheet.columns[sheet.count++] = "migration_time_s";
    fine = sheet_open(&sheet, map->count * map->rule->values);
    for (size_t i = 0; i < map->count && fine; i++) {
        for (size_t k = 0; k < map->rule->values && is_first_of_its_place(map, i); k++) {
            put_fastest(&sheet, report, &map->rows[i], k);
        }
    }
    if (fine) {
        fputs("\n", stdout);
        print_sheet(&sheet, "fastest", format);
    }
    sheet_close(&sheet);
    return fine;
}

bool
gw_frontier_print(const struct gw_frontier_report *report, enum gw_format format,
                  struct gw_error *err)
{
    bool both = format == GW_FORMAT_TABLE || format == GW_FORMAT_MD;

    return (print_boundaries(report, format) && (!both || print_fastest(report, format))) ||
           gw_fail(err, GW_ENOMEM, "out of memory");
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
