/* scenario_canonical.c - a scenario written back: canonical JSON for identity, YAML for people.
 *
 * Idea      Both build the same tree by echoing the settings tables and differ in the style of
 *           quantities and in what is left out. JSON in canonical form is itself a scenario; a
 *           test reads it back and gets the same bytes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "sim/scenario_build.h"

struct writer {
    const struct gw_scenario *scenario;
    enum gw_quantity_style style;
    const struct gw_trace_digest *digests;
    size_t digest_count;
};

static bool
echo_device(const struct writer *writer, size_t index, const char *key,
            struct gw_config_node *parent)
{
    const struct gw_device_plan *plan = &writer->scenario->devices[index];
    struct gw_config_node *map = gw_config_put_group(parent, key, GW_CONFIG_MAP);
    bool fine = map != NULL && gw_config_put(map, "kind", plan->kind->name, true) &&
                gw_settings_echo(plan->kind->settings, plan->settings, writer->style, map);

    for (size_t i = 0; fine && i < plan->child_count; i++) {
        const struct gw_device_plan *child = &writer->scenario->devices[plan->children[i]];

        if (strchr(child->name, '.') == NULL) {
            fine = gw_config_put(map, plan->kind->children[i], child->name, true);
        } else {
            fine = echo_device(writer, plan->children[i], plan->kind->children[i], map);
        }
    }
    return fine;
}

static bool
echo_devices(const struct writer *writer, struct gw_config_node *root)
{
    struct gw_config_node *map = gw_config_put_group(root, "devices", GW_CONFIG_MAP);

    for (size_t i = 0; map != NULL && i < writer->scenario->device_count; i++) {
        const char *name = writer->scenario->devices[i].name;

        if (strchr(name, '.') == NULL && !echo_device(writer, i, name, map)) {
            return false;
        }
    }
    return map != NULL;
}

static bool
echo_vm(const struct writer *writer, const struct gw_guest_plan *guest,
        struct gw_config_node *parent)
{
    struct gw_config_node *map = gw_config_put_group(parent, "vm", GW_CONFIG_MAP);
    struct gw_config_node *disks;

    if (map == NULL || !gw_config_put(map, "name", guest->name, true) ||
        !gw_config_put(map, "source", writer->scenario->devices[guest->source].name, true) ||
        !gw_config_put(map, "target", writer->scenario->devices[guest->target].name, true)) {
        return false;
    }
    if ((guest->home[GW_SOURCE] != guest->source || guest->home[GW_TARGET] != guest->target) &&
        !gw_config_put(map, "home", writer->scenario->devices[guest->home[GW_TARGET]].name, true)) {
        return false;
    }
    disks = gw_config_put_group(map, "disks", GW_CONFIG_LIST);
    for (size_t i = 0; disks != NULL && i < guest->disk_count; i++) {
        struct gw_config_node *disk = gw_config_put_group(disks, NULL, GW_CONFIG_MAP);

        if (disk == NULL ||
            !gw_settings_echo(gw_vm_disk_table, &guest->disks[i], writer->style, disk)) {
            return false;
        }
    }
    return disks != NULL;
}

/* The digest that stands for a text, or the text. */
static const char *
substitute(const struct writer *writer, const char *text)
{
    for (size_t i = 0; i < writer->digest_count; i++) {
        if (strcmp(writer->digests[i].path, text) == 0) {
            return writer->digests[i].digest;
        }
    }
    return text;
}

static bool
substitute_texts(const struct writer *writer, const struct gw_setting *table,
                 struct gw_config_node *map)
{
    for (const struct gw_setting *setting = gw_settings_rows(table); setting->name != NULL;
         setting++) {
        struct gw_config_node *node = gw_config_get(map, setting->name);
        char *copy;

        if (setting->type != GW_SETTING_TEXT || node == NULL) {
            continue;
        }
        copy = strdup(substitute(writer, node->text));
        if (copy == NULL) {
            return false;
        }
        free(node->text);
        node->text = copy;
    }
    return true;
}

static bool
echo_workload(const struct writer *writer, const struct gw_guest_plan *guest,
              struct gw_config_node *parent)
{
    struct gw_config_node *map = gw_config_put_group(parent, "workload", GW_CONFIG_MAP);
    const struct gw_setting *table = guest->workload->settings;

    return map != NULL && gw_config_put(map, "kind", guest->workload->name, true) &&
           gw_settings_echo(table, guest->workload_settings, writer->style, map) &&
           substitute_texts(writer, table, map);
}

static bool
echo_migration(const struct writer *writer, const struct gw_guest_plan *guest,
               struct gw_config_node *parent)
{
    struct gw_config_node *map = gw_config_put_group(parent, "migration", GW_CONFIG_MAP);
    const struct gw_architecture *architecture = guest->architecture;
    struct gw_config_node *own;

    if (map == NULL || architecture == NULL) {
        return map != NULL && gw_config_put(map, "architecture", "none", true);
    }
    if (!gw_config_put(map, "architecture", architecture->name, true) ||
        !gw_settings_echo(gw_migration_settings_table, &guest->migration, writer->style, map)) {
        return false;
    }
    own = gw_config_put_group(map, architecture->name, GW_CONFIG_MAP);
    return own != NULL && gw_settings_echo(architecture->settings, guest->architecture_settings,
                                           writer->style, own);
}

static bool
echo_guest(const struct writer *writer, size_t index, struct gw_config_node *parent)
{
    const struct gw_guest_plan *guest = &writer->scenario->guests[index];

    return echo_vm(writer, guest, parent) && echo_workload(writer, guest, parent) &&
           echo_migration(writer, guest, parent);
}

static bool
echo_neighbours(const struct writer *writer, struct gw_config_node *root)
{
    struct gw_config_node *list;

    if (writer->scenario->guest_count == 1) {
        return true;
    }
    list = gw_config_put_group(root, "neighbours", GW_CONFIG_LIST);
    for (size_t i = 1; list != NULL && i < writer->scenario->guest_count; i++) {
        struct gw_config_node *map = gw_config_put_group(list, NULL, GW_CONFIG_MAP);

        if (map == NULL || !echo_guest(writer, i, map)) {
            return false;
        }
    }
    return list != NULL;
}

/* ---- memory scenarios --------------------------------------------------------------------------- */

static bool
echo_section(const struct writer *writer, const char *key, const struct gw_setting *table,
             const void *blob, struct gw_config_node *root)
{
    struct gw_config_node *map = gw_config_put_group(root, key, GW_CONFIG_MAP);

    return map != NULL && gw_settings_echo(table, blob, writer->style, map);
}

static bool
echo_regions(const struct writer *writer, struct gw_config_node *root)
{
    const struct gw_memory_plan *plan = writer->scenario->memory;
    struct gw_config_node *list = gw_config_put_group(root, "regions", GW_CONFIG_LIST);

    for (size_t i = 0; list != NULL && i < plan->region_count; i++) {
        struct gw_config_node *map = gw_config_put_group(list, NULL, GW_CONFIG_MAP);

        if (map == NULL ||
            !gw_settings_echo(gw_region_settings_table, &plan->regions[i], writer->style, map) ||
            !substitute_texts(writer, gw_region_settings_table, map)) {
            return false;
        }
    }
    return list != NULL;
}

static bool
echo_costs(const struct writer *writer, struct gw_config_node *root)
{
    const struct gw_memory_plan *plan = writer->scenario->memory;
    struct gw_config_node *list = gw_config_put_group(root, "codec_costs", GW_CONFIG_LIST);

    for (size_t i = 0; list != NULL && i < plan->codec_cost_count; i++) {
        struct gw_config_node *map = gw_config_put_group(list, NULL, GW_CONFIG_MAP);

        if (map == NULL ||
            !gw_settings_echo(gw_codec_cost_table, &plan->codec_costs[i], writer->style, map)) {
            return false;
        }
    }
    return list != NULL;
}

static bool
echo_memory(const struct writer *writer, struct gw_config_node *root)
{
    const struct gw_memory_plan *plan = writer->scenario->memory;
    struct gw_config_node *map;

    if (!echo_section(writer, "memory", gw_memory_vm_table, plan, root) ||
        !echo_regions(writer, root) ||
        !echo_section(writer, "service", gw_guest_service_table, &plan->service, root) ||
        !echo_section(writer, "link", gw_memory_link_table, &plan->link, root) ||
        !echo_section(writer, "host", gw_memory_host_table, &plan->host, root) ||
        !echo_costs(writer, root) ||
        !echo_section(writer, "delta_cost", gw_delta_cost_table, &plan->delta_cost, root)) {
        return false;
    }
    map = gw_config_put_group(root, "migration", GW_CONFIG_MAP);
    return map != NULL && gw_config_put(map, "architecture", plan->architecture->name, true) &&
           gw_settings_echo(gw_memory_settings_table, &plan->settings, writer->style, map);
}

/* ---- the whole ---------------------------------------------------------------------------------- */

static bool
echo_disks(const struct writer *writer, struct gw_config_node *root)
{
    return echo_devices(writer, root) &&
           echo_section(writer, "host", gw_host_table, &writer->scenario->host, root) &&
           echo_guest(writer, 0, root) && echo_neighbours(writer, root);
}

/* What does not change the result of one replication has no part in its identity. */
static void
drop_children(struct gw_config_node *root, const char *const *keys)
{
    for (size_t k = 0; keys[k] != NULL; k++) {
        for (size_t i = 0; i < root->count; i++) {
            if (strcmp(root->children[i]->key, keys[k]) == 0) {
                gw_config_node_destroy(root->children[i]);
                memmove(&root->children[i], &root->children[i + 1],
                        (root->count - i - 1) * sizeof root->children[0]);
                root->count--;
            }
        }
    }
}

static struct gw_config_node *
echo_scenario(const struct writer *writer)
{
    static const char *const no_identity[] = {"description", "replications", NULL};
    static const char *const no_memory_key[] = {"until_workload_end", NULL};
    bool is_memory = writer->scenario->memory != NULL;
    struct gw_config_node *root = gw_config_node_create(GW_CONFIG_MAP, NULL, NULL);
    bool fine =
        root != NULL && gw_settings_echo(gw_scenario_table, writer->scenario, writer->style, root);

    if (fine && writer->style == GW_QUANTITY_CANONICAL) {
        drop_children(root, no_identity);
    }
    if (fine && is_memory) {
        drop_children(root, no_memory_key);
    }
    fine = fine && (is_memory ? echo_memory(writer, root) : echo_disks(writer, root));
    if (!fine) {
        gw_config_node_destroy(root);
        return NULL;
    }
    return root;
}

char *
gw_scenario_canonical(const struct gw_scenario *scenario, const struct gw_trace_digest *digests,
                      size_t digest_count)
{
    struct writer writer = {scenario, GW_QUANTITY_CANONICAL, digests, digest_count};
    struct gw_config_node *root = echo_scenario(&writer);
    struct gw_text out = {0};

    if (root == NULL) {
        return NULL;
    }
    gw_config_write_json(root, &out);
    gw_config_node_destroy(root);
    return gw_text_take(&out);
}

bool
gw_scenario_run_id(const char *canonical, int64_t replication, const char *vm, char out[33])
{
    struct gw_hash *hash = gw_hash_create();

    if (hash == NULL) {
        return false;
    }
    gw_hash_add_text(hash, canonical);
    gw_hash_add_u64(hash, (uint64_t)replication);
    gw_hash_add_text(hash, vm);
    gw_hash_add_text(hash, GW_VERSION);
    gw_hash_text(hash, out);
    gw_hash_destroy(hash);
    return true;
}

char *
gw_scenario_show(const struct gw_scenario *scenario)
{
    struct writer writer = {scenario, GW_QUANTITY_SHOWN, NULL, 0};
    struct gw_config_node *root = echo_scenario(&writer);
    struct gw_text out = {0};

    if (root == NULL) {
        return NULL;
    }
    gw_config_write_yaml(root, &out);
    gw_config_node_destroy(root);
    return gw_text_take(&out);
}
