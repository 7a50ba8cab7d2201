/* sheet.c - rows that are filled cell by cell and printed in any --format.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/sheet.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
gw_sheet_column(struct gw_sheet *sheet, const char *name, bool is_number)
{
    gw_assert(sheet->column_count < GW_SHEET_COLUMNS_MOST && sheet->cell_count == 0);
    sheet->numbers[sheet->column_count] = is_number;
    sheet->columns[sheet->column_count++] = name;
}

void
gw_sheet_columns(struct gw_sheet *sheet, const char *const *names, size_t count, bool are_numbers)
{
    for (size_t i = 0; i < count; i++) {
        gw_sheet_column(sheet, names[i], are_numbers);
    }
}

static bool
has_room(struct gw_sheet *sheet)
{
    size_t wanted = sheet->cell_allocated == 0 ? 64 : 2 * sheet->cell_allocated;
    char **cells;

    if (sheet->cell_count < sheet->cell_allocated) {
        return true;
    }
    cells = realloc(sheet->cells, wanted * sizeof *cells);
    if (cells == NULL) {
        return false;
    }
    sheet->cells = cells;
    sheet->cell_allocated = wanted;
    return true;
}

/* Takes the text over. */
static void
put(struct gw_sheet *sheet, char *text)
{
    if (!has_room(sheet)) {
        sheet->failed = true;
        free(text);
        return;
    }
    sheet->cells[sheet->cell_count++] = text;
}

void
gw_sheet_text(struct gw_sheet *sheet, const char *text)
{
    char *copy = text == NULL ? NULL : strdup(text);

    sheet->failed |= text != NULL && copy == NULL;
    put(sheet, copy);
}

void
gw_sheet_format(struct gw_sheet *sheet, const char *format, ...)
{
    char text[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    gw_sheet_text(sheet, text);
}

static bool
is_for_people(const struct gw_sheet *sheet)
{
    return sheet->format == GW_FORMAT_TABLE || sheet->format == GW_FORMAT_MD;
}

enum { NUMBER_BYTES = 40 };

static const char *
short_text(double value, char text[NUMBER_BYTES])
{
    bool is_whole = fabs(value) >= 1e3 && fabs(value) < 1e7;

    snprintf(text, NUMBER_BYTES, is_whole ? "%.0f" : "%.4g", value);
    return text;
}

void
gw_sheet_number(struct gw_sheet *sheet, double value)
{
    char text[NUMBER_BYTES];

    if (!isfinite(value)) {
        put(sheet, NULL);
    } else if (is_for_people(sheet)) {
        gw_sheet_text(sheet, short_text(value, text));
    } else {
        gw_sheet_format(sheet, "%.15g", value);
    }
}

void
gw_sheet_interval_columns(struct gw_sheet *sheet, const char *const names[3])
{
    gw_sheet_columns(sheet, names, is_for_people(sheet) ? 1 : 3, true);
}

void
gw_sheet_interval(struct gw_sheet *sheet, double value, double low, double high)
{
    char texts[3][NUMBER_BYTES];

    if (!is_for_people(sheet)) {
        gw_sheet_number(sheet, value);
        gw_sheet_number(sheet, low);
        gw_sheet_number(sheet, high);
        return;
    }
    if (!isfinite(value) || !isfinite(low) || !isfinite(high)) {
        gw_sheet_number(sheet, value);
        return;
    }
    gw_sheet_format(sheet, "%s [%s, %s]", short_text(value, texts[0]), short_text(low, texts[1]),
                    short_text(high, texts[2]));
}

bool
gw_sheet_print(const struct gw_sheet *sheet, struct gw_error *err)
{
    const struct gw_grid grid = {.name = sheet->name,
                                 .columns = sheet->columns,
                                 .column_count = sheet->column_count,
                                 .cells = (const char *const *)sheet->cells,
                                 .row_count = sheet->cell_count / sheet->column_count,
                                 .are_numbers = sheet->numbers};

    if (sheet->failed) {
        return gw_fail(err, GW_ENOMEM, "out of memory for a table");
    }
    gw_grid_print(&grid, sheet->format, stdout);
    return true;
}

void
gw_sheet_clear(struct gw_sheet *sheet)
{
    for (size_t i = 0; i < sheet->cell_count; i++) {
        free(sheet->cells[i]);
    }
    free(sheet->cells);
    *sheet = (struct gw_sheet){.name = sheet->name, .format = sheet->format};
}
