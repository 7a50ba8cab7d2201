/* measured_curves.c - the curves that were recorded during a measured migration.
 *
 * Idea      Files of memory hold tables {"columns", "rows"} with t = 0 at the request; files of
 *           storage hold lists with t = 0 at the begin of the load, and `marks` says when the
 *           migration began. Several block jobs one after the other are one curve with gaps.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/measured.h"
#include "cli/measured_json.h"

static const double KIB = 1024;

static double
number_of(const json_t *value)
{
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

/* Appends a point; the time must not go back. NAN as value is a gap. */
static bool
add_point(struct gw_measured_curve *curve, double t_s, double value)
{
    if (!isfinite(t_s) || (curve->count > 0 && t_s < curve->t_s[curve->count - 1])) {
        return true;
    }
    if ((curve->count & (curve->count - 1)) == 0) { /* full: every power of two */
        size_t room = curve->count == 0 ? 1 : 2 * curve->count;
        double *t = realloc(curve->t_s, room * sizeof *t);
        double *values = t == NULL ? NULL : realloc(curve->values, room * sizeof *values);

        curve->t_s = t == NULL ? curve->t_s : t;
        if (values == NULL) {
            return false;
        }
        curve->values = values;
    }
    curve->t_s[curve->count] = t_s;
    curve->values[curve->count++] = value;
    return true;
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* The place of a column in {"columns": [...]}; the number of columns: there is none. */
static size_t
column_of(const json_t *table, const char *name)
{
    const json_t *columns = json_object_get(table, "columns");
    size_t i = 0;

    for (; i < json_array_size(columns); i++) {
        const char *column = json_string_value(json_array_get(columns, i));

        if (column != NULL && strcmp(column, name) == 0) {
            break;
        }
    }
    return i;
}

static bool
read_table(struct gw_measured_curve *curve, const json_t *table, const char *column)
{
    const json_t *rows = json_object_get(table, "rows");
    size_t time_at = column_of(table, "t_ms");
    size_t value_at = column_of(table, column);

    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        double value = number_of(json_array_get(row, value_at));

        if (isfinite(value) &&
            !add_point(curve, number_of(json_array_get(row, time_at)) / 1e3, value)) {
            return false;
        }
    }
    return true;
}

/* Counts become the rate between two of them, shown at the later. */
static void
differentiate(struct gw_measured_curve *curve)
{
    size_t kept = 0;

    for (size_t i = 1; i < curve->count; i++) {
        double passed_s = curve->t_s[i] - curve->t_s[i - 1];

        if (passed_s > 0) {
            double rate = (curve->values[i] - curve->values[i - 1]) / passed_s;

            curve->values[kept] = rate;
            curve->t_s[kept++] = curve->t_s[i];
        }
    }
    curve->count = kept;
}

static bool
read_memory(struct gw_measured *measured, const json_t *root)
{
    const json_t *series = json_object_get(root, "series");
    const json_t *progress = json_object_get(root, "guest_progress");
    bool fine = read_table(&measured->curves[GW_CURVE_REMAINING], series, "remaining") &&
                read_table(&measured->curves[GW_CURVE_THROTTLE], series, "throttle_pct") &&
                read_table(&measured->curves[GW_CURVE_GUEST], progress, "writes");

    differentiate(&measured->curves[GW_CURVE_GUEST]);
    return fine;
}

/* ---- storage --------------------------------------------------------------------------------- */

static bool
read_job(struct gw_measured_curve *curve, const json_t *job, double start_s)
{
    const json_t *times = json_object_get(job, "t");
    const json_t *remaining = json_object_get(job, "remaining_KiB");
    size_t count = json_array_size(times);

    if (curve->count > 0 && count > 0 &&
        !add_point(curve, number_of(json_array_get(times, 0)) - start_s, (double)NAN)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        double t_s = number_of(json_array_get(times, i)) - start_s;
        double value = number_of(json_array_get(remaining, i)) * KIB;

        if (isfinite(value) && !add_point(curve, t_s, value)) {
            return false;
        }
    }
    return true;
}

/* Jobs are in the order of the file, which is that of their begin; json_object keeps it. */
static bool
read_jobs(struct gw_measured_curve *curve, const json_t *jobs, double start_s)
{
    void *at = json_object_iter((json_t *)(uintptr_t)jobs);

    for (; at != NULL; at = json_object_iter_next((json_t *)(uintptr_t)jobs, at)) {
        if (!read_job(curve, json_object_iter_value(at), start_s)) {
            return false;
        }
    }
    return true;
}

static bool
read_bins(struct gw_measured_curve *curve, const json_t *bins, double start_s)
{
    const json_t *reads = json_object_get(bins, "r");
    const json_t *writes = json_object_get(bins, "w");
    double width_s = number_of(json_object_get(bins, "dt"));

    for (size_t i = 0; width_s > 0 && i < json_array_size(reads); i++) {
        double ios = number_of(json_array_get(reads, i)) + number_of(json_array_get(writes, i));

        if (isfinite(ios) &&
            !add_point(curve, ((double)i + 0.5) * width_s - start_s, ios / width_s)) {
            return false;
        }
    }
    return true;
}

static bool
read_storage(struct gw_measured *measured, const json_t *root)
{
    double start_s = number_of(gw_json_find(root, "marks.mig_start"));

    return !isfinite(start_s) ||
           (read_jobs(&measured->curves[GW_CURVE_REMAINING], json_object_get(root, "jobs"),
                      start_s) &&
            read_bins(&measured->curves[GW_CURVE_GUEST], json_object_get(root, "bins"), start_s));
}

bool
gw_measured_curves_read(struct gw_measured *measured, const json_t *root, struct gw_error *err)
{
    return (read_memory(measured, root) && read_storage(measured, root)) ||
           gw_fail(err, GW_ENOMEM, "out of memory");
}
