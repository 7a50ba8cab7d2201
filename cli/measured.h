/* measured.h - one measured migration, and the scenario that predicts it.
 *
 * A file holds what is known of the set-up and what was measured. The scenario is made of the
 * set-up and of the guest's speed before the migration, never of what came out. Files of two
 * kinds are known by their keys: memory ("setup") and storage ("case").
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_MEASURED_H
#define GW_MEASURED_H

#include "base/error.h"
#include "base/result.h"

enum { GW_MEASURED_NUMBERS_MOST = 32 };

/* A number that was measured, and how a run that predicts it gives the same number. */
struct gw_measured_number {
    const char *metric; /* static: "total_time_s" */
    double expected;
    double (*predicted)(const struct gw_result *result, int64_t index);
    int64_t index;      /* for `predicted`: of gw_measured_metric an enum gw_metric */
    bool of_incomplete; /* means something although the migration was given up */
    const char *note;   /* static: why its error means nothing; NULL: it does */
};

struct gw_measured {
    char *id;
    char *group;              /* "A" */
    enum gw_outcome outcome;  /* within the time limit of the measurement */
    const char *outcome_note; /* static: why the outcome is not judged; NULL: it is */
    char *scenario;           /* YAML */
    struct gw_measured_number numbers[GW_MEASURED_NUMBERS_MOST];
    size_t count;
};

/* host: absolute name of a file that the scenario includes for the costs of the host; NULL: those
 * of the program and of the host of the measurements. False: nothing to clear; the message
 * begins with the path. Errors: GW_EINVAL, GW_ENOENT, GW_EIO, GW_ENOMEM. */
bool gw_measured_read(struct gw_measured *measured, const char *path, const char *host,
                      struct gw_error *err);
void gw_measured_clear(struct gw_measured *measured);

/* Adds a number; one that is NAN was not measured and is left out. */
void gw_measured_add(struct gw_measured *measured, struct gw_measured_number number);

/* A `predicted`: the metric `index` of the result. */
double gw_measured_metric(const struct gw_result *result, int64_t index);

/* Sets id and group. False: memory out. */
bool gw_measured_name(struct gw_measured *measured, const char *id, const char *group,
                      struct gw_error *err);

#endif
