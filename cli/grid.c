/* grid.c - rows of text in the five formats of --format.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>

#include "base/utf8.h"
#include "cli/options.h"
#include "results/table.h"

static const char *
cell_of(const struct gw_grid *grid, size_t row, size_t column)
{
    return grid->cells[row * grid->column_count + column];
}

static bool
is_number(const struct gw_grid *grid, size_t column)
{
    return grid->are_numbers != NULL && grid->are_numbers[column];
}

/* ---- table -------------------------------------------------------------------------------------- */

static size_t
column_width(const struct gw_grid *grid, size_t column)
{
    size_t width = gw_utf8_count(grid->columns[column]);

    for (size_t row = 0; row < grid->row_count; row++) {
        const char *cell = cell_of(grid, row, column);
        size_t characters = cell == NULL ? 1 : gw_utf8_count(cell);

        width = characters > width ? characters : width;
    }
    return width;
}

static void
print_spaces(size_t count, FILE *out)
{
    for (size_t i = 0; i < count; i++) {
        fputc(' ', out);
    }
}

/* Numbers stand flush right. */
static void
print_padded(const struct gw_grid *grid, size_t column, const char *text, size_t width, FILE *out)
{
    size_t length = gw_utf8_count(text);
    size_t gap = width > length ? width - length : 0;
    bool last = column + 1 == grid->column_count;

    print_spaces(is_number(grid, column) ? gap : 0, out);
    fputs(text, out);
    print_spaces(last || is_number(grid, column) ? 0 : gap, out);
    fputs(last ? "\n" : "  ", out);
}

static void
print_table(const struct gw_grid *grid, FILE *out)
{
    size_t *width = calloc(grid->column_count + 1, sizeof *width);

    for (size_t i = 0; width != NULL && i < grid->column_count; i++) {
        width[i] = column_width(grid, i);
    }
    for (size_t i = 0; i < grid->column_count; i++) {
        print_padded(grid, i, grid->columns[i], width == NULL ? 0 : width[i], out);
    }
    for (size_t row = 0; row < grid->row_count; row++) {
        for (size_t i = 0; i < grid->column_count; i++) {
            const char *cell = cell_of(grid, row, i);

            print_padded(grid, i, cell == NULL ? "-" : cell, width == NULL ? 0 : width[i], out);
        }
    }
    free(width);
}

/* ---- JSON --------------------------------------------------------------------------------------- */

static void
print_json_row(const struct gw_grid *grid, size_t row, FILE *out)
{
    struct gw_text text = {0};

    for (size_t i = 0; i < grid->column_count; i++) {
        const char *cell = cell_of(grid, row, i);

        gw_text_add(&text, i == 0 ? "{" : ", ");
        gw_text_add_json(&text, grid->columns[i]);
        gw_text_add(&text, ": ");
        if (cell == NULL) {
            gw_text_add(&text, "null");
        } else if (is_number(grid, i)) {
            gw_text_add(&text, cell);
        } else {
            gw_text_add_json(&text, cell);
        }
    }
    gw_text_add(&text, "}");
    fputs(text.bytes == NULL ? "" : text.bytes, out);
    gw_text_clear(&text);
}

static void
print_json(const struct gw_grid *grid, FILE *out)
{
    fprintf(out, "{\"%s\": [", grid->name);
    for (size_t row = 0; row < grid->row_count; row++) {
        fputs(row == 0 ? "\n  " : ",\n  ", out);
        print_json_row(grid, row, out);
    }
    fputs("\n]}\n", out);
}

static void
print_jsonl(const struct gw_grid *grid, FILE *out)
{
    for (size_t row = 0; row < grid->row_count; row++) {
        print_json_row(grid, row, out);
        fputc('\n', out);
    }
}

/* ---- CSV (RFC 4180) and Markdown ---------------------------------------------------------------- */

/* An absent cell is empty. */
static void
print_csv_cell(const char *cell, FILE *out)
{
    gw_table_print_csv_cell(out, cell == NULL ? "" : cell);
}

static void
print_csv(const struct gw_grid *grid, FILE *out)
{
    for (size_t i = 0; i < grid->column_count; i++) {
        fputs(i == 0 ? "" : ",", out);
        print_csv_cell(grid->columns[i], out);
    }
    fputs("\r\n", out);
    for (size_t row = 0; row < grid->row_count; row++) {
        for (size_t i = 0; i < grid->column_count; i++) {
            fputs(i == 0 ? "" : ",", out);
            print_csv_cell(cell_of(grid, row, i), out);
        }
        fputs("\r\n", out);
    }
}

static void
print_md_cell(const char *cell, FILE *out)
{
    fputs(" ", out);
    for (; cell != NULL && *cell != '\0'; cell++) {
        if (*cell == '|') {
            fputc('\\', out);
        }
        fputc(*cell == '\n' ? ' ' : *cell, out);
    }
    fputs(" |", out);
}

static void
print_md(const struct gw_grid *grid, FILE *out)
{
    fputc('|', out);
    for (size_t i = 0; i < grid->column_count; i++) {
        print_md_cell(grid->columns[i], out);
    }
    fputs("\n|", out);
    for (size_t i = 0; i < grid->column_count; i++) {
        fputs(is_number(grid, i) ? " ---: |" : " --- |", out);
    }
    fputc('\n', out);
    for (size_t row = 0; row < grid->row_count; row++) {
        fputc('|', out);
        for (size_t i = 0; i < grid->column_count; i++) {
            print_md_cell(cell_of(grid, row, i), out);
        }
        fputc('\n', out);
    }
}

void
gw_grid_print(const struct gw_grid *grid, enum gw_format format, FILE *out)
{
    static void (*const printers[])(const struct gw_grid *, FILE *) = {
        [GW_FORMAT_TABLE] = print_table, [GW_FORMAT_JSON] = print_json,
        [GW_FORMAT_JSONL] = print_jsonl, [GW_FORMAT_CSV] = print_csv,
        [GW_FORMAT_MD] = print_md,
    };

    printers[format](grid, out);
}
