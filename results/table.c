/* table.c - cells first, widths when all are known.
 *
 * Invariant Text of a scenario is data: control characters are printed as spaces in a table, a
 *           pipe is escaped in Markdown, quotes are doubled in CSV.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/table.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

struct gw_table_cell {
    char *text;
    enum gw_table_tone tone;
};

void
gw_table_init(struct gw_table *table, size_t columns)
{
    *table = (struct gw_table){.columns = columns};
}

void
gw_table_add_toned(struct gw_table *table, enum gw_table_tone tone, const char *text)
{
    if (table->cell_count == table->cell_allocated) {
        size_t allocated = table->cell_allocated == 0 ? 64 : 2 * table->cell_allocated;
        struct gw_table_cell *cells = realloc(table->cells, allocated * sizeof *cells);
        if (cells == NULL) {
            table->failed = true;
            return;
        }
        table->cells = cells;
        table->cell_allocated = allocated;
    }
    char *copy = strdup(text == NULL ? "" : text);
    if (copy == NULL) {
        table->failed = true;
        return;
    }
    table->cells[table->cell_count++] = (struct gw_table_cell){copy, tone};
}

void
gw_table_add(struct gw_table *table, const char *text)
{
    gw_table_add_toned(table, GW_TONE_PLAIN, text);
}

void
gw_table_format(struct gw_table *table, const char *format, ...)
{
    char text[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    gw_table_add(table, text);
}

void
gw_table_add_number(struct gw_table *table, int digits, double value)
{
    if (isfinite(value)) {
        gw_table_format(table, "%.*g", digits, value);
        return;
    }
    gw_table_add(table, "");
}

void
gw_table_clear(struct gw_table *table)
{
    for (size_t i = 0; i < table->cell_count; i++) {
        free(table->cells[i].text);
    }
    free(table->cells);
    *table = (struct gw_table){0};
}

static bool
is_right(const struct gw_table *table, size_t column)
{
    return table->cells[column].text[0] == '>';
}

static const char *
cell_text(const struct gw_table *table, size_t index)
{
    const char *text = table->cells[index].text;

    return index < table->columns && text[0] == '>' ? text + 1 : text;
}

static void
print_escaped(FILE *stream, const char *text, enum gw_table_style style)
{
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (style == GW_TABLE_MARKDOWN && (byte == '|' || byte == '\\')) {
            fputc('\\', stream);
        }
        fputc(byte < 32 || byte == 127 ? ' ' : byte, stream);
    }
}

void
gw_table_print_csv_cell(FILE *stream, const char *text)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, stream);
        return;
    }
    fputc('"', stream);
    for (; *text != '\0'; text++) {
        if (*text == '"') {
            fputc('"', stream);
        }
        fputc(*text, stream);
    }
    fputc('"', stream);
}

static void
print_csv(const struct gw_table *table, FILE *stream)
{
    for (size_t i = 0; i < table->cell_count; i++) {
        gw_table_print_csv_cell(stream, cell_text(table, i));
        fputs((i + 1) % table->columns == 0 ? "\r\n" : ",", stream);
    }
}

static void
pad(FILE *stream, char byte, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        fputc(byte, stream);
    }
}

static void
print_rule(const struct gw_table *table, FILE *stream, enum gw_table_style style,
           const size_t *widths)
{
    for (size_t i = 0; i < table->columns; i++) {
        if (style == GW_TABLE_MARKDOWN) {
            fputs(i == 0 ? "|" : "", stream);
            fputs(is_right(table, i) ? " " : " :", stream);
            pad(stream, '-', widths[i] < 2 ? 1 : widths[i] - 1);
            fputs(is_right(table, i) ? ": |" : " |", stream);
            continue;
        }
        pad(stream, '-', widths[i]);
        fputs(i + 1 < table->columns ? "  " : "", stream);
    }
    fputc('\n', stream);
}

static const char *
tone_code(enum gw_table_tone tone)
{
    static const char *const codes[] = {
        [GW_TONE_PLAIN] = "",
        [GW_TONE_GOOD] = "\033[32m",
        [GW_TONE_BAD] = "\033[31m",
        [GW_TONE_QUIET] = "\033[2m",
    };

    return codes[tone];
}

/* Trailing blanks are left out of plain tables: they are noise in a diff. */
static void
print_cell(const struct gw_table *table, size_t index, FILE *stream, size_t width, bool colour)
{
    size_t column = index % table->columns;
    const char *text = cell_text(table, index);
    size_t blank = width - gw_utf8_count(text);
    const char *code = colour ? tone_code(table->cells[index].tone) : "";

    if (is_right(table, column)) {
        pad(stream, ' ', blank);
    }
    fputs(code, stream);
    print_escaped(stream, text, GW_TABLE_TEXT);
    fputs(*code == '\0' ? "" : "\033[0m", stream);
    if (!is_right(table, column) && column + 1 < table->columns) {
        pad(stream, ' ', blank);
    }
    fputs(column + 1 < table->columns ? "  " : "\n", stream);
}

static void
print_markdown_cell(const struct gw_table *table, size_t index, FILE *stream)
{
    bool is_last = (index + 1) % table->columns == 0;

    fputs(index % table->columns == 0 ? "| " : " ", stream);
    print_escaped(stream, cell_text(table, index), GW_TABLE_MARKDOWN);
    fputs(is_last ? " |\n" : " |", stream);
}

bool
gw_table_print(const struct gw_table *table, FILE *stream, enum gw_table_style style, bool colour)
{
    size_t *widths = calloc(table->columns + 1, sizeof *widths);

    if (table->failed || widths == NULL) {
        free(widths);
        return false;
    }
    if (style == GW_TABLE_CSV) {
        print_csv(table, stream);
        free(widths);
        return true;
    }
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t width = gw_utf8_count(cell_text(table, i));
        size_t *most = &widths[i % table->columns];
        *most = width > *most ? width : *most;
    }
    for (size_t i = 0; i < table->cell_count; i++) {
        if (i == table->columns) {
            print_rule(table, stream, style, widths);
        }
        if (style == GW_TABLE_MARKDOWN) {
            print_markdown_cell(table, i, stream);
            continue;
        }
        print_cell(table, i, stream, widths[i % table->columns], colour);
    }
    free(widths);
    return true;
}
