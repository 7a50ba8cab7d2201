/* sweep_work.c - one run of a sweep, from its number to results as bytes, and back.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "cli/sweep_verb.h"
#include "sim/study.h"

static bool
load(struct gw_sweep_worker *worker, const struct gw_campaign_run *run, struct gw_error *err)
{
    struct gw_diagnostics diagnostics = {0};
    struct gw_text text = {0};

    if (worker->scenario != NULL && worker->sweep == run->sweep && worker->point == run->point) {
        return true;
    }
    gw_scenario_destroy(worker->scenario);
    worker->scenario = gw_campaign_scenario(worker->campaign, run, &diagnostics);
    worker->sweep = run->sweep;
    worker->point = run->point;
    if (worker->scenario == NULL) {
        gw_diagnostics_write(&diagnostics, false, &text);
        gw_fail(err, GW_EINVAL, "%.800s", text.bytes == NULL ? "out of memory" : text.bytes);
        gw_text_clear(&text);
    }
    gw_diagnostics_clear(&diagnostics);
    return worker->scenario != NULL;
}

void
gw_sweep_work(struct gw_sweep_worker *worker, const struct gw_campaign_run *run,
              struct gw_text *reply)
{
    struct gw_job job = {.variation = gw_campaign_variation(worker->campaign, run),
                         .replication = run->replication};

    if (load(worker, run, &job.error)) {
        job.scenario = worker->scenario;
        gw_job_run(&job);
    }
    gw_wire_put_number(reply, (uint64_t)job.error.code);
    gw_wire_put_text(reply, job.error.code == GW_OK ? "" : job.error.message);
    gw_wire_put_number(reply, job.error.code == GW_OK ? job.result_count : 0);
    for (size_t i = 0; i < job.result_count && job.error.code == GW_OK; i++) {
        gw_wire_put_result(reply, &job.results[i]);
    }
    gw_job_clear(&job);
}

static void
take_results(struct gw_wire_bytes *bytes, struct gw_wire_words *words, struct gw_sweep_reply *reply,
             uint64_t count)
{
    reply->results = calloc(count + 1, sizeof *reply->results);
    if (reply->results == NULL) {
        gw_fail(&reply->error, GW_ENOMEM, "out of memory for results");
        return;
    }
    while (reply->count < count &&
           gw_wire_take_result(bytes, words, &reply->results[reply->count])) {
        reply->count++;
    }
    if (reply->count < count) {
        gw_fail(&reply->error, GW_ENOMEM, "results of a worker cannot be read");
    }
}

void
gw_sweep_reply_take(const struct gw_campaign *campaign, const struct gw_campaign_run *run,
                    struct gw_wire_bytes bytes, struct gw_wire_words *words,
                    struct gw_sweep_reply *reply)
{
    *reply = (struct gw_sweep_reply){0};
    enum gw_code code = (enum gw_code)gw_wire_take_number(&bytes);
    char *message = gw_wire_take_text(&bytes);
    uint64_t count = gw_wire_take_number(&bytes);

    if (code != GW_OK) {
        gw_fail(&reply->error, code, "%s", message == NULL ? "" : message);
    } else if (bytes.broken || count != run->id_count) {
        gw_fail(&reply->error, GW_EINVAL, "gave %llu results, planned were %zu",
                (unsigned long long)count, run->id_count);
    } else {
        take_results(&bytes, words, reply, count);
    }
    free(message);
    for (size_t i = 0; i < reply->count && reply->error.code == GW_OK; i++) {
        if (strcmp(reply->results[i].run_id, campaign->ids[run->first_id + i]) != 0) {
            gw_fail(&reply->error, GW_EINVAL,
                    "run %s was planned, and %s ran: a file of the scenario has changed",
                    campaign->ids[run->first_id + i], reply->results[i].run_id);
        }
    }
}

void
gw_sweep_reply_clear(struct gw_sweep_reply *reply)
{
    for (size_t i = 0; i < reply->count; i++) {
        gw_result_clear(&reply->results[i]);
    }
    free(reply->results);
    *reply = (struct gw_sweep_reply){0};
}
