/* output_summary.c - measured figures beside ours, summed up by group and metric.
 *
 * Idea      Costs were fitted to a few of the cases. What is said of all cases is said again of
 *           those that were predicted, so that nobody has to wonder.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>

#include "results/output_shared.h"

static void
set_spread(json_t *object, const char *prefix, const struct gw_spread *spread)
{
    const struct {
        const char *key;
        double value;
    } fields[] = {{"median_abs_error_pct", spread->median},
                  {"p90_abs_error_pct", spread->p90},
                  {"worst_abs_error_pct", spread->worst}};
    char key[64];

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        snprintf(key, sizeof key, "%s%s", prefix, fields[i].key);
        json_object_set_new(object, key, gw_output_number_json(fields[i].value));
    }
}

static json_t *
count_json(double value)
{
    return isfinite(value) ? json_integer((json_int_t)value) : json_null();
}

static json_t *
row_json(const struct gw_cells_summary *row)
{
    json_t *object = json_object();

    json_object_set_new(object, "group", json_string(row->group));
    json_object_set_new(object, "metric", json_string(row->metric));
    json_object_set_new(object, "n", json_integer((json_int_t)row->count));
    json_object_set_new(object, "right", count_json(row->right));
    json_object_set_new(object, "within_one", count_json(row->within_one));
    set_spread(object, "", &row->errors);
    json_object_set_new(object, "predicted_n", json_integer((json_int_t)row->predicted.count));
    set_spread(object, "predicted_", &row->predicted);
    return object;
}

static json_t *
summary_json(const struct gw_cells_summary *rows, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < count; i++) {
        if (json_array_append_new(array, row_json(&rows[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

/* ---- as a table ------------------------------------------------------------------------------ */

enum { ALL_DIGITS = -1 };

static void
add_number(struct gw_table *table, double value, int decimals)
{
    if (!isfinite(value)) {
        gw_table_add(table, "");
    } else if (decimals == ALL_DIGITS) {
        gw_table_format(table, "%.15g", value);
    } else {
        gw_table_format(table, "%.*f", decimals, value);
    }
}

static void
add_spread(struct gw_table *table, const struct gw_spread *spread, bool csv)
{
    int decimals = csv ? ALL_DIGITS : 1;

    add_number(table, spread->median, decimals);
    add_number(table, spread->p90, decimals);
    add_number(table, spread->worst, decimals);
}

static bool
summary_table(const struct gw_output *output, const struct gw_cells_summary *rows, size_t count,
              enum gw_table_style style)
{
    static const char *const headings[] = {"group",        "metric",    ">n",     ">right",
                                           ">within 1",    ">median %", ">p90 %", ">worst %",
                                           ">predicted n", ">median %", ">p90 %", ">worst %"};
    static const char *const csv_headings[] = {"group",
                                               "metric",
                                               "n",
                                               "right",
                                               "within_one",
                                               "median_abs_error_pct",
                                               "p90_abs_error_pct",
                                               "worst_abs_error_pct",
                                               "predicted_n",
                                               "predicted_median_abs_error_pct",
                                               "predicted_p90_abs_error_pct",
                                               "predicted_worst_abs_error_pct"};
    const size_t heading_count = sizeof headings / sizeof headings[0];
    bool csv = style == GW_TABLE_CSV;
    struct gw_table table;

    gw_table_init(&table, heading_count);
    for (size_t i = 0; i < heading_count; i++) {
        gw_table_add(&table, csv ? csv_headings[i] : headings[i]);
    }
    for (size_t i = 0; i < count; i++) {
        gw_table_add(&table, rows[i].group);
        gw_table_add(&table, rows[i].metric);
        gw_table_format(&table, "%zu", rows[i].count);
        add_number(&table, rows[i].right, 0);
        add_number(&table, rows[i].within_one, 0);
        add_spread(&table, &rows[i].errors, csv);
        gw_table_format(&table, "%zu", rows[i].predicted.count);
        add_spread(&table, &rows[i].predicted, csv);
    }
    bool ok = gw_table_print(&table, output->stream, style, output->colour);
    gw_table_clear(&table);
    return ok;
}

static json_t *
within(json_t *root, const char *key, json_t *list)
{
    bool fine = root != NULL && list != NULL && json_object_set(root, key, list) == 0;

    json_decref(list);
    if (!fine) {
        json_decref(root);
        return NULL;
    }
    return root;
}

static enum gw_table_style
style_of(enum gw_output_format format)
{
    return format == GW_OUTPUT_CSV  ? GW_TABLE_CSV
           : format == GW_OUTPUT_MD ? GW_TABLE_MARKDOWN
                                    : GW_TABLE_TEXT;
}

bool
gw_output_summary(const struct gw_output *output, const struct gw_cells_summary *rows, size_t count,
                  struct gw_error *err)
{
    bool json = output->format == GW_OUTPUT_JSON || output->format == GW_OUTPUT_JSONL;
    bool ok =
        json ? gw_output_dump(output, within(json_object(), "summary", summary_json(rows, count)),
                              "summary")
             : summary_table(output, rows, count, style_of(output->format));

    return gw_output_done(output, ok, err);
}

bool
gw_output_report(const struct gw_output *output, const struct gw_cells_report *report,
                 struct gw_error *err)
{
    bool ok;

    if (output->format == GW_OUTPUT_JSON) {
        json_t *summary = summary_json(report->summary, report->summary_count);

        ok = gw_output_dump(
            output, within(gw_output_cells_json(report->cells, report->count), "summary", summary),
            "cells");
        return gw_output_done(output, ok, err);
    }
    ok = gw_output_cells(output, report->cells, report->count, err);
    if (!ok || output->format == GW_OUTPUT_CSV || output->format == GW_OUTPUT_JSONL) {
        return ok;
    }
    fputs("\n", output->stream);
    ok = summary_table(output, report->summary, report->summary_count, style_of(output->format));
    return gw_output_done(output, ok, err);
}
