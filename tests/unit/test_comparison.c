/* test_comparison.c - pins the verdicts of a comparison: equal to the bit, none seen, differs, one
 * pair; which pairs a metric is taken from; Holm over all cells; outcomes under the same and under
 * other guests; curves with their span; the parting; and the sentences that say so.
 * Does not pin: contrasts (test_contrast.c), bands (test_curve_band.c), tables (compare.sh).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "results/comparison.h"
#include "results/comparison_figure.h"
#include "results/comparison_words.h"
#include "tests/support/sample_result.h"

enum { RUNS = 8, CELLS = 2, SIDE = 16 };

/* Two cells on each side: steps of 10 and of 20 per cent. */
struct bench {
    struct gw_result a[SIDE], b[SIDE]; /* CELLS x RUNS */
    size_t runs;
    struct gw_pair_groups groups;
    struct gw_comparison comparison;
};

static void
make_side(struct gw_result *results, size_t runs)
{
    for (size_t i = 0; i < CELLS * runs; i++) {
        gw_sample_memory_result(&results[i], "precopy", i < runs ? 10 : 20, (int)(i % runs));
    }
}

static struct bench *
bench_create(size_t runs)
{
    static struct bench bench;

    bench.runs = runs;
    make_side(bench.a, runs);
    make_side(bench.b, runs);
    return &bench;
}

static void
compare_at(struct bench *bench, double confidence)
{
    const struct gw_comparison_request request = {
        .confidence = confidence, .with_curves = true, .points = 101, .resamples = 999};
    const struct gw_result *a[SIDE];
    const struct gw_result *b[SIDE];

    for (size_t i = 0; i < CELLS * bench->runs; i++) {
        a[i] = &bench->a[i];
        b[i] = &bench->b[i];
    }
    const struct gw_pair_side side_a = {"A", a, CELLS * bench->runs};
    const struct gw_pair_side side_b = {"B", b, CELLS * bench->runs};
    assert_true(gw_pairs_between(&side_a, &side_b, &bench->groups, NULL));
    assert_true(gw_comparison_make(&bench->groups, &request, &bench->comparison, NULL));
    assert_int_equal(bench->comparison.count, CELLS);
}

static void
compare(struct bench *bench)
{
    compare_at(bench, 0.95);
}

static void
bench_destroy(struct bench *bench)
{
    gw_comparison_clear(&bench->comparison);
    gw_pair_groups_clear(&bench->groups);
    for (size_t i = 0; i < CELLS * bench->runs; i++) {
        gw_result_clear(&bench->a[i]);
        gw_result_clear(&bench->b[i]);
    }
}

static const struct gw_compared_metric *
metric_of(const struct gw_compared_cell *cell, enum gw_metric metric)
{
    size_t i = 0;

    while (i < cell->metric_count && cell->metrics[i].metric != metric) {
        i++;
    }
    assert_true(i < cell->metric_count);
    return &cell->metrics[i];
}

static const struct gw_compared_curve *
curve_of(const struct gw_compared_cell *cell, enum gw_curve_id id)
{
    size_t i = 0;

    while (i < cell->curve_count && cell->curves[i].id != id) {
        i++;
    }
    assert_true(i < cell->curve_count);
    return &cell->curves[i];
}

static void
assert_metric_words(const struct bench *bench, size_t cell, enum gw_metric metric,
                    const char *wanted)
{
    const struct gw_compared_cell *compared = &bench->comparison.cells[cell];
    struct gw_text words = {0};

    gw_compared_metric_words(compared, metric_of(compared, metric), 0.95, &words);
    assert_string_equal(words.bytes, wanted);
    gw_text_clear(&words);
}

/* ---- metrics ------------------------------------------------------------------------------------- */

static void
test_identical(void **state)
{
    struct bench *bench = bench_create(RUNS);

    (void)state;
    compare(bench);
    assert_false(bench->comparison.differs);
    assert_int_equal(bench->comparison.pairs, SIDE);
    for (size_t i = 0; i < CELLS; i++) {
        const struct gw_compared_cell *cell = &bench->comparison.cells[i];

        assert_int_equal(cell->identical, RUNS);
        assert_int_equal(cell->parting.kind, GW_SAME);
        assert_int_equal(cell->metric_count, 5);
        for (size_t k = 0; k < cell->metric_count; k++) {
            assert_int_equal(cell->metrics[k].verdict, GW_COMPARED_IDENTICAL);
        }
        for (size_t k = 0; k < cell->curve_count; k++) {
            assert_int_equal(cell->curves[k].verdict, GW_COMPARED_IDENTICAL);
        }
    }
    assert_metric_words(bench, 0, GW_METRIC_DOWNTIME_S, "identical in all 8 pairs");
    bench_destroy(bench);
}

/* In cell 0 the time is 10 % longer but for a wobble; the downtime wobbles only. */
static void
test_metrics(void **state)
{
    struct bench *bench = bench_create(RUNS);

    (void)state;
    for (size_t i = 0; i < RUNS; i++) {
        double wobble = i % 2 == 0 ? 0.001 : -0.001;

        bench->b[i].metric[GW_METRIC_TOTAL_TIME_S] *= 1.1 + wobble;
        bench->b[i].metric[GW_METRIC_DOWNTIME_S] += wobble;
        bench->b[i].metric[GW_METRIC_SYNC_COUNT] -= 1.0;
        bench->b[i].metric[GW_METRIC_GUEST_PENALTY_S] -= 60.0 + wobble;
    }
    compare(bench);
    const struct gw_compared_cell *cell = &bench->comparison.cells[0];
    assert_true(bench->comparison.differs);
    assert_true(cell->differs);
    assert_false(bench->comparison.cells[1].differs);
    assert_int_equal(metric_of(cell, GW_METRIC_TOTAL_TIME_S)->verdict, GW_COMPARED_DIFFERS);
    assert_metric_words(bench, 0, GW_METRIC_TOTAL_TIME_S, "B later by 10 % (95 %: 9.91 to 10.1 %)");
    assert_metric_words(bench, 0, GW_METRIC_DOWNTIME_S, "no difference seen");
    assert_metric_words(bench, 0, GW_METRIC_SYNC_COUNT, "B fewer by 12.5 % in every pair");
    assert_metric_words(bench, 0, GW_METRIC_GUEST_PENALTY_S, "B less by 60 s (95 %: 60 s to 60 s)");
    assert_metric_words(bench, 0, GW_METRIC_BYTES_SENT, "identical in all 8 pairs");
    /* The runs part in no series: the first outcome or metric that differs is named. */
    assert_int_equal(cell->parting.kind, GW_PART_IN_METRIC);
    bench_destroy(bench);
}

/* Four of the metrics of both cells are tests, so the least p is multiplied by four. */
static void
test_holm(void **state)
{
    struct bench *bench = bench_create(RUNS);

    (void)state;
    for (size_t i = 0; i < SIDE; i++) {
        double wobble = (double)(i * 7 % 5) - 1.7;

        bench->b[i].metric[GW_METRIC_TOTAL_TIME_S] += i < RUNS ? 2.0 + wobble : wobble;
        bench->b[i].metric[GW_METRIC_DOWNTIME_S] += wobble * wobble * 0.001 - 0.002;
    }
    compare(bench);
    double least = 1.0;
    double adjusted = 1.0;
    for (size_t i = 0; i < CELLS; i++) {
        for (size_t k = 0; k < bench->comparison.cells[i].metric_count; k++) {
            const struct gw_compared_metric *metric = &bench->comparison.cells[i].metrics[k];
            if (metric->verdict != GW_COMPARED_IDENTICAL && metric->contrast.p < least) {
                least = metric->contrast.p;
                adjusted = metric->p;
            }
        }
    }
    assert_true(least < 0.02);
    assert_true(fabs(adjusted - 4.0 * least) < 1e-12);
    bench_destroy(bench);
}

static void
test_one_pair(void **state)
{
    struct bench *bench = bench_create(1);

    (void)state;
    bench->b[0].metric[GW_METRIC_DOWNTIME_S] = 0.5;
    compare(bench);
    assert_true(bench->comparison.cells[0].differs);
    assert_metric_words(bench, 0, GW_METRIC_DOWNTIME_S,
                        "B longer by 250 ms, in the one pair there is");
    bench_destroy(bench);

    bench = bench_create(1);
    bench->b[0].metric[GW_METRIC_DOWNTIME_S] = 0.5;
    bench->b[0].seed = bench->b[1].seed = 8;
    compare(bench);
    assert_false(bench->comparison.differs); /* another guest: it may be chance */
    assert_int_equal(metric_of(bench->comparison.cells, GW_METRIC_DOWNTIME_S)->verdict,
                     GW_COMPARED_UNSURE);
    bench_destroy(bench);
}

/* ---- outcomes ------------------------------------------------------------------------------------ */

static void
make_fail(struct bench *bench, size_t count, uint64_t seed)
{
    for (size_t i = 0; i < RUNS; i++) {
        bench->b[i].seed = seed;
        if (i < count) {
            bench->b[i].outcome = GW_NOT_CONVERGED;
            bench->b[i].metric[GW_METRIC_DOWNTIME_S] = 0.0;
        }
    }
}

static void
test_outcomes(void **state)
{
    static const struct {
        size_t fail;
        uint64_t seed; /* 7: as in a */
        bool differs;
    } rows[] = {{1, 7, true}, {3, 8, false}, {5, 8, false}, {6, 8, true}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench *bench = bench_create(RUNS);
        struct gw_text words = {0};

        make_fail(bench, rows[i].fail, rows[i].seed);
        compare(bench);
        const struct gw_compared_cell *cell = &bench->comparison.cells[0];
        assert_int_equal(cell->outcome_count, 1);
        assert_int_equal(cell->outcomes[0].count, rows[i].fail);
        assert_int_equal(metric_of(cell, GW_METRIC_DOWNTIME_S)->contrast.pairs,
                         RUNS - rows[i].fail);
        assert_int_equal(cell->differs, rows[i].differs);
        assert_int_equal(cell->same_guests, rows[i].seed == 7);
        if (i == 1) {
            gw_compared_outcome_words(cell, &cell->outcomes[0], &words);
            assert_string_equal(words.bytes, "completed -> not_converged 3 of 8");
            assert_int_equal(cell->parting.kind, GW_SAME);
        }
        gw_text_clear(&words);
        bench_destroy(bench);
    }
}

/* ---- curves -------------------------------------------------------------------------------------- */

/* In the middle fifth of the migration of cell 0 the rest is 1 GiB more, about, of some runs. */
static void
lift(struct bench *bench, size_t runs)
{
    for (size_t i = 0; i < runs; i++) {
        struct gw_series *series = &bench->b[i].series[GW_SERIES_MEMORY];

        for (size_t row = 200; row < 280; row++) {
            series->values[row * series->columns] += 1073741824.0 * (1.0 + 0.01 * (double)i);
        }
    }
}

static void
test_curves(void **state)
{
    struct bench *bench = bench_create(RUNS);
    struct gw_text words = {0};
    char name[100];

    (void)state;
    lift(bench, RUNS);
    compare(bench);
    const struct gw_compared_cell *cell = &bench->comparison.cells[0];
    const struct gw_compared_curve *curve = curve_of(cell, GW_CURVE_REMAINING);
    assert_int_equal(curve->verdict, GW_COMPARED_DIFFERS);
    assert_true(fabs(curve->end_s - 87.0) < 1e-9);
    assert_int_equal(curve_of(cell, GW_CURVE_THROTTLE)->verdict, GW_COMPARED_IDENTICAL);
    gw_compared_curve_words(cell, curve, &words);
    /* All runs are lifted from 34.8 s (that of 87 s) to 48 s (that of 80 s), by 1.035 GiB. */
    assert_string_equal(words.bytes, "remaining_bytes is higher in B from 33.93 s to 49.59 s, most "
                                     "at 35.67 s: +1.035 GiB (p = 0.0078)");
    gw_text_clear(&words);
    gw_compared_parting_words(cell, &words);
    assert_non_null(
        strstr(words.bytes, "the runs of replication 0 part at 32 s: memory 201: remaining_bytes"));
    gw_text_clear(&words);
    gw_compared_curve_name(cell, curve, 0, name, sizeof name);
    assert_string_equal(name, "busy-guest-precopy-throttle_increment-10.remaining_bytes");
    struct gw_figure *figure = gw_compared_curve_figure(cell, curve, 0.95);
    assert_non_null(figure);
    gw_figure_destroy(figure);
    bench_destroy(bench);
}

/* Signs of five pairs can be flipped in 32 ways only. */
static void
test_too_few(void **state)
{
    struct bench *bench = bench_create(RUNS);

    (void)state;
    lift(bench, RUNS);
    for (size_t i = 5; i < RUNS; i++) {
        bench->b[i].replication = (int64_t)(100 + i);
    }
    compare(bench);
    assert_int_equal(bench->comparison.cells[0].group->count, 5);
    assert_int_equal(bench->comparison.a_alone, 3);
    assert_int_equal(bench->comparison.b_alone, 3);
    assert_int_equal(curve_of(bench->comparison.cells, GW_CURVE_REMAINING)->verdict,
                     GW_COMPARED_UNSURE);
    bench_destroy(bench);
}

static void
assert_unsure(const struct bench *bench, const char *wanted)
{
    const struct gw_compared_cell *cell = &bench->comparison.cells[0];
    const struct gw_compared_curve *curve = curve_of(cell, GW_CURVE_REMAINING);
    struct gw_text words = {0};

    assert_int_equal(curve->verdict, GW_COMPARED_UNSURE);
    gw_compared_curve_words(cell, curve, &words);
    assert_string_equal(words.bytes, wanted);
    gw_text_clear(&words);
}

/* A pair of equal curves exchanged is no other arrangement: three of eight say nothing. */
static void
test_equal_pairs_tell_nothing(void **state)
{
    struct bench *bench = bench_create(RUNS);

    (void)state;
    lift(bench, 5);
    compare(bench);
    assert_unsure(bench, "remaining_bytes: not equal in 5 of 8 pairs, too few to judge it, 9 are "
                         "needed");
    bench_destroy(bench);

    bench = bench_create(RUNS);
    lift(bench, 6);
    compare(bench);
    assert_int_equal(curve_of(bench->comparison.cells, GW_CURVE_REMAINING)->verdict,
                     GW_COMPARED_DIFFERS);
    bench_destroy(bench);
}

/* No number of pairs gives 999 rearrangements a p of 0.0001. */
static void
test_too_few_rearrangements(void **state)
{
    struct bench *bench = bench_create(RUNS);

    (void)state;
    lift(bench, RUNS);
    compare_at(bench, 0.9999);
    assert_unsure(bench, "remaining_bytes: not equal, rearrangements are too few to judge it");
    bench_destroy(bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identical),
        cmocka_unit_test(test_metrics),
        cmocka_unit_test(test_holm),
        cmocka_unit_test(test_one_pair),
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_curves),
        cmocka_unit_test(test_too_few),
        cmocka_unit_test(test_equal_pairs_tell_nothing),
        cmocka_unit_test(test_too_few_rearrangements),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
