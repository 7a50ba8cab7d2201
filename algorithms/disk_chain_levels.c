/* disk_chain_levels.c - the redo logs of a chain: put on top, taken off at the bottom, given back.
 *
 * Invariant A level that was taken off keeps its files while IO on them is in flight.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/disk_chain.h"

#include <stdlib.h>

void
gw_chain_init(struct gw_chain *chain, const struct gw_ports *ports,
              const struct gw_redo_shape *shape)
{
    *chain = (struct gw_chain){.ports = ports, .shape = *shape, .base = ports->source};
}

static void
drop_level(struct gw_chain *chain, struct gw_chain_level *level)
{
    for (uint32_t i = 0; level->log != NULL && i < chain->ports->disk_count; i++) {
        if (level->log[i].file != NULL) {
            level->volume->ops->remove(level->volume, level->log[i].file);
            gw_redo_log_destroy(&level->log[i]);
        }
    }
    free(level->log);
    level->log = NULL;
}

void
gw_chain_destroy(struct gw_chain *chain)
{
    if (chain->ports == NULL) {
        return;
    }
    for (uint32_t i = 0; i < chain->retired_count; i++) {
        drop_level(chain, &chain->retired[i]);
    }
    for (uint32_t i = 0; i < chain->level_count; i++) {
        drop_level(chain, &chain->level[i]);
    }
    for (uint32_t i = 0; i < chain->block_count; i++) {
        free(chain->blocks[i]);
    }
    free(chain->blocks);
}

bool
gw_chain_push(struct gw_chain *chain, struct gw_volume *volume, struct gw_error *err)
{
    struct gw_chain_level *level = &chain->level[chain->level_count];

    if (chain->level_count == GW_CHAIN_LEVELS_MAX) {
        return gw_fail(err, GW_EINVAL, "chain of %d redo logs: no more are supported",
                       GW_CHAIN_LEVELS_MAX);
    }
    level->volume = volume;
    level->log = calloc(chain->ports->disk_count, sizeof *level->log);
    if (level->log == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for redo logs");
    }
    for (uint32_t i = 0; i < chain->ports->disk_count; i++) {
        int64_t bytes = chain->ports->source[i]->size_bytes;
        struct gw_disk *file = volume->ops->create(
            volume, "redo log", gw_redo_log_most_bytes(&chain->shape, bytes), err);

        if (file == NULL) {
            drop_level(chain, level);
            return false;
        }
        if (!gw_redo_log_create(&level->log[i], &chain->shape, file, bytes, err)) {
            volume->ops->remove(volume, file);
            drop_level(chain, level);
            return false;
        }
    }
    chain->level_count++;
    return true;
}

static bool
is_read(const struct gw_chain *chain, const struct gw_chain_level *level)
{
    for (uint32_t i = 0; i < chain->ports->disk_count; i++) {
        if (level->log[i].in_flight > 0) {
            return true;
        }
    }
    return false;
}

void
gw_chain_sweep(struct gw_chain *chain)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < chain->retired_count; i++) {
        if (is_read(chain, &chain->retired[i])) {
            chain->retired[kept++] = chain->retired[i];
            continue;
        }
        drop_level(chain, &chain->retired[i]);
    }
    chain->retired_count = kept;
}

void
gw_chain_retire(struct gw_chain *chain)
{
    gw_assert(chain->level_count > 0 && chain->retired_count < GW_CHAIN_LEVELS_MAX);
    chain->retired[chain->retired_count++] = chain->level[0];
    chain->level_count--;
    for (uint32_t i = 0; i < chain->level_count; i++) {
        chain->level[i] = chain->level[i + 1];
    }
    chain->level[chain->level_count] = (struct gw_chain_level){NULL, NULL};
    gw_chain_sweep(chain);
}

static int64_t
level_bytes(const struct gw_chain *chain, const struct gw_chain_level *level)
{
    int64_t bytes = 0;

    for (uint32_t i = 0; i < chain->ports->disk_count; i++) {
        bytes += gw_redo_log_bytes(&level->log[i]);
    }
    return bytes;
}

int64_t
gw_chain_bytes(const struct gw_chain *chain)
{
    int64_t bytes = 0;

    for (uint32_t i = 0; i < chain->level_count; i++) {
        bytes += level_bytes(chain, &chain->level[i]);
    }
    for (uint32_t i = 0; i < chain->retired_count; i++) {
        bytes += level_bytes(chain, &chain->retired[i]);
    }
    return bytes;
}
