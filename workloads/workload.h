/* workload.h - what a guest does to its disks: one table a kind.
 *
 * A workload is a set of streams. A closed stream keeps `concurrency` IOs outstanding: the next
 * one is asked for when one completes. An open stream (concurrency 0) is asked for its next
 * arrival as soon as the last one was issued, whatever is outstanding. The k-th demand of a
 * stream is the same whatever the migration does (common random numbers): draws come from the
 * workload's own streams and never depend on `now_ns` but for at_ns.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_WORKLOAD_H
#define GW_WORKLOAD_H

#include "base/error.h"
#include "base/io.h"
#include "base/setting.h"

struct gw_workload;

/* One IO that the guest wants to make. */
struct gw_demand {
    int64_t at_ns; /* not before this moment, >= now_ns */
    enum gw_io_op op;
    uint32_t disk;           /* index of the guest's disk */
    struct gw_extent extent; /* inside the disk */
    int64_t soon_bytes;      /* hint: an IO of the near future begins here on the same disk;
                                negative where the workload leaves it as the caller set it */
};

struct gw_workload_context {
    const int64_t *disk_bytes; /* size of each disk of the guest, borrowed until destroy */
    uint32_t disk_count;
    uint64_t seed;
    uint64_t replication;
    uint64_t object; /* which guest: the object number of its random streams */
};

struct gw_workload_kind {
    const char *name;   /* "closed": `kind:` in the scenario */
    const char *title;  /* one line for `godwit list workloads` */
    const char *source; /* paper, tool, or "own" */
    const struct gw_setting *settings;
    size_t settings_bytes;
    /* Errors: GW_EINVAL, GW_ENOENT (a trace), GW_EIO (a damaged trace, with file@offset). */
    struct gw_workload *(*create)(const struct gw_workload_context *context, const void *settings,
                                  struct gw_error *err);
};

struct gw_workload {
    const struct gw_workload_kind *kind;
    uint32_t stream_count;
    int64_t alignment_bytes;     /* every offset and length is a multiple: 512 .. 64 KiB,
                                      power of two                                             */
    const char *digest;          /* content hash of a trace, or NULL; owned by the workload */
    const uint32_t *concurrency; /* per stream; 0 = open */
    /* Next demand of `stream`; false when the stream has ended for good. Errors of a trace
     * met on the way end the stream and are kept for `fault`. */
    bool (*next)(struct gw_workload *workload, uint32_t stream, int64_t now_ns,
                 struct gw_demand *out);
    /* NULL, or the sentence of the error that ended a stream too early. */
    const char *(*fault)(const struct gw_workload *workload);
    void (*destroy)(struct gw_workload *workload);
};

#endif
