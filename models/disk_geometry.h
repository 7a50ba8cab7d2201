/* disk_geometry.h - where bytes lie on a spinning disk, and how long the arm takes to get there.
 *
 * Positions are counted in revolutions from the first byte, as a real number: the fraction is
 * the angle. Reading n revolutions' worth of bytes takes n turns of the spindle.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_DISK_GEOMETRY_H
#define GW_DISK_GEOMETRY_H

#include <stdint.h>

#include "base/error.h"

enum { GW_DISK_ZONES = 32 };

struct gw_disk_shape {
    int64_t capacity_bytes;
    int64_t rotations_a_minute;
    int64_t outer_rate, inner_rate; /* bytes a second */
    int64_t seek_track_ns, seek_average_ns, seek_full_ns;
};

struct gw_disk_geometry {
    double turn_ns;
    double capacity, zones_a_byte;
    double start_bytes[GW_DISK_ZONES + 1];
    double start_turns[GW_DISK_ZONES + 1];
    double turns_a_byte[GW_DISK_ZONES];
    double short_base, short_slope; /* ns; over the square root of the share of the stroke */
    double long_base, long_slope;   /* ns; over the share of the stroke */
};

/* Errors: GW_EINVAL for seek times that no curve of this form can have. */
bool gw_disk_geometry_init(struct gw_disk_geometry *geometry, const struct gw_disk_shape *shape,
                           struct gw_error *err);

/* Time of the arm over `distance_bytes` (either sign); 0 inside a track. */
double gw_disk_seek_ns(const struct gw_disk_geometry *geometry, int64_t distance_bytes);

static inline int
gw_disk_zone(const struct gw_disk_geometry *geometry, int64_t offset_bytes)
{
    int zone = (int)((double)offset_bytes * geometry->zones_a_byte);

    return zone < GW_DISK_ZONES ? zone : GW_DISK_ZONES - 1;
}

/* Revolutions from the first byte of the disk to offset_bytes. */
static inline double
gw_disk_turns(const struct gw_disk_geometry *geometry, int64_t offset_bytes)
{
    int zone = gw_disk_zone(geometry, offset_bytes);

    return geometry->start_turns[zone] +
           ((double)offset_bytes - geometry->start_bytes[zone]) * geometry->turns_a_byte[zone];
}

#endif
