/* sample_result.c - made-up results with shapes like those of real migrations.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "tests/support/sample_result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static char *
copy(const char *text)
{
    char *bytes = strdup(text);

    gw_assert(bytes != NULL);
    return bytes;
}

static void
add(struct gw_result *result, enum gw_series_id id, double t_s, const double *values)
{
    gw_assert(gw_series_add(&result->series[id], id, (int64_t)(t_s * 1e9), values));
}

static void
add_series(struct gw_result *result, double time_s, bool iterates)
{
    double gib = 1073741824.0;
    double start_s = 30.0;

    add(result, GW_SERIES_PHASE, start_s, (double[]){0});
    add(result, GW_SERIES_PHASE, start_s + time_s * 0.95, (double[]){1});
    result->phase_names[0] = "bulk copy";
    result->phase_names[1] = "switch-over";
    result->phase_count = 2;
    for (int i = 0; i <= 400; i++) {
        double t = time_s * i / 400.0;
        double wave = (double)(i * 7919 % 100) / 100.0;
        double left = 38.0 * gib * (1.0 - (double)i / 400.0);
        if (iterates) {
            left = 38.0 * gib / (double)(1 << (4 * i / 400)) * (1.0 - i % 100 / 100.0);
        }
        add(result, GW_SERIES_PROGRESS, start_s + t,
            (double[]){left, 38.0 * gib - left, 0, 5e6, 9e7, 1 + 4 * i / 400, 0});
        add(result, GW_SERIES_IOPS, start_s + 1.2 * t - 0.1 * time_s,
            (double[]){1400 + 80 * wave, 600 + 40 * wave, 2500 + 500 * wave, 700 + 200 * wave,
                       i < 30 ? 0 : 900 + 300 * wave, 4 + wave, 40 * wave});
        add(result, GW_SERIES_RANGE, start_s + t,
            (double[]){i < 300 ? 0 : 1, 1e8 * i, 5 + 80 * wave * wave, 200 + 300 * wave});
        add(result, GW_SERIES_HEAT, start_s,
            (double[]){i * gib / 10, i % 37 == 0 ? 900 : 20 * wave});
    }
    for (int i = 1; i <= 10; i++) {
        add(result, GW_SERIES_ITERATION, start_s + 10 * i,
            (double[]){i, start_s + 10 * i - 10, 10, i == 1 ? 38 * gib : 4.5e8 / i, 3e8 / i,
                       2.0e8 - 5e6 * i});
    }
}

void
gw_sample_result(struct gw_result *result, const char *scenario, const char *architecture, int oio,
                 int replication)
{
    char text[160];
    double wave = (double)(replication * 7919 % 13) / 13.0;
    bool mirror = strcmp(architecture, "mirror") == 0;
    double time_s = (mirror ? 330.0 : 360.0 + 9.0 * oio) + 8.0 * wave;

    gw_result_init(result);
    result->scenario = copy(scenario);
    snprintf(text, sizeof text, "{\"migration\":\"%s\",\"oio\":%d}", architecture, oio);
    result->canonical = copy(text);
    result->vm = copy("vm");
    result->architecture = architecture;
    result->seed = 7;
    result->replication = replication;
    result->outcome = GW_COMPLETED;
    result->reason = "target holds all data";
    result->verified = true;
    snprintf(result->verify_note, sizeof result->verify_note, "778240 blocks compared");
    snprintf(text, sizeof text, "%s %s %d %d", scenario, architecture, oio, replication);
    gw_hash_bytes(text, strlen(text), result->run_id);
    for (size_t i = 0; i < GW_METRIC_COUNT; i++) {
        result->metric[i] = (double)(i + 1);
    }
    result->metric[GW_METRIC_MIGRATION_TIME_S] = time_s;
    result->metric[GW_METRIC_DOWNTIME_S] = (mirror ? 0.2 : 2.0 + 0.7 * oio) + 0.1 * wave;
    result->metric[GW_METRIC_GUEST_PENALTY_S] = time_s / 3 + wave;
    result->metric[GW_METRIC_BYTES_SENT] = 40802189312.0;
    result->metric[GW_METRIC_PENALTY_DEFER_S] = __builtin_nan("");
    for (int64_t i = 1; i <= 1000; i++) {
        gw_histogram_add(&result->distribution[GW_LATENCY_DURING_NS], i * 1000000);
    }
    add_series(result, time_s, !mirror);
    result->parameter_names = calloc(2, sizeof(char *));
    result->parameter_values = calloc(2, sizeof(char *));
    gw_assert(result->parameter_names != NULL && result->parameter_values != NULL);
    result->parameter_names[0] = copy("migration.architecture");
    result->parameter_values[0] = copy(architecture);
    result->parameter_names[1] = copy("workload.oio");
    snprintf(text, sizeof text, "%d", oio);
    result->parameter_values[1] = copy(text);
    result->parameter_count = 2;
    result->wall_s = 0.5;
}
