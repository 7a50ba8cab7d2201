/* measured_memory.h - one measured memory migration, and the scenario that predicts it.
 *
 * A file holds what is known of the set-up and what was measured. The scenario is made of the
 * set-up and of the guest's speed before the migration, never of what came out.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_MEASURED_MEMORY_H
#define GW_MEASURED_MEMORY_H

#include "base/error.h"
#include "base/result.h"

enum gw_measured_metric {
    GW_MEASURED_TOTAL_TIME,
    GW_MEASURED_DOWNTIME,
    GW_MEASURED_SYNC_COUNT,
    GW_MEASURED_BYTES_SENT,
    GW_MEASURED_NORMAL_PAGES,
    GW_MEASURED_THROTTLE,
    GW_MEASURED_GUEST_RATE_RATIO,
    GW_MEASURED_XBZRLE_PAGES,
    GW_MEASURED_XBZRLE_BYTES,
    GW_MEASURED_XBZRLE_CACHE_MISS,
    GW_MEASURED_XBZRLE_OVERFLOW,
    GW_MEASURED_COMPRESSED_PAGES,
    GW_MEASURED_COMPRESSED_BYTES,
    GW_MEASURED_COMPRESSION_BUSY,
    GW_MEASURED_COUNT
};

struct gw_measured_metric_info {
    const char *key;       /* "total_time_s" */
    enum gw_metric metric; /* that predicts it */
    bool of_incomplete;    /* means something although the migration was given up */
    double few;            /* up to here it may all be pages that no scenario knows */
};

extern const struct gw_measured_metric_info gw_measured_metric_info[GW_MEASURED_COUNT];

struct gw_measured_memory {
    char *id;
    char *group;                     /* "A" */
    bool converged;                  /* within the time limit of the measurement */
    bool unpaced_stop;               /* nothing limited the rate while the guest stood still */
    double value[GW_MEASURED_COUNT]; /* NAN: not measured, or without meaning in this case */
    char *scenario;                  /* YAML */
};

/* host: absolute name of a file that the scenario includes for the costs of the host; NULL: those
 * of the program and of the host of the measurements. False: nothing to clear; the message
 * begins with the path. Errors: GW_EINVAL, GW_ENOENT, GW_EIO, GW_ENOMEM. */
bool gw_measured_memory_read(struct gw_measured_memory *measured, const char *path,
                             const char *host, struct gw_error *err);
void gw_measured_memory_clear(struct gw_measured_memory *measured);

#endif
