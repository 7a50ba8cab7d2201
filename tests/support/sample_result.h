/* sample_result.h - results made up for tests: full in every field, the same each time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SAMPLE_RESULT_H
#define GW_SAMPLE_RESULT_H

#include "base/result.h"

/* A completed run of a disk migration with its metrics, histograms and series; oio is varied
 * ("workload.oio"). */
void gw_sample_result(struct gw_result *result, const char *scenario, const char *architecture,
                      int oio, int replication);

/* The same of a memory migration; the throttle's steps are varied
 * ("migration.throttle_increment"). */
void gw_sample_memory_result(struct gw_result *result, const char *architecture, int increment,
                             int replication);

#endif
