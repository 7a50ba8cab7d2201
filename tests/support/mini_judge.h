/* mini_judge.h - what a guest of the mini world may find in each granule of its disks.
 *
 * A write takes effect at some moment between its issue and its end. So a value is legal while
 * no acknowledged write was issued after the value's own write had ended. A write that failed
 * may have taken effect or not.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef MINI_JUDGE_H
#define MINI_JUDGE_H

#include <stdint.h>

#include "base/io.h"

enum { MINI_DISKS_MAX = 2, MINI_GRANULES_MAX = 32, MINI_OPS_MAX = 64 };

/* Identities: 0 is zero; 1 + number of a guest operation; from MINI_INITIAL on what a granule
 * held at the beginning. */
enum { MINI_ZERO = 0, MINI_INITIAL = 1000, MINI_GARBAGE = 1 << 30 };

/* One operation of the guest's script; unit: granules. */
struct mini_op {
    enum gw_io_op op;
    uint32_t disk;
    uint32_t granule, count;
};

struct mini_judge {
    const struct mini_op *ops;
    uint32_t holes; /* bit g: granule g of every disk was never stored */
    int32_t issued_at[MINI_OPS_MAX];
    int32_t ended_at[MINI_OPS_MAX]; /* INT32_MAX while in flight */
    /* Of each granule: the latest issue among acknowledged writes, and of writes of zeroes how
     * many are in flight and when the last of the others ended. */
    int32_t floor[MINI_DISKS_MAX][MINI_GRANULES_MAX];
    int32_t zero_ended[MINI_DISKS_MAX][MINI_GRANULES_MAX];
    uint32_t zeroes_in_flight[MINI_DISKS_MAX][MINI_GRANULES_MAX];
    int32_t floor_at_issue[MINI_OPS_MAX][MINI_GRANULES_MAX]; /* of reads */
};

void mini_judge_start(struct mini_judge *judge, const struct mini_op *ops, uint32_t holes);
void mini_judge_issued(struct mini_judge *judge, uint32_t number, int32_t now);
void mini_judge_ended(struct mini_judge *judge, uint32_t number, bool succeeded, int32_t now);

uint32_t mini_judge_initial(const struct mini_judge *judge, uint32_t disk, uint32_t granule);
/* Whether a granule may hold this identity now. */
bool mini_judge_allows(const struct mini_judge *judge, uint32_t disk, uint32_t granule,
                       uint32_t identity);
/* Whether read `number` may return this identity for its index-th granule. */
bool mini_judge_allows_read(const struct mini_judge *judge, uint32_t number, uint32_t index,
                            uint32_t identity);

#endif
