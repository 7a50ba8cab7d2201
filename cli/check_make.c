/* check_make.c - a check: run, measure, compare; what stays open gets more runs and a second look.
 *
 * Why two   Few runs settle most cases. Those that stay open get more, and alpha is shared by both
 *           looks, half each, so that looking twice does not find more by chance.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "cli/check.h"

static const double EQUIVALENCE = 0.05;
static const uint64_t PERMUTATION_SEED = 0x676f64776974; /* any: fixed, so that a check repeats */

bool
gw_check_case_copy(const struct gw_baseline_case *one, struct gw_baseline_case *out)
{
    *out = (struct gw_baseline_case){
        .name = strdup(one->name),
        .scenario = strdup(one->scenario),
        .settings = calloc(one->setting_count + 1, sizeof(char *)),
        .seed = one->seed,
        .replications = one->replications,
    };
    if (out->name == NULL || out->scenario == NULL || out->settings == NULL) {
        return false;
    }
    for (size_t i = 0; i < one->setting_count; i++) {
        out->settings[out->setting_count] = strdup(one->settings[i]);
        if (out->settings[out->setting_count++] == NULL) {
            return false;
        }
    }
    return true;
}

/* ---- from runs to samples ------------------------------------------------------------------------------- */

static bool
measure_case(const struct gw_check *check, size_t index, const struct gw_baseline_case *like,
             struct gw_baseline_case *out, struct gw_error *err)
{
    const struct gw_check_case *runs = &check->runs.cases[index];

    if (!gw_check_case_copy(&check->before->cases[index], out)) {
        return gw_fail(err, GW_ENOMEM, "out of memory for a baseline");
    }
    if (runs->trouble != NULL) {
        out->trouble = strdup(runs->trouble);
        return out->trouble != NULL || gw_fail(err, GW_ENOMEM, "out of memory for a baseline");
    }
    out->seed = runs->plan.scenarios[0]->seed;
    out->replications = runs->done;
    return gw_baseline_measure(out, runs->pointers, runs->count, like, err);
}

static bool
measure_all(struct gw_check *check, struct gw_error *err)
{
    const struct gw_baseline *before = check->before;

    gw_baseline_clear(&check->after);
    check->after.cases = calloc(before->case_count + 1, sizeof *check->after.cases);
    if (check->after.cases == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for a baseline");
    }
    for (size_t i = 0; i < before->case_count; i++) {
        check->after.case_count++;
        if (!measure_case(check, i, &before->cases[i], &check->after.cases[i], err)) {
            return false;
        }
    }
    return true;
}

bool
gw_check_rebase(const struct gw_check *check, struct gw_baseline *after, struct gw_error *err)
{
    after->cases = calloc(check->before->case_count + 1, sizeof *after->cases);
    if (after->cases == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for a baseline");
    }
    for (size_t i = 0; i < check->before->case_count; i++) {
        struct gw_baseline_case *out = &after->cases[after->case_count++];

        if (!measure_case(check, i, NULL, out, err)) {
            return false;
        }
        if (out->trouble != NULL) {
            return gw_fail(err, GW_EINVAL, "%s: %s", out->name, out->trouble);
        }
    }
    return true;
}

/* ---- looks ------------------------------------------------------------------------------------------------ */

static struct gw_gate_rules
rules_of(const struct gw_check_request *request)
{
    return (struct gw_gate_rules){
        .alpha = request->once ? request->alpha : request->alpha / GW_CHECK_LOOKS,
        .equivalence = EQUIVALENCE,
        .seed = PERMUTATION_SEED,
    };
}

static bool
look(struct gw_check *check, const struct gw_check_request *request, struct gw_gate_report *report,
     struct gw_error *err)
{
    const struct gw_gate_rules rules = rules_of(request);

    return gw_check_runs_make(&check->runs, err) && measure_all(check, err) &&
           gw_gate_compare(check->before, &check->after, &rules, report, err);
}

/* Wants more runs of the cases that have an open test; false: there is none. */
static bool
want_more(struct gw_check *check, const struct gw_check_request *request)
{
    const struct gw_gate_report *report = &check->report;
    bool wanted = false;

    for (size_t i = 0; i < report->test_count; i++) {
        struct gw_check_case *one = &check->runs.cases[report->tests[i].case_index];
        int64_t base = check->before->cases[report->tests[i].case_index].replications;
        int64_t most = request->most > 0 ? request->most : GW_CHECK_MOST_TIMES * base;

        if (report->tests[i].verdict == GW_GATE_OPEN && one->done < most) {
            one->wanted = most;
            wanted = true;
        }
    }
    return wanted;
}

static bool
look_again(struct gw_check *check, const struct gw_check_request *request, struct gw_error *err)
{
    struct gw_gate_report second;

    if (request->once || !want_more(check, request)) {
        return true;
    }
    if (!look(check, request, &second, err)) {
        return false;
    }
    gw_gate_keep_moved(&second, &check->report);
    gw_gate_report_clear(&check->report);
    check->report = second;
    return true;
}

static bool
look_twice(struct gw_check *check, const struct gw_check_request *request, struct gw_error *err)
{
    const struct gw_gate_rules rules = rules_of(request);

    return look(check, request, &check->report, err) && look_again(check, request, err) &&
           gw_gate_settle(check->before, &check->after, &rules, &check->report, err);
}

bool
gw_check_make(struct gw_check *check, const struct gw_check_request *request, struct gw_error *err)
{
    *check = (struct gw_check){.before = request->before, .alpha = request->alpha};
    if (!gw_check_runs_open(&check->runs, request->before, &request->settings, request->seed,
                            err)) {
        return false;
    }
    check->runs.workers = request->workers;
    for (size_t i = 0; i < check->runs.count && request->replications > 0; i++) {
        check->runs.cases[i].wanted = request->replications;
    }
    if (!look_twice(check, request, err)) {
        gw_check_clear(check);
        return false;
    }
    return true;
}

void
gw_check_clear(struct gw_check *check)
{
    gw_gate_report_clear(&check->report);
    gw_baseline_clear(&check->after);
    gw_check_runs_close(&check->runs);
    *check = (struct gw_check){0};
}
