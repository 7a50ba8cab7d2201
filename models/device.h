/* device.h - modelled hardware that serves IO: one table a kind, composed by scenario.
 *
 * A device takes requests and calls request->done from the agenda's loop when each is served,
 * never from inside submit. It models time and errors only: data (a version a block) live in
 * the simulated adapters. Composite devices (stripe, array, limiter, link) own their children.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_DEVICE_H
#define GW_DEVICE_H

#include "base/error.h"
#include "base/event.h"
#include "base/io.h"
#include "base/setting.h"

struct gw_device;

#define GW_CAPACITY_ANY INT64_MAX

/* What a device may know of the study when it is made. */
struct gw_device_context {
    struct gw_agenda *agenda;
    const char *name; /* unique path in the scenario ("devices.source.backing"): stream names */
    uint64_t seed;
    uint64_t replication;
};

/* One request; embedded in its owner, which zeroes it once and keeps it until `done` was called. */
struct gw_request {
    void (*done)(struct gw_request *request); /* result is set; may submit again at once */
    enum gw_io_op op;
    enum gw_code result;
    uint32_t flow;        /* who asks (a guest, a mover): fairness is between flows */
    uint32_t tag;         /* owner's */
    int64_t offset_bytes; /* on this device */
    int64_t length_bytes; /* > 0, or 0 for a flush */
    int64_t arrived_ns;   /* set by the device on submit */
    /* The device's own room while it holds the request: */
    struct gw_device *device;
    struct gw_request *next;
    struct gw_event event;
    int64_t scratch[2];
};

/* What a device counted; all kinds fill the same fields where they mean something. */
struct gw_device_stats {
    int64_t reads, writes, bytes_read, bytes_written; /* requests served */
    int64_t busy_ns;  /* time with at least one request in service */
    int64_t queue_ns; /* sum over requests of time waited */
    int64_t cache_hits, cache_misses, destaged_bytes; /* array */
    int64_t depth_max;                                /* most requests held at once */
};

struct gw_device_kind {
    const char *name;   /* "disk": `kind:` in the scenario */
    const char *title;  /* one line for `godwit list devices` */
    const char *source; /* where the model comes from */
    const struct gw_setting *settings;
    size_t settings_bytes;
    const char *const *children; /* config keys that hold child devices ("backing"), NULL-ended;
                                    a kind without children has NULL */
    /* `children` in the order of the keys above; ownership passes on success;
     * a device that needs chance opens streams
     * keyed by context->seed, ->replication and ->name. Errors: GW_EINVAL. */
    struct gw_device *(*create)(const struct gw_device_context *context, const void *settings,
                                struct gw_device **children, struct gw_error *err);
    /* NULL, or the settings key (GW_SETTING_COUNT) that says how many instances of each child
     * the builder makes, each from the same config under its own name ("...member[3]");
     * `children` then holds the copies in a row, key after key. */
    const char *copies;
};

struct gw_device {
    const struct gw_device_kind *kind;
    struct gw_agenda *agenda;
    int64_t capacity_bytes; /* GW_CAPACITY_ANY where the device does not care */
    void (*submit)(struct gw_device *device, struct gw_request *request);
    void (*stats)(const struct gw_device *device, struct gw_device_stats *out);
    void (*destroy)(struct gw_device *device); /* and its children */
};

#endif
