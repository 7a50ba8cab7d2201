/* cores.h - threads that share the processors of a host.
 *
 * Threads that do the same are a crowd. Whoever models a thread says how long it was runnable, on
 * a processor or waiting for one; the stretch of its crowd then says how many times as long as on
 * a processor of its own its work takes from now on. Without cores every stretch stays 1.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_CORES_H
#define GW_CORES_H

#include <stdint.h>

#include "base/error.h"

enum gw_crowd {
    GW_CROWD_MIGRATION, /* the migration thread */
    GW_CROWD_WORKERS,   /* its workers, or the threads of its channels */
    GW_CROWD_VCPUS,
    GW_CROWD_LOADERS,  /* the target's threads that read the stream */
    GW_CROWD_DECODERS, /* and unpack */
    GW_CROWD_COUNT
};

struct gw_cores_crowd {
    uint32_t threads;
    uint32_t host;      /* crowds with the same number share processors */
    double runnable_ns; /* all its threads together, since the last settling */
    double share;       /* of the time that one of them was runnable, of late; 0 .. 1 */
    double stretch;     /* >= 1 */
};

struct gw_cores {
    int64_t cores; /* of each host; 0: one for each thread */
    int64_t settled_ns;
    struct gw_cores_crowd crowd[GW_CROWD_COUNT];
    double *chance; /* owned: of so many threads being runnable */
};

/* Crowds are filled in with threads and host. Errors: GW_ENOMEM. */
bool gw_cores_open(struct gw_cores *cores, int64_t count, const struct gw_cores_crowd *crowds,
                   struct gw_error *err);
void gw_cores_close(struct gw_cores *cores);

/* Threads of the crowd were runnable for so long, summed up; it may lie a little in the future. */
static inline void
gw_cores_ran(struct gw_cores *cores, enum gw_crowd crowd, double runnable_ns)
{
    cores->crowd[crowd].runnable_ns += runnable_ns;
}

/* Whether it is time to settle: a millisecond has passed, and there are cores to share. */
bool gw_cores_are_due(const struct gw_cores *cores, int64_t now_ns);
/* New shares and stretches from what the threads did since the last time. */
void gw_cores_settle(struct gw_cores *cores, int64_t now_ns);

#endif
