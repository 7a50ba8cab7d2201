/* stripe.c - `kind: stripe`: members joined as RAID-0, RAID-10 or RAID-5.
 *
 * Idea       The address space is cut into units laid over the columns in turn. With RAID-0 and
 *            RAID-10 the part of a request on one column is contiguous there, so a column gets
 *            one IO however long the request is. RAID-10 has two members a column: writes go to
 *            both, reads to the one with fewer IOs under way. RAID-5 rotates parity
 *            (left-symmetric): a row that is written whole costs a write on each member, any
 *            other row reads old data and old parity first and then writes both.
 * Source     Patterson, Gibson and Katz, SIGMOD 1988; Chen et al., ACM Computing Surveys 26(2),
 *            1994.
 * Departs    No locking of rows between concurrent RAID-5 updates; no reconstruct-write.
 * Invariant  scratch[0] of a request is the number of its member IOs under way.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>

#include "models/admission.h"
#include "models/request_pool.h"

extern const struct gw_device_kind gw_stripe_kind;

enum { LEVEL_RAID0, LEVEL_RAID10, LEVEL_RAID5 };
enum { PHASE_READ_OLD = 1, PHASE_WRITE = 2 };

struct stripe_settings {
    int64_t members, unit_bytes;
    int level;
};

struct stripe {
    struct gw_device device;
    struct gw_ledger ledger;
    struct gw_device **members; /* owned, with the array */
    int64_t *under_way;         /* IOs at each member; owned */
    struct gw_request_pool pool;
    int64_t count, columns, unit_bytes;
    int level;
};

static const char *const levels[] = {"raid0", "raid10", "raid5", NULL};

static const struct gw_setting settings_table[] = {
    {"members", GW_SETTING_COUNT, offsetof(struct stripe_settings, members), "6", "1", "1024", NULL,
     "how many members"},
    {"unit", GW_SETTING_BYTES, offsetof(struct stripe_settings, unit_bytes), "64KiB", "512B",
     "1GiB", NULL, "bytes on a member before the next one's turn"},
    {"level", GW_SETTING_CHOICE, offsetof(struct stripe_settings, level), "raid0", NULL, NULL,
     levels, "how data are laid out"},
    GW_SETTING_END,
};

static struct stripe *
stripe_of(struct gw_device *device)
{
    return gw_container(device, struct stripe, device);
}

static void write_new(struct stripe *stripe, struct gw_request *request);

static void
member_done(struct gw_request *request)
{
    struct gw_subrequest *sub = gw_subrequest_of(request);
    struct gw_request *parent = sub->parent;
    struct stripe *stripe = stripe_of(sub->owner);

    stripe->under_way[request->tag]--;
    if (parent->result == GW_OK) {
        parent->result = request->result;
    }
    gw_request_pool_give(&stripe->pool, sub);
    if (--parent->scratch[0] > 0) {
        return;
    }
    if (parent->scratch[1] == PHASE_READ_OLD && parent->result == GW_OK) {
        write_new(stripe, parent);
        return;
    }
    gw_device_release(&stripe->ledger, parent);
}

/* One member IO of `request`; the op is the request's own unless it is a read of old data. */
static void
send(struct stripe *stripe, struct gw_request *request, enum gw_io_op op, int64_t member,
     struct gw_extent extent)
{
    struct gw_subrequest *sub = gw_request_pool_take(&stripe->pool, &stripe->device, request);

    sub->request.op = op;
    sub->request.tag = (uint32_t)member;
    sub->request.offset_bytes = extent.offset_bytes;
    sub->request.length_bytes = extent.length_bytes;
    request->scratch[0]++;
    stripe->under_way[member]++;
    gw_subrequest_send(sub, stripe->members[member], member_done);
}

/* ---- RAID-0 and RAID-10 ---- */

static void
send_to_column(struct stripe *stripe, struct gw_request *request, int64_t column,
               struct gw_extent extent)
{
    int64_t member = column;

    if (stripe->level == LEVEL_RAID10) {
        member = 2 * column;
        if (request->op != GW_IO_READ) {
            send(stripe, request, request->op, member + 1, extent);
        } else if (stripe->under_way[member + 1] < stripe->under_way[member]) {
            member++;
        }
    }
    send(stripe, request, request->op, member, extent);
}

static void
spread(struct stripe *stripe, struct gw_request *request)
{
    int64_t unit = stripe->unit_bytes;
    int64_t end_bytes = request->offset_bytes + request->length_bytes;
    int64_t first = request->offset_bytes / unit;
    int64_t last = (end_bytes - 1) / unit;

    for (int64_t chunk = first; chunk <= last && chunk < first + stripe->columns; chunk++) {
        int64_t chunks = (last - chunk) / stripe->columns + 1;
        int64_t last_here = chunk + (chunks - 1) * stripe->columns;
        int64_t begin = chunk / stripe->columns * unit;
        int64_t end = begin + chunks * unit;

        if (chunk == first) {
            begin += request->offset_bytes - first * unit;
        }
        if (last_here == last) {
            end -= (last + 1) * unit - end_bytes;
        }
        send_to_column(stripe, request, chunk % stripe->columns,
                       (struct gw_extent){begin, end - begin});
    }
}

/* ---- RAID-5 ---- */

/* The part of a row that a request touches, in data bytes of that row. */
struct row_part {
    int64_t row;
    int64_t begin_bytes, end_bytes;
};

static struct row_part
part_of_row(const struct stripe *stripe, const struct gw_request *request, int64_t row)
{
    int64_t row_bytes = stripe->columns * stripe->unit_bytes;
    int64_t begin = request->offset_bytes - row * row_bytes;
    int64_t end = begin + request->length_bytes;

    return (struct row_part){row, begin > 0 ? begin : 0, end < row_bytes ? end : row_bytes};
}

static void
send_data(struct stripe *stripe, struct gw_request *request, enum gw_io_op op, struct row_part part)
{
    int64_t unit = stripe->unit_bytes;
    int64_t parity = stripe->count - 1 - part.row % stripe->count;

    for (int64_t begin = part.begin_bytes; begin < part.end_bytes;) {
        int64_t chunk = begin / unit;
        int64_t end = (chunk + 1) * unit < part.end_bytes ? (chunk + 1) * unit : part.end_bytes;

        send(stripe, request, op, (parity + 1 + chunk) % stripe->count,
             (struct gw_extent){part.row * unit + begin % unit, end - begin});
        begin = end;
    }
}

static void
send_parity(struct stripe *stripe, struct gw_request *request, enum gw_io_op op,
            struct row_part part)
{
    int64_t unit = stripe->unit_bytes;
    int64_t parity = stripe->count - 1 - part.row % stripe->count;
    bool one_chunk = part.begin_bytes / unit == (part.end_bytes - 1) / unit;
    int64_t begin = one_chunk ? part.begin_bytes % unit : 0;
    int64_t length = one_chunk ? part.end_bytes - part.begin_bytes : unit;

    send(stripe, request, op, parity, (struct gw_extent){part.row * unit + begin, length});
}

static int64_t
last_row(const struct stripe *stripe, const struct gw_request *request)
{
    return (request->offset_bytes + request->length_bytes - 1) /
           (stripe->columns * stripe->unit_bytes);
}

static void
write_new(struct stripe *stripe, struct gw_request *request)
{
    int64_t row_bytes = stripe->columns * stripe->unit_bytes;
    int64_t last = last_row(stripe, request);

    request->scratch[1] = PHASE_WRITE;
    for (int64_t row = request->offset_bytes / row_bytes; row <= last; row++) {
        struct row_part part = part_of_row(stripe, request, row);

        send_data(stripe, request, request->op, part);
        send_parity(stripe, request, request->op, part);
    }
}

static void
read_old(struct stripe *stripe, struct gw_request *request)
{
    int64_t row_bytes = stripe->columns * stripe->unit_bytes;
    int64_t last = last_row(stripe, request);

    request->scratch[1] = PHASE_READ_OLD;
    for (int64_t row = request->offset_bytes / row_bytes; row <= last; row++) {
        struct row_part part = part_of_row(stripe, request, row);

        if (part.end_bytes - part.begin_bytes < row_bytes) {
            send_data(stripe, request, GW_IO_READ, part);
            send_parity(stripe, request, GW_IO_READ, part);
        }
    }
    if (request->scratch[0] == 0) {
        write_new(stripe, request);
    }
}

static void
pass_rows(struct stripe *stripe, struct gw_request *request)
{
    int64_t row_bytes = stripe->columns * stripe->unit_bytes;
    int64_t last = last_row(stripe, request);

    for (int64_t row = request->offset_bytes / row_bytes; row <= last; row++) {
        send_data(stripe, request, request->op, part_of_row(stripe, request, row));
    }
}

/* ---- the kind ---- */

static void
submit(struct gw_device *device, struct gw_request *request)
{
    struct stripe *stripe = stripe_of(device);

    if (!gw_device_admit(device, &stripe->ledger, request)) {
        return;
    }
    request->scratch[0] = 0;
    request->scratch[1] = PHASE_WRITE;
    if (request->op == GW_IO_FLUSH) {
        for (int64_t member = 0; member < stripe->count; member++) {
            send(stripe, request, GW_IO_FLUSH, member, (struct gw_extent){0, 0});
        }
        return;
    }
    if (stripe->level != LEVEL_RAID5) {
        spread(stripe, request);
        return;
    }
    if (request->op == GW_IO_WRITE || request->op == GW_IO_ZERO) {
        read_old(stripe, request);
        return;
    }
    pass_rows(stripe, request);
}

static void
stats(const struct gw_device *device, struct gw_device_stats *out)
{
    gw_ledger_report(&gw_device_self(device, struct stripe)->ledger, device->agenda->now_ns, out);
}

static void
release_parts(struct stripe *stripe)
{
    gw_request_pool_stop(&stripe->pool);
    free(stripe->members);
    free(stripe->under_way);
    free(stripe);
}

static void
destroy(struct gw_device *device)
{
    struct stripe *stripe = stripe_of(device);

    for (int64_t i = 0; i < stripe->count; i++) {
        stripe->members[i]->destroy(stripe->members[i]);
    }
    release_parts(stripe);
}

static bool
check(const struct stripe_settings *given, struct gw_error *err)
{
    if (given->level == LEVEL_RAID10 && given->members % 2 != 0) {
        return gw_fail(err, GW_EINVAL, "members %lld: raid10 takes an even number",
                       (long long)given->members);
    }
    if (given->level == LEVEL_RAID5 && given->members < 3) {
        return gw_fail(err, GW_EINVAL, "members %lld: raid5 takes at least 3",
                       (long long)given->members);
    }
    return true;
}

static int64_t
capacity(const struct stripe *stripe)
{
    int64_t least = GW_CAPACITY_ANY;

    for (int64_t i = 0; i < stripe->count; i++) {
        if (stripe->members[i]->capacity_bytes < least) {
            least = stripe->members[i]->capacity_bytes;
        }
    }
    gw_assert(stripe->unit_bytes > 0 && stripe->columns > 0);
    if (least / stripe->unit_bytes > GW_CAPACITY_ANY / stripe->unit_bytes / stripe->columns) {
        return GW_CAPACITY_ANY;
    }
    return least / stripe->unit_bytes * stripe->unit_bytes * stripe->columns;
}

static struct gw_device *
create(const struct gw_device_context *context, const void *settings, struct gw_device **children,
       struct gw_error *err)
{
    static const int64_t spare[] = {[LEVEL_RAID0] = 0, [LEVEL_RAID10] = 0, [LEVEL_RAID5] = 1};
    const struct stripe_settings *given = settings;
    struct stripe *stripe;

    if (!check(given, err)) {
        return NULL;
    }
    stripe = calloc(1, sizeof *stripe);
    if (stripe == NULL) {
        gw_fail(err, GW_ENOMEM, "out of memory for device %s", context->name);
        return NULL;
    }
    gw_request_pool_start(&stripe->pool, sizeof(struct gw_subrequest));
    stripe->members = calloc((size_t)given->members, sizeof *stripe->members);
    stripe->under_way = calloc((size_t)given->members, sizeof *stripe->under_way);
    if (stripe->members == NULL || stripe->under_way == NULL) {
        release_parts(stripe);
        gw_fail(err, GW_ENOMEM, "out of memory for device %s", context->name);
        return NULL;
    }
    stripe->count = given->members;
    stripe->level = given->level;
    stripe->unit_bytes = given->unit_bytes;
    stripe->columns =
        given->level == LEVEL_RAID10 ? given->members / 2 : given->members - spare[given->level];
    for (int64_t i = 0; i < stripe->count; i++) {
        stripe->members[i] = children[i];
    }
    stripe->device = (struct gw_device){
        .kind = &gw_stripe_kind,
        .agenda = context->agenda,
        .capacity_bytes = capacity(stripe),
        .submit = submit,
        .stats = stats,
        .destroy = destroy,
    };
    return &stripe->device;
}

static const char *const child_keys[] = {"member", NULL};

const struct gw_device_kind gw_stripe_kind = {
    .name = "stripe",
    .title = "members joined as RAID-0, RAID-10 or RAID-5",
    .source = "Patterson, Gibson and Katz, SIGMOD 1988",
    .settings = settings_table,
    .settings_bytes = sizeof(struct stripe_settings),
    .children = child_keys,
    .create = create,
    .copies = "members",
};
