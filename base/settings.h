/* settings.h - from a map of a scenario to the plain struct that a table describes, and back.
 *
 * The struct is cleared before it is filled. Text fields are owned by the struct: free them with
 * gw_settings_clear. A table that contradicts itself (a default out of range) is a bug. A table
 * that is NULL has no rows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SETTINGS_H
#define GW_SETTINGS_H

#include "base/config.h"
#include "base/quantity.h"
#include "base/setting.h"

/* The rows of a table, for walking it up to the one without a name. */
const struct gw_setting *gw_settings_rows(const struct gw_setting *table);

/* What to fill: a table, its struct, and the other keys that the map may have. */
struct gw_settings_target {
    const struct gw_setting *table;
    void *blob;
    size_t blob_bytes;
    const char *const *other_keys; /* legal, but read by the caller; NULL-terminated, or NULL */
    const char *subject;           /* for messages: "device kind 'disk'", "vm" */
};

/* Fills blob from map, defaults for what is absent. All errors go to diagnostics; false when
 * there was one (blob is then still safe to clear). */
bool gw_settings_resolve(const struct gw_settings_target *target, const struct gw_config_node *map,
                         struct gw_diagnostics *diagnostics);

/* Frees the text fields and sets them to NULL. */
void gw_settings_clear(const struct gw_setting *table, void *blob);

/* Appends every row that has a value to map. False: memory out. */
bool gw_settings_echo(const struct gw_setting *table, const void *blob,
                      enum gw_quantity_style style, struct gw_config_node *map);

/* Legal range of a row in words: "4KiB to 64MiB", "at least 0B", or "". */
void gw_setting_range(const struct gw_setting *setting, char *out, size_t out_bytes);

#endif
