/* station.h - a queue with k equal servers, first come first served.
 *
 * The building block of queueing models. Each job brings its own service time; `done` is called
 * from the agenda's loop when it has been served, and may submit the job again.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_STATION_H
#define GW_STATION_H

#include <stddef.h>

#include "base/event.h"

struct gw_station;

/* Embedded in its owner, who keeps it from submit until done. */
struct gw_job {
    struct gw_event event;
    void (*done)(struct gw_job *job);
    struct gw_job *next;
    struct gw_station *station;
    int64_t service_ns; /* set by the owner, >= 0 */
    int64_t arrived_ns; /* set by submit */
    int64_t started_ns; /* set when a server takes the job */
};

struct gw_station {
    struct gw_agenda *agenda;
    struct gw_job *first, *last; /* waiting, not in service */
    uint32_t servers;
    uint32_t busy;
    uint64_t waiting;
    uint64_t served;
    int64_t waited_ns; /* sum over all jobs that were started */
};

void gw_station_init(struct gw_station *station, struct gw_agenda *agenda, uint32_t servers);
void gw_station_submit(struct gw_station *station, struct gw_job *job);

#endif
