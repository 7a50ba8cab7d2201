/* sweep_verb.c - godwit sweep: the actions, their options, and what they have in common.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/sweep_verb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/exit_code.h"
#include "cli/run_plan.h"
#include "cli/verb.h"

enum { PROBES = 3, PUBLISH_S = 30, SHARDS = 4 };

const struct gw_option gw_sweep_options[] = {
    {"sweep", 0, GW_OPTION_WORDS, offsetof(struct gw_sweep_options, sweep), "KEY=VALUES",
     "vary a setting: a,b,c or FROM..TO [xSTEPS] [log]"},
    {"set", 0, GW_OPTION_WORDS, offsetof(struct gw_sweep_options, set), "KEY=VALUE[,VALUE]...",
     "override a setting, or one of the sweep: sweep.design=lhs"},
    {"seed", 0, GW_OPTION_TEXT, offsetof(struct gw_sweep_options, seed), "N",
     "seed of the random streams, instead of the scenario's"},
    {"replications", 'n', GW_OPTION_COUNT, offsetof(struct gw_sweep_options, replications), "N",
     "runs of each point, instead of the sweep's; with --stop: at first"},
    {"stop", 0, GW_OPTION_WORDS, offsetof(struct gw_sweep_options, stop), "METRIC[=SHARE]",
     "run a point until its mean is known to the share (5%); may be repeated"},
    {"study", 0, GW_OPTION_TEXT, offsetof(struct gw_sweep_options, study), "NAME",
     "name of the study; default: the name of the first scenario"},
    {"db", 0, GW_OPTION_TEXT, offsetof(struct gw_sweep_options, database), "FILE",
     "the database; default: STUDY.db"},
    {"jobs", 'j', GW_OPTION_COUNT, offsetof(struct gw_sweep_options, workers), "N",
     "runs at a time; default: the processors of this machine"},
    {"run-timeout", 0, GW_OPTION_TEXT, offsetof(struct gw_sweep_options, run_timeout), "TIME",
     "a run that takes longer, in wall time, is killed and has failed; default: none"},
    {"shard", 0, GW_OPTION_TEXT, offsetof(struct gw_sweep_options, shard), "K/N",
     "run only share K of N, 0 <= K < N; needs --out"},
    {"out", 'o', GW_OPTION_TEXT, offsetof(struct gw_sweep_options, out), "DIR|FILE",
     "directory for the shards, or for figures; of merge: the database to make"},
    {"publish", 0, GW_OPTION_COUNT, offsetof(struct gw_sweep_options, publish_s), "SECONDS",
     "how often a shard is copied to --out; default: 30"},
    {"require-complete", 0, GW_OPTION_FLAG, offsetof(struct gw_sweep_options, require_complete),
     NULL, "merge: exit with 75 when runs are missing, with 4 when some failed"},
    {"probes", 0, GW_OPTION_NUMBER, offsetof(struct gw_sweep_options, probes), "N",
     "plan: runs that are tried to predict the time, 0: none; default: 3"},
    {"slurm", 0, GW_OPTION_FLAG, offsetof(struct gw_sweep_options, slurm), NULL,
     "submit: as an array of jobs, and one that merges, to Slurm"},
    {"shards", 0, GW_OPTION_COUNT, offsetof(struct gw_sweep_options, shards), "N",
     "submit: jobs of the array; default: 4"},
    {"dry-run", 0, GW_OPTION_FLAG, offsetof(struct gw_sweep_options, dry_run), NULL,
     "submit: write the scripts, submit nothing"},
    {"over", 0, GW_OPTION_TEXT, offsetof(struct gw_sweep_options, over), "KEY",
     "frontier: the setting along which the boundary is searched"},
    {"from", 0, GW_OPTION_TEXT, offsetof(struct gw_sweep_options, from), "VALUE",
     "frontier: its smallest value"},
    {"to", 0, GW_OPTION_TEXT, offsetof(struct gw_sweep_options, to), "VALUE",
     "frontier: its largest value"},
    {"metric", 0, GW_OPTION_TEXT, offsetof(struct gw_sweep_options, metric), "METRIC[,METRIC]...",
     "differences, effects, describe: of what; frontier: outcome, or one that --limit bounds"},
    {"limit", 0, GW_OPTION_TEXT, offsetof(struct gw_sweep_options, limit), "NUMBER",
     "frontier: largest good value of --metric, in its unit"},
    {"confidence", 0, GW_OPTION_TEXT, offsetof(struct gw_sweep_options, confidence), "SHARE",
     "of the intervals of a report; frontier: of each verdict; default: 95%"},
    {"precision", 0, GW_OPTION_TEXT, offsetof(struct gw_sweep_options, precision), "SHARE",
     "frontier: relative width of the interval that is good enough; default: 1%"},
    {"by", 0, GW_OPTION_TEXT, offsetof(struct gw_sweep_options, by), "PARAMETER",
     "differences: what tells the runs of a pair apart; default: architecture"},
    {"base", 0, GW_OPTION_TEXT, offsetof(struct gw_sweep_options, base), "VALUE",
     "differences: its value that the others are compared with; default: the first"},
    {"test", 0, GW_OPTION_TEXT, offsetof(struct gw_sweep_options, test), "TEST",
     "differences: what p is of: paired (default), welch, mann-whitney or ks"},
    {"steady", 0, GW_OPTION_FLAG, offsetof(struct gw_sweep_options, steady), NULL,
     "describe: is the guest steady before its migration begins"},
    GW_OPTION_ROW_FORMAT(struct gw_sweep_options),
    GW_OPTION_END,
};

static const struct {
    const char *name;
    int (*run)(const struct gw_sweep_options *options, const struct gw_words *operands);
} actions[] = {
    {"plan", gw_sweep_show_plan},  {"run", gw_sweep_run},
    {"resume", gw_sweep_resume},   {"frontier", gw_sweep_frontier},
    {"merge", gw_sweep_merge},     {"submit", gw_sweep_submit},
    {"status", gw_sweep_status},   {"differences", gw_sweep_differences},
    {"effects", gw_sweep_effects}, {"describe", gw_sweep_describe},
};

enum { ACTION_COUNT = sizeof actions / sizeof actions[0] };

size_t
gw_sweep_workers(const struct gw_sweep_options *options)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    if (options->workers > 0) {
        return (size_t)options->workers;
    }
    return processors > 0 ? (size_t)processors : 1;
}

static bool
read_timeout(struct gw_sweep_task *task, const char *text, struct gw_error *err)
{
    union gw_quantity timeout = {.whole = 0};

    if (text != NULL && !gw_quantity_parse(GW_SETTING_TIME, text, &timeout, err)) {
        return gw_fail_within(err, "--run-timeout");
    }
    task->run_timeout_ns = timeout.whole;
    return text == NULL || timeout.whole > 0 ||
           gw_fail(err, GW_EINVAL, "--run-timeout '%.40s': must be above 0s", text);
}

static bool
fill_request(struct gw_sweep_task *task, const struct gw_sweep_options *options,
             const struct gw_words *operands, struct gw_error *err)
{
    if (!gw_stop_words_make(&task->settings, &options->set, &options->stop, err) ||
        !read_timeout(task, options->run_timeout, err)) {
        return false;
    }
    task->request = (struct gw_campaign_request){.scenarios = operands->items,
                                                 .scenario_count = operands->count,
                                                 .settings = task->settings.items,
                                                 .setting_count = task->settings.count,
                                                 .sweeps = options->sweep.items,
                                                 .sweep_count = options->sweep.count,
                                                 .replications = options->replications};
    if (operands->count == 0) {
        return gw_fail(err, GW_EINVAL, "sweep: name at least one scenario");
    }
    if ((options->shard != NULL) != (options->out != NULL && !options->slurm)) {
        return gw_fail(err, GW_EINVAL, "--shard K/N and --out DIR go together");
    }
    return (options->shard == NULL || gw_shard_parse(options->shard, &task->shard, err)) &&
           gw_seed_parse(options->seed, &task->request.seed, err);
}

bool
gw_sweep_task_make(struct gw_sweep_task *task, const struct gw_sweep_options *options,
                   const struct gw_words *operands, int *code)
{
    struct gw_diagnostics diagnostics = {0};
    struct gw_error err;

    *task = (struct gw_sweep_task){.options = options};
    if (!fill_request(task, options, operands, &err)) {
        *code = gw_report_error(&err);
        gw_sweep_task_clear(task);
        return false;
    }
    if (!gw_campaign_plan(&task->campaign, &task->request, &diagnostics)) {
        *code = gw_report_diagnostics(&diagnostics);
        gw_diagnostics_clear(&diagnostics);
        gw_sweep_task_clear(task);
        return false;
    }
    gw_diagnostics_clear(&diagnostics);
    task->study = options->study != NULL ? options->study : task->campaign.names[0];
    return true;
}

void
gw_sweep_task_clear(struct gw_sweep_task *task)
{
    gw_campaign_clear(&task->campaign);
    gw_stop_words_clear(&task->settings);
}

static int
act(const struct gw_sweep_options *options, const struct gw_words *operands)
{
    const char *words[ACTION_COUNT + 1] = {NULL};
    const char *name = operands->count > 0 ? operands->items[0] : "";
    struct gw_words rest = {NULL, 0};
    struct gw_error err;

    if (operands->count > 0) {
        rest = (struct gw_words){operands->items + 1, operands->count - 1};
    }
    for (size_t i = 0; i < ACTION_COUNT; i++) {
        words[i] = actions[i].name;
        if (strcmp(name, words[i]) == 0) {
            return actions[i].run(options, &rest);
        }
    }
    const char *nearest = gw_nearest_word(name, words);
    gw_fail(&err, GW_EINVAL,
            "sweep: '%.40s': expected plan, run, resume, status, describe, differences, effects,"
            " frontier, merge or submit%s%s%s",
            name, nearest == NULL ? "" : "; did you mean '", nearest == NULL ? "" : nearest,
            nearest == NULL ? "" : "'?");
    return gw_report_error(&err);
}

int
gw_verb_sweep(int argc, char **argv)
{
    struct gw_sweep_options options = {.probes = PROBES, .publish_s = PUBLISH_S, .shards = SHARDS};
    struct gw_words operands = {0};
    struct gw_error err;
    int code;

    code = gw_options_parse(gw_sweep_options, argc, argv, &options, &operands, &err)
               ? act(&options, &operands)
               : gw_report_error(&err);
    gw_options_clear(gw_sweep_options, &options, &operands);
    return code;
}
