/* page_trace.h - recorded page writes of one region, held in memory.
 *
 * A text file of lines "time_ms,page": guest time in milliseconds with up to six decimals, not
 * going back; page number in the region. Empty lines and lines that begin with # are passed over.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_PAGE_TRACE_H
#define GW_PAGE_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct gw_page_trace {
    int64_t *at_ns; /* owned */
    uint32_t *page; /* owned */
    size_t count, allocated;
};

/* Errors: GW_ENOENT, GW_EIO (cannot be read; a bad line with file:line; no line), GW_ENOMEM.
 * Then nothing needs a release. */
bool gw_page_trace_load(struct gw_page_trace *trace, const char *path, uint32_t page_count,
                        struct gw_error *err);
void gw_page_trace_destroy(struct gw_page_trace *trace);

#endif
