/* measured_storage.h - what is known of a measured storage migration before it starts.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_MEASURED_STORAGE_H
#define GW_MEASURED_STORAGE_H

#include <jansson.h>
#include <stdint.h>

#include "cli/measured.h"

/* A file's storage: limits of a throttle group, or of a server with a fixed service time. */
struct gw_measured_place {
    int64_t rate;                        /* bytes/s; 0: none */
    double iops;                         /* 0: none */
    int64_t servers;                     /* service threads; 0: no such server */
    int64_t read_time_ns, write_time_ns; /* of the server */
};

/* The key "case" of a file. Texts are borrowed from it. */
struct gw_measured_case {
    const char *name;
    const char *mode;  /* "mirror", "snapshot", "stream" */
    const char *place; /* "T" throttled, "D" served with a delay, "R", "U" not limited */
    int64_t size_bytes;
    double fill; /* share of the image that was ever written */
    struct gw_measured_place source, target;
    /* guest */
    int64_t read_pct, oio, block_bytes; /* oio 0: no guest */
    double rate;                        /* arrivals/s; 0: closed loop */
    const char *pattern;                /* "rand", "seq", "zipf:0.99", "hot:0.1:0.9" */
    /* mirror */
    bool write_blocking;
    int64_t buffer_bytes; /* QEMU's buf-size */
    int64_t speed;        /* bytes/s; 0: no limit */
    /* F runs in MiB: the driver pauses the guest at so little remaining; 0: it does not. Snapshot:
     * overlays of at most so many MiB are the last. */
    double threshold_mib;
    /* snapshot */
    int64_t workers;  /* of the copy of the base */
    bool pause_final; /* the guest is paused for the last commit */
    /* driver */
    double before_s;       /* load before the migration starts */
    double after_s;        /* and after it has completed */
    double hold_s;         /* from READY to block-job-complete */
    double ready_limit_s;  /* cap: then the guest is paused */
    double switch_limit_s; /* complete_cap: from block-job-complete, then the guest is paused */
};

struct gw_text;

/* How the loop of a mirror claims chunks, as settings of it. */
extern const char *const gw_measured_claim;

/* What the scenarios of all modes begin with: host, devices, disk and guest; all but `migration`. */
void gw_measured_storage_common(struct gw_text *text, const struct gw_measured_case *measured,
                                const char *host);

/* The scenarios that predict it, as YAML; host: absolute name of a file to include, or NULL.
 * Caller frees; NULL: memory out. */
char *gw_measured_mirror_scenario(const struct gw_measured_case *measured, const char *host);
char *gw_measured_snapshot_scenario(const struct gw_measured_case *measured, const char *host);

/* Adds the sizes of a snapshot migration's overlays. */
void gw_measured_snapshot_numbers(struct gw_measured *measured, const json_t *root);

/* host: as in gw_measured_read. Errors: GW_EINVAL, GW_ENOMEM; what was filled is to be cleared. */
bool gw_measured_storage_read(struct gw_measured *measured, const json_t *root, const char *host,
                              struct gw_error *err);

#endif
