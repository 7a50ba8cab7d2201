/* measured_snapshot.c - a measured migration by snapshots, or by a pull, as a scenario.
 *
 * Idea      What QEMU's jobs do by themselves is fixed here: a copy of the base by so many workers
 *           of 1 MiB, commits of 512 KiB at a time, a last commit that is a background mirror with
 *           the buffer of 16 MiB that a commit job has, a pull of 512 KiB at a time. The rest is
 *           the case's.
 * Host      The daemon's parts cost what they cost under a mirror. Of its own a commit has the
 *           pause after each copy: its length is from how long a cluster took in the commits of
 *           G-snap-oio8 and its repeats. That it is one a copy, and not one a step of the loop,
 *           was chosen with all of group G in view.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "cli/measured_json.h"
#include "cli/measured_storage.h"

/* What one iteration tells, as in sim/migration.c. */
enum { ITERATION_DIRTY_BYTES = 4 };

static const double MIB = 1048576;

static const char *const commit_pause = "commit_pause: 850us";

static void
add_snapshot(struct gw_text *text, const struct gw_measured_case *measured)
{
    gw_text_format(text,
                   "migration: {architecture: overlay, mover_outstanding: %lld, mover_io: 1MiB, "
                   "granularity: 64KiB,\n"
                   "  overlay: {threshold: %.0fB, rounds_most: 5, commit_outstanding: 1, "
                   "commit_io: 512KiB, %s, final: %s,\n"
                   "    final_outstanding: 16, final_io: 1MiB, buffer: 16MiB, %s, rest: 100ms,\n"
                   "    hold: %.0fms, ready_limit: %.0fms, switch_limit: %.0fms}}\n",
                   (long long)measured->workers, measured->threshold_mib * MIB, commit_pause,
                   measured->pause_final ? "stun" : "mirror", gw_measured_claim,
                   measured->hold_s * 1000, measured->ready_limit_s * 1000,
                   measured->switch_limit_s * 1000);
}

char *
gw_measured_snapshot_scenario(const struct gw_measured_case *measured, const char *host)
{
    struct gw_text text = {0};

    gw_measured_storage_common(&text, measured, host);
    if (strcmp(measured->mode, "snapshot") == 0) {
        add_snapshot(&text, measured);
    } else {
        gw_text_add(&text, "migration: {architecture: stream, mover_outstanding: 1, "
                           "mover_io: 512KiB, granularity: 64KiB}\n");
    }
    return gw_text_take(&text);
}

/* The size of an overlay when it was frozen, or when its last commit began. */
static double
overlay_bytes(const struct gw_result *result, int64_t index)
{
    const struct gw_series *series = &result->series[GW_SERIES_ITERATION];

    if ((size_t)index >= series->rows) {
        return (double)NAN;
    }
    return series->values[(size_t)index * series->columns + ITERATION_DIRTY_BYTES];
}

static double
overlay_count(const struct gw_result *result, int64_t index)
{
    (void)index;
    return (double)result->series[GW_SERIES_ITERATION].rows;
}

static void
add(struct gw_measured *measured, const char *metric, double expected,
    double (*predicted)(const struct gw_result *result, int64_t index), int64_t index)
{
    gw_measured_add(measured, (struct gw_measured_number){.metric = metric,
                                                          .expected = expected,
                                                          .predicted = predicted,
                                                          .index = index,
                                                          .of_incomplete = true});
}

void
gw_measured_snapshot_numbers(struct gw_measured *measured, const json_t *root)
{
    static const char *const names[] = {"delta_1_bytes", "delta_2_bytes", "delta_3_bytes",
                                        "delta_4_bytes", "delta_5_bytes"};
    const json_t *deltas = gw_json_find(root, "outcome.deltas");
    size_t count = json_is_array(deltas) ? json_array_size(deltas) : 0;

    for (size_t i = 0; i < count && i < sizeof names / sizeof names[0]; i++) {
        add(measured, names[i], json_number_value(json_array_get(deltas, i)), overlay_bytes,
            (int64_t)i);
    }
    if (count > 0) {
        add(measured, "overlays", (double)count, overlay_count, 0);
    }
}
