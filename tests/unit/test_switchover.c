/* test_switchover.c - pins: the order of the last act, the atomic point, and every way back: a
 * failed copy, flush or record, the limit, an abort, and a commit of which nobody knows whether
 * it happened. Does not pin: what owners copy last.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "algorithms/switchover.h"
#include "tests/support/port_rig.h"

static struct port_rig rig;
static struct gw_switchover over;
static int copies, ends;
static enum gw_side end_side;
static enum gw_code end_code;
static const char *end_reason;

static void
final_copy(void *owner)
{
    (void)owner;
    copies++;
}

static void
ended(void *owner, enum gw_side side, enum gw_code code, const char *reason)
{
    (void)owner;
    ends++;
    end_side = side;
    end_code = code;
    end_reason = reason;
}

static const struct gw_switchover_owner calls = {final_copy, ended};

static int
set_up(void **state)
{
    (void)state;
    port_rig_start(&rig, 2);
    copies = ends = 0;
    end_reason = NULL;
    gw_switchover_init(&over, &rig.ports, &calls, NULL);
    return 0;
}

/* Up to the moment at which flushes begin. */
static void
reach_flush(void)
{
    gw_switchover_begin(&over);
    assert_true(gw_switchover_on_paused(&over));
    assert_int_equal(copies, 1);
    gw_switchover_copied(&over, GW_OK);
}

static void
reach_commit(void)
{
    reach_flush();
    port_rig_finish(&rig, 0, GW_OK);
    port_rig_finish(&rig, 0, GW_OK);
    port_rig_finish(&rig, 0, GW_OK);
    assert_int_equal(rig.queue[0]->record, GW_RECORD_COMMITTED);
}

static void
expect_end(enum gw_side side, enum gw_code code)
{
    assert_int_equal(rig.queued, 0);
    assert_int_equal(rig.resumes, 1);
    assert_int_equal(rig.side, side);
    assert_int_equal(ends, 0);
    assert_int_equal(rig.timer_ns[GW_TIMER_SWITCHOVER], -1);
    assert_true(gw_switchover_on_resumed(&over));
    assert_int_equal(ends, 1);
    assert_int_equal(end_side, side);
    assert_int_equal(end_code, code);
    assert_int_equal(rig.stuns, 1);
    assert_false(gw_switchover_on_resumed(&over));
}

static void
the_order_of_steps(void **state)
{
    (void)state;
    gw_switchover_begin(&over);
    assert_int_equal(rig.pauses, 1);
    assert_int_equal(rig.stun, GW_STUN_SWITCHOVER);
    assert_int_equal(copies, 0);
    assert_true(gw_switchover_on_paused(&over));
    assert_int_equal(rig.queued, 0);
    gw_switchover_copied(&over, GW_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(rig.queued, 1);
        assert_int_equal(rig.queue[0]->op, GW_IO_FLUSH);
        assert_ptr_equal(rig.queue[0]->disk, rig.targets[i]);
        port_rig_finish(&rig, 0, GW_OK);
    }
    assert_int_equal(rig.queue[0]->record, GW_RECORD_PREPARED);
    assert_ptr_equal(rig.queue[0]->disk, &rig.home[1].disk);
    port_rig_finish(&rig, 0, GW_OK);
    assert_int_equal(rig.queue[0]->record, GW_RECORD_COMMITTED);
    assert_int_equal(rig.resumes, 0);
    port_rig_finish(&rig, 0, GW_OK);
    assert_int_equal(rig.home[1].record, GW_RECORD_COMMITTED);
    expect_end(GW_TARGET, GW_OK);
}

static void
a_guest_that_is_stunned_already(void **state)
{
    (void)state;
    gw_switchover_begin_stunned(&over);
    assert_int_equal(rig.pauses, 0);
    assert_int_equal(copies, 1);
    assert_false(gw_switchover_on_paused(&over));
    gw_switchover_copied(&over, GW_OK);
    port_rig_finish_all(&rig);
    expect_end(GW_TARGET, GW_OK);
}

static void
a_failed_final_copy_leads_back(void **state)
{
    (void)state;
    gw_switchover_begin(&over);
    gw_switchover_on_paused(&over);
    gw_switchover_copied(&over, GW_ENOSPC);
    expect_end(GW_SOURCE, GW_ENOSPC);
    assert_int_equal(rig.home[1].record, GW_RECORD_NONE);
}

/* Each step before the commit, failing: 0, 1 = flushes, 2 = prepared. */
static void
failures_before_the_commit_lead_back(void **state)
{
    (void)state;
    for (int step = 0; step < 3; step++) {
        set_up(NULL);
        reach_flush();
        for (int i = 0; i < step; i++) {
            port_rig_finish(&rig, 0, GW_OK);
        }
        port_rig_finish(&rig, 0, GW_EIO);
        expect_end(GW_SOURCE, GW_EIO);
        assert_true(rig.home[1].record != GW_RECORD_COMMITTED);
        assert_non_null(end_reason);
    }
}

static void
a_lost_commit_leads_back(void **state)
{
    (void)state;
    reach_commit();
    port_rig_finish(&rig, 0, GW_EIO);
    assert_int_equal(rig.queue[0]->op, GW_IO_READ);
    assert_int_equal(rig.resumes, 0);
    port_rig_finish(&rig, 0, GW_OK);
    expect_end(GW_SOURCE, GW_EIO);
}

static void
a_commit_that_arrived_in_spite_of_its_error(void **state)
{
    (void)state;
    reach_commit();
    rig.home[1].record = GW_RECORD_COMMITTED;
    port_rig_finish(&rig, 0, GW_EIO);
    port_rig_finish(&rig, 0, GW_OK);
    expect_end(GW_TARGET, GW_OK);
}

static void
nobody_runs_while_the_record_cannot_be_read(void **state)
{
    (void)state;
    reach_commit();
    rig.home[1].record = GW_RECORD_COMMITTED;
    port_rig_finish(&rig, 0, GW_EIO);
    for (int i = 1; i <= 3; i++) {
        port_rig_finish(&rig, 0, GW_EIO);
        assert_int_equal(rig.resumes, 0);
        assert_int_equal(rig.timer_ns[GW_TIMER_RECORD], rig.now_ns + 1000000000);
        rig.now_ns = rig.timer_ns[GW_TIMER_RECORD];
        assert_true(gw_switchover_on_timer(&over, GW_TIMER_RECORD));
    }
    assert_false(gw_switchover_abort(&over, GW_ECANCELED, "cancelled"));
    port_rig_finish(&rig, 0, GW_OK);
    expect_end(GW_TARGET, GW_OK);
}

static void
the_limit_leads_back(void **state)
{
    (void)state;
    rig.now_ns = 5;
    reach_flush();
    assert_int_equal(rig.timer_ns[GW_TIMER_SWITCHOVER], 5 + rig.common.switchover_limit_ns);
    assert_true(gw_switchover_on_timer(&over, GW_TIMER_SWITCHOVER));
    assert_int_equal(rig.resumes, 0);
    port_rig_finish(&rig, 0, GW_OK);
    expect_end(GW_SOURCE, GW_ECANCELED);
    assert_non_null(strstr(end_reason, "limit"));
}

static void
an_abort_while_the_guest_drains(void **state)
{
    (void)state;
    gw_switchover_begin(&over);
    assert_true(gw_switchover_abort(&over, GW_ECANCELED, "cancelled"));
    assert_true(gw_switchover_aborted(&over));
    assert_true(gw_switchover_on_paused(&over));
    if (copies == 1) {
        gw_switchover_copied(&over, GW_OK);
    }
    expect_end(GW_SOURCE, GW_ECANCELED);
    assert_string_equal(end_reason, "cancelled");
}

static void
an_abort_during_the_final_copy(void **state)
{
    (void)state;
    gw_switchover_begin(&over);
    gw_switchover_on_paused(&over);
    assert_true(gw_switchover_abort(&over, GW_ECANCELED, "cancelled"));
    assert_int_equal(rig.resumes, 0);
    gw_switchover_copied(&over, GW_OK);
    expect_end(GW_SOURCE, GW_ECANCELED);
}

static void
too_late_to_abort(void **state)
{
    (void)state;
    assert_false(gw_switchover_abort(&over, GW_ECANCELED, "not begun"));
    reach_commit();
    assert_false(gw_switchover_abort(&over, GW_ECANCELED, "cancelled"));
    assert_true(gw_switchover_on_timer(&over, GW_TIMER_SWITCHOVER));
    assert_false(gw_switchover_on_timer(&over, 7));
    port_rig_finish(&rig, 0, GW_OK);
    expect_end(GW_TARGET, GW_OK);
}

#define CASE(name) cmocka_unit_test_setup(name, set_up)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_order_of_steps),
        CASE(a_guest_that_is_stunned_already),
        CASE(a_failed_final_copy_leads_back),
        CASE(failures_before_the_commit_lead_back),
        CASE(a_lost_commit_leads_back),
        CASE(a_commit_that_arrived_in_spite_of_its_error),
        CASE(nobody_runs_while_the_record_cannot_be_read),
        CASE(the_limit_leads_back),
        CASE(an_abort_while_the_guest_drains),
        CASE(an_abort_during_the_final_copy),
        CASE(too_late_to_abort),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
