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
#include "results/model_card.h"
#include "results/statistics.h"

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
    bool colour;                  /* in tables */
    const struct gw_cards *cards; /* for runs: NULL: say nothing of validation */
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

/* The cells of one metric in one group of cases. Texts are borrowed. */
struct gw_cells_summary {
    const char *group; /* "all": of every group */
    const char *metric;
    size_t count;               /* of cells that were judged or have an error */
    double right;               /* how many of them hit the mark; NAN: does not apply */
    double within_one;          /* how many counts are off by one at most; NAN: does not apply */
    struct gw_spread errors;    /* in percent; count 0: none */
    struct gw_spread predicted; /* the same without the cases that the costs were fitted to */
};

/* The summary alone, as a table or as {"summary": [...]}. */
bool gw_output_summary(const struct gw_output *output, const struct gw_cells_summary *rows,
                       size_t count, struct gw_error *err);

/* Cells with their summary: in JSON a second list of the same object; as a table below the cells;
 * CSV and JSON lines hold the cells alone, so that every line is of one kind. */
struct gw_cells_report {
    const struct gw_cell *cells;
    size_t count;
    const struct gw_cells_summary *summary;
    size_t summary_count;
};

bool gw_output_report(const struct gw_output *output, const struct gw_cells_report *report,
                      struct gw_error *err);

#endif
