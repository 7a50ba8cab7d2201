/* world_build.c - makes and unmakes the guests of a world.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/world_build.h"

#include <stdlib.h>

enum { GRANULE_MOST = 4096, HOME_BYTES = 65536, REGIONS = 512 };

static bool
out_of_memory(struct gw_error *err)
{
    return gw_fail(err, GW_ENOMEM, "out of memory for a guest");
}

/* ---- workload and granule ------------------------------------------------------------------------- */

static bool
make_workload(struct gw_world *world, size_t index, struct gw_error *err)
{
    struct gw_world_guest *guest = &world->guests[index];
    const struct gw_guest_plan *plan = guest->plan;
    struct gw_workload_context context = {
        .disk_bytes = guest->disk_bytes,
        .disk_count = guest->disk_count,
        .seed = (uint64_t)world->scenario->seed,
        .replication = (uint64_t)world->replication,
        .object = index,
    };

    guest->guest.workload = plan->workload->create(&context, plan->workload_settings, err);
    if (guest->guest.workload == NULL) {
        return gw_fail_within(err, "workload of '%s'", plan->name);
    }
    guest->room.granule_bytes = guest->guest.workload->alignment_bytes < GRANULE_MOST
                                    ? guest->guest.workload->alignment_bytes
                                    : GRANULE_MOST;
    return true;
}

/* ---- disks ------------------------------------------------------------------------------------------ */

/* Makes holes and zeroes where the plan asks for them: chunk by chunk, by chance, the same on
 * the source and in the oracle. */
static void
shape_content(struct gw_world *world, size_t index, uint32_t disk)
{
    struct gw_world_guest *guest = &world->guests[index];
    const struct gw_disk_plan *plan = &guest->plan->disks[disk];
    struct gw_image *image = &guest->disks[GW_SOURCE][disk].image;
    struct gw_stream stream;

    if (plan->allocated >= 1.0 && plan->zero <= 0.0) {
        return;
    }
    gw_stream_open(&stream, (uint64_t)world->scenario->seed, (uint64_t)world->replication,
                   "disk.content", (uint64_t)index << 32 | disk);
    for (uint64_t chunk = 0; chunk < image->chunks; chunk++) {
        double hole = gw_stream_unit(&stream);
        double zero = gw_stream_unit(&stream);
        enum gw_image_fill fill = zero < plan->zero ? GW_IMAGE_ZERO : GW_IMAGE_INITIAL;

        fill = hole >= plan->allocated ? GW_IMAGE_HOLE : fill;
        gw_image_fill_chunk(image, chunk, fill);
        gw_image_fill_chunk(&guest->oracle.image[disk], chunk,
                            fill == GW_IMAGE_INITIAL ? GW_IMAGE_INITIAL : GW_IMAGE_HOLE);
    }
}

static bool
open_disk(struct gw_world *world, size_t index, uint32_t disk, uint32_t *first,
          struct gw_error *err)
{
    struct gw_world_guest *guest = &world->guests[index];
    const struct gw_disk_plan *plan = &guest->plan->disks[disk];
    uint64_t granules = (uint64_t)(plan->size_bytes / guest->room.granule_bytes);
    bool moves = guest->migration.architecture != NULL && plan->migrate;

    if (!gw_image_create(&guest->oracle.image[disk], granules, *first, GW_IMAGE_INITIAL, err) ||
        !gw_sim_disk_open(&guest->disks[GW_SOURCE][disk], &guest->volumes[GW_SOURCE],
                          plan->size_bytes, *first, GW_IMAGE_INITIAL, err)) {
        return gw_fail_within(err, "disk %u of '%s' on the source", disk, guest->plan->name);
    }
    if (moves && !gw_sim_disk_open(&guest->disks[GW_TARGET][disk], &guest->volumes[GW_TARGET],
                                   plan->size_bytes, *first, GW_IMAGE_HOLE, err)) {
        return gw_fail_within(err, "disk %u of '%s' on the target", disk, guest->plan->name);
    }
    guest->ports[GW_SOURCE][disk] = &guest->disks[GW_SOURCE][disk].disk;
    guest->ports[GW_TARGET][disk] =
        moves ? &guest->disks[GW_TARGET][disk].disk : guest->ports[GW_SOURCE][disk];
    guest->number[disk] = UINT32_MAX;
    if (moves) {
        guest->number[disk] = guest->migration.disk_count;
        guest->moved[GW_SOURCE][guest->migration.disk_count] = &guest->disks[GW_SOURCE][disk];
        guest->moved[GW_TARGET][guest->migration.disk_count] = &guest->disks[GW_TARGET][disk];
        guest->migration.disk_count++;
    }
    shape_content(world, index, disk);
    *first += (uint32_t)granules;
    return true;
}

static bool
allocate_disks(struct gw_world_guest *guest)
{
    size_t count = guest->plan->disk_count;

    guest->disk_count = (uint32_t)count;
    guest->disk_bytes = calloc(count, sizeof *guest->disk_bytes);
    guest->number = calloc(count, sizeof *guest->number);
    guest->oracle.image = calloc(count, sizeof *guest->oracle.image);
    for (int side = 0; side < 2; side++) {
        guest->disks[side] = calloc(count, sizeof *guest->disks[side]);
        guest->ports[side] = calloc(count, sizeof(struct gw_disk *));
        guest->moved[side] = calloc(count, sizeof(struct gw_sim_disk *));
        if (guest->disks[side] == NULL || guest->ports[side] == NULL ||
            guest->moved[side] == NULL) {
            return false;
        }
    }
    for (size_t i = 0; guest->disk_bytes != NULL && i < count; i++) {
        guest->disk_bytes[i] = guest->plan->disks[i].size_bytes;
    }
    return guest->disk_bytes != NULL && guest->number != NULL && guest->oracle.image != NULL;
}

static void
open_on(struct gw_world *world, struct gw_world_guest *guest, size_t device, enum gw_side side,
        struct gw_sim_volume *volume)
{
    gw_sim_volume_open(volume, &guest->room, world->devices.shared[device],
                       &world->devices.tail_bytes[device], side);
}

static bool
open_volumes(struct gw_world *world, struct gw_world_guest *guest, enum gw_side side,
             struct gw_error *err)
{
    size_t device = side == GW_SOURCE ? guest->plan->source : guest->plan->target;

    struct gw_sim_volume *home = &guest->volumes[side];

    open_on(world, guest, device, side, &guest->volumes[side]);
    if (guest->plan->home[side] != device) {
        home = &guest->home_volumes[side];
        open_on(world, guest, guest->plan->home[side], side, home);
    }
    return gw_sim_disk_open(&guest->homes[side], home, HOME_BYTES, 0, GW_IMAGE_HOLE, err) ||
           gw_fail_within(err, "home of '%s'", guest->plan->name);
}

/* ---- guest and migration ------------------------------------------------------------------------------ */

static int64_t
sum_of(const int64_t *bytes, size_t count)
{
    int64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        sum += bytes[i];
    }
    return sum;
}

static bool
set_up_guest(struct gw_world *world, size_t index, struct gw_error *err)
{
    struct gw_world_guest *guest = &world->guests[index];
    const struct gw_host_plan *host = &world->scenario->host;
    struct gw_sim_guest *sim = &guest->guest;
    int64_t all_bytes = sum_of(guest->disk_bytes, guest->disk_count);

    guest->oracle.granule_bytes = guest->room.granule_bytes;
    guest->oracle.disk_count = guest->disk_count;
    sim->agenda = &world->kernel->agenda;
    sim->oracle = &guest->oracle;
    sim->disks[GW_SOURCE] = guest->ports[GW_SOURCE];
    sim->disks[GW_TARGET] = guest->ports[GW_TARGET];
    sim->disk_count = guest->disk_count;
    sim->side = GW_SOURCE;
    sim->stun_cost_ns[GW_STUN_ATTACH] = host->attach_stun_ns;
    sim->stun_cost_ns[GW_STUN_SNAPSHOT] = host->snapshot_stun_ns;
    sim->stun_cost_ns[GW_STUN_SWITCHOVER] = host->suspend_ns;
    sim->resume_cost_ns = host->resume_ns;
    sim->granule_bytes = guest->room.granule_bytes;
    sim->check_reads = true;
    sim->disk_bytes = guest->disk_bytes;
    gw_assert(all_bytes > 0);
    sim->region_bytes = (all_bytes + REGIONS - 1) / REGIONS;
    sim->region_count = (all_bytes + sim->region_bytes - 1) / sim->region_bytes;
    sim->region_writes = calloc(REGIONS, sizeof *sim->region_writes);
    if (sim->region_writes == NULL) {
        return out_of_memory(err);
    }
    return gw_sim_guest_start(sim, err);
}

static bool
set_up_migration(struct gw_world *world, size_t index, struct gw_error *err)
{
    struct gw_world_guest *guest = &world->guests[index];
    struct gw_migration *migration = &guest->migration;

    if (migration->disk_count == 0) {
        return gw_fail(err, GW_EINVAL, "guest '%s' has no disk to migrate", guest->plan->name);
    }
    migration->settings = guest->plan->architecture_settings;
    migration->common = &guest->plan->migration;
    migration->guest = &guest->guest;
    migration->agenda = &world->kernel->agenda;
    migration->source = guest->moved[GW_SOURCE];
    migration->target = guest->moved[GW_TARGET];
    migration->source_home = &guest->homes[GW_SOURCE];
    migration->target_home = &guest->homes[GW_TARGET];
    migration->source_volume = &guest->volumes[GW_SOURCE];
    migration->target_volume = &guest->volumes[GW_TARGET];
    migration->number = guest->number;
    migration->seed = (uint64_t)world->scenario->seed;
    migration->replication = (uint64_t)world->replication;
    migration->object = index;
    migration->result = &guest->result;
    migration->world = world;
    return gw_migration_open(migration, err);
}

bool
gw_world_guest_build(struct gw_world *world, size_t index, struct gw_error *err)
{
    struct gw_world_guest *guest = &world->guests[index];
    const struct gw_host_plan *host = &world->scenario->host;
    uint32_t first = 0;

    guest->plan = &world->scenario->guests[index];
    guest->migration.architecture = guest->plan->architecture;
    guest->room.agenda = &world->kernel->agenda;
    guest->room.flow = (uint32_t)index * GW_PURPOSE_COUNT;
    guest->room.path_cost_ns[GW_SOURCE] = host->io_cost_ns;
    guest->room.path_cost_ns[GW_TARGET] = host->io_cost_ns + host->mirror_cost_ns;
    gw_result_init(&guest->result);
    if (!allocate_disks(guest)) {
        return out_of_memory(err);
    }
    if (!make_workload(world, index, err) || !open_volumes(world, guest, GW_SOURCE, err) ||
        !open_volumes(world, guest, GW_TARGET, err)) {
        return false;
    }
    for (uint32_t disk = 0; disk < guest->disk_count; disk++) {
        if (!open_disk(world, index, disk, &first, err)) {
            return false;
        }
    }
    if (!set_up_guest(world, index, err)) {
        return false;
    }
    return guest->migration.architecture == NULL || set_up_migration(world, index, err);
}

void
gw_world_guest_clear(struct gw_world_guest *guest)
{
    if (guest->migration.architecture != NULL) {
        gw_migration_close(&guest->migration);
    }
    gw_sim_guest_stop(&guest->guest);
    if (guest->guest.workload != NULL) {
        guest->guest.workload->destroy(guest->guest.workload);
    }
    for (int side = 0; side < 2; side++) {
        for (uint32_t i = 0; guest->disks[side] != NULL && i < guest->disk_count; i++) {
            gw_sim_disk_close(&guest->disks[side][i]);
        }
        if (guest->volumes[side].device != NULL) {
            gw_sim_volume_close(&guest->volumes[side]);
        }
        gw_sim_disk_close(&guest->homes[side]);
        free(guest->disks[side]);
        free(guest->ports[side]);
        free(guest->moved[side]);
    }
    for (uint32_t i = 0; guest->oracle.image != NULL && i < guest->disk_count; i++) {
        gw_image_destroy(&guest->oracle.image[i]);
    }
    free(guest->oracle.image);
    free(guest->number);
    free(guest->disk_bytes);
    gw_disk_room_clear(&guest->room);
    gw_result_clear(&guest->result);
}
