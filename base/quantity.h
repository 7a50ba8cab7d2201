/* quantity.h - one value with its unit: from text to a number and back.
 *
 * Bytes, times, rates and counts are whole numbers; fractions of a unit are exact ("1.5GiB") or
 * an error. IOPS, shares and numbers are doubles. IEC and SI prefixes are never guessed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_QUANTITY_H
#define GW_QUANTITY_H

#include <stdint.h>

#include "base/error.h"
#include "base/setting.h"

union gw_quantity {
    int64_t whole; /* bytes, ns, bytes/s, count, flag (0 or 1) */
    double real;   /* IOPS, share, number */
};

enum gw_quantity_style {
    GW_QUANTITY_SHOWN,    /* as a user would write it: 256KiB, 300ms, 1GB/s */
    GW_QUANTITY_CANONICAL /* in the base unit: 262144B, 300000000ns */
};

enum { GW_QUANTITY_TEXT_MAX = 64 };

/* Whether the type is held in `real`. */
bool gw_quantity_is_real(enum gw_setting_type type);

/* Reads all of `text`; types with a number or a flag only. Errors: GW_EINVAL, one sentence with
 * the text seen and what is allowed. The sign is kept: the range is the caller's. */
bool gw_quantity_parse(enum gw_setting_type type, const char *text, union gw_quantity *out,
                       struct gw_error *err);

/* Writes a text that gw_quantity_parse reads back to the same value. */
void gw_quantity_format(enum gw_setting_type type, union gw_quantity value,
                        enum gw_quantity_style style, char out[GW_QUANTITY_TEXT_MAX]);

/* "bytes", "time" ... and the units that a user may write: "B, KiB, ...", or "". */
const char *gw_quantity_type_name(enum gw_setting_type type);
const char *gw_quantity_units(enum gw_setting_type type);

#endif
