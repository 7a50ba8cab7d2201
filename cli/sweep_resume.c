/* sweep_resume.c - godwit sweep resume: goes on with a study as it was planned.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

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

/* The study by its name, or the only one. NULL and err. */
static const struct gw_study_state *
choose(const struct gw_study_states *states, const struct gw_sweep_options *options,
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

static int
execute(const struct gw_study_state *state, const struct gw_sweep_options *options,
        const struct gw_words *operands)
{
    struct gw_sweep_task task;
    struct gw_error err;
    int code;

    if (!gw_sweep_task_make(&task, options, operands, &code)) {
        return code;
    }
    if (strcmp(task.campaign.hash, state->hash) != 0) {
        gw_fail(&err, GW_EINVAL,
                "study '%s' was planned otherwise: its scenario or this program has changed;"
                " 'godwit sweep run' plans it anew and keeps the runs that are the same",
                state->name);
        code = gw_report_error(&err);
    } else {
        code = gw_sweep_execute(&task);
    }
    gw_sweep_task_clear(&task);
    return code;
}

static int
resume_named(const struct gw_study_state *state, const struct gw_sweep_options *options,
             const struct gw_words *operands)
{
    struct gw_sweep_options named = *options;

    named.study = state->name;
    return execute(state, &named, operands);
}

static int
resume(const struct gw_study_state *state, const struct gw_sweep_options *options)
{
    struct gw_sweep_options planned = {0};
    struct words words = {0};
    struct gw_words operands = {0};
    struct gw_error err;
    int code;

    if (!read_words(&words, state, &err) ||
        !gw_options_parse(gw_sweep_options, words.count, words.items, &planned, &operands, &err)) {
        json_decref(words.root);
        return gw_report_error(&err);
    }
    planned.study = state->name;
    planned.database = options->database;
    planned.workers = options->workers;
    planned.format = options->format;
    planned.publish_s = options->publish_s;
    planned.shard = options->shard;
    planned.out = options->out;
    code = execute(state, &planned, &operands);
    gw_options_clear(gw_sweep_options, &planned, &operands);
    json_decref(words.root);
    return code;
}

int
gw_sweep_resume(const struct gw_sweep_options *options, const struct gw_words *operands)
{
    struct gw_study_states states = {0};
    const struct gw_study_state *state = NULL;
    struct gw_store *store = NULL;
    struct gw_error err = {.code = GW_OK};
    int code;

    if (options->database == NULL) {
        gw_fail(&err, GW_EINVAL, "sweep resume: name the database: --db FILE");
    } else {
        store = gw_store_open(options->database, false, &err);
    }
    if (store == NULL || !gw_store_studies(store, &states, &err) ||
        (state = choose(&states, options, &err)) == NULL) {
        code = gw_report_error(&err);
    } else {
        gw_store_close(store);
        store = NULL;
        code =
            operands->count > 0 ? resume_named(state, options, operands) : resume(state, options);
    }
    gw_store_close(store);
    gw_study_states_clear(&states);
    return code;
}
