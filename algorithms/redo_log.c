/* redo_log.c - a sparse file of what was written since a snapshot, with its map.
 *
 * Source    vmfsSparse as described in VMware's study of snapshots (see docs/model-storage-
 *           migration.md): 512-byte grains, a first write allocates and updates metadata, later
 *           ones go in place. The leaf size, the cache and the size of a metadata IO are
 *           estimates: settings.
 * Invariant a unit is mapped only when its data are in the file: reads never see a reserved place.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/redo_log.h"

#include <stdlib.h>

enum { ENTRY_BYTES = 4 }; /* of one unit in the file's map */

static const int64_t DATA_ALIGNMENT_BYTES = 1 << 20;

static uint64_t
units_per_leaf(const struct gw_redo_shape *shape)
{
    return (uint64_t)(shape->leaf_bytes / shape->unit_bytes);
}

static int64_t
leaf_file_bytes(const struct gw_redo_shape *shape)
{
    int64_t bytes = (int64_t)units_per_leaf(shape) * ENTRY_BYTES;
    int64_t least = shape->metadata_bytes > 0 ? shape->metadata_bytes : shape->unit_bytes;

    return (bytes + least - 1) / least * least;
}

static int64_t
metadata_area_bytes(const struct gw_redo_shape *shape, int64_t disk_bytes)
{
    int64_t leaves = (disk_bytes + shape->leaf_bytes - 1) / shape->leaf_bytes;
    int64_t bytes = leaves * leaf_file_bytes(shape);

    return (bytes + DATA_ALIGNMENT_BYTES - 1) / DATA_ALIGNMENT_BYTES * DATA_ALIGNMENT_BYTES;
}

int64_t
gw_redo_log_most_bytes(const struct gw_redo_shape *shape, int64_t bytes)
{
    return metadata_area_bytes(shape, bytes) + bytes;
}

bool
gw_redo_log_create(struct gw_redo_log *log, const struct gw_redo_shape *shape, struct gw_disk *file,
                   int64_t disk_bytes, struct gw_error *err)
{
    *log = (struct gw_redo_log){.file = file, .shape = *shape};
    log->unit_count = (uint64_t)(disk_bytes / shape->unit_bytes);
    log->leaf_count = (uint64_t)((disk_bytes + shape->leaf_bytes - 1) / shape->leaf_bytes);
    log->data_start_bytes = metadata_area_bytes(shape, disk_bytes);
    log->leaf = calloc(log->leaf_count, sizeof *log->leaf);
    log->fifo = calloc(shape->cached_leaves == 0 ? 1 : shape->cached_leaves, sizeof *log->fifo);
    if (log->leaf == NULL || log->fifo == NULL) {
        gw_redo_log_destroy(log);
        return gw_fail(err, GW_ENOMEM, "out of memory for a redo log of %llu leaves",
                       (unsigned long long)log->leaf_count);
    }
    if (!gw_bitmap_create(&log->cached, log->leaf_count, err)) {
        gw_redo_log_destroy(log);
        return false;
    }
    return true;
}

void
gw_redo_log_destroy(struct gw_redo_log *log)
{
    for (uint64_t i = 0; log->leaf != NULL && i < log->leaf_count; i++) {
        free(log->leaf[i]);
    }
    free(log->leaf);
    free(log->fifo);
    log->leaf = NULL;
    log->fifo = NULL;
    gw_bitmap_destroy(&log->cached);
}

static uint32_t
entry(const struct gw_redo_log *log, uint64_t unit)
{
    uint64_t per_leaf = units_per_leaf(&log->shape);
    const uint32_t *leaf = log->leaf[unit / per_leaf];

    return leaf == NULL ? 0 : leaf[unit % per_leaf];
}

uint64_t
gw_redo_log_run(const struct gw_redo_log *log, uint64_t unit, uint64_t count, int64_t *place)
{
    uint32_t first = entry(log, unit);
    uint64_t length = 1;

    *place = first == 0 ? -1 : log->data_start_bytes + (int64_t)(first - 1) * log->shape.unit_bytes;
    while (length < count &&
           entry(log, unit + length) == (first == 0 ? 0 : first + (uint32_t)length)) {
        length++;
    }
    return length;
}

int64_t
gw_redo_log_reserve(struct gw_redo_log *log, uint64_t count)
{
    int64_t place = log->data_start_bytes + (int64_t)log->units_used * log->shape.unit_bytes;

    if (count > log->unit_count - log->units_used) {
        return -1;
    }
    log->units_used += count;
    return place;
}

bool
gw_redo_log_map(struct gw_redo_log *log, uint64_t unit, uint64_t count, int64_t place)
{
    uint64_t per_leaf = units_per_leaf(&log->shape);
    uint32_t first =
        (uint32_t)((place - log->data_start_bytes) / log->shape.unit_bytes) + UINT32_C(1);

    for (uint64_t i = 0; i < count; i++) {
        uint32_t **leaf = &log->leaf[(unit + i) / per_leaf];

        if (*leaf == NULL) {
            *leaf = calloc(per_leaf, sizeof **leaf);
        }
        if (*leaf == NULL) {
            return false;
        }
        log->units_mapped += (*leaf)[(unit + i) % per_leaf] == 0;
        (*leaf)[(unit + i) % per_leaf] = first + (uint32_t)i;
    }
    return true;
}

uint64_t
gw_redo_log_next(const struct gw_redo_log *log, uint64_t unit)
{
    uint64_t per_leaf = units_per_leaf(&log->shape);

    while (unit < log->unit_count && entry(log, unit) == 0) {
        unit = log->leaf[unit / per_leaf] == NULL ? (unit / per_leaf + 1) * per_leaf : unit + 1;
    }
    return unit < log->unit_count ? unit : log->unit_count;
}

bool
gw_redo_log_must_fetch(const struct gw_redo_log *log, uint64_t leaf)
{
    return log->shape.metadata_bytes > 0 && log->leaf[leaf] != NULL &&
           !gw_bitmap_test(&log->cached, leaf);
}

void
gw_redo_log_fetched(struct gw_redo_log *log, uint64_t leaf)
{
    if (log->shape.cached_leaves == 0 || gw_bitmap_test(&log->cached, leaf)) {
        return;
    }
    if (log->fifo_count == log->shape.cached_leaves) {
        gw_bitmap_clear(&log->cached, log->fifo[log->fifo_next]);
    } else {
        log->fifo_count++;
    }
    gw_bitmap_set(&log->cached, leaf);
    log->fifo[log->fifo_next] = leaf;
    log->fifo_next = (log->fifo_next + 1) % log->shape.cached_leaves;
}

struct gw_extent
gw_redo_log_metadata(const struct gw_redo_log *log, uint64_t leaf)
{
    return (struct gw_extent){(int64_t)leaf * leaf_file_bytes(&log->shape),
                              log->shape.metadata_bytes};
}

int64_t
gw_redo_log_bytes(const struct gw_redo_log *log)
{
    return (int64_t)log->units_used * log->shape.unit_bytes;
}
