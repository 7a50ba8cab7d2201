/* device_rig.h - makes a device from words and puts a load on it.
 *
 * Settings go through the kind's own table, as a scenario's would. Every IO is checked to come
 * back exactly once and never from inside submit.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_DEVICE_RIG_H
#define GW_DEVICE_RIG_H

#include "base/random.h"
#include "models/device_list.h"
#include "tests/support/test_agenda.h"

#define SECOND INT64_C(1000000000)
#define MILLISECOND INT64_C(1000000)
#define KIB(n) ((int64_t)(n) << 10)
#define MIB(n) ((int64_t)(n) << 20)

enum { RIG_IOS_MOST = 512 };

/* settings: "key=value key=value"; children: as many as the kind takes, or NULL. NULL and err
 * when the device refuses; words that the table refuses are a bug of the test. */
struct gw_device *rig_device(struct test_agenda *agenda, const char *kind, const char *settings,
                             struct gw_device **children, struct gw_error *err);
/* The same, and the device must be made; with one child or NULL. */
struct gw_device *rig_make(struct test_agenda *agenda, const char *kind, const char *settings,
                           struct gw_device *child);

struct rig_load;

struct rig_io {
    struct gw_request request;
    struct rig_load *load;
    bool under_way;
};

/* A closed loop, or an open one with Poisson arrivals when arrivals_a_second > 0. */
struct rig_load {
    struct gw_device *device;
    int64_t outstanding; /* closed: how many at once */
    double arrivals_a_second;
    int64_t size_bytes;
    int64_t span_bytes; /* offsets in 0 .. span */
    double read_share;
    double flush_share, trim_share, zero_share; /* of all */
    uint32_t flow;
    bool sequential;
    int64_t limit; /* IOs in all; 0 = no limit */
    uint64_t seed;
    void (*on_done)(struct rig_load *load, const struct gw_request *request);
    /* results */
    int64_t issued, completed, bytes, reads, writes, failed;
    int64_t latency_sum_ns, latency_max_ns;
    /* own */
    struct gw_stream stream;
    struct gw_event arrival;
    int64_t next_offset_bytes;
    bool submitting, stopped;
    struct rig_io ios[RIG_IOS_MOST];
};

void rig_load_start(struct rig_load *load);
/* No new IO from here on. */
void rig_load_stop(struct rig_load *load);
/* Sets the results back to zero: end of a warm-up. */
void rig_load_mark(struct rig_load *load);
double rig_mean_latency_ns(const struct rig_load *load);
/* Completions a second between two moments, after load was started; runs the agenda. */
double rig_iops(struct test_agenda *agenda, struct rig_load *load, int64_t warm_ns,
                int64_t measure_ns);

/* For tests that include cmocka. */
#define ASSERT_NEAR(got, expected, tolerance)                                                      \
    do {                                                                                           \
        double got_ = (got), expected_ = (expected);                                               \
                                                                                                   \
        if (!(got_ >= expected_ * (1 - (tolerance)) && got_ <= expected_ * (1 + (tolerance)))) {   \
            fail_msg("got %g, expected %g within %g %%", got_, expected_, (tolerance)*100);        \
        }                                                                                          \
    } while (0)

#endif
