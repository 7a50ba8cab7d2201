/* measured_storage.c - reads a measured storage migration: its case and what came out.
 *
 * Idea      A mirror that was not ready in time was finished with the guest stopped: that still
 *           gives a time and a downtime to predict. Without limits on the storage the processors
 *           are the limit, and figures in absolute terms say nothing about any model.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/measured_storage.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/measured_json.h"

static const double MIB = 1048576;
static const char *const cpu_bound = "not comparable: the processors were the limit";
static const char *const by_chance = "not comparable: ends at the first quiet moment, by chance";
static const char *const no_end = "not comparable: the load ended first";

/* ---- the case -------------------------------------------------------------------------------- */

static const struct gw_json_number case_numbers[] = {
    {"case.wl.rd", offsetof(struct gw_measured_case, read_pct), 0, 100, GW_JSON_NEEDED},
    {"case.wl.oio", offsetof(struct gw_measured_case, oio), 0, 65536, GW_JSON_NEEDED},
    {"case.wl.bs", offsetof(struct gw_measured_case, block_bytes), 512, 1 << 20, 8192},
    {"case.mir.buf", offsetof(struct gw_measured_case, buffer_bytes), 1 << 16, 1 << 30, 16 << 20},
    {"case.mir.speed", offsetof(struct gw_measured_case, speed), 0, 1LL << 50, 0},
    {"case.snap.xperf.max-workers", offsetof(struct gw_measured_case, workers), 1, 1024, 64},
};

/* path: "case.src". */
static bool
read_place(const json_t *root, const char *path, struct gw_measured_place *place,
           struct gw_error *err)
{
    struct {
        const char *key;
        double value;
    } rows[] = {{"mbps", 0}, {"iops", 0}, {"ch", 0}, {"rms", 0}, {"wms", 0}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char full[32];

        snprintf(full, sizeof full, "%s.%s", path, rows[i].key);
        if (!gw_json_real_or(root, full, 0, &rows[i].value, err)) {
            return false;
        }
        if (rows[i].value > 1e9) {
            return gw_fail(err, GW_EINVAL, "%s is out of range", full);
        }
    }
    *place = (struct gw_measured_place){.rate = (int64_t)(rows[0].value * MIB),
                                        .iops = rows[1].value,
                                        .servers = (int64_t)rows[2].value,
                                        .read_time_ns = (int64_t)(rows[3].value * 1e6),
                                        .write_time_ns = (int64_t)(rows[4].value * 1e6)};
    return true;
}

static bool
read_driver(const json_t *root, struct gw_measured_case *out, struct gw_error *err)
{
    return gw_json_real(root, "case.pre", &out->before_s, err) &&
           gw_json_real(root, "case.post", &out->after_s, err) &&
           gw_json_real(root, "case.hold", &out->hold_s, err) &&
           gw_json_real(root, "case.cap", &out->ready_limit_s, err) &&
           gw_json_real(root, "case.complete_cap", &out->switch_limit_s, err) &&
           gw_json_flag_or(root, "case.snap.pause_final", false, &out->pause_final, err) &&
           gw_json_real_or(root, "case.threshold", 0, &out->threshold_mib, err) &&
           gw_json_real_or(root, "case.snap.threshold", out->threshold_mib, &out->threshold_mib,
                           err);
}

static bool
read_case(const json_t *root, struct gw_measured_case *out, struct gw_error *err)
{
    double mib;
    const char *copy_mode = "background";

    if (!gw_json_text(root, "case.name", &out->name, err) ||
        !gw_json_text(root, "case.mode", &out->mode, err) ||
        !gw_json_text(root, "case.cls", &out->place, err) ||
        !gw_json_text(root, "case.wl.pat", &out->pattern, err) ||
        !gw_json_numbers(root, case_numbers, sizeof case_numbers / sizeof case_numbers[0], out,
                         err) ||
        !gw_json_real(root, "case.size", &mib, err) ||
        !gw_json_real_or(root, "case.fill", 1, &out->fill, err) ||
        !gw_json_real_or(root, "case.wl.rate", 0, &out->rate, err) ||
        !read_place(root, "case.src", &out->source, err) ||
        !read_place(root, "case.dst", &out->target, err) || !read_driver(root, out, err)) {
        return false;
    }
    if (mib < 1 || mib > 1 << 24 || out->fill > 1) {
        return gw_fail(err, GW_EINVAL, "case.size or case.fill is out of range");
    }
    out->size_bytes = (int64_t)mib * (1 << 20);
    if (strcmp(out->mode, "mirror") == 0 && !gw_json_text(root, "case.mir.mode", &copy_mode, err)) {
        return false;
    }
    out->write_blocking = strcmp(copy_mode, "write-blocking") == 0;
    return true;
}

/* ---- what came out --------------------------------------------------------------------------- */

static double
number_at(const json_t *root, const char *path)
{
    const json_t *value = gw_json_find(root, path);

    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static bool
is_true(const json_t *root, const char *path)
{
    return json_is_true(gw_json_find(root, path));
}

static double
copied_bytes(const struct gw_result *result, int64_t index)
{
    (void)index;
    return result->metric[GW_METRIC_BYTES_COPIED] + result->metric[GW_METRIC_BYTES_MIRRORED];
}

/* From the wish to switch over, or from the stop of the guest when that came first. */
static double
switch_time(const struct gw_result *result, int64_t index)
{
    (void)index;
    return result->metric[GW_METRIC_SWITCH_TIME_S];
}

/* The guest's stop without the time that the driver took to see that the mirror was ready. */
static double
stopped_s(const json_t *root)
{
    double stop = number_at(root, "marks.pause_cmd");
    double ready = number_at(root, "marks.ready");
    double asked = number_at(root, "marks.complete_cmd");
    double seen_late = asked > stop ? asked - fmax(ready, stop) : 0;

    return number_at(root, "marks.completed") - stop - seen_late;
}

static void
add(struct gw_measured *measured, const char *metric, double expected, enum gw_metric index,
    const char *note)
{
    gw_measured_add(measured, (struct gw_measured_number){.metric = metric,
                                                          .expected = expected,
                                                          .predicted = gw_measured_metric,
                                                          .index = index,
                                                          .of_incomplete = true,
                                                          .note = note});
}

static void
read_mirror_numbers(struct gw_measured *measured, const json_t *root,
                    const struct gw_measured_case *of, const char *note)
{
    bool mirrors = strcmp(of->mode, "mirror") == 0;
    bool early_end = gw_json_find(root, "case.wl.fio") != NULL;
    bool in_time = is_true(root, "outcome.completed_under_load");
    double switching = number_at(root, "outcome.t_switch_cmd");
    const char *after_ready = early_end ? no_end : note;

    add(measured, "ready_time_s", number_at(root, "outcome.t_ready"), GW_METRIC_READY_TIME_S, note);
    add(measured, "total_time_s", number_at(root, "outcome.t_total"), GW_METRIC_MIGRATION_TIME_S,
        after_ready);
    if (of->oio > 0) {
        add(measured, "guest_iops_before", number_at(root, "windows.pre.iops"),
            GW_METRIC_GUEST_IOPS_BEFORE, note);
        add(measured, "guest_iops_during", number_at(root, "windows.during.iops"),
            GW_METRIC_GUEST_IOPS_UNTIL_READY, note);
    }
    if (of->oio > 0 && !early_end) {
        add(measured, "guest_iops_steady", number_at(root, "windows.steady.iops"),
            GW_METRIC_GUEST_IOPS_READY, note);
    }
    add(measured, "downtime_s", stopped_s(root), GW_METRIC_LONGEST_STUN_S, note);
    gw_measured_add(measured,
                    (struct gw_measured_number){
                        .metric = "copied_bytes",
                        .expected = mirrors ? number_at(root, "outcome.copied") : (double)NAN,
                        .predicted = copied_bytes,
                        .of_incomplete = true,
                        .note = after_ready});
    if (!is_true(root, "outcome.forced")) {
        gw_measured_add(measured,
                        (struct gw_measured_number){
                            .metric = "switch_time_s",
                            .expected = switching,
                            .predicted = switch_time,
                            .of_incomplete = true,
                            .note = in_time && after_ready == NULL ? by_chance : after_ready,
                        });
    }
}

bool
gw_measured_storage_read(struct gw_measured *measured, const json_t *root, const char *host,
                         struct gw_error *err)
{
    struct gw_measured_case of = {0};
    const char *note = NULL;
    char group[2] = {0};

    if (!read_case(root, &of, err)) {
        return false;
    }
    group[0] = of.name[0];
    if (!gw_measured_name(measured, of.name, group, err)) {
        return false;
    }
    measured->outcome = is_true(root, "outcome.converged") ? GW_COMPLETED : GW_NOT_CONVERGED;
    if (of.source.rate == 0 && of.source.servers == 0) {
        note = cpu_bound;
        measured->outcome_note = cpu_bound;
    }
    read_mirror_numbers(measured, root, &of, note);
    if (strcmp(of.mode, "mirror") == 0) {
        measured->scenario = gw_measured_mirror_scenario(&of, host);
    } else if (strcmp(of.mode, "snapshot") == 0 || strcmp(of.mode, "stream") == 0) {
        gw_measured_snapshot_numbers(measured, root);
        measured->scenario = gw_measured_snapshot_scenario(&of, host);
    } else {
        return gw_fail(err, GW_EINVAL, "case.mode '%s' is not modelled", of.mode);
    }
    return measured->scenario != NULL || gw_fail(err, GW_ENOMEM, "out of memory");
}
