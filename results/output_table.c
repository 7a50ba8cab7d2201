/* output_table.c - runs as rows: for people (what differs, human units) and as wide CSV.
 *
 * Idea      A column that is the same in every row says nothing: scenario, vm, replication and
 *           the parameters are shown where they vary. Runs on disks and runs of memory have some
 *           columns of their own. Replications are summed up in a second table, mean and 95 %
 *           t-interval of the completed ones.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/output_shared.h"
#include "results/statistics.h"

struct selection {
    const struct gw_result *const *results;
    size_t count;
    const char **names; /* of the parameters that are shown */
    size_t name_count;
    bool scenario, vm, replication;
};

static bool
contains(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

bool
gw_output_parameter_names(const struct gw_result *const *results, size_t count, const char ***names,
                          size_t *name_count)
{
    size_t allocated = 1;

    for (size_t i = 0; i < count; i++) {
        allocated += results[i]->parameter_count;
    }
    *names = calloc(allocated, sizeof **names);
    *name_count = 0;
    if (*names == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < results[i]->parameter_count; k++) {
            const char *name = results[i]->parameter_names[k];
            if (!contains(*names, *name_count, name)) {
                (*names)[(*name_count)++] = name;
            }
        }
    }
    return true;
}

static const char *
or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

static bool
parameter_varies(const struct selection *rows, const char *name)
{
    for (size_t i = 1; i < rows->count; i++) {
        if (strcmp(gw_result_parameter(rows->results[0], name),
                   gw_result_parameter(rows->results[i], name)) != 0) {
            return true;
        }
    }
    return false;
}

/* The architecture has its own column, so a sweep over it needs no second one. */
static bool
repeats_architecture(const struct selection *rows, const char *name)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (strcmp(gw_result_parameter(rows->results[i], name),
                   or_empty(rows->results[i]->architecture)) != 0) {
            return false;
        }
    }
    return true;
}

static bool
select_columns(struct selection *rows, const struct gw_result *const *results, size_t count)
{
    *rows = (struct selection){.results = results, .count = count};
    if (!gw_output_parameter_names(results, count, &rows->names, &rows->name_count)) {
        return false;
    }
    size_t kept = 0;
    for (size_t i = 0; i < rows->name_count; i++) {
        if (parameter_varies(rows, rows->names[i]) && !repeats_architecture(rows, rows->names[i])) {
            rows->names[kept++] = rows->names[i];
        }
    }
    rows->name_count = kept;
    for (size_t i = 1; i < count; i++) {
        rows->scenario |=
            strcmp(or_empty(results[0]->scenario), or_empty(results[i]->scenario)) != 0;
        rows->vm |= strcmp(or_empty(results[0]->vm), or_empty(results[i]->vm)) != 0;
        rows->replication |= results[0]->replication != results[i]->replication;
    }
    return true;
}

static void
add_key_headings(struct gw_table *table, const struct selection *rows)
{
    if (rows->scenario) {
        gw_table_add(table, "scenario");
    }
    if (rows->vm) {
        gw_table_add(table, "vm");
    }
    gw_table_add(table, "architecture");
    for (size_t i = 0; i < rows->name_count; i++) {
        gw_table_format(table, ">%s", gw_result_short_name(rows->names[i]));
    }
}

static void
add_key(struct gw_table *table, const struct selection *rows, const struct gw_result *result)
{
    if (rows->scenario) {
        gw_table_add(table, result->scenario);
    }
    if (rows->vm) {
        gw_table_add(table, result->vm);
    }
    gw_table_add(table, result->architecture);
    for (size_t i = 0; i < rows->name_count; i++) {
        gw_table_add(table, gw_result_parameter(result, rows->names[i]));
    }
}

static size_t
key_columns(const struct selection *rows)
{
    return 1 + (size_t)rows->scenario + (size_t)rows->vm + rows->name_count;
}

static void
add_seconds(struct gw_table *table, double value)
{
    if (isfinite(value)) {
        gw_table_format(table, "%.3f", value);
        return;
    }
    gw_table_add(table, "-");
}

static void
add_count(struct gw_table *table, double value)
{
    if (isfinite(value)) {
        gw_table_format(table, "%.0f", value);
        return;
    }
    gw_table_add(table, "-");
}

static void
add_bytes(struct gw_table *table, double value)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    size_t unit = 0;

    if (!isfinite(value)) {
        gw_table_add(table, "-");
        return;
    }
    while (fabs(value) >= 1024.0 && unit + 1 < sizeof units / sizeof units[0]) {
        value /= 1024.0;
        unit++;
    }
    gw_table_format(table, unit == 0 ? "%.0f %s" : "%.2f %s", value, units[unit]);
}

static void
add_percent(struct gw_table *table, double value)
{
    if (isfinite(value)) {
        gw_table_format(table, "%.1f", value);
        return;
    }
    gw_table_add(table, "-");
}

static void
add_percent_of_share(struct gw_table *table, double value)
{
    add_percent(table, 100.0 * value);
}

/* Which runs a column is for. */
enum run_kind { DISK_RUN = 1, MEMORY_RUN = 2, ANY_RUN = DISK_RUN | MEMORY_RUN };

static enum run_kind
kind_of(const struct gw_result *result)
{
    return isfinite(result->metric[GW_METRIC_SYNC_COUNT]) ? MEMORY_RUN : DISK_RUN;
}

/* What stands between the outcome and the verdict. */
static const struct column {
    const char *heading;
    enum gw_metric metric;
    void (*add)(struct gw_table *table, double value);
    enum run_kind kind;
    bool if_any; /* left out when it is 0 in all runs */
} columns[] = {
    {">time s", GW_METRIC_MIGRATION_TIME_S, add_seconds, ANY_RUN, false},
    {">downtime s", GW_METRIC_DOWNTIME_S, add_seconds, ANY_RUN, false},
    {">penalty s", GW_METRIC_GUEST_PENALTY_S, add_seconds, ANY_RUN, false},
    {">iterations", GW_METRIC_ITERATIONS, add_count, DISK_RUN, false},
    {">syncs", GW_METRIC_SYNC_COUNT, add_count, MEMORY_RUN, false},
    {">bytes sent", GW_METRIC_BYTES_SENT, add_bytes, ANY_RUN, false},
    {">throttle %", GW_METRIC_THROTTLE_PCT_MOST, add_percent, MEMORY_RUN, true},
    {">busy %", GW_METRIC_COMPRESSION_BUSY_RATE, add_percent_of_share, MEMORY_RUN, true},
    {">requests", GW_METRIC_POSTCOPY_REQUESTS, add_count, MEMORY_RUN, true},
    {">guest %", GW_METRIC_GUEST_RATE_RATIO, add_percent_of_share, MEMORY_RUN, false},
};

enum { COLUMN_COUNT = sizeof columns / sizeof columns[0] };

static bool
column_is_shown(const struct selection *rows, const struct column *column)
{
    for (size_t i = 0; i < rows->count; i++) {
        const struct gw_result *result = rows->results[i];
        double value = result->metric[column->metric];

        if ((kind_of(result) & column->kind) != 0 &&
            (!column->if_any || (isfinite(value) && fabs(value) > 0.0))) {
            return true;
        }
    }
    return false;
}

static void
add_run(struct gw_table *table, const struct selection *rows, const struct gw_result *result,
        const bool *shown)
{
    bool completed = result->outcome == GW_COMPLETED;

    add_key(table, rows, result);
    if (rows->replication) {
        gw_table_format(table, "%lld", (long long)result->replication);
    }
    gw_table_add_toned(table, completed ? GW_TONE_PLAIN : GW_TONE_BAD,
                       gw_outcome_name(result->outcome));
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        bool has = (kind_of(result) & columns[i].kind) != 0;

        if (shown[i]) {
            columns[i].add(table, has ? result->metric[columns[i].metric] : (double)NAN);
        }
    }
    gw_table_add_toned(table, result->verified ? GW_TONE_GOOD : GW_TONE_BAD,
                       result->verified ? "yes" : "NO");
}

static bool
print_runs(const struct gw_output *output, const struct selection *rows, enum gw_table_style style)
{
    bool shown[COLUMN_COUNT];
    size_t width = key_columns(rows) + rows->replication + 2;
    struct gw_table table;

    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        shown[i] = column_is_shown(rows, &columns[i]);
        width += shown[i];
    }
    gw_table_init(&table, width);
    add_key_headings(&table, rows);
    if (rows->replication) {
        gw_table_add(&table, ">replication");
    }
    gw_table_add(&table, "outcome");
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (shown[i]) {
            gw_table_add(&table, columns[i].heading);
        }
    }
    gw_table_add(&table, "verified");
    for (size_t i = 0; i < rows->count; i++) {
        add_run(&table, rows, rows->results[i], shown);
    }
    bool ok = gw_table_print(&table, output->stream, style, output->colour);
    gw_table_clear(&table);
    return ok;
}

static bool
same_key(const struct selection *rows, const struct gw_result *a, const struct gw_result *b)
{
    if (strcmp(or_empty(a->scenario), or_empty(b->scenario)) != 0 ||
        strcmp(or_empty(a->vm), or_empty(b->vm)) != 0 ||
        strcmp(or_empty(a->architecture), or_empty(b->architecture)) != 0) {
        return false;
    }
    for (size_t i = 0; i < rows->name_count; i++) {
        if (strcmp(gw_result_parameter(a, rows->names[i]),
                   gw_result_parameter(b, rows->names[i])) != 0) {
            return false;
        }
    }
    return true;
}

static bool
is_first_of_key(const struct selection *rows, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (same_key(rows, rows->results[i], rows->results[index])) {
            return false;
        }
    }
    return true;
}

static void
add_summary(struct gw_table *table, const double *values, size_t count)
{
    struct gw_summary summary;

    gw_summary_of(values, count, 0.95, &summary);
    if (summary.count == 0) {
        gw_table_add(table, "-");
        return;
    }
    if (isnan(summary.half_width)) {
        gw_table_format(table, "%.3f", summary.mean);
        return;
    }
    gw_table_format(table, "%.3f \u00b1 %.3f", summary.mean, summary.half_width);
}

static void
add_group(struct gw_table *table, const struct selection *rows, size_t index, double *values)
{
    static const enum gw_metric metrics[] = {GW_METRIC_MIGRATION_TIME_S, GW_METRIC_DOWNTIME_S,
                                             GW_METRIC_GUEST_PENALTY_S};
    const struct gw_result *first = rows->results[index];
    size_t all = 0;

    add_key(table, rows, first);
    for (size_t k = 0; k < sizeof metrics / sizeof metrics[0]; k++) {
        size_t completed = 0;
        all = 0;
        for (size_t i = index; i < rows->count; i++) {
            const struct gw_result *result = rows->results[i];
            if (!same_key(rows, first, result)) {
                continue;
            }
            all++;
            if (result->outcome == GW_COMPLETED) {
                values[completed++] = result->metric[metrics[k]];
            }
        }
        if (k == 0) {
            gw_table_format(table, "%zu/%zu", completed, all);
        }
        add_summary(table, values, completed);
    }
}

static bool
print_summary(const struct gw_output *output, const struct selection *rows,
              enum gw_table_style style)
{
    struct gw_table table;
    double *values = malloc((rows->count + 1) * sizeof *values);

    if (values == NULL) {
        return false;
    }
    gw_table_init(&table, key_columns(rows) + 4);
    add_key_headings(&table, rows);
    gw_table_add(&table, ">completed");
    gw_table_add(&table, ">time s");
    gw_table_add(&table, ">downtime s");
    gw_table_add(&table, ">penalty s");
    for (size_t i = 0; i < rows->count; i++) {
        if (is_first_of_key(rows, i)) {
            add_group(&table, rows, i, values);
        }
    }
    fputs("\nmean \u00b1 95 % t-interval of the completed replications\n\n", output->stream);
    bool ok = gw_table_print(&table, output->stream, style, output->colour);
    gw_table_clear(&table);
    free(values);
    return ok;
}

/* Why a run did not complete or verify is a sentence: too long for a column. */
static void
print_notes(const struct gw_output *output, const struct selection *rows)
{
    const char *gap = "\n";

    for (size_t i = 0; i < rows->count; i++) {
        const struct gw_result *result = rows->results[i];
        if (result->outcome == GW_COMPLETED && result->verified) {
            continue;
        }
        fprintf(output->stream, "%s%s", gap, or_empty(result->architecture));
        for (size_t k = 0; k < rows->name_count; k++) {
            fprintf(output->stream, " %s=%s", gw_result_short_name(rows->names[k]),
                    gw_result_parameter(result, rows->names[k]));
        }
        fprintf(output->stream, " replication %lld: %s%s%s%s%s\n", (long long)result->replication,
                gw_outcome_name(result->outcome), result->reason == NULL ? "" : ": ",
                or_empty(result->reason), result->verified ? "" : "; not verified: ",
                result->verified ? "" : result->verify_note);
        gap = "";
    }
}

bool
gw_output_runs_table(const struct gw_output *output, const struct gw_result *const *results,
                     size_t count, enum gw_table_style style)
{
    struct selection rows;

    if (count == 0) {
        fputs("no runs\n", output->stream);
        return true;
    }
    if (!select_columns(&rows, results, count)) {
        return false;
    }
    bool ok = print_runs(output, &rows, style);
    if (rows.replication) {
        ok = print_summary(output, &rows, style) && ok;
    }
    print_notes(output, &rows);
    free(rows.names);
    return ok;
}
