/* report_rig.h - the runs of one study, made up, of which a report is made.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_REPORT_RIG_H
#define GW_REPORT_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "results/report_shared.h"
#include "tests/support/sample_result.h"

enum { REPORT_RUNS = 24 };

struct report_rig {
    struct gw_result results[REPORT_RUNS];
    const struct gw_result *pointers[REPORT_RUNS];
    struct gw_result_list list;
};

static inline void
report_rig_begin(struct report_rig *rig)
{
    memset(rig, 0, sizeof *rig);
    rig->list = (struct gw_result_list){.results = rig->results, .pointers = rig->pointers};
}

static inline struct gw_result *
report_rig_add(struct report_rig *rig, const char *architecture, int oio, int replication,
               double time_s)
{
    struct gw_result *result = &rig->results[rig->list.count];

    assert_true(rig->list.count < REPORT_RUNS);
    gw_sample_result(result, "made-up", architecture, oio, replication);
    result->outcome = GW_COMPLETED;
    result->metric[GW_METRIC_MIGRATION_TIME_S] = time_s;
    result->verified = true;
    rig->pointers[rig->list.count++] = result;
    return result;
}

static inline void
report_rig_end(struct report_rig *rig)
{
    for (size_t i = 0; i < rig->list.count; i++) {
        gw_result_clear(&rig->results[i]);
    }
}

#endif
