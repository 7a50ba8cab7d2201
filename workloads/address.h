/* address.h - which block comes next: address patterns over the blocks of a region.
 *
 * A pattern draws block numbers 0 .. count-1; what a block is and where the region begins is the
 * business of the mix (mix.h). Hot/cold: `hot_io_share` of the draws go, uniformly, to
 * `hot_share` of the blocks. Zipf: rank r is drawn with P ~ 1 / (r + 1)^exponent, ranks are
 * scattered over the region.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_ADDRESS_H
#define GW_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/random.h"
#include "workloads/zipf_table.h"

enum gw_address_pattern {
    GW_ADDRESS_UNIFORM,
    GW_ADDRESS_SEQUENTIAL, /* 0, 1, 2 ... and round again */
    GW_ADDRESS_HOTCOLD,
    GW_ADDRESS_ZIPF
};

/* Words of the patterns in the order of the enum, NULL-terminated. */
extern const char *const gw_address_patterns[];

struct gw_address_plan {
    enum gw_address_pattern pattern;
    uint64_t count;       /* blocks of the region, >= 1 */
    double hot_share;     /* hot/cold: share of the blocks that is hot */
    double hot_io_share;  /* hot/cold: share of the draws that go there */
    double hot_at;        /* hot/cold, not scattered: where in the region the hot part begins */
    bool hot_scattered;   /* hot/cold: hot blocks lie all over instead of in one piece */
    double zipf_exponent; /* zipf */
    uint64_t key;         /* of the scattering: same key, same places */
};

/* Uniform draws below `count` without division. */
struct gw_range {
    uint64_t count;
    uint32_t reject; /* low halves below this are drawn again: no bias */
};

struct gw_address {
    uint64_t (*draw)(struct gw_address *address, struct gw_stream *stream);
    struct gw_range all, hot, cold;
    uint64_t hot_below; /* a 32-bit draw below this goes to the hot part */
    uint64_t hot_first; /* first hot block, when the hot part is one piece */
    uint64_t key;
    uint64_t cursor;
    struct gw_zipf_table zipf;
};

/* Errors: GW_EINVAL for a hot part or a cold part without a block; GW_ENOMEM. */
bool gw_address_init(struct gw_address *address, const struct gw_address_plan *plan,
                     struct gw_error *err);

static inline uint64_t
gw_address_next(struct gw_address *address, struct gw_stream *stream)
{
    return address->draw(address, stream);
}

/* A 32-bit draw below the result happens with probability `share` (0..1). */
uint64_t gw_share_threshold(double share);

#endif
