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

#include <jansson.h>

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

/* What was recorded while it ran. */
enum gw_measured_curve_id {
    GW_CURVE_REMAINING, /* bytes that are still to be sent */
    GW_CURVE_GUEST,     /* page writes or IOs per second */
    GW_CURVE_THROTTLE,  /* percent */
    GW_CURVE_COUNT
};

struct gw_measured_curve {
    size_t count;   /* 0: not recorded */
    double *t_s;    /* since the migration was asked for, ascending; owned */
    double *values; /* owned */
};

struct gw_measured {
    char *id;
    char *group;              /* "A" */
    enum gw_outcome outcome;  /* within the time limit of the measurement */
    const char *outcome_note; /* static: why the outcome is not judged; NULL: it is */
    char *scenario;           /* YAML */
    struct gw_measured_number numbers[GW_MEASURED_NUMBERS_MOST];
    size_t count;
    struct gw_measured_curve curves[GW_CURVE_COUNT];
    bool fitted; /* the costs of the included host were fitted to this case, or a repeat of it */
};

#define GW_MEASURED_NO_HOST ""

/* host: absolute name of a file that the scenario includes for the costs of the host; NULL: the
 * profile of the pack qemu72 that is for its kind; GW_MEASURED_NO_HOST: none, but what the program
 * knows. False: nothing to clear; the message begins with the path. Errors: GW_EINVAL, GW_ENOENT, GW_EIO, GW_ENOMEM. */
bool gw_measured_read(struct gw_measured *measured, const char *path, const char *host,
                      struct gw_error *err);
void gw_measured_clear(struct gw_measured *measured);

/* Adds a number; one that is NAN was not measured and is left out. */
void gw_measured_add(struct gw_measured *measured, struct gw_measured_number number);

/* A `predicted`: the metric `index` of the result. */
double gw_measured_metric(const struct gw_result *result, int64_t index);

/* Takes over what curves the file has: rows that are not numbers are left out. False: memory out. */
bool gw_measured_curves_read(struct gw_measured *measured, const json_t *root,
                             struct gw_error *err);

/* Sets id and group. False: memory out. */
bool gw_measured_name(struct gw_measured *measured, const char *id, const char *group,
                      struct gw_error *err);

#endif
