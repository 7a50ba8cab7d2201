/* overlay_face.c - reads and writes through a chain of overlays: the disk that the guest sees.
 *
 * Idea      An IO is taken cluster by cluster. What an overlay holds is read or written in place.
 *           A write to a cluster that the newest overlay lacks brings the whole cluster there:
 *           what the write does not cover is read from below, and one write stores it all.
 *           With copy_on_read a read brings it as well.
 * Source    QEMU, block/qcow2-cluster.c, perform_cow and handle_dependencies; block/io.c,
 *           copy-on-read (behaviour).
 * Departs   qcow2 reads head and tail apart when more than 16 KiB lie between them; here one read
 *           spans them. Zeroing part of a cluster that is not there stores it first.
 * Invariant a cluster becomes visible with all its data. An IO that meets a cluster being filled
 *           goes on when that ends: one that reads takes the older data meanwhile.
 * Cost      O(clusters of the IO x overlays).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>

#include "algorithms/overlay_chain.h"
#include "base/event.h"

enum step { STEP_PLAIN, STEP_FETCH, STEP_STORE, STEP_CLEAR };

struct gw_overlay_part {
    struct gw_io io;
    struct gw_overlay_job *job;
    struct gw_overlay_part *next, *all; /* free; ever made */
    struct gw_overlay *overlay;         /* that the IO works on; NULL: the base */
    struct gw_payload *buffer;          /* one cluster; made when first needed, then kept */
    uint64_t begin, end;                /* clusters that it puts into the newest overlay */
    struct gw_extent own;               /* what the guest writes of them */
    enum step step;
};

struct gw_overlay_job {
    struct gw_overlay_chain *chain;
    struct gw_io *io;
    struct gw_overlay_job *next, *all; /* free or waiting; ever made */
    uint32_t disk;
    int64_t at_bytes; /* what lies before is under way */
    uint32_t pending;
    bool waits;
    enum gw_code worst;
};

static void advance(struct gw_overlay_job *job);
static void part_done(void *owner, struct gw_io *io);

/* ---- pools -------------------------------------------------------------------------------------- */

static struct gw_overlay_job *
take_job(struct gw_overlay_chain *chain)
{
    struct gw_overlay_job *job = chain->free_jobs;
    struct gw_overlay_job *all;

    if (job != NULL) {
        chain->free_jobs = job->next;
    } else {
        job = calloc(1, sizeof *job);
        if (job == NULL) {
            return NULL;
        }
        job->all = chain->all_jobs;
        chain->all_jobs = job;
    }
    all = job->all;
    *job = (struct gw_overlay_job){.chain = chain, .all = all};
    return job;
}

static struct gw_overlay_part *
take_part(struct gw_overlay_job *job)
{
    struct gw_overlay_chain *chain = job->chain;
    struct gw_overlay_part *part = chain->free_parts;

    if (part != NULL) {
        chain->free_parts = part->next;
    } else {
        part = calloc(1, sizeof *part);
        if (part == NULL) {
            job->worst = GW_ENOMEM;
            return NULL;
        }
        part->all = chain->all_parts;
        chain->all_parts = part;
    }
    part->job = job;
    part->begin = part->end = 0;
    job->pending++;
    return part;
}

static void
give_part(struct gw_overlay_chain *chain, struct gw_overlay_part *part)
{
    part->next = chain->free_parts;
    chain->free_parts = part;
}

static bool
has_buffer(struct gw_overlay_part *part)
{
    struct gw_overlay_chain *chain = part->job->chain;

    if (part->buffer == NULL) {
        part->buffer = chain->ports->payload_create(chain->ports, chain->map.granularity_bytes);
    }
    return part->buffer != NULL;
}

void
gw_overlay_face_free(struct gw_overlay_chain *chain)
{
    struct gw_overlay_job *job;
    struct gw_overlay_part *part;

    while ((job = chain->all_jobs) != NULL) {
        chain->all_jobs = job->all;
        free(job);
    }
    while ((part = chain->all_parts) != NULL) {
        chain->all_parts = part->all;
        if (part->buffer != NULL) {
            chain->ports->payload_destroy(chain->ports, part->buffer);
        }
        free(part);
    }
}

/* ---- the end of a job ----------------------------------------------------------------------------- */

static void
release(struct gw_overlay_job *job)
{
    struct gw_overlay_chain *chain = job->chain;
    struct gw_io *io = job->io;

    job->pending--;
    if (job->pending > 0 || job->waits) {
        return;
    }
    io->result = job->worst;
    job->next = chain->free_jobs;
    chain->free_jobs = job;
    gw_overlay_sweep(chain);
    io->done(io->owner, io);
}

void
gw_overlay_face_wake(struct gw_overlay_chain *chain)
{
    struct gw_overlay_job *job = chain->waiting;

    chain->waiting = chain->waiting_last = NULL;
    while (job != NULL) {
        struct gw_overlay_job *next = job->next;

        job->waits = false;
        advance(job);
        job = next;
    }
    if (chain->filled != NULL) {
        chain->filled(chain->owner);
    }
}

static void
wait_for_cluster(struct gw_overlay_job *job)
{
    struct gw_overlay_chain *chain = job->chain;

    job->waits = true;
    job->next = NULL;
    if (chain->waiting == NULL) {
        chain->waiting = job;
    } else {
        chain->waiting_last->next = job;
    }
    chain->waiting_last = job;
}

static void
end_part(struct gw_overlay_part *part, enum gw_code result)
{
    struct gw_overlay_job *job = part->job;
    struct gw_overlay_chain *chain = job->chain;
    bool filled = part->begin < part->end;

    if (result != GW_OK) {
        job->worst = result;
    }
    if (filled) {
        gw_overlay_filled(chain, result == GW_OK ? part->overlay : NULL, part->begin, part->end);
    }
    give_part(chain, part);
    release(job);
    if (filled) {
        gw_overlay_face_wake(chain);
    }
}

/* ---- parts ------------------------------------------------------------------------------------------ */

/* Sends one IO of a part to an overlay, or to the base. */
static void
send(struct gw_overlay_part *part, struct gw_overlay *overlay, enum gw_io_op op,
     struct gw_extent extent)
{
    struct gw_overlay_job *job = part->job;
    struct gw_disk *disk = overlay == NULL ? job->chain->base[job->disk] : overlay->file[job->disk];

    part->overlay = overlay;
    part->io.op = op;
    part->io.extent = extent;
    part->io.purpose = job->io->purpose;
    part->io.done = part_done;
    part->io.owner = part;
    if (overlay != NULL) {
        overlay->in_flight++;
    }
    disk->ops->submit(disk, &part->io);
}

static void
send_plain(struct gw_overlay_job *job, struct gw_overlay_part *part, struct gw_overlay *overlay,
           struct gw_extent extent)
{
    const struct gw_io *io = job->io;

    part->step = STEP_PLAIN;
    part->io.payload = io->payload;
    part->io.payload_offset_bytes =
        io->payload_offset_bytes + extent.offset_bytes - io->extent.offset_bytes;
    send(part, overlay, overlay != NULL && io->op == GW_IO_TRIM ? GW_IO_ZERO : io->op, extent);
}

static struct gw_extent
cluster_extent(const struct gw_overlay_chain *chain, uint64_t cluster)
{
    return gw_blockmap_piece(&chain->map, cluster, cluster + 1).extent;
}

static struct gw_overlay *
newest(const struct gw_overlay_chain *chain)
{
    return chain->level[chain->level_count - 1];
}

/* What must be read: all that the guest's write does not cover, from the first to the last byte. */
static struct gw_extent
to_fetch(const struct gw_overlay_part *part, struct gw_extent cluster)
{
    struct gw_extent own = part->own;
    int64_t begin = cluster.offset_bytes;
    int64_t end = gw_extent_end(cluster);

    if (part->job->io->op == GW_IO_WRITE && own.offset_bytes == begin) {
        begin = gw_extent_end(own);
    } else if (part->job->io->op == GW_IO_WRITE && gw_extent_end(own) == end) {
        end = own.offset_bytes;
    }
    return (struct gw_extent){begin, end - begin};
}

static void
fetch(struct gw_overlay_part *part)
{
    struct gw_overlay_chain *chain = part->job->chain;
    struct gw_extent cluster = cluster_extent(chain, part->begin);
    struct gw_extent rest = to_fetch(part, cluster);

    part->step = STEP_FETCH;
    part->io.payload = part->buffer;
    part->io.payload_offset_bytes = rest.offset_bytes - cluster.offset_bytes;
    send(part, gw_overlay_holder(chain, chain->level_count - 1, part->begin), GW_IO_READ, rest);
}

/* The guest's bytes of the cluster: put into it, or taken from it. */
static void
exchange(struct gw_overlay_part *part, struct gw_extent cluster)
{
    const struct gw_ports *ports = part->job->chain->ports;
    const struct gw_io *io = part->job->io;
    int64_t in_guest = io->payload_offset_bytes + part->own.offset_bytes - io->extent.offset_bytes;
    int64_t in_cluster = part->own.offset_bytes - cluster.offset_bytes;
    int64_t length = part->own.length_bytes;

    if (io->op == GW_IO_WRITE) {
        ports->payload_copy(ports, &(struct gw_payload_move){.to = part->buffer,
                                                             .to_bytes = in_cluster,
                                                             .from = io->payload,
                                                             .from_bytes = in_guest,
                                                             .length_bytes = length});
    } else if (io->op == GW_IO_READ) {
        ports->payload_copy(ports, &(struct gw_payload_move){.to = io->payload,
                                                             .to_bytes = in_guest,
                                                             .from = part->buffer,
                                                             .from_bytes = in_cluster,
                                                             .length_bytes = length});
    }
}

static void
store(struct gw_overlay_part *part)
{
    struct gw_overlay_chain *chain = part->job->chain;
    struct gw_extent cluster = cluster_extent(chain, part->begin);

    exchange(part, cluster);
    part->step = STEP_STORE;
    part->io.payload_offset_bytes = 0;
    send(part, newest(chain), GW_IO_WRITE, cluster);
}

static bool
clears(enum gw_io_op op)
{
    return op == GW_IO_ZERO || op == GW_IO_TRIM;
}

static void
part_done(void *owner, struct gw_io *io)
{
    struct gw_overlay_part *part = owner;

    if (part->overlay != NULL) {
        part->overlay->in_flight--;
    }
    if (io->result == GW_OK && part->step == STEP_FETCH) {
        store(part);
        return;
    }
    if (io->result == GW_OK && part->step == STEP_STORE && clears(part->job->io->op)) {
        part->step = STEP_CLEAR;
        part->io.payload = NULL;
        send(part, part->overlay, GW_IO_ZERO, part->own);
        return;
    }
    end_part(part, io->result);
}

/* ---- jobs --------------------------------------------------------------------------------------------- */

static int64_t
smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The job's bytes from where it stands, up to the end of cluster `last`. */
static struct gw_extent
up_to(const struct gw_overlay_job *job, uint64_t last)
{
    int64_t end =
        smaller(gw_extent_end(cluster_extent(job->chain, last)), gw_extent_end(job->io->extent));

    return (struct gw_extent){job->at_bytes, end - job->at_bytes};
}

static bool
covers(const struct gw_overlay_job *job, uint64_t cluster)
{
    struct gw_extent whole = cluster_extent(job->chain, cluster);

    return job->at_bytes <= whole.offset_bytes &&
           gw_extent_end(job->io->extent) >= gw_extent_end(whole);
}

/* Last cluster of the job that lies where `first` does: one IO fetches them all. */
static uint64_t
run_of(const struct gw_overlay_job *job, uint64_t first, uint64_t last)
{
    const struct gw_overlay_chain *chain = job->chain;
    const struct gw_overlay *holder = gw_overlay_holder(chain, chain->level_count, first);
    uint64_t end = first;

    while (end < last && gw_overlay_holder(chain, chain->level_count, end + 1) == holder) {
        end++;
    }
    return end;
}

/* Last cluster from `first` on that the write covers whole and that nobody has or fills; a part of
 * one is taken alone, and so is one that is read. */
static uint64_t
fresh_run(const struct gw_overlay_job *job, uint64_t first, uint64_t last)
{
    const struct gw_overlay_chain *chain = job->chain;
    uint64_t end = first;

    if (job->io->op == GW_IO_READ || !covers(job, first)) {
        return first;
    }
    while (end < last && covers(job, end + 1) && !gw_bitmap_test(&chain->filling, end + 1) &&
           !gw_bitmap_test(&newest(chain)->allocated, end + 1)) {
        end++;
    }
    return end;
}

static void
add_plain(struct gw_overlay_job *job, struct gw_overlay *overlay, uint64_t last)
{
    struct gw_extent extent = up_to(job, last);
    struct gw_overlay_part *part = take_part(job);

    if (part != NULL) {
        job->at_bytes = gw_extent_end(extent);
        send_plain(job, part, overlay, extent);
    }
}

static void
add_fresh(struct gw_overlay_job *job, uint64_t first, uint64_t last)
{
    struct gw_overlay_chain *chain = job->chain;
    struct gw_extent extent = up_to(job, last);
    struct gw_overlay_part *part = take_part(job);

    if (part == NULL) {
        return;
    }
    part->begin = first;
    part->end = last + 1;
    part->own = extent;
    gw_bitmap_set_range(&chain->filling, first, last + 1 - first);
    job->at_bytes = gw_extent_end(extent);
    if (job->io->op != GW_IO_READ &&
        extent.length_bytes >= cluster_extent(chain, first).length_bytes) {
        send_plain(job, part, newest(chain), extent);
        return;
    }
    if (!has_buffer(part)) {
        end_part(part, GW_ENOMEM);
        return;
    }
    fetch(part);
}

/* Starts the next piece of an IO that fills what the newest overlay lacks; false: it must wait. */
static bool
next_filling(struct gw_overlay_job *job, uint64_t first, uint64_t last)
{
    struct gw_overlay_chain *chain = job->chain;

    if (gw_bitmap_test(&chain->filling, first)) {
        return false;
    }
    if (gw_bitmap_test(&newest(chain)->allocated, first)) {
        add_plain(job, newest(chain), run_of(job, first, last));
        return true;
    }
    add_fresh(job, first, fresh_run(job, first, last));
    return true;
}

static bool
reads_in_place(const struct gw_overlay_job *job)
{
    const struct gw_overlay_chain *chain = job->chain;

    return chain->level_count == 0 || job->io->op == GW_IO_STATUS ||
           (job->io->op == GW_IO_READ && !chain->copy_on_read);
}

static void
advance(struct gw_overlay_job *job)
{
    struct gw_overlay_chain *chain = job->chain;
    int64_t end = gw_extent_end(job->io->extent);
    uint64_t last = gw_blockmap_end(&chain->map, job->disk, job->io->extent) - 1;

    job->pending++;
    while (job->worst == GW_OK && job->at_bytes < end) {
        uint64_t first =
            gw_blockmap_begin(&chain->map, job->disk, (struct gw_extent){job->at_bytes, 0});

        if (reads_in_place(job)) {
            add_plain(job, gw_overlay_holder(chain, chain->level_count, first),
                      run_of(job, first, last));
        } else if (!next_filling(job, first, last)) {
            wait_for_cluster(job);
            break;
        }
    }
    release(job);
}

/* What was written may lie in any file of the disk. */
static void
flush_all(struct gw_overlay_job *job)
{
    struct gw_overlay_chain *chain = job->chain;

    job->pending++;
    for (uint32_t i = 0; i <= chain->level_count; i++) {
        struct gw_overlay_part *part = take_part(job);

        if (part == NULL) {
            break;
        }
        part->io.payload = NULL;
        part->step = STEP_PLAIN;
        send(part, i == 0 ? NULL : chain->level[i - 1], GW_IO_FLUSH, job->io->extent);
    }
    release(job);
}

/* ---- the face ------------------------------------------------------------------------------------------- */

static void
face_submit(struct gw_disk *disk, struct gw_io *io)
{
    struct gw_overlay_face *face = gw_container(disk, struct gw_overlay_face, disk);
    struct gw_overlay_job *job = take_job(face->chain);

    io->disk = disk;
    if (job == NULL) {
        io->result = GW_ENOMEM;
        io->done(io->owner, io);
        return;
    }
    job->io = io;
    job->disk = face->number;
    job->at_bytes = io->extent.offset_bytes;
    if (io->op == GW_IO_FLUSH) {
        flush_all(job);
        return;
    }
    advance(job);
}

static bool
face_is_hole(struct gw_disk *disk, struct gw_extent extent)
{
    struct gw_overlay_face *face = gw_container(disk, struct gw_overlay_face, disk);
    struct gw_overlay_chain *chain = face->chain;

    for (uint64_t i = gw_blockmap_begin(&chain->map, face->number, extent);
         i < gw_blockmap_end(&chain->map, face->number, extent); i++) {
        const struct gw_overlay *holder = gw_overlay_holder(chain, chain->level_count, i);
        struct gw_disk *below =
            holder == NULL ? chain->base[face->number] : holder->file[face->number];

        if (!below->ops->is_hole(below, cluster_extent(chain, i))) {
            return false;
        }
    }
    return true;
}

static const struct gw_disk_ops face_ops = {face_submit, face_is_hole};

void
gw_overlay_face_init(struct gw_overlay_chain *chain)
{
    for (uint32_t i = 0; i < chain->ports->disk_count; i++) {
        const struct gw_disk *source = chain->ports->source[i];

        chain->face[i] =
            (struct gw_overlay_face){.disk = {&face_ops, source->size_bytes, source->granule_bytes},
                                     .chain = chain,
                                     .number = i};
        chain->faces[i] = &chain->face[i].disk;
    }
}
