/* frontier_search.c - godwit sweep frontier: up to which value of a setting runs are good, at every
 * point of the sweep.
 *
 * Idea      All points search at once. A round is a campaign of the values that they want next, so
 *           it is done as any sweep is, on all processors, and what is in the database is not run
 *           again: a search that was stopped goes on where it was, because what it asks for follows
 *           from what it found.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/exit_code.h"
#include "cli/frontier_report.h"
#include "cli/sweep_verb.h"
#include "results/run_brief.h"

enum { TIME, JUDGED }; /* which metrics are read of a run */

/* A value that one point tries in this round. */
struct trial {
    size_t row, probe;
    size_t good;   /* runs: those whose guests are all good */
    double time_s; /* sum over guests that completed */
    size_t completed;
};

struct search {
    const struct gw_sweep_task *task;
    const struct gw_sweep *sweep;
    struct gw_frontier_rule rule;
    enum gw_metric metrics[GW_BRIEF_METRICS_MOST];
    size_t metric_count; /* 1: the outcome decides */
    double limit;
    struct gw_frontier_row *rows; /* one a point of the sweep */
    struct trial *trials;
    size_t trial_count;
    struct gw_error error;
};

/* ---- what is asked --------------------------------------------------------------------------------- */

static double
value_of(void *self, double share)
{
    const struct gw_sweep *sweep = self;
    char text[GW_QUANTITY_TEXT_MAX];

    return gw_sweep_frontier_value(&sweep->frontier, share, text);
}

static bool
find_metric(struct search *search, const char *name)
{
    for (size_t i = 0; i < GW_METRIC_COUNT; i++) {
        if (strcmp(gw_metric_info[i].key, name) == 0) {
            search->metrics[JUDGED] = (enum gw_metric)i;
            search->metric_count = JUDGED + 1;
            return true;
        }
    }
    return gw_fail(&search->error, GW_EINVAL,
                   "metric '%.60s': expected outcome, or one that 'godwit list metrics' shows",
                   name);
}

static bool
read_metric(struct search *search, const struct gw_sweep_frontier *asked)
{
    union gw_quantity limit;
    bool by_outcome = asked->metric == NULL || strcmp(asked->metric, "outcome") == 0;

    search->metrics[TIME] = GW_METRIC_MIGRATION_TIME_S;
    search->metric_count = TIME + 1;
    if (!by_outcome && !find_metric(search, asked->metric)) {
        return false;
    }
    if (by_outcome != (asked->limit == NULL)) {
        return gw_fail(&search->error, GW_EINVAL,
                       "a metric and its limit go together; the outcome has no limit");
    }
    if (by_outcome) {
        return true;
    }
    if (!gw_quantity_parse(GW_SETTING_NUMBER, asked->limit, &limit, &search->error)) {
        return gw_fail_within(&search->error, "limit of %s", asked->metric);
    }
    search->limit = limit.real;
    return true;
}

static bool
begin(struct search *search)
{
    const struct gw_sweep_frontier *asked = &search->sweep->frontier;
    int64_t least = search->task->options->replications;

    if (asked->over == NULL) {
        return gw_fail(&search->error, GW_EINVAL,
                       "no frontier: the scenario needs 'sweep.frontier', or --over, --from, --to");
    }
    /* Any share can be asked for: the search never changes the sweep. */
    search->rule = (struct gw_frontier_rule){
        .confidence = asked->confidence,
        .precision = asked->precision,
        .values = (size_t)asked->values,
        .replications = (size_t)(least > 0 ? least : asked->replications),
        .replications_most = (size_t)asked->replications_most,
        .value_of = value_of,
        .self = (void *)(uintptr_t)search->sweep,
    };
    if (search->rule.replications_most < search->rule.replications && least > 0) {
        search->rule.replications_most = search->rule.replications;
    }
    search->rows = calloc(search->sweep->count, sizeof *search->rows);
    if (search->rows == NULL) {
        return gw_fail(&search->error, GW_ENOMEM, "out of memory for a frontier");
    }
    bool fine = read_metric(search, asked) && gw_frontier_check(&search->rule, &search->error);
    for (size_t i = 0; i < search->sweep->count && fine; i++) {
        fine = gw_frontier_begin(&search->rows[i].frontier, &search->rule, &search->error);
    }
    return fine;
}

/* ---- one round ------------------------------------------------------------------------------------- */

static bool
list_trials(struct search *search)
{
    size_t count = 0;

    for (size_t i = 0; i < search->sweep->count; i++) {
        count += search->rows[i].frontier.count;
    }
    free(search->trials);
    search->trial_count = 0;
    search->trials = calloc(count + 1, sizeof *search->trials);
    if (search->trials == NULL) {
        return gw_fail(&search->error, GW_ENOMEM, "out of memory for a frontier");
    }
    for (size_t i = 0; i < search->sweep->count; i++) {
        const struct gw_frontier *frontier = &search->rows[i].frontier;

        for (size_t k = 0; k < frontier->count; k++) {
            if (frontier->probes[k].verdict == GW_FRONTIER_OPEN) {
                search->trials[search->trial_count++] = (struct trial){.row = i, .probe = k};
            }
        }
    }
    return true;
}

/* The settings of a point and one more. `text` has "key=value". */
static bool
make_point(const struct search *search, const struct trial *trial, struct gw_sweep_point *point,
           char **text)
{
    const struct gw_sweep_frontier *asked = &search->sweep->frontier;
    const struct gw_variation *base = &search->sweep->points[trial->row].variation;
    const struct gw_frontier_probe *probe = &search->rows[trial->row].frontier.probes[trial->probe];
    size_t count = base->count + 1;
    const char **words = calloc(3 * count + 2, sizeof *words);
    char value[GW_QUANTITY_TEXT_MAX];
    struct gw_text override = {0};

    gw_sweep_frontier_value(asked, probe->share, value);
    gw_text_format(&override, "%s=%s", asked->over, value);
    *text = gw_text_take(&override);
    *point = (struct gw_sweep_point){
        .variation = {words, words + count, words + 2 * count + 1, count, base->labels},
        .replications = (int64_t)probe->wanted};
    if (words == NULL || *text == NULL) {
        free(words);
        *point = (struct gw_sweep_point){.row = 0};
        return false;
    }
    for (size_t i = 0; i < base->count; i++) {
        words[i] = base->overrides[i];
        words[count + i] = base->names[i];
        words[2 * count + 1 + i] = base->values[i];
    }
    words[base->count] = *text;
    words[count + base->count] = asked->over;
    words[2 * count + 1 + base->count] = strchr(*text, '=') + 1;
    if (base->labels > 0) {
        words[2 * count] = base->names[base->count];
        words[3 * count + 1] = base->values[base->count];
    }
    return true;
}

static bool
is_good(const struct search *search, const struct gw_run_brief *brief)
{
    return brief->is_completed &&
           (search->metric_count == TIME + 1 || brief->values[JUDGED] <= search->limit);
}

static bool
take_run(struct search *search, struct gw_store *store, const struct gw_campaign *campaign,
         const struct gw_campaign_run *run)
{
    struct trial *trial = &search->trials[run->point];
    struct gw_frontier_row *row = &search->rows[trial->row];
    struct gw_run_brief brief;
    bool good = true;

    for (size_t i = 0; i < run->id_count; i++) {
        if (!gw_store_brief(store, campaign->ids[run->first_id + i], search->metrics,
                            search->metric_count, &brief, &search->error)) {
            return false;
        }
        good = good && is_good(search, &brief);
        if (brief.is_completed && isfinite(brief.values[TIME])) {
            trial->time_s += brief.values[TIME];
            trial->completed++;
        }
        snprintf(row->architecture, sizeof row->architecture, "%s", brief.architecture);
    }
    trial->good += good ? 1 : 0;
    return true;
}

static bool
take_runs(struct search *search, const struct gw_campaign *campaign)
{
    char *path = gw_sweep_database(search->task);
    struct gw_store *store = path == NULL ? NULL : gw_store_open(path, false, &search->error);
    bool fine = store != NULL;

    for (size_t i = 0; i < campaign->run_count && fine; i++) {
        fine = take_run(search, store, campaign, &campaign->runs[i]);
    }
    gw_store_close(store);
    free(path);
    for (size_t i = 0; i < search->trial_count && fine; i++) {
        const struct trial *trial = &search->trials[i];

        gw_frontier_tell(&search->rows[trial->row].frontier, trial->probe, trial->good,
                         trial->completed > 0 ? trial->time_s / (double)trial->completed
                                              : (double)NAN);
    }
    return fine;
}

/* Runs what the trials need; the exit code. */
static int
run_points(struct search *search, struct gw_sweep_point *points)
{
    struct gw_sweep_task task = *search->task;
    struct gw_diagnostics diagnostics = {0};
    int code;

    task.is_part = true;
    if (gw_campaign_plan_points(&task.campaign, &search->task->campaign, points,
                                search->trial_count, &diagnostics)) {
        code = gw_sweep_execute(&task);
        if (code == GW_EXIT_FINE && !take_runs(search, &task.campaign)) {
            code = gw_report_error(&search->error);
        }
    } else {
        code = gw_report_diagnostics(&diagnostics);
    }
    gw_diagnostics_clear(&diagnostics);
    gw_campaign_clear(&task.campaign);
    return code;
}

static int
run_round(struct search *search)
{
    size_t count = search->trial_count;
    struct gw_sweep_point *points = calloc(count + 1, sizeof *points);
    char **texts = calloc(count + 1, sizeof *texts);
    bool fine = points != NULL && texts != NULL;
    int code;

    for (size_t i = 0; i < count && fine; i++) {
        fine = make_point(search, &search->trials[i], &points[i], &texts[i]);
    }
    if (fine) {
        code = run_points(search, points);
    } else {
        gw_fail(&search->error, GW_ENOMEM, "out of memory for a frontier");
        code = gw_report_error(&search->error);
    }
    for (size_t i = 0; i < count && points != NULL && texts != NULL; i++) {
        free(points[i].variation.overrides);
        free(texts[i]);
    }
    free(points);
    free(texts);
    return code;
}

/* Ends with no trial left, or with a code that is not GW_EXIT_FINE. */
static int
run_rounds(struct search *search)
{
    int code = GW_EXIT_FINE;

    for (size_t round = 1; code == GW_EXIT_FINE; round++) {
        bool fine = true;

        for (size_t i = 0; i < search->sweep->count && fine; i++) {
            struct gw_frontier *frontier = &search->rows[i].frontier;

            fine = gw_frontier_is_open(frontier) || gw_frontier_advance(frontier, &search->error);
        }
        if (!fine || !list_trials(search)) {
            return gw_report_error(&search->error);
        }
        if (search->trial_count == 0) {
            return GW_EXIT_FINE;
        }
        fprintf(stderr, "godwit: frontier: round %zu tries %zu values at %zu points\n", round,
                search->trial_count, search->sweep->count);
        code = run_round(search);
    }
    return code;
}

/* ---- from beginning to end ------------------------------------------------------------------------- */

/* Whether a setting takes several values in the sweep. */
static bool
varies(const struct gw_sweep *sweep, size_t name)
{
    const struct gw_variation *first = &sweep->points[0].variation;

    for (size_t i = 1; i < sweep->count; i++) {
        const struct gw_variation *other = &sweep->points[i].variation;

        if (other->count != first->count || strcmp(other->names[name], first->names[name]) != 0 ||
            strcmp(other->values[name], first->values[name]) != 0) {
            return true;
        }
    }
    return false;
}

/* Names the axes beside the architecture. False: there are more than a map can show. */
static bool
find_axes(struct search *search, struct gw_frontier_map *map)
{
    const struct gw_sweep *sweep = search->sweep;
    const struct gw_variation *first = &sweep->points[0].variation;
    size_t axes = 0;

    for (size_t i = 0; i < sweep->count; i++) {
        search->rows[i].axis[0] = search->rows[i].axis[1] = "";
    }
    for (size_t k = 0; k < first->count; k++) {
        if (strcmp(first->names[k], "migration.architecture") == 0 || !varies(sweep, k)) {
            continue;
        }
        if (axes == GW_FRONTIER_AXES_MOST) {
            return false;
        }
        map->axis[axes] = first->names[k];
        for (size_t i = 0; i < sweep->count; i++) {
            const struct gw_variation *variation = &sweep->points[i].variation;

            search->rows[i].axis[axes] = k < variation->count ? variation->values[k] : "";
        }
        axes++;
    }
    return true;
}

/* The unit in which numbers of the map are written; NULL: they are in another one. */
static const char *
unit_of(struct search *search, char out[GW_QUANTITY_TEXT_MAX + 1])
{
    char text[GW_QUANTITY_TEXT_MAX];
    char *unit;
    double value = search->rule.value_of(search->rule.self, 1.0);

    gw_sweep_frontier_value(&search->sweep->frontier, 1.0, text);
    double written = strtod(text, &unit);
    if (*unit == '\0' || fabs(written - value) > 1e-6 * fabs(value)) {
        return NULL;
    }
    snprintf(out, GW_QUANTITY_TEXT_MAX + 1, "%s%s", *unit == '/' ? "1" : "", unit);
    return out;
}

static int
report(struct search *search)
{
    const struct gw_sweep_options *options = search->task->options;
    struct gw_frontier_map map = {.scenario = search->task->campaign.names[0],
                                  .over = search->sweep->frontier.over,
                                  .is_log = search->sweep->frontier.scale == 1,
                                  .rule = &search->rule,
                                  .rows = search->rows,
                                  .count = search->sweep->count};
    const struct gw_frontier_report found = {&map, search->sweep};
    char unit[GW_QUANTITY_TEXT_MAX + 1];
    map.unit = unit_of(search, unit);
    bool fits = find_axes(search, &map);
    bool fine = gw_frontier_print(&found, options->format, &search->error);

    if (fine && options->out != NULL) {
        fflush(stdout);
        fine = fits ? gw_frontier_draw(&map, options->out, &search->error)
                    : gw_fail(&search->error, GW_EINVAL,
                              "a map shows at most two settings beside the architecture and '%s'",
                              map.over);
    }
    return fine ? GW_EXIT_FINE : gw_report_error(&search->error);
}

static int
search_frontier(const struct gw_sweep_task *task)
{
    struct search search = {.task = task, .sweep = &task->campaign.sweeps[0]};
    int code = begin(&search) ? run_rounds(&search) : gw_report_error(&search.error);

    if (code == GW_EXIT_FINE) {
        code = report(&search);
    }
    for (size_t i = 0; search.rows != NULL && i < search.sweep->count; i++) {
        gw_frontier_clear(&search.rows[i].frontier);
    }
    free(search.rows);
    free(search.trials);
    return code;
}

/* The options of a frontier, as words that change the sweep. */
struct frontier_words {
    char *owned[8];
    size_t owned_count;
    struct gw_words set;
};

static bool
add_words(struct frontier_words *words, const struct gw_sweep_options *options)
{
    const struct {
        const char *key, *value;
    } rows[] = {
        {"over", options->over},
        {"from", options->from},
        {"to", options->to},
        {"metric", options->metric},
        {"limit", options->limit},
        {"confidence", options->confidence},
        {"precision", options->precision},
    };
    enum { ROWS = sizeof rows / sizeof rows[0] };

    words->set.items = calloc(options->set.count + ROWS, sizeof *words->set.items);
    if (words->set.items == NULL) {
        return false;
    }
    for (size_t i = 0; i < options->set.count; i++) {
        words->set.items[words->set.count++] = options->set.items[i];
    }
    for (size_t i = 0; i < ROWS; i++) {
        struct gw_text text = {0};

        if (rows[i].value == NULL) {
            continue;
        }
        gw_text_format(&text, "sweep.frontier.%s=%s", rows[i].key, rows[i].value);
        words->owned[words->owned_count] = gw_text_take(&text);
        if (words->owned[words->owned_count] == NULL) {
            return false;
        }
        words->set.items[words->set.count++] = words->owned[words->owned_count++];
    }
    return true;
}

static int
plan_and_search(const struct gw_sweep_options *options, const struct gw_words *operands,
                const struct gw_words *set)
{
    struct gw_sweep_options planned = *options;
    struct gw_sweep_task task;
    int code;

    /* -n is of the search, and -o its figures. */
    planned.set = *set;
    planned.replications = 0;
    planned.out = NULL;
    if (!gw_sweep_task_make(&task, &planned, operands, &code)) {
        return code;
    }
    task.options = options;
    code = search_frontier(&task);
    gw_sweep_task_clear(&task);
    return code;
}

int
gw_sweep_frontier(const struct gw_sweep_options *options, const struct gw_words *operands)
{
    struct frontier_words words = {.owned_count = 0};
    struct gw_error err;
    int code;

    if (operands->count != 1 || options->shard != NULL || options->stop.count > 0) {
        gw_fail(&err, GW_EINVAL, "sweep frontier: wanted one SCENARIO, no --shard and no --stop");
        return gw_report_error(&err);
    }
    if (add_words(&words, options)) {
        code = plan_and_search(options, operands, &words.set);
    } else {
        gw_fail(&err, GW_ENOMEM, "out of memory");
        code = gw_report_error(&err);
    }
    for (size_t i = 0; i < words.owned_count; i++) {
        free(words.owned[i]);
    }
    free(words.set.items);
    return code;
}
