/* comparison_output.h - a comparison as --format table, json, jsonl, csv or md.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_COMPARISON_OUTPUT_H
#define GW_COMPARISON_OUTPUT_H

#include "results/comparison.h"
#include "results/output.h"

/* Tables show the metrics, and the rest in sentences below; the others have a row for everything.
 * Errors: GW_EIO, GW_ENOMEM. */
bool gw_output_comparison(const struct gw_output *output, const struct gw_comparison *comparison,
                          struct gw_error *err);

#endif
