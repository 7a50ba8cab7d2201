/* setting.h - one row of a table is parser, validator, help, manual and echo of a setting.
 *
 * A settings struct is plain data; a table of struct gw_setting describes it. Values arrive as a
 * tree of config nodes (config.h), each with its place in the text, so that every error can
 * point at it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SETTING_H
#define GW_SETTING_H

#include <stddef.h>
#include <stdint.h>

enum gw_setting_type {
    GW_SETTING_BYTES,  /* int64_t bytes:            256KiB, 6GiB, 8kB; `K` alone is refused */
    GW_SETTING_TIME,   /* int64_t ns:               300ms, 5us, 2h, 0s */
    GW_SETTING_RATE,   /* int64_t bytes/s:          8Gbps (bits, decimal), 800MB/s, 64MiB/s */
    GW_SETTING_IOPS,   /* double per second:        400/s, 12k/s (k = 1000), 4000iops */
    GW_SETTING_COUNT,  /* int64_t, no unit:         16 */
    GW_SETTING_SHARE,  /* double 0..1:              30%, 0.5%; a bare number is refused */
    GW_SETTING_NUMBER, /* double, no unit:          0.99 */
    GW_SETTING_FLAG,   /* bool:                     true, false (no yes/no/on/off) */
    GW_SETTING_CHOICE, /* int index into choices[]: one of the named words */
    GW_SETTING_TEXT    /* char *, owned by the struct, may be NULL when the default is NULL */
};

struct gw_setting {
    const char *name; /* key in the scenario, also in --set */
    enum gw_setting_type type;
    size_t offset;              /* offsetof(struct x_settings, field) */
    const char *preset;         /* default, written as a user would; NULL = must be given,
                                   except for GW_SETTING_TEXT where NULL = absent             */
    const char *least;          /* smallest legal value, as written; NULL = 0 */
    const char *most;           /* largest legal value, as written; NULL = no limit */
    const char *const *choices; /* for GW_SETTING_CHOICE: words, NULL-terminated */
    const char *help;           /* one line, lower case, no full stop */
};

#define GW_SETTING_END                                                                             \
    {                                                                                              \
        NULL, GW_SETTING_COUNT, 0, NULL, NULL, NULL, NULL, NULL                                    \
    }

#endif
