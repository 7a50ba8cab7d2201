/* limiter.c - `kind: limiter`: token buckets on bytes and IOs a second before a child.
 *
 * Idea       A bucket is one moment, `paid`: the time up to which the traffic so far has used the
 *            rate (virtual scheduling of ITU-T I.371). A request of cost c may pass at t when
 *            paid + min(c, burst) <= t + burst; then paid = max(paid, t) + c. With `borrow` it
 *            may pass as soon as paid <= t + burst, whatever it costs: QEMU's leaky bucket.
 *            Reads and writes wait in two queues that take turns on the shared budget, or in
 *            one; inside a queue, in order of arrival or round robin over flows.
 * Source     QEMU util/throttle.c and block/throttle-groups.c (behaviour, not code).
 * Invariant  without borrow, bytes passed in any window of w <= rate * (w + burst), as long as no
 *            request is larger than rate * burst; with borrow, one request more.
 *            A head that the shared budget holds back is not overtaken by the other queue.
 * Cost       O(1) a request; an event only when something has to wait.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>

#include "models/admission.h"
#include "models/pace.h"
#include "models/request_pool.h"
#include "models/turnstile.h"

extern const struct gw_device_kind gw_limiter_kind;

enum { BUCKET_TOTAL, BUCKET_READ, BUCKET_WRITE, BUCKET_COUNT };
enum { QUEUES_SPLIT, QUEUES_SINGLE, QUEUES_TIMED };
enum { ORDER_ARRIVAL, ORDER_FLOWS };

struct limiter_settings {
    int64_t rate[BUCKET_COUNT];
    double iops[BUCKET_COUNT];
    int64_t burst_ns, tick_ns, late_ns;
    bool borrow;
    int queues, order;
};

struct bucket {
    struct gw_pace pace;
    int64_t paid_ns;
    uint32_t paid_fraction; /* of a ns, times 2^32 */
};

struct limiter {
    struct gw_device device;
    struct gw_ledger ledger;
    struct gw_device *backing;
    struct gw_request_pool pool;
    struct gw_event due;
    struct bucket bytes[BUCKET_COUNT], ios[BUCKET_COUNT];
    int64_t burst_ns, tick_ns, late_ns;
    bool borrow, by_flow, timed;
    unsigned lanes, turn;
    struct gw_turnstile lane[2];
    int64_t timer_ns[2]; /* timed: when a lane's timer is due, or GW_TIME_NEVER */
    int armed_first;     /* lane whose timer was set before the other's */
};

static const char *const disciplines[] = {"split", "single", "timed", NULL};
static const char *const orders[] = {"arrival", "flows", NULL};

#define ROW(key, type, field, preset, choices, help)                                               \
    {                                                                                              \
        key, type, offsetof(struct limiter_settings, field), preset, NULL, NULL, choices, help     \
    }

static const struct gw_setting settings_table[] = {
    ROW("rate", GW_SETTING_RATE, rate[BUCKET_TOTAL], "0B/s", NULL,
        "bytes a second of reads and writes together; 0B/s means no limit"),
    ROW("read_rate", GW_SETTING_RATE, rate[BUCKET_READ], "0B/s", NULL, "bytes a second of reads"),
    ROW("write_rate", GW_SETTING_RATE, rate[BUCKET_WRITE], "0B/s", NULL,
        "bytes a second of writes"),
    ROW("iops", GW_SETTING_IOPS, iops[BUCKET_TOTAL], "0/s", NULL,
        "reads and writes a second, whatever their size; 0/s means no limit"),
    ROW("read_iops", GW_SETTING_IOPS, iops[BUCKET_READ], "0/s", NULL, "reads a second"),
    ROW("write_iops", GW_SETTING_IOPS, iops[BUCKET_WRITE], "0/s", NULL, "writes a second"),
    ROW("burst", GW_SETTING_TIME, burst_ns, "100ms", NULL,
        "time of unused rate that may be saved up; buckets start full"),
    ROW("borrow", GW_SETTING_FLAG, borrow, "true", NULL,
        "a request passes when the bucket is not overdrawn, whatever its size (QEMU)"),
    ROW("queues", GW_SETTING_CHOICE, queues, "split", disciplines,
        "reads and writes wait apart and take turns, in a single queue, or apart with a timer "
        "each"),
    ROW("order", GW_SETTING_CHOICE, order, "arrival", orders,
        "inside a queue: by arrival, or round robin over flows"),
    ROW("tick", GW_SETTING_TIME, tick_ns, "0s", NULL,
        "timed: timers are slept for in whole ticks; 0s: exactly"),
    ROW("late", GW_SETTING_TIME, late_ns, "0s", NULL, "timed: such a sleep lasts so much longer"),
    GW_SETTING_END,
};

#undef ROW

static struct limiter *
limiter_of(struct gw_device *device)
{
    return gw_container(device, struct limiter, device);
}

/* Earliest moment at which `units` may pass. */
static int64_t
ready_ns(const struct limiter *limiter, const struct bucket *bucket, int64_t units)
{
    int64_t need_ns = 0;

    if (bucket->pace.unit_cost == 0) {
        return 0;
    }
    if (!limiter->borrow) {
        need_ns = gw_pace_ns(bucket->pace, units);
        need_ns = need_ns < limiter->burst_ns ? need_ns : limiter->burst_ns;
    }
    return bucket->paid_ns + (bucket->paid_fraction > 0) + need_ns - limiter->burst_ns;
}

static void
charge(struct bucket *bucket, int64_t units, int64_t now_ns)
{
    gw_u128 paid;

    if (bucket->pace.unit_cost == 0) {
        return;
    }
    if (bucket->paid_ns < now_ns) {
        bucket->paid_ns = now_ns;
        bucket->paid_fraction = 0;
    }
    paid = bucket->paid_fraction + gw_pace_cost(bucket->pace, units);
    bucket->paid_ns += (int64_t)(paid >> 32);
    bucket->paid_fraction = (uint32_t)paid;
}

static int64_t
later(int64_t a_ns, int64_t b_ns)
{
    return a_ns > b_ns ? a_ns : b_ns;
}

static int
direction(const struct gw_request *request)
{
    return request->op == GW_IO_READ ? BUCKET_READ : BUCKET_WRITE;
}

static int64_t
ready_in_ns(const struct limiter *limiter, const struct gw_request *request, int which)
{
    return later(ready_ns(limiter, &limiter->bytes[which], request->length_bytes),
                 ready_ns(limiter, &limiter->ios[which], 1));
}

static void run_timers(struct limiter *limiter);

static void
passed_on(struct gw_request *request)
{
    struct gw_subrequest *sub = gw_subrequest_of(request);
    struct gw_request *parent = sub->parent;
    struct limiter *limiter = limiter_of(sub->owner);

    parent->result = request->result;
    gw_request_pool_give(&limiter->pool, sub);
    gw_device_release(&limiter->ledger, parent);
    if (limiter->timed) {
        run_timers(limiter);
    }
}

static void
forward(struct limiter *limiter, struct gw_request *request)
{
    gw_subrequest_send(gw_request_pool_take(&limiter->pool, &limiter->device, request),
                       limiter->backing, passed_on);
}

static void
pay(struct limiter *limiter, const struct gw_request *request)
{
    int64_t now_ns = limiter->device.agenda->now_ns;
    int which = direction(request);

    limiter->ledger.stats.queue_ns += now_ns - request->arrived_ns;
    charge(&limiter->bytes[BUCKET_TOTAL], request->length_bytes, now_ns);
    charge(&limiter->bytes[which], request->length_bytes, now_ns);
    charge(&limiter->ios[BUCKET_TOTAL], 1, now_ns);
    charge(&limiter->ios[which], 1, now_ns);
}

/* Lets one request pass; false when none may, with the moment to look again in *wake_ns. */
static bool
pass_one(struct limiter *limiter, int64_t *wake_ns)
{
    int64_t now_ns = limiter->device.agenda->now_ns;

    *wake_ns = GW_TIME_NEVER;
    for (unsigned i = 0; i < limiter->lanes; i++) {
        unsigned lane = (limiter->turn + i) % limiter->lanes;
        struct gw_request *head = gw_turnstile_head(&limiter->lane[lane]);
        int64_t shared_ns, all_ns;

        if (head == NULL) {
            continue;
        }
        shared_ns = ready_in_ns(limiter, head, BUCKET_TOTAL);
        all_ns = later(shared_ns, ready_in_ns(limiter, head, direction(head)));
        if (all_ns <= now_ns) {
            gw_turnstile_pop(&limiter->lane[lane]);
            limiter->turn = (lane + 1) % limiter->lanes;
            pay(limiter, head);
            forward(limiter, head);
            return true;
        }
        *wake_ns = all_ns < *wake_ns ? all_ns : *wake_ns;
        if (shared_ns > now_ns) {
            break;
        }
    }
    return false;
}

static void
run(struct limiter *limiter)
{
    int64_t wake_ns;

    while (pass_one(limiter, &wake_ns)) {
    }
    if (wake_ns != GW_TIME_NEVER) {
        gw_schedule(limiter->device.agenda, &limiter->due, wake_ns);
    }
}

/* ---- a timer for each lane --------------------------------------------------------------------- */

/* Lets the lane's requests pass until the buckets hold one back; then its timer is set for the
 * moment when they would not, were it alone. */
static void
pass_lane(struct limiter *limiter, int lane)
{
    int64_t now_ns = limiter->device.agenda->now_ns;
    struct gw_request *head;

    while ((head = gw_turnstile_head(&limiter->lane[lane])) != NULL) {
        int64_t free_ns = later(ready_in_ns(limiter, head, BUCKET_TOTAL),
                                ready_in_ns(limiter, head, direction(head)));

        if (free_ns > now_ns) {
            limiter->timer_ns[lane] = free_ns;
            limiter->armed_first = limiter->timer_ns[1 - lane] == GW_TIME_NEVER ? lane : 1 - lane;
            return;
        }
        gw_turnstile_pop(&limiter->lane[lane]);
        pay(limiter, head);
        forward(limiter, head);
    }
}

/* The timer asks nobody: what the other lane has taken since it was set is borrowed. */
static void
timer_fired(struct limiter *limiter, int lane)
{
    struct gw_request *head = gw_turnstile_head(&limiter->lane[lane]);

    limiter->timer_ns[lane] = GW_TIME_NEVER;
    if (head != NULL) {
        gw_turnstile_pop(&limiter->lane[lane]);
        pay(limiter, head);
        forward(limiter, head);
        pass_lane(limiter, lane);
    }
}

/* When the loop that sleeps from now on wakes for a timer. */
static int64_t
wake_ns(const struct limiter *limiter, int64_t timer_ns)
{
    int64_t now_ns = limiter->device.agenda->now_ns;
    int64_t sleep_ns = timer_ns - now_ns;

    if (limiter->tick_ns > 0) {
        sleep_ns = (sleep_ns + limiter->tick_ns - 1) / limiter->tick_ns * limiter->tick_ns;
    }
    return now_ns + sleep_ns + limiter->late_ns;
}

/* The lane whose timer is due first; of equal ones, the one that was set first. */
static int
next_lane(const struct limiter *limiter)
{
    int first = limiter->armed_first;

    return limiter->timer_ns[1 - first] < limiter->timer_ns[first] ? 1 - first : first;
}

/* What the loop does whenever something has woken it. */
static void
run_timers(struct limiter *limiter)
{
    int64_t now_ns = limiter->device.agenda->now_ns;
    int first;

    for (;;) {
        first = next_lane(limiter);
        if (limiter->timer_ns[first] > now_ns) {
            break;
        }
        timer_fired(limiter, first);
    }
    gw_cancel(limiter->device.agenda, &limiter->due);
    if (limiter->timer_ns[first] != GW_TIME_NEVER) {
        gw_schedule(limiter->device.agenda, &limiter->due,
                    wake_ns(limiter, limiter->timer_ns[first]));
    }
}

static void
submit_timed(struct limiter *limiter, struct gw_request *request)
{
    int lane = request->op != GW_IO_READ;

    gw_turnstile_push(&limiter->lane[lane], request, limiter->by_flow ? request->flow : 0);
    if (limiter->timer_ns[lane] == GW_TIME_NEVER) {
        pass_lane(limiter, lane);
    }
    run_timers(limiter);
}

static void
due(struct gw_event *event)
{
    struct limiter *limiter = gw_container(event, struct limiter, due);

    if (limiter->timed) {
        run_timers(limiter);
        return;
    }
    run(limiter);
}

static void
submit(struct gw_device *device, struct gw_request *request)
{
    struct limiter *limiter = limiter_of(device);
    struct gw_turnstile *lane;
    bool was_empty;

    if (!gw_device_admit(device, &limiter->ledger, request)) {
        return;
    }
    if (request->op == GW_IO_FLUSH || request->op == GW_IO_STATUS) {
        forward(limiter, request);
        return;
    }
    if (limiter->timed) {
        submit_timed(limiter, request);
        return;
    }
    lane = &limiter->lane[limiter->lanes == 2 && request->op != GW_IO_READ];
    was_empty = gw_turnstile_head(lane) == NULL;
    gw_turnstile_push(lane, request, limiter->by_flow ? request->flow : 0);
    if (was_empty) {
        gw_cancel(device->agenda, &limiter->due);
        run(limiter);
    }
}

static void
stats(const struct gw_device *device, struct gw_device_stats *out)
{
    gw_ledger_report(&gw_device_self(device, struct limiter)->ledger, device->agenda->now_ns, out);
}

static void
destroy(struct gw_device *device)
{
    struct limiter *limiter = limiter_of(device);

    gw_cancel(device->agenda, &limiter->due);
    limiter->backing->destroy(limiter->backing);
    gw_turnstile_stop(&limiter->lane[0]);
    gw_turnstile_stop(&limiter->lane[1]);
    gw_request_pool_stop(&limiter->pool);
    free(limiter);
}

static bool
check(const struct limiter_settings *given, struct gw_error *err)
{
    for (int which = 0; which < BUCKET_COUNT; which++) {
        if (given->iops[which] > 0 && given->iops[which] < 1) {
            return gw_fail(err, GW_EINVAL, "iops %g/s: must be 0/s or at least 1/s",
                           given->iops[which]);
        }
    }
    return true;
}

/* IOPS may have a fraction, so they are paced in thousandths of an IO. */
static struct gw_pace
pace_of_iops(double iops)
{
    struct gw_pace pace = gw_pace_of((int64_t)(iops * 1000.0 + 0.5));

    pace.unit_cost *= 1000;
    return pace;
}

static struct gw_device *
create(const struct gw_device_context *context, const void *settings, struct gw_device **children,
       struct gw_error *err)
{
    const struct limiter_settings *given = settings;
    struct limiter *limiter;

    if (!check(given, err)) {
        return NULL;
    }
    limiter = calloc(1, sizeof *limiter);
    if (limiter == NULL) {
        gw_fail(err, GW_ENOMEM, "out of memory for device %s", context->name);
        return NULL;
    }
    limiter->device = (struct gw_device){
        .kind = &gw_limiter_kind,
        .agenda = context->agenda,
        .capacity_bytes = children[0]->capacity_bytes,
        .submit = submit,
        .stats = stats,
        .destroy = destroy,
    };
    limiter->backing = children[0];
    gw_request_pool_start(&limiter->pool, sizeof(struct gw_subrequest));
    limiter->due.fire = due;
    for (int which = 0; which < BUCKET_COUNT; which++) {
        limiter->bytes[which].pace = gw_pace_of(given->rate[which]);
        limiter->ios[which].pace = pace_of_iops(given->iops[which]);
    }
    limiter->burst_ns = given->burst_ns;
    limiter->borrow = given->borrow;
    limiter->by_flow = given->order == ORDER_FLOWS;
    limiter->lanes = given->queues == QUEUES_SINGLE ? 1 : 2;
    limiter->timed = given->queues == QUEUES_TIMED;
    limiter->tick_ns = given->tick_ns;
    limiter->late_ns = given->late_ns;
    limiter->timer_ns[0] = limiter->timer_ns[1] = GW_TIME_NEVER;
    return &limiter->device;
}

static const char *const child_keys[] = {"backing", NULL};

const struct gw_device_kind gw_limiter_kind = {
    .name = "limiter",
    .title = "token buckets on bytes and IOs a second",
    .source = "QEMU throttle groups; ITU-T I.371 virtual scheduling",
    .settings = settings_table,
    .settings_bytes = sizeof(struct limiter_settings),
    .children = child_keys,
    .create = create,
};
