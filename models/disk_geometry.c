/* disk_geometry.c - zones of linearly falling density and a seek curve in two pieces.
 *
 * Idea    Seek time over the share d of the full stroke: a + b sqrt(d) up to a third (the arm
 *         accelerates), c + e d beyond (it coasts). Three numbers of a data sheet fix it: one
 *         track, full stroke, and the average, taken as the mean over independent uniform
 *         places, whose distance has the density 2 (1 - d). The value y at one third follows
 *         from the average, which is linear in y.
 * Source  Ruemmler and Wilkes, "An introduction to disk drive modeling", IEEE Computer 27(3),
 *         1994: the form of the curve, zones, rotation by geometry.
 * Limits  Bytes stand for cylinders, so the stroke is taken as proportional to the address.
 *         Tracks are skewed perfectly: a sequential transfer loses nothing at their borders.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "models/disk_geometry.h"

static void
lay_out_zones(struct gw_disk_geometry *geometry, const struct gw_disk_shape *shape)
{
    double size = geometry->capacity / GW_DISK_ZONES;
    double turns = 0;

    geometry->zones_a_byte = GW_DISK_ZONES / geometry->capacity;
    for (int zone = 0; zone < GW_DISK_ZONES; zone++) {
        double place = (zone + 0.5) / GW_DISK_ZONES;
        double rate =
            (double)shape->outer_rate - (double)(shape->outer_rate - shape->inner_rate) * place;

        geometry->start_bytes[zone] = zone * size;
        geometry->start_turns[zone] = turns;
        geometry->turns_a_byte[zone] = 1e9 / (rate * geometry->turn_ns);
        turns += size * geometry->turns_a_byte[zone];
    }
    geometry->start_bytes[GW_DISK_ZONES] = geometry->capacity;
    geometry->start_turns[GW_DISK_ZONES] = turns;
}

static bool
fit_seek_curve(struct gw_disk_geometry *geometry, const struct gw_disk_shape *shape,
               struct gw_error *err)
{
    double track = (double)shape->seek_track_ns;
    double full = (double)shape->seek_full_ns;
    double third = 1.0 / 3, root_third = __builtin_sqrt(third);
    double root_track = __builtin_sqrt(1.0 / geometry->start_turns[GW_DISK_ZONES]);
    /* Mean of sqrt(d) over d < 1/3, weighted by 2 (1 - d). */
    double mean_root = third * root_third * (4.0 / 3 - 4.0 / 5 * third);
    double weight, at_third;

    if (root_track >= root_third) {
        return gw_fail(err, GW_EINVAL, "capacity %lld bytes: less than three tracks",
                       (long long)shape->capacity_bytes);
    }
    weight = (mean_root - root_track * 5 / 9) / (root_third - root_track);
    at_third = ((double)shape->seek_average_ns - track * 5 / 9 + track * weight - full * 4 / 27) /
               (weight + 8.0 / 27);
    if (at_third < track || at_third > full) {
        return gw_fail(err, GW_EINVAL,
                       "seek times %lld, %lld, %lld ns (track, average, full): "
                       "no rising curve has these",
                       (long long)shape->seek_track_ns, (long long)shape->seek_average_ns,
                       (long long)shape->seek_full_ns);
    }
    geometry->short_slope = (at_third - track) / (root_third - root_track);
    geometry->short_base = track - geometry->short_slope * root_track;
    geometry->long_slope = (full - at_third) * 1.5;
    geometry->long_base = full - geometry->long_slope;
    return true;
}

bool
gw_disk_geometry_init(struct gw_disk_geometry *geometry, const struct gw_disk_shape *shape,
                      struct gw_error *err)
{
    if (shape->inner_rate > shape->outer_rate) {
        return gw_fail(err, GW_EINVAL, "inner_rate %lld B/s: must not exceed outer_rate %lld B/s",
                       (long long)shape->inner_rate, (long long)shape->outer_rate);
    }
    geometry->turn_ns = 60e9 / (double)shape->rotations_a_minute;
    geometry->capacity = (double)shape->capacity_bytes;
    lay_out_zones(geometry, shape);
    return fit_seek_curve(geometry, shape, err);
}

double
gw_disk_seek_ns(const struct gw_disk_geometry *geometry, int64_t distance_bytes)
{
    double bytes = (double)(distance_bytes < 0 ? -distance_bytes : distance_bytes);
    double share = bytes / geometry->capacity;

    if (bytes * geometry->turns_a_byte[0] < 1) {
        return 0;
    }
    if (share > 1.0 / 3) {
        return geometry->long_base + geometry->long_slope * share;
    }
    return geometry->short_base + geometry->short_slope * __builtin_sqrt(share);
}
