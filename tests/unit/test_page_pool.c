/* test_page_pool.c - pins: who gets the next task, when results come, what is "busy", for plain
 * cases that can be followed by hand. Does not pin: orders of finishing
 * (tests/torture/test_pool_schedules.c), times (test_sim_crew).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "algorithms/page_pool.h"
#include "tests/support/crew_rig.h"

static struct crew_rig rig;
static struct gw_page_pool *pool;
static bool finished; /* what every look finds */
static uint64_t collected[100];
static uint32_t collected_count;

static uint32_t
choose(void *chooser, uint32_t options)
{
    (void)chooser;
    return finished ? 0 : options - 1;
}

static void
collect(void *owner, struct gw_task *task, struct gw_work *work)
{
    assert_ptr_equal(owner, &rig);
    assert_non_null(work);
    collected[collected_count++] = task->page[0];
}

static void
start(uint32_t workers, enum gw_pool_policy policy, bool wait)
{
    crew_rig_start(&rig, workers, 4);
    rig.choose = choose;
    collected_count = 0;
    pool = gw_page_pool_create(
        &(struct gw_page_pool_plan){
            .crew = &rig.crew, .policy = policy, .wait = wait, .collect = collect, .owner = &rig},
        NULL);
    assert_non_null(pool);
}

static void
stop(void)
{
    struct gw_work work = {0};

    gw_page_pool_drain(pool, &work);
    gw_page_pool_destroy(pool);
}

/* False: busy. */
static bool
submit(uint64_t page)
{
    struct gw_work work = {0};
    struct gw_task *task = gw_page_pool_get(pool, &work);

    if (task == NULL) {
        return false;
    }
    task->page[0] = page;
    gw_page_pool_give(pool, task, &work);
    return true;
}

static void
test_locked_prefers_worker_0(void **state)
{
    (void)state;
    start(4, GW_POOL_LOCKED, false);
    finished = true;
    for (uint64_t page = 0; page < 10; page++) {
        assert_true(submit(page));
        assert_int_equal(collected_count, page);
    }
    assert_int_equal(rig.given[0], 10);
    stop();
    assert_int_equal(collected_count, 10);
    for (uint64_t page = 0; page < 10; page++) {
        assert_int_equal(collected[page], page);
    }
}

static void
test_locked_has_one_slot_a_worker(void **state)
{
    (void)state;
    start(3, GW_POOL_LOCKED, false);
    finished = false;
    for (uint64_t page = 0; page < 3; page++) {
        assert_true(submit(page));
        assert_int_equal(rig.last_given, page);
    }
    assert_false(submit(3));
    assert_false(submit(3));
    assert_int_equal(collected_count, 0);
    finished = true;
    assert_true(submit(4));
    assert_int_equal(rig.last_given, 0);
    assert_int_equal(collected_count, 1);
    assert_int_equal(collected[0], 0);
    stop();
}

static void
test_lockless_goes_round(void **state)
{
    (void)state;
    start(3, GW_POOL_LOCKLESS, false);
    finished = false;
    for (uint64_t page = 0; page < 12; page++) {
        assert_true(submit(page));
        assert_int_equal(rig.last_given, page % 3);
    }
    assert_false(submit(12));
    assert_int_equal(collected_count, 0);
    finished = true;
    assert_true(submit(13));
    assert_int_equal(collected_count, 1);
    stop();
    assert_int_equal(collected_count, 13);
}

static void
test_channels_take_turns(void **state)
{
    struct gw_work work = {0};

    (void)state;
    start(3, GW_POOL_CHANNELS, true);
    finished = true;
    for (uint32_t page = 0; page < 9; page++) {
        struct gw_task *task = gw_page_pool_get(pool, &work);

        assert_int_equal(task->channel, 1 + page % 3);
        gw_page_pool_give(pool, task, &work);
        assert_int_equal(rig.last_given, page % 3);
    }
    stop();
}

static void
test_waits_when_told(void **state)
{
    static const enum gw_pool_policy policies[] = {GW_POOL_LOCKED, GW_POOL_LOCKLESS,
                                                   GW_POOL_CHANNELS};

    (void)state;
    finished = false;
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
        start(2, policies[i], true);
        for (uint64_t page = 0; page < 30; page++) {
            assert_true(submit(page));
        }
        stop();
        assert_int_equal(collected_count, 30);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_locked_prefers_worker_0),
        cmocka_unit_test(test_locked_has_one_slot_a_worker),
        cmocka_unit_test(test_lockless_goes_round),
        cmocka_unit_test(test_channels_take_turns),
        cmocka_unit_test(test_waits_when_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
