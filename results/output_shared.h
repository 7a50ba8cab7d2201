/* output_shared.h - what the files of the output share; nobody else includes it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_OUTPUT_SHARED_H
#define GW_OUTPUT_SHARED_H

#include <jansson.h>

#include "results/output.h"
#include "results/table.h"

/* null for NaN and infinity. */
json_t *gw_output_number_json(double value);

bool gw_output_runs_table(const struct gw_output *output, const struct gw_result *const *results,
                          size_t count, enum gw_table_style style);
bool gw_output_runs_csv(const struct gw_output *output, const struct gw_result *const *results,
                        size_t count);

/* {"cells": [...], "ok": ...}; NULL when memory is out. */
json_t *gw_output_cells_json(const struct gw_cell *cells, size_t count);

/* {"inside": ..., "card": ..., "reasons": [...], "errors": [...]}. */
json_t *gw_output_validity_json(const struct gw_cards *cards, const struct gw_result *result);
bool gw_output_validity_text(const struct gw_output *output, const struct gw_result *const *results,
                             size_t count);

/* Prints {"<key>": [objects]...} or one object a line; takes the array over. */
bool gw_output_dump(const struct gw_output *output, json_t *root, const char *key);
bool gw_output_done(const struct gw_output *output, bool ok, struct gw_error *err);

/* Names of all parameters, in order of first appearance. Owner: the caller frees *names, not
 * the texts. */
bool gw_output_parameter_names(const struct gw_result *const *results, size_t count,
                               const char ***names, size_t *name_count);

#endif
