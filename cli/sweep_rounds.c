/* sweep_rounds.c - a sweep whose points stop at a precision of their own: who needs more runs.
 *
 * Idea      Decisions follow from what is stored of the point alone. So a sweep that was stopped
 *           walks through the same rounds again, finds their runs done, and goes on; and shards
 *           that have whole points decide as one process does.
 *           The place of a run in the study is known before anything is decided: behind the least
 *           ones of all points, each point has room for its most.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/sweep_rounds.h"

#include <math.h>
#include <stdlib.h>

#include "results/run_brief.h"

static const struct gw_sweep_stop *
rule_of(const struct gw_rounds *rounds)
{
    return &rounds->task->campaign.stop;
}

bool
gw_rounds_begin(struct gw_rounds *rounds, const struct gw_sweep_task *task, struct gw_error *err)
{
    const struct gw_campaign *whole = &task->campaign;
    int64_t room = whole->stop.most - whole->stop.least;
    int64_t position = (int64_t)whole->id_count;
    size_t run = 0;

    *rounds = (struct gw_rounds){.task = task, .count = gw_campaign_points(whole)};
    rounds->points = calloc(rounds->count + 1, sizeof *rounds->points);
    rounds->counts = calloc(rounds->count + 1, sizeof *rounds->counts);
    rounds->looks = calloc(rounds->count * whole->stop.count + 1, sizeof *rounds->looks);
    if (rounds->points == NULL || rounds->counts == NULL || rounds->looks == NULL) {
        gw_rounds_end(rounds);
        return gw_fail(err, GW_ENOMEM, "out of memory for the plan");
    }
    for (size_t i = 0; i < rounds->count; i++) {
        struct gw_round_point *point = &rounds->points[i];
        bool ours = gw_shard_has(&task->shard, gw_campaign_shard_id(whole, run));

        *point = (struct gw_round_point){.state = ours ? GW_ROUND_OPEN : GW_ROUND_FOREIGN,
                                         .first_run = run,
                                         .guests = whole->runs[run].id_count,
                                         .position = position};
        position += room * (int64_t)point->guests;
        run += gw_campaign_runs_of_point(whole, run);
    }
    return true;
}

void
gw_rounds_end(struct gw_rounds *rounds)
{
    free(rounds->points);
    free(rounds->counts);
    free(rounds->looks);
    *rounds = (struct gw_rounds){0};
}

/* ---- looks -------------------------------------------------------------------------------------- */

/* The runs of one point in a round. */
struct sample {
    const struct gw_campaign *round;
    struct gw_store *store;
    size_t first, count;
    double *values; /* scratch: count */
};

static bool
are_all_there(const struct sample *sample, bool *all, struct gw_error *err)
{
    const struct gw_campaign_run *runs = &sample->round->runs[sample->first];
    size_t ids = sample->count * runs[0].id_count;

    *all = true;
    for (size_t i = 0; i < ids && *all; i++) {
        if (!gw_store_has(sample->store, sample->round->ids[runs[0].first_id + i], all, err)) {
            return false;
        }
    }
    return true;
}

static bool
is_worse(const struct gw_stopping_look *look, const struct gw_stopping_look *than)
{
    bool precise = look->verdict == GW_STOPPING_PRECISE;

    if (precise != (than->verdict == GW_STOPPING_PRECISE)) {
        return !precise;
    }
    return isnan(look->reached) || look->reached > than->reached;
}

/* Reads one metric of one guest: of migrations that completed. */
static bool
read_values(const struct sample *sample, size_t guest, enum gw_metric metric, struct gw_error *err)
{
    struct gw_run_brief brief;

    for (size_t i = 0; i < sample->count; i++) {
        const struct gw_campaign_run *run = &sample->round->runs[sample->first + i];

        if (!gw_store_brief(sample->store, sample->round->ids[run->first_id + guest], &metric, 1,
                            &brief, err)) {
            return false;
        }
        sample->values[i] = brief.is_completed ? brief.values[0] : (double)NAN;
    }
    return true;
}

/* Keeps the worst look of each metric; *wanted: the replications for all of them. */
static bool
look_at_values(struct gw_rounds *rounds, size_t number, const struct sample *sample,
               int64_t *wanted, struct gw_error *err)
{
    const struct gw_sweep_stop *stop = rule_of(rounds);
    struct gw_stopping_look *looks = &rounds->looks[number * stop->count];

    *wanted = (int64_t)sample->count;
    for (size_t i = 0; i < stop->count * rounds->points[number].guests; i++) {
        size_t metric = i % stop->count;
        size_t guest = i / stop->count;
        struct gw_stopping_look look;

        if (!read_values(sample, guest, stop->metrics[metric].metric, err)) {
            return false;
        }
        gw_stop_look(stop, metric, sample->values, sample->count, &look);
        if (guest == 0 || is_worse(&look, &looks[metric])) {
            looks[metric] = look;
        }
        int64_t more = gw_stop_wanted(stop, &look, sample->count);
        *wanted = more > *wanted ? more : *wanted;
    }
    return true;
}

static enum gw_round_state
state_of(const struct gw_rounds *rounds, size_t number)
{
    const struct gw_sweep_stop *stop = rule_of(rounds);
    enum gw_round_state state = GW_ROUND_PRECISE;

    for (size_t i = 0; i < stop->count; i++) {
        if (rounds->looks[number * stop->count + i].verdict != GW_STOPPING_PRECISE) {
            state = GW_ROUND_CAPPED;
        }
    }
    return state;
}

static bool
look_at_point(struct gw_rounds *rounds, size_t number, const struct sample *sample,
              struct gw_error *err)
{
    struct gw_round_point *point = &rounds->points[number];
    int64_t wanted = 0;
    bool all = true;

    rounds->counts[number] = 0;
    if (!are_all_there(sample, &all, err)) {
        return false;
    }
    if (!all) {
        point->state = GW_ROUND_FAILED;
        return true;
    }
    if (!look_at_values(rounds, number, sample, &wanted, err)) {
        return false;
    }
    point->replications = (int64_t)sample->count;
    if (wanted > point->replications) {
        rounds->counts[number] = wanted;
        return true;
    }
    point->state = state_of(rounds, number);
    return true;
}

bool
gw_rounds_look(struct gw_rounds *rounds, const struct gw_campaign *round, struct gw_store *store,
               size_t *open, struct gw_error *err)
{
    struct sample sample = {.round = round, .store = store};
    bool fine = true;

    sample.values = calloc((size_t)rule_of(rounds)->most + 1, sizeof *sample.values);
    if (sample.values == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for the plan");
    }
    *open = 0;
    while (sample.first < round->run_count && fine) {
        size_t number = gw_campaign_point(round, &round->runs[sample.first]);

        sample.count = gw_campaign_runs_of_point(round, sample.first);
        if (rounds->points[number].state == GW_ROUND_OPEN) {
            fine = look_at_point(rounds, number, &sample, err);
            *open += rounds->counts[number] > 0 ? 1 : 0;
        }
        sample.first += sample.count;
    }
    free(sample.values);
    return fine;
}

bool
gw_rounds_note(const struct gw_rounds *rounds, const struct gw_campaign *round,
               struct gw_store *store, struct gw_error *err)
{
    size_t least = (size_t)rule_of(rounds)->least;
    bool fine = gw_store_begin(store, err);
    size_t runs;

    if (!fine) {
        return false;
    }
    for (size_t first = 0; first < round->run_count && fine; first += runs) {
        const struct gw_round_point *point =
            &rounds->points[gw_campaign_point(round, &round->runs[first])];

        runs = gw_campaign_runs_of_point(round, first);
        const struct gw_study_more more = {
            .study = rounds->task->study,
            .position = point->position,
            .run_ids = (const char(*)[33])round->ids + round->runs[first + least].first_id,
            .count = (runs - least) * point->guests,
        };
        fine = gw_store_put_more(store, &more, err);
    }
    return gw_store_end(store, fine, err);
}
