/* scenario_yaml.h - YAML text to a tree of nodes with places.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SCENARIO_YAML_H
#define GW_SCENARIO_YAML_H

#include "base/config.h"

/* Reads source->text from `offset` on, one document of maps, lists and plain or quoted scalars.
 * Anchors, aliases, tags, several documents and duplicate keys are errors. An empty text is an
 * empty map. NULL: see diagnostics; the caller owns the node. */
struct gw_config_node *gw_yaml_read(const struct gw_config_source *source, size_t offset,
                                    struct gw_diagnostics *diagnostics);

#endif
