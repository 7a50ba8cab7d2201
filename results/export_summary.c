/* export_summary.c - a row for each point of a study, as a Markdown table or a LaTeX tabular.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "results/export_shared.h"
#include "results/statistics.h"

/* What most people ask for; a column without any value is left out. */
static const enum gw_metric shown[] = {
    GW_METRIC_MIGRATION_TIME_S, GW_METRIC_TOTAL_TIME_S, GW_METRIC_DOWNTIME_S,
    GW_METRIC_GUEST_PENALTY_S,  GW_METRIC_ITERATIONS,   GW_METRIC_BYTES_SENT,
};

enum { SHOWN = sizeof shown / sizeof shown[0], CONFIDENCE_PCT = 95, POINT_KEYS = 3 };

struct point {
    char **keys;           /* scenario, vm, architecture, then the parameters */
    double *values[SHOWN]; /* runs; a missing one is NAN */
    size_t runs, allocated;
    size_t completed;
};

struct summary {
    struct point *points;
    size_t count;
    size_t key_count;
    const struct gw_export_rows *rows;
    bool seen[SHOWN];
};

/* Column of the query that holds a key of the point. */
static int
column_of(size_t key)
{
    return key < POINT_KEYS ? (int)key : GW_EXPORT_KEYS + (int)(key - POINT_KEYS);
}

static bool
is_same(const struct summary *summary, const struct point *point)
{
    char number[32];

    for (size_t i = 0; i < summary->key_count; i++) {
        const char *text = gw_export_text(summary->rows->statement, column_of(i), number);

        if (strcmp(point->keys[i], text) != 0) {
            return false;
        }
    }
    return true;
}

static bool
add_point(struct summary *summary)
{
    struct point *points = realloc(summary->points, (summary->count + 1) * sizeof *points);
    char number[32];

    if (points == NULL) {
        return false;
    }
    summary->points = points;
    struct point *point = &points[summary->count++];
    *point = (struct point){.keys = calloc(summary->key_count, sizeof *point->keys)};
    for (size_t i = 0; point->keys != NULL && i < summary->key_count; i++) {
        point->keys[i] = strdup(gw_export_text(summary->rows->statement, column_of(i), number));
        if (point->keys[i] == NULL) {
            return false;
        }
    }
    return point->keys != NULL;
}

/* Neighbours in the database are mostly of one point. NULL: memory is out. */
static struct point *
find_point(struct summary *summary)
{
    for (size_t i = summary->count; i > 0; i--) {
        if (is_same(summary, &summary->points[i - 1])) {
            return &summary->points[i - 1];
        }
    }
    return add_point(summary) ? &summary->points[summary->count - 1] : NULL;
}

static bool
grow(struct point *point)
{
    size_t wanted = point->allocated == 0 ? 16 : 2 * point->allocated;

    for (size_t i = 0; i < SHOWN; i++) {
        double *values = realloc(point->values[i], wanted * sizeof *values);
        if (values == NULL) {
            return false;
        }
        point->values[i] = values;
    }
    point->allocated = wanted;
    return true;
}

static bool
add_run(struct summary *summary)
{
    sqlite3_stmt *row = summary->rows->statement;
    struct point *point = find_point(summary);
    int first = GW_EXPORT_KEYS + summary->rows->parameters;

    if (point == NULL || (point->runs == point->allocated && !grow(point))) {
        return false;
    }
    for (size_t i = 0; i < SHOWN; i++) {
        int column = first + (int)shown[i];
        bool given = sqlite3_column_type(row, column) != SQLITE_NULL;

        point->values[i][point->runs] = given ? sqlite3_column_double(row, column) : (double)NAN;
        summary->seen[i] = summary->seen[i] || given;
    }
    const char *outcome = (const char *)sqlite3_column_text(row, GW_EXPORT_OUTCOME);
    point->completed += outcome != NULL && strcmp(outcome, "completed") == 0 ? 1 : 0;
    point->runs++;
    return true;
}

static void
clear(struct summary *summary)
{
    for (size_t i = 0; i < summary->count; i++) {
        struct point *point = &summary->points[i];

        for (size_t k = 0; point->keys != NULL && k < summary->key_count; k++) {
            free(point->keys[k]);
        }
        free(point->keys);
        for (size_t k = 0; k < SHOWN; k++) {
            free(point->values[k]);
        }
    }
    free(summary->points);
}

/* ---- two ways to write ------------------------------------------------------------------------------- */

struct style {
    const char *between, *begin, *end; /* of cells and rows */
    const char *plus_minus;
    const char *special;      /* characters that stand behind a backslash */
    const char *const *named; /* pairs of a character and what is written for it; NULL ends them */
    const char *rule;         /* after the headings; NULL: a cell of `cell_rule` for each */
    const char *cell_rule[2]; /* of texts, of numbers */
    const char *first, *last; /* of the table; `first` is followed by the columns' letters */
};

static const char *const markdown_named[] = {NULL};
/* A backslash before these would be a command or an accent; < and > are other glyphs in the fonts
 * that LaTeX begins with. */
static const char *const latex_named[] = {"\\", "\\textbackslash{}",   "~", "\\textasciitilde{}",
                                          "^",  "\\textasciicircum{}", "<", "\\textless{}",
                                          ">",  "\\textgreater{}",     "|", "\\textbar{}",
                                          NULL};

static const struct style markdown = {
    .between = " | ",
    .begin = "| ",
    .end = " |\n",
    .plus_minus = " ± ",
    .special = "|\\`*_<>",
    .named = markdown_named,
    .cell_rule = {"---", "---:"},
};
static const struct style latex = {
    .between = " & ",
    .begin = "",
    .end = " \\\\\n",
    .plus_minus = " $\\pm$ ",
    .special = "&%$#_{}",
    .named = latex_named,
    .rule = "\\hline\n",
    .first = "\\begin{tabular}{",
    .last = "\\end{tabular}\n",
};

static const char *
named_text(const struct style *style, char byte)
{
    for (const char *const *pair = style->named; *pair != NULL; pair += 2) {
        if (**pair == byte) {
            return pair[1];
        }
    }
    return NULL;
}

static void
write_text(FILE *stream, const struct style *style, const char *text)
{
    for (; *text != '\0'; text++) {
        const char *name = named_text(style, *text);

        if (name != NULL) {
            fputs(name, stream);
            continue;
        }
        fputs(strchr(style->special, *text) != NULL ? "\\" : "", stream);
        fputc((unsigned char)*text < ' ' ? ' ' : *text, stream);
    }
}

static void
write_cell(FILE *stream, const struct style *style, const char *text)
{
    fputs(style->between, stream);
    write_text(stream, style, text);
}

/* The key columns other than the first. The architecture stands in a column of its own. */
static bool
is_shown(const struct summary *summary, size_t key)
{
    return strcmp(sqlite3_column_name(summary->rows->statement, column_of(key)),
                  "migration.architecture") != 0;
}

static void
write_names(const struct summary *summary, FILE *stream, const struct style *style)
{
    fputs(style->begin, stream);
    write_text(stream, style, "scenario");
    for (size_t i = 1; i < summary->key_count; i++) {
        if (is_shown(summary, i)) {
            write_cell(stream, style, sqlite3_column_name(summary->rows->statement, column_of(i)));
        }
    }
    write_cell(stream, style, "runs");
    write_cell(stream, style, "completed");
    for (size_t i = 0; i < SHOWN; i++) {
        if (summary->seen[i]) {
            write_cell(stream, style, gw_metric_info[shown[i]].key);
        }
    }
    fputs(style->end, stream);
}

/* A mark for each column: of texts, then of numbers. */
static void
write_marks(const struct summary *summary, FILE *stream, const char *between,
            const char *const marks[2])
{
    fputs(marks[0], stream);
    for (size_t i = 1; i < summary->key_count; i++) {
        if (is_shown(summary, i)) {
            fprintf(stream, "%s%s", between, marks[0]);
        }
    }
    fprintf(stream, "%s%s%s%s", between, marks[1], between, marks[1]);
    for (size_t i = 0; i < SHOWN; i++) {
        if (summary->seen[i]) {
            fprintf(stream, "%s%s", between, marks[1]);
        }
    }
}

static void
write_mean(FILE *stream, const struct style *style, const double *values, size_t count)
{
    struct gw_summary summary;

    gw_summary_of(values, count, CONFIDENCE_PCT / 100.0, &summary);
    fputs(style->between, stream);
    if (!isfinite(summary.mean)) {
        return;
    }
    fprintf(stream, "%.5g", summary.mean);
    if (isfinite(summary.half_width)) {
        fprintf(stream, "%s%.2g", style->plus_minus, summary.half_width);
    }
}

static void
write_point(const struct summary *summary, const struct point *point, FILE *stream,
            const struct style *style)
{
    fputs(style->begin, stream);
    write_text(stream, style, point->keys[0]);
    for (size_t i = 1; i < summary->key_count; i++) {
        if (is_shown(summary, i)) {
            write_cell(stream, style, point->keys[i]);
        }
    }
    fprintf(stream, "%s%zu%s%zu", style->between, point->runs, style->between, point->completed);
    for (size_t i = 0; i < SHOWN; i++) {
        if (summary->seen[i]) {
            write_mean(stream, style, point->values[i], point->runs);
        }
    }
    fputs(style->end, stream);
}

static void
write_summary(const struct summary *summary, FILE *stream, const struct style *style)
{
    static const char *const letters[2] = {"l", "r"};

    if (style->first != NULL) {
        fputs(style->first, stream);
        write_marks(summary, stream, "", letters);
        fputs("}\n", stream);
    }
    write_names(summary, stream, style);
    if (style->rule != NULL) {
        fputs(style->rule, stream);
    } else {
        fputs(style->begin, stream);
        write_marks(summary, stream, style->between, style->cell_rule);
        fputs(style->end, stream);
    }
    for (size_t i = 0; i < summary->count; i++) {
        write_point(summary, &summary->points[i], stream, style);
    }
    fputs(style->last == NULL ? "" : style->last, stream);
}

bool
gw_export_summary(struct gw_store *store, enum gw_export_format format, FILE *stream,
                  struct gw_error *err)
{
    struct gw_export_rows rows;
    struct summary summary = {.rows = &rows};
    int status;
    bool fine = true;

    if (!gw_export_open(store, GW_EXPORT_METRIC_COLUMNS, &rows, err)) {
        return false;
    }
    summary.key_count = POINT_KEYS + (size_t)rows.parameters;
    status = sqlite3_step(rows.statement);
    while (fine && status == SQLITE_ROW) {
        fine = add_run(&summary) || gw_fail(err, GW_ENOMEM, "out of memory for the table");
        status = fine ? sqlite3_step(rows.statement) : status;
    }
    if (fine && status != SQLITE_DONE) {
        fine = gw_store_fail(store, "cannot be exported", err);
    }
    if (fine) {
        write_summary(&summary, stream, format == GW_EXPORT_LATEX ? &latex : &markdown);
    }
    clear(&summary);
    gw_export_close(&rows);
    return fine;
}
