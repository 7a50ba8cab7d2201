/* switchover.c - the last act of every architecture: one atomic point, one way back.
 *
 * Source    standard protocol: stun and drain; final copy and flush;
 *           "prepared"; commit record (the atomic point); resume; limit 100 s (VMware KB 1010045).
 * Decides   an error of the commit write does not tell whether the record is there, so it is read
 *           back; only a record that can be read decides. While it cannot be read nobody runs.
 * Invariant resume(GW_TARGET) only after a commit record was written or read back.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/switchover.h"

enum { RECORD_BYTES_MIN = 512 };

static const int64_t CHECK_INTERVAL_NS = 1000000000;

static void step_done(void *owner, struct gw_io *io);

void
gw_switchover_init(struct gw_switchover *over, const struct gw_ports *ports,
                   const struct gw_switchover_owner *calls, void *owner)
{
    *over = (struct gw_switchover){.ports = ports, .calls = calls, .owner = owner};
}

static int64_t
now_ns(const struct gw_switchover *over)
{
    return over->ports->clock->ops->now_ns(over->ports->clock);
}

static void
arm_limit(struct gw_switchover *over)
{
    over->stunned_ns = now_ns(over);
    over->ports->clock->ops->arm(over->ports->clock, GW_TIMER_SWITCHOVER,
                                 over->stunned_ns + over->ports->common->switchover_limit_ns);
    over->ports->report->ops->phase(over->ports->report, GW_PHASE_SWITCH_OVER);
}

void
gw_switchover_begin(struct gw_switchover *over)
{
    arm_limit(over);
    over->step = GW_SWITCHOVER_DRAIN;
    over->ports->guest->ops->pause(over->ports->guest, GW_STUN_SWITCHOVER);
}

void
gw_switchover_begin_stunned(struct gw_switchover *over)
{
    arm_limit(over);
    over->step = GW_SWITCHOVER_COPY;
    over->calls->final_copy(over->owner);
}

static void
submit(struct gw_switchover *over, struct gw_disk *disk, enum gw_io_op op, enum gw_record record)
{
    int64_t bytes = disk->granule_bytes < RECORD_BYTES_MIN ? RECORD_BYTES_MIN : disk->granule_bytes;

    over->io = (struct gw_io){.op = op,
                              .extent = {0, op == GW_IO_FLUSH ? 0 : bytes},
                              .purpose = GW_FOR_METADATA,
                              .record = record,
                              .done = step_done,
                              .owner = over};
    over->io_pending = true;
    disk->ops->submit(disk, &over->io);
}

static void
back(struct gw_switchover *over)
{
    over->ports->clock->ops->disarm(over->ports->clock, GW_TIMER_SWITCHOVER);
    over->step = GW_SWITCHOVER_BACK;
    over->ports->guest->ops->resume(over->ports->guest, GW_SOURCE);
}

static void
forward(struct gw_switchover *over)
{
    over->ports->clock->ops->disarm(over->ports->clock, GW_TIMER_SWITCHOVER);
    over->step = GW_SWITCHOVER_RESUME;
    over->code = GW_OK;
    over->ports->guest->ops->resume(over->ports->guest, GW_TARGET);
}

static void
flush_next(struct gw_switchover *over)
{
    if (over->disk < over->ports->disk_count) {
        submit(over, over->ports->target[over->disk], GW_IO_FLUSH, GW_RECORD_NONE);
        return;
    }
    over->step = GW_SWITCHOVER_PREPARE;
    submit(over, over->ports->target_home, GW_IO_WRITE, GW_RECORD_PREPARED);
}

void
gw_switchover_copied(struct gw_switchover *over, enum gw_code result)
{
    gw_assert(over->step == GW_SWITCHOVER_COPY);
    if (result != GW_OK && !over->back_wanted) {
        over->code = result;
        over->reason = "final copy failed";
        over->back_wanted = true;
    }
    if (over->back_wanted) {
        back(over);
        return;
    }
    over->step = GW_SWITCHOVER_FLUSH;
    over->disk = 0;
    flush_next(over);
}

static void
check_record(struct gw_switchover *over)
{
    over->step = GW_SWITCHOVER_CHECK;
    submit(over, over->ports->target_home, GW_IO_READ, GW_RECORD_NONE);
}

/* The record was read back, or could not be read: then ask again later. */
static void
checked(struct gw_switchover *over)
{
    if (over->io.result != GW_OK) {
        over->ports->clock->ops->arm(over->ports->clock, GW_TIMER_RECORD,
                                     now_ns(over) + CHECK_INTERVAL_NS);
        return;
    }
    if (over->io.record == GW_RECORD_COMMITTED) {
        forward(over);
        return;
    }
    back(over);
}

static void
failed(struct gw_switchover *over, const char *reason)
{
    over->code = over->io.result;
    over->reason = reason;
    back(over);
}

static void
step_done(void *owner, struct gw_io *io)
{
    struct gw_switchover *over = owner;

    over->io_pending = false;
    if (over->step == GW_SWITCHOVER_CHECK) {
        checked(over);
        return;
    }
    if (over->step == GW_SWITCHOVER_COMMIT) {
        if (io->result == GW_OK) {
            forward(over);
            return;
        }
        over->code = io->result;
        over->reason = "commit record could not be written";
        check_record(over);
        return;
    }
    if (over->back_wanted) {
        back(over);
        return;
    }
    if (io->result != GW_OK) {
        failed(over, over->step == GW_SWITCHOVER_FLUSH ? "flush of the target failed"
                                                       : "prepared record could not be written");
        return;
    }
    if (over->step == GW_SWITCHOVER_FLUSH) {
        over->disk++;
        flush_next(over);
        return;
    }
    gw_assert(over->step == GW_SWITCHOVER_PREPARE);
    over->step = GW_SWITCHOVER_COMMIT;
    submit(over, over->ports->target_home, GW_IO_WRITE, GW_RECORD_COMMITTED);
}

bool
gw_switchover_abort(struct gw_switchover *over, enum gw_code code, const char *reason)
{
    if (over->step == GW_SWITCHOVER_OFF || over->step >= GW_SWITCHOVER_COMMIT) {
        return false;
    }
    if (!over->back_wanted) {
        over->back_wanted = true;
        over->code = code;
        over->reason = reason;
    }
    return true;
}

bool
gw_switchover_aborted(const struct gw_switchover *over)
{
    return over->back_wanted;
}

bool
gw_switchover_on_paused(struct gw_switchover *over)
{
    if (over->step != GW_SWITCHOVER_DRAIN) {
        return false;
    }
    over->step = GW_SWITCHOVER_COPY;
    if (over->back_wanted) {
        back(over);
        return true;
    }
    over->calls->final_copy(over->owner);
    return true;
}

bool
gw_switchover_on_resumed(struct gw_switchover *over)
{
    enum gw_side side = over->step == GW_SWITCHOVER_RESUME ? GW_TARGET : GW_SOURCE;

    if (over->step != GW_SWITCHOVER_RESUME && over->step != GW_SWITCHOVER_BACK) {
        return false;
    }
    over->step = GW_SWITCHOVER_DONE;
    over->ports->report->ops->observe(over->ports->report, GW_OBSERVE_STUN_NS,
                                      now_ns(over) - over->stunned_ns);
    over->calls->over(over->owner, side, over->code, over->reason);
    return true;
}

bool
gw_switchover_on_timer(struct gw_switchover *over, uint32_t timer)
{
    if (timer == GW_TIMER_RECORD) {
        check_record(over);
        return true;
    }
    if (timer == GW_TIMER_SWITCHOVER) {
        gw_switchover_abort(over, GW_ECANCELED, "switch-over took longer than its limit");
        return true;
    }
    return false;
}
