/* heat_filter.c - which blocks are written often: a multi-stage filter of counters.
 *
 * Source    multi-stage filters: Estan and Varghese, SIGCOMM 2002, section 3; use in storage
 *           migration: US patents 8386731 and 8560791.
 * Invariant heat(b) >= min(65535, writes to b since the last halving).
 * Cost      O(stages) a write, O(stages x counters) an epoch.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/heat_filter.h"

#include <stdlib.h>

bool
gw_heat_create(struct gw_heat *heat, uint32_t stages, uint64_t counters, struct gw_error *err)
{
    uint64_t size = 64;

    if (stages < 1 || stages > GW_HEAT_STAGES_MAX) {
        return gw_fail(err, GW_EINVAL, "%u filter stages: must be 1 to %d", stages,
                       GW_HEAT_STAGES_MAX);
    }
    while (size < counters && size < UINT32_C(1) << 30) {
        size *= 2;
    }
    heat->stages = stages;
    heat->mask = (uint32_t)(size - 1);
    heat->counter = calloc(stages * size, sizeof *heat->counter);
    if (heat->counter == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for %u x %llu heat counters", stages,
                       (unsigned long long)size);
    }
    return true;
}

void
gw_heat_destroy(struct gw_heat *heat)
{
    free(heat->counter);
    heat->counter = NULL;
}

static uint16_t *
counter_of(const struct gw_heat *heat, uint32_t stage, uint64_t block)
{
    /* A different odd multiplier a stage; the high bits of the product are well mixed. */
    static const uint64_t multiplier[GW_HEAT_STAGES_MAX] = {
        UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0xc2b2ae3d27d4eb4f), UINT64_C(0x165667b19e3779f9),
        UINT64_C(0xd6e8feb86659fd93), UINT64_C(0xff51afd7ed558ccd), UINT64_C(0xc4ceb9fe1a85ec53),
        UINT64_C(0xa0761d6478bd642f), UINT64_C(0xe7037ed1a0b428db)};
    uint64_t hash = (block + 1) * multiplier[stage];

    hash ^= hash >> 32;
    hash *= multiplier[stage];
    return &heat->counter[(uint64_t)stage * ((uint64_t)heat->mask + 1) +
                          ((hash >> 33) & heat->mask)];
}

static void
age(struct gw_heat *heat, int64_t now_ns)
{
    uint64_t count = heat->stages * ((uint64_t)heat->mask + 1);
    int64_t epochs;

    if (heat->next_epoch_ns == 0) {
        heat->next_epoch_ns = now_ns + heat->epoch_ns;
    }
    if (now_ns < heat->next_epoch_ns) {
        return;
    }
    epochs = 1 + (now_ns - heat->next_epoch_ns) / heat->epoch_ns;
    heat->next_epoch_ns += epochs * heat->epoch_ns;
    epochs = epochs < 16 ? epochs : 16;
    for (uint64_t i = 0; i < count; i++) {
        heat->counter[i] = (uint16_t)(heat->counter[i] >> epochs);
    }
}

uint32_t
gw_heat_of(const struct gw_heat *heat, uint64_t block)
{
    uint32_t least = UINT32_MAX;

    for (uint32_t i = 0; i < heat->stages; i++) {
        uint32_t value = *counter_of(heat, i, block);

        least = value < least ? value : least;
    }
    return least;
}

void
gw_heat_write(struct gw_heat *heat, uint64_t block, int64_t now_ns)
{
    uint32_t least;

    age(heat, now_ns);
    least = heat->conservative ? gw_heat_of(heat, block) : UINT32_MAX;
    for (uint32_t i = 0; i < heat->stages; i++) {
        uint16_t *counter = counter_of(heat, i, block);

        if (*counter < UINT16_MAX && (!heat->conservative || *counter == least)) {
            (*counter)++;
        }
    }
}

bool
gw_heat_is_hot(const struct gw_heat *heat, uint64_t block)
{
    return gw_heat_of(heat, block) >= heat->threshold;
}
