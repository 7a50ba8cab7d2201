/* mix.c - which IO comes next: operation, block and place.
 *
 * Idea      One 32-bit draw against rising thresholds gives the operation; a second stream gives
 *           the address, so a changed read share leaves every address where it was.
 * Source    Iometer's access specification: percent read, percent random, sequential IOs follow
 *           the last IO wherever that was.
 * Invariant Demand k depends on the settings and the seed, never on time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "workloads/mix.h"

#include <stdio.h>
#include <string.h>

enum { SECTOR_BYTES = 512, ALIGNMENT_MOST_BYTES = 64 << 10 };

const char *const gw_hot_layouts[] = {"contiguous", "scattered", NULL};

int64_t
gw_alignment_of(int64_t bits)
{
    int64_t lowest = (bits | ALIGNMENT_MOST_BYTES) & -(bits | ALIGNMENT_MOST_BYTES);

    return lowest < SECTOR_BYTES ? SECTOR_BYTES : lowest;
}

void
gw_guest_stream(struct gw_stream *stream, const struct gw_workload_context *context,
                const char *name, const char *part)
{
    char full[80];

    snprintf(full, sizeof full, "%s.%s", name, part);
    gw_stream_open(stream, context->seed, context->replication, full, context->object);
}

bool
gw_disk_index(const struct gw_workload_context *context, const char *text, uint32_t *index,
              struct gw_error *err)
{
    uint64_t number = 0;

    if (context->disk_count == 0) {
        return gw_fail(err, GW_EINVAL, "the guest has no disk to work on");
    }
    if (text == NULL || strcmp(text, "last") == 0) {
        *index = context->disk_count - 1;
        return true;
    }
    for (const char *digit = text; *digit != '\0'; digit++) {
        number = *digit >= '0' && *digit <= '9' && number < UINT32_MAX
                     ? number * 10 + (uint64_t)(*digit - '0')
                     : UINT32_MAX;
    }
    if (text[0] == '\0' || number >= context->disk_count) {
        return gw_fail(err, GW_EINVAL, "disk %s: must be 0 .. %u or last", text,
                       context->disk_count - 1);
    }
    *index = (uint32_t)number;
    return true;
}

static bool
check_multiple(const char *name, int64_t value, struct gw_error *err)
{
    if (value < 0 || value % SECTOR_BYTES != 0) {
        return gw_fail(err, GW_EINVAL, "%s %lldB: must be a multiple of 512B", name,
                       (long long)value);
    }
    return true;
}

static bool
place_region(struct gw_mix *mix, const struct gw_mix_settings *settings, int64_t disk_bytes,
             int64_t *size_bytes, struct gw_error *err)
{
    int64_t offset = settings->region_offset_bytes;
    int64_t size = settings->region_size_bytes;

    if (!check_multiple("block", settings->block_bytes, err) ||
        !check_multiple("region_offset", offset, err) ||
        !check_multiple("region_size", size, err)) {
        return false;
    }
    if (offset > disk_bytes || size > disk_bytes - offset) {
        return gw_fail(err, GW_EINVAL,
                       "region_offset %lldB and region_size %lldB: reach beyond the disk of %lldB",
                       (long long)offset, (long long)size, (long long)disk_bytes);
    }
    *size_bytes = size != 0 ? size : disk_bytes - offset;
    if (settings->block_bytes <= 0 || *size_bytes < settings->block_bytes) {
        return gw_fail(err, GW_EINVAL, "block %lldB: does not fit the region of %lldB",
                       (long long)settings->block_bytes, (long long)*size_bytes);
    }
    mix->base_bytes = offset;
    mix->block_bytes = settings->block_bytes;
    mix->alignment_bytes = gw_alignment_of(offset | settings->block_bytes);
    return true;
}

static bool
set_operations(struct gw_mix *mix, const struct gw_mix_settings *settings, struct gw_error *err)
{
    double other = 1 - settings->read_share;

    if (settings->trim_share + settings->zero_share > 1) {
        return gw_fail(err, GW_EINVAL,
                       "trim_share %.4g%% and zero_share %.4g%%: must not sum to more than 100%%",
                       settings->trim_share * 100, settings->zero_share * 100);
    }
    mix->read_below = gw_share_threshold(settings->read_share);
    mix->trim_below = gw_share_threshold(settings->read_share + other * settings->trim_share);
    mix->zero_below = gw_share_threshold(settings->read_share +
                                         other * (settings->trim_share + settings->zero_share));
    return true;
}

static bool
prepare(struct gw_mix *mix, const struct gw_mix_settings *settings,
        const struct gw_workload_context *context, const char *name, struct gw_error *err)
{
    struct gw_address_plan plan = {.pattern = (enum gw_address_pattern)settings->pattern,
                                   .hot_share = settings->hot_share,
                                   .hot_io_share = settings->hot_io_share,
                                   .hot_at = settings->hot_at,
                                   .hot_scattered = settings->hot_layout == 1,
                                   .zipf_exponent = settings->zipf_exponent};
    struct gw_stream places;
    int64_t size_bytes = 0;

    *mix = (struct gw_mix){.disk = 0};
    if (!gw_disk_index(context, settings->disk, &mix->disk, err) ||
        !place_region(mix, settings, context->disk_bytes[mix->disk], &size_bytes, err) ||
        !set_operations(mix, settings, err)) {
        return false;
    }
    gw_guest_stream(&places, context, "workload", "places");
    plan.key = gw_stream_u64(&places);
    plan.count = (uint64_t)(size_bytes / mix->block_bytes);
    mix->random_below =
        gw_share_threshold(plan.pattern == GW_ADDRESS_SEQUENTIAL ? 1.0 : settings->random_share);
    mix->last = plan.count - 1;
    gw_guest_stream(&mix->op_stream, context, name, "op");
    gw_guest_stream(&mix->address_stream, context, name, "address");
    return gw_address_init(&mix->address, &plan, err);
}

static inline enum gw_io_op
draw_op(struct gw_mix *mix)
{
    uint32_t draw = gw_stream_u32(&mix->op_stream);

    if (draw < mix->read_below) {
        return GW_IO_READ;
    }
    if (draw >= mix->zero_below) {
        return GW_IO_WRITE;
    }
    return draw < mix->trim_below ? GW_IO_TRIM : GW_IO_ZERO;
}

static inline uint64_t
draw_block(struct gw_mix *mix)
{
    bool everything_random = mix->random_below > UINT32_MAX;

    if (everything_random || gw_stream_u32(&mix->address_stream) < mix->random_below) {
        return gw_address_next(&mix->address, &mix->address_stream);
    }
    return mix->last + 1 == mix->address.all.count ? 0 : mix->last + 1;
}

/* The block of this IO; another one is drawn to stand for it in the queue. */
static inline uint64_t
next_block(struct gw_mix *mix)
{
    uint64_t block = mix->ahead[mix->turn];

    mix->last = draw_block(mix);
    mix->ahead[mix->turn] = mix->last;
    mix->turn = (mix->turn + 1) % GW_MIX_AHEAD;
    return block;
}

static void
fill_queue(struct gw_mix *mix)
{
    for (uint32_t i = 0; i < GW_MIX_AHEAD; i++) {
        mix->last = draw_block(mix);
        mix->ahead[i] = mix->last;
    }
}

bool
gw_mix_init(struct gw_mix *mix, const struct gw_mix_settings *settings,
            const struct gw_workload_context *context, const char *name, struct gw_error *err)
{
    if (!prepare(mix, settings, context, name, err)) {
        return false;
    }
    fill_queue(mix);
    return true;
}

void
gw_mix_next(struct gw_mix *mix, struct gw_demand *out)
{
    uint64_t block = next_block(mix);

    out->op = draw_op(mix);
    out->disk = mix->disk;
    out->extent.offset_bytes = mix->base_bytes + (int64_t)block * mix->block_bytes;
    out->extent.length_bytes = mix->block_bytes;
    out->soon_bytes = mix->base_bytes + (int64_t)mix->last * mix->block_bytes;
}
