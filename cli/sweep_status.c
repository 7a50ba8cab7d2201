/* sweep_status.c - godwit sweep status: how far studies are.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "cli/exit_code.h"
#include "cli/sheet.h"
#include "cli/sweep_verb.h"

enum { FAILURES_SHOWN = 20 };

struct told {
    size_t count;
};

static void
tell(void *self, const char *error, const char *repro, int64_t attempts)
{
    struct told *told = self;

    if (told->count++ < FAILURES_SHOWN) {
        fprintf(stderr, "godwit: failed (%lld %s): %s\n  repro: %s\n", (long long)attempts,
                attempts == 1 ? "attempt" : "attempts", error, repro);
    }
}

static bool
tell_failures(struct gw_store *store, const char *study, struct gw_error *err)
{
    struct told told = {0};
    bool fine = gw_store_each_failure(store, study, tell, &told, err);

    if (told.count > FAILURES_SHOWN) {
        fprintf(stderr, "godwit: and %zu more: see the view v_study\n",
                told.count - FAILURES_SHOWN);
    }
    return fine;
}

static int64_t
missing_of(const struct gw_study_state *state)
{
    return state->runs - state->done - state->failed;
}

/* A study with a rule to stop is complete when the rule is content with what is there; the runs
 * of the next round, which nobody has noted yet, are missing otherwise. */
static bool
add_open(struct gw_store *store, struct gw_study_state *state, struct gw_error *err)
{
    struct gw_stop_open open = {0};

    if (state->done < state->runs) {
        return true;
    }
    if (!gw_stop_find_open(store, state, &open, err)) {
        return gw_fail_within(err, "study '%s'", state->name);
    }
    if (open.points > 0) {
        fprintf(stderr,
                "godwit: study '%s': not all points are precise as yet: at least %lld runs more\n",
                state->name, (long long)open.runs);
    }
    state->runs += open.runs;
    return true;
}

static bool
print_states(const struct gw_study_state *states, size_t count, enum gw_format format,
             struct gw_error *err)
{
    static const char *const numbers[] = {"runs", "done", "failed", "missing"};
    struct gw_sheet sheet = {.name = "studies", .format = format};
    bool fine;

    gw_sheet_column(&sheet, "study", false);
    gw_sheet_columns(&sheet, numbers, sizeof numbers / sizeof numbers[0], true);
    for (size_t i = 0; i < count; i++) {
        gw_sheet_text(&sheet, states[i].name);
        gw_sheet_format(&sheet, "%lld", (long long)states[i].runs);
        gw_sheet_format(&sheet, "%lld", (long long)states[i].done);
        gw_sheet_format(&sheet, "%lld", (long long)states[i].failed);
        gw_sheet_format(&sheet, "%lld", (long long)missing_of(&states[i]));
    }
    fine = gw_sheet_print(&sheet, err);
    gw_sheet_clear(&sheet);
    return fine;
}

static int
worst(int code, const struct gw_study_state *state)
{
    if (missing_of(state) > 0) {
        return GW_EXIT_INCOMPLETE;
    }
    return state->failed > 0 && code == GW_EXIT_FINE ? GW_EXIT_CRASHED : code;
}

/* Keeps the study of that name alone. */
static void
narrow(struct gw_study_states *states, const char *only)
{
    for (size_t i = 0; i < states->count; i++) {
        if (strcmp(states->items[i].name, only) == 0) {
            struct gw_study_state found = states->items[i];

            states->items[i] = states->items[0];
            states->items[0] = found;
        }
    }
}

int
gw_sweep_report(struct gw_store *store, const char *only, enum gw_format format)
{
    struct gw_study_states states;
    struct gw_error err = {.code = GW_OK};
    int code = GW_EXIT_FINE;
    size_t count;
    bool fine;

    if (!gw_store_studies(store, &states, &err)) {
        return gw_report_error(&err);
    }
    if (only != NULL) {
        narrow(&states, only);
    }
    count = only == NULL || states.count == 0 ? states.count : 1;
    fine = only == NULL || (count > 0 && strcmp(states.items[0].name, only) == 0) ||
           gw_fail(&err, GW_EINVAL, "the database has no study '%s'", only);
    for (size_t i = 0; i < count && fine; i++) {
        fine = add_open(store, &states.items[i], &err);
        code = worst(code, &states.items[i]);
        fine = fine && tell_failures(store, states.items[i].name, &err);
    }
    fine = fine && print_states(states.items, count, format, &err);
    gw_study_states_clear(&states);
    return fine ? code : gw_report_error(&err);
}

int
gw_sweep_status(const struct gw_sweep_options *options, const struct gw_words *operands)
{
    struct gw_error err;
    struct gw_store *store;
    int code;

    if (options->database == NULL || operands->count > 0) {
        gw_fail(&err, GW_EINVAL, "sweep status: wanted --db FILE [--study NAME] alone");
        return gw_report_error(&err);
    }
    store = gw_store_open(options->database, false, &err);
    if (store == NULL) {
        return gw_report_error(&err);
    }
    code = gw_sweep_report(store, options->study, options->format);
    gw_store_close(store);
    return code;
}
