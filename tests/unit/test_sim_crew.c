/* test_sim_crew.c - pins: times of workers, callers and the lock in small cases done by hand; that
 * no task comes back before its time over random use; the even and uneven work of the two pools
 * on it. Does not pin: that the cost figures are those of some host (validation).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "algorithms/page_pool.h"
#include "base/random.h"
#include "sim/sim_crew.h"

static struct gw_agenda agenda;
static struct gw_sim_crew *crew;
static struct gw_crew *port;
static struct gw_work work;

static const struct gw_memory_host host = {.scan_ns = 10,
                                           .give_ns = 100,
                                           .wake_ns = 1000,
                                           .wake_latency_ns = 500,
                                           .near_workers = 255,
                                           .collect_ns = 50,
                                           .poll_ns = 2000,
                                           .lock_ns = 20};

/* A task says itself how long it takes. */
static void
perform(void *owner, struct gw_task *task, double *service_ns)
{
    assert_ptr_equal(owner, &agenda);
    *service_ns = (double)task->page[0];
    task->bytes = (int32_t)task->page[0];
}

static void
start(uint32_t workers, bool locked, const struct gw_memory_host *costs)
{
    agenda.now_ns = 0;
    work.spent_ns = 0;
    crew = gw_sim_crew_create(&(struct gw_sim_crew_plan){.agenda = &agenda,
                                                         .host = costs,
                                                         .workers = workers,
                                                         .locked = locked,
                                                         .perform = perform,
                                                         .owner = &agenda},
                              NULL);
    assert_non_null(crew);
    port = gw_sim_crew_port(crew);
    assert_int_equal(port->workers, workers);
}

static void
give(uint32_t worker, struct gw_task *task, uint64_t service_ns)
{
    task->page[0] = service_ns;
    port->ops->give(port, worker, task, &work);
}

static void
test_polls_then_sleeps(void **state)
{
    struct gw_task task[2] = {0};
    const struct gw_sim_crew_usage *usage;

    (void)state;
    start(1, false, &host);
    give(0, &task[0], 5000); /* at 100, the worker polls: ends at 5100 */
    assert_int_equal(work.spent_ns, 100);
    assert_null(port->ops->take(port, 0, &work));
    assert_int_equal(work.spent_ns, 110);
    port->ops->wait(port, &work);
    assert_int_equal(work.spent_ns, 5100);
    port->ops->wait(port, &work);
    assert_int_equal(work.spent_ns, 5100);
    assert_int_equal(gw_sim_crew_waited_ns(crew), 4990);
    assert_ptr_equal(port->ops->take(port, 0, &work), &task[0]);
    assert_int_equal(work.spent_ns, 5160);
    assert_int_equal(task[0].bytes, 5000);
    agenda.now_ns = 10000;
    work.spent_ns = 0;
    give(0, &task[0], 5000); /* asleep: woken at 11100, starts at 11600, ends at 16600 */
    assert_int_equal(work.spent_ns, 1100);
    give(0, &task[1], 1000); /* ends at 17600 */
    assert_int_equal(work.spent_ns, 1200);
    port->ops->wait(port, &work);
    assert_int_equal(agenda.now_ns + work.spent_ns, 16600);
    assert_ptr_equal(port->ops->take_any(port, &work), &task[0]);
    assert_null(port->ops->take_any(port, &work));
    port->ops->wait(port, &work);
    assert_int_equal(agenda.now_ns + work.spent_ns, 17600);
    assert_ptr_equal(port->ops->take_any(port, &work), &task[1]);
    usage = gw_sim_crew_usage(crew, 0);
    assert_int_equal(usage->tasks, 3);
    assert_int_equal(usage->busy_ns, 11000);
    assert_int_equal(usage->spin_ns, 100 + 2000);
    gw_sim_crew_destroy(crew);
}

static void
test_lock_by_hand(void **state)
{
    struct gw_task task[2] = {0};

    (void)state;
    start(2, true, &host);
    give(0, &task[0], 5000); /* lock at 100, wakes until 1120, starts at 1620, ends at 6620 */
    assert_int_equal(work.spent_ns, 1120);
    give(1, &task[1], 3880); /* starts at 2740, ends at 6620 too */
    assert_int_equal(work.spent_ns, 2240);
    port->ops->wait(port, &work); /* worker 0 has the lock until 6640; the waker takes 500 */
    assert_int_equal(work.spent_ns, 7140);
    assert_int_equal(gw_sim_crew_waited_ns(crew), 4900);
    assert_ptr_equal(port->ops->take_any(port, &work), &task[0]);
    assert_int_equal(work.spent_ns, 7220);
    assert_ptr_equal(port->ops->take(port, 1, &work), &task[1]);
    assert_int_equal(work.spent_ns, 7300);
    assert_int_equal(gw_sim_crew_usage(crew, 0)->busy_ns, 5020);
    assert_int_equal(gw_sim_crew_usage(crew, 0)->spin_ns, 0);
    gw_sim_crew_destroy(crew);
}

static void
test_lock_is_waited_for(void **state)
{
    struct gw_task task[2] = {0};

    (void)state;
    start(2, true, &host);
    give(0, &task[0], 5000); /* wants the lock at 6620 */
    agenda.now_ns = 6530;
    work.spent_ns = 0;
    give(1, &task[1], 1000); /* wants it at 6630, has it from 6640 to 7660 */
    assert_int_equal(agenda.now_ns + work.spent_ns, 7660);
    gw_sim_crew_destroy(crew);
    start(2, true, &host);
    give(0, &task[0], 5000);
    agenda.now_ns = 6510;
    work.spent_ns = 0;
    give(1, &task[1], 8000); /* has it from 6610 to 7630: worker 0 shows at 7650 */
    assert_int_equal(agenda.now_ns + work.spent_ns, 7630);
    port->ops->wait(port, &work);
    assert_int_equal(agenda.now_ns + work.spent_ns, 7650 + 500);
    gw_sim_crew_destroy(crew);
}

static void
test_parts_of_nanoseconds_add_up(void **state)
{
    struct gw_memory_host fine = {.scan_ns = 0.25};

    (void)state;
    start(1, false, &fine);
    for (int i = 0; i < 4000; i++) {
        assert_null(port->ops->take(port, 0, &work));
    }
    assert_int_equal(work.spent_ns, 1000);
    gw_sim_crew_destroy(crew);
}

/* take_any gives in order of finishing, never too early, and all of it. */
/* The same two tasks: the caller's time counts double, the worker's wake-up threefold. */
static void
test_stretched(void **state)
{
    struct gw_task task = {0};

    (void)state;
    start(1, true, &host);
    gw_sim_crew_stretch(crew, 2, 3);
    give(0, &task, 5000); /* 200, lock 20, wake 2000; starts after 1500 more */
    assert_int_equal(work.spent_ns, 2220);
    assert_int_equal(gw_sim_crew_woken(crew).workers_ns, 1500);
    port->ops->wait(port, &work); /* 3720 + 5000, lock 20, its own wake-up 1000 */
    assert_int_equal(work.spent_ns, 9740);
    assert_int_equal(gw_sim_crew_woken(crew).caller_ns, 1000);
    assert_int_equal(gw_sim_crew_waited_ns(crew), 9740 - 2220);
    assert_ptr_equal(port->ops->take(port, 0, &work), &task); /* 20, lock 20, 100 */
    assert_int_equal(work.spent_ns, 9880);
    gw_sim_crew_destroy(crew);
}

static void
test_random_use(void **state)
{
    enum { WORKERS = 5, TASKS = 40, STEPS = 20000 };
    static struct gw_task task[TASKS];
    int64_t given_ns[TASKS], load[WORKERS] = {0};
    uint32_t worker_of[TASKS], out = 0, next = 0;
    bool with_worker[TASKS] = {false};
    struct gw_stream dice;

    (void)state;
    gw_stream_open(&dice, 3, 0, "test.crew", 0);
    start(WORKERS, false, &host);
    for (int step = 0; step < STEPS || out > 0; step++) {
        uint32_t worker = (uint32_t)gw_stream_below(&dice, WORKERS);
        struct gw_task *back;
        size_t i;

        if (step < STEPS && !with_worker[next] && load[worker] < 4) {
            given_ns[next] = agenda.now_ns + work.spent_ns;
            give(worker, &task[next], gw_stream_below(&dice, 20000));
            with_worker[next] = true;
            worker_of[next] = worker;
            load[worker]++;
            out++;
            next = (next + 1) % TASKS;
        }
        if (out > 0 && gw_stream_below(&dice, 4) == 0) {
            port->ops->wait(port, &work);
        }
        back = port->ops->take_any(port, &work);
        if (back != NULL) {
            i = (size_t)(back - task);
            assert_true(with_worker[i]);
            assert_true(agenda.now_ns + work.spent_ns >= given_ns[i] + (int64_t)back->page[0]);
            with_worker[i] = false;
            load[worker_of[i]]--;
            out--;
        }
        if (gw_stream_below(&dice, 10) == 0) {
            agenda.now_ns += work.spent_ns + (int64_t)gw_stream_below(&dice, 10000);
            work.spent_ns = 0;
        }
    }
    gw_sim_crew_destroy(crew);
}

static void
collect(void *owner, struct gw_task *task, struct gw_work *spent)
{
    int64_t *sum_ns = owner;

    (void)spent;
    *sum_ns += (int64_t)task->page[0];
}

/* Pages come every 2 us, a worker takes 10 us: seldom is more than half of eight at work. */
static void
play_pool(enum gw_pool_policy policy, int64_t *tasks)
{
    enum { PAGES = 20000, SERVICE_NS = 10000, PAGE_NS = 2000 };
    int64_t sum_ns = 0, busy_ns = 0;
    struct gw_page_pool *pool;

    start(8, policy == GW_POOL_LOCKED, &host);
    pool = gw_page_pool_create(
        &(struct gw_page_pool_plan){
            .crew = port, .policy = policy, .wait = true, .collect = collect, .owner = &sum_ns},
        NULL);
    assert_non_null(pool);
    for (int i = 0; i < PAGES; i++) {
        struct gw_task *task = gw_page_pool_get(pool, &work);

        task->page[0] = SERVICE_NS;
        gw_page_pool_give(pool, task, &work);
        work.spent_ns += PAGE_NS;
    }
    gw_page_pool_drain(pool, &work);
    assert_int_equal(sum_ns, (int64_t)PAGES * SERVICE_NS);
    for (uint32_t i = 0; i < 8; i++) {
        tasks[i] = gw_sim_crew_usage(crew, i)->tasks;
        busy_ns += gw_sim_crew_usage(crew, i)->busy_ns;
    }
    assert_int_equal(busy_ns, sum_ns + (policy == GW_POOL_LOCKED ? PAGES * 20 : 0));
    gw_page_pool_destroy(pool);
    gw_sim_crew_destroy(crew);
}

static void
test_even_and_uneven(void **state)
{
    int64_t tasks[8];

    (void)state;
    play_pool(GW_POOL_LOCKED, tasks);
    assert_true(tasks[0] > 10 * (tasks[7] + 1));
    for (int i = 1; i < 8; i++) {
        assert_true(tasks[i] <= tasks[i - 1]);
    }
    play_pool(GW_POOL_LOCKLESS, tasks);
    for (int i = 0; i < 8; i++) {
        assert_in_range(tasks[i], 2450, 2550);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_polls_then_sleeps),
        cmocka_unit_test(test_lock_by_hand),
        cmocka_unit_test(test_lock_is_waited_for),
        cmocka_unit_test(test_parts_of_nanoseconds_add_up),
        cmocka_unit_test(test_stretched),
        cmocka_unit_test(test_random_use),
        cmocka_unit_test(test_even_and_uneven),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
