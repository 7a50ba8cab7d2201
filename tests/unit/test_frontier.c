/* test_frontier.c - pins the search for a boundary: verdicts of the exact binomial test with their
 * numbers of runs, what is tried next, ends that are missing, values that stay undecided, and that
 * searches over a known chance of good runs hold the place where it is one half.
 * Does not pin: runs, campaigns and figures.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/random.h"
#include "results/frontier.h"

static double
hundred(void *self, double share)
{
    (void)self;
    return 100 + 100 * share;
}

static const struct gw_frontier_rule rule = {.confidence = 0.95,
                                             .precision = 0.01,
                                             .values = 3,
                                             .replications = 8,
                                             .replications_most = 32,
                                             .value_of = hundred};

/* Three looks: each may be wrong on one side with 0.025 / 3 = 0.00833. 8 of 8 has 1/256 = 0.0039,
 * 7 of 8 has 9/256 = 0.035; 14 of 16 has 137/65536 = 0.0021, 13 of 16 has 697/65536 = 0.0106. */
static void
test_verdicts(void **state)
{
    struct gw_frontier frontier;

    (void)state;
    assert_true(gw_frontier_begin(&frontier, &rule, NULL));
    assert_int_equal(frontier.count, 3);
    gw_frontier_tell(&frontier, 0, 8, 1.0);
    assert_int_equal(frontier.probes[0].verdict, GW_FRONTIER_GOOD);
    gw_frontier_tell(&frontier, 1, 7, 1.0);
    assert_int_equal(frontier.probes[1].verdict, GW_FRONTIER_OPEN);
    assert_int_equal(frontier.probes[1].wanted, 16);
    gw_frontier_tell(&frontier, 1, 13, 1.0);
    assert_int_equal(frontier.probes[1].verdict, GW_FRONTIER_OPEN);
    assert_int_equal(frontier.probes[1].wanted, 32);
    gw_frontier_tell(&frontier, 1, 16, 1.0);
    assert_int_equal(frontier.probes[1].verdict, GW_FRONTIER_UNDECIDED);
    gw_frontier_tell(&frontier, 2, 1, 1.0);
    gw_frontier_tell(&frontier, 2, 2, 1.0);
    assert_int_equal(frontier.probes[2].verdict, GW_FRONTIER_BAD);
    gw_frontier_clear(&frontier);
}

static void
test_too_few_runs(void **state)
{
    struct gw_frontier_rule few = rule;

    (void)state;
    assert_true(gw_frontier_check(&rule, NULL));
    few.replications = few.replications_most = 5;
    assert_false(gw_frontier_check(&few, NULL));
    few.replications = few.replications_most = 6;
    assert_true(gw_frontier_check(&few, NULL));
    few.replications = 7;
    assert_false(gw_frontier_check(&few, NULL));
}

/* Tells all open probes; a run at a value is good when a draw is below the chance there. */
static void
tell_all(struct gw_frontier *frontier, double (*chance)(double value), struct gw_stream *random)
{
    for (size_t i = 0; i < frontier->count; i++) {
        size_t good = 0;

        if (frontier->probes[i].verdict != GW_FRONTIER_OPEN) {
            continue;
        }
        for (size_t k = 0; k < frontier->probes[i].wanted; k++) {
            good += gw_stream_unit(random) < chance(frontier->probes[i].value) ? 1 : 0;
        }
        gw_frontier_tell(frontier, i, good, 0.0);
    }
}

static void
search(struct gw_frontier *frontier, double (*chance)(double value), struct gw_stream *random)
{
    assert_true(gw_frontier_begin(frontier, &rule, NULL));
    while (gw_frontier_is_open(frontier)) {
        tell_all(frontier, chance, random);
        if (!gw_frontier_is_open(frontier)) {
            assert_true(gw_frontier_advance(frontier, NULL));
        }
    }
}

static double
step(double value)
{
    return value < 137.0 ? 1.0 : 0.0;
}

static double
always(double value)
{
    return value > 0.0 ? 1.0 : 0.0;
}

static double
never(double value)
{
    return value > 0.0 ? 0.0 : 1.0;
}

/* One half at 150. */
static double
slope(double value)
{
    return 1.0 / (1.0 + exp((value - 150.0) / 3.0));
}

static double
two_steps(double value)
{
    return value < 120.0 || value > 180.0 ? 1.0 : 0.0;
}

static struct gw_stream
random_of(uint64_t number)
{
    struct gw_stream random;

    gw_stream_open(&random, number, 0, "test", 0);
    return random;
}

static void
test_step(void **state)
{
    struct gw_stream random = random_of(1);
    struct gw_frontier frontier;
    struct gw_frontier_bracket bracket;

    (void)state;
    search(&frontier, step, &random);
    gw_frontier_bracket(&frontier, &bracket);
    assert_int_equal(bracket.end, GW_FRONTIER_BETWEEN);
    assert_true(bracket.low->value < 137.0 && bracket.high->value >= 137.0);
    assert_true(bracket.high->value - bracket.low->value <= 0.01 * bracket.middle);
    assert_true(bracket.is_monotone && bracket.undecided == 0);
    assert_true(frontier.count <= 3 + 6);
    gw_frontier_clear(&frontier);
}

static void
test_ends(void **state)
{
    static const struct {
        double (*chance)(double value);
        enum gw_frontier_end end;
    } rows[] = {{always, GW_FRONTIER_ALWAYS}, {never, GW_FRONTIER_NEVER}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct gw_stream random = random_of(2);
        struct gw_frontier frontier;
        struct gw_frontier_bracket bracket;

        search(&frontier, rows[i].chance, &random);
        gw_frontier_bracket(&frontier, &bracket);
        assert_int_equal(bracket.end, rows[i].end);
        assert_int_equal(frontier.count, 3);
        gw_frontier_clear(&frontier);
    }
}

static void
test_not_monotone(void **state)
{
    struct gw_stream random = random_of(3);
    struct gw_frontier frontier;
    struct gw_frontier_bracket bracket;

    (void)state;
    search(&frontier, two_steps, &random);
    gw_frontier_bracket(&frontier, &bracket);
    assert_false(bracket.is_monotone);
    assert_true(bracket.low->value < 120.0 && bracket.high->value >= 120.0);
    gw_frontier_clear(&frontier);
}

/* The interval misses when a verdict near the middle is wrong. Each side may be wrong with 2.5 %
 * where the chance is one half, and with less elsewhere; a search looks at a few values there. Of
 * 400 searches at most 40, 10 %, may miss. */
static void
test_interval_holds(void **state)
{
    size_t misses = 0;

    (void)state;
    for (uint64_t i = 0; i < 400; i++) {
        struct gw_stream random = random_of(100 + i);
        struct gw_frontier frontier;
        struct gw_frontier_bracket bracket;

        search(&frontier, slope, &random);
        gw_frontier_bracket(&frontier, &bracket);
        assert_int_equal(bracket.end, GW_FRONTIER_BETWEEN);
        misses += bracket.low->value > 150.0 || bracket.high->value < 150.0 ? 1 : 0;
        gw_frontier_clear(&frontier);
    }
    print_message("intervals that miss: %zu of 400\n", misses);
    assert_true(misses <= 40);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),     cmocka_unit_test(test_too_few_runs),
        cmocka_unit_test(test_step),         cmocka_unit_test(test_ends),
        cmocka_unit_test(test_not_monotone), cmocka_unit_test(test_interval_holds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
