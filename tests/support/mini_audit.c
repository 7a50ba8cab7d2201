/* mini_audit.c - does every granule of the mini world hold what the guest is owed?
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "tests/support/mini_parts.h"

static uint32_t
holds(const struct mini_world *world, enum gw_side side, uint32_t disk, uint32_t granule)
{
    return world->images[side][disk].identity[granule];
}

/* What the guest would find if everything stopped now. */
static uint32_t
view(const struct mini_world *world, uint32_t disk, uint32_t granule)
{
    const struct gw_architecture *own = mini_architecture(world);
    bool moved = world->homes[GW_TARGET].record == GW_RECORD_COMMITTED;
    const struct mini_disk *holder;
    struct gw_disk *port;
    int64_t place;

    if (own->locate == NULL || !world->started) {
        return holds(world, moved ? GW_TARGET : GW_SOURCE, disk, granule);
    }
    own->locate(world->architecture, disk, (int64_t)granule * MINI_GRANULE_BYTES, &port, &place);
    holder = gw_container(port, struct mini_disk, disk);
    return holder->identity[mini_disks_granule(holder, place)];
}

void
mini_audit_crash(struct mini_world *world)
{
    for (uint32_t disk = 0; disk < world->plan->disk_count; disk++) {
        for (uint32_t granule = 0; granule < world->plan->granules; granule++) {
            uint32_t identity = view(world, disk, granule);

            if (!mini_judge_allows(&world->judge, disk, granule, identity)) {
                mini_wrong(world, "a crash now: disk %u granule %u holds %u", disk, granule,
                           identity);
                return;
            }
        }
    }
}

/* The target is to take over: it must hold what the guest is owed, and exactly what the source
 * holds, where overlapping writes left a choice. */
void
mini_audit_target(struct mini_world *world)
{
    bool same = mini_architecture(world)->locate == NULL && !world->verdict->fault_met;

    for (uint32_t disk = 0; disk < world->plan->disk_count; disk++) {
        for (uint32_t granule = 0; granule < world->plan->granules; granule++) {
            uint32_t identity = holds(world, GW_TARGET, disk, granule);

            if (!mini_judge_allows(&world->judge, disk, granule, identity) ||
                (same && identity != holds(world, GW_SOURCE, disk, granule))) {
                mini_wrong(world, "switch: disk %u granule %u of the target holds %u, source %u",
                           disk, granule, identity, holds(world, GW_SOURCE, disk, granule));
                return;
            }
        }
    }
}

static void
audit_copies(struct mini_world *world)
{
    const struct mini_variant *variant = world->plan->settings->variant;

    for (uint32_t disk = 0; !variant->copies_less && disk < world->plan->disk_count; disk++) {
        for (uint32_t granule = 0; granule < world->plan->granules; granule++) {
            uint32_t writes = world->images[GW_TARGET][disk].mover_writes[granule];

            if (writes == 0 || (variant->copies_once && writes > 1)) {
                mini_wrong(world, "disk %u granule %u was copied %u times", disk, granule, writes);
            }
        }
    }
}

/* A migration that gave up in peace leaves nothing outside the source. */
static void
audit_source(struct mini_world *world)
{
    const struct gw_architecture *own = mini_architecture(world);
    struct gw_disk *port;
    int64_t place;

    for (uint32_t disk = 0; own->locate != NULL && disk < world->plan->disk_count; disk++) {
        for (uint32_t i = 0; i < world->plan->granules; i++) {
            own->locate(world->architecture, disk, (int64_t)i * MINI_GRANULE_BYTES, &port, &place);
            if (port != world->disks[GW_SOURCE][disk]) {
                mini_wrong(world, "given up, but granule %u is not on the source", i);
                return;
            }
        }
    }
}

void
mini_audit_end(struct mini_world *world)
{
    const struct mini_verdict *verdict = world->verdict;
    bool peaceful = !verdict->fault_met && !world->plan->timers;

    mini_audit_crash(world);
    if (verdict->outcome == GW_FAILED && peaceful && !world->cancelled) {
        mini_wrong(world, "failed without a reason");
    }
    if (verdict->outcome != GW_COMPLETED) {
        if (peaceful) {
            audit_source(world);
        }
        return;
    }
    audit_copies(world);
    for (uint32_t i = 0; i < world->file_count; i++) {
        if (world->files[i].role != MINI_REMOVED) {
            mini_wrong(world, "a redo log was left behind");
        }
    }
}
