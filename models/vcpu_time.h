/* vcpu_time.h - what takes a vCPU's time besides its own work: the throttle, and IO it serves.
 *
 * The throttle lets a vCPU run for GW_THROTTLE_SLICE_NS, then puts it to sleep in one piece. The
 * service answers requests that arrive by a Poisson process, first come first served, whenever
 * the vCPU runs. A rate window tells how often something happened in the last second.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_VCPU_TIME_H
#define GW_VCPU_TIME_H

#include <stdbool.h>

#include "base/histogram.h"
#include "base/random.h"

enum { GW_THROTTLE_SLICE_NS = 10000000 };

struct gw_vcpu_throttle {
    uint32_t percent; /* 0: never sleeps */
    bool asleep;
    int64_t edge_ns; /* when it falls asleep or wakes; INT64_MAX: never */
};

/* Sleep after each run slice at this percentage, 0..99. */
int64_t gw_vcpu_throttle_sleep_ns(uint32_t percent);
void gw_vcpu_throttle_init(struct gw_vcpu_throttle *throttle);
/* From now on. A first percentage begins with a run slice; another one counts from the next edge;
 * 0 wakes at once. */
void gw_vcpu_throttle_set(struct gw_vcpu_throttle *throttle, int64_t now_ns, uint32_t percent);
/* Passes all edges up to now_ns. */
void gw_vcpu_throttle_pass(struct gw_vcpu_throttle *throttle, int64_t now_ns);

struct gw_vcpu_service {
    double mean_ns;     /* between arrivals; 0: none come */
    int64_t service_ns; /* vCPU time of one request */
    int64_t arrival_ns; /* of the request at the head */
    int64_t left_ns;    /* of its service */
    struct gw_stream stream;
};

/* `rate` requests a second from time 0 on; the stream is opened by the caller. */
void gw_vcpu_service_start(struct gw_vcpu_service *service, double rate, int64_t service_ns);
/* The vCPU runs in [from_ns, to_ns): serves what it can; adds the latencies to the histogram.
 * Returns how many requests were answered; the vCPU time taken in *used_ns. */
int64_t gw_vcpu_service_run(struct gw_vcpu_service *service, int64_t from_ns, int64_t to_ns,
                            struct gw_histogram *latency, int64_t *used_ns);

enum { GW_RATE_SLOTS = 10 };

/* Zeroed: nothing has happened since time 0. */
struct gw_rate_window {
    int64_t slot; /* the current one, counted from time 0 */
    int64_t count[GW_RATE_SLOTS];
};

void gw_rate_window_add(struct gw_rate_window *window, int64_t now_ns, int64_t count);
/* A second, over the last 0.9 to 1 s, or since time 0. */
double gw_rate_window_rate(const struct gw_rate_window *window, int64_t now_ns);

#endif
