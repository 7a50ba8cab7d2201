/* sheet.h - rows that are filled cell by cell and printed in any --format.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SHEET_H
#define GW_SHEET_H

#include "cli/options.h"

enum { GW_SHEET_COLUMNS_MOST = 64 };

/* A sheet with its format and name set is empty. Columns come before cells. */
struct gw_sheet {
    const char *name; /* key of the JSON object */
    enum gw_format format;
    const char *columns[GW_SHEET_COLUMNS_MOST];
    bool numbers[GW_SHEET_COLUMNS_MOST];
    size_t column_count;
    char **cells; /* row by row; owned */
    size_t cell_count, cell_allocated;
    bool failed; /* memory was out: print refuses */
};

/* The name is kept. In JSON a column of numbers has no quotes. */
void gw_sheet_column(struct gw_sheet *sheet, const char *name, bool is_number);
void gw_sheet_columns(struct gw_sheet *sheet, const char *const *names, size_t count,
                      bool are_numbers);

/* Texts are copied; NULL, and a number that is not finite, is an absent cell. Numbers are short
 * in tables and whole elsewhere. */
void gw_sheet_text(struct gw_sheet *sheet, const char *text);
void gw_sheet_format(struct gw_sheet *sheet, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void gw_sheet_number(struct gw_sheet *sheet, double value);

/* An estimate with its interval: one column for people, "3.1 [2.9, 3.3]", elsewhere three numbers.
 * names: of the estimate, its low and its high end. */
void gw_sheet_interval_columns(struct gw_sheet *sheet, const char *const names[3]);
void gw_sheet_interval(struct gw_sheet *sheet, double value, double low, double high);

/* To stdout. Errors: GW_ENOMEM. */
bool gw_sheet_print(const struct gw_sheet *sheet, struct gw_error *err);
void gw_sheet_clear(struct gw_sheet *sheet);

#endif
