/* run_plan.c - from scenarios and --set to the list of runs, shared by the verbs that run.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/run_plan.h"

#include <errno.h>
#include <stdlib.h>

bool
gw_seed_parse(const char *text, int64_t *seed, struct gw_error *err)
{
    char *end;

    *seed = -1;
    if (text == NULL) {
        return true;
    }
    errno = 0;
    *seed = strtoll(text, &end, 10);
    if (*end != '\0' || end == text || *seed < 0 || errno != 0) {
        return gw_fail(err, GW_EINVAL, "--seed '%s': must be a whole number, 0 to %lld", text,
                       (long long)INT64_MAX);
    }
    return true;
}

static bool
load(struct gw_run_plan *plan, const char *argument, const struct gw_run_request *request,
     struct gw_diagnostics *diagnostics)
{
    struct gw_error err;
    char *path = gw_scenario_find(argument, &err);

    if (path == NULL) {
        gw_diagnostics_fail(diagnostics, err.code, NULL, "%s", err.message);
        return false;
    }
    for (size_t i = 0; i < plan->variations.count && diagnostics->errors == 0; i++) {
        const struct gw_variation *variation = &plan->variations.items[i];
        struct gw_scenario *scenario =
            gw_scenario_load(path, variation->overrides, variation->count, diagnostics);

        if (scenario != NULL) {
            scenario->seed = request->seed >= 0 ? request->seed : scenario->seed;
            scenario->replications =
                request->replications > 0 ? request->replications : scenario->replications;
            plan->scenarios[plan->scenario_count++] = scenario;
        }
    }
    free(path);
    return diagnostics->errors == 0;
}

static bool
make_jobs(struct gw_run_plan *plan, int64_t only)
{
    size_t count = 0;

    for (size_t i = 0; i < plan->scenario_count; i++) {
        gw_assert(plan->scenarios[i] != NULL);
        count += only > 0 ? 1 : (size_t)plan->scenarios[i]->replications;
    }
    plan->jobs = calloc(count + 1, sizeof *plan->jobs);
    if (plan->jobs == NULL) {
        return false;
    }
    for (size_t i = 0; i < plan->scenario_count; i++) {
        int64_t end = only > 0 ? only : plan->scenarios[i]->replications;

        for (int64_t replication = only > 0 ? only - 1 : 0; replication < end; replication++) {
            plan->jobs[plan->job_count++] = (struct gw_job){
                .scenario = plan->scenarios[i],
                .variation = &plan->variations.items[i % plan->variations.count],
                .replication = replication,
            };
        }
    }
    return true;
}

bool
gw_run_plan_make(struct gw_run_plan *plan, const struct gw_run_request *request,
                 struct gw_diagnostics *diagnostics)
{
    *plan = (struct gw_run_plan){0};
    if (!gw_variations_expand(&plan->variations, request->settings, request->setting_count,
                              diagnostics)) {
        return false;
    }
    plan->scenarios =
        calloc(request->scenario_count * plan->variations.count + 1, sizeof(struct gw_scenario *));
    for (size_t i = 0; plan->scenarios != NULL && i < request->scenario_count; i++) {
        if (!load(plan, request->scenarios[i], request, diagnostics)) {
            return false;
        }
    }
    if (plan->scenarios == NULL || !make_jobs(plan, request->only)) {
        gw_diagnostics_fail(diagnostics, GW_ENOMEM, NULL, "out of memory for the runs");
        return false;
    }
    return true;
}

void
gw_run_plan_clear(struct gw_run_plan *plan)
{
    for (size_t i = 0; i < plan->job_count; i++) {
        gw_job_clear(&plan->jobs[i]);
    }
    for (size_t i = 0; i < plan->scenario_count; i++) {
        gw_scenario_destroy(plan->scenarios[i]);
    }
    free(plan->jobs);
    free(plan->scenarios);
    gw_variations_clear(&plan->variations);
    *plan = (struct gw_run_plan){0};
}
