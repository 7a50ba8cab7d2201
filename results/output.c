/* output.c - the door to the formats, and JSON.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/output.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "results/output_shared.h"

/* 15 digits: every decimal with that many comes back as it was written. */
enum { JSON_FLAGS = JSON_REAL_PRECISION(15) };

json_t *
gw_output_number_json(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* Counts and bytes are whole: they are written so, up to where a double is exact. */
static json_t *
metric_json(const struct gw_metric_info *info, double value)
{
    bool counts = strcmp(info->unit, "") == 0 || strcmp(info->unit, "bytes") == 0;

    if (counts && isfinite(value) && fabs(value) < 9007199254740992.0 && !(floor(value) < value)) {
        return json_integer((json_int_t)value);
    }
    return gw_output_number_json(value);
}

static json_t *
distribution_json(const struct gw_histogram *histogram)
{
    json_t *object = json_object();

    json_object_set_new(object, "p50_ms",
                        json_real((double)gw_histogram_quantile(histogram, 0.50) / 1e6));
    json_object_set_new(object, "p95_ms",
                        json_real((double)gw_histogram_quantile(histogram, 0.95) / 1e6));
    json_object_set_new(object, "p99_ms",
                        json_real((double)gw_histogram_quantile(histogram, 0.99) / 1e6));
    json_object_set_new(object, "mean_ms", json_real(gw_histogram_mean(histogram) / 1e6));
    json_object_set_new(object, "max_ms", json_real((double)histogram->most / 1e6));
    json_object_set_new(object, "count", json_integer((json_int_t)histogram->total));
    return object;
}

static json_t *
text_json(const char *text)
{
    return text == NULL ? json_null() : json_string(text);
}

/* JSON integers of readers end at 2^63 - 1; a larger seed is written as text. */
static json_t *
seed_json(uint64_t seed)
{
    char text[24];

    if (seed <= INT64_MAX) {
        return json_integer((json_int_t)seed);
    }
    snprintf(text, sizeof text, "%llu", (unsigned long long)seed);
    return json_string(text);
}

static json_t *
run_json(const struct gw_result *result)
{
    char digest[33];
    json_t *object = json_object();
    json_t *parameters = json_object();

    gw_result_digest(result, digest);
    json_object_set_new(object, "scenario", text_json(result->scenario));
    json_object_set_new(object, "vm", text_json(result->vm));
    json_object_set_new(object, "architecture", text_json(result->architecture));
    json_object_set_new(object, "replication", json_integer(result->replication));
    json_object_set_new(object, "seed", seed_json(result->seed));
    json_object_set_new(object, "outcome", json_string(gw_outcome_name(result->outcome)));
    json_object_set_new(object, "reason", text_json(result->reason));
    json_object_set_new(object, "verified", json_boolean(result->verified));
    json_object_set_new(object, "verify_note", text_json(result->verify_note));
    json_object_set_new(object, "run_id", text_json(result->run_id));
    json_object_set_new(object, "digest", json_string(digest));
    for (size_t i = 0; i < result->parameter_count; i++) {
        json_object_set_new(parameters, result->parameter_names[i],
                            text_json(result->parameter_values[i]));
    }
    json_object_set_new(object, "parameters", parameters);
    for (size_t i = 0; i < GW_METRIC_COUNT; i++) {
        json_object_set_new(object, gw_metric_info[i].key,
                            metric_json(&gw_metric_info[i], result->metric[i]));
    }
    for (size_t i = 0; i < GW_DISTRIBUTION_COUNT; i++) {
        if (result->distribution[i].total > 0) {
            json_object_set_new(object, gw_distribution_info[i].key,
                                distribution_json(&result->distribution[i]));
        }
    }
    return object;
}

bool
gw_output_dump(const struct gw_output *output, json_t *root, const char *key)
{
    bool ok = root != NULL;

    if (ok && output->format == GW_OUTPUT_JSON) {
        ok = json_dumpf(root, output->stream, JSON_FLAGS | JSON_INDENT(2)) == 0;
        fputc('\n', output->stream);
    }
    if (ok && output->format == GW_OUTPUT_JSONL) {
        size_t index;
        json_t *item;
        json_array_foreach(json_object_get(root, key), index, item)
        {
            ok = ok && json_dumpf(item, output->stream, JSON_FLAGS | JSON_COMPACT) == 0;
            fputc('\n', output->stream);
        }
    }
    json_decref(root);
    return ok;
}

bool
gw_output_done(const struct gw_output *output, bool ok, struct gw_error *err)
{
    errno = 0;
    if (fflush(output->stream) != 0 || ferror(output->stream)) {
        return gw_fail(err, GW_EIO, "cannot write the output: %s",
                       errno == 0 ? "write error" : strerror(errno));
    }
    return ok || gw_fail(err, GW_ENOMEM, "out of memory for the output");
}

static bool
runs_json(const struct gw_output *output, const struct gw_result *const *results, size_t count)
{
    json_t *root = json_object();
    json_t *runs = json_array();
    bool ok = root != NULL && runs != NULL;

    for (size_t i = 0; ok && i < count; i++) {
        json_t *run = run_json(results[i]);

        if (output->cards != NULL) {
            json_object_set_new(run, "validation",
                                gw_output_validity_json(output->cards, results[i]));
        }
        ok = json_array_append_new(runs, run) == 0;
    }
    ok = json_object_set_new(root, "runs", runs) == 0 && ok;
    if (!ok) {
        json_decref(root);
        return false;
    }
    return gw_output_dump(output, root, "runs");
}

static bool
runs_any(const struct gw_output *output, const struct gw_result *const *results, size_t count)
{
    switch (output->format) {
    case GW_OUTPUT_JSON:
    case GW_OUTPUT_JSONL:
        return runs_json(output, results, count);
    case GW_OUTPUT_CSV:
        return gw_output_runs_csv(output, results, count);
    case GW_OUTPUT_MD:
        return gw_output_runs_table(output, results, count, GW_TABLE_MARKDOWN);
    case GW_OUTPUT_TABLE:
        break;
    }
    return gw_output_runs_table(output, results, count, GW_TABLE_TEXT) &&
           (output->cards == NULL || gw_output_validity_text(output, results, count));
}

bool
gw_output_runs(const struct gw_output *output, const struct gw_result *const *results, size_t count,
               struct gw_error *err)
{
    return gw_output_done(output, runs_any(output, results, count), err);
}
