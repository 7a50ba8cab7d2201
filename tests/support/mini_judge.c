/* mini_judge.c - what a guest of the mini world may find in each granule of its disks.
 *
 * Invariant zero_ended and floor hold -1 for "never": before all steps, which count from 0.
 * Cost      O(1) a granule and question.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "tests/support/mini_judge.h"

#include <string.h>

void
mini_judge_start(struct mini_judge *judge, const struct mini_op *ops, uint32_t holes)
{
    judge->ops = ops;
    judge->holes = holes;
    memset(judge->issued_at, 0xff, sizeof judge->issued_at);
    memset(judge->floor, 0xff, sizeof judge->floor);
    memset(judge->zero_ended, 0xff, sizeof judge->zero_ended);
    memset(judge->zeroes_in_flight, 0, sizeof judge->zeroes_in_flight);
}

void
mini_judge_issued(struct mini_judge *judge, uint32_t number, int32_t now)
{
    const struct mini_op *op = &judge->ops[number];

    judge->issued_at[number] = now;
    judge->ended_at[number] = INT32_MAX;
    if (op->op == GW_IO_READ) {
        memcpy(judge->floor_at_issue[number], &judge->floor[op->disk][op->granule],
               op->count * sizeof(int32_t));
    }
    for (uint32_t i = 0; (op->op == GW_IO_ZERO || op->op == GW_IO_TRIM) && i < op->count; i++) {
        judge->zeroes_in_flight[op->disk][op->granule + i]++;
    }
}

void
mini_judge_ended(struct mini_judge *judge, uint32_t number, bool succeeded, int32_t now)
{
    const struct mini_op *op = &judge->ops[number];

    judge->ended_at[number] = now;
    for (uint32_t i = op->granule; gw_io_modifies(op->op) && i < op->granule + op->count; i++) {
        int32_t *floor = &judge->floor[op->disk][i];

        if (succeeded && *floor < judge->issued_at[number]) {
            *floor = judge->issued_at[number];
        }
        if (op->op != GW_IO_WRITE) {
            judge->zeroes_in_flight[op->disk][i]--;
            judge->zero_ended[op->disk][i] = now;
        }
    }
}

static bool
is_hole(const struct mini_judge *judge, uint32_t granule)
{
    return (judge->holes >> granule & 1) != 0;
}

uint32_t
mini_judge_initial(const struct mini_judge *judge, uint32_t disk, uint32_t granule)
{
    return is_hole(judge, granule) ? MINI_ZERO : MINI_INITIAL + disk * MINI_GRANULES_MAX + granule;
}

static bool
allows(const struct mini_judge *judge, uint32_t disk, uint32_t granule, uint32_t identity,
       int32_t floor)
{
    const struct mini_op *op;

    if (identity == mini_judge_initial(judge, disk, granule) && floor < 0) {
        return true;
    }
    if (identity == MINI_ZERO) {
        int32_t ended = judge->zero_ended[disk][granule];

        return judge->zeroes_in_flight[disk][granule] > 0 || (ended >= 0 && ended >= floor);
    }
    if (identity > MINI_OPS_MAX || judge->issued_at[identity - 1] < 0) {
        return false;
    }
    op = &judge->ops[identity - 1];
    return op->op == GW_IO_WRITE && op->disk == disk && granule >= op->granule &&
           granule < op->granule + op->count && judge->ended_at[identity - 1] >= floor;
}

bool
mini_judge_allows(const struct mini_judge *judge, uint32_t disk, uint32_t granule,
                  uint32_t identity)
{
    return allows(judge, disk, granule, identity, judge->floor[disk][granule]);
}

bool
mini_judge_allows_read(const struct mini_judge *judge, uint32_t number, uint32_t index,
                       uint32_t identity)
{
    const struct mini_op *op = &judge->ops[number];

    return allows(judge, op->disk, op->granule + index, identity,
                  judge->floor_at_issue[number][index]);
}
