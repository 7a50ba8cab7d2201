/* comparison_output.c - rows of a comparison, and who prints them.
 *
 * Idea      One list of flat rows for JSON and CSV: metrics, curves, changed outcomes, partings.
 *           A row of a curve has its figures at the moment of the largest difference.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/comparison_output.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/comparison_words.h"
#include "results/output_shared.h"
#include "results/settings_difference.h"

/* What of a cell a row is about. Numbers that it has not are NAN. */
struct row {
    const struct gw_compared_cell *cell;
    const char *kind; /* "metric", "curve", "outcome", "parting", "settings" */
    const char *name;
    const char *verdict;
    size_t pairs;
    double mean_a, mean_b, difference, low, high, ratio, ratio_low, ratio_high, p;
    double from_s, to_s, at_s; /* of curves and partings */
    char *words;               /* owned */
};

static const struct column {
    const char *name;
    size_t offset;
} numbers[] = {
    {"mean_a", offsetof(struct row, mean_a)},
    {"mean_b", offsetof(struct row, mean_b)},
    {"difference", offsetof(struct row, difference)},
    {"difference_low", offsetof(struct row, low)},
    {"difference_high", offsetof(struct row, high)},
    {"ratio", offsetof(struct row, ratio)},
    {"ratio_low", offsetof(struct row, ratio_low)},
    {"ratio_high", offsetof(struct row, ratio_high)},
    {"p", offsetof(struct row, p)},
    {"from_s", offsetof(struct row, from_s)},
    {"to_s", offsetof(struct row, to_s)},
    {"at_s", offsetof(struct row, at_s)},
};
enum { NUMBERS = sizeof numbers / sizeof numbers[0] };

static double
number_of(const struct row *row, size_t column)
{
    return *(const double *)(const void *)((const char *)row + numbers[column].offset);
}

struct rows {
    struct row *items;
    size_t count;
    bool failed;
};

/* ---- the rows ------------------------------------------------------------------------------------ */

/* NULL: memory is out. */
static struct row *
add_row(struct rows *rows, const struct gw_compared_cell *cell, const char *kind,
        struct gw_text *words)
{
    struct row *items = realloc(rows->items, (rows->count + 1) * sizeof *items);
    char *text = gw_text_take(words);

    if (items != NULL) {
        rows->items = items;
    }
    if (items == NULL || text == NULL) {
        free(text);
        rows->failed = true;
        return NULL;
    }
    struct row *row = &rows->items[rows->count++];
    *row = (struct row){.cell = cell, .kind = kind, .pairs = cell->group->count, .words = text};
    for (size_t i = 0; i < NUMBERS; i++) {
        *(double *)(void *)((char *)row + numbers[i].offset) = (double)NAN;
    }
    return row;
}

static void
add_metric(struct rows *rows, const struct gw_compared_cell *cell,
           const struct gw_compared_metric *metric, double confidence)
{
    const struct gw_contrast *contrast = &metric->contrast;
    struct gw_text words = {0};

    gw_compared_metric_words(cell, metric, confidence, &words);
    struct row *row = add_row(rows, cell, "metric", &words);
    if (row == NULL) {
        return;
    }
    row->name = gw_metric_info[metric->metric].key;
    row->verdict = gw_comparison_verdict_name(metric->verdict);
    row->pairs = contrast->pairs;
    row->mean_a = contrast->mean_a;
    row->mean_b = contrast->mean_b;
    row->difference = contrast->difference;
    row->low = contrast->low;
    row->high = contrast->high;
    row->ratio = contrast->ratio;
    row->ratio_low = contrast->ratio_low;
    row->ratio_high = contrast->ratio_high;
    row->p = metric->p;
}

static void
add_curve(struct rows *rows, const struct gw_compared_cell *cell,
          const struct gw_compared_curve *curve)
{
    const struct gw_curve_band *band = &curve->band;
    struct gw_text words = {0};

    gw_compared_curve_words(cell, curve, &words);
    struct row *row = add_row(rows, cell, "curve", &words);
    if (row == NULL) {
        return;
    }
    row->name = gw_curve_info[curve->id].key;
    row->verdict = gw_comparison_verdict_name(curve->verdict);
    row->p = curve->p;
    if (curve->mean_a == NULL || band->points == 0) {
        return;
    }
    row->mean_a = curve->mean_a[curve->peak];
    row->mean_b = curve->mean_b[curve->peak];
    row->difference = band->difference[curve->peak];
    row->low = band->low[curve->peak];
    row->high = band->high[curve->peak];
    row->at_s = gw_compared_curve_time(curve, curve->peak);
    if (band->first <= band->last) {
        row->from_s = gw_compared_curve_time(curve, band->first == 0 ? 0 : band->first - 1);
        row->to_s = gw_compared_curve_time(curve, band->last);
    }
}

static void
add_rest(struct rows *rows, const struct gw_compared_cell *cell)
{
    for (size_t i = 0; i < cell->outcome_count; i++) {
        struct gw_text words = {0};

        gw_compared_outcome_words(cell, &cell->outcomes[i], &words);
        struct row *row = add_row(rows, cell, "outcome", &words);
        if (row != NULL) {
            row->name = "outcome";
            row->verdict = "differs";
        }
    }
    if (cell->parting.kind != GW_SAME) {
        struct gw_text words = {0};

        gw_compared_parting_words(cell, &words);
        struct row *row = add_row(rows, cell, "parting", &words);
        if (row != NULL) {
            row->name = "replication";
            row->verdict = "differs";
            row->at_s = cell->parting.kind == GW_PART_IN_SERIES ? cell->parting.t_s : (double)NAN;
        }
    }
}

/* Settings that are no parameters: the scenarios were edited. */
static void
add_settings(struct rows *rows, const struct gw_compared_cell *cell)
{
    struct gw_text words = {0};

    gw_settings_difference(cell->group->a[0]->canonical, cell->group->b[0]->canonical, &words);
    if (words.length == 0) {
        gw_text_clear(&words);
        return;
    }
    struct row *row = add_row(rows, cell, "settings", &words);
    if (row != NULL) {
        row->name = "settings";
        row->verdict = "differs";
    }
}

static void
collect(const struct gw_comparison *comparison, struct rows *rows)
{
    for (size_t i = 0; i < comparison->count; i++) {
        const struct gw_compared_cell *cell = &comparison->cells[i];

        for (size_t k = 0; k < cell->metric_count; k++) {
            add_metric(rows, cell, &cell->metrics[k], comparison->confidence);
        }
        for (size_t k = 0; k < cell->curve_count; k++) {
            add_curve(rows, cell, &cell->curves[k]);
        }
        add_rest(rows, cell);
        add_settings(rows, cell);
    }
}

/* ---- JSON, CSV ----------------------------------------------------------------------------------- */

static json_t *
row_json(const struct row *row)
{
    json_t *object = json_object();

    json_object_set_new(object, "cell", json_string(row->cell->group->cell));
    json_object_set_new(object, "a", json_string(row->cell->group->a_name));
    json_object_set_new(object, "b", json_string(row->cell->group->b_name));
    json_object_set_new(object, "kind", json_string(row->kind));
    json_object_set_new(object, "name", json_string(row->name));
    json_object_set_new(object, "pairs", json_integer((json_int_t)row->pairs));
    for (size_t i = 0; i < NUMBERS; i++) {
        json_object_set_new(object, numbers[i].name, gw_output_number_json(number_of(row, i)));
    }
    json_object_set_new(object, "verdict", json_string(row->verdict));
    json_object_set_new(object, "words", json_string(row->words));
    return object;
}

static bool
print_json(const struct gw_output *output, const struct gw_comparison *comparison,
           const struct rows *rows)
{
    json_t *root = json_object();
    json_t *array = json_array();
    bool fine = root != NULL && array != NULL;

    for (size_t i = 0; fine && i < rows->count; i++) {
        fine = json_array_append_new(array, row_json(&rows->items[i])) == 0;
    }
    fine = json_object_set_new(root, "rows", array) == 0 && fine;
    json_object_set_new(root, "pairs", json_integer((json_int_t)comparison->pairs));
    json_object_set_new(root, "a_alone", json_integer((json_int_t)comparison->a_alone));
    json_object_set_new(root, "b_alone", json_integer((json_int_t)comparison->b_alone));
    json_object_set_new(root, "confidence", json_real(comparison->confidence));
    json_object_set_new(root, "differs", json_boolean(comparison->differs));
    if (!fine) {
        json_decref(root);
        return false;
    }
    return gw_output_dump(output, root, "rows");
}

static bool
print_csv(const struct gw_output *output, const struct rows *rows)
{
    static const char *const first[] = {"cell", "a", "b", "kind", "name", "pairs"};
    enum { FIRST = sizeof first / sizeof first[0] };
    struct gw_table table;

    gw_table_init(&table, FIRST + NUMBERS + 2);
    for (size_t i = 0; i < FIRST; i++) {
        gw_table_add(&table, first[i]);
    }
    for (size_t i = 0; i < NUMBERS; i++) {
        gw_table_add(&table, numbers[i].name);
    }
    gw_table_add(&table, "verdict");
    gw_table_add(&table, "words");
    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->items[i];

        gw_table_add(&table, row->cell->group->cell);
        gw_table_add(&table, row->cell->group->a_name);
        gw_table_add(&table, row->cell->group->b_name);
        gw_table_add(&table, row->kind);
        gw_table_add(&table, row->name);
        gw_table_format(&table, "%zu", row->pairs);
        for (size_t k = 0; k < NUMBERS; k++) {
            gw_table_add_number(&table, GW_TABLE_ALL_DIGITS, number_of(row, k));
        }
        gw_table_add(&table, row->verdict);
        gw_table_add(&table, row->words);
    }
    bool fine = gw_table_print(&table, output->stream, GW_TABLE_CSV, false);
    gw_table_clear(&table);
    return fine;
}

/* ---- for people ---------------------------------------------------------------------------------- */

static void
add_metric_row(struct gw_table *table, const struct row *row)
{
    bool quiet = strcmp(row->verdict, gw_comparison_verdict_name(GW_COMPARED_DIFFERS)) != 0;

    gw_table_add(table, row->name);
    gw_table_format(table, "%zu", row->pairs);
    gw_table_add_number(table, 6, row->mean_a);
    gw_table_add_number(table, 6, row->mean_b);
    gw_table_add_number(table, 4, row->difference);
    gw_table_add_number(table, 2, row->p);
    gw_table_add_toned(table, quiet ? GW_TONE_QUIET : GW_TONE_PLAIN, row->words);
}

static bool
print_metrics(const struct gw_output *output, const struct rows *rows, enum gw_table_style style)
{
    static const char *const headings[] = {"cell", "metric",      ">pairs", ">A",
                                           ">B",   ">difference", ">p",     "verdict"};
    enum { HEADINGS = sizeof headings / sizeof headings[0] };
    const struct gw_compared_cell *before = NULL;
    struct gw_table table;

    gw_table_init(&table, HEADINGS);
    for (size_t i = 0; i < HEADINGS; i++) {
        gw_table_add(&table, headings[i]);
    }
    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->items[i];

        if (strcmp(row->kind, "metric") == 0) {
            bool again = style == GW_TABLE_TEXT && row->cell == before;

            gw_table_add(&table, again ? "" : row->cell->group->cell);
            add_metric_row(&table, row);
            before = row->cell;
        }
    }
    bool fine = gw_table_print(&table, output->stream, style, output->colour);
    gw_table_clear(&table);
    return fine;
}

/* Whether every cell has a row of this kind, with the same words. */
static bool
all_alike(const struct gw_comparison *comparison, const struct rows *rows, const char *kind)
{
    const char *words = NULL;
    size_t count = 0;

    for (size_t i = 0; i < rows->count; i++) {
        if (strcmp(rows->items[i].kind, kind) != 0) {
            continue;
        }
        if (words != NULL && strcmp(words, rows->items[i].words) != 0) {
            return false;
        }
        words = rows->items[i].words;
        count++;
    }
    return count > 1 && count == comparison->count;
}

/* Sentences of one kind that tell of something. */
static void
print_sentences(const struct gw_output *output, const struct gw_comparison *comparison,
                const struct rows *rows, const char *kind, const char *heading)
{
    bool alike = all_alike(comparison, rows, kind);
    const char *differs = gw_comparison_verdict_name(GW_COMPARED_DIFFERS);
    const char *bullet = output->format == GW_OUTPUT_MD ? "- " : "  ";
    size_t printed = 0;

    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->items[i];

        if (strcmp(row->kind, kind) != 0 || strcmp(row->verdict, differs) != 0 ||
            (alike && printed > 0)) {
            continue;
        }
        if (printed++ == 0) {
            fprintf(output->stream, "\n%s\n%s", heading,
                    output->format == GW_OUTPUT_MD ? "\n" : "");
        }
        fprintf(output->stream, "%s%s: %s\n", bullet, alike ? "all cells" : row->cell->group->cell,
                row->words);
    }
}

/* Curves that are not equal, and why they are not judged. */
struct unsure {
    size_t few_pairs, few_resamples;
    size_t needed; /* pairs */
};

static struct unsure
count_unsure(const struct gw_comparison *comparison)
{
    struct unsure unsure = {0};

    for (size_t i = 0; i < comparison->count * GW_CURVE_COUNT; i++) {
        const struct gw_compared_cell *cell = &comparison->cells[i / GW_CURVE_COUNT];
        const struct gw_compared_curve *curve = &cell->curves[i % GW_CURVE_COUNT];

        if (i % GW_CURVE_COUNT < cell->curve_count && curve->verdict == GW_COMPARED_UNSURE) {
            unsure.few_resamples += curve->pairs_needed == 0;
            unsure.few_pairs += curve->pairs_needed > 0;
            unsure.needed =
                curve->pairs_needed > unsure.needed ? curve->pairs_needed : unsure.needed;
        }
    }
    return unsure;
}

static void
print_summary(const struct gw_output *output, const struct gw_comparison *comparison)
{
    struct unsure unsure = count_unsure(comparison);
    size_t differing = 0;
    size_t identical = 0;

    for (size_t i = 0; i < comparison->count; i++) {
        differing += comparison->cells[i].differs ? 1 : 0;
        identical += comparison->cells[i].identical;
    }
    if (unsure.few_pairs > 0) {
        fprintf(output->stream,
                "\n%zu curves are not equal, but their pairs are too few to judge them: %zu "
                "replications are needed (-n %zu).\n",
                unsure.few_pairs, unsure.needed, unsure.needed);
    }
    if (unsure.few_resamples > 0) {
        fprintf(output->stream,
                "\n%zu curves are not equal, but their rearrangements are too few to judge them at "
                "%.4g %%: more are needed (--resamples).\n",
                unsure.few_resamples, 100.0 * comparison->confidence);
    }
    fprintf(output->stream,
            "\n%zu of %zu cells differ; %zu of %zu pairs are identical; runs without a partner: "
            "%zu of A, %zu of B.\n",
            differing, comparison->count, identical, comparison->pairs, comparison->a_alone,
            comparison->b_alone);
}

static bool
print_text(const struct gw_output *output, const struct gw_comparison *comparison,
           const struct rows *rows)
{
    bool markdown = output->format == GW_OUTPUT_MD;

    if (!print_metrics(output, rows, markdown ? GW_TABLE_MARKDOWN : GW_TABLE_TEXT)) {
        return false;
    }
    print_sentences(output, comparison, rows, "outcome", "Outcomes that changed:");
    print_sentences(output, comparison, rows, "curve", "Curves that differ:");
    print_sentences(output, comparison, rows, "parting", "Where runs of the same guest part:");
    print_sentences(output, comparison, rows, "settings", "Settings that differ, A -> B:");
    print_summary(output, comparison);
    return true;
}

bool
gw_output_comparison(const struct gw_output *output, const struct gw_comparison *comparison,
                     struct gw_error *err)
{
    bool json = output->format == GW_OUTPUT_JSON || output->format == GW_OUTPUT_JSONL;
    struct rows rows = {0};
    bool fine;

    collect(comparison, &rows);
    fine = !rows.failed;
    if (fine && json) {
        fine = print_json(output, comparison, &rows);
    } else if (fine && output->format == GW_OUTPUT_CSV) {
        fine = print_csv(output, &rows);
    } else if (fine) {
        fine = print_text(output, comparison, &rows);
    }
    for (size_t i = 0; i < rows.count; i++) {
        free(rows.items[i].words);
    }
    free(rows.items);
    return gw_output_done(output, fine, err);
}
