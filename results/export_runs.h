/* export_runs.h - a database as files for other programs: sorted, the same bytes each time.
 *
 * Wall times and dates are left out. Rows come by scenario, vm, place in the study, architecture,
 * parameters, replication.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_EXPORT_RUNS_H
#define GW_EXPORT_RUNS_H

#include <stdio.h>

#include "results/store.h"

enum gw_export_format {
    GW_EXPORT_CSV,      /* tidy: a row a run and metric */
    GW_EXPORT_WIDE_CSV, /* a row a run */
    GW_EXPORT_JSONL,    /* an object a run */
    GW_EXPORT_MD,       /* a table row a point: means with the half width of the 95 % t-interval */
    GW_EXPORT_LATEX,    /* the same as a tabular */
    GW_EXPORT_FORMATS
};

/* Errors: GW_EDB, GW_ENOMEM; errors of the stream stay in the stream. */
bool gw_export_runs(struct gw_store *store, enum gw_export_format format, FILE *stream,
                    struct gw_error *err);

/* Two result files of OMNeT++ (SQLite form): scalars with histograms, and vectors. Both are
 * replaced. Errors: GW_EDB, GW_ENOMEM. */
bool gw_export_omnetpp(struct gw_store *store, const char *scalar_path, const char *vector_path,
                       struct gw_error *err);

#endif
