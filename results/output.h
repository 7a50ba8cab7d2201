/* output.h - results as --format table, json, jsonl, csv or md, on a stream.
 *
 * JSON keys carry units and come in a fixed order; a metric without meaning is null.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_OUTPUT_H
#define GW_OUTPUT_H

#include <stdio.h>

#include "base/error.h"
#include "base/result.h"

/* In the order of the formats of the command line. */
enum gw_output_format {
    GW_OUTPUT_TABLE,
    GW_OUTPUT_JSON,
    GW_OUTPUT_JSONL,
    GW_OUTPUT_CSV,
    GW_OUTPUT_MD
};

struct gw_output {
    FILE *stream;
    enum gw_output_format format;
    bool colour; /* in tables */
};

/* Rows in the order given. Errors: GW_EIO (the stream), GW_ENOMEM. */
bool gw_output_runs(const struct gw_output *output, const struct gw_result *const *results,
                    size_t count, struct gw_error *err);

/* What was expected or got: a text, or else a number, or else (NAN) nothing. */
struct gw_cell_value {
    const char *text;
    double number;
};

enum gw_verdict { GW_VERDICT_NONE, GW_VERDICT_OK, GW_VERDICT_NOT_OK };

/* A comparison with a published or measured figure. Texts are borrowed; kind and note may be
 * NULL. */
struct gw_cell {
    const char *case_name;
    const char *metric;
    struct gw_cell_value expected;
    struct gw_cell_value got;
    double error_pct;        /* NAN: none */
    enum gw_verdict verdict; /* GW_VERDICT_NONE: shown, not judged; null in JSON */
    const char *kind;        /* "published", "shape", "measured" ... */
    const char *note;
};

/* Whether no cell is GW_VERDICT_NOT_OK. */
bool gw_cells_ok(const struct gw_cell *cells, size_t count);

bool gw_output_cells(const struct gw_output *output, const struct gw_cell *cells, size_t count,
                     struct gw_error *err);

#endif
