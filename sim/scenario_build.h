/* scenario_build.h - what the files that make a scenario share; not for others.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SCENARIO_BUILD_H
#define GW_SCENARIO_BUILD_H

#include "base/settings.h"
#include "sim/scenario.h"

#define GW_NOWHERE SIZE_MAX /* an index that was not found */

enum { GW_KIND_WORDS_MAX = 127 };

/* What gw_vm_table fills. */
struct gw_vm_names {
    char *name;
    char *source;
    char *target;
    char *home;
};

/* All of a file. Caller frees. NULL: GW_ENOENT, GW_EIO, GW_ENOMEM; GW_EINVAL when it is too large
 * for a scenario. The message does not name the path. */
char *gw_scenario_read_file(const char *path, size_t *length, struct gw_error *err);

/* Replaces the key `include` of config->root, which was read from `path`, by what the files named
 * there say and root does not. False: see diagnostics. */
bool gw_scenario_include(struct gw_config *config, const char *path,
                         struct gw_diagnostics *diagnostics);

/* Moves into a map what only `lower` has; maps that both have meet key by key. False: memory out. */
bool gw_scenario_merge_under(struct gw_config_node *upper, struct gw_config_node *lower);

/* Applies "path.to.key=value" to the tree, with places that name the argument. */
void gw_scenario_override(struct gw_config *config, const char *override,
                          struct gw_diagnostics *diagnostics);

/* Fill scenario->devices and scenario->guests from the root of the tree. */
void gw_scenario_build_devices(struct gw_scenario *scenario, const struct gw_config_node *root,
                               struct gw_diagnostics *diagnostics);
void gw_scenario_build_guests(struct gw_scenario *scenario, const struct gw_config_node *root,
                              struct gw_diagnostics *diagnostics);

/* Fills scenario->memory from the root of a tree that has the key `memory`. */
void gw_scenario_build_memory(struct gw_scenario *scenario, const struct gw_config_node *root,
                              struct gw_diagnostics *diagnostics);
void gw_scenario_memory_destroy(struct gw_memory_plan *plan);

/* Index of a top-level device, or GW_NOWHERE with an error at `place`. */
size_t gw_scenario_device_index(const struct gw_scenario *scenario, const char *name,
                                struct gw_place place, struct gw_diagnostics *diagnostics);

/* Index in words of the word that map has at key, or GW_NOWHERE with an error. */
size_t gw_scenario_choose(const struct gw_config_node *map, const char *key, const char *subject,
                          const char *const *words, struct gw_diagnostics *diagnostics);

/* The child of map at key if it is of this type. An error otherwise; silent when absent. */
const struct gw_config_node *gw_scenario_group(const struct gw_config_node *map, const char *key,
                                               enum gw_config_type type,
                                               struct gw_diagnostics *diagnostics);

/* An empty map that stands for one that was left out. */
struct gw_config_node gw_scenario_absent(const struct gw_config_node *parent);

void gw_scenario_out_of_memory(struct gw_diagnostics *diagnostics);

#endif
