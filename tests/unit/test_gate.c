/* test_gate.c - pins the decision of the gate on made-up samples: what is identical, the same, open,
 * moved or broken, where a curve moved and by how much, that a small sure change within the margin
 * passes, and what the sentences name. Does not pin how often it errs: tests/gate/gate_proof.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "results/gate.h"

enum { POINTS = 60, RUNS = 12, TOTAL_TIME_ROW = 1, LAST_POINT = POINTS - 1 };

/* What one side is made of. */
struct side {
    int64_t seed;
    uint64_t chance; /* picks the noise */
    size_t runs;
    double time, spread; /* of total_time_s: mean, and noise as a share of it */
    double bump;         /* on the curve, at points 30 to 34, as a share of its scale */
    char digest;
    size_t completed, failed;
};

static const struct side clean = {.seed = 1,
                                  .chance = 1,
                                  .runs = RUNS,
                                  .time = 60,
                                  .spread = 0.002,
                                  .digest = 'a',
                                  .completed = RUNS};

static double
noise(struct gw_stream *stream)
{
    double sum = 0;

    for (int i = 0; i < 12; i++) {
        sum += (double)gw_stream_below(stream, 1000000) / 1e6;
    }
    return sum - 6;
}

static char *
copy(const char *text)
{
    char *made = strdup(text);

    assert_non_null(made);
    return made;
}

static double *
room(size_t count)
{
    double *made = calloc(count, sizeof *made);

    assert_non_null(made);
    return made;
}

static void
fill_group(struct gw_baseline_group *group, const struct side *side)
{
    struct gw_stream stream;

    gw_stream_open(&stream, side->chance, 0, "gate", 0);
    *group = (struct gw_baseline_group){.name = copy("precopy"),
                                        .runs = side->runs,
                                        .completed = side->completed,
                                        .failed = side->failed,
                                        .end_s = LAST_POINT,
                                        .points = POINTS};
    group->digests = calloc(side->runs, sizeof *group->digests);
    group->metrics[TOTAL_TIME_ROW] = room(side->runs);
    group->curves[GW_CURVE_THROTTLE] = room(side->runs * POINTS);
    assert_non_null(group->digests);
    for (size_t run = 0; run < side->runs; run++) {
        double *curve = &group->curves[GW_CURVE_THROTTLE][run * POINTS];

        memset(group->digests[run], side->digest, GW_BASELINE_DIGEST - 1);
        group->metrics[TOTAL_TIME_ROW][run] = side->time * (1 + side->spread * noise(&stream));
        for (size_t i = 0; i < POINTS; i++) {
            curve[i] = (double)i + side->spread * LAST_POINT * noise(&stream);
            curve[i] += i >= 30 && i <= 34 ? side->bump * LAST_POINT : 0;
        }
    }
}

static void
make(struct gw_baseline *baseline, const struct side *side)
{
    *baseline = (struct gw_baseline){.case_count = 1};
    baseline->cases = calloc(1, sizeof *baseline->cases);
    assert_non_null(baseline->cases);
    gw_gate_margins_default(&baseline->margins);
    baseline->cases[0] = (struct gw_baseline_case){
        .name = copy("examples/auto-converge"),
        .scenario = copy("examples/auto-converge"),
        .seed = side->seed,
        .replications = (int64_t)side->runs,
        .group_count = 1,
        .groups = calloc(1, sizeof(struct gw_baseline_group)),
    };
    assert_non_null(baseline->cases[0].groups);
    fill_group(&baseline->cases[0].groups[0], side);
}

static const struct gw_gate_rules rules = {.alpha = 0.001, .equivalence = 0.05, .seed = 7};

/* What one comparison gave; to be cleared. */
struct outcome {
    struct gw_baseline before, after;
    struct gw_gate_report report;
    struct gw_text sentence;
};

static void
compare_made(struct outcome *outcome)
{
    struct gw_error err;

    assert_true(gw_gate_compare(&outcome->before, &outcome->after, &rules, &outcome->report, &err));
    outcome->sentence = (struct gw_text){0};
    gw_gate_case_say(&outcome->report, &outcome->before, 0, &outcome->sentence);
}

static void
compare(const struct side *before, const struct side *after, struct outcome *outcome)
{
    make(&outcome->before, before);
    make(&outcome->after, after);
    compare_made(outcome);
}

static void
clear(struct outcome *outcome)
{
    gw_gate_report_clear(&outcome->report);
    gw_text_clear(&outcome->sentence);
    gw_baseline_clear(&outcome->before);
    gw_baseline_clear(&outcome->after);
}

static const struct gw_gate_test *
find(const struct outcome *outcome, const char *key)
{
    for (size_t i = 0; i < outcome->report.test_count; i++) {
        if (strcmp(outcome->report.tests[i].key, key) == 0) {
            return &outcome->report.tests[i];
        }
    }
    fail();
    return NULL;
}

static void
assert_says(const struct outcome *outcome, const char *piece)
{
    const char *said = outcome->sentence.bytes == NULL ? "" : outcome->sentence.bytes;

    if (strstr(said, piece) == NULL) {
        fail_msg("no '%s' in: %s", piece, said);
    }
}

static void
settle(struct outcome *outcome)
{
    struct gw_error err;

    assert_true(gw_gate_settle(&outcome->before, &outcome->after, &rules, &outcome->report, &err));
    gw_text_clear(&outcome->sentence);
    gw_gate_case_say(&outcome->report, &outcome->before, 0, &outcome->sentence);
}

/* ---- exact ------------------------------------------------------------------------------------------ */

static void
test_identical_asks_nothing(void **state)
{
    struct side other = clean;
    struct outcome outcome;

    (void)state;
    other.time = 90; /* cannot be: the digests are trusted */
    compare(&clean, &other, &outcome);
    assert_int_equal(outcome.report.verdict, GW_GATE_IDENTICAL);
    assert_int_equal(outcome.report.test_count, 0);
    assert_says(&outcome, "identical, 12 runs");
    clear(&outcome);
}

static void
test_equal_numbers_are_the_same(void **state)
{
    struct side wide = clean;
    struct side other;
    struct outcome outcome;

    (void)state;
    wide.spread = 0.3; /* nothing could be shown with this spread */
    other = wide;
    other.digest = 'b';
    compare(&wide, &other, &outcome);
    assert_int_equal(outcome.report.verdict, GW_GATE_SAME);
    assert_int_equal(outcome.report.family, 0);
    assert_says(&outcome, "12 of 12 runs are not the baseline's");
    assert_says(&outcome, "in none of the recorded curves");
    clear(&outcome);
}

static void
test_parting_is_told(void **state)
{
    struct side other = clean;
    struct outcome outcome;

    (void)state;
    other.digest = 'b';
    other.bump = 0.5;
    compare(&clean, &other, &outcome);
    assert_int_equal(outcome.report.cases[0].changed, RUNS);
    assert_true(fabs(outcome.report.cases[0].parts_s - 30) < 1e-9);
    assert_string_equal(outcome.report.cases[0].parts_key, "throttle_pct");
    clear(&outcome);
}

/* ---- statistical ------------------------------------------------------------------------------------ */

static struct side
reseeded(void)
{
    struct side side = clean;

    side.seed = 2;
    side.chance = 2;
    side.digest = 'b';
    return side;
}

static void
test_another_seed_is_the_same(void **state)
{
    struct side other = reseeded();
    struct outcome outcome;

    (void)state;
    compare(&clean, &other, &outcome);
    assert_int_equal(outcome.report.verdict, GW_GATE_SAME);
    assert_int_equal(outcome.report.cases[0].runs, 0);
    assert_int_equal(outcome.report.family, 2);
    assert_true(find(&outcome, "total_time_s")->within <= 0.05);
    clear(&outcome);
}

static void
test_longer_has_moved(void **state)
{
    struct side other = reseeded();
    const struct gw_gate_test *test;
    struct outcome outcome;

    (void)state;
    other.time = 63;
    compare(&clean, &other, &outcome);
    test = find(&outcome, "total_time_s");
    assert_int_equal(outcome.report.verdict, GW_GATE_MOVED);
    assert_int_equal(test->verdict, GW_GATE_MOVED);
    assert_true(fabs(test->difference - 3) < 0.2 && test->low < 3 && test->high > 2.8);
    assert_true(fabs(test->margin - 0.02 * test->before) < 1e-9);
    assert_true(fabs(test->adjusted - (double)outcome.report.family * test->p) < 1e-12);
    assert_int_equal(find(&outcome, "throttle_pct")->verdict, GW_GATE_SAME);
    assert_says(&outcome, "examples/auto-converge: total_time_s 59.99 -> 63.07 s, +5.13 %");
    assert_says(&outcome, "margin 2 %; p < 0.001");
    clear(&outcome);
}

/* 1 % is found, and is less than 2 %. */
static void
test_within_the_margin_passes(void **state)
{
    struct side other = reseeded();
    struct outcome outcome;

    (void)state;
    other.time = 60.6;
    compare(&clean, &other, &outcome);
    assert_true(find(&outcome, "total_time_s")->adjusted < 0.01);
    assert_int_equal(outcome.report.verdict, GW_GATE_SAME);
    clear(&outcome);
}

static void
test_too_much_noise_stays_open(void **state)
{
    struct side before = clean;
    struct side after = reseeded();
    struct outcome outcome;

    (void)state;
    before.spread = after.spread = 0.08;
    compare(&before, &after, &outcome);
    settle(&outcome); /* twelve runs could have told */
    assert_int_equal(outcome.report.verdict, GW_GATE_OPEN);
    assert_says(&outcome, "not shown equivalent: ");
    clear(&outcome);
}

/* Two constants: a t without bound, yet p is only that of the permutations. */
static void
test_constants(void **state)
{
    struct side before = clean;
    struct side after = reseeded();
    struct outcome outcome;

    (void)state;
    before.spread = after.spread = 0;
    after.time = 66;
    compare(&before, &after, &outcome);
    assert_true(find(&outcome, "total_time_s")->p > 1e-7);
    assert_int_equal(find(&outcome, "total_time_s")->verdict, GW_GATE_MOVED);
    assert_int_equal(find(&outcome, "throttle_pct")->verdict, GW_GATE_SAME);
    assert_int_equal(outcome.report.family, 1);
    clear(&outcome);
}

static void
test_a_bump_is_found_where_it_is(void **state)
{
    struct side other = reseeded();
    const struct gw_gate_test *test;
    struct outcome outcome;

    (void)state;
    other.bump = -0.2;
    compare(&clean, &other, &outcome);
    test = find(&outcome, "throttle_pct");
    assert_int_equal(test->verdict, GW_GATE_MOVED);
    assert_true(fabs(test->from_s - 30) < 1e-9 && fabs(test->to_s - 34) < 1e-9);
    assert_true(test->peak_s >= 30 && test->peak_s <= 34);
    assert_true(fabs(test->difference + 0.2 * LAST_POINT) < 1);
    assert_false(test->late);
    assert_says(&outcome, "curve throttle_pct is lower from 30.00 s to 34.00 s, most at 3");
    clear(&outcome);
}

/* Sure, and less than 5 % of the scale. */
static void
test_a_small_bump_passes(void **state)
{
    struct side other = reseeded();
    struct outcome outcome;

    (void)state;
    other.bump = 0.03;
    compare(&clean, &other, &outcome);
    assert_true(find(&outcome, "throttle_pct")->p < 0.01);
    assert_int_equal(find(&outcome, "throttle_pct")->verdict, GW_GATE_SAME);
    clear(&outcome);
}

/* The same difference behind the end of a run is said to be late. */
static void
test_behind_the_end(void **state)
{
    struct side before = clean;
    struct side after = reseeded();
    struct outcome outcome;

    (void)state;
    before.time = after.time = 20;
    after.bump = 0.2;
    compare(&before, &after, &outcome);
    assert_int_equal(find(&outcome, "throttle_pct")->verdict, GW_GATE_MOVED);
    assert_true(find(&outcome, "throttle_pct")->late);
    clear(&outcome);
}

static void
test_outcomes(void **state)
{
    struct side other = reseeded();
    struct outcome outcome;

    (void)state;
    other.completed = 0, other.failed = RUNS;
    compare(&clean, &other, &outcome);
    assert_int_equal(find(&outcome, "completed")->verdict, GW_GATE_MOVED);
    assert_says(&outcome, "12 of 12 -> 0 of 12 runs completed");
    assert_says(&outcome, "0 of 12 -> 12 of 12 runs failed");
    clear(&outcome);
    other.completed = RUNS - 1, other.failed = 0;
    compare(&clean, &other, &outcome);
    assert_int_equal(outcome.report.verdict, GW_GATE_OPEN);
    clear(&outcome);
}

static void
test_one_unverified_run_is_enough(void **state)
{
    struct side other = reseeded();
    struct outcome outcome;

    (void)state;
    make(&outcome.before, &clean);
    make(&outcome.after, &other);
    outcome.after.cases[0].groups[0].unverified = 1;
    compare_made(&outcome);
    assert_int_equal(outcome.report.verdict, GW_GATE_MOVED);
    assert_says(&outcome, "a target that is not its source");
    clear(&outcome);
}

/* ---- too few runs, new groups, odd names ---------------------------------------------------------- */

/* No p of 20 arrangements is small enough, and a gate that cannot see must not pass. */
static void
test_few_runs_are_judged_by_margins(void **state)
{
    (void)state;
    for (size_t runs = 1; runs <= 3; runs++) {
        struct side before = clean;
        struct side after = reseeded();
        struct outcome outcome;

        before.runs = after.runs = before.completed = after.completed = runs;
        after.bump = 0.2;
        after.time = 66;
        compare(&before, &after, &outcome);
        assert_int_equal(outcome.report.verdict, GW_GATE_OPEN);
        settle(&outcome);
        assert_int_equal(find(&outcome, "total_time_s")->verdict, GW_GATE_MOVED);
        assert_says(&outcome, "curve throttle_pct is higher from 30.00 s to 34.00 s");
        assert_says(&outcome, "too few runs for a p");
        clear(&outcome);
        after.bump = 0, after.time = 60.2;
        compare(&before, &after, &outcome);
        settle(&outcome);
        assert_true(outcome.report.verdict <= GW_GATE_OPEN);
        clear(&outcome);
    }
}

/* Replications of which only one side has a value cannot be compared, and that is no sameness. */
static void
test_few_runs_without_common_values(void **state)
{
    struct side before = clean;
    struct side after = clean;
    struct outcome outcome;

    (void)state;
    before.runs = before.completed = 2, after.runs = after.completed = 4;
    after.digest = 'b', after.time = 66;
    make(&outcome.before, &before);
    make(&outcome.after, &after);
    outcome.after.cases[0].groups[0].metrics[TOTAL_TIME_ROW][0] = NAN;
    outcome.after.cases[0].groups[0].metrics[TOTAL_TIME_ROW][1] = NAN;
    compare_made(&outcome);
    settle(&outcome);
    assert_int_equal(find(&outcome, "total_time_s")->verdict, GW_GATE_MOVED);
    assert_says(&outcome, "total_time_s is in 2 of 2 -> 0 of 2 runs");
    clear(&outcome);
}

/* Five figures of a group: one of C(15, 3) = 455 arrangements is 0.011 with all of them, one of
 * C(20, 4) = 4845 is 0.001. */
static void
test_least_runs(void **state)
{
    struct gw_baseline baseline;

    (void)state;
    make(&baseline, &clean);
    assert_int_equal(gw_gate_least_runs(&baseline, 0.012, 4), 3);
    assert_int_equal(gw_gate_least_runs(&baseline, 0.010, 4), 4);
    gw_baseline_clear(&baseline);
}

static void
test_a_new_group_of_an_odd_name(void **state)
{
    struct outcome outcome;
    struct gw_baseline_case *one;

    (void)state;
    make(&outcome.before, &clean);
    make(&outcome.after, &clean);
    one = &outcome.after.cases[0];
    one->groups = realloc(one->groups, 2 * sizeof *one->groups);
    assert_non_null(one->groups);
    fill_group(&one->groups[one->group_count++], &clean);
    one->groups[1].name[0] = 'q';
    memcpy(outcome.before.cases[0].name, "a\n::error\x1b\x7f", 11);
    compare_made(&outcome);
    assert_int_equal(outcome.report.verdict, GW_GATE_BROKEN);
    assert_says(&outcome, "a ::error  ");
    assert_says(&outcome, "qrecopy is not in the baseline");
    clear(&outcome);
}

static void
test_a_metric_that_went_away(void **state)
{
    struct side other = reseeded();
    struct outcome outcome;

    (void)state;
    make(&outcome.before, &clean);
    make(&outcome.after, &other);
    free(outcome.after.cases[0].groups[0].metrics[TOTAL_TIME_ROW]);
    outcome.after.cases[0].groups[0].metrics[TOTAL_TIME_ROW] = NULL;
    compare_made(&outcome);
    assert_int_equal(find(&outcome, "total_time_s")->verdict, GW_GATE_MOVED);
    assert_says(&outcome, "total_time_s is in 12 of 12 -> 0 of 12 runs");
    clear(&outcome);
}

static void
test_broken(void **state)
{
    struct side other = reseeded();
    struct outcome outcome;

    (void)state;
    make(&outcome.before, &clean);
    make(&outcome.after, &other);
    outcome.after.cases[0].trouble = copy("did not run: killed");
    compare_made(&outcome);
    assert_int_equal(outcome.report.verdict, GW_GATE_BROKEN);
    assert_says(&outcome, "examples/auto-converge: did not run: killed");
    clear(&outcome);
    make(&outcome.before, &clean);
    make(&outcome.after, &other);
    memcpy(outcome.after.cases[0].groups[0].name, "another", sizeof "another");
    compare_made(&outcome);
    assert_int_equal(outcome.report.verdict, GW_GATE_BROKEN);
    assert_says(&outcome, "precopy is not there any more");
    clear(&outcome);
}

static void
test_moved_at_the_first_look_stays_moved(void **state)
{
    struct side longer = reseeded();
    struct side other = reseeded();
    struct outcome first, second;

    (void)state;
    longer.time = 63;
    compare(&clean, &longer, &first);
    compare(&clean, &other, &second);
    assert_int_equal(second.report.verdict, GW_GATE_SAME);
    gw_gate_keep_moved(&second.report, &first.report);
    assert_int_equal(second.report.verdict, GW_GATE_MOVED);
    assert_int_equal(find(&second, "total_time_s")->verdict, GW_GATE_MOVED);
    clear(&first);
    clear(&second);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identical_asks_nothing),
        cmocka_unit_test(test_equal_numbers_are_the_same),
        cmocka_unit_test(test_parting_is_told),
        cmocka_unit_test(test_another_seed_is_the_same),
        cmocka_unit_test(test_longer_has_moved),
        cmocka_unit_test(test_within_the_margin_passes),
        cmocka_unit_test(test_too_much_noise_stays_open),
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_a_bump_is_found_where_it_is),
        cmocka_unit_test(test_a_small_bump_passes),
        cmocka_unit_test(test_behind_the_end),
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_one_unverified_run_is_enough),
        cmocka_unit_test(test_few_runs_are_judged_by_margins),
        cmocka_unit_test(test_few_runs_without_common_values),
        cmocka_unit_test(test_least_runs),
        cmocka_unit_test(test_a_new_group_of_an_odd_name),
        cmocka_unit_test(test_a_metric_that_went_away),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_moved_at_the_first_look_stays_moved),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
