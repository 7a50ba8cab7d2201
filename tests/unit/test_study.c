/* test_study.c - pins: results come in the order of the jobs whatever the number of threads, with
 * the same bytes; labels of variations; a job's error stays in the job; both ways to stop.
 * Does not pin: what a world computes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sim/study.h"
#include "tests/support/scenario_rig.h"

enum { JOBS = 12 };

static const char *const text =
    "warmup: 1s\ncooldown: 1s\n"
    "devices: {source: {kind: ideal, rate: 50MB/s}, target: {kind: ideal, rate: 50MB/s}}\n"
    "vm: {disks: [{size: 4MiB}]}\nworkload: {kind: open, rate: 100/s}\n"
    "migration: {architecture: mirror, mirror: {lock_range: 1MiB}}\n";

static struct gw_scenario *scenario;
static struct gw_job jobs[JOBS];
static struct gw_study study;
static char digests[JOBS][33];
static size_t handed, stop_after;

static bool
on_done(void *self, struct gw_job *job)
{
    (void)self;
    assert_ptr_equal(job, &jobs[handed]);
    assert_true(job->done);
    handed++;
    return handed < stop_after;
}

static int
set_up(void **state)
{
    (void)state;
    scenario = scenario_rig_parse(text, NULL);
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = (struct gw_job){.scenario = scenario, .replication = i};
    }
    study = (struct gw_study){.jobs = jobs, .count = JOBS, .threads = 1, .on_done = on_done};
    handed = 0;
    stop_after = SIZE_MAX;
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < JOBS; i++) {
        gw_job_clear(&jobs[i]);
    }
    gw_scenario_destroy(scenario);
    return 0;
}

static void
order_and_bytes_do_not_depend_on_threads(void **state)
{
    (void)state;
    for (size_t threads = 1; threads <= 3; threads++) {
        if (threads > 1) {
            tear_down(NULL);
            set_up(NULL);
        }
        study.threads = threads;
        assert_true(gw_study_run(&study, NULL));
        assert_int_equal(handed, JOBS);
        for (int i = 0; i < JOBS; i++) {
            char digest[33];

            assert_int_equal(jobs[i].result_count, 1);
            assert_int_equal(jobs[i].results[0].replication, i);
            assert_true(jobs[i].results[0].verified);
            gw_result_digest(&jobs[i].results[0], digest);
            if (threads == 1) {
                memcpy(digests[i], digest, sizeof digest);
            }
            assert_string_equal(digest, digests[i]);
            assert_true(i == 0 || strcmp(digests[i], digests[i - 1]) != 0);
        }
    }
}

static void
labels_are_passed_on(void **state)
{
    const char *names[] = {"workload.rate"}, *values[] = {"100/s"};
    struct gw_variation variation = {.names = names, .values = values, .count = 1};

    (void)state;
    jobs[0].variation = &variation;
    study.count = 1;
    assert_true(gw_study_run(&study, NULL));
    assert_int_equal(jobs[0].results[0].parameter_count, 1);
    assert_string_equal(jobs[0].results[0].parameter_names[0], "workload.rate");
    assert_string_equal(jobs[0].results[0].parameter_values[0], "100/s");
}

static void
an_error_stays_in_its_job(void **state)
{
    static const char *const missing[] = {"workload={kind: replay, trace: /nonexistent/trace}",
                                          NULL};
    struct gw_scenario *bad = scenario_rig_parse(text, missing);

    (void)state;
    jobs[1].scenario = bad;
    assert_true(gw_study_run(&study, NULL));
    assert_int_equal(handed, JOBS);
    assert_int_equal(jobs[0].error.code, GW_OK);
    assert_int_equal(jobs[1].error.code, GW_ENOENT);
    assert_int_equal(jobs[1].result_count, 0);
    assert_int_equal(jobs[2].error.code, GW_OK);
    gw_scenario_destroy(bad);
}

static void
a_callback_stops_it(void **state)
{
    struct gw_error err = {0};

    (void)state;
    stop_after = 3;
    study.threads = 2;
    assert_false(gw_study_run(&study, &err));
    assert_int_equal(err.code, GW_ECANCELED);
    assert_int_equal(handed, 3);
}

static bool
on_wait(void *self, size_t done)
{
    (void)self;
    return done >= 2;
}

static void
waiting_may_stop_it(void **state)
{
    struct gw_error err = {0};

    (void)state;
    study.on_wait = on_wait;
    assert_false(gw_study_run(&study, &err));
    assert_int_equal(err.code, GW_ECANCELED);
    assert_true(handed >= 1 && handed < JOBS);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(order_and_bytes_do_not_depend_on_threads),
        CASE(labels_are_passed_on),
        CASE(an_error_stays_in_its_job),
        CASE(a_callback_stops_it),
        CASE(waiting_may_stop_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
