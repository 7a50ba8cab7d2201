/* host_calibration.h - costs of a host, fitted to migrations that were measured on it.
 *
 * The work of `godwit calibrate FILE.json...` in three parts: what may be fitted (tables), the
 * predictions of all files at given values, and the report.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_HOST_CALIBRATION_H
#define GW_HOST_CALIBRATION_H

#include "base/hash.h"
#include "base/text.h"
#include "cli/measured.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "results/least_squares.h"
#include "sim/study.h"

/* Of the verb, for both of its ways. */
struct gw_calibrate_options {
    const char *output;
    const char *host;
    int64_t threads;
    int64_t starts; /* 0: as many as usual */
    enum gw_format format;
};

/* Fits and reports; returns an exit code. */
int gw_calibrate_host(const struct gw_calibrate_options *options, const struct gw_words *files);

/* A setting of the section `host` that is a cost. */
struct gw_host_parameter {
    const char *key;     /* "fault" */
    const char *unit;    /* "ns"; "" when the setting takes a plain number */
    double least, most;  /* 0 < least < most */
    double prior;        /* how well the start is known: standard error of its logarithm */
    const char *told_by; /* which measured numbers tell it */
};

/* A measured number that hangs on costs. */
struct gw_host_metric {
    const char *metric;
    double floor;   /* of the standard error, as a share: what no model is better than */
    double quantum; /* in the unit of the metric: how finely it was measured */
    bool in_spite;  /* also where validate has a note against its error */
};

struct gw_host_tables {
    const struct gw_setting *settings; /* that the keys are of */
    const struct gw_host_parameter *parameters;
    size_t parameter_count; /* <= GW_LEAST_SQUARES_PARAMETERS_MAX */
    const struct gw_host_metric *metrics;
    size_t metric_count;
};

extern const struct gw_host_tables gw_host_tables_memory;
extern const struct gw_host_tables gw_host_tables_storage;

/* A measured migration, and its numbers that are fitted. */
struct gw_host_file {
    const char *path;
    char name[80]; /* of the file, without folder and .json */
    char hash[GW_HASH_TEXT];
    struct gw_measured measured;
    int64_t repeat;    /* 0: the first file of its case */
    size_t case_index; /* that first file */
};

struct gw_host_residual {
    size_t file, case_index;
    const struct gw_measured_number *number;
    double scale;     /* standard error, as a share of what was measured */
    double predicted; /* mean over the repeats of the case; NAN: the run did not complete */
};

#define GW_HOST_CONFIDENCE 0.95 /* of the intervals */
#define GW_HOST_CORRELATED 0.95 /* two parameters above this are named */

struct gw_host_finding {
    enum gw_identified identified;
    double value;       /* the start, where it was not fitted */
    double least, most; /* of the interval; NAN where it was not fitted */
    bool at_bound;      /* an interval means nothing there */
};

struct gw_host_calibration {
    const struct gw_host_tables *tables;
    double starts[GW_LEAST_SQUARES_PARAMETERS_MAX]; /* as the scenarios have them, within bounds */
    const char *host; /* file that all scenarios include, absolute; or NULL */
    size_t threads;
    size_t start_count; /* of the fit: 1 is the given one alone */
    struct gw_host_file *files;
    size_t file_count;
    double *shares;  /* room for the spreads of the cases of a group: one a file */
    double *values;  /* room for a number of its repeats: one a file */
    size_t left_out; /* files that were given, but did not complete */
    struct gw_host_residual *residuals;
    size_t residual_count;
    size_t idle_count; /* numbers that hang on none of the costs, and were dropped */
    struct gw_diagnostics diagnostics;
    struct gw_progress_line progress;
    size_t runs; /* so far */
    /* what came out */
    struct gw_least_squares_start tried[GW_LEAST_SQUARES_STARTS_MAX]; /* start_count */
    struct gw_host_finding findings[GW_LEAST_SQUARES_PARAMETERS_MAX]; /* one a parameter */
    struct gw_least_squares_outcome outcome;                          /* of those fitted */
    size_t fitted[GW_LEAST_SQUARES_PARAMETERS_MAX]; /* their places in the table */
    size_t fitted_count;
};

/* Reads the files. False: see err, and diagnostics. */
bool gw_host_calibration_load(struct gw_host_calibration *work, const char *const *paths,
                              size_t count, struct gw_error *err);
void gw_host_calibration_clear(struct gw_host_calibration *work);

/* For gw_least_squares: self is a gw_host_calibration. */
bool gw_host_calibration_evaluate(void *self, const double *values, size_t count, double *residuals,
                                  struct gw_error *err);

/* Runs all files at these values of the fitted parameters and fills predicted. */
bool gw_host_calibration_predict(struct gw_host_calibration *work, const double *values,
                                 struct gw_error *err);

/* (predicted - measured) / standard error; large and finite where nothing was predicted. */
double gw_host_residual_of(const struct gw_host_residual *residual);

/* "154.2", "4600ns": what is run and written; at least four digits, but times are whole. */
void gw_host_parameter_text(const struct gw_host_parameter *parameter, double value,
                            struct gw_text *out);

/* The profile: a scenario to be included. target: the path that it will have, or NULL. Caller
 * frees; NULL: memory out. */
char *gw_host_calibration_write(const struct gw_host_calibration *work, const char *target);
/* The tables of the report, or a JSON object. Errors: GW_EIO, GW_ENOMEM. */
bool gw_host_calibration_print(const struct gw_host_calibration *work, enum gw_format format,
                               struct gw_error *err);

/* sqrt(chi2 of the numbers / freedom), at least 1: what the standard errors are stretched by. */
double gw_host_calibration_stretch(const struct gw_host_calibration *work);

#endif
