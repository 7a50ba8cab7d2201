/* page_cost.h - what packing and unpacking a page of each content takes, looked up once.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_PAGE_COST_H
#define GW_PAGE_COST_H

#include "sim/page_codec.h"

struct gw_page_cost {
    double encode_ns[GW_CONTENT_COUNT];
    double decode_ns[GW_CONTENT_COUNT];
    bool has_file; /* the list has its own line for content file */
};

/* For the plan's codec and level. Errors: GW_EINVAL. */
bool gw_page_cost_find(const struct gw_page_codec_plan *plan, struct gw_page_cost *out,
                       struct gw_error *err);

#endif
