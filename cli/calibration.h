/* calibration.h - what a calibration file asks for: parameters with bounds, and numbers to meet.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_CALIBRATION_H
#define GW_CALIBRATION_H

#include "base/config.h"
#include "base/result.h"
#include "results/fit.h"

struct gw_calibration_parameter {
    char **keys; /* settings that all get the same value; at least one */
    size_t key_count;
    char *unit;   /* "MB/s"; "" = none */
    char *reason; /* why these bounds; or NULL */
};

/* Targets with the same settings share their runs: a case. */
struct gw_calibration_case {
    char **overrides; /* "migration.architecture=dbt" */
    size_t override_count;
};

struct gw_calibration_target {
    char *name; /* "dbt 1x" */
    size_t case_index;
    enum gw_metric metric;
    double expected;  /* > 0 */
    double tolerance; /* > 0, share of expected */
};

struct gw_calibration {
    char *path;
    char *scenario; /* path, relative names already joined to the directory of the file */
    int64_t replications;
    int64_t evaluations; /* at most */
    struct gw_calibration_parameter *parameters;
    struct gw_fit_parameter bounds[GW_FIT_PARAMETERS_MAX]; /* one a parameter */
    size_t parameter_count;
    struct gw_calibration_case *cases;
    size_t case_count;
    struct gw_calibration_target *targets;
    size_t target_count;
};

/* False: see diagnostics; the calibration is then still safe to clear. */
bool gw_calibration_load(struct gw_calibration *calibration, const char *path,
                         struct gw_diagnostics *diagnostics);
void gw_calibration_clear(struct gw_calibration *calibration);

/* What one evaluation found for a target. */
struct gw_calibration_finding {
    double mean; /* over the replications; NAN: a run did not complete */
    double cost; /* squared residual of the mean, in tolerances; more when it is NAN */
};

/* The parameters at the outcome as a scenario to be included, with a header that says what they
 * were fitted to. findings: one a target. Caller frees; NULL: memory out. */
char *gw_calibration_write(const struct gw_calibration *calibration,
                           const struct gw_calibration_finding *findings,
                           const struct gw_fit_outcome *outcome);

/* Readers of the path see the old file or the new one, never a part. Errors: GW_ENOENT, GW_EIO,
 * GW_ENOMEM. */
bool gw_calibration_replace_file(const char *path, const char *text, struct gw_error *err);

/* "205.3MB/s": four significant digits, so that a text and a run mean the same value. */
bool gw_calibration_value(const struct gw_calibration_parameter *parameter, double value,
                          struct gw_text *out);

#endif
