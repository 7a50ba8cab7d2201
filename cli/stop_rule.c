/* stop_rule.c - the rule by which points of a sweep get their replications, held to values.
 *
 * Idea      A look says how many values are wanted by today's deviation. That estimate is rough
 *           while values are few, so a round at most doubles them. Runs without a value, as of
 *           migrations that did not converge, are expected to go on at the same share.
 * Invariant What is wanted follows from the values alone, in the order of replications.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/stop_rule.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

/* ---- words -------------------------------------------------------------------------------------- */

bool
gw_stop_words_make(struct gw_stop_words *words, const struct gw_words *set,
                   const struct gw_words *stop, struct gw_error *err)
{
    struct gw_text rule = {0};

    *words = (struct gw_stop_words){.items = calloc(set->count + 2, sizeof *words->items)};
    for (size_t i = 0; i < set->count && words->items != NULL; i++) {
        words->items[words->count++] = set->items[i];
    }
    for (size_t i = 0; i < stop->count; i++) {
        gw_text_format(&rule, "%s%s", i == 0 ? "sweep.stop.metric=" : ",", stop->items[i]);
    }
    words->rule = gw_text_take(&rule);
    if (words->items == NULL || words->rule == NULL) {
        gw_stop_words_clear(words);
        return gw_fail(err, GW_ENOMEM, "out of memory");
    }
    if (stop->count > 0) {
        words->items[words->count++] = words->rule;
    }
    return true;
}

void
gw_stop_words_clear(struct gw_stop_words *words)
{
    free(words->items);
    free(words->rule);
    *words = (struct gw_stop_words){0};
}

/* ---- looks -------------------------------------------------------------------------------------- */

void
gw_stop_look(const struct gw_sweep_stop *stop, size_t metric, const double *values, size_t count,
             struct gw_stopping_look *look)
{
    const struct gw_stopping_rule rule = {
        .confidence = stop->confidence,
        .relative = stop->metrics[metric].half_width,
        .least = (size_t)stop->least,
        .most = (size_t)stop->most,
    };

    gw_stopping_decide(&rule, values, count, look);
}

int64_t
gw_stop_wanted(const struct gw_sweep_stop *stop, const struct gw_stopping_look *look, size_t count)
{
    int64_t now = (int64_t)count;
    int64_t most = 2 * now < stop->most ? 2 * now : stop->most;

    if (look->verdict != GW_STOPPING_MORE) {
        return now;
    }
    if (look->count == 0) {
        return most;
    }
    double wanted = ceil((double)count * (double)look->wanted / (double)look->count);
    if (wanted >= (double)most) {
        return most;
    }
    return wanted > (double)now ? (int64_t)wanted : now + 1;
}

/* ---- a study by what it remembers ---------------------------------------------------------------- */

enum { SETTINGS_MOST = 8 };

/* Reads the rule back from the words of the study's plan. */
static bool
read_rule(const json_t *words, struct gw_sweep_stop *stop, struct gw_error *err)
{
    static const char scenario[] = "name: study\n";
    const char *settings[SETTINGS_MOST];
    struct gw_sweep_request request = {.settings = settings};
    struct gw_diagnostics diagnostics = {0};
    struct gw_sweep sweep;
    const json_t *word;
    size_t i;

    *stop = (struct gw_sweep_stop){.count = 0};
    json_array_foreach(words, i, word)
    {
        const char *text = json_string_value(word);

        if (text != NULL && gw_sweep_stop_is_setting(text) &&
            request.setting_count < SETTINGS_MOST) {
            settings[request.setting_count++] = text;
        }
    }
    if (request.setting_count == 0) {
        return true;
    }
    bool fine =
        gw_sweep_plan_text(&sweep, "study", scenario, sizeof scenario - 1, &request, &diagnostics);
    if (fine) {
        *stop = sweep.stop;
        gw_sweep_clear(&sweep);
    }
    gw_diagnostics_clear(&diagnostics);
    return fine || gw_fail(err, GW_EINVAL, "the rule of the study's plan cannot be read");
}

struct counting {
    const struct gw_sweep_stop *stop;
    size_t metric;
    struct gw_stop_open *open;
};

static void
count_open(void *self, const struct gw_study_sample *sample)
{
    const struct counting *counting = self;
    struct gw_stopping_look look;

    gw_stop_look(counting->stop, counting->metric, sample->values, sample->count, &look);
    int64_t more = gw_stop_wanted(counting->stop, &look, sample->count) - (int64_t)sample->count;
    counting->open->points += more > 0 ? 1 : 0;
    counting->open->runs += more;
}

bool
gw_stop_find_open(struct gw_store *store, const struct gw_study_state *state,
                  struct gw_stop_open *open, struct gw_error *err)
{
    json_t *words = json_loads(state->arguments, 0, NULL);
    struct gw_sweep_stop stop;
    bool fine = read_rule(words, &stop, err);

    *open = (struct gw_stop_open){0};
    json_decref(words);
    for (size_t i = 0; fine && i < stop.count; i++) {
        struct gw_stop_open found = {0};
        struct counting counting = {&stop, i, &found};

        fine = gw_store_each_sample(store, state->name, stop.metrics[i].metric, count_open,
                                    &counting, err);
        *open = found.runs > open->runs ? found : *open;
    }
    return fine;
}
