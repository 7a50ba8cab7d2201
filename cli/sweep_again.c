/* sweep_again.c - a study of a database: read, or planned again as it was.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli/damage.h"
#include "cli/sweep_verb.h"
#include "cli/verb.h"

/* The words of a study's plan, as an argv. */
struct words {
    json_t *root;
    char *items[1024]; /* [0] is the verb; NULL-terminated; texts of root */
    int count;
};

enum { WORDS_MOST = sizeof((struct words *)0)->items / sizeof(char *) - 2 };

static bool
read_words(struct words *words, const struct gw_study_state *state, struct gw_error *err)
{
    json_t *word;
    size_t i;

    words->root = json_loads(state->arguments, 0, NULL);
    if (!json_is_array(words->root) || json_array_size(words->root) > WORDS_MOST) {
        return gw_fail(err, GW_EINVAL, "study '%s' does not know its plan: name the scenarios",
                       state->name);
    }
    static char verb[] = "sweep";
    words->items[words->count++] = verb;
    json_array_foreach(words->root, i, word)
    {
        /* The parser of options only reads them. */
        words->items[words->count++] = (char *)(uintptr_t)json_string_value(word);
    }
    return true;
}

const struct gw_study_state *
gw_sweep_choose_study(const struct gw_study_states *states, const struct gw_sweep_options *options,
                      struct gw_error *err)
{
    for (size_t i = 0; i < states->count; i++) {
        if (options->study != NULL ? strcmp(states->items[i].name, options->study) == 0
                                   : states->count == 1) {
            return &states->items[i];
        }
    }
    if (options->study != NULL) {
        gw_fail(err, GW_EINVAL, "database %s: has no study '%s'", options->database,
                options->study);
    } else if (states->count == 0) {
        gw_fail(err, GW_EINVAL, "database %s: has no study", options->database);
    } else {
        gw_fail(err, GW_EINVAL, "database %s: has %zu studies: choose one with --study",
                options->database, states->count);
    }
    return NULL;
}

bool
gw_sweep_read_runs(const struct gw_sweep_options *options, bool with_series,
                   struct gw_result_list *list, struct gw_error *err)
{
    struct gw_store *store = gw_open_to_read(options->database, err);
    struct gw_study_states states = {0};
    const struct gw_study_state *state = NULL;

    if (store == NULL) {
        return false;
    }
    bool fine = gw_store_studies(store, &states, err);
    bool whole = options->study == NULL && states.count == 0;
    fine = fine && (whole || (state = gw_sweep_choose_study(&states, options, err)) != NULL);
    const char *name = state == NULL ? NULL : state->name;
    fine = fine && (with_series ? gw_store_read_study(store, name, list, err)
                                : gw_store_read_metrics(store, name, list, err));
    gw_study_states_clear(&states);
    gw_store_close(store);
    return fine;
}

static int
plan_and_use(const struct gw_study_state *state, const struct gw_sweep_options *options,
             const struct gw_words *operands, gw_sweep_use *use)
{
    struct gw_sweep_task task;
    struct gw_error err;
    int code;

    if (!gw_sweep_task_make(&task, options, operands, &code)) {
        fprintf(stderr,
                "godwit: study '%s' was planned with %.600s; files are looked for from this"
                " folder\n",
                state->name, state->arguments);
        return code;
    }
    if (strcmp(task.campaign.hash, state->hash) != 0) {
        gw_fail(&err, GW_EINVAL,
                "study '%s' was planned otherwise: its scenario or this program has changed;"
                " 'godwit sweep run' plans it anew and keeps the runs that are the same",
                state->name);
        code = gw_report_error(&err);
    } else {
        code = use(&task);
    }
    gw_sweep_task_clear(&task);
    return code;
}

/* With the words of the study for the plan, and those of the command line for the rest. */
static int
again_as_planned(const struct gw_study_state *state, const struct gw_sweep_options *options,
                 gw_sweep_use *use)
{
    struct gw_sweep_options planned = *options;
    struct words words = {0};
    struct gw_words operands = {0};
    struct gw_error err;
    int code;

    planned.set = planned.sweep = planned.stop = (struct gw_words){NULL, 0};
    planned.seed = NULL;
    planned.replications = 0;
    planned.study = state->name;
    code =
        read_words(&words, state, &err) && gw_options_parse(gw_sweep_options, words.count,
                                                            words.items, &planned, &operands, &err)
            ? plan_and_use(state, &planned, &operands, use)
            : gw_report_error(&err);
    gw_options_clear(gw_sweep_options, &planned, &operands);
    json_decref(words.root);
    return code;
}

static int
again(const struct gw_study_state *state, const struct gw_sweep_options *options,
      const struct gw_words *operands, gw_sweep_use *use)
{
    struct gw_sweep_options named = *options;

    named.study = state->name;
    return operands->count > 0 ? plan_and_use(state, &named, operands, use)
                               : again_as_planned(state, options, use);
}

int
gw_sweep_again(const char *action, const struct gw_sweep_options *options,
               const struct gw_words *operands, gw_sweep_use *use)
{
    struct gw_study_states states = {0};
    const struct gw_study_state *state = NULL;
    struct gw_store *store = NULL;
    struct gw_error err = {.code = GW_OK};
    bool fine;

    if (options->database == NULL) {
        gw_fail(&err, GW_EINVAL, "sweep %s: name the database: --db FILE", action);
        return gw_report_error(&err);
    }
    store = gw_store_open(options->database, false, &err);
    fine = store != NULL && gw_store_studies(store, &states, &err) &&
           (state = gw_sweep_choose_study(&states, options, &err)) != NULL;
    gw_store_close(store);
    int code = fine ? again(state, options, operands, use) : gw_report_error(&err);
    gw_study_states_clear(&states);
    return code;
}
