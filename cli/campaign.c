/* campaign.c - all runs of one or several sweeps, each with its ids, before anything runs.
 *
 * Idea      Scenarios are loaded again by those who run them: a plan of a hundred thousand points
 *           keeps ids, not scenarios.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/campaign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "results/design.h"
#include "sim/job_identity.h"

/* Some hundred MB of ids: a plan beyond it is a slip of the finger, and is refused before it fills
 * the memory. */
enum { RUNS_MOST = 5000000 };

/* Joins the sweeps, which do not know the designs, with the designs, which do not know sweeps. */
static bool
sample(void *self, const struct gw_sweep_sampling *sampling, double **cube, size_t *rows,
       struct gw_error *err)
{
    const struct gw_design_request request = {.dimensions = sampling->dimensions,
                                              .points = sampling->points,
                                              .levels = sampling->levels,
                                              .ways = sampling->ways,
                                              .seed = sampling->seed};
    struct gw_design design;

    (void)self;
    if (!gw_design_make(sampling->design, &request, &design, err)) {
        return false;
    }
    *cube = design.points;
    *rows = design.rows;
    return true;
}

/* ---- the list of runs ----------------------------------------------------------------------------- */

/* Room for one more of `size` bytes. */
static bool
grow(void **items, size_t count, size_t *allocated, size_t size)
{
    size_t wanted = *allocated == 0 ? 64 : 2 * *allocated;
    void *grown;

    if (count < *allocated) {
        return true;
    }
    grown = realloc(*items, wanted * size);
    if (grown != NULL) {
        *items = grown;
        *allocated = wanted;
    }
    return grown != NULL;
}

static bool
add_id(struct gw_campaign *campaign, const struct gw_identity *identity, int64_t replication,
       size_t number)
{
    void *ids = campaign->ids;
    bool fine = grow(&ids, campaign->id_count, &campaign->id_allocated, sizeof *campaign->ids);

    campaign->ids = ids;
    return fine &&
           gw_identity_run_id(identity, replication, number, campaign->ids[campaign->id_count++]);
}

static bool
add_run(struct gw_campaign *campaign, const struct gw_identity *identity,
        const struct gw_campaign_run *run)
{
    void *runs = campaign->runs;
    bool fine = grow(&runs, campaign->run_count, &campaign->run_allocated, sizeof *campaign->runs);

    campaign->runs = runs;
    if (!fine) {
        return false;
    }
    struct gw_campaign_run *added = &campaign->runs[campaign->run_count++];
    *added = *run;
    added->first_id = campaign->id_count;
    added->id_count = identity->count;
    for (size_t i = 0; i < identity->count && fine; i++) {
        fine = add_id(campaign, identity, run->replication, i);
    }
    return fine;
}

static int64_t
replications_of(const struct gw_campaign *campaign, const struct gw_campaign_run *run,
                const struct gw_scenario *scenario)
{
    const struct gw_sweep *sweep = &campaign->sweeps[run->sweep];

    if (campaign->counts != NULL) {
        return campaign->counts[gw_campaign_point(campaign, run)];
    }
    if (sweep->points[run->point].replications > 0) {
        return sweep->points[run->point].replications;
    }
    if (campaign->stop.count > 0) {
        return campaign->stop.least;
    }
    if (campaign->request->replications > 0) {
        return campaign->request->replications;
    }
    return sweep->replications > 0 ? sweep->replications : scenario->replications;
}

static bool
add_replications(struct gw_campaign *campaign, struct gw_campaign_run run,
                 const struct gw_scenario *scenario, struct gw_error *err)
{
    int64_t count = replications_of(campaign, &run, scenario);
    struct gw_identity identity;
    bool fine = true;

    if (count > (int64_t)(RUNS_MOST - campaign->run_count)) {
        return gw_fail(
            err, GW_EINVAL,
            "more than %d runs (%lld of one point): ask for fewer replications or points,"
            " or make several studies",
            RUNS_MOST, (long long)count);
    }
    if (!gw_identity_make(scenario, &identity, err)) {
        return false;
    }
    for (run.replication = 0; run.replication < count && fine; run.replication++) {
        fine = identity.count > 0
                   ? add_run(campaign, &identity, &run) ||
                         gw_fail(err, GW_ENOMEM, "out of memory for the plan")
                   : gw_fail(err, GW_EINVAL, "scenario '%s' migrates nothing", scenario->name);
    }
    gw_identity_clear(&identity);
    return fine;
}

static bool
add_point(struct gw_campaign *campaign, size_t sweep, size_t point,
          struct gw_diagnostics *diagnostics)
{
    struct gw_campaign_run run = {.sweep = sweep, .point = point};
    struct gw_error err = {.code = GW_OK};

    if (campaign->counts != NULL && campaign->counts[gw_campaign_point(campaign, &run)] == 0) {
        return true;
    }
    struct gw_scenario *scenario = gw_campaign_scenario(campaign, &run, diagnostics);
    bool fine = scenario != NULL;
    if (fine && campaign->names[sweep] == NULL) {
        campaign->names[sweep] = strdup(scenario->name);
        fine = campaign->names[sweep] != NULL || gw_fail(&err, GW_ENOMEM, "out of memory");
    }
    fine = fine && add_replications(campaign, run, scenario, &err);
    if (!fine && err.code != GW_OK) {
        gw_diagnostics_fail(diagnostics, err.code, NULL, "%s", err.message);
    }
    gw_scenario_destroy(scenario);
    return fine;
}

static bool
add_points(struct gw_campaign *campaign, size_t sweep, struct gw_diagnostics *diagnostics)
{
    bool fine = true;

    for (size_t i = 0; i < campaign->sweeps[sweep].count && diagnostics->errors < 5; i++) {
        fine = add_point(campaign, sweep, i, diagnostics) && fine;
    }
    return fine;
}

/* A study has one rule, because it is one answer: a resumed or merged one is held to it. */
static bool
take_stop(struct gw_campaign *campaign, const struct gw_sweep *sweep, const char *path,
          struct gw_diagnostics *diagnostics)
{
    const struct gw_sweep_stop *first = &campaign->sweeps[0].stop;
    struct gw_error err;
    bool same = sweep->stop.count == first->count && sweep->stop.confidence == first->confidence &&
                sweep->stop.least == first->least && sweep->stop.most == first->most;

    for (size_t i = 0; i < first->count && same; i++) {
        same = sweep->stop.metrics[i].metric == first->metrics[i].metric &&
               sweep->stop.metrics[i].half_width == first->metrics[i].half_width;
    }
    if (!same) {
        gw_diagnostics_fail(diagnostics, GW_EINVAL, path,
                            "'sweep.stop' is not that of the first scenario: give it with --stop,"
                            " or make them two studies");
        return false;
    }
    campaign->stop = *first;
    if (first->count > 0 && campaign->request->replications > 0) {
        campaign->stop.least = campaign->request->replications;
    }
    if (first->count > 0 && !gw_sweep_stop_check(&campaign->stop, &err)) {
        gw_diagnostics_fail(diagnostics, err.code, path, "%s", err.message);
        return false;
    }
    return true;
}

static bool
add_scenario(struct gw_campaign *campaign, const char *argument, struct gw_diagnostics *diagnostics)
{
    const struct gw_campaign_request *request = campaign->request;
    const struct gw_sweep_request sweep_request = {.settings = request->settings,
                                                   .setting_count = request->setting_count,
                                                   .sweeps = request->sweeps,
                                                   .sweep_count = request->sweep_count,
                                                   .sampler = {.sample = sample}};
    struct gw_sweep *sweep = &campaign->sweeps[campaign->sweep_count];
    struct gw_error err;
    char *path = gw_scenario_find(argument, &err);
    bool fine;

    if (path == NULL) {
        gw_diagnostics_fail(diagnostics, err.code, NULL, "%s", err.message);
        return false;
    }
    fine = gw_sweep_plan(sweep, path, &sweep_request, diagnostics);
    if (fine) {
        campaign->sweep_count++;
        fine = take_stop(campaign, sweep, path, diagnostics);
    }
    free(path);
    if (!fine) {
        return false;
    }
    return add_points(campaign, campaign->sweep_count - 1, diagnostics);
}

/* Adds the settings of the rule, each by `add`. */
static void
add_stop(const struct gw_campaign *campaign, void (*add)(struct gw_text *out, const char *word),
         struct gw_text *out)
{
    struct gw_text word = {0};

    for (size_t i = 0; campaign->stop.count > 0 &&
                       gw_sweep_stop_setting(&campaign->stop, i, &word) && !word.failed;
         i++) {
        add(out, word.bytes);
        word.length = 0;
    }
    out->failed = out->failed || word.failed;
    gw_text_clear(&word);
}

static void
add_line(struct gw_text *out, const char *word)
{
    gw_text_format(out, "%s\n", word);
}

static bool
take_hash(struct gw_campaign *campaign)
{
    struct gw_hash *hash = gw_hash_create();

    if (hash == NULL) {
        return false;
    }
    for (size_t i = 0; i < campaign->id_count; i++) {
        gw_hash_add_text(hash, campaign->ids[i]);
    }
    if (campaign->stop.count > 0) {
        struct gw_text rule = {0};

        add_stop(campaign, add_line, &rule);
        gw_hash_add_text(hash, rule.failed ? "" : rule.bytes);
        gw_text_clear(&rule);
    }
    gw_hash_text(hash, campaign->hash);
    gw_hash_destroy(hash);
    return true;
}

static bool
begin(struct gw_campaign *campaign, const struct gw_campaign_request *request,
      struct gw_diagnostics *diagnostics)
{
    *campaign = (struct gw_campaign){.request = request};
    campaign->sweeps = calloc(request->scenario_count + 1, sizeof *campaign->sweeps);
    campaign->names = calloc(request->scenario_count + 1, sizeof *campaign->names);
    if (campaign->sweeps == NULL || campaign->names == NULL) {
        gw_diagnostics_fail(diagnostics, GW_ENOMEM, NULL, "out of memory for the plan");
        return false;
    }
    return true;
}

static bool
finish(struct gw_campaign *campaign, struct gw_diagnostics *diagnostics)
{
    if (!take_hash(campaign)) {
        gw_diagnostics_fail(diagnostics, GW_ENOMEM, NULL, "out of memory for the plan");
        return false;
    }
    return true;
}

bool
gw_campaign_plan(struct gw_campaign *campaign, const struct gw_campaign_request *request,
                 struct gw_diagnostics *diagnostics)
{
    bool fine = begin(campaign, request, diagnostics);

    for (size_t i = 0; i < request->scenario_count && fine; i++) {
        fine = add_scenario(campaign, request->scenarios[i], diagnostics);
    }
    return fine && finish(campaign, diagnostics);
}

bool
gw_campaign_plan_points(struct gw_campaign *campaign, const struct gw_campaign *whole,
                        struct gw_sweep_point *points, size_t count,
                        struct gw_diagnostics *diagnostics)
{
    if (!begin(campaign, whole->request, diagnostics)) {
        return false;
    }
    campaign->is_part = true;
    campaign->sweep_count = 1;
    campaign->sweeps[0] = whole->sweeps[0];
    campaign->sweeps[0].points = points;
    campaign->sweeps[0].count = count;
    return add_points(campaign, 0, diagnostics) && finish(campaign, diagnostics);
}

bool
gw_campaign_plan_counts(struct gw_campaign *campaign, const struct gw_campaign *whole,
                        const int64_t *counts, struct gw_diagnostics *diagnostics)
{
    bool fine = begin(campaign, whole->request, diagnostics);

    campaign->is_part = true;
    campaign->counts = counts;
    campaign->stop = whole->stop;
    for (size_t i = 0; i < whole->sweep_count && fine; i++) {
        campaign->sweeps[i] = whole->sweeps[i];
        campaign->sweep_count++;
        fine = add_points(campaign, i, diagnostics);
    }
    return fine && finish(campaign, diagnostics);
}

size_t
gw_campaign_points(const struct gw_campaign *campaign)
{
    size_t count = 0;

    for (size_t i = 0; i < campaign->sweep_count; i++) {
        count += campaign->sweeps[i].count;
    }
    return count;
}

size_t
gw_campaign_point(const struct gw_campaign *campaign, const struct gw_campaign_run *run)
{
    size_t number = run->point;

    for (size_t i = 0; i < run->sweep; i++) {
        number += campaign->sweeps[i].count;
    }
    return number;
}

size_t
gw_campaign_runs_of_point(const struct gw_campaign *campaign, size_t first)
{
    const struct gw_campaign_run *runs = campaign->runs;
    size_t end = first;

    while (end < campaign->run_count && runs[end].sweep == runs[first].sweep &&
           runs[end].point == runs[first].point) {
        end++;
    }
    return end - first;
}

void
gw_campaign_clear(struct gw_campaign *campaign)
{
    for (size_t i = 0; i < campaign->sweep_count; i++) {
        if (!campaign->is_part) {
            gw_sweep_clear(&campaign->sweeps[i]);
        }
        free(campaign->names[i]);
    }
    free(campaign->sweeps);
    free(campaign->names);
    free(campaign->runs);
    free(campaign->ids);
    *campaign = (struct gw_campaign){0};
}

/* ---- one run --------------------------------------------------------------------------------------- */

const struct gw_variation *
gw_campaign_variation(const struct gw_campaign *campaign, const struct gw_campaign_run *run)
{
    return &campaign->sweeps[run->sweep].points[run->point].variation;
}

struct gw_scenario *
gw_campaign_scenario(const struct gw_campaign *campaign, const struct gw_campaign_run *run,
                     struct gw_diagnostics *diagnostics)
{
    struct gw_scenario *scenario =
        gw_sweep_scenario(&campaign->sweeps[run->sweep], run->point, diagnostics);

    if (scenario != NULL && campaign->request->seed >= 0) {
        scenario->seed = campaign->request->seed;
    }
    return scenario;
}

void
gw_shell_add(struct gw_text *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./=:+,%@";

    gw_text_add(out, out->length > 0 ? " " : "");
    if (word[0] != '\0' && strspn(word, plain) == strlen(word)) {
        gw_text_add(out, word);
        return;
    }
    gw_text_add(out, "'");
    for (; *word != '\0'; word++) {
        gw_text_add_bytes(out, word, 1);
        gw_text_add(out, *word == '\'' ? "\\''" : "");
    }
    gw_text_add(out, "'");
}

void
gw_campaign_repro(const struct gw_campaign *campaign, const struct gw_campaign_run *run,
                  struct gw_text *out)
{
    const struct gw_variation *variation = gw_campaign_variation(campaign, run);

    gw_shell_add(out, "godwit");
    gw_shell_add(out, "run");
    gw_shell_add(out, campaign->request->scenarios[run->sweep]);
    for (size_t i = 0; i < variation->count; i++) {
        gw_shell_add(out, "--set");
        gw_shell_add(out, variation->overrides[i]);
    }
    if (campaign->request->seed >= 0) {
        gw_text_format(out, " --seed %lld", (long long)campaign->request->seed);
    }
    gw_text_format(out, " --replication %lld", (long long)run->replication);
}

static void
add_json(struct gw_text *out, const char *word)
{
    gw_text_add(out, out->length > 1 ? "," : "");
    gw_text_add_json(out, word);
}

static void
add_json_setting(struct gw_text *out, const char *word)
{
    add_json(out, "--set");
    add_json(out, word);
}

void
gw_campaign_arguments(const struct gw_campaign *campaign, struct gw_text *out)
{
    const struct gw_campaign_request *request = campaign->request;
    char number[64];

    gw_text_add(out, "[");
    for (size_t i = 0; i < request->scenario_count; i++) {
        add_json(out, request->scenarios[i]);
    }
    for (size_t i = 0; i < request->setting_count; i++) {
        if (campaign->stop.count == 0 || !gw_sweep_stop_is_setting(request->settings[i])) {
            add_json_setting(out, request->settings[i]);
        }
    }
    /* The whole rule, so that it is known without the scenario. */
    add_stop(campaign, add_json_setting, out);
    for (size_t i = 0; i < request->sweep_count; i++) {
        add_json(out, "--sweep");
        add_json(out, request->sweeps[i]);
    }
    if (request->seed >= 0) {
        snprintf(number, sizeof number, "--seed=%lld", (long long)request->seed);
        add_json(out, number);
    }
    if (request->replications > 0) {
        snprintf(number, sizeof number, "--replications=%lld", (long long)request->replications);
        add_json(out, number);
    }
    gw_text_add(out, "]");
}

/* ---- shards ---------------------------------------------------------------------------------------- */

static bool
take_digits(const char **at, uint64_t *number)
{
    const char *from = *at;

    *number = 0;
    for (; **at >= '0' && **at <= '9' && *number < 1000000; ++*at) {
        *number = *number * 10 + (uint64_t)(**at - '0');
    }
    return *at > from;
}

bool
gw_shard_parse(const char *text, struct gw_shard *shard, struct gw_error *err)
{
    const char *at = text;
    bool fine = take_digits(&at, &shard->index) && *at++ == '/' && take_digits(&at, &shard->count);

    return (fine && *at == '\0' && shard->index < shard->count) ||
           gw_fail(err, GW_EINVAL, "--shard '%.40s': must be K/N with 0 <= K < N", text);
}

const char *
gw_campaign_shard_id(const struct gw_campaign *campaign, size_t run)
{
    while (campaign->stop.count > 0 && campaign->runs[run].replication > 0) {
        run--;
    }
    return campaign->ids[campaign->runs[run].first_id];
}

bool
gw_shard_has(const struct gw_shard *shard, const char *run_id)
{
    uint64_t rest = 0;

    for (; shard->count > 0 && *run_id != '\0'; run_id++) {
        uint64_t digit = (uint64_t)(*run_id <= '9' ? *run_id - '0' : *run_id - 'a' + 10);

        rest = (rest * 16 + digit) % shard->count;
    }
    return rest == shard->index || shard->count == 0;
}
