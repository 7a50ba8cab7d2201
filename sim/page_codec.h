/* page_codec.h - what the real codecs make of a region's pages, remembered by class.
 *
 * Idea      The codecs run on real bytes of a few sample pages of each class (region, writes since
 *           filled, writes since the old copy, in steps); a page of the guest is one of the
 *           samples of its class. So sizes are exact for what was sampled and cost is bounded.
 * Times     come from the host's cost table, by codec, level and content, never from a clock.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_PAGE_CODEC_H
#define GW_PAGE_CODEC_H

#include "base/memory.h"
#include "workloads/page_content.h"

/* One line of the scenario's list `codec_costs`, or of the built-in one. */
struct gw_codec_cost {
    int codec; /* enum gw_codec */
    int64_t level;
    int content;                  /* enum gw_content_kind */
    int64_t encode_ns, decode_ns; /* a page */
};

/* XBZRLE: a part for reading the page and one for each run of changed bytes. */
struct gw_delta_cost {
    double page_ns;       /* encode: reading both pages */
    double run_ns;        /* encode: each run */
    double decode_ns;     /* a page */
    double decode_run_ns; /* and each run */
};

extern const struct gw_setting gw_codec_cost_table[];        /* fills struct gw_codec_cost */
extern const struct gw_setting gw_delta_cost_table[];        /* fills struct gw_delta_cost */
extern const struct gw_codec_cost gw_codec_costs_built_in[]; /* ended by codec GW_CODEC_NONE */

struct gw_page_codec;

struct gw_page_codec_plan {
    const struct gw_page_content *const *contents; /* of each region; kept until destroy */
    const struct gw_region_settings *const *regions;
    size_t region_count;
    enum gw_codec codec; /* NONE: none is asked for */
    int64_t level;
    /* multifd: a packet of 128 pages of the region as one continuing stream, flushed; each page
     * counts as its share of the packet. Packets of several regions are not sampled. */
    bool stream;
    const struct gw_codec_cost *costs; /* looked up first; then the built-in ones */
    size_t cost_count;
    struct gw_delta_cost delta;
    double speed; /* compression is so many times as fast as its costs say; 0: 1 */
};

struct gw_codec_answer {
    int32_t bytes; /* delta: 0 equal, -1 overflow */
    double encode_ns, decode_ns;
};

/* A level without a line of its own lies on the straight line between the two levels around it,
 * or costs what the nearest one costs. A page that is part its first content and part written
 * costs both in these shares. Pages of a file cost what the kind of page costs that packs to the
 * most similar size, unless the list has a line for content file.
 * Errors: GW_EINVAL (a level that the codec does not have; no cost known for a codec: says how to
 * measure it), GW_ENOMEM. */
struct gw_page_codec *gw_page_codec_create(const struct gw_page_codec_plan *plan,
                                           struct gw_error *err);
void gw_page_codec_destroy(struct gw_page_codec *codec);

/* Compressing page `page` of `region` at this version. */
struct gw_codec_answer gw_page_codec_compress(struct gw_page_codec *codec, size_t region,
                                              uint64_t page, uint32_t version);
/* XBZRLE of it at `version` against its copy at `old_version`; 4096 zero bytes when `old_zero`. */
struct gw_codec_answer gw_page_codec_delta(struct gw_page_codec *codec, size_t region,
                                           uint64_t page, uint32_t version, uint32_t old_version,
                                           bool old_zero);

#endif
