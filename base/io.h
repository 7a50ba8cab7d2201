/* io.h - the words for input and output that all rooms share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_IO_H
#define GW_IO_H

#include <stdbool.h>
#include <stdint.h>

enum gw_io_op {
    GW_IO_READ,
    GW_IO_WRITE,
    GW_IO_ZERO, /* write zeroes: data become zero */
    GW_IO_TRIM, /* discard: data become zero, space is given back */
    GW_IO_FLUSH,
    GW_IO_STATUS /* asks whether the extent holds data; moves none */
};

/* A byte range of a disk; multiples of the disk's granule. */
struct gw_extent {
    int64_t offset_bytes;
    int64_t length_bytes;
};

static inline int64_t
gw_extent_end(struct gw_extent extent)
{
    return extent.offset_bytes + extent.length_bytes;
}

static inline bool
gw_extent_overlaps(struct gw_extent a, struct gw_extent b)
{
    return a.offset_bytes < gw_extent_end(b) && b.offset_bytes < gw_extent_end(a);
}

static inline bool
gw_io_modifies(enum gw_io_op op)
{
    return op == GW_IO_WRITE || op == GW_IO_ZERO || op == GW_IO_TRIM;
}

const char *gw_io_op_name(enum gw_io_op op);

#endif
