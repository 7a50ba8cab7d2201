/* baseline_read.c - a baseline from its JSON file; every number is checked, people edit such files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/baseline.h"

enum { RUNS_MOST = 100000, POINTS_LEAST = 2, POINTS_MOST = 10000 };

static const double NUMBER_MOST = 1e60; /* its fourth power is a number still: tests need that */
static const double END_MOST_S = 1e12;

static bool
out_of_memory(struct gw_error *err)
{
    return gw_fail(err, GW_ENOMEM, "out of memory for a baseline");
}

static bool
take_text(const json_t *object, const char *key, char **out, struct gw_error *err)
{
    const char *text = json_string_value(json_object_get(object, key));

    if (text == NULL || *text == '\0') {
        return gw_fail(err, GW_EINVAL, "%s: a text is missing", key);
    }
    *out = strdup(text);
    return *out != NULL || out_of_memory(err);
}

static bool
take_whole(const json_t *object, const char *key, int64_t least, int64_t most, int64_t *out,
           struct gw_error *err)
{
    const json_t *value = json_object_get(object, key);

    if (!json_is_integer(value) || json_integer_value(value) < least ||
        json_integer_value(value) > most) {
        return gw_fail(err, GW_EINVAL, "%s: must be a whole number, %lld to %lld", key,
                       (long long)least, (long long)most);
    }
    *out = json_integer_value(value);
    return true;
}

static bool
take_size(const json_t *object, const char *key, size_t least, size_t most, size_t *out,
          struct gw_error *err)
{
    int64_t value = 0;

    if (!take_whole(object, key, (int64_t)least, (int64_t)most, &value, err)) {
        return false;
    }
    *out = (size_t)value;
    return true;
}

/* A list of `count` finite numbers; null is NAN where that is allowed. */
static bool
take_numbers(const json_t *list, size_t count, bool allow_null, double *out, struct gw_error *err)
{
    if (!json_is_array(list) || json_array_size(list) != count) {
        return gw_fail(err, GW_EINVAL, "must be a list of %zu numbers", count);
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(list, i);

        if (!json_is_number(value) && !(allow_null && json_is_null(value))) {
            return gw_fail(err, GW_EINVAL, "number %zu of %zu: is none", i + 1, count);
        }
        out[i] = json_is_null(value) ? (double)NAN : json_number_value(value);
        if (fabs(out[i]) > NUMBER_MOST) {
            return gw_fail(err, GW_EINVAL, "number %zu of %zu: is above %g", i + 1, count,
                           NUMBER_MOST);
        }
    }
    return true;
}

/* Settings that are not understood are not passed over: who writes them counts on them. */
static bool
only_keys(json_t *object, const char *const *keys, struct gw_error *err)
{
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value)
    {
        size_t i = 0;

        while (keys[i] != NULL && strcmp(keys[i], key) != 0) {
            i++;
        }
        if (keys[i] == NULL) {
            return gw_fail(err, GW_EINVAL, "'%.80s': no such key", key);
        }
    }
    return true;
}

static bool
must_be_object(const json_t *value, const char *key, struct gw_error *err)
{
    return json_is_object(value) || gw_fail(err, GW_EINVAL, "%s: must be {...}", key);
}

/* ---- a group ------------------------------------------------------------------------------------------ */

static bool
take_digests(struct gw_baseline_group *group, const json_t *object, struct gw_error *err)
{
    const json_t *list = json_object_get(object, "digests");

    group->runs = json_array_size(list);
    if (group->runs == 0 || group->runs > RUNS_MOST) {
        return gw_fail(err, GW_EINVAL, "digests: must be a list of 1 to %d", RUNS_MOST);
    }
    group->digests = calloc(group->runs + 1, sizeof *group->digests);
    if (group->digests == NULL) {
        return out_of_memory(err);
    }
    for (size_t i = 0; i < group->runs; i++) {
        const char *text = json_string_value(json_array_get(list, i));

        if (text == NULL || strlen(text) != GW_BASELINE_DIGEST - 1) {
            return gw_fail(err, GW_EINVAL, "digests: number %zu must have %d digits", i + 1,
                           GW_BASELINE_DIGEST - 1);
        }
        memcpy(group->digests[i], text, GW_BASELINE_DIGEST);
    }
    return true;
}

static bool
take_metrics(struct gw_baseline_group *group, const json_t *object, struct gw_error *err)
{
    const json_t *metrics = json_object_get(object, "metrics");

    if (!must_be_object(metrics, "metrics", err)) {
        return false;
    }
    for (size_t i = 0; i < GW_GATE_METRIC_COUNT; i++) {
        const char *key = gw_metric_info[gw_gate_metrics[i].metric].key;
        const json_t *list = json_object_get(metrics, key);

        if (list == NULL) {
            continue;
        }
        group->metrics[i] = calloc(group->runs, sizeof(double));
        if (group->metrics[i] == NULL) {
            return out_of_memory(err);
        }
        if (!take_numbers(list, group->runs, true, group->metrics[i], err)) {
            return gw_fail_within(err, "metrics.%s", key);
        }
    }
    return true;
}

static bool
take_curve(struct gw_baseline_group *group, const json_t *list, double **out, struct gw_error *err)
{
    if (json_array_size(list) != group->runs) {
        return gw_fail(err, GW_EINVAL, "must have %zu lines, one a digest", group->runs);
    }
    *out = calloc(group->runs * group->points + 1, sizeof(double));
    if (*out == NULL) {
        return out_of_memory(err);
    }
    for (size_t run = 0; run < group->runs; run++) {
        if (!take_numbers(json_array_get(list, run), group->points, false,
                          &(*out)[run * group->points], err)) {
            return gw_fail_within(err, "line %zu", run + 1);
        }
    }
    return true;
}

static bool
take_curves(struct gw_baseline_group *group, const json_t *object, struct gw_error *err)
{
    const json_t *grid = json_object_get(object, "grid");
    const json_t *curves = json_object_get(object, "curves");

    group->end_s = json_number_value(json_object_get(grid, "end_s"));
    if (!(group->end_s >= 1 / END_MOST_S && group->end_s <= END_MOST_S)) {
        return gw_fail(err, GW_EINVAL, "grid.end_s: must be a number of seconds, above 0");
    }
    if (!take_size(grid, "points", POINTS_LEAST, POINTS_MOST, &group->points, err)) {
        return gw_fail_within(err, "grid");
    }
    if (!must_be_object(curves, "curves", err)) {
        return false;
    }
    for (size_t id = 0; id < GW_CURVE_COUNT; id++) {
        const json_t *list = json_object_get(curves, gw_curve_info[id].key);

        if (list != NULL && !take_curve(group, list, &group->curves[id], err)) {
            return gw_fail_within(err, "curves.%s", gw_curve_info[id].key);
        }
    }
    return true;
}

static bool
take_group(struct gw_baseline_group *group, json_t *object, struct gw_error *err)
{
    static const char *const keys[] = {"name",    "completed", "failed", "unverified", "digests",
                                       "metrics", "grid",      "curves", NULL};

    return take_text(object, "name", &group->name, err) && take_digests(group, object, err) &&
           take_size(object, "completed", 0, group->runs, &group->completed, err) &&
           take_size(object, "failed", 0, group->runs - group->completed, &group->failed, err) &&
           take_size(object, "unverified", 0, group->completed, &group->unverified, err) &&
           take_metrics(group, object, err) && take_curves(group, object, err) &&
           only_keys(object, keys, err);
}

/* ---- a case --------------------------------------------------------------------------------------------- */

static bool
take_settings(struct gw_baseline_case *one, const json_t *object, struct gw_error *err)
{
    const json_t *list = json_object_get(object, "settings");
    size_t count = json_array_size(list);

    if (!json_is_array(list)) {
        return gw_fail(err, GW_EINVAL, "settings: must be a list of texts");
    }
    one->settings = calloc(count + 1, sizeof(char *));
    if (one->settings == NULL) {
        return out_of_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(list, i));

        if (text == NULL) {
            return gw_fail(err, GW_EINVAL, "settings: must be a list of texts");
        }
        one->settings[one->setting_count] = strdup(text);
        if (one->settings[one->setting_count++] == NULL) {
            return out_of_memory(err);
        }
    }
    return true;
}

static bool
take_groups(struct gw_baseline_case *one, const json_t *object, struct gw_error *err)
{
    const json_t *list = json_object_get(object, "groups");
    size_t count = json_array_size(list);

    if (count == 0) {
        return gw_fail(err, GW_EINVAL, "groups: must be a list of one at least");
    }
    one->groups = calloc(count, sizeof *one->groups);
    if (one->groups == NULL) {
        return out_of_memory(err);
    }
    while (one->group_count < count) {
        size_t number = one->group_count;

        if (!take_group(&one->groups[one->group_count++], json_array_get(list, number), err)) {
            return gw_fail_within(err, "groups[%zu]", number);
        }
        if (gw_baseline_group_find(one, one->groups[number].name) != &one->groups[number]) {
            return gw_fail(err, GW_EINVAL, "groups[%zu]: '%.200s' is there twice", number,
                           one->groups[number].name);
        }
    }
    return true;
}

static bool
take_case(struct gw_baseline_case *one, json_t *object, struct gw_error *err)
{
    static const char *const keys[] = {"case",         "scenario", "settings", "seed",
                                       "replications", "groups",   NULL};

    return take_text(object, "case", &one->name, err) &&
           take_text(object, "scenario", &one->scenario, err) && take_settings(one, object, err) &&
           take_whole(object, "seed", 0, INT64_MAX, &one->seed, err) &&
           take_whole(object, "replications", 1, RUNS_MOST, &one->replications, err) &&
           take_groups(one, object, err) && only_keys(object, keys, err);
}

/* ---- the file ------------------------------------------------------------------------------------------- */

static bool
take_margins(struct gw_gate_margins *margins, const json_t *object, bool curve,
             struct gw_error *err)
{
    json_t *list = json_object_get(object, curve ? "curves" : "metrics");
    const char *key;
    json_t *value;

    json_object_foreach(list, key, value)
    {
        const char *text = json_string_value(value);

        if (!gw_gate_margin_set(margins, curve, key, text == NULL ? "" : text, err)) {
            return false;
        }
    }
    return true;
}

static bool
take_cases(struct gw_baseline *baseline, const json_t *root, struct gw_error *err)
{
    const json_t *list = json_object_get(root, "cases");
    size_t count = json_array_size(list);

    if (count == 0) {
        return gw_fail(err, GW_EINVAL, "cases: must be a list of one at least");
    }
    baseline->cases = calloc(count + 1, sizeof *baseline->cases);
    if (baseline->cases == NULL) {
        return out_of_memory(err);
    }
    while (baseline->case_count < count) {
        size_t number = baseline->case_count;

        if (!take_case(&baseline->cases[baseline->case_count++], json_array_get(list, number),
                       err)) {
            return gw_fail_within(err, "cases[%zu]", number);
        }
        if (gw_baseline_case_find(baseline, baseline->cases[number].name) !=
            &baseline->cases[number]) {
            return gw_fail(err, GW_EINVAL, "cases[%zu]: '%.200s' is there twice", number,
                           baseline->cases[number].name);
        }
    }
    return true;
}

static bool
take_all_margins(struct gw_gate_margins *margins, json_t *object, struct gw_error *err)
{
    static const char *const keys[] = {"metrics", "curves", NULL};

    gw_gate_margins_default(margins);
    if (object == NULL) {
        return true;
    }
    if (!must_be_object(object, "margins", err)) {
        return false;
    }
    if (!only_keys(object, keys, err)) {
        return gw_fail_within(err, "margins");
    }
    for (size_t i = 0; keys[i] != NULL; i++) {
        const json_t *list = json_object_get(object, keys[i]);

        if (list != NULL && !must_be_object(list, keys[i], err)) {
            return gw_fail_within(err, "margins");
        }
    }
    return take_margins(margins, object, false, err) && take_margins(margins, object, true, err);
}

static bool
take_baseline(struct gw_baseline *baseline, json_t *root, struct gw_error *err)
{
    static const char *const keys[] = {"format", "godwit", "reason", "margins", "cases", NULL};
    int64_t format = 0;

    if (!json_is_object(root)) {
        return gw_fail(err, GW_EINVAL, "is no baseline: must be {...}");
    }
    if (!take_whole(root, "format", 1, INT64_MAX, &format, err)) {
        return false;
    }
    if (format != GW_BASELINE_FORMAT) {
        return gw_fail(err, GW_EINVAL, "format %lld: this godwit reads format %d",
                       (long long)format, GW_BASELINE_FORMAT);
    }
    return only_keys(root, keys, err) && take_text(root, "godwit", &baseline->version, err) &&
           take_text(root, "reason", &baseline->reason, err) &&
           take_all_margins(&baseline->margins, json_object_get(root, "margins"), err) &&
           take_cases(baseline, root, err);
}

static bool
load(const char *path, json_t **root, struct gw_error *err)
{
    json_error_t fault = {0};
    FILE *file = fopen(path, "r");

    if (file == NULL) {
        return gw_fail(err, errno == ENOENT ? GW_ENOENT : GW_EIO, "%s: %s", path, strerror(errno));
    }
    errno = 0;
    *root = json_loadf(file, JSON_REJECT_DUPLICATES, &fault);
    if (ferror(file) != 0) { /* of which jansson says that the text ends */
        gw_fail(err, GW_EIO, "%s cannot be read: %s", path, strerror(errno));
        json_decref(*root);
        fclose(file);
        return false;
    }
    fclose(file);
    return *root != NULL || gw_fail(err, GW_EINVAL, "%s:%d:%d: error: %s", path, fault.line,
                                    fault.column, fault.text);
}

bool
gw_baseline_read(struct gw_baseline *baseline, const char *path, struct gw_error *err)
{
    json_t *root = NULL;

    *baseline = (struct gw_baseline){0};
    if (!load(path, &root, err)) {
        return false;
    }
    if (!take_baseline(baseline, root, err)) {
        json_decref(root);
        gw_baseline_clear(baseline);
        return gw_fail_within(err, "%s", path);
    }
    json_decref(root);
    return true;
}
