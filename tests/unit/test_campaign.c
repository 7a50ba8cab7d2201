/* test_campaign.c - pins: a plan has the runs of all points and replications in order; the ids it
 * speaks of are those that the runs get, for disks, memory and traces; the same plan has the same
 * hash; a repro line is safe for a shell; shards are a partition that does not depend on the plan;
 * later rounds have the same points and ids, and the rule to stop is of the plan.
 * Does not pin: what points a sweep has (test_sweep.c).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "cli/campaign.h"
#include "sim/study.h"

static const char path[] = "test campaign.yaml";
static const char trace_path[] = "test_campaign.trace";

static const char disk_text[] =
    "warmup: 1s\ncooldown: 1s\nreplications: 2\n"
    "devices: {source: {kind: ideal, rate: 50MB/s}, target: {kind: ideal, rate: 50MB/s}}\n"
    "vm: {disks: [{size: 4MiB}]}\nworkload: {kind: open, rate: 100/s}\n"
    "migration: {architecture: mirror, mirror: {lock_range: 1MiB}}\n";

static const char trace_text[] =
    "warmup: 1s\ncooldown: 1s\n"
    "devices: {source: {kind: ideal, rate: 50MB/s}, target: {kind: ideal, rate: 50MB/s}}\n"
    "vm: {disks: [{size: 4MiB}]}\nworkload: {kind: replay, trace: test_campaign.trace}\n"
    "migration: {architecture: mirror, mirror: {lock_range: 1MiB}}\n";

static const char memory_text[] =
    "memory: {size: 16MiB}\nregions: [{name: heap, size: 8MiB, content: text}]\n"
    "link: {rate: 1Gbps}\nmigration: {architecture: precopy}\n";

static void
write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int
remove_files(void **state)
{
    (void)state;
    remove(path);
    remove(trace_path);
    return 0;
}

static const char *const scenarios[] = {path};
static const char *const sweeps[] = {"workload.rate=100/s,200/s,300/s"};

static struct gw_campaign_request
request_of(size_t sweep_count)
{
    return (struct gw_campaign_request){.scenarios = scenarios,
                                        .scenario_count = 1,
                                        .sweeps = sweeps,
                                        .sweep_count = sweep_count,
                                        .seed = -1};
}

static void
plan(struct gw_campaign *campaign, const struct gw_campaign_request *request)
{
    struct gw_diagnostics diagnostics = {0};
    struct gw_text text = {0};

    if (!gw_campaign_plan(campaign, request, &diagnostics)) {
        gw_diagnostics_write(&diagnostics, false, &text);
        fail_msg("%s", text.bytes);
    }
    gw_diagnostics_clear(&diagnostics);
}

/* Every run of the plan gets the ids that were planned. */
static void
assert_ids_hold(const struct gw_campaign *campaign)
{
    for (size_t i = 0; i < campaign->run_count; i++) {
        const struct gw_campaign_run *run = &campaign->runs[i];
        struct gw_diagnostics diagnostics = {0};
        struct gw_scenario *scenario = gw_campaign_scenario(campaign, run, &diagnostics);
        struct gw_job job = {.scenario = scenario, .replication = run->replication};

        assert_non_null(scenario);
        gw_job_run(&job);
        assert_int_equal(job.error.code, GW_OK);
        assert_int_equal(job.result_count, run->id_count);
        for (size_t k = 0; k < job.result_count; k++) {
            assert_string_equal(job.results[k].run_id, campaign->ids[run->first_id + k]);
        }
        gw_job_clear(&job);
        gw_scenario_destroy(scenario);
    }
}

static void
test_runs_in_order(void **state)
{
    struct gw_campaign_request request = request_of(1);
    struct gw_campaign campaign;

    (void)state;
    write_file(path, disk_text);
    plan(&campaign, &request);
    assert_int_equal(campaign.run_count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(campaign.runs[i].point, i / 2);
        assert_int_equal(campaign.runs[i].replication, i % 2);
    }
    assert_ids_hold(&campaign);
    gw_campaign_clear(&campaign);
}

static void
test_ids_of_memory_and_traces(void **state)
{
    static const char *const texts[] = {memory_text, trace_text};
    struct gw_campaign_request request = request_of(0);
    struct gw_campaign campaign;

    (void)state;
    write_file(trace_path, "fio version 2 iolog\n/d add\n/d open\n/d write 0 4096\n/d close\n");
    for (size_t i = 0; i < 2; i++) {
        write_file(path, texts[i]);
        plan(&campaign, &request);
        assert_ids_hold(&campaign);
        gw_campaign_clear(&campaign);
    }
}

static void
test_hash_tells_plans_apart(void **state)
{
    struct gw_campaign_request request = request_of(1);
    struct gw_campaign campaigns[3];

    (void)state;
    write_file(path, disk_text);
    plan(&campaigns[0], &request);
    plan(&campaigns[1], &request);
    request.seed = 77;
    plan(&campaigns[2], &request);
    assert_string_equal(campaigns[0].hash, campaigns[1].hash);
    assert_string_not_equal(campaigns[0].hash, campaigns[2].hash);
    assert_ids_hold(&campaigns[2]);
    for (size_t i = 0; i < 3; i++) {
        gw_campaign_clear(&campaigns[i]);
    }
}

static void
test_words(void **state)
{
    static const char *const quoted[] = {"name='it''s $HOME'"};
    struct gw_campaign_request request = request_of(1);
    struct gw_campaign campaign;
    struct gw_text repro = {0};
    struct gw_text words = {0};

    (void)state;
    write_file(path, disk_text);
    request.settings = quoted;
    request.setting_count = 1;
    request.seed = 5;
    request.replications = 3;
    plan(&campaign, &request);
    gw_campaign_repro(&campaign, &campaign.runs[4], &repro);
    assert_non_null(strstr(repro.bytes, "godwit run 'test campaign.yaml' --set"));
    assert_non_null(strstr(repro.bytes, "--set workload.rate=200/s"));
    assert_non_null(strstr(repro.bytes, " --seed 5 --replication 1"));
    assert_non_null(strstr(repro.bytes, "$HOME"));
    assert_null(strstr(repro.bytes, "\"$HOME"));
    gw_campaign_arguments(&campaign, &words);
    assert_string_equal(words.bytes, "[\"test campaign.yaml\",\"--set\",\"name='it''s $HOME'\","
                                     "\"--sweep\",\"workload.rate=100/s,200/s,300/s\","
                                     "\"--seed=5\",\"--replications=3\"]");
    gw_text_clear(&repro);
    gw_text_clear(&words);
    gw_campaign_clear(&campaign);
}

static void
test_shards(void **state)
{
    static const char *const bad[] = {"", "1", "/2", "2/2", "-1/2", "1/0", "1/2x", "a/b", "1/ 2"};
    struct gw_shard shard;
    struct gw_error err;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(gw_shard_parse(bad[i], &shard, &err));
    }
    assert_true(gw_shard_parse("2/16", &shard, &err));
    assert_int_equal(shard.index, 2);
    assert_int_equal(shard.count, 16);
    /* Modulo 16 is the last digit; modulo 3, as 16 = 1 (mod 3), the sum of the digits. */
    assert_true(gw_shard_has(&shard, "ffffffffffffffffffffffffffffff02"));
    assert_false(gw_shard_has(&shard, "ffffffffffffffffffffffffffffff03"));
    assert_false(gw_shard_has(&(struct gw_shard){2, 3}, "00000000000000000000000000000abc"));
    assert_true(gw_shard_has(&(struct gw_shard){0, 3}, "00000000000000000000000000000abc"));
    assert_true(gw_shard_has(&(struct gw_shard){0, 0}, "00000000000000000000000000000abc"));
    for (uint64_t count = 1; count < 20; count++) {
        for (uint64_t number = 0; number < 100; number++) {
            size_t owners = 0;
            char id[GW_HASH_TEXT];
            gw_hash_bytes(&number, sizeof number, id);
            for (uint64_t index = 0; index < count; index++) {
                owners += gw_shard_has(&(struct gw_shard){index, count}, id) ? 1 : 0;
            }
            assert_int_equal(owners, 1);
        }
    }
}

static const char *const stops[] = {"sweep.stop.metric=downtime_s", "sweep.stop.least=2",
                                    "sweep.stop.most=5"};

/* A later round: other numbers of replications, the same points and ids. */
static void
test_counts(void **state)
{
    static const int64_t counts[] = {0, 4, 1};
    struct gw_campaign_request request = request_of(1);
    struct gw_diagnostics diagnostics = {0};
    struct gw_campaign campaign;
    struct gw_campaign round;

    (void)state;
    write_file(path, disk_text);
    request.settings = stops;
    request.setting_count = 3;
    plan(&campaign, &request);
    assert_int_equal(campaign.run_count, 6);
    assert_true(gw_campaign_plan_counts(&round, &campaign, counts, &diagnostics));
    assert_int_equal(round.run_count, 5);
    assert_int_equal(gw_campaign_points(&round), 3);
    assert_int_equal(gw_campaign_point(&round, &round.runs[0]), 1);
    assert_int_equal(gw_campaign_runs_of_point(&round, 0), 4);
    assert_int_equal(gw_campaign_point(&round, &round.runs[4]), 2);
    assert_string_equal(round.ids[1], campaign.ids[3]);
    assert_string_equal(round.ids[4], campaign.ids[4]);
    assert_string_equal(gw_campaign_shard_id(&round, 3), campaign.ids[2]);
    assert_string_equal(gw_campaign_shard_id(&campaign, 5), campaign.ids[4]);
    gw_campaign_clear(&round);
    gw_campaign_clear(&campaign);
    gw_diagnostics_clear(&diagnostics);
}

/* The rule is of the plan: it is in its hash and in its words. */
static void
test_rule_is_remembered(void **state)
{
    struct gw_campaign_request request = request_of(1);
    struct gw_campaign campaign;
    struct gw_text words = {0};
    char hash[33];

    (void)state;
    write_file(path, disk_text);
    request.settings = stops;
    request.setting_count = 2;
    plan(&campaign, &request);
    memcpy(hash, campaign.hash, sizeof hash);
    gw_campaign_arguments(&campaign, &words);
    assert_non_null(strstr(words.bytes, "\"--set\",\"sweep.stop.most=200\""));
    assert_null(strstr(words.bytes, "\"sweep.stop.metric=downtime_s\""));
    gw_text_clear(&words);
    gw_campaign_clear(&campaign);
    request.setting_count = 3;
    plan(&campaign, &request);
    assert_string_not_equal(campaign.hash, hash);
    gw_campaign_clear(&campaign);
}

static void
test_too_many_runs(void **state)
{
    struct gw_campaign_request request = request_of(1);
    struct gw_diagnostics diagnostics = {0};
    struct gw_campaign campaign = {0};
    struct gw_text text = {0};

    (void)state;
    write_file(path, disk_text);
    request.replications = INT64_C(9000000000000);
    assert_false(gw_campaign_plan(&campaign, &request, &diagnostics));
    gw_diagnostics_write(&diagnostics, false, &text);
    assert_non_null(strstr(text.bytes, "more than 5000000 runs"));
    gw_text_clear(&text);
    gw_diagnostics_clear(&diagnostics);
    gw_campaign_clear(&campaign);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_runs_in_order, remove_files),
        cmocka_unit_test_teardown(test_counts, remove_files),
        cmocka_unit_test_teardown(test_too_many_runs, remove_files),
        cmocka_unit_test_teardown(test_rule_is_remembered, remove_files),
        cmocka_unit_test_teardown(test_ids_of_memory_and_traces, remove_files),
        cmocka_unit_test_teardown(test_hash_tells_plans_apart, remove_files),
        cmocka_unit_test_teardown(test_words, remove_files),
        cmocka_unit_test(test_shards),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
