/* report_curves.c - the convergence curves of runs as JSON, for the script of the page.
 *
 * Idea      One run stands for each row of the verdicts: its first replication. All curves share a
 *           budget of numbers, so a page stays small whatever the study. What remains is sampled,
 *           rates are means of what is left out.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "results/figures_run.h"
#include "results/html.h"
#include "results/report_shared.h"
#include "results/style.h"
#include "results/value_order.h"

enum { CURVES_MOST = 120, NUMBERS_MOST = 26000, POINTS_LEAST = 40, POINTS_MOST = 300 };

static const double NS_PER_S = 1e9;

struct measure {
    const char *name, *unit;
    double scale;
    int column;
    bool sampled; /* else a mean */
};

enum { MEASURES_MOST = 5 };

/* By enum gw_series_id; those without rows here have no curves. */
static const struct measure disk_measures[] = {
    {"Remaining", "GiB", 1.0 / 1073741824.0, 0, true},
    {"Dirtied", "MB/s", 1e-6, 3, false},
    {"Copied", "MB/s", 1e-6, 4, false},
};
static const struct measure memory_measures[MEASURES_MOST] = {
    {"Remaining", "GiB", 1.0 / 1073741824.0, 0, true},
    {"Dirtied", "MB/s", 1e-6, 1, false},
    {"Sent", "MB/s", 1e-6, 2, false},
    {"Throttle", "%", 1.0, 3, true},
    {"Guest speed", "%", 100.0, 5, false},
};

static enum gw_series_id
series_of(const struct gw_result *run)
{
    return run->series[GW_SERIES_PROGRESS].rows > 0 ? GW_SERIES_PROGRESS : GW_SERIES_MEMORY;
}

static const struct measure *
measures_of(enum gw_series_id id, size_t *count)
{
    bool is_disk = id == GW_SERIES_PROGRESS;

    *count = is_disk ? sizeof disk_measures / sizeof disk_measures[0] : MEASURES_MOST;
    return is_disk ? disk_measures : memory_measures;
}

static bool
has_curve(const struct gw_result *run)
{
    return run->series[series_of(run)].rows > 1;
}

static size_t
count_curves(const struct gw_report_book *book)
{
    size_t count = 0;

    for (size_t i = 0; i < book->group_count; i++) {
        for (size_t k = 0; k < book->groups[i].row_count; k++) {
            count += has_curve(book->groups[i].rows[k].runs[0]);
        }
    }
    return count < CURVES_MOST ? count : CURVES_MOST;
}

/* JSON knows no NaN. */
static void
add_number(struct gw_text *out, double number, const char *separator)
{
    if (isfinite(number)) {
        gw_text_format(out, "%s%.5g", separator, number);
        return;
    }
    gw_text_format(out, "%snull", separator);
}

/* The rows of a series that make a curve. */
struct span {
    size_t first, end, stride;
};

/* A migration that is only being prepared has nothing to copy yet: that is no point of a curve. What
 * comes long after its end is none either. */
static struct span
span_of(const struct gw_result *run, size_t points)
{
    const struct gw_series *series = &run->series[series_of(run)];
    double time_s = run->metric[GW_METRIC_MIGRATION_TIME_S];
    double end_s = gw_result_start_s(run) + 1.05 * time_s;
    struct span span = {0, series->rows, 1};

    while (span.first + 1 < span.end && !(series->values[span.first * series->columns] > 0.0)) {
        span.first++;
    }
    while (isfinite(time_s) && span.end > span.first + 2 &&
           (double)series->t_ns[span.end - 2] / NS_PER_S > end_s) {
        span.end--;
    }
    span.stride = (span.end - span.first + points - 1) / points;
    return span;
}

/* Every stride-th row and the last one. */
static size_t
next_row(const struct span *span, size_t row)
{
    bool at_last = row + 1 == span->end;

    return !at_last && row + span->stride >= span->end ? span->end - 1 : row + span->stride;
}

static double
value_at(const struct gw_series *series, const struct measure *measure, size_t row,
         const struct span *span)
{
    size_t end = row + span->stride < span->end ? row + span->stride : span->end;
    double sum = 0.0;

    if (measure->sampled || row + 1 == span->end) {
        end = row + 1;
    }
    for (size_t i = row; i < end; i++) {
        sum += series->values[i * series->columns + (size_t)measure->column];
    }
    return measure->scale * sum / (double)(end - row);
}

static bool
is_alone(const struct gw_report_group *group)
{
    for (size_t i = 1; i < group->count; i++) {
        if (strcmp(group->runs[i]->architecture, group->runs[0]->architecture) != 0) {
            return false;
        }
    }
    return group->compared != NULL;
}

/* As in the figures: settings of one architecture differ in colour, by the order of their values. */
static struct gw_style
style_of(const struct gw_report_group *group, const struct gw_report_row *row)
{
    char key[40];
    size_t before = 0;

    if (!is_alone(group)) {
        return gw_style_of(row->variant);
    }
    for (size_t i = 0; i < group->row_count; i++) {
        bool first = gw_values_compare(group->rows[i].variant, row->variant) < 0;
        for (size_t k = 0; first && k < i; k++) {
            first = strcmp(group->rows[i].variant, group->rows[k].variant) != 0;
        }
        before += first;
    }
    snprintf(key, sizeof key, "series#%zu", before);
    return gw_style_of(key);
}

static void
add_curve(const struct gw_report_group *group, const struct gw_report_row *row, size_t points,
          struct gw_text *out)
{
    const struct gw_result *run = row->runs[0];
    enum gw_series_id id = series_of(run);
    const struct gw_series *series = &run->series[id];
    struct gw_style style = style_of(group, row);
    double start_s = gw_result_start_s(run);
    struct span span = span_of(run, points);
    struct gw_text name = {0};
    size_t measure_count;
    const struct measure *measures = measures_of(id, &measure_count);

    gw_report_variant(group, row, &name);
    gw_text_add(out, "{\"name\":");
    gw_html_json(out, name.bytes);
    gw_text_format(out, ",\"colour\":\"%s\",\"dash\":%d,\"run\":", style.colour, style.dash);
    gw_html_json(out, run->run_id);
    gw_text_add(out, ",\"t\":[");
    for (size_t i = span.first; i < span.end; i = next_row(&span, i)) {
        add_number(out, (double)series->t_ns[i] / NS_PER_S - start_s, i == span.first ? "" : ",");
    }
    gw_text_add(out, "],\"v\":[");
    for (size_t k = 0; k < measure_count; k++) {
        gw_text_add(out, k == 0 ? "[" : ",[");
        for (size_t i = span.first; i < span.end; i = next_row(&span, i)) {
            add_number(out, value_at(series, &measures[k], i, &span), i == span.first ? "" : ",");
        }
        gw_text_add(out, "]");
    }
    gw_text_add(out, "]}");
    out->failed |= name.failed;
    gw_text_clear(&name);
}

static void
add_cell(const struct gw_report_group *group, const struct gw_report_cell *cell, size_t points,
         size_t *left, struct gw_text *out)
{
    const char *separator = "";

    gw_text_add(out, "{\"name\":");
    gw_html_json(out, cell->name);
    gw_text_add(out, ",\"curves\":[");
    for (size_t i = cell->first_row; i<cell->first_row + cell->row_count && * left> 0; i++) {
        if (has_curve(group->rows[i].runs[0])) {
            gw_text_add(out, separator);
            add_curve(group, &group->rows[i], points, out);
            separator = ",\n";
            --*left;
        }
    }
    gw_text_add(out, "]}");
}

static void
add_measures(const struct gw_result *run, struct gw_text *out)
{
    size_t count;
    const struct measure *measures = measures_of(series_of(run), &count);

    gw_text_add(out, ",\"measures\":[");
    for (size_t i = 0; i < count; i++) {
        gw_text_format(out, "%s{\"name\":\"%s\",\"unit\":\"%s\"}", i == 0 ? "" : ",",
                       measures[i].name, measures[i].unit);
    }
    gw_text_add(out, "]");
}

bool
gw_report_curves(const struct gw_report_page *page, bool *any)
{
    const struct gw_report_book *book = page->book;
    struct gw_text *out = page->out;
    size_t left = count_curves(book);
    size_t points = left == 0 ? POINTS_MOST : NUMBERS_MOST / (4 * left);
    const char *separator = "";

    *any = left > 0;
    points = points > POINTS_MOST ? POINTS_MOST : points < POINTS_LEAST ? POINTS_LEAST : points;
    gw_text_add(out, "[");
    for (size_t i = 0; i < book->group_count && left > 0; i++) {
        const struct gw_report_group *group = &book->groups[i];
        struct gw_text name = {0};

        gw_text_format(&name, "%s, guest %s", group->scenario, group->vm);
        gw_text_format(out, "%s{\"name\":", separator);
        gw_html_json(out, name.bytes);
        add_measures(group->runs[0], out);
        gw_text_add(out, ",\"cells\":[");
        for (size_t k = 0; k < group->cell_count && left > 0; k++) {
            gw_text_add(out, k == 0 ? "" : ",\n");
            add_cell(group, &group->cells[k], points, &left, out);
        }
        gw_text_add(out, "]}");
        separator = ",\n";
        out->failed |= name.failed;
        gw_text_clear(&name);
    }
    gw_text_add(out, "]");
    return !out->failed;
}
