/* check_accept.c - godwit check --accept: the runs of now become the baseline.
 *
 * Idea      It is a check first, so that whoever accepts reads what moved, from what to what. The
 *           file is written only when all runs are there; its other cases stay as they are.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "cli/check.h"
#include "cli/exit_code.h"

#ifndef GW_VERSION
#define GW_VERSION "unknown"
#endif

/* ---- which cases -------------------------------------------------------------------------------------- */

static bool
out_of_memory(struct gw_error *err)
{
    return gw_fail(err, GW_ENOMEM, "out of memory for a baseline");
}

static bool
set_settings(struct gw_baseline_case *one, const struct gw_words *set)
{
    for (size_t i = 0; i < one->setting_count; i++) {
        free(one->settings[i]);
    }
    free(one->settings);
    one->setting_count = 0;
    one->settings = calloc(set->count + 1, sizeof(char *));
    for (size_t i = 0; one->settings != NULL && i < set->count; i++) {
        one->settings[i] = strdup(set->items[i]);
        if (one->settings[i] == NULL) {
            return false;
        }
        one->setting_count++;
    }
    return one->settings != NULL;
}

/* A case as it is to be run; groups, if any, are those of the file, and borrowed. */
static bool
add_target(struct gw_baseline *targets, const struct gw_baseline_case *from, bool known,
           const struct gw_check_options *options, struct gw_error *err)
{
    struct gw_baseline_case *target = &targets->cases[targets->case_count++];

    if (!gw_check_case_copy(from, target) ||
        (options->set.count > 0 && !set_settings(target, &options->set))) {
        return out_of_memory(err);
    }
    if (options->replications > 0) {
        target->replications = options->replications;
    }
    if (known && options->set.count == 0) {
        target->groups = from->groups;
        target->group_count = from->group_count;
    }
    return true;
}

static bool
add_operand(struct gw_baseline *targets, const struct gw_baseline *file, const char *operand,
            const struct gw_check_options *options, struct gw_error *err)
{
    char name[400], scenario[400];
    const char *called = options->name != NULL ? options->name : operand;
    const struct gw_baseline_case *known = gw_baseline_case_find(file, called);

    if (strlen(called) >= sizeof name || strlen(operand) >= sizeof scenario || *called == '\0') {
        return gw_fail(err, GW_EINVAL, "check: a name of 1 to %zu characters is wanted",
                       sizeof name - 1);
    }
    if (gw_baseline_case_find(targets, called) != NULL) {
        return gw_fail(err, GW_EINVAL, "check: case '%s' is named twice", called);
    }
    if (known != NULL && (options->name == NULL || strcmp(known->scenario, operand) == 0)) {
        return add_target(targets, known, true, options, err);
    }
    memcpy(name, called, strlen(called) + 1);
    memcpy(scenario, operand, strlen(operand) + 1);
    return add_target(
        targets,
        &(struct gw_baseline_case){
            .name = name, .scenario = scenario, .seed = -1, .replications = GW_CHECK_REPLICATIONS},
        false, options, err);
}

static bool
choose_targets(struct gw_baseline *targets, const struct gw_baseline *file,
               const struct gw_check_options *options, const struct gw_words *operands,
               struct gw_error *err)
{
    *targets = (struct gw_baseline){.margins = file->margins};
    targets->cases = calloc(operands->count + file->case_count + 1, sizeof *targets->cases);
    if (targets->cases == NULL) {
        return out_of_memory(err);
    }
    if (options->name != NULL && operands->count != 1) {
        return gw_fail(err, GW_EINVAL, "check: --case NAME wants one scenario, %zu are named",
                       operands->count);
    }
    if (operands->count == 0 && options->set.count > 0) {
        return gw_fail(err, GW_EINVAL, "check: --accept with --set wants a scenario");
    }
    if (operands->count + file->case_count == 0) {
        return gw_fail(err, GW_EINVAL, "check: %s does not exist; name the scenarios to put in",
                       options->baseline);
    }
    for (size_t i = 0; i < operands->count; i++) {
        if (!add_operand(targets, file, operands->items[i], options, err)) {
            return false;
        }
    }
    for (size_t i = 0; operands->count == 0 && i < file->case_count; i++) {
        if (!add_target(targets, &file->cases[i], true, options, err)) {
            return false;
        }
    }
    return true;
}

/* Groups are the file's. */
static void
clear_targets(struct gw_baseline *targets)
{
    for (size_t i = 0; i < targets->case_count; i++) {
        targets->cases[i].groups = NULL;
        targets->cases[i].group_count = 0;
    }
    gw_baseline_clear(targets);
}

/* ---- writing ------------------------------------------------------------------------------------------ */

/* Moves the new cases into the file: each to its place, or to the end. */
static bool
replace_cases(struct gw_baseline *file, struct gw_baseline *fresh, struct gw_error *err)
{
    size_t most = file->case_count + fresh->case_count;
    struct gw_baseline_case *cases = realloc(file->cases, (most + 1) * sizeof *cases);

    if (cases == NULL) {
        return out_of_memory(err);
    }
    file->cases = cases;
    for (size_t i = 0; i < fresh->case_count; i++) {
        struct gw_baseline_case *place = gw_baseline_case_find(file, fresh->cases[i].name);

        if (place == NULL) {
            place = &file->cases[file->case_count++];
            *place = (struct gw_baseline_case){0};
        }
        gw_baseline_case_clear(place);
        *place = fresh->cases[i];
        fresh->cases[i] = (struct gw_baseline_case){0};
    }
    return true;
}

static bool
sign(struct gw_baseline *file, const char *reason, struct gw_error *err)
{
    free(file->version);
    free(file->reason);
    file->version = strdup(GW_VERSION);
    file->reason = strdup(reason);
    return (file->version != NULL && file->reason != NULL) || out_of_memory(err);
}

/* "new, 12 runs: 9 completed, 3 failed": what has not completed is guarded as it is. */
static void
say_new(const struct gw_baseline_case *one, struct gw_text *out)
{
    size_t runs = 0, completed = 0, failed = 0, unverified = 0;

    for (size_t i = 0; i < one->group_count; i++) {
        runs += one->groups[i].runs;
        completed += one->groups[i].completed;
        failed += one->groups[i].failed;
        unverified += one->groups[i].unverified;
    }
    const struct {
        size_t count;
        const char *words;
    } shares[] = {{completed, "completed"},
                  {runs - completed - failed, "did not converge"},
                  {failed, "failed"},
                  {unverified, "with a target that is not its source"}};
    const char *between = ": ";

    gw_text_format(out, "%s: new, %zu runs", one->name, runs);
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        if (shares[i].count > 0) {
            gw_text_format(out, "%s%zu %s", between, shares[i].count, shares[i].words);
            between = ", ";
        }
    }
}

static bool
say_changes(const struct gw_check *check, const struct gw_baseline *fresh, struct gw_error *err)
{
    for (size_t i = 0; i < check->report.case_count; i++) {
        struct gw_text text = {0};

        if (check->before->cases[i].group_count == 0) {
            say_new(&fresh->cases[i], &text);
            gw_gate_clean(&text, 0);
        } else {
            gw_gate_case_say(&check->report, check->before, i, &text);
        }
        if (text.failed) {
            gw_text_clear(&text);
            return out_of_memory(err);
        }
        puts(text.bytes);
        gw_text_clear(&text);
    }
    return true;
}

/* A baseline that can only be compared by its margins is allowed, but not unsaid. */
static void
warn_of_few_runs(const struct gw_baseline *file, const struct gw_check *check)
{
    int64_t least =
        (int64_t)gw_gate_least_runs(file, check->alpha / GW_CHECK_LOOKS, GW_CHECK_MOST_TIMES);

    for (size_t i = 0; i < check->before->case_count; i++) {
        const struct gw_baseline_case *one = &check->before->cases[i];

        if (one->replications >= least) {
            continue;
        }
        struct gw_text text = {0};

        gw_text_format(&text,
                       "%s: %lld runs of each variation may be too few for a p when all of the "
                       "file's figures differ: a figure beyond its margin may then have moved by "
                       "chance; accept with -n %lld or more",
                       one->name, (long long)one->replications, (long long)least);
        if (!text.failed) {
            gw_gate_clean(&text, 0);
            puts(text.bytes);
        }
        gw_text_clear(&text);
    }
}

static bool
accept_runs(struct gw_baseline *file, const struct gw_check *check,
            const struct gw_check_options *options, struct gw_error *err)
{
    struct gw_baseline fresh = {0};
    bool fine = gw_check_rebase(check, &fresh, err) && say_changes(check, &fresh, err) &&
                replace_cases(file, &fresh, err) && sign(file, options->accept, err) &&
                gw_baseline_write(file, options->baseline, err);

    gw_baseline_clear(&fresh);
    if (fine) {
        warn_of_few_runs(file, check);
        printf("%s: %zu of %zu cases accepted: %s\n", options->baseline, check->report.case_count,
               file->case_count, options->accept);
    }
    return fine;
}

static bool
read_or_begin(struct gw_baseline *file, const char *path, struct gw_error *err)
{
    if (gw_baseline_read(file, path, err)) {
        return true;
    }
    if (err->code != GW_ENOENT) {
        return false;
    }
    *file = (struct gw_baseline){0};
    gw_gate_margins_default(&file->margins);
    return true;
}

/* With the targets chosen; their runs are checked against what the file has of them. */
static int
run_targets(struct gw_baseline *file, const struct gw_baseline *targets,
            const struct gw_check_options *options, const struct gw_check_request *asked)
{
    struct gw_check_request request = *asked;
    struct gw_check check;
    struct gw_error err = {.code = GW_OK};
    int code = GW_EXIT_FINE;

    request.before = targets;
    request.once = true;
    if (!gw_check_make(&check, &request, &err)) {
        return gw_check_stopped(&err);
    }
    if (options->directory != NULL && !gw_check_draw(&check, options->directory, &err)) {
        code = gw_report_error(&err);
    }
    if (!accept_runs(file, &check, options, &err)) {
        code = gw_report_error(&err);
    }
    gw_check_clear(&check);
    return code;
}

int
gw_check_accept(const struct gw_check_options *options, const struct gw_words *operands,
                const struct gw_check_request *request)
{
    struct gw_baseline file, targets;
    struct gw_error err = {.code = GW_OK};
    int code;

    if (options->accept[strspn(options->accept, " \t\r\n")] == '\0') {
        gw_fail(&err, GW_EINVAL, "--accept: say why the baseline changes");
        return gw_report_error(&err);
    }
    if (!gw_baseline_writable(options->baseline, &err) ||
        !read_or_begin(&file, options->baseline, &err)) {
        return gw_report_error(&err);
    }
    code = choose_targets(&targets, &file, options, operands, &err)
               ? run_targets(&file, &targets, options, request)
               : gw_report_error(&err);
    clear_targets(&targets);
    gw_baseline_clear(&file);
    return code;
}
