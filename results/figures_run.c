/* figures_run.c - the catalogue: a row says when a figure can be made, and who makes it.
 *
 * Idea      The runs are split by scenario and guest. For each part the table is walked; rows with
 *           a metric are offered once for each parameter that was varied over numbers.
 * Invariant Names are unique: where two parts feed the same figure, the scenario (or the guest) is
 *           appended to the later one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/figures_run.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "results/figures_shared.h"
#include "results/html.h"
#include "results/style.h"

static bool
has_word(const char *text, const char *word)
{
    for (; *text != '\0'; text++) {
        if (strncasecmp(text, word, strlen(word)) == 0) {
            return true;
        }
    }
    return false;
}

static bool
can_sweep(const struct gw_study *study, const char *parameter)
{
    return parameter != NULL && gw_study_varies(study, parameter);
}

static bool
can_sweep_guest(const struct gw_study *study, const char *parameter)
{
    return can_sweep(study, parameter) && gw_study_run_with(study, NULL, GW_SERIES_MEMORY) != NULL;
}

static bool
has_any_sweep(const struct gw_study *study)
{
    for (size_t i = 0; i < study->results[0]->parameter_count; i++) {
        if (gw_study_varies(study, study->results[0]->parameter_names[i])) {
            return true;
        }
    }
    return false;
}

static bool
has_several_legends(const struct gw_study *study)
{
    size_t *firsts = calloc(study->count, sizeof *firsts);
    bool has = firsts != NULL && gw_study_legends(study, NULL, firsts) > 1;

    free(firsts);
    return has;
}

/* The table of the talk: a bar for each architecture and load, whatever was varied. */
static bool
can_exchange_results(const struct gw_study *study, const char *parameter)
{
    return parameter == NULL && strcmp(study->results[0]->scenario, "exchange") == 0 &&
           has_several_legends(study);
}

static bool
can_other_results(const struct gw_study *study, const char *parameter)
{
    return parameter == NULL && strcmp(study->results[0]->scenario, "exchange") != 0 &&
           !has_any_sweep(study) && has_several_legends(study);
}

static bool
can_iops(const struct gw_study *study, const char *parameter)
{
    return parameter == NULL && gw_study_run_with(study, NULL, GW_SERIES_IOPS) != NULL;
}

static bool
can_slow(const struct gw_study *study, const char *parameter)
{
    return parameter == NULL && has_word(study->results[0]->scenario, "slow") &&
           gw_study_run_with(study, "mirror", GW_SERIES_IOPS) != NULL;
}

static bool
can_other_iops(const struct gw_study *study, const char *parameter)
{
    return can_iops(study, parameter) && !can_slow(study, parameter);
}

static bool
can_convergence(const struct gw_study *study, const char *parameter)
{
    return parameter == NULL && (gw_study_run_with(study, NULL, GW_SERIES_PROGRESS) != NULL ||
                                 gw_study_run_with(study, NULL, GW_SERIES_MEMORY) != NULL);
}

static bool
can_memory(const struct gw_study *study, const char *parameter)
{
    return parameter == NULL && gw_study_run_with(study, NULL, GW_SERIES_MEMORY) != NULL;
}

static bool
can_storage(const struct gw_study *study, const char *parameter)
{
    return parameter == NULL && gw_study_run_with(study, NULL, GW_SERIES_PROGRESS) != NULL;
}

static bool
can_sweep_throttle(const struct gw_study *study, const char *parameter)
{
    if (!can_sweep_guest(study, parameter)) {
        return false;
    }
    for (size_t i = 0; i < study->count; i++) {
        if (study->results[i]->metric[GW_METRIC_THROTTLE_PCT_MOST] > 0.0) {
            return true;
        }
    }
    return false;
}

static bool
can_guest_phases(const struct gw_study *study, const char *parameter)
{
    for (size_t i = 0; parameter == NULL && i < study->count; i++) {
        if (study->results[i]->distribution[GW_LATENCY_DURING_NS].total > 0) {
            return true;
        }
    }
    return false;
}

static bool
can_passes(const struct gw_study *study, const char *parameter)
{
    for (size_t i = 0; parameter == NULL && i < study->count; i++) {
        if (study->results[i]->series[GW_SERIES_ITERATION].rows > 1 ||
            study->results[i]->series[GW_SERIES_SYNC].rows > 1) {
            return true;
        }
    }
    return false;
}

/* Not of a disk that nobody writes to. */
static bool
can_heat(const struct gw_study *study, const char *parameter)
{
    for (size_t i = 0; parameter == NULL && i < study->count; i++) {
        const struct gw_series *heat = &study->results[i]->series[GW_SERIES_HEAT];
        for (size_t row = 0; row < heat->rows; row++) {
            if (gw_series_number(heat, row, 1) > 0.0) {
                return true;
            }
        }
    }
    return false;
}

static bool
can_iterations(const struct gw_study *study, const char *parameter)
{
    const struct gw_result *heat = gw_study_run_with(study, "heat", GW_SERIES_ITERATION);

    return parameter == NULL && heat != NULL && heat->series[GW_SERIES_ITERATION].rows > 1;
}

static bool
can_lock(const struct gw_study *study, const char *parameter)
{
    return parameter == NULL && gw_study_run_with(study, NULL, GW_SERIES_RANGE) != NULL;
}

/* How many runs have a figure of their own. */
static size_t
count_storage(const struct gw_study *study, const struct gw_result *cases[GW_CASES_MOST])
{
    return gw_study_cases(study, GW_SERIES_PROGRESS, cases);
}

static size_t
count_memory(const struct gw_study *study, const struct gw_result *cases[GW_CASES_MOST])
{
    return gw_study_cases(study, GW_SERIES_MEMORY, cases);
}

static size_t
count_passes(const struct gw_study *study, const struct gw_result *cases[GW_CASES_MOST])
{
    size_t count = gw_study_cases(study, GW_SERIES_ITERATION, cases);

    return count > 0 ? count : gw_study_cases(study, GW_SERIES_SYNC, cases);
}

/* `%s` in a name or a title stands for the parameter, or for the scenario where there is none. */
static const struct kind {
    const char *name;
    const char *title;
    bool (*can)(const struct gw_study *study, const char *parameter);
    gw_figure_maker *make;
    /* NULL: one figure for all runs; else the runs that have one each */
    size_t (*cases)(const struct gw_study *study, const struct gw_result *cases[GW_CASES_MOST]);
} kinds[] = {
    {"migration-time-vs-%s", "Migration Time vs. Varying %s", can_sweep, gw_figure_migration_time,
     NULL},
    {"downtime-vs-%s", "Downtime vs. Varying %s", can_sweep, gw_figure_downtime, NULL},
    {"total-penalty-vs-%s", "Total Penalty vs. Varying %s", can_sweep, gw_figure_penalty, NULL},
    {"bytes-sent-vs-%s", "Bytes Sent vs. Varying %s", can_sweep, gw_figure_bytes_sent, NULL},
    {"throttle-vs-%s", "Throttle vs. Varying %s", can_sweep_throttle, gw_figure_throttle, NULL},
    {"guest-speed-vs-%s", "Guest Speed vs. Varying %s", can_sweep_guest, gw_figure_guest_rate,
     NULL},
    {"exchange-results", "Exchange Results", can_exchange_results, gw_figure_results, NULL},
    {"results", "Results: %s", can_other_results, gw_figure_results, NULL},
    {"io-mirroring-to-slow-destination", "IO Mirroring to Slow Destination", can_slow,
     gw_figure_iops, NULL},
    {"iops-timeline", "IOPS over Time: %s", can_other_iops, gw_figure_iops, NULL},
    {"guest-iops", "Guest IOPS over Time: %s", can_iops, gw_figure_guest_iops, NULL},
    {"guest-io-by-phase", "Guest IO before, during and after: %s", can_guest_phases,
     gw_figure_guest_phases, NULL},
    {"convergence", "Data Remaining vs. Time", can_convergence, gw_figure_convergence, NULL},
    {"storage-migration", "Storage Migration: %s", can_storage, gw_figure_storage, count_storage},
    {"memory-migration", "Memory Migration: %s", can_memory, gw_figure_memory, count_memory},
    {"guest-speed", "Guest Speed over Time: %s", can_memory, gw_figure_guest_speed, NULL},
    {"passes", "Data by Pass: %s", can_passes, gw_figure_passes, count_passes},
    {"block-write-frequency", "Block Write Frequency: %s", can_heat, gw_figure_heat, NULL},
    {"block-write-map", "Block Write Map: %s", can_heat, gw_figure_heat_map, NULL},
    {"dirty-rate-map", "Dirty Rate over Time: %s", can_convergence, gw_figure_dirty_map, NULL},
    {"exchange-migration-with-heat", "%s: Migration with Heat", can_iterations,
     gw_figure_iterations, NULL},
    {"lock-latency-and-data-mover-time", "Lock Latency and Data Mover Time", can_lock,
     gw_figure_lock, NULL},
};

/* "workload.oio" is "oio" in names and "OIO" in titles: short words are abbreviations. */
static void
fill_pattern(char *out, size_t size, const char *pattern, const char *word, bool title)
{
    char text[100];

    snprintf(text, sizeof text, "%s", gw_result_short_name(word));
    if (title && strchr(word, '.') != NULL) {
        for (char *letter = text; strlen(text) <= 3 && *letter != '\0'; letter++) {
            *letter = (char)toupper((unsigned char)*letter);
        }
    }
    const char *hole = strstr(pattern, "%s");
    if (hole == NULL) {
        snprintf(out, size, "%s", pattern);
        return;
    }
    snprintf(out, size, "%.*s%s%s", (int)(hole - pattern), pattern, text, hole + 2);
}

static void
make_harmless(char *name)
{
    for (; *name != '\0'; name++) {
        if (!isalnum((unsigned char)*name) && *name != '.' && *name != '_') {
            *name = '-';
        }
    }
}

/* A title is printed on terminals too. */
static void
make_printable(char *title)
{
    gw_utf8_mend(title);
    for (; *title != '\0'; title++) {
        *title = iscntrl((unsigned char)*title) ? ' ' : *title;
    }
}

static bool
add_plan(struct gw_figure_plans *plans, const struct gw_study *study, size_t kind,
         const char *parameter)
{
    struct gw_figure_plan *items = realloc(plans->items, (plans->count + 1) * sizeof *items);

    if (items == NULL) {
        return false;
    }
    plans->items = items;
    struct gw_figure_plan *plan = &items[plans->count++];
    const char *scenario = study->results[0]->scenario;
    const char *word = parameter != NULL ? parameter : scenario;
    *plan = (struct gw_figure_plan){
        .scenario = scenario, .vm = study->results[0]->vm, .parameter = parameter, .kind = kind};
    fill_pattern(plan->name, 100, kinds[kind].name, word, false);
    fill_pattern(plan->title, sizeof plan->title, kinds[kind].title, word, true);
    make_harmless(plan->name);
    make_printable(plan->title);
    return true;
}

static void
append_word(char *name, size_t size, const char *word)
{
    char harmless[60];
    size_t used = strlen(name);

    snprintf(harmless, sizeof harmless, "%s", word);
    make_harmless(harmless);
    snprintf(name + used, size - used, "-%s", harmless);
}

/* "dbt"; with more that tells runs apart "precopy-throttle-none". */
static const char *
case_word(const struct gw_result *result, char legend[GW_LEGEND_BYTES])
{
    size_t label = strlen(gw_style_label(result->architecture));
    char rest[GW_LEGEND_BYTES];

    snprintf(rest, sizeof rest, "%s", strlen(legend) > label ? legend + label : "");
    snprintf(legend, GW_LEGEND_BYTES, "%.60s%.90s", result->architecture, rest);
    return legend;
}

/* A figure for each run that has one; alone, it has the plain name. */
static bool
plan_cases(struct gw_figure_plans *plans, const struct gw_study *study, size_t kind)
{
    const struct gw_result *cases[GW_CASES_MOST];
    size_t count = kinds[kind].cases(study, cases);
    struct gw_study subset;
    bool ok = gw_study_typical(study, &subset);

    for (size_t i = 0; ok && i < count; i++) {
        ok = add_plan(plans, study, kind, NULL);
        if (ok) {
            struct gw_figure_plan *plan = &plans->items[plans->count - 1];
            char legend[GW_LEGEND_BYTES];
            size_t used = strlen(plan->title);
            plan->number = i;
            gw_study_legend(&subset, cases[i], NULL, legend);
            snprintf(plan->title + used, sizeof plan->title - used, ", %s", legend);
            make_printable(plan->title);
            if (count > 1) {
                append_word(plan->name, sizeof plan->name, case_word(cases[i], legend));
            }
        }
    }
    free(subset.results);
    return ok;
}

static bool
plan_kind(struct gw_figure_plans *plans, const struct gw_study *study, size_t kind)
{
    const struct gw_result *first = study->results[0];

    if (kinds[kind].cases != NULL) {
        return !kinds[kind].can(study, NULL) || plan_cases(plans, study, kind);
    }
    if (kinds[kind].can(study, NULL) && !add_plan(plans, study, kind, NULL)) {
        return false;
    }
    for (size_t i = 0; i < first->parameter_count; i++) {
        const char *parameter = first->parameter_names[i];
        if (kinds[kind].can(study, parameter) && !add_plan(plans, study, kind, parameter)) {
            return false;
        }
    }
    return true;
}

static bool
same_study(const struct gw_result *result, const char *scenario, const char *vm)
{
    return strcmp(result->scenario, scenario) == 0 && strcmp(result->vm, vm) == 0;
}

static bool
study_collect(const struct gw_result *const *results, size_t count, const char *scenario,
              const char *vm, struct gw_study *study)
{
    *study = (struct gw_study){calloc(count + 1, sizeof *study->results), 0, NULL};
    if (study->results == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (same_study(results[i], scenario, vm)) {
            study->results[study->count++] = results[i];
        }
    }
    return true;
}

static bool
is_first_of_study(const struct gw_result *const *results, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (same_study(results[i], results[index]->scenario, results[index]->vm)) {
            return false;
        }
    }
    return true;
}

/* The first study keeps the plain name, so that a figure is found by the name it is known by. */
static void
make_unique(struct gw_figure_plans *plans)
{
    for (size_t i = 0; i < plans->count; i++) {
        const struct gw_figure_plan *first = &plans->items[i];
        for (size_t k = i + 1; k < plans->count; k++) {
            struct gw_figure_plan *plan = &plans->items[k];
            if (strcmp(first->name, plan->name) == 0) {
                bool guest = strcmp(plan->scenario, first->scenario) == 0;
                append_word(plan->name, sizeof plan->name, guest ? plan->vm : plan->scenario);
            }
        }
    }
}

bool
gw_figures_plan(const struct gw_result *const *results, size_t count, struct gw_figure_plans *plans,
                struct gw_error *err)
{
    *plans = (struct gw_figure_plans){0};
    for (size_t i = 0; i < count; i++) {
        struct gw_study study;
        if (!is_first_of_study(results, i)) {
            continue;
        }
        bool ok = study_collect(results, count, results[i]->scenario, results[i]->vm, &study);
        for (size_t kind = 0; ok && kind < sizeof kinds / sizeof kinds[0]; kind++) {
            ok = plan_kind(plans, &study, kind);
        }
        free(study.results);
        if (!ok) {
            gw_figures_clear(plans);
            return gw_fail(err, GW_ENOMEM, "out of memory for the list of figures");
        }
    }
    make_unique(plans);
    return true;
}

void
gw_figures_clear(struct gw_figure_plans *plans)
{
    free(plans->items);
    *plans = (struct gw_figure_plans){0};
}

struct gw_figure *
gw_figures_make(const struct gw_result *const *results, size_t count,
                const struct gw_figure_plan *plan, struct gw_error *err)
{
    struct gw_study study;
    struct gw_figure *figure = NULL;

    if (study_collect(results, count, plan->scenario, plan->vm, &study)) {
        figure = kinds[plan->kind].make(&study, plan);
    }
    free(study.results);
    if (figure == NULL) {
        gw_fail(err, GW_ENOMEM, "out of memory for figure %s", plan->name);
    }
    return figure;
}
