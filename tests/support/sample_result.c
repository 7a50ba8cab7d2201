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

static void
set_parameters(struct gw_result *result, const char *const *names, const char *const *values)
{
    result->parameter_names = calloc(2, sizeof(char *));
    result->parameter_values = calloc(2, sizeof(char *));
    gw_assert(result->parameter_names != NULL && result->parameter_values != NULL);
    for (size_t i = 0; i < 2; i++) {
        result->parameter_names[i] = copy(names[i]);
        result->parameter_values[i] = copy(values[i]);
    }
    result->parameter_count = 2;
}

static const char *
number(int value, char text[160])
{
    snprintf(text, 160, "%d", value);
    return text;
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
    for (size_t i = GW_METRIC_TOTAL_TIME_S; i < GW_METRIC_COUNT; i++) {
        result->metric[i] = __builtin_nan("");
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
    set_parameters(result, (const char *const[]){"migration.architecture", "workload.oio"},
                   (const char *const[]){architecture, number(oio, text)});
    result->wall_s = 0.5;
}

/* A pre-copy whose dirty rate falls under the rate of the wire when the throttle bites. */
static void
add_memory_series(struct gw_result *result, double time_s)
{
    double start_s = 30.0;

    add(result, GW_SERIES_PHASE, start_s, (double[]){0});
    add(result, GW_SERIES_PHASE, start_s + time_s * 0.98, (double[]){1});
    result->phase_names[0] = "pre-copy";
    result->phase_names[1] = "switch-over";
    result->phase_count = 2;
    for (int i = -40; i <= 440; i++) {
        double share = i < 0 ? 0.0 : i > 400 ? 1.0 : (double)i / 400.0;
        bool moves = i >= 0 && i <= 400;
        double throttle = moves ? 10.0 * (int)(share * 8.0) : 0.0;
        double speed = 1.0 - throttle / 100.0;
        double left = moves ? 2e9 * (1.0 - share) * (1.0 - (double)(i % 50) / 60.0) : 0.0;

        add(result, GW_SERIES_MEMORY, start_s + time_s * i / 400.0,
            (double[]){left, 4e8 * speed, moves ? 1.2e8 : 0.0, throttle, 1e5 * speed, speed, 1.2e8,
                       3.6e7, moves ? i / 50 : 0, moves ? 0.6 : 0.0, 0.0});
    }
    for (int i = 1; i <= 8; i++) {
        add(result, GW_SERIES_SYNC, start_s + time_s * i / 8.0,
            (double[]){i, 4e5 / i, 2e9 / i, 2e9 * i / 8.0, 10.0 * i});
    }
}

static void
set_memory_metrics(struct gw_result *result, double time_s)
{
    for (size_t i = 0; i < GW_METRIC_COUNT; i++) {
        result->metric[i] =
            i < GW_METRIC_TOTAL_TIME_S && i > GW_METRIC_BYTES_SENT ? __builtin_nan("") : 0.0;
    }
    result->metric[GW_METRIC_MIGRATION_TIME_S] = time_s;
    result->metric[GW_METRIC_TOTAL_TIME_S] = time_s;
    result->metric[GW_METRIC_DOWNTIME_S] = 0.25;
    result->metric[GW_METRIC_GUEST_PENALTY_S] = 0.4 * time_s;
    result->metric[GW_METRIC_ITERATIONS] = 8.0;
    result->metric[GW_METRIC_SYNC_COUNT] = 8.0;
    result->metric[GW_METRIC_BYTES_SENT] = 1.2e8 * time_s;
    result->metric[GW_METRIC_THROTTLE_PCT_MOST] = 80.0;
    result->metric[GW_METRIC_GUEST_RATE_RATIO] = 0.625;
    result->metric[GW_METRIC_SOURCE_MAIN_CPU_SHARE] = 1.0;
    result->metric[GW_METRIC_XBZRLE_CACHE_MISS] = 127e6;
}

void
gw_sample_memory_result(struct gw_result *result, const char *architecture, int increment,
                        int replication)
{
    double time_s = 60.0 + 200.0 / increment + replication;
    char text[160];

    gw_result_init(result);
    result->scenario = copy("busy-guest");
    result->canonical = copy("{\"memory\":{}}");
    result->vm = copy("vm");
    result->architecture = architecture;
    result->seed = 7;
    result->replication = replication;
    result->outcome = GW_COMPLETED;
    result->reason = "the guest runs on the target";
    result->verified = true;
    snprintf(result->verify_note, sizeof result->verify_note, "262144 pages compared");
    snprintf(text, sizeof text, "%s %d %d", architecture, increment, replication);
    gw_hash_bytes(text, strlen(text), result->run_id);
    set_memory_metrics(result, time_s);
    for (int64_t i = 1; i <= 1000; i++) {
        gw_histogram_add(&result->distribution[GW_LATENCY_DURING_NS], i * 10000);
    }
    add_memory_series(result, time_s);
    set_parameters(result,
                   (const char *const[]){"migration.architecture", "migration.throttle_increment"},
                   (const char *const[]){architecture, number(increment, text)});
    result->wall_s = 0.1;
}
