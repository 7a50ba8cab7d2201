/* test_oracle_queue.c - pins the mean waiting time of M/M/1 and M/D/1 on kernel, streams and
 * station to the closed forms of Pollaczek and Khinchine: inside the 99.9 % confidence interval
 * of 30 replications with fixed seeds. Does not pin distributions or other queues.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/variate.h"
#include "sim/kernel.h"
#include "sim/station.h"

enum { REPLICATIONS = 30, WARM = 5000, CUSTOMERS = 40000, SERVICE_NS = 1000000 };

static const double student_t = 3.659; /* 29 degrees of freedom, 99.9 %, two-sided */

struct queue {
    struct gw_kernel *kernel;
    struct gw_station station;
    struct gw_stream arrivals, services;
    struct gw_event arrival;
    int64_t between_ns;
    bool deterministic;
    uint64_t left;
};

static void
leave(struct gw_job *job)
{
    free(job);
}

static void
arrive(struct gw_event *event)
{
    struct queue *queue = gw_container(event, struct queue, arrival);
    struct gw_job *job = calloc(1, sizeof *job);

    assert_non_null(job);
    job->done = leave;
    job->service_ns =
        queue->deterministic ? SERVICE_NS : gw_exponential_ns(&queue->services, SERVICE_NS);
    gw_station_submit(&queue->station, job);
    if (--queue->left == CUSTOMERS) {
        queue->station.waited_ns = 0;
    }
    if (queue->left > 0) {
        gw_schedule(&queue->kernel->agenda, event,
                    event->at_ns + gw_exponential_ns(&queue->arrivals, queue->between_ns));
    }
}

/* Mean wait of one replication, in service times. */
static double
mean_wait(double load, bool deterministic, uint64_t replication)
{
    struct queue queue = {.kernel = gw_kernel_create(NULL),
                          .arrival = {.fire = arrive},
                          .between_ns = (int64_t)(SERVICE_NS / load),
                          .deterministic = deterministic,
                          .left = WARM + CUSTOMERS};

    gw_stream_open(&queue.arrivals, 1, replication, "arrivals", 0);
    gw_stream_open(&queue.services, 1, replication, "services", 0);
    gw_station_init(&queue.station, &queue.kernel->agenda, 1);
    gw_schedule(&queue.kernel->agenda, &queue.arrival, 0);
    gw_kernel_run(queue.kernel, GW_TIME_NEVER);
    assert_int_equal(queue.station.served, WARM + CUSTOMERS);
    gw_kernel_destroy(queue.kernel);
    return (double)queue.station.waited_ns / CUSTOMERS / SERVICE_NS;
}

static void
check(double load, bool deterministic, double expected)
{
    double sum = 0;
    double squares = 0;

    for (uint64_t i = 0; i < REPLICATIONS; i++) {
        double wait = mean_wait(load, deterministic, i);

        sum += wait;
        squares += wait * wait;
    }
    double mean = sum / REPLICATIONS;
    double variance = (squares - sum * mean) / (REPLICATIONS - 1);
    double half = student_t * sqrt(variance / REPLICATIONS);

    print_message("load %.2f: wait %.4f, expected %.4f +- %.4f\n", load, mean, expected, half);
    assert_true(fabs(mean - expected) <= half);
    assert_true(half < 0.1 * expected);
}

static void
test_mm1(void **state)
{
    (void)state;
    check(0.5, false, 0.5 / 0.5);
    check(0.8, false, 0.8 / 0.2);
}

static void
test_md1(void **state)
{
    (void)state;
    check(0.5, true, 0.5 / 0.5 / 2);
    check(0.8, true, 0.8 / 0.2 / 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mm1),
        cmocka_unit_test(test_md1),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
