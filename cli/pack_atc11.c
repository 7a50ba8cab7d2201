/* pack_atc11.c - the storage study of Mashtizadeh et al., USENIX ATC 2011: what is run.
 *
 * The judges are in atc11_exchange.c (the table) and atc11_claims.c (Q1 to Q16).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/atc11.h"

static const struct gw_pack_study studies[] = {
    [ATC11_EXCHANGE] = {"Exchange table",
                        "atc11/exchange",
                        {"migration.architecture=mirror,dbt,incremental-dbt",
                         "workload.intensity=1,2", NULL},
                        0},
    [ATC11_OLTP] = {"OLTP over outstanding IO",
                    "atc11/oltp",
                    {"migration.architecture=snapshot,dbt,mirror", "workload.oio=2,4,8,16,32",
                     NULL},
                    0},
    [ATC11_SLOW] = {"slow destination",
                    "atc11/slow-destination",
                    {"migration.architecture=dbt,mirror", NULL},
                    0},
    [ATC11_HEAT] = {"heat, skewed writes",
                    "atc11/exchange-heat",
                    {"migration.architecture=dbt,heat", NULL},
                    0},
    [ATC11_HEAT_UNIFORM] = {"heat, uniform writes",
                            "atc11/oltp",
                            {"migration.architecture=dbt,heat", "workload.oio=8", NULL},
                            0},
    [ATC11_GOALS] = {"downtime goals of DBT",
                     "atc11/oltp",
                     {"migration.architecture=dbt", "workload.oio=16",
                      "migration.downtime_goal=1s,5s,20s", NULL},
                     0},
    [ATC11_LIGHT] = {"incremental DBT, light and heavier uniform writes",
                     "atc11/uniform-writes",
                     {"migration.architecture=dbt,incremental-dbt",
                      "workload.rate=50/s,400/s,3200/s", NULL},
                     0},
    [ATC11_STUDIES] = {NULL, NULL, {NULL}, 0},
};

static void
judge(const struct gw_pack_runs *runs, struct gw_pack_report *report)
{
    for (size_t i = 0; studies[i].name != NULL; i++) {
        gw_pack_word(report, studies[i].name, "verified", "yes",
                     gw_pack_all_verified(&runs[i]) ? "yes" : "not every run", "proof");
    }
    atc11_judge_exchange(runs, report);
    atc11_judge_claims(runs, report);
}

const struct gw_pack_definition gw_pack_atc11 = {"atc11", studies, judge};
