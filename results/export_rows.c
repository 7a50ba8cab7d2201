/* export_rows.c - runs as CSV (RFC 4180) and as JSON lines.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/text.h"
#include "results/export_shared.h"
#include "results/table.h"

/* ---- CSV --------------------------------------------------------------------------------------------- */

static void
write_csv_cell(FILE *stream, int column, const char *text)
{
    fputs(column > 0 ? "," : "", stream);
    gw_table_print_csv_cell(stream, text);
}

static void
write_csv_names(const struct gw_export_rows *rows, FILE *stream)
{
    for (int i = 0; i < rows->columns; i++) {
        write_csv_cell(stream, i, sqlite3_column_name(rows->statement, i));
    }
    fputs("\r\n", stream);
}

static void
write_csv_row(const struct gw_export_rows *rows, FILE *stream)
{
    char number[32];

    for (int i = 0; i < rows->columns; i++) {
        write_csv_cell(stream, i, gw_export_text(rows->statement, i, number));
    }
    fputs("\r\n", stream);
}

/* ---- JSON lines -------------------------------------------------------------------------------------- */

static bool
is_bare(sqlite3_stmt *row, int column)
{
    int type = sqlite3_column_type(row, column);

    return column == GW_EXPORT_VERIFIED || type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}

static void
write_json_row(const struct gw_export_rows *rows, FILE *stream)
{
    struct gw_text line = {0};
    char number[32];

    for (int i = 0; i < rows->columns; i++) {
        gw_text_add(&line, i == 0 ? "{" : ",");
        gw_text_add_json(&line, sqlite3_column_name(rows->statement, i));
        gw_text_add(&line, ":");
        if (sqlite3_column_type(rows->statement, i) == SQLITE_NULL) {
            gw_text_add(&line, "null");
        } else if (is_bare(rows->statement, i)) {
            gw_text_add(&line, gw_export_text(rows->statement, i, number));
        } else {
            gw_text_add_json(&line, gw_export_text(rows->statement, i, number));
        }
    }
    gw_text_add(&line, "}\n");
    fputs(line.bytes == NULL ? "" : line.bytes, stream);
    gw_text_clear(&line);
}

static void
write_nothing(const struct gw_export_rows *rows, FILE *stream)
{
    (void)rows;
    (void)stream;
}

/* ---- all of them ------------------------------------------------------------------------------------- */

static const struct {
    enum gw_export_rest rest;
    void (*names)(const struct gw_export_rows *rows, FILE *stream);
    void (*row)(const struct gw_export_rows *rows, FILE *stream); /* NULL: a summary */
} writers[GW_EXPORT_FORMATS] = {
    [GW_EXPORT_CSV] = {GW_EXPORT_METRIC_ROWS, write_csv_names, write_csv_row},
    [GW_EXPORT_WIDE_CSV] = {GW_EXPORT_METRIC_COLUMNS, write_csv_names, write_csv_row},
    [GW_EXPORT_JSONL] = {GW_EXPORT_METRIC_COLUMNS, write_nothing, write_json_row},
};

bool
gw_export_runs(struct gw_store *store, enum gw_export_format format, FILE *stream,
               struct gw_error *err)
{
    struct gw_export_rows rows;
    int status;

    if (writers[format].row == NULL) {
        return gw_export_summary(store, format, stream, err);
    }
    if (!gw_export_open(store, writers[format].rest, &rows, err)) {
        return false;
    }
    writers[format].names(&rows, stream);
    while ((status = sqlite3_step(rows.statement)) == SQLITE_ROW) {
        writers[format].row(&rows, stream);
    }
    gw_export_close(&rows);
    return status == SQLITE_DONE || gw_store_fail(store, "cannot be exported", err);
}
