/* test_cores.c - pins processor sharing: closed forms, who counts, what is carried on.
 *
 * Not here: what the threads of a migration are and how long they are busy (sim/sim_cores.c,
 * tests/property).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/cores.h"
#include "tests/support/near.h"

static const double MS = 1e6;

/* One thread in each of the first crowds, all on one host. */
static void
open_singles(struct gw_cores *cores, int64_t count, int crowds)
{
    struct gw_cores_crowd crowd[GW_CROWD_COUNT] = {{0}};

    for (int i = 0; i < crowds; i++) {
        crowd[i].threads = 1;
    }
    assert_true(gw_cores_open(cores, count, crowd, NULL));
}

static double
stretch(const struct gw_cores *cores, int crowd)
{
    return cores->crowd[crowd].stretch;
}

static void
no_cores_no_stretch(void **state)
{
    struct gw_cores cores;

    (void)state;
    open_singles(&cores, 0, GW_CROWD_COUNT);
    for (int i = 0; i < GW_CROWD_COUNT; i++) {
        gw_cores_ran(&cores, (enum gw_crowd)i, 100 * MS);
        assert_within(stretch(&cores, i), 1, 0);
    }
    assert_false(gw_cores_are_due(&cores, 1000000000));
    gw_cores_close(&cores);
}

static void
two_busy_threads_on_one_core_take_twice_as_long(void **state)
{
    struct gw_cores cores;

    (void)state;
    open_singles(&cores, 1, GW_CROWD_COUNT);
    gw_cores_ran(&cores, GW_CROWD_MIGRATION, 2 * MS);
    gw_cores_ran(&cores, GW_CROWD_VCPUS, 2 * MS);
    gw_cores_settle(&cores, 2000000);
    assert_within(stretch(&cores, GW_CROWD_MIGRATION), 2, 1e-12);
    assert_within(stretch(&cores, GW_CROWD_VCPUS), 2, 1e-12);
    assert_within(stretch(&cores, GW_CROWD_LOADERS), 3, 1e-12); /* would be the third one */
    gw_cores_close(&cores);
}

static void
idle_threads_do_not_count(void **state)
{
    struct gw_cores cores;

    (void)state;
    open_singles(&cores, 1, GW_CROWD_COUNT);
    gw_cores_ran(&cores, GW_CROWD_VCPUS, 1 * MS);
    gw_cores_settle(&cores, 1000000);
    assert_within(stretch(&cores, GW_CROWD_VCPUS), 1, 0);
    gw_cores_settle(&cores, 2000000);
    assert_within(stretch(&cores, GW_CROWD_MIGRATION), 1, 0);
    gw_cores_close(&cores);
}

static void
as_many_threads_as_cores_do_not_wait(void **state)
{
    struct gw_cores cores;

    (void)state;
    open_singles(&cores, 3, 3);
    for (int i = 0; i < 3; i++) {
        gw_cores_ran(&cores, (enum gw_crowd)i, 1 * MS);
    }
    gw_cores_settle(&cores, 1000000);
    for (int i = 0; i < 3; i++) {
        assert_within(stretch(&cores, i), 1, 0);
    }
    gw_cores_close(&cores);
}

/* Beside one of four threads that run half of the time, 0 .. 3 run by the binomial law. */
static void
part_time_threads_count_by_their_chance(void **state)
{
    struct gw_cores_crowd crowd[GW_CROWD_COUNT] = {[GW_CROWD_WORKERS] = {.threads = 4}};
    struct gw_cores cores;

    (void)state;
    assert_true(gw_cores_open(&cores, 2, crowd, NULL));
    gw_cores_ran(&cores, GW_CROWD_WORKERS, 4 * 0.5 * MS);
    gw_cores_settle(&cores, 1000000);
    assert_within(cores.crowd[GW_CROWD_WORKERS].share, 0.5, 1e-12);
    assert_within(stretch(&cores, GW_CROWD_WORKERS), (1 + 3 + 3 * 1.5 + 1 * 2) / 8, 1e-12);
    gw_cores_close(&cores);
}

/* Whatever the number of threads, so much work a second comes out as there are cores. */
static void
full_cores_are_given_out_once(void **state)
{
    (void)state;
    for (uint32_t threads = 2; threads < 40; threads += 3) {
        struct gw_cores_crowd crowd[GW_CROWD_COUNT] = {[GW_CROWD_WORKERS] = {.threads = threads}};
        struct gw_cores cores;

        assert_true(gw_cores_open(&cores, 2, crowd, NULL));
        gw_cores_ran(&cores, GW_CROWD_WORKERS, threads * MS);
        gw_cores_settle(&cores, 1000000);
        assert_within(threads / stretch(&cores, GW_CROWD_WORKERS), 2, 1e-9);
        gw_cores_close(&cores);
    }
}

static void
hosts_do_not_share(void **state)
{
    struct gw_cores_crowd crowd[GW_CROWD_COUNT] = {
        [GW_CROWD_MIGRATION] = {.threads = 1},
        [GW_CROWD_VCPUS] = {.threads = 1},
        [GW_CROWD_LOADERS] = {.threads = 1, .host = 1},
    };
    struct gw_cores cores;

    (void)state;
    assert_true(gw_cores_open(&cores, 1, crowd, NULL));
    for (int i = 0; i < GW_CROWD_COUNT; i++) {
        gw_cores_ran(&cores, (enum gw_crowd)i, crowd[i].threads * MS);
    }
    gw_cores_settle(&cores, 1000000);
    assert_within(stretch(&cores, GW_CROWD_MIGRATION), 2, 1e-12);
    assert_within(stretch(&cores, GW_CROWD_LOADERS), 1, 0);
    gw_cores_close(&cores);
}

/* A burst of 3 ms that is told at its beginning fills three periods. */
static void
what_lies_in_the_future_is_carried(void **state)
{
    struct gw_cores cores;

    (void)state;
    open_singles(&cores, 1, 2);
    gw_cores_ran(&cores, GW_CROWD_MIGRATION, 3.5 * MS);
    for (int64_t ms = 1; ms <= 3; ms++) {
        gw_cores_settle(&cores, ms * 1000000);
        assert_within(stretch(&cores, GW_CROWD_WORKERS), 2, 1e-12);
    }
    gw_cores_settle(&cores, 4000000);
    assert_within(stretch(&cores, GW_CROWD_WORKERS), 1.5, 1e-12);
    gw_cores_settle(&cores, 5000000);
    assert_within(stretch(&cores, GW_CROWD_WORKERS), 1, 0);
    gw_cores_close(&cores);
}

/* A wait that is told before the step that it is in. */
static void
what_was_told_too_early_is_carried(void **state)
{
    struct gw_cores cores;

    (void)state;
    open_singles(&cores, 1, 2);
    gw_cores_ran(&cores, GW_CROWD_MIGRATION, -0.5 * MS);
    gw_cores_settle(&cores, 1000000);
    assert_true(cores.crowd[GW_CROWD_MIGRATION].share == 0);
    gw_cores_ran(&cores, GW_CROWD_MIGRATION, 1 * MS);
    gw_cores_settle(&cores, 2000000);
    assert_within(cores.crowd[GW_CROWD_MIGRATION].share, 0.5, 1e-12);
    gw_cores_close(&cores);
}

static void
a_period_lasts_a_millisecond_at_least(void **state)
{
    struct gw_cores cores;

    (void)state;
    open_singles(&cores, 1, 1);
    assert_false(gw_cores_are_due(&cores, 999999));
    assert_true(gw_cores_are_due(&cores, 1000000));
    gw_cores_settle(&cores, 1700000);
    assert_false(gw_cores_are_due(&cores, 2699999));
    assert_true(gw_cores_are_due(&cores, 2700000));
    gw_cores_close(&cores);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_cores_no_stretch),
        cmocka_unit_test(two_busy_threads_on_one_core_take_twice_as_long),
        cmocka_unit_test(idle_threads_do_not_count),
        cmocka_unit_test(as_many_threads_as_cores_do_not_wait),
        cmocka_unit_test(part_time_threads_count_by_their_chance),
        cmocka_unit_test(full_cores_are_given_out_once),
        cmocka_unit_test(hosts_do_not_share),
        cmocka_unit_test(what_lies_in_the_future_is_carried),
        cmocka_unit_test(what_was_told_too_early_is_carried),
        cmocka_unit_test(a_period_lasts_a_millisecond_at_least),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
