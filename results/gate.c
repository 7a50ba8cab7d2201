/* gate.c - did runs move against their baseline: all tests of a file, and their verdict.
 *
 * Idea      First all tests are made, with few permutations. Only then it is known how many tests
 *           there are, so how small a p has to be; the few that could be that small are permuted
 *           again, often enough to tell.
 * Equations A test with p(i), i-th smallest of K, is adjusted to the largest (K - j + 1) p(j) of
 *           j <= i (Holm). Moved: adjusted p <= alpha, and a metric is not shown to lie within its
 *           margin (two one-sided tests at `equivalence`), a curve differs by more than its margin
 *           at a point where its band leaves 0.
 * Too few   Three runs a side can be dealt in 20 ways: no p is small enough for any rule, and a gate
 *           that cannot see must not pass. Such figures are judged by their margins alone, after
 *           the last look.
 * Invariant What can never be found (both sides say one and the same) is no test and costs no
 *           power.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/gate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/gate_tests.h"
#include "results/holm.h"

enum {
    FIRST_RESAMPLES = 399,
    MORE_RESAMPLES = 9999,
    MANY_RESAMPLES = 400000, /* from here on only what Holm's rule needs */
    MOST_RESAMPLES = 4000000
};

struct comparison {
    const struct gw_baseline *before, *after;
    const struct gw_gate_rules *rules;
    struct gw_gate_report *report;
};

static struct gw_gate_pair
pair_of(const struct comparison *work, size_t case_index, size_t group_index)
{
    const struct gw_baseline_group *before = &work->before->cases[case_index].groups[group_index];

    return (struct gw_gate_pair){
        .before = before,
        .after = gw_baseline_group_find(&work->after->cases[case_index], before->name),
        .margins = &work->before->margins,
        .rules = work->rules,
        .same_seed = work->before->cases[case_index].seed == work->after->cases[case_index].seed,
    };
}

/* ---- what is there to compare ------------------------------------------------------------------------ */

/* Counts changed digests of a pair; notes where the first changed run parts. */
static void
compare_digests(const struct gw_gate_pair *pair, struct gw_gate_case *out)
{
    size_t runs = pair->before->runs < pair->after->runs ? pair->before->runs : pair->after->runs;

    for (size_t run = 0; run < runs; run++) {
        if (strcmp(pair->before->digests[run], pair->after->digests[run]) != 0) {
            if (out->changed == 0) {
                gw_gate_parting(pair, run, &out->parts_s, &out->parts_key);
            }
            out->changed++;
        }
    }
    out->runs += runs;
}

/* False: the case is broken, or identical; there is nothing to test. */
static bool
look_at_case(const struct comparison *work, size_t index)
{
    const struct gw_baseline_case *before = &work->before->cases[index];
    const struct gw_baseline_case *after = &work->after->cases[index];
    struct gw_gate_case *out = &work->report->cases[index];

    bool same_seed = before->seed == after->seed;

    out->verdict = GW_GATE_BROKEN;
    out->parts_s = NAN;
    if (after->trouble != NULL) {
        snprintf(out->trouble, sizeof out->trouble, "%s", after->trouble);
        return false;
    }
    for (size_t i = 0; i < before->group_count; i++) {
        struct gw_gate_pair pair = pair_of(work, index, i);

        if (pair.after == NULL) {
            snprintf(out->trouble, sizeof out->trouble, "%s is not there any more",
                     before->groups[i].name);
            return false;
        }
        if (same_seed) {
            compare_digests(&pair, out);
        }
    }
    for (size_t i = 0; i < after->group_count && before->group_count > 0; i++) {
        if (gw_baseline_group_find(before, after->groups[i].name) == NULL) {
            snprintf(out->trouble, sizeof out->trouble,
                     "%s is not in the baseline: nothing guards it until it is accepted",
                     after->groups[i].name);
            return false;
        }
    }
    out->verdict = GW_GATE_SAME;
    if (same_seed && out->changed == 0) {
        out->verdict = GW_GATE_IDENTICAL;
        return false;
    }
    return true;
}

/* ---- tests -------------------------------------------------------------------------------------------- */

static struct gw_gate_test *
next_test(struct gw_gate_report *report, size_t case_index, size_t group_index)
{
    struct gw_gate_test *test = &report->tests[report->test_count];

    *test = (struct gw_gate_test){.case_index = case_index, .group_index = group_index};
    return test;
}

typedef bool tester(const struct gw_gate_pair *pair, size_t resamples, struct gw_gate_test *test,
                    bool *there, struct gw_error *err);

static const struct family {
    tester *test;
    size_t count;
} families[] = {
    [GW_GATE_METRIC] = {gw_gate_test_metric, GW_GATE_METRIC_COUNT},
    [GW_GATE_CURVE] = {gw_gate_test_curve, GW_CURVE_COUNT},
};

static bool
test_group(const struct comparison *work, size_t case_index, size_t group_index,
           struct gw_error *err)
{
    struct gw_gate_pair pair = pair_of(work, case_index, group_index);
    struct gw_gate_report *report = work->report;

    for (size_t i = 0; i < GW_GATE_OUTCOMES; i++) {
        gw_gate_test_outcome(&pair, i, next_test(report, case_index, group_index));
        report->test_count++;
    }
    for (size_t kind = GW_GATE_METRIC; kind <= GW_GATE_CURVE; kind++) {
        for (size_t i = 0; i < families[kind].count; i++) {
            struct gw_gate_test *test = next_test(report, case_index, group_index);
            bool there;

            test->which = i;
            if (!families[kind].test(&pair, FIRST_RESAMPLES, test, &there, err)) {
                return false;
            }
            report->test_count += there ? 1 : 0;
        }
    }
    return true;
}

static bool
test_all(const struct comparison *work, struct gw_error *err)
{
    for (size_t i = 0; i < work->before->case_count; i++) {
        bool testable = look_at_case(work, i);

        for (size_t group = 0; testable && group < work->before->cases[i].group_count; group++) {
            if (!test_group(work, i, group, err)) {
                return gw_fail_within(err, "%s", work->before->cases[i].name);
            }
        }
    }
    return true;
}

/* ---- verdicts ----------------------------------------------------------------------------------------- */

static size_t
count_family(const struct gw_gate_report *report)
{
    size_t count = 0;

    for (size_t i = 0; i < report->test_count; i++) {
        count += isnan(report->tests[i].p) ? 0 : 1;
    }
    return count;
}

/* Whether more permutations than `made` could tell more: only if no more than two of them beat it,
 * and it would matter. */
static bool
promises(const struct gw_gate_test *test, size_t made, const struct gw_gate_rules *rules)
{
    if (!(test->p <= 3.0 / (double)(made + 1)) || isnan(test->margin)) {
        return false;
    }
    return test->kind == GW_GATE_CURVE ? test->most > test->margin
                                       : !(test->within <= rules->equivalence);
}

static bool
look_closer(const struct comparison *work, size_t made, size_t resamples, struct gw_error *err)
{
    struct gw_gate_report *report = work->report;

    for (size_t i = 0; i < report->test_count && resamples > made; i++) {
        struct gw_gate_test *test = &report->tests[i];
        struct gw_gate_pair pair = pair_of(work, test->case_index, test->group_index);
        bool there;

        if (promises(test, made, work->rules) &&
            !families[test->kind].test(&pair, resamples, test, &there, err)) {
            return false;
        }
    }
    return true;
}

/* Twice what p needs to become small enough, so that one arrangement as far apart may be met; of
 * very many tests just what it needs. */
static size_t
enough_resamples(const struct comparison *work)
{
    double needed = (double)work->report->family / work->rules->alpha;

    if (2 * needed < MANY_RESAMPLES) {
        return (size_t)(2 * needed);
    }
    return (size_t)fmin(fmax(needed + 1, MANY_RESAMPLES), MOST_RESAMPLES);
}

static bool
look_close_enough(const struct comparison *work, struct gw_error *err)
{
    size_t resamples = enough_resamples(work);

    return look_closer(work, FIRST_RESAMPLES, MORE_RESAMPLES, err) &&
           look_closer(work, MORE_RESAMPLES, resamples, err);
}

static enum gw_gate_verdict
judge(const struct gw_gate_test *test, const struct gw_gate_rules *rules)
{
    bool sure = test->adjusted <= rules->alpha;

    if (test->kind == GW_GATE_OUTCOME && strcmp(test->key, "unverified") == 0) {
        return test->difference > 0 ? GW_GATE_MOVED : GW_GATE_SAME;
    }
    if (isnan(test->p)) {
        return test->verdict;
    }
    if (test->within <= rules->equivalence) {
        return GW_GATE_SAME;
    }
    if (test->kind == GW_GATE_CURVE && test->band.points > 0) {
        return sure && test->most > test->margin ? GW_GATE_MOVED : test->verdict;
    }
    return sure ? GW_GATE_MOVED : GW_GATE_OPEN;
}

static void
judge_cases(struct gw_gate_report *report)
{
    for (size_t i = 0; i < report->test_count; i++) {
        struct gw_gate_case *one = &report->cases[report->tests[i].case_index];

        if (report->tests[i].verdict > one->verdict) {
            one->verdict = report->tests[i].verdict;
        }
    }
    report->verdict = GW_GATE_IDENTICAL;
    for (size_t i = 0; i < report->case_count; i++) {
        if (report->cases[i].verdict > report->verdict) {
            report->verdict = report->cases[i].verdict;
        }
    }
}

static bool
judge_all(const struct comparison *work, struct gw_error *err)
{
    struct gw_gate_report *report = work->report;
    double *p = calloc(report->test_count + 1, sizeof *p);

    if (p == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for the tests");
    }
    for (size_t i = 0; i < report->test_count; i++) {
        p[i] = report->tests[i].p;
    }
    gw_holm_adjust(p, report->test_count, p);
    for (size_t i = 0; i < report->test_count; i++) {
        report->tests[i].adjusted = p[i];
        report->tests[i].verdict = judge(&report->tests[i], work->rules);
    }
    free(p);
    judge_cases(report);
    return true;
}

bool
gw_gate_compare(const struct gw_baseline *before, const struct gw_baseline *after,
                const struct gw_gate_rules *rules, struct gw_gate_report *report,
                struct gw_error *err)
{
    const size_t each = GW_GATE_OUTCOMES + GW_GATE_METRIC_COUNT + GW_CURVE_COUNT;
    struct comparison work = {before, after, rules, report};
    size_t groups = 0;

    gw_assert(before->case_count == after->case_count);
    for (size_t i = 0; i < before->case_count; i++) {
        groups += before->cases[i].group_count;
    }
    *report = (struct gw_gate_report){
        .tests = calloc(groups * each + 1, sizeof(struct gw_gate_test)),
        .cases = calloc(before->case_count + 1, sizeof(struct gw_gate_case)),
        .case_count = before->case_count,
    };
    if (report->tests == NULL || report->cases == NULL) {
        gw_gate_report_clear(report);
        return gw_fail(err, GW_ENOMEM, "out of memory for the tests");
    }
    if (!test_all(&work, err)) {
        gw_gate_report_clear(report);
        return false;
    }
    report->family = count_family(report);
    if (!look_close_enough(&work, err) || !judge_all(&work, err)) {
        gw_gate_report_clear(report);
        return false;
    }
    return true;
}

void
gw_gate_report_clear(struct gw_gate_report *report)
{
    for (size_t i = 0; i < report->test_count; i++) {
        gw_curve_band_clear(&report->tests[i].band);
    }
    free(report->tests);
    free(report->cases);
    *report = (struct gw_gate_report){0};
}

/* ---- too few runs ------------------------------------------------------------------------------------ */

/* The least p that so many runs can have: one of all the ways to deal them, or two when sides are
 * equally large. */
static double
least_p(size_t before, size_t after)
{
    size_t all = before + after;
    size_t side = before < after ? before : after;
    double ways = 1;

    for (size_t i = 0; i < side; i++) {
        ways *= (double)(all - i) / (double)(i + 1);
    }
    return (before == after ? 2 : 1) / ways;
}

size_t
gw_gate_least_runs(const struct gw_baseline *baseline, double alpha, size_t times)
{
    double figures = 0;
    size_t runs = 2;

    for (size_t i = 0; i < baseline->case_count; i++) {
        for (size_t k = 0; k < baseline->cases[i].group_count; k++) {
            const struct gw_baseline_group *group = &baseline->cases[i].groups[k];

            for (size_t metric = 0; metric < GW_GATE_METRIC_COUNT; metric++) {
                figures += group->metrics[metric] != NULL;
            }
            for (size_t id = 0; id < GW_CURVE_COUNT; id++) {
                figures += group->curves[id] != NULL;
            }
            figures += GW_GATE_OUTCOMES;
        }
    }
    while (least_p(runs, times * runs) * figures > alpha) {
        runs++;
    }
    return runs;
}

bool
gw_gate_settle(const struct gw_baseline *before, const struct gw_baseline *after,
               const struct gw_gate_rules *rules, struct gw_gate_report *report,
               struct gw_error *err)
{
    const struct comparison work = {before, after, rules, report};
    double tests = report->family > 0 ? (double)report->family : 1;

    for (size_t i = 0; i < report->test_count; i++) {
        struct gw_gate_test *test = &report->tests[i];
        struct gw_gate_pair pair = pair_of(&work, test->case_index, test->group_index);

        if (test->verdict == GW_GATE_OPEN &&
            least_p(test->runs_before, test->runs_after) * tests > rules->alpha &&
            !gw_gate_test_few(&pair, test, err)) {
            return false;
        }
    }
    judge_cases(report);
    return true;
}

/* ---- over two looks, and in order ----------------------------------------------------------------------- */

static const struct gw_gate_test *
same_test(const struct gw_gate_report *report, const struct gw_gate_test *wanted)
{
    for (size_t i = 0; i < report->test_count; i++) {
        const struct gw_gate_test *test = &report->tests[i];

        if (test->case_index == wanted->case_index && test->group_index == wanted->group_index &&
            test->kind == wanted->kind && test->which == wanted->which) {
            return test;
        }
    }
    return NULL;
}

void
gw_gate_keep_moved(struct gw_gate_report *report, const struct gw_gate_report *earlier)
{
    for (size_t i = 0; i < report->test_count; i++) {
        const struct gw_gate_test *first = same_test(earlier, &report->tests[i]);

        if (first != NULL && first->verdict == GW_GATE_MOVED) {
            report->tests[i].verdict = GW_GATE_MOVED;
            report->tests[i].adjusted = fmin(first->adjusted, report->tests[i].adjusted);
        }
    }
    judge_cases(report);
}

/* How many margins a test is away; outcomes count as worse than any figure, and curves that differ
 * only where runs are over as less. */
static double
weight(const struct gw_gate_test *test)
{
    if (isnan(test->margin) || !(test->margin > 0)) {
        return 1e9 + fabs(test->difference);
    }
    if (test->late) {
        return 0;
    }
    return test->kind == GW_GATE_CURVE ? test->most / test->margin
                                       : fabs(test->difference) / test->margin;
}

size_t
gw_gate_worst(const struct gw_gate_report *report, size_t case_index, enum gw_gate_verdict verdict,
              size_t *order)
{
    size_t count = 0;

    for (size_t i = 0; i < report->test_count; i++) {
        size_t place = count;

        if (report->tests[i].case_index != case_index || report->tests[i].verdict != verdict) {
            continue;
        }
        while (place > 0 && weight(&report->tests[order[place - 1]]) < weight(&report->tests[i])) {
            order[place] = order[place - 1];
            place--;
        }
        order[place] = i;
        count++;
    }
    return count;
}

const char *
gw_gate_verdict_name(enum gw_gate_verdict verdict)
{
    static const char *const names[] = {"identical", "same", "open", "moved", "broken"};

    return names[verdict];
}
