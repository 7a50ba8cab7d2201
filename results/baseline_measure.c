/* baseline_measure.c - from the results of a case to the samples that are kept.
 *
 * Idea      A digest covers what a run computed and leaves out how it is called: neither a new
 *           version of the program nor a setting more in the canonical scenario changes it.
 *           Numbers are rounded at once, so that what was just measured and what was read from a
 *           file compare as equal.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "results/baseline.h"

/* The runs that are looked at; a group takes those of its name. */
struct study {
    const struct gw_result *const *results;
    size_t count;
    bool many_guests;
};

/* ---- the name of a group ------------------------------------------------------------------------ */

static bool
varies(const struct study *study, const char *name)
{
    for (size_t i = 1; i < study->count; i++) {
        if (strcmp(gw_result_parameter(study->results[0], name),
                   gw_result_parameter(study->results[i], name)) != 0) {
            return true;
        }
    }
    return false;
}

/* NULL: memory out. */
static char *
name_of(const struct study *study, const struct gw_result *result)
{
    struct gw_text text = {0};

    if (study->many_guests) {
        gw_text_format(&text, "%s: ", result->vm);
    }
    gw_text_add(&text, result->architecture);
    for (size_t i = 0; i < result->parameter_count; i++) {
        const char *name = result->parameter_names[i];

        if (strcmp(name, "migration.architecture") != 0 && varies(study, name)) {
            gw_text_format(&text, ", %s=%s", name, result->parameter_values[i]);
        }
    }
    return gw_text_take(&text);
}

/* ---- digests -------------------------------------------------------------------------------------- */

static void
digest_metrics(struct gw_hash *hash, const struct gw_result *result)
{
    for (size_t i = 0; i < GW_METRIC_COUNT; i++) {
        if (!isnan(result->metric[i])) {
            gw_hash_add_text(hash, gw_metric_info[i].key);
            gw_hash_add_double(hash, result->metric[i]);
        }
    }
}

static void
digest_distribution(struct gw_hash *hash, const char *key, const struct gw_histogram *histogram)
{
    if (histogram->total == 0) {
        return;
    }
    gw_hash_add_text(hash, key);
    gw_hash_add_u64(hash, (uint64_t)histogram->least);
    gw_hash_add_u64(hash, (uint64_t)histogram->most);
    for (size_t i = 0; i < GW_HISTOGRAM_BUCKETS; i++) {
        if (histogram->count[i] > 0) {
            gw_hash_add_u64(hash, i);
            gw_hash_add_u64(hash, histogram->count[i]);
        }
    }
}

static void
digest_series(struct gw_hash *hash, const char *key, const struct gw_series *series)
{
    if (series->rows == 0) {
        return;
    }
    gw_hash_add_text(hash, key);
    for (size_t row = 0; row < series->rows; row++) {
        gw_hash_add_u64(hash, (uint64_t)series->t_ns[row]);
        for (size_t i = 0; i < series->columns; i++) {
            gw_hash_add_double(hash, series->values[row * series->columns + i]);
        }
    }
}

static bool
digest_of(const struct gw_result *result, char out[GW_BASELINE_DIGEST], struct gw_error *err)
{
    struct gw_hash *hash = gw_hash_create();
    char text[GW_HASH_TEXT];

    if (hash == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for a digest");
    }
    gw_hash_add_text(hash, gw_outcome_name(result->outcome));
    gw_hash_add_text(hash, result->reason);
    gw_hash_add_u64(hash, result->verified ? 1 : 0);
    digest_metrics(hash, result);
    for (size_t i = 0; i < GW_DISTRIBUTION_COUNT; i++) {
        digest_distribution(hash, gw_distribution_info[i].key, &result->distribution[i]);
    }
    for (size_t i = 0; i < GW_SERIES_COUNT; i++) {
        digest_series(hash, gw_series_info[i].name, &result->series[i]);
    }
    gw_hash_text(hash, text);
    gw_hash_destroy(hash);
    memcpy(out, text, GW_BASELINE_DIGEST - 1);
    out[GW_BASELINE_DIGEST - 1] = '\0';
    return true;
}

/* ---- samples -------------------------------------------------------------------------------------- */

static double
rounded(double value, int digits)
{
    char text[40];

    snprintf(text, sizeof text, "%.*g", digits, value);
    return strtod(text, NULL);
}

static bool
take_metrics(struct gw_baseline_group *group, const struct gw_result *const *runs,
             struct gw_error *err)
{
    for (size_t i = 0; i < GW_GATE_METRIC_COUNT; i++) {
        double *values = calloc(group->runs + 1, sizeof *values);
        bool any = false;

        if (values == NULL) {
            return gw_fail(err, GW_ENOMEM, "out of memory for a metric");
        }
        for (size_t run = 0; run < group->runs; run++) {
            values[run] = rounded(runs[run]->metric[gw_gate_metrics[i].metric], 6);
            any = any || !isnan(values[run]);
        }
        group->metrics[i] = values;
        if (!any) {
            free(values);
            group->metrics[i] = NULL;
        }
    }
    return true;
}

static bool
take_curve(struct gw_baseline_group *group, const struct gw_result *const *runs,
           enum gw_curve_id id, struct gw_error *err)
{
    double *values;

    for (size_t run = 0; run < group->runs; run++) {
        if (!gw_curve_has(runs[run], id)) {
            return true;
        }
    }
    values = calloc(group->runs * group->points + 1, sizeof *values);
    if (values == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for a curve");
    }
    group->curves[id] = values;
    for (size_t run = 0; run < group->runs; run++) {
        if (!gw_curve_sample(runs[run], id, group->end_s, group->points,
                             &values[run * group->points], err)) {
            return false;
        }
    }
    for (size_t i = 0; i < group->runs * group->points; i++) {
        values[i] = isnan(values[i]) ? 0 : rounded(values[i], 5);
    }
    return true;
}

/* Counts outcomes and digests them. */
static bool
take_runs(struct gw_baseline_group *group, const struct gw_result *const *runs,
          struct gw_error *err)
{
    group->digests = calloc(group->runs + 1, sizeof *group->digests);
    if (group->digests == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for digests");
    }
    for (size_t run = 0; run < group->runs; run++) {
        const struct gw_result *result = runs[run];

        group->completed += result->outcome == GW_COMPLETED;
        group->failed += result->outcome == GW_FAILED;
        group->unverified += result->outcome == GW_COMPLETED && !result->verified;
        if (!digest_of(result, group->digests[run], err)) {
            return false;
        }
    }
    return true;
}

static void
choose_grid(struct gw_baseline_group *group, const struct gw_result *const *runs,
            const struct gw_baseline_group *like)
{
    double end = 0;

    if (like != NULL) {
        group->end_s = like->end_s;
        group->points = like->points;
        return;
    }
    for (size_t run = 0; run < group->runs; run++) {
        end = fmax(end, gw_curve_length_s(runs[run]));
    }
    group->end_s = end > 0 ? rounded(1.05 * end, 3) : 1;
    group->points = GW_BASELINE_POINTS;
}

static bool
take_group(struct gw_baseline_group *group, const struct gw_result *const *runs,
           const struct gw_baseline_group *like, struct gw_error *err)
{
    choose_grid(group, runs, like);
    if (!take_runs(group, runs, err) || !take_metrics(group, runs, err)) {
        return false;
    }
    for (size_t id = 0; id < GW_CURVE_COUNT; id++) {
        if (!take_curve(group, runs, (enum gw_curve_id)id, err)) {
            return false;
        }
    }
    return true;
}

/* ---- from runs to groups ---------------------------------------------------------------------------- */

/* Puts the runs that are called `name` into `chosen`. */
static bool
choose_runs(const struct study *study, const char *name, const struct gw_result **chosen,
            size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < study->count; i++) {
        char *other = name_of(study, study->results[i]);

        if (other == NULL) {
            return false;
        }
        if (strcmp(other, name) == 0) {
            chosen[(*count)++] = study->results[i];
        }
        free(other);
    }
    return true;
}

/* Takes the name over. */
static bool
add_group(struct gw_baseline_case *one, const struct study *study, char *name,
          const struct gw_baseline_case *like, struct gw_error *err)
{
    struct gw_baseline_group *group = &one->groups[one->group_count++];
    const struct gw_result **chosen = calloc(study->count, sizeof(struct gw_result *));
    bool fine;

    group->name = name;
    if (chosen == NULL || !choose_runs(study, name, chosen, &group->runs)) {
        free(chosen);
        return gw_fail(err, GW_ENOMEM, "out of memory for a baseline");
    }
    fine = take_group(group, chosen, like == NULL ? NULL : gw_baseline_group_find(like, name), err);
    free(chosen);
    return fine;
}

bool
gw_baseline_measure(struct gw_baseline_case *one, const struct gw_result *const *results,
                    size_t count, const struct gw_baseline_case *like, struct gw_error *err)
{
    struct study study = {.results = results, .count = count};

    one->groups = calloc(count + 1, sizeof *one->groups);
    if (one->groups == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for a baseline");
    }
    for (size_t i = 1; i < count; i++) {
        study.many_guests = study.many_guests || strcmp(results[i]->vm, results[0]->vm) != 0;
    }
    for (size_t i = 0; i < count; i++) {
        char *name = name_of(&study, results[i]);

        if (name == NULL) {
            return gw_fail(err, GW_ENOMEM, "out of memory for a baseline");
        }
        if (gw_baseline_group_find(one, name) != NULL) {
            free(name);
            continue;
        }
        if (!add_group(one, &study, name, like, err)) {
            return false;
        }
    }
    return true;
}
