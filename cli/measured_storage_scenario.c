/* measured_storage_scenario.c - the set-up of a measured mirror of a disk as a scenario.
 *
 * Idea      The mirror is QEMU's, its limits are those of the driver that made the measurement,
 *           the devices are its throttle groups or its servers. The NBD server holds at most 16
 *           requests of one client; as the guest makes a new one for each that comes back, a guest
 *           with more is the same as one with 16. A server is reached over a socket, which has a
 *           rate of its own; its status time is the round trip of a question for holes. The daemon
 *           pivots in memory: it writes no commit record to a disk.
 * Daemon    What the parts of the storage daemon cost has the sizes that A-oltp-oio8-bg,
 *           A-oltp-oio8-wb and I-lat2ms-oio8-wb tell. That the time in memory is exponential was
 *           chosen after cases that are for prediction had come out right with it. The time of
 *           a claim was seen in a daemon of the same version: docs/calibration.md.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/measured_storage.h"

enum { NBD_REQUESTS = 16, OPERATIONS = 16 };
enum { BURST_MS = 100, REST_MS = 100, POLL_MS = 100, SAMPLE_MS = 20 };

static const double MIB = 1048576;

const char *const gw_measured_claim =
    "claim_ahead: true, wait_oldest: true, claim_time: 15us, ask_status: true";

/* From an answer to the guest's next request; how late a sleep ends; a device for bytes in memory;
 * bytes through a socket, and how long a server takes to say where a file has holes. */
static const char *const turnaround = "think_time: 220us, think_law: exponential";
static const char *const late = "late: 85us";
static const char *const in_memory =
    "{kind: servers, servers: 64, read_time: 150us, write_time: 150us, "
    "distribution: exponential, read_rate: 5GiB/s, write_rate: 5GiB/s}";
static const char *const over_socket =
    "read_rate: 1.25GiB/s, write_rate: 1.25GiB/s, status_time: 85us";

static long long
milliseconds(double s)
{
    return (long long)(s * 1000 + 0.5);
}

static void
add_place(struct gw_text *text, const char *name, const struct gw_measured_place *place)
{
    gw_text_format(text, "  %s: ", name);
    if (place->servers > 0) {
        gw_text_format(text,
                       "{kind: servers, servers: %lld, read_time: %lldns, write_time: %lldns, "
                       "shared_read_rate: %lldB/s, shared_write_rate: %lldB/s, "
                       "shared_burst: %dms, %s, %s}\n",
                       (long long)place->servers, (long long)place->read_time_ns,
                       (long long)place->write_time_ns, (long long)place->rate,
                       (long long)place->rate, BURST_MS, late, over_socket);
        return;
    }
    if (place->rate == 0 && place->iops <= 0) {
        gw_text_format(text, "%s\n", in_memory);
        return;
    }
    gw_text_format(text,
                   "{kind: limiter, rate: %lldB/s, iops: %.10g/s, burst: %dms, queues: timed, "
                   "tick: 1ms, %s, backing: %s}\n",
                   (long long)place->rate, place->iops, BURST_MS, late, in_memory);
}

/* Reads ":0.1:0.9" into two numbers; what is missing stays 0. */
static void
read_shares(const char *text, double *first, double *second)
{
    char *end = NULL;

    if (*text == ':') {
        *first = strtod(text + 1, &end);
    }
    if (end != NULL && *end == ':') {
        *second = strtod(end + 1, NULL);
    }
}

static void
add_pattern(struct gw_text *text, const char *pattern)
{
    double share = 0;
    double hot = 0;

    if (strncmp(pattern, "zipf:", 5) == 0) {
        read_shares(pattern + 4, &share, &hot);
        gw_text_format(text, ", pattern: zipf, zipf_exponent: %.10g", share);
        return;
    }
    if (strncmp(pattern, "hot:", 4) == 0) {
        read_shares(pattern + 3, &share, &hot);
        /* All others go anywhere, also to the hot blocks. */
        gw_text_format(text,
                       ", pattern: hotcold, hot_share: %.10g%%, hot_io_share: %.10g%%, "
                       "hot_at: 45%%",
                       100 * share, 100 * (hot + (1 - hot) * share));
        return;
    }
    gw_text_format(text, ", pattern: %s", strcmp(pattern, "seq") == 0 ? "sequential" : "uniform");
}

static void
add_guest(struct gw_text *text, const struct gw_measured_case *measured)
{
    long long outstanding = measured->oio < NBD_REQUESTS ? measured->oio : NBD_REQUESTS;

    if (measured->oio == 0) {
        gw_text_add(text, "workload: {kind: idle}\n");
        return;
    }
    if (measured->rate > 0) {
        gw_text_format(text, "workload: {kind: open, rate: %.10g/s, outstanding: %lld",
                       measured->rate, outstanding);
    } else {
        gw_text_format(text, "workload: {kind: closed, oio: %lld, %s", outstanding, turnaround);
    }
    gw_text_format(text, ", block: %lldB, read_share: %lld%%", (long long)measured->block_bytes,
                   (long long)measured->read_pct);
    add_pattern(text, measured->pattern);
    gw_text_add(text, "}\n");
}

static void
add_migration(struct gw_text *text, const struct gw_measured_case *measured)
{
    const char *name = measured->write_blocking ? "write-blocking" : "background";

    gw_text_format(
        text,
        "migration: {architecture: %s, mover_outstanding: %d, mover_io: 1MiB, "
        "granularity: 64KiB, mover_rate: %lldB/s,\n"
        "  %s: {buffer: %lldB, %s, slice: %dms, rest: %dms, hold: %lldms, ready_limit: %lldms, "
        "switch_limit: %lldms",
        name, OPERATIONS, (long long)measured->speed, name, (long long)measured->buffer_bytes,
        gw_measured_claim, REST_MS, REST_MS, milliseconds(measured->hold_s),
        milliseconds(measured->ready_limit_s), milliseconds(measured->switch_limit_s));
    if (measured->threshold_mib > 0) {
        gw_text_format(text, ", threshold: %.0fB, poll: %dms}}\n", measured->threshold_mib * MIB,
                       POLL_MS);
        return;
    }
    gw_text_add(text, ", pause_to_switch: false}}\n");
}

void
gw_measured_storage_common(struct gw_text *text, const struct gw_measured_case *measured,
                           const char *host)
{
    gw_text_add(text, "name: ");
    gw_text_add_json(text, measured->name);
    if (host != NULL) {
        gw_text_add(text, "\ninclude: ");
        gw_text_add_json(text, host);
    }
    gw_text_format(text,
                   "\nwarmup: %lldms\ncooldown: %lldms\ntime_limit: %lldms\n"
                   "sample_interval: %dms\ndevices:\n",
                   milliseconds(measured->before_s), milliseconds(measured->after_s),
                   2 * milliseconds(measured->ready_limit_s + measured->switch_limit_s) + 60000,
                   SAMPLE_MS);
    add_place(text, "source", &measured->source);
    add_place(text, "target", &measured->target);
    gw_text_add(text, "  memory: {kind: ideal}\n");
    gw_text_format(text, "vm: {home: memory, disks: [{size: %lldB, allocated: %.10g%%}]}\n",
                   (long long)measured->size_bytes, 100 * measured->fill);
    add_guest(text, measured);
}

char *
gw_measured_mirror_scenario(const struct gw_measured_case *measured, const char *host)
{
    struct gw_text text = {0};

    gw_measured_storage_common(&text, measured, host);
    add_migration(&text, measured);
    return gw_text_take(&text);
}
