/* page_writer.h - which pages of a region a guest writes: one by one, or counted in bulk.
 *
 * How many writes there are and when is the caller's; pages are numbered from 0 in the region.
 * draw and count follow the same law: uniform, hot and Zipf writes are independent of each other,
 * sequential ones go round. They use up the random stream differently, so a run that is to be
 * repeated to the bit has to make the same calls. Times are guest run time, from 0.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_PAGE_WRITER_H
#define GW_PAGE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "workloads/memory_region.h"

/* Names the random stream of one region of one guest. */
struct gw_page_writer_key {
    uint64_t seed, replication, object;
    uint32_t region;
};

struct gw_page_count {
    uint32_t page;
    uint32_t writes; /* at least 1 */
};

struct gw_page_writer;

/* Settings are borrowed until destroy. page_count >= 1; writes other than GW_WRITES_NONE.
 * Errors: GW_EINVAL (a share, an exponent or a time out of range), GW_ENOENT, GW_EIO (trace; a bad
 * line with file:line), GW_ENOMEM. */
struct gw_page_writer *gw_page_writer_create(const struct gw_region_settings *settings,
                                             uint32_t page_count,
                                             const struct gw_page_writer_key *key,
                                             struct gw_error *err);
void gw_page_writer_destroy(struct gw_page_writer *writer);

/* ---- all patterns but replay ------------------------------------------------------------------- */

/* The writes from now on fall at this guest time: moves the hot range or Zipf's ranks where
 * phase_ns says so. Starts at 0. */
void gw_page_writer_seek(struct gw_page_writer *writer, int64_t guest_ns);
/* First time after the one sought at which they move; INT64_MAX: never. */
int64_t gw_page_writer_phase_end_ns(const struct gw_page_writer *writer);

/* The next n writes in order. */
void gw_page_writer_draw(struct gw_page_writer *writer, uint32_t n, uint32_t *pages);

/* The next n writes without their order. Costs about the pages touched, not n. `out` has room for
 * min(n, page_count) entries; returns how many. A page may come more than once: its counts add
 * up. n at most UINT32_MAX. */
uint32_t gw_page_writer_count(struct gw_page_writer *writer, uint32_t n, struct gw_page_count *out);

/* ---- replay -------------------------------------------------------------------------------------- */

/* The next writes of the trace before until_ns, at most `room`, in order; returns how many.
 * Fewer than `room`: there are no more before until_ns. After the last line: 0 for ever. */
uint32_t gw_page_writer_replay(struct gw_page_writer *writer, int64_t until_ns, uint32_t *pages,
                               uint32_t room);
/* Time of the next write of the trace; INT64_MAX: none. */
int64_t gw_page_writer_replay_next_ns(const struct gw_page_writer *writer);
/* Mean writes a second of the whole trace. */
double gw_page_writer_replay_rate(const struct gw_page_writer *writer);

/* ---- bursts (of the settings alone; without burst_off_ns always on) ------------------------------ */

bool gw_page_writer_is_on(const struct gw_region_settings *settings, int64_t guest_ns);
/* How much of [from_ns, to_ns) is on. */
int64_t gw_page_writer_on_ns(const struct gw_region_settings *settings, int64_t from_ns,
                             int64_t to_ns);
/* First time after guest_ns at which on and off change; INT64_MAX: never. */
int64_t gw_page_writer_edge_ns(const struct gw_region_settings *settings, int64_t guest_ns);

#endif
