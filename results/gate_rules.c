/* gate_rules.c - what the gate looks at, and how much of a change it lets pass.
 *
 * Idea      A metric is here if an operator would ask for it. What hangs on one of these (pages,
 *           copied bytes) is left to the digests: a test more costs power in all others.
 *           Margins are what nobody plans by; `least` keeps those of small figures from being
 *           smaller than a sample interval or a page.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/gate_rules.h"

#include <stdlib.h>
#include <string.h>

const struct gw_gate_metric gw_gate_metrics[GW_GATE_METRIC_COUNT] = {
    {GW_METRIC_MIGRATION_TIME_S, 0.02, 0.001, "what windows of maintenance are planned by"},
    {GW_METRIC_TOTAL_TIME_S, 0.02, 0.001, "what windows of maintenance are planned by"},
    {GW_METRIC_READY_TIME_S, 0.02, 0.001, "half of a mirror's time"},
    {GW_METRIC_DOWNTIME_S, 0.05, 0.002, "seen by clients, but scattered; timers tick in ms"},
    {GW_METRIC_LONGEST_STUN_S, 0.05, 0.002, "what timeouts meet"},
    {GW_METRIC_GUEST_PENALTY_S, 0.05, 0.01, "a difference of two rates: scattered"},
    {GW_METRIC_PENALTY_DEFER_S, 0.10, 0.01, "a part of the penalty: more scattered"},
    {GW_METRIC_PENALTY_THROTTLE_S, 0.05, 0.01, "what a throttle costs"},
    {GW_METRIC_PENALTY_PAGE_WAIT_S, 0.05, 0.01, "what post-copy costs"},
    {GW_METRIC_ITERATIONS, 0.05, 0.5, "whole passes"},
    {GW_METRIC_BYTES_SENT, 0.02, 65536, "what the network is planned by"},
    {GW_METRIC_EXTRA_SPACE_PEAK_BYTES, 0.05, 1048576, "what volumes are planned by"},
    {GW_METRIC_GUEST_IOPS_DURING, 0.02, 1, "what service levels are given in"},
    {GW_METRIC_DEFERRED_IOS, 0.10, 5, "counts of rare waits: scattered"},
    {GW_METRIC_GUEST_RATE_RATIO, 0.02, 0.005, "what service levels are given in"},
    {GW_METRIC_THROTTLE_PCT_MOST, 0.05, 1, "throttles move in steps of some per cent"},
    {GW_METRIC_POSTCOPY_REQUESTS, 0.05, 5, "counts of faults"},
    {GW_METRIC_COMPRESSION_SAVED_SHARE, 0.02, 0.002, "what compression is there for"},
    {GW_METRIC_XBZRLE_BYTES, 0.05, 65536, "what XBZRLE is there for"},
    {GW_METRIC_XBZRLE_ENCODING_RATE, 0.02, 0.1, "what XBZRLE is there for"},
    {GW_METRIC_SOURCE_MAIN_CPU_SHARE, 0.05, 0.01, "what hosts are planned by"},
};

const struct gw_gate_curve gw_gate_curves[GW_CURVE_COUNT] = {
    [GW_CURVE_REMAINING] = {0.05, "the curve of convergence itself"},
    [GW_CURVE_DIRTY_RATE] = {0.10, "a rate over a short step: scattered"},
    [GW_CURVE_SENT_RATE] = {0.10, "a rate over a short step: scattered"},
    [GW_CURVE_THROTTLE] = {0.05, "less than one step of a throttle"},
    [GW_CURVE_GUEST_RATE] = {0.10, "a rate over a short step: scattered"},
    [GW_CURVE_GUEST_IOPS] = {0.10, "a rate over a short step: scattered"},
    [GW_CURVE_LATENCY] = {0.20, "a mean of few, some of them very late"},
};

void
gw_gate_margins_default(struct gw_gate_margins *margins)
{
    for (size_t i = 0; i < GW_GATE_METRIC_COUNT; i++) {
        margins->metric[i] = gw_gate_metrics[i].margin;
    }
    for (size_t i = 0; i < GW_CURVE_COUNT; i++) {
        margins->curve[i] = gw_gate_curves[i].margin;
    }
}

static double *
find(struct gw_gate_margins *margins, bool curve, const char *key)
{
    for (size_t i = 0; !curve && i < GW_GATE_METRIC_COUNT; i++) {
        if (strcmp(gw_metric_info[gw_gate_metrics[i].metric].key, key) == 0) {
            return &margins->metric[i];
        }
    }
    for (size_t i = 0; curve && i < GW_CURVE_COUNT; i++) {
        if (strcmp(gw_curve_info[i].key, key) == 0) {
            return &margins->curve[i];
        }
    }
    return NULL;
}

bool
gw_gate_margin_set(struct gw_gate_margins *margins, bool curve, const char *key, const char *text,
                   struct gw_error *err)
{
    double *margin = find(margins, curve, key);
    char *end;
    double percent = strtod(text, &end);

    if (margin == NULL) {
        return gw_fail(err, GW_EINVAL, "margin of '%.80s': the gate looks at no such %s", key,
                       curve ? "curve" : "metric");
    }
    if (end == text || strcmp(end, "%") != 0 || !(percent > 0 && percent <= 100)) {
        return gw_fail(err, GW_EINVAL,
                       "margin of %s '%.40s': must be a share as text, such as \"2%%\"", key, text);
    }
    *margin = percent / 100;
    return true;
}
