/* table.h - a table of texts, printed aligned for people, as Markdown or as CSV (RFC 4180).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_TABLE_H
#define GW_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum gw_table_style { GW_TABLE_TEXT, GW_TABLE_MARKDOWN, GW_TABLE_CSV };
enum gw_table_tone { GW_TONE_PLAIN, GW_TONE_GOOD, GW_TONE_BAD, GW_TONE_QUIET };

struct gw_table {
    size_t columns;
    size_t cell_count, cell_allocated;
    struct gw_table_cell *cells; /* row by row, headings first; owned */
    bool failed;                 /* memory was out: print refuses */
};

/* A heading starting with '>' is of a column set flush right; the '>' is not printed. Headings
 * are the first `columns` cells. */
void gw_table_init(struct gw_table *table, size_t columns);
void gw_table_add(struct gw_table *table, const char *text); /* copied; NULL is empty */
void gw_table_add_toned(struct gw_table *table, enum gw_table_tone tone, const char *text);
void gw_table_format(struct gw_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* So many significant digits, ALL_DIGITS for programs; what is not finite is empty. */
enum { GW_TABLE_ALL_DIGITS = 15 };
void gw_table_add_number(struct gw_table *table, int digits, double value);
/* False: memory was out. Errors of the stream stay in the stream. */
bool gw_table_print(const struct gw_table *table, FILE *stream, enum gw_table_style style,
                    bool colour);
void gw_table_clear(struct gw_table *table);

/* In quotes where RFC 4180 wants them. */
void gw_table_print_csv_cell(FILE *stream, const char *text);

#endif
