/* test_station.c - pins order of service, several servers, and that a job submitted again from
 * `done` waits behind the others. Waiting times against theory: test_oracle_queue.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/kernel.h"
#include "sim/station.h"

enum { JOBS = 5 };

struct task {
    struct gw_job job;
    int64_t done_ns;
    int again;
};

static void
done(struct gw_job *job)
{
    struct task *task = gw_container(job, struct task, job);

    task->done_ns = job->station->agenda->now_ns;
    if (task->again > 0) {
        task->again--;
        gw_station_submit(job->station, job);
    }
}

static void
run(struct task *tasks, uint32_t servers, struct gw_station *station)
{
    struct gw_kernel *kernel = gw_kernel_create(NULL);

    gw_station_init(station, &kernel->agenda, servers);
    for (size_t i = 0; i < JOBS; i++) {
        tasks[i].job.done = done;
        tasks[i].job.service_ns = 10;
        gw_station_submit(station, &tasks[i].job);
    }
    gw_kernel_run(kernel, GW_TIME_NEVER);
    assert_int_equal(station->busy, 0);
    assert_int_equal(station->waiting, 0);
    gw_kernel_destroy(kernel);
}

static void
test_one_server_serves_in_order(void **state)
{
    struct task tasks[JOBS] = {0};
    struct gw_station station;

    (void)state;
    tasks[0].again = 1;
    run(tasks, 1, &station);
    assert_int_equal(tasks[1].done_ns, 20);
    assert_int_equal(tasks[4].done_ns, 50);
    assert_int_equal(tasks[0].done_ns, 60);
    assert_int_equal(station.served, 6);
    assert_int_equal(station.waited_ns, 10 + 20 + 30 + 40 + 40);
}

static void
test_two_servers_work_at_once(void **state)
{
    struct task tasks[JOBS] = {0};
    struct gw_station station;

    (void)state;
    run(tasks, 2, &station);
    assert_int_equal(tasks[0].done_ns, 10);
    assert_int_equal(tasks[1].done_ns, 10);
    assert_int_equal(tasks[4].done_ns, 30);
    assert_int_equal(station.waited_ns, 10 + 10 + 20);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_server_serves_in_order),
        cmocka_unit_test(test_two_servers_work_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
