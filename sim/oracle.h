/* oracle.h - what the guest has a right to find on its disks: the judge of every run.
 *
 * It learns each acknowledged write from the guest's side, knows nothing of architectures, and
 * checks what guest reads return and what the final disks hold.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_ORACLE_H
#define GW_ORACLE_H

#include "base/io.h"
#include "sim/image.h"

enum { GW_ORACLE_MEMORY = 1 << 16 }; /* acknowledged writes of which it knows the time */

struct gw_oracle {
    struct gw_image *image; /* disk_count: content after all acknowledged writes */
    uint32_t disk_count;
    int64_t granule_bytes;
    bool zeroes;         /* the guest issued a trim or wrote zeroes */
    uint32_t last_write; /* identity given to the newest write */
    struct {
        uint32_t identity;
        int64_t acknowledged_ns;
    } recent[GW_ORACLE_MEMORY];
    int64_t reads_checked;
    int64_t reads_wrong;
    char note[200]; /* first wrong read */
};

/* Hints: an IO will come that begins there; announced first, expected soon. */
void gw_oracle_announce(const struct gw_oracle *oracle, uint32_t disk, int64_t offset_bytes);
void gw_oracle_expect(const struct gw_oracle *oracle, uint32_t disk, int64_t offset_bytes);

/* Identity of a new guest write. Running out of identities is a bug. */
uint32_t gw_oracle_new_write(struct gw_oracle *oracle);

/* A write was acknowledged: its granules hold `identity` from now on (0 for zero and trim). */
void gw_oracle_acknowledge(struct gw_oracle *oracle, uint32_t disk, struct gw_extent extent,
                           enum gw_io_op op, uint32_t identity, int64_t now_ns);

/* A write failed: nobody can tell what its granules hold; they are not judged any more until
 * they are written again. From then on its data are stale. */
void gw_oracle_forget(struct gw_oracle *oracle, uint32_t disk, struct gw_extent extent,
                      enum gw_io_op op, uint32_t identity, int64_t now_ns);

/* First granule that must hold an acknowledged write, and does not; or the size of the disk. */
uint64_t gw_oracle_difference(const struct gw_oracle *oracle, uint32_t disk,
                              const struct gw_image *image);

/* Judges what a read returned that began at began_ns: each granule must hold the last write
 * acknowledged before, or one that was under way or acknowledged since. */
void gw_oracle_check_read(struct gw_oracle *oracle, uint32_t disk, struct gw_extent extent,
                          const uint32_t *identities, int64_t began_ns);

#endif
