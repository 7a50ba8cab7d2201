/* host_parameters.c - which costs of a host may be fitted, and to which measured numbers.
 *
 * Idea      One row a cost: to fit another, add a row. A fit starts at the value that the scenarios
 *           have. What the given files do not tell is found
 *           by the fit and left alone, so a row too many does no harm.
 *           The prior of a cost says how well its start is known; a cost of unknown size gets a wide
 *           one.
 *           The standard error of a number is the spread over the repeats of its case, and at
 *           least the floor: some runs happen to agree better than any model of them can.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>

#include "cli/host_calibration.h"

/* How well the start of a cost is known, as a standard error of its logarithm: one with a source of
 * its own (a bench of the codec, a series on a like host), and one that is only of the right size. */
#define ESTIMATED 0.25
#define GUESSED 1

static const struct gw_host_parameter memory_parameters[] = {
    {"fault", "ns", 200, 50000, ESTIMATED, "guest_rate_ratio of a guest bound by its processor"},
    {"setup", "ns", 10000, 200e6, ESTIMATED, "total_time_s of short migrations"},
    {"suspend", "ns", 10000, 50e6, ESTIMATED, "downtime_s of an idle guest"},
    {"resume", "ns", 10000, 50e6, ESTIMATED, "downtime_s of an idle guest"},
    {"sync", "ns", 1000, 20e6, ESTIMATED, "total_time_s of migrations with many syncs"},
    {"sync_page_ns", "", 0.01, 100, ESTIMATED, "total_time_s of migrations with many syncs"},
    {"page_ns", "", 5, 5000, ESTIMATED, "total_time_s of zero pages"},
    {"zero_ns", "", 5, 5000, ESTIMATED, "total_time_s of zero pages"},
    {"untouched_ns", "", 5, 5000, ESTIMATED, "total_time_s of zero pages that were never touched"},
    {"non_zero_ns", "", 0.5, 1000, ESTIMATED, "total_time_s without a limit of the bandwidth"},
    {"send_ns", "", 100, 20000, ESTIMATED,
     "total_time_s without a limit of the bandwidth, downtime_s"},
    {"load_ns", "", 100, 20000, ESTIMATED,
     "total_time_s without a limit of the bandwidth, downtime_s"},
    {"load_fresh_ns", "", 100, 20000, ESTIMATED, "total_time_s without a limit of the bandwidth"},
    {"load_zero_ns", "", 5, 5000, ESTIMATED, "total_time_s of zero pages"},
    {"load_page_ns", "", 5, 5000, ESTIMATED, "total_time_s of zero pages"},
    {"wake_ns", "", 50, 100000, ESTIMATED, "total_time_s of compressed migrations"},
    {"wake_latency_ns", "", 50, 1e6, ESTIMATED, "total_time_s of compressed migrations"},
    {"codec_speed", "", 0.05, 20, ESTIMATED, "total_time_s of compressed migrations"},
};

/* Times of migrations whose bandwidth is limited are multiples of a window of 100 ms. */
static const struct gw_host_metric memory_metrics[] = {
    {"total_time_s", 0.01, 0.001, false},
    {"downtime_s", 0.1, 0.001, true},
    {"guest_rate_ratio", 0.01, 0, false},
    {"bytes_sent", 0.01, 0, false},
};

static const struct gw_host_parameter storage_parameters[] = {
    {"io_cost", "ns", 100, 10e6, GUESSED, "guest_iops_during"},
    {"mirror_cost", "ns", 100, 10e6, GUESSED, "guest_iops_during of write-blocking mirrors"},
};

static const struct gw_host_metric storage_metrics[] = {
    {"ready_time_s", 0.01, 0.001, false},
    {"guest_iops_during", 0.02, 0, false},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

const struct gw_host_tables gw_host_tables_memory = {gw_memory_host_table, memory_parameters,
                                                     COUNT(memory_parameters), memory_metrics,
                                                     COUNT(memory_metrics)};
const struct gw_host_tables gw_host_tables_storage = {gw_host_table, storage_parameters,
                                                      COUNT(storage_parameters), storage_metrics,
                                                      COUNT(storage_metrics)};

void
gw_host_parameter_text(const struct gw_host_parameter *parameter, double value, struct gw_text *out)
{
    int decimals = 3 - (int)floor(log10(value));

    if (parameter->unit[0] != '\0' || decimals < 0) {
        decimals = 0;
    }
    gw_text_format(out, "%.*f%s", decimals, value, parameter->unit);
}
