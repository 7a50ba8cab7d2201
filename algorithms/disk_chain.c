/* disk_chain.c - guest IO through a chain of redo logs over a base.
 *
 * Idea      A write goes to the newest log: fetch the map's leaf if it is not cached, reserve a
 *           place for what is not mapped yet, write the metadata, then the data, then map. A read
 *           looks from the newest log down, fetching leaves on the way, and then reads each run
 *           where it was found.
 * Invariant Places become visible to reads only with their data. Overlapping writes are served
 *           one after the other, so that no unit is reserved twice. A job counts levels from the
 *           top: taking one off at the bottom does not disturb it.
 * Cost      O(units of the IO x levels).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/disk_chain.h"

#include <stdlib.h>

enum { POOL_BLOCK = 64 };

struct gw_chain_part {
    struct gw_io io;
    struct gw_chain_job *job;
    struct gw_chain_part *next; /* of the job, or free */
    struct gw_redo_log *log;    /* NULL = the base */
    uint64_t unit;
    uint64_t count;
    int64_t place;
    bool allocates;
};

struct gw_chain_job {
    struct gw_chain *chain;
    struct gw_guest_io *io;
    struct gw_chain_job *next; /* free */
    struct gw_chain_part *parts;
    struct gw_io metadata;
    struct gw_redo_log *metadata_log;
    uint64_t unit; /* of the guest's IO */
    uint64_t count;
    uint32_t depth; /* level being looked up, from the top */
    uint64_t leaf;  /* being fetched or written */
    uint32_t pending;
    enum gw_code worst;
};

static void look_up(struct gw_chain_job *job);
static void write_metadata(struct gw_chain_job *job);
static void enter_metadata(struct gw_chain_job *job);
static void start(struct gw_chain *chain, struct gw_guest_io *io);

/* ---- pools -------------------------------------------------------------------------------------- */

static void *
new_block(struct gw_chain *chain, size_t item_bytes)
{
    void **blocks = realloc(chain->blocks, (chain->block_count + 1) * sizeof *blocks);

    if (blocks == NULL) {
        return NULL;
    }
    chain->blocks = blocks;
    blocks[chain->block_count] = calloc(POOL_BLOCK, item_bytes);
    if (blocks[chain->block_count] == NULL) {
        return NULL;
    }
    return blocks[chain->block_count++];
}

static struct gw_chain_job *
take_job(struct gw_chain *chain)
{
    struct gw_chain_job *job;

    if (chain->free_jobs == NULL) {
        job = new_block(chain, sizeof *job);
        for (int i = 0; job != NULL && i < POOL_BLOCK; i++) {
            job[i].next = chain->free_jobs;
            chain->free_jobs = &job[i];
        }
    }
    job = chain->free_jobs;
    if (job != NULL) {
        chain->free_jobs = job->next;
        *job = (struct gw_chain_job){.chain = chain};
    }
    return job;
}

static struct gw_chain_part *
take_part(struct gw_chain_job *job)
{
    struct gw_chain *chain = job->chain;
    struct gw_chain_part *part;

    if (chain->free_parts == NULL) {
        part = new_block(chain, sizeof *part);
        for (int i = 0; part != NULL && i < POOL_BLOCK; i++) {
            part[i].next = chain->free_parts;
            chain->free_parts = &part[i];
        }
    }
    part = chain->free_parts;
    if (part == NULL) {
        job->worst = GW_ENOMEM;
        return NULL;
    }
    chain->free_parts = part->next;
    *part = (struct gw_chain_part){.job = job, .next = job->parts};
    job->parts = part;
    return part;
}

/* ---- the end of a job --------------------------------------------------------------------------- */

static void
retry_waiting(struct gw_chain *chain)
{
    struct gw_guest_queue all = chain->waiting;
    struct gw_guest_io *io;

    chain->waiting = (struct gw_guest_queue){0};
    while ((io = gw_guest_queue_pop(&all)) != NULL) {
        gw_chain_submit(chain, io);
    }
}

static void
end_job(struct gw_chain_job *job)
{
    struct gw_chain *chain = job->chain;
    struct gw_guest_io *io = job->io;
    enum gw_code worst = job->worst;
    struct gw_chain_part *part;

    while ((part = job->parts) != NULL) {
        job->parts = part->next;
        part->next = chain->free_parts;
        chain->free_parts = part;
    }
    job->next = chain->free_jobs;
    chain->free_jobs = job;
    gw_chain_sweep(chain);
    if (gw_io_modifies(io->op)) {
        gw_guest_list_remove(&chain->writes, io);
    }
    gw_guest_complete(chain->ports, io, worst);
    if (gw_io_modifies(io->op) && chain->waiting.count > 0) {
        retry_waiting(chain);
    }
}

static void
part_done(void *owner, struct gw_io *io)
{
    struct gw_chain_part *part = owner;
    struct gw_chain_job *job = part->job;

    if (part->log != NULL) {
        part->log->in_flight--;
    }
    if (io->result != GW_OK) {
        job->worst = io->result;
    } else if (part->allocates &&
               !gw_redo_log_map(part->log, part->unit, part->count, part->place)) {
        job->worst = GW_ENOMEM;
    }
    job->pending--;
    if (job->pending == 0) {
        end_job(job);
    }
}

/* Sends all parts; a job without any ends at once (it failed). */
static void
send_parts(struct gw_chain_job *job)
{
    struct gw_chain *chain = job->chain;
    struct gw_chain_part *next;

    if (job->parts == NULL || job->worst != GW_OK) {
        end_job(job);
        return;
    }
    for (struct gw_chain_part *part = job->parts; part != NULL; part = part->next) {
        job->pending++;
    }
    for (struct gw_chain_part *part = job->parts; part != NULL; part = next) {
        struct gw_disk *disk = part->log == NULL ? chain->base[job->io->disk] : part->log->file;

        next = part->next;
        if (part->log != NULL) {
            part->log->in_flight++;
            chain->written_bytes += gw_io_modifies(part->io.op) ? part->io.extent.length_bytes : 0;
        }
        disk->ops->submit(disk, &part->io);
    }
}

static bool
add_part(struct gw_chain_job *job, struct gw_redo_log *log, uint64_t unit, uint64_t count,
         int64_t place)
{
    int64_t unit_bytes = job->chain->shape.unit_bytes;
    struct gw_chain_part *part = take_part(job);

    if (part == NULL) {
        return false;
    }
    part->log = log;
    part->unit = unit;
    part->count = count;
    part->place = place;
    part->io = (struct gw_io){
        .op = job->io->op == GW_IO_TRIM ? GW_IO_ZERO : job->io->op,
        .extent = {place, (int64_t)count * unit_bytes},
        .payload = job->io->payload,
        .payload_offset_bytes = (int64_t)(unit - job->unit) * unit_bytes,
        .purpose = GW_FOR_GUEST,
        .done = part_done,
        .owner = part,
    };
    return true;
}

/* ---- writes ------------------------------------------------------------------------------------- */

static struct gw_redo_log *
log_at_depth(const struct gw_chain *chain, uint32_t depth, uint32_t disk)
{
    if (depth >= chain->level_count) {
        return NULL;
    }
    return &chain->level[chain->level_count - 1 - depth].log[disk];
}

/* Decides where each run of a write goes; the places are reserved, not mapped yet. */
static void
place_write(struct gw_chain_job *job)
{
    struct gw_redo_log *log = log_at_depth(job->chain, 0, job->io->disk);
    bool allocates = false;
    int64_t place;

    for (uint64_t done = 0; done < job->count;) {
        uint64_t unit = job->unit + done;
        uint64_t run = gw_redo_log_run(log, unit, job->count - done, &place);
        bool fresh = place < 0;

        if (fresh) {
            place = gw_redo_log_reserve(log, run);
        }
        if (place < 0) {
            job->worst = GW_ENOSPC;
            break;
        }
        if (!add_part(job, log, unit, run, place)) {
            break;
        }
        job->parts->allocates = fresh;
        allocates = allocates || fresh;
        done += run;
    }
    if (!allocates || job->worst != GW_OK || log->shape.metadata_bytes == 0) {
        send_parts(job);
        return;
    }
    job->leaf = gw_redo_log_leaf(log, job->unit);
    enter_metadata(job);
}

/* One job at a time may write the map of a disk's newest log, if the scenario says so. */
static void
enter_metadata(struct gw_chain_job *job)
{
    struct gw_chain *chain = job->chain;
    uint32_t disk = job->io->disk;

    if (!chain->shape.serial_metadata || !chain->metadata[disk].busy) {
        chain->metadata[disk].busy = true;
        write_metadata(job);
        return;
    }
    job->next = NULL;
    if (chain->metadata[disk].first == NULL) {
        chain->metadata[disk].first = job;
    } else {
        chain->metadata[disk].last->next = job;
    }
    chain->metadata[disk].last = job;
}

static void
leave_metadata(struct gw_chain *chain, uint32_t disk)
{
    struct gw_chain_job *next = chain->metadata[disk].first;

    chain->metadata[disk].busy = false;
    if (next != NULL) {
        chain->metadata[disk].first = next->next;
        chain->metadata[disk].busy = true;
        write_metadata(next);
    }
}

static void
metadata_written(void *owner, struct gw_io *io)
{
    struct gw_chain_job *job = owner;

    job->metadata_log->in_flight--;
    if (io->result != GW_OK) {
        job->worst = io->result;
        leave_metadata(job->chain, job->io->disk);
        end_job(job);
        return;
    }
    gw_redo_log_fetched(job->metadata_log, job->leaf);
    job->leaf++;
    write_metadata(job);
}

static void
submit_metadata(struct gw_chain_job *job, struct gw_redo_log *log, enum gw_io_op op,
                void (*done)(void *owner, struct gw_io *io))
{
    job->metadata_log = log;
    job->metadata = (struct gw_io){.op = op,
                                   .extent = gw_redo_log_metadata(log, job->leaf),
                                   .purpose = GW_FOR_METADATA,
                                   .done = done,
                                   .owner = job};
    log->in_flight++;
    log->file->ops->submit(log->file, &job->metadata);
}

static void
write_metadata(struct gw_chain_job *job)
{
    struct gw_redo_log *log = log_at_depth(job->chain, 0, job->io->disk);

    if (job->leaf > gw_redo_log_leaf(log, job->unit + job->count - 1)) {
        leave_metadata(job->chain, job->io->disk);
        send_parts(job);
        return;
    }
    job->chain->written_bytes += log->shape.metadata_bytes;
    submit_metadata(job, log, GW_IO_WRITE, metadata_written);
}

/* A flush reaches the base and every log: what was written may lie in any of them. */
static void
place_flush(struct gw_chain_job *job)
{
    for (uint32_t depth = 0; depth <= job->chain->level_count; depth++) {
        if (!add_part(job, log_at_depth(job->chain, depth, job->io->disk), job->unit, 0, 0)) {
            break;
        }
    }
    send_parts(job);
}

/* ---- reads and look-ups -------------------------------------------------------------------------- */

static void
place_read(struct gw_chain_job *job)
{
    struct gw_chain *chain = job->chain;
    int64_t place;

    for (uint64_t done = 0; done < job->count;) {
        uint64_t run = job->count - done;
        struct gw_redo_log *log = NULL;

        /* The newest level that maps the first unit; newer ones bound the run by what they map. */
        for (uint32_t depth = 0; depth < chain->level_count && log == NULL; depth++) {
            struct gw_redo_log *candidate = log_at_depth(chain, depth, job->io->disk);

            run = gw_redo_log_run(candidate, job->unit + done, run, &place);
            log = place >= 0 ? candidate : NULL;
        }
        if (log == NULL) {
            place = (int64_t)(job->unit + done) * chain->shape.unit_bytes;
        }
        if (!add_part(job, log, job->unit + done, run, place)) {
            break;
        }
        done += run;
    }
    send_parts(job);
}

static void
leaf_fetched(void *owner, struct gw_io *io)
{
    struct gw_chain_job *job = owner;

    job->metadata_log->in_flight--;
    if (io->result != GW_OK) {
        job->worst = io->result;
        end_job(job);
        return;
    }
    gw_redo_log_fetched(job->metadata_log, job->leaf);
    job->leaf++;
    look_up(job);
}

/* Whether every unit of the job is mapped in the level at `depth` itself. */
static bool
maps_all(const struct gw_chain_job *job, const struct gw_redo_log *log)
{
    int64_t place;
    uint64_t done = 0;

    while (done < job->count) {
        uint64_t run = gw_redo_log_run(log, job->unit + done, job->count - done, &place);

        if (place < 0) {
            return false;
        }
        done += run;
    }
    return true;
}

/* Fetches the leaves that the job needs, level by level; then decides where its data lie. */
static void
look_up(struct gw_chain_job *job)
{
    bool writes = gw_io_modifies(job->io->op);
    struct gw_redo_log *log;

    while ((log = log_at_depth(job->chain, job->depth, job->io->disk)) != NULL) {
        uint64_t last = gw_redo_log_leaf(log, job->unit + job->count - 1);

        while (job->leaf <= last && !gw_redo_log_must_fetch(log, job->leaf)) {
            job->leaf++;
        }
        if (job->leaf <= last) {
            submit_metadata(job, log, GW_IO_READ, leaf_fetched);
            return;
        }
        if (writes || maps_all(job, log)) {
            break;
        }
        job->depth++;
        job->leaf = gw_redo_log_leaf(log, job->unit);
    }
    if (writes) {
        place_write(job);
        return;
    }
    place_read(job);
}

static void
passed(void *owner, struct gw_io *part)
{
    struct gw_chain *chain = owner;

    gw_guest_complete(chain->ports, gw_guest_of_part(part, 0), part->result);
}

static void
start(struct gw_chain *chain, struct gw_guest_io *io)
{
    struct gw_chain_job *job = take_job(chain);

    if (job == NULL) {
        gw_guest_complete(chain->ports, io, GW_ENOMEM);
        return;
    }
    if (gw_io_modifies(io->op)) {
        gw_guest_list_add(&chain->writes, io);
    }
    job->io = io;
    job->unit = (uint64_t)(io->extent.offset_bytes / chain->shape.unit_bytes);
    job->count = (uint64_t)(io->extent.length_bytes / chain->shape.unit_bytes);
    if (io->op == GW_IO_FLUSH) {
        place_flush(job);
        return;
    }
    job->leaf = gw_redo_log_leaf(log_at_depth(chain, 0, io->disk), job->unit);
    look_up(job);
}

void
gw_chain_submit(struct gw_chain *chain, struct gw_guest_io *io)
{
    if (chain->level_count == 0) {
        gw_guest_send(io, 0, chain->base[io->disk], passed, chain);
        return;
    }
    if (gw_io_modifies(io->op) &&
        gw_guest_list_conflict(&chain->writes, io->disk, io->extent) != NULL) {
        gw_guest_queue_push(&chain->waiting, io);
        return;
    }
    start(chain, io);
}

void
gw_chain_locate(const struct gw_chain *chain, uint32_t disk, int64_t offset_bytes,
                struct gw_disk **out, int64_t *out_offset_bytes)
{
    uint64_t unit = (uint64_t)(offset_bytes / chain->shape.unit_bytes);
    int64_t place;

    for (uint32_t depth = 0; depth < chain->level_count; depth++) {
        struct gw_redo_log *log = log_at_depth(chain, depth, disk);

        gw_redo_log_run(log, unit, 1, &place);
        if (place >= 0) {
            *out = log->file;
            *out_offset_bytes = place;
            return;
        }
    }
    *out = chain->base[disk];
    *out_offset_bytes = offset_bytes;
}
