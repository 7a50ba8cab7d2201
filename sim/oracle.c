/* oracle.c - what the guest has a right to find on its disks: the judge of every run.
 *
 * The time of an acknowledgement is kept in a table indexed by the low bits of the identity: it
 * is asked only where a read and the image disagree, so a forgotten entry (overwritten by one
 * 65536 writes younger) can only make the judge too strict, never too lenient.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/oracle.h"

#include <stdio.h>

/* Granules are a power of two. */
static uint64_t
granules(const struct gw_oracle *oracle, int64_t bytes)
{
    return (uint64_t)bytes >> __builtin_ctzll((uint64_t)oracle->granule_bytes);
}

void
gw_oracle_announce(const struct gw_oracle *oracle, uint32_t disk, int64_t offset_bytes)
{
    gw_image_announce(&oracle->image[disk], granules(oracle, offset_bytes));
}

void
gw_oracle_expect(const struct gw_oracle *oracle, uint32_t disk, int64_t offset_bytes)
{
    gw_image_expect(&oracle->image[disk], granules(oracle, offset_bytes));
}

uint32_t
gw_oracle_new_write(struct gw_oracle *oracle)
{
    uint32_t identity = ++oracle->last_write;

    gw_assert(identity < GW_ID_WRITE_MOST);
    oracle->recent[identity % GW_ORACLE_MEMORY].identity = identity;
    oracle->recent[identity % GW_ORACLE_MEMORY].acknowledged_ns = INT64_MAX;
    return identity;
}

/* The write is no longer under way. */
static void
settle(struct gw_oracle *oracle, uint32_t identity, int64_t now_ns)
{
    if (oracle->recent[identity % GW_ORACLE_MEMORY].identity == identity) {
        oracle->recent[identity % GW_ORACLE_MEMORY].acknowledged_ns = now_ns;
    }
}

void
gw_oracle_acknowledge(struct gw_oracle *oracle, uint32_t disk, struct gw_extent extent,
                      enum gw_io_op op, uint32_t identity, int64_t now_ns)
{
    uint64_t granule = granules(oracle, extent.offset_bytes);
    uint64_t count = granules(oracle, extent.length_bytes);

    settle(oracle, identity, now_ns);
    oracle->zeroes = oracle->zeroes || op != GW_IO_WRITE;
    gw_assert(gw_image_set(&oracle->image[disk], granule, count,
                           op == GW_IO_WRITE ? identity : GW_ID_ZERO));
}

void
gw_oracle_forget(struct gw_oracle *oracle, uint32_t disk, struct gw_extent extent, enum gw_io_op op,
                 uint32_t identity, int64_t now_ns)
{
    if (gw_io_modifies(op)) {
        settle(oracle, identity, now_ns);
        gw_assert(gw_image_set(&oracle->image[disk], granules(oracle, extent.offset_bytes),
                               granules(oracle, extent.length_bytes), GW_ID_GARBAGE));
    }
}

uint64_t
gw_oracle_difference(const struct gw_oracle *oracle, uint32_t disk, const struct gw_image *image)
{
    const struct gw_image *truth = &oracle->image[disk];
    uint64_t granule = gw_image_difference(truth, image, 0);

    while (granule < truth->granules && gw_image_get(truth, granule) == GW_ID_GARBAGE) {
        granule = gw_image_difference(truth, image, granule + 1);
    }
    return granule;
}

/* Whether a write was not acknowledged yet at `moment_ns`; unknown ones count as old. */
static bool
acknowledged_after(const struct gw_oracle *oracle, uint32_t identity, int64_t moment_ns)
{
    uint32_t place = identity % GW_ORACLE_MEMORY;

    return oracle->recent[place].identity == identity &&
           oracle->recent[place].acknowledged_ns >= moment_ns;
}

static bool
is_write(uint32_t identity)
{
    return identity != GW_ID_ZERO && identity <= GW_ID_WRITE_MOST;
}

/* A granule that differs from the image may hold a write newer than the image's, or the image's
 * may have been acknowledged while the read was under way. Trims have no identity of their own:
 * once one was issued, a difference that involves zero is let pass. */
static bool
is_legal(const struct gw_oracle *oracle, uint32_t seen, uint32_t expected, int64_t began_ns)
{
    if (seen == expected || expected == GW_ID_GARBAGE) {
        return true;
    }
    if (oracle->zeroes && (expected == GW_ID_ZERO || seen == GW_ID_ZERO)) {
        return true;
    }
    if (is_write(seen) && acknowledged_after(oracle, seen, began_ns)) {
        return true;
    }
    return is_write(expected) && acknowledged_after(oracle, expected, began_ns);
}

void
gw_oracle_check_read(struct gw_oracle *oracle, uint32_t disk, struct gw_extent extent,
                     const uint32_t *identities, int64_t began_ns)
{
    uint64_t granule = granules(oracle, extent.offset_bytes);
    uint64_t count = granules(oracle, extent.length_bytes);

    oracle->reads_checked++;
    for (uint64_t i = 0; i < count; i++) {
        uint32_t expected = gw_image_get(&oracle->image[disk], granule + i);

        if (is_legal(oracle, identities[i], expected, began_ns)) {
            continue;
        }
        if (oracle->reads_wrong == 0) {
            snprintf(oracle->note, sizeof oracle->note,
                     "a read of disk %u at byte %lld returned %08x instead of %08x", disk,
                     (long long)(granule + i) * (long long)oracle->granule_bytes, identities[i],
                     expected);
        }
        oracle->reads_wrong++;
        return;
    }
}
