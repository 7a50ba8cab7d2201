/* page_content.h - the bytes of a guest page after so many writes, made when asked for.
 *
 * Deterministic: (class, page, version) gives the same 4096 bytes everywhere. Version 0 is the
 * page as it was filled; each write changes it as the region's settings say.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_PAGE_CONTENT_H
#define GW_PAGE_CONTENT_H

#include "base/error.h"
#include "workloads/memory_region.h"

enum { GW_CONTENT_PAGE_BYTES = 4096 };

struct gw_page_content; /* one region's way of filling pages */

/* Settings are borrowed. A file is read whole, 1 GiB at most; its last page
 * is filled up with zeros. Two regions of one seed differ by their names.
 * Errors: GW_ENOENT, GW_EIO, GW_EINVAL (file), GW_ENOMEM. */
struct gw_page_content *gw_page_content_create(const struct gw_region_settings *settings,
                                               uint64_t seed, struct gw_error *err);
void gw_page_content_destroy(struct gw_page_content *content);

/* The page after `version` writes. Cost grows with version up to a bound: after enough writes
 * the older ones no longer show, and they are left out. */
void gw_page_content_fill(const struct gw_page_content *content, uint64_t page, uint32_t version,
                          uint8_t out[GW_CONTENT_PAGE_BYTES]);
/* Makes `page_bytes` from the given version into the next one, in place. */
void gw_page_content_write(const struct gw_page_content *content, uint64_t page, uint32_t version,
                           uint8_t page_bytes[GW_CONTENT_PAGE_BYTES]);
/* Whether fill would give only zeros. At once, but for a page that was filled with something and
 * is now overwritten with zeros bit by bit: that one is made and looked at. */
bool gw_page_content_is_zero(const struct gw_page_content *content, uint64_t page,
                             uint32_t version);
/* Whether no page of it is a zero page at any version. */
bool gw_page_content_never_zero(const struct gw_page_content *content);
/* Whether a write may change the bytes at all (change_bytes 0, or zero over zero: it does not). */
bool gw_page_content_changes(const struct gw_page_content *content, uint32_t version);

#endif
