/* station.c - a queue with k equal servers.
 *
 * Idea      A job in service is an event; waiting jobs are a linked list. A server that comes
 *           free takes the next job before `done` of the last one runs, so that a job submitted
 *           from `done` cannot overtake those that wait.
 * Invariant Jobs wait only while all servers are busy.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/station.h"

#include "base/error.h"

static void
start(struct gw_station *station, struct gw_job *job)
{
    job->started_ns = station->agenda->now_ns;
    station->waited_ns += job->started_ns - job->arrived_ns;
    gw_schedule(station->agenda, &job->event, job->started_ns + job->service_ns);
}

static void
finish(struct gw_event *event)
{
    struct gw_job *job = gw_container(event, struct gw_job, event);
    struct gw_station *station = job->station;
    struct gw_job *next = station->first;

    station->served++;
    if (next == NULL) {
        station->busy--;
    }
    if (next != NULL) {
        station->first = next->next;
        station->waiting--;
        start(station, next);
    }
    job->done(job);
}

void
gw_station_init(struct gw_station *station, struct gw_agenda *agenda, uint32_t servers)
{
    gw_assert(servers >= 1);
    *station = (struct gw_station){.agenda = agenda, .servers = servers};
}

void
gw_station_submit(struct gw_station *station, struct gw_job *job)
{
    gw_assert(job->service_ns >= 0);
    job->station = station;
    job->event.fire = finish;
    job->next = NULL;
    job->arrived_ns = station->agenda->now_ns;
    if (station->busy < station->servers) {
        station->busy++;
        start(station, job);
        return;
    }
    if (station->first == NULL) {
        station->first = job;
    } else {
        station->last->next = job;
    }
    station->last = job;
    station->waiting++;
}
