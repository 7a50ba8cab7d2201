/* output_cells.c - published or measured figures beside ours, with the error and the verdict.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>

#include "results/output_shared.h"

bool
gw_cells_ok(const struct gw_cell *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (cells[i].verdict == GW_VERDICT_NOT_OK) {
            return false;
        }
    }
    return true;
}

static json_t *
value_json(const struct gw_cell_value *value)
{
    return value->text != NULL ? json_string(value->text) : gw_output_number_json(value->number);
}

static json_t *
verdict_json(enum gw_verdict verdict)
{
    return verdict == GW_VERDICT_NONE ? json_null() : json_boolean(verdict == GW_VERDICT_OK);
}

static json_t *
cell_json(const struct gw_cell *cell)
{
    json_t *object = json_object();

    json_object_set_new(object, "case", json_string(cell->case_name));
    json_object_set_new(object, "metric", json_string(cell->metric));
    json_object_set_new(object, "expected", value_json(&cell->expected));
    json_object_set_new(object, "got", value_json(&cell->got));
    json_object_set_new(object, "error_pct", gw_output_number_json(cell->error_pct));
    json_object_set_new(object, "ok", verdict_json(cell->verdict));
    json_object_set_new(object, "kind", json_string(cell->kind == NULL ? "" : cell->kind));
    json_object_set_new(object, "note", json_string(cell->note == NULL ? "" : cell->note));
    return object;
}

json_t *
gw_output_cells_json(const struct gw_cell *cells, size_t count)
{
    json_t *root = json_object();
    json_t *array = json_array();
    bool ok = root != NULL && array != NULL;

    for (size_t i = 0; ok && i < count; i++) {
        ok = json_array_append_new(array, cell_json(&cells[i])) == 0;
    }
    ok = json_object_set_new(root, "cells", array) == 0 && ok;
    ok = json_object_set_new(root, "ok", json_boolean(gw_cells_ok(cells, count))) == 0 && ok;
    if (!ok) {
        json_decref(root);
        return NULL;
    }
    return root;
}

static void
add_value(struct gw_table *table, const struct gw_cell_value *value, bool csv)
{
    if (value->text != NULL) {
        gw_table_add(table, value->text);
        return;
    }
    gw_table_add_number(table, csv ? GW_TABLE_ALL_DIGITS : 6, value->number);
}

static void
add_verdict(struct gw_table *table, enum gw_verdict verdict, bool csv)
{
    static const char *const words[] = {
        [GW_VERDICT_NONE] = "-", [GW_VERDICT_OK] = "ok", [GW_VERDICT_NOT_OK] = "NOT OK"};
    static const char *const csv_words[] = {
        [GW_VERDICT_NONE] = "", [GW_VERDICT_OK] = "true", [GW_VERDICT_NOT_OK] = "false"};
    static const enum gw_table_tone tones[] = {[GW_VERDICT_NONE] = GW_TONE_QUIET,
                                               [GW_VERDICT_OK] = GW_TONE_GOOD,
                                               [GW_VERDICT_NOT_OK] = GW_TONE_BAD};

    gw_table_add_toned(table, tones[verdict], csv ? csv_words[verdict] : words[verdict]);
}

static void
add_cell(struct gw_table *table, const struct gw_cell *cell, bool csv)
{
    gw_table_add(table, cell->case_name);
    gw_table_add(table, cell->metric);
    add_value(table, &cell->expected, csv);
    add_value(table, &cell->got, csv);
    if (isfinite(cell->error_pct)) {
        gw_table_format(table, csv ? "%.15g" : "%+.1f", cell->error_pct);
    } else {
        gw_table_add(table, "");
    }
    add_verdict(table, cell->verdict, csv);
    gw_table_add(table, cell->kind);
    gw_table_add(table, cell->note);
}

static bool
print_table(const struct gw_output *output, const struct gw_cell *cells, size_t count,
            enum gw_table_style style)
{
    static const char *const headings[] = {"case",       "metric", ">expected", ">got",
                                           ">error_pct", "ok",     "kind",      "note"};
    const size_t heading_count = sizeof headings / sizeof headings[0];
    bool csv = style == GW_TABLE_CSV;
    struct gw_table table;

    gw_table_init(&table, heading_count);
    for (size_t i = 0; i < heading_count; i++) {
        gw_table_add(&table, headings[i]);
    }
    for (size_t i = 0; i < count; i++) {
        add_cell(&table, &cells[i], csv);
    }
    bool ok = gw_table_print(&table, output->stream, style, output->colour);
    gw_table_clear(&table);
    if (!csv) {
        fprintf(output->stream, "\nverdict: %s\n", gw_cells_ok(cells, count) ? "ok" : "NOT OK");
    }
    return ok;
}

static bool
cells_any(const struct gw_output *output, const struct gw_cell *cells, size_t count)
{
    switch (output->format) {
    case GW_OUTPUT_JSON:
    case GW_OUTPUT_JSONL:
        return gw_output_dump(output, gw_output_cells_json(cells, count), "cells");
    case GW_OUTPUT_CSV:
        return print_table(output, cells, count, GW_TABLE_CSV);
    case GW_OUTPUT_MD:
        return print_table(output, cells, count, GW_TABLE_MARKDOWN);
    case GW_OUTPUT_TABLE:
        break;
    }
    return print_table(output, cells, count, GW_TABLE_TEXT);
}

bool
gw_output_cells(const struct gw_output *output, const struct gw_cell *cells, size_t count,
                struct gw_error *err)
{
    return gw_output_done(output, cells_any(output, cells, count), err);
}
