/* output_csv.c - runs as wide CSV: everything that JSON has, one line a run.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdlib.h>

#include "results/output_shared.h"

static const char *const key_headings[] = {"scenario",    "vm",      "architecture", "replication",
                                           "seed",        "outcome", "reason",       "verified",
                                           "verify_note", "run_id",  "digest"};
static const char *const quantile_headings[] = {"p50_ms", "p95_ms", "p99_ms", "mean_ms", "max_ms"};

enum {
    KEY_COUNT = sizeof key_headings / sizeof key_headings[0],
    QUANTILE_COUNT = sizeof quantile_headings / sizeof quantile_headings[0]
};

static void
add_headings(struct gw_table *table, const char *const *names, size_t name_count)
{
    for (size_t i = 0; i < KEY_COUNT; i++) {
        gw_table_add(table, key_headings[i]);
    }
    for (size_t i = 0; i < name_count; i++) {
        gw_table_add(table, names[i]);
    }
    for (size_t i = 0; i < GW_METRIC_COUNT; i++) {
        gw_table_add(table, gw_metric_info[i].key);
    }
    for (size_t i = 0; i < GW_DISTRIBUTION_COUNT; i++) {
        for (size_t k = 0; k < QUANTILE_COUNT; k++) {
            gw_table_format(table, "%s_%s", gw_distribution_info[i].key, quantile_headings[k]);
        }
    }
}

static void
add_distribution(struct gw_table *table, const struct gw_histogram *histogram)
{
    const double values[QUANTILE_COUNT] = {
        (double)gw_histogram_quantile(histogram, 0.50) / 1e6,
        (double)gw_histogram_quantile(histogram, 0.95) / 1e6,
        (double)gw_histogram_quantile(histogram, 0.99) / 1e6,
        gw_histogram_mean(histogram) / 1e6,
        (double)histogram->most / 1e6,
    };

    for (size_t i = 0; i < QUANTILE_COUNT; i++) {
        gw_table_add_number(table, GW_TABLE_ALL_DIGITS, histogram->total == 0 ? NAN : values[i]);
    }
}

static void
add_run(struct gw_table *table, const struct gw_result *result, const char *const *names,
        size_t name_count)
{
    char digest[33];

    gw_result_digest(result, digest);
    gw_table_add(table, result->scenario);
    gw_table_add(table, result->vm);
    gw_table_add(table, result->architecture);
    gw_table_format(table, "%lld", (long long)result->replication);
    gw_table_format(table, "%llu", (unsigned long long)result->seed);
    gw_table_add(table, gw_outcome_name(result->outcome));
    gw_table_add(table, result->reason);
    gw_table_add(table, result->verified ? "true" : "false");
    gw_table_add(table, result->verify_note);
    gw_table_add(table, result->run_id);
    gw_table_add(table, digest);
    for (size_t i = 0; i < name_count; i++) {
        gw_table_add(table, gw_result_parameter(result, names[i]));
    }
    for (size_t i = 0; i < GW_METRIC_COUNT; i++) {
        gw_table_add_number(table, GW_TABLE_ALL_DIGITS, result->metric[i]);
    }
    for (size_t i = 0; i < GW_DISTRIBUTION_COUNT; i++) {
        add_distribution(table, &result->distribution[i]);
    }
}

bool
gw_output_runs_csv(const struct gw_output *output, const struct gw_result *const *results,
                   size_t count)
{
    const char **names = NULL;
    size_t name_count = 0;
    struct gw_table table;

    if (!gw_output_parameter_names(results, count, &names, &name_count)) {
        return false;
    }
    gw_table_init(&table, KEY_COUNT + name_count + GW_METRIC_COUNT +
                              (size_t)GW_DISTRIBUTION_COUNT * QUANTILE_COUNT);
    add_headings(&table, names, name_count);
    for (size_t i = 0; i < count; i++) {
        add_run(&table, results[i], names, name_count);
    }
    bool ok = gw_table_print(&table, output->stream, GW_TABLE_CSV, false);
    gw_table_clear(&table);
    free(names);
    return ok;
}
