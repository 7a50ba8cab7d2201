/* process_pool.h - tasks done by worker processes, so that the crash of one costs one task.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_PROCESS_POOL_H
#define GW_PROCESS_POOL_H

#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

struct gw_pool_reply {
    const char *bytes; /* NULL: the worker died over the task */
    size_t length;
    const char *death; /* "killed by signal 6 (Aborted): its last line"; NULL: it lives */
};

struct gw_pool {
    size_t tasks;       /* numbers 0 .. tasks - 1 */
    size_t workers;     /* >= 1 */
    size_t window;      /* >= 1: replies that may wait for their turn */
    int64_t timeout_ns; /* wall time of one task, after which its worker is killed; 0: none */
    const char *kills;  /* where the kernel counts kills for want of memory; NULL: /proc/vmstat */
    /* In a worker: a fork of this process that must not touch its files and databases. */
    void (*work)(void *self, size_t task, struct gw_text *reply);
    /* In the caller, in the order of the tasks. False: stop at once, those in flight are lost. */
    bool (*on_reply)(void *self, size_t task, const struct gw_pool_reply *reply);
    /* Now and then, with the number of replies handed on. May be NULL. True: hand out no more;
     * what is in flight is finished and handed on. */
    bool (*on_wait)(void *self, size_t done);
    void *self;
};

/* Errors: GW_ENOMEM (memory, processes), GW_ECANCELED (a callback stopped it). No worker is left. */
bool gw_pool_run(const struct gw_pool *pool, struct gw_error *err);

#endif
