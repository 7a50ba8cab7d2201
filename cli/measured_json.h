/* measured_json.h - fields of a JSON object by their path: "setup.guest.fill".
 *
 * All readers: false when the field is missing or wrong; the message names the path. GW_EINVAL.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_MEASURED_JSON_H
#define GW_MEASURED_JSON_H

#include <jansson.h>

#include "base/error.h"

/* NULL: it is not there, or null. */
const json_t *gw_json_find(const json_t *root, const char *path);
/* A failure that says so. */
bool gw_json_missing(const char *path, struct gw_error *err);
/* A text that is not empty, borrowed from root. */
bool gw_json_text(const json_t *root, const char *path, const char **out, struct gw_error *err);
/* A finite number that is not negative. */
bool gw_json_real(const json_t *root, const char *path, double *out, struct gw_error *err);
bool gw_json_real_or(const json_t *root, const char *path, double otherwise, double *out,
                     struct gw_error *err);
bool gw_json_flag(const json_t *root, const char *path, bool *out, struct gw_error *err);
bool gw_json_flag_or(const json_t *root, const char *path, bool otherwise, bool *out,
                     struct gw_error *err);

/* Whole numbers read by a table. */
struct gw_json_number {
    const char *path;
    size_t offset; /* of the int64_t in what is read */
    int64_t least, most;
    int64_t otherwise; /* when the file does not have it; GW_JSON_NEEDED: an error */
};

enum { GW_JSON_NEEDED = -1 };

bool gw_json_numbers(const json_t *root, const struct gw_json_number *rows, size_t count, void *out,
                     struct gw_error *err);

#endif
