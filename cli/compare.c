/* compare.c - godwit compare: what differs between two databases, studies or versions.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/damage.h"
#include "cli/exit_code.h"
#include "cli/metric_list.h"
#include "cli/verb.h"
#include "results/comparison_figure.h"
#include "results/comparison_output.h"
#include "results/run_versions.h"
#include "results/study_store.h"

struct compare_options {
    const char *a_version, *b_version;
    struct gw_words ignored;
    const char *metric;
    const char *confidence;
    int64_t resamples;
    bool no_curves;
    const char *directory;
    const char *formats;
    enum gw_format format;
    unsigned format_set; /* of formats */
};

const struct gw_option gw_compare_options[] = {
    {"a-version", 0, GW_OPTION_TEXT, offsetof(struct compare_options, a_version), "VERSION",
     "of A only the runs that this engine version made"},
    {"b-version", 0, GW_OPTION_TEXT, offsetof(struct compare_options, b_version), "VERSION",
     "of B only the runs that this engine version made"},
    {"ignore", 0, GW_OPTION_WORDS, offsetof(struct compare_options, ignored), "KEY",
     "pair runs whatever this parameter is: what was set for B alone"},
    {"metric", 0, GW_OPTION_TEXT, offsetof(struct compare_options, metric), "METRIC[,METRIC]...",
     "metrics to compare; times, penalty, bytes and passes when not given"},
    {"confidence", 0, GW_OPTION_TEXT, offsetof(struct compare_options, confidence), "SHARE",
     "of intervals, bands and findings; default: 95%"},
    {"resamples", 0, GW_OPTION_COUNT, offsetof(struct compare_options, resamples), "COUNT",
     "rearrangements that a curve is judged by; default: 9999"},
    {"no-curves", 0, GW_OPTION_FLAG, offsetof(struct compare_options, no_curves), NULL,
     "compare metrics and outcomes only"},
    {"output", 'o', GW_OPTION_TEXT, offsetof(struct compare_options, directory), "DIR",
     "draw each curve that differs into this directory, made when missing"},
    {"formats", 0, GW_OPTION_TEXT, offsetof(struct compare_options, formats), "LIST",
     "of the pictures: svg, png, pdf, dumb, joined by commas; svg,png when not given"},
    GW_OPTION_ROW_FORMAT(struct compare_options),
    GW_OPTION_END,
};

enum { CURVE_POINTS = 200 };

/* ---- one side ------------------------------------------------------------------------------------ */

struct side {
    const char *label;   /* "A" */
    const char *operand; /* as given */
    const char *version; /* wanted, or NULL */
    struct gw_text path;
    const char *study; /* or NULL */
    struct gw_result_list list;
    struct gw_run_versions versions;
    const struct gw_result **results; /* those that were chosen; owned */
    size_t count;
};

/* "runs.db:study" is a file and a study, unless there is a file of that whole name. */
static bool
read_operand(struct side *side, struct gw_error *err)
{
    const char *colon = strrchr(side->operand, ':');

    if (colon == NULL || access(side->operand, F_OK) == 0) {
        gw_text_add(&side->path, side->operand);
    } else {
        gw_text_add_bytes(&side->path, side->operand, (size_t)(colon - side->operand));
        side->study = colon + 1;
    }
    return !side->path.failed || gw_fail(err, GW_ENOMEM, "out of memory");
}

static bool
fail_with_list(const struct side *side, const char *what, const struct gw_text *names,
               struct gw_error *err)
{
    return gw_fail(err, GW_EINVAL, "%.300s: %.200s; it has %.400s", side->path.bytes, what,
                   names->failed || names->bytes == NULL ? "none" : names->bytes);
}

static bool
check_study(const struct side *side, struct gw_store *store, struct gw_error *err)
{
    struct gw_study_states states;
    struct gw_text names = {0};
    char what[160];
    bool known = false;

    if (!gw_store_studies(store, &states, err)) {
        return false;
    }
    for (size_t i = 0; i < states.count; i++) {
        known = known || strcmp(states.items[i].name, side->study) == 0;
        gw_text_format(&names, "%s%s", i == 0 ? "" : ", ", states.items[i].name);
    }
    snprintf(what, sizeof what, "no study '%.100s'", side->study);
    bool fine = known || fail_with_list(side, what, &names, err);
    gw_study_states_clear(&states);
    gw_text_clear(&names);
    return fine;
}

static bool
read_runs(struct side *side, struct gw_error *err)
{
    struct gw_store *store = gw_open_to_read(side->path.bytes, err);
    bool fine;

    if (store == NULL) {
        return false;
    }
    if (side->study == NULL) {
        fine = gw_store_read(store, &side->list, err);
    } else {
        fine = check_study(side, store, err) &&
               gw_store_read_study(store, side->study, &side->list, err);
    }
    fine = fine && gw_run_versions_read(store, &side->list, &side->versions, err);
    gw_store_close(store);
    return fine;
}

static void
drop_parameter(struct gw_result *result, size_t index)
{
    free(result->parameter_names[index]);
    free(result->parameter_values[index]);
    result->parameter_count--;
    for (size_t i = index; i < result->parameter_count; i++) {
        result->parameter_names[i] = result->parameter_names[i + 1];
        result->parameter_values[i] = result->parameter_values[i + 1];
    }
}

static void
ignore_parameter(struct side *side, const char *name)
{
    for (size_t i = 0; i < side->list.count; i++) {
        struct gw_result *result = &side->list.results[i];

        for (size_t k = result->parameter_count; k > 0; k--) {
            if (strcmp(result->parameter_names[k - 1], name) == 0) {
                drop_parameter(result, k - 1);
            }
        }
    }
}

static bool
is_constant(const struct side *side, const char *name)
{
    const char *first = gw_result_parameter(side->results[0], name);

    for (size_t i = 1; i < side->count; i++) {
        if (strcmp(first, gw_result_parameter(side->results[i], name)) != 0) {
            return false;
        }
    }
    return true;
}

/* What one side has throughout, and the other throughout otherwise, is what is to be compared: it
 * must not keep the runs apart. */
static void
ignore_what_tells_sides_apart(struct side *sides, size_t from)
{
    const struct gw_result *first = sides[from].results[0];

    gw_assert(first != NULL); /* no side is empty */
    for (size_t i = first->parameter_count; i > 0; i--) {
        const char *name = first->parameter_names[i - 1];
        char *copy = strdup(name);

        if (copy != NULL && is_constant(&sides[0], name) && is_constant(&sides[1], name)) {
            ignore_parameter(&sides[0], copy);
            ignore_parameter(&sides[1], copy);
        }
        free(copy);
    }
}

/* Two versions have the same replications: mixed, they cannot be told apart. */
static bool
choose_runs(struct side *side, struct gw_error *err)
{
    struct gw_text names = {0};
    char what[160];
    bool fine;

    side->results = calloc(side->list.count + 1, sizeof *side->results);
    if (side->results == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory");
    }
    for (size_t i = 0; i < side->list.count; i++) {
        const char *version = side->versions.names[side->versions.of[i]];

        if (side->version == NULL || strcmp(version, side->version) == 0) {
            side->results[side->count++] = side->list.pointers[i];
        }
    }
    for (size_t i = 0; i < side->versions.count; i++) {
        gw_text_format(&names, "%s%s", i == 0 ? "" : ", ", side->versions.names[i]);
    }
    if (side->count == 0) {
        snprintf(what, sizeof what, "no runs%s%.80s", side->version == NULL ? "" : " of version ",
                 side->version == NULL ? "" : side->version);
        fine = fail_with_list(side, what, &names, err);
    } else if (side->version == NULL && side->versions.count > 1) {
        snprintf(what, sizeof what, "runs of several versions, choose one with --%c-version",
                 side->label[0] == 'A' ? 'a' : 'b');
        fine = fail_with_list(side, what, &names, err);
    } else {
        fine = true;
    }
    gw_text_clear(&names);
    return fine;
}

static bool
side_open(struct side *side, struct gw_error *err)
{
    return read_operand(side, err) && read_runs(side, err) && choose_runs(side, err);
}

static void
side_close(struct side *side)
{
    gw_text_clear(&side->path);
    gw_run_versions_clear(&side->versions);
    gw_result_list_clear(&side->list);
    free(side->results);
}

/* ---- what comes out ------------------------------------------------------------------------------ */

static const char *
example_of(const struct gw_pair_groups *groups, bool a)
{
    for (size_t i = 0; i < groups->count; i++) {
        if ((a ? groups->items[i].a_alone : groups->items[i].b_alone) > 0) {
            return groups->items[i].cell;
        }
    }
    return "nothing";
}

static bool
check_pairs(const struct gw_pair_groups *groups, const struct gw_comparison *comparison,
            struct gw_error *err)
{
    return comparison->pairs > 0 ||
           gw_fail(err, GW_EINVAL,
                   "no run of A has a partner in B, which is of the same scenario, guest, "
                   "architecture, parameters (but for --ignore KEY) and replication: A has %.200s, "
                   "B has %.200s",
                   example_of(groups, true), example_of(groups, false));
}

static bool
draw_curve(const struct compare_options *options, const struct gw_compared_cell *cell,
           const struct gw_compared_curve *curve, size_t number, double confidence,
           struct gw_error *err)
{
    char name[180];
    struct gw_figure *figure = gw_compared_curve_figure(cell, curve, confidence);

    if (figure == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for a figure");
    }
    gw_compared_curve_name(cell, curve, number, name, sizeof name);
    bool fine = gw_figure_write(figure, options->directory, name, options->format_set, err);
    gw_figure_destroy(figure);
    if (fine) {
        fprintf(stderr, "%s/%s.{%s,gp,tsv}\n", options->directory, name, options->formats);
    }
    return fine;
}

/* Cells whose names begin alike are told apart by their number. */
static bool
draw(const struct compare_options *options, const struct gw_comparison *comparison,
     struct gw_error *err)
{
    for (size_t i = 0; i < comparison->count; i++) {
        const struct gw_compared_cell *cell = &comparison->cells[i];
        bool is_long = strlen(cell->group->cell) > 90;

        for (size_t k = 0; k < cell->curve_count; k++) {
            if (cell->curves[k].verdict == GW_COMPARED_DIFFERS &&
                !draw_curve(options, cell, &cell->curves[k], is_long ? i + 1 : 0,
                            comparison->confidence, err)) {
                return false;
            }
        }
    }
    return true;
}

static bool
print(const struct compare_options *options, const struct side *sides,
      const struct gw_comparison *comparison, struct gw_error *err)
{
    struct gw_output output = {.stream = stdout,
                               .format = (enum gw_output_format)options->format,
                               .colour = gw_colour_wanted(stdout)};

    for (size_t i = 0; i < 2; i++) {
        if (options->format == GW_FORMAT_TABLE || options->format == GW_FORMAT_MD) {
            printf("%s: %s, %zu runs, version %s%s\n", sides[i].label, sides[i].operand,
                   sides[i].count,
                   sides[i].version != NULL ? sides[i].version : sides[i].versions.names[0],
                   i == 0 && options->format == GW_FORMAT_TABLE ? "" : "\n");
        }
    }
    return gw_output_comparison(&output, comparison, err);
}

static bool
same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Who ran a second build into the database of the first one has run nothing: equal run ids. */
static void
warn_of_same_runs(const struct side *sides)
{
    if (same_text(sides[0].path.bytes, sides[1].path.bytes) &&
        same_text(sides[0].study, sides[1].study) &&
        same_text(sides[0].version, sides[1].version)) {
        fputs("godwit: A and B are the same runs, so nothing can differ; two builds of one version "
              "need a database each\n",
              stderr);
    }
}

static bool
compare(const struct compare_options *options, struct side *sides, bool *differs,
        struct gw_error *err)
{
    struct gw_metric_list metrics = {.count = 0};
    struct gw_comparison_request request = {.metrics = metrics.items,
                                            .with_curves = !options->no_curves,
                                            .points = CURVE_POINTS,
                                            .resamples = (size_t)options->resamples};
    struct gw_comparison comparison;
    struct gw_pair_groups groups;

    if ((options->metric != NULL && !gw_metric_list_parse(options->metric, &metrics, err)) ||
        !gw_confidence_parse(options->confidence, &request.confidence, err) ||
        !side_open(&sides[0], err) || !side_open(&sides[1], err)) {
        return false;
    }
    warn_of_same_runs(sides);
    request.metric_count = metrics.count;
    for (size_t i = 0; i < options->ignored.count; i++) {
        ignore_parameter(&sides[0], options->ignored.items[i]);
        ignore_parameter(&sides[1], options->ignored.items[i]);
    }
    ignore_what_tells_sides_apart(sides, 0);
    ignore_what_tells_sides_apart(sides, 1);
    const struct gw_pair_side a = {sides[0].label, sides[0].results, sides[0].count};
    const struct gw_pair_side b = {sides[1].label, sides[1].results, sides[1].count};
    if (!gw_pairs_between(&a, &b, &groups, err)) {
        return false;
    }
    bool fine = gw_comparison_make(&groups, &request, &comparison, err);
    if (fine) {
        *differs = comparison.differs;
        fine = check_pairs(&groups, &comparison, err) && print(options, sides, &comparison, err) &&
               (options->directory == NULL || draw(options, &comparison, err));
        gw_comparison_clear(&comparison);
    }
    gw_pair_groups_clear(&groups);
    return fine;
}

static bool
check_options(struct compare_options *options, const struct gw_words *operands,
              struct gw_error *err)
{
    if (operands->count != 2) {
        return gw_fail(err, GW_EINVAL,
                       "compare: %zu databases given, wanted two: FILE or FILE:STUDY each",
                       operands->count);
    }
    if (options->resamples < 99 || options->resamples > 10000000) {
        return gw_fail(err, GW_EINVAL, "--resamples %lld: expected 99 to 10000000",
                       (long long)options->resamples);
    }
    return gw_figure_formats_parse(options->formats, &options->format_set, err);
}

int
gw_verb_compare(int argc, char **argv)
{
    struct compare_options options = {.confidence = "95%", .resamples = 9999, .formats = "svg,png"};
    struct side sides[2] = {{.label = "A"}, {.label = "B"}};
    struct gw_words operands = {0};
    struct gw_error err = {.code = GW_OK};
    bool differs = false;

    bool fine = gw_options_parse(gw_compare_options, argc, argv, &options, &operands, &err) &&
                check_options(&options, &operands, &err);
    if (fine) {
        sides[0].operand = operands.items[0];
        sides[0].version = options.a_version;
        sides[1].operand = operands.items[1];
        sides[1].version = options.b_version;
        fine = compare(&options, sides, &differs, &err);
    }
    side_close(&sides[0]);
    side_close(&sides[1]);
    gw_options_clear(gw_compare_options, &options, &operands);
    if (!fine) {
        return gw_report_error(&err);
    }
    return differs ? GW_EXIT_FINDING : GW_EXIT_FINE;
}
