/* mix.h - which IO comes next: operation, block and place, shared by the synthetic workloads.
 *
 * A kind embeds struct gw_mix_settings in its settings and GW_MIX_ROWS in its table; so `block`,
 * `read_share`, `pattern` and the rest mean the same in all of them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_MIX_H
#define GW_MIX_H

#include <stddef.h>

#include "workloads/address.h"
#include "workloads/workload.h"

struct gw_mix_settings {
    char *disk; /* number, or "last" */
    int64_t region_offset_bytes;
    int64_t region_size_bytes; /* 0 = up to the end of the disk */
    int64_t block_bytes;
    double read_share;
    double trim_share, zero_share; /* of the IOs that are not reads */
    double random_share;           /* the rest goes to the block after the last one */
    int pattern;
    double hot_share, hot_io_share, hot_at;
    int hot_layout;
    double zipf_exponent;
};

extern const char *const gw_hot_layouts[]; /* "contiguous", "scattered" */

#define GW_MIX_ROW(key, kind, at, preset, least, most, choices, help)                              \
    {                                                                                              \
        key, GW_SETTING_##kind, at, preset, least, most, choices, help                             \
    }

/* Rows for struct gw_mix_settings `member` of settings struct `type`. */
#define GW_MIX_ROWS(type, member)                                                                  \
    GW_MIX_ROW("disk", TEXT, offsetof(type, member.disk), "last", NULL, NULL, NULL,                \
               "disk of the guest: its number from 0, or last"),                                   \
        GW_MIX_ROW("region_offset", BYTES, offsetof(type, member.region_offset_bytes), "0B", NULL, \
                   NULL, NULL, "where on the disk the worked region begins"),                      \
        GW_MIX_ROW("region_size", BYTES, offsetof(type, member.region_size_bytes), "0B", NULL,     \
                   NULL, NULL, "size of the worked region; 0B = up to the end of the disk"),       \
        GW_MIX_ROW("block", BYTES, offsetof(type, member.block_bytes), "8KiB", "512B", "64MiB",    \
                   NULL, "size of each IO, a multiple of 512B"),                                   \
        GW_MIX_ROW("read_share", SHARE, offsetof(type, member.read_share), "70%", NULL, NULL,      \
                   NULL, "share of the IOs that are reads"),                                       \
        GW_MIX_ROW("trim_share", SHARE, offsetof(type, member.trim_share), "0%", NULL, NULL, NULL, \
                   "share of the other IOs that are trims"),                                       \
        GW_MIX_ROW("zero_share", SHARE, offsetof(type, member.zero_share), "0%", NULL, NULL, NULL, \
                   "share of the other IOs that write zeroes"),                                    \
        GW_MIX_ROW("random_share", SHARE, offsetof(type, member.random_share), "100%", NULL, NULL, \
                   NULL, "share of the IOs placed by the pattern; the rest follows the last IO"),  \
        GW_MIX_ROW("pattern", CHOICE, offsetof(type, member.pattern), "uniform", NULL, NULL,       \
                   gw_address_patterns, "how blocks are chosen"),                                  \
        GW_MIX_ROW("hot_share", SHARE, offsetof(type, member.hot_share), "10%", NULL, NULL, NULL,  \
                   "hotcold: share of the region that is hot"),                                    \
        GW_MIX_ROW("hot_io_share", SHARE, offsetof(type, member.hot_io_share), "90%", NULL, NULL,  \
                   NULL, "hotcold: share of the IOs that go to the hot part"),                     \
        GW_MIX_ROW("hot_at", SHARE, offsetof(type, member.hot_at), "0%", NULL, NULL, NULL,         \
                   "hotcold, contiguous: where in the region the hot part begins"),                \
        GW_MIX_ROW("hot_layout", CHOICE, offsetof(type, member.hot_layout), "contiguous", NULL,    \
                   NULL, gw_hot_layouts,                                                           \
                   "hotcold: hot blocks in one piece or all over the region"),                     \
        GW_MIX_ROW("zipf_exponent", NUMBER, offsetof(type, member.zipf_exponent), "0.99", "0",     \
                   "10", NULL,                                                                     \
                   "zipf: exponent; block of rank r is drawn with 1 / (r + 1)^exponent")

/* Blocks are drawn so many IOs ahead, for gw_demand.soon_bytes. */
enum { GW_MIX_AHEAD = 8 };

struct gw_mix {
    struct gw_stream op_stream, address_stream;
    struct gw_address address;
    uint64_t read_below, trim_below, zero_below; /* 32-bit draw below: that operation */
    uint64_t random_below;
    uint64_t last;                /* block drawn last                                        */
    uint64_t ahead[GW_MIX_AHEAD]; /* blocks of the next IOs, from `turn` on                  */
    uint32_t turn;
    int64_t base_bytes, block_bytes;
    uint32_t disk;
    int64_t alignment_bytes; /* of every IO it makes */
};

/* `name` keys the mix's own random streams; mixes of one guest with the same region and block
 * share the places of their hot blocks. Errors: GW_EINVAL naming the setting. */
bool gw_mix_init(struct gw_mix *mix, const struct gw_mix_settings *settings,
                 const struct gw_workload_context *context, const char *name, struct gw_error *err);

/* Sets op, disk and extent of out; at_ns is the caller's. */
void gw_mix_next(struct gw_mix *mix, struct gw_demand *out);

/* Disk index for the text of a `disk` setting. Errors: GW_EINVAL. */
bool gw_disk_index(const struct gw_workload_context *context, const char *text, uint32_t *index,
                   struct gw_error *err);

/* Opens stream "name.part" of the guest. */
void gw_guest_stream(struct gw_stream *stream, const struct gw_workload_context *context,
                     const char *name, const char *part);

/* Largest power of two, 512 .. 64 KiB, that divides every number or-ed into `bits`. */
int64_t gw_alignment_of(int64_t bits);

#endif
