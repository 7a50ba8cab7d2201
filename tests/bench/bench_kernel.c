/* bench_kernel.c - the hold model and M/M/1 on the kernel.
 *
 * Hold (Vaucher and Duval, 1975): the earliest event is scheduled again after an exponential
 * delay, drawn from a stream. M/M/1: two events a customer, load 0.75, waiting times summed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>

#include "base/variate.h"
#include "sim/kernel.h"
#include "sim/station.h"
#include "tests/bench/bench.h"

struct hold {
    struct gw_kernel *kernel;
    struct gw_stream stream;
    uint64_t left;
};

struct hop {
    struct gw_event event;
    struct hold *hold;
};

enum { MEAN_NS = 1000000000 };

static void
hop_fire(struct gw_event *event)
{
    struct hold *hold = gw_container(event, struct hop, event)->hold;

    if (--hold->left == 0) {
        gw_kernel_stop(hold->kernel);
    }
    gw_kernel_schedule(hold->kernel, event,
                       hold->kernel->agenda.now_ns + gw_exponential_ns(&hold->stream, MEAN_NS));
}

uint64_t
gw_bench_hold(const struct gw_bench_row *row, double *seconds)
{
    struct hold hold = {.kernel = gw_kernel_create(NULL)};
    struct hop *hops = calloc(row->size, sizeof *hops);
    uint64_t holds = gw_bench_holds(row->size);

    gw_assert(hold.kernel != NULL && hops != NULL);
    gw_stream_open(&hold.stream, 1, 0, "hold", 0);
    for (uint32_t i = 0; i < row->size; i++) {
        hops[i].event.fire = hop_fire;
        hops[i].hold = &hold;
        gw_kernel_schedule(hold.kernel, &hops[i].event, gw_exponential_ns(&hold.stream, MEAN_NS));
    }
    /* Once round to come to the steady state. */
    hold.left = row->size;
    gw_kernel_run(hold.kernel, GW_TIME_NEVER);
    hold.left = holds;
    double start_s = gw_bench_now_s();

    gw_kernel_run(hold.kernel, GW_TIME_NEVER);
    *seconds = gw_bench_now_s() - start_s;
    gw_kernel_destroy(hold.kernel);
    free(hops);
    return holds;
}

struct customers {
    struct gw_kernel *kernel;
    struct gw_stream arrivals, services;
    struct gw_station station;
    struct gw_event arrival;
    struct gw_job *idle;
    uint64_t left;
};

static void
leave(struct gw_job *job)
{
    struct customers *all = gw_container(job->station, struct customers, station);

    job->next = all->idle;
    all->idle = job;
}

static struct gw_job *
take_job(struct customers *all)
{
    struct gw_job *job = all->idle;

    if (job != NULL) {
        all->idle = job->next;
        return job;
    }
    job = calloc(1, sizeof *job);
    gw_assert(job != NULL);
    job->done = leave;
    return job;
}

static void
arrive(struct gw_event *event)
{
    struct customers *all = gw_container(event, struct customers, arrival);
    struct gw_job *job = take_job(all);

    job->service_ns = gw_exponential_ns(&all->services, MEAN_NS / 4 * 3);
    gw_station_submit(&all->station, job);
    if (--all->left > 0) {
        gw_kernel_schedule(all->kernel, event,
                           all->kernel->agenda.now_ns + gw_exponential_ns(&all->arrivals, MEAN_NS));
    }
}

uint64_t
gw_bench_mm1(const struct gw_bench_row *row, double *seconds)
{
    struct customers all = {
        .kernel = gw_kernel_create(NULL), .arrival = {.fire = arrive}, .left = GW_BENCH_CUSTOMERS};

    (void)row;
    gw_assert(all.kernel != NULL);
    gw_stream_open(&all.arrivals, 1, 0, "arrivals", 0);
    gw_stream_open(&all.services, 1, 0, "services", 0);
    gw_station_init(&all.station, &all.kernel->agenda, 1);
    gw_kernel_schedule(all.kernel, &all.arrival, 0);
    double start_s = gw_bench_now_s();

    gw_kernel_run(all.kernel, GW_TIME_NEVER);
    *seconds = gw_bench_now_s() - start_s;
    gw_assert(all.station.served == GW_BENCH_CUSTOMERS);
    while (all.idle != NULL) {
        struct gw_job *next = all.idle->next;

        free(all.idle);
        all.idle = next;
    }
    gw_kernel_destroy(all.kernel);
    return GW_BENCH_CUSTOMERS;
}
