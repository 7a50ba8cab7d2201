/* test_process_pool.c - pins: replies come in order and whole whatever the number of workers; a
 * worker that crashes, exits or is killed costs its one task and says why; one that takes too long
 * is killed; a kill by the kernel for want of memory is said as such; both ways to stop; tasks are
 * never more than a window ahead.
 * Does not pin: how fast it is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/process_pool.h"

enum { TASKS = 40, BIG = 300000 };

struct rig {
    size_t replied;
    size_t deaths;
    size_t stop_after; /* hand out no more */
    size_t refuse_at;
    char last_death[600];
    size_t *started; /* shared with the workers: tasks begun */
    size_t most_ahead;
};

static struct rig rig;

static int
set_up(void **state)
{
    (void)state;
    rig = (struct rig){.stop_after = SIZE_MAX, .refuse_at = SIZE_MAX};
    rig.started =
        mmap(NULL, sizeof *rig.started, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return rig.started == MAP_FAILED;
}

static int
tear_down(void **state)
{
    (void)state;
    return munmap(rig.started, sizeof *rig.started);
}

static void
work(void *self, size_t task, struct gw_text *reply)
{
    (void)self;
    __atomic_fetch_add(rig.started, 1, __ATOMIC_SEQ_CST);
    gw_text_format(reply, "%zu:", task);
    gw_text_repeat(reply, (char)('a' + task % 26), task == 3 ? BIG : task);
}

static void
work_badly(void *self, size_t task, struct gw_text *reply)
{
    if (task == 5) {
        fputs("first line\nout of luck\n", stderr);
        signal(SIGABRT, SIG_DFL);
        abort();
    }
    if (task == 11) {
        _exit(7);
    }
    if (task == 12) {
        raise(SIGKILL);
    }
    work(self, task, reply);
}

static bool
on_reply(void *self, size_t task, const struct gw_pool_reply *reply)
{
    (void)self;
    assert_int_equal(task, rig.replied);
    rig.replied++;
    if (reply->bytes == NULL) {
        rig.deaths++;
        snprintf(rig.last_death, sizeof rig.last_death, "%s", reply->death);
        return true;
    }
    struct gw_text wanted = {0};
    work(NULL, task, &wanted);
    assert_int_equal(reply->length, wanted.length);
    assert_memory_equal(reply->bytes, wanted.bytes, wanted.length);
    gw_text_clear(&wanted);
    __atomic_fetch_sub(rig.started, 1, __ATOMIC_SEQ_CST);
    return task != rig.refuse_at;
}

static bool
on_wait(void *self, size_t done)
{
    size_t ahead = *rig.started - done;

    (void)self;
    rig.most_ahead = ahead > rig.most_ahead && ahead < SIZE_MAX / 2 ? ahead : rig.most_ahead;
    return done >= rig.stop_after;
}

static struct gw_pool
pool_of(size_t workers)
{
    return (struct gw_pool){.tasks = TASKS,
                            .workers = workers,
                            .window = 8,
                            .work = work,
                            .on_reply = on_reply,
                            .on_wait = on_wait};
}

static void
assert_no_children(void)
{
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void
test_in_order(void **state)
{
    (void)state;
    for (size_t workers = 1; workers <= 5; workers++) {
        struct gw_pool pool = pool_of(workers);

        rig.replied = 0;
        *rig.started = 0;
        assert_true(gw_pool_run(&pool, NULL));
        assert_int_equal(rig.replied, TASKS);
        assert_in_range(rig.most_ahead, 0, pool.window);
        assert_no_children();
    }
}

static void
test_crashes_are_contained(void **state)
{
    struct gw_pool pool = pool_of(3);

    (void)state;
    pool.work = work_badly;
    assert_true(gw_pool_run(&pool, NULL));
    assert_int_equal(rig.replied, TASKS);
    assert_int_equal(rig.deaths, 3);
    assert_no_children();
}

static void
test_deaths_are_told(void **state)
{
    struct gw_pool pool = pool_of(1);

    (void)state;
    pool.work = work_badly;
    pool.tasks = 6;
    assert_true(gw_pool_run(&pool, NULL));
    assert_string_equal(rig.last_death, "killed by signal 6 (Aborted): out of luck");
    rig.replied = 0;
    pool.tasks = 12;
    assert_true(gw_pool_run(&pool, NULL));
    assert_string_equal(rig.last_death, "ended with exit status 7");
}

/* Longer than any machine is slow. */
static void
work_slowly(void *self, size_t task, struct gw_text *reply)
{
    if (task == 5 || task == 7) {
        fputs("thinking\n", stderr);
        sleep(600);
    }
    work(self, task, reply);
}

static void
test_late_tasks_are_killed(void **state)
{
    struct gw_pool pool = pool_of(2);

    (void)state;
    pool.work = work_slowly;
    pool.timeout_ns = 1500000000;
    assert_true(gw_pool_run(&pool, NULL));
    assert_int_equal(rig.replied, TASKS);
    assert_int_equal(rig.deaths, 2);
    assert_string_equal(rig.last_death, "killed after more than 1500ms of wall time: thinking");
    assert_no_children();
}

static const char kills_path[] = "test_process_pool.vmstat";

static void
count_kills(int count)
{
    FILE *file = fopen(kills_path, "w");

    assert_non_null(file);
    fprintf(file, "pgfault 12345\noom_kill %d\nthp_split 0\n", count);
    assert_int_equal(fclose(file), 0);
}

static void
work_with_much(void *self, size_t task, struct gw_text *reply)
{
    if (task == 3) {
        raise(SIGKILL);
    }
    if (task == 6) {
        count_kills(3);
        raise(SIGKILL);
    }
    work(self, task, reply);
}

static void
test_kills_for_memory_are_told(void **state)
{
    struct gw_pool pool = pool_of(1);

    (void)state;
    count_kills(2);
    pool.work = work_with_much;
    pool.kills = kills_path;
    pool.tasks = 4;
    assert_true(gw_pool_run(&pool, NULL));
    assert_string_equal(rig.last_death, "killed by signal 9 (Killed)");
    rig.replied = 0;
    pool.tasks = 7;
    assert_true(gw_pool_run(&pool, NULL));
    assert_string_equal(rig.last_death,
                        "killed by signal 9 (Killed), probably by the kernel, which ran out of"
                        " memory: try fewer jobs (-j)");
    assert_int_equal(remove(kills_path), 0);
}

static void
test_stop_finishes_what_is_in_flight(void **state)
{
    struct gw_pool pool = pool_of(2);
    struct gw_error err;

    (void)state;
    rig.stop_after = 4;
    assert_false(gw_pool_run(&pool, &err));
    assert_int_equal(err.code, GW_ECANCELED);
    assert_in_range(rig.replied, 4, 4 + pool.window + 2);
    assert_int_equal(rig.deaths, 0);
    assert_no_children();
}

static void
test_refusal_stops_at_once(void **state)
{
    struct gw_pool pool = pool_of(2);
    struct gw_error err;

    (void)state;
    rig.refuse_at = 3;
    assert_false(gw_pool_run(&pool, &err));
    assert_int_equal(err.code, GW_ECANCELED);
    assert_int_equal(rig.replied, 4);
    assert_no_children();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_crashes_are_contained, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_deaths_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_late_tasks_are_killed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_kills_for_memory_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stop_finishes_what_is_in_flight, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refusal_stops_at_once, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
