/* scenario_device.c - the devices of a scenario, nested or shared by name.
 *
 * Idea      First every map becomes a plan, nested ones with a dotted name, in the order of names,
 *           so that the order in the file decides nothing. Then the children given by name are
 *           bound, then a walk in depth refuses cycles.
 * Invariant node[i] is the map that plan i was read from, while this file is at work.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario_build.h"

struct builder {
    struct gw_scenario *scenario;
    struct gw_diagnostics *diagnostics;
    const struct gw_config_node *node[GW_SCENARIO_DEVICES_MAX];
    const char *kinds[GW_KIND_WORDS_MAX + 1];
};

static void
collect_kinds(const char **words)
{
    size_t count = 0;

    for (; gw_device_kinds[count] != NULL && count < GW_KIND_WORDS_MAX; count++) {
        words[count] = gw_device_kinds[count]->name;
    }
    words[count] = NULL;
}

static size_t
count_children(const struct gw_device_kind *kind)
{
    size_t count = 0;

    while (kind != NULL && kind->children != NULL && kind->children[count] != NULL) {
        count++;
    }
    return count;
}

/* A new plan without kind; takes name over. */
static size_t
append_plan(struct builder *builder, const struct gw_config_node *node, char *name)
{
    struct gw_scenario *scenario = builder->scenario;
    struct gw_device_plan *devices;

    if (scenario->device_count == GW_SCENARIO_DEVICES_MAX) {
        gw_diagnostics_error(builder->diagnostics, node->place, "more than %d devices",
                             GW_SCENARIO_DEVICES_MAX);
        free(name);
        return GW_NOWHERE;
    }
    devices = realloc(scenario->devices, (scenario->device_count + 1) * sizeof *devices);
    if (devices == NULL || name == NULL) {
        gw_scenario_out_of_memory(builder->diagnostics);
        free(name);
        scenario->devices = devices == NULL ? scenario->devices : devices;
        return GW_NOWHERE;
    }
    scenario->devices = devices;
    devices[scenario->device_count] = (struct gw_device_plan){.name = name};
    builder->node[scenario->device_count] = node;
    return scenario->device_count++;
}

/* Settings of a plan whose kind is known; keys of children are the caller's. */
static void
resolve_settings(struct builder *builder, size_t index)
{
    struct gw_device_plan *plan = &builder->scenario->devices[index];
    const char *other_keys[GW_KIND_WORDS_MAX + 2] = {"kind"};
    char subject[100];
    struct gw_settings_target target = {.table = plan->kind->settings,
                                        .blob_bytes = plan->kind->settings_bytes,
                                        .other_keys = other_keys,
                                        .subject = subject};

    plan->child_count = count_children(plan->kind);
    gw_assert(plan->child_count < GW_KIND_WORDS_MAX);
    for (size_t i = 0; i < plan->child_count; i++) {
        other_keys[i + 1] = plan->kind->children[i];
    }
    snprintf(subject, sizeof subject, "device kind '%s'", plan->kind->name);
    plan->settings = calloc(1, plan->kind->settings_bytes + 1);
    plan->children = malloc((plan->child_count + 1) * sizeof *plan->children);
    if (plan->settings == NULL || plan->children == NULL) {
        gw_scenario_out_of_memory(builder->diagnostics);
        plan->child_count = 0;
        return;
    }
    for (size_t i = 0; i < plan->child_count; i++) {
        plan->children[i] = GW_NOWHERE;
    }
    target.blob = plan->settings;
    gw_settings_resolve(&target, builder->node[index], builder->diagnostics);
}

static char *
join_name(const char *parent, const char *key)
{
    struct gw_text name = {0};

    if (parent != NULL) {
        gw_text_format(&name, "%s.", parent);
    }
    gw_text_add(&name, key);
    return gw_text_take(&name);
}

static size_t add_device(struct builder *builder, const struct gw_config_node *node,
                         const char *parent);

/* Nested maps become plans at once; names wait until all top-level devices are there. */
static void
add_children(struct builder *builder, size_t index)
{
    for (size_t i = 0; i < builder->scenario->devices[index].child_count; i++) {
        const struct gw_device_plan *plan = &builder->scenario->devices[index];
        const char *key = plan->kind->children[i];
        const struct gw_config_node *child = gw_config_get(builder->node[index], key);
        size_t child_index;

        if (child == NULL) {
            gw_diagnostics_error(
                builder->diagnostics, builder->node[index]->place,
                "missing key '%s' of device kind '%s': a device, or the name of one", key,
                plan->kind->name);
        } else if (child->type == GW_CONFIG_LIST) {
            gw_diagnostics_error(builder->diagnostics, child->place,
                                 "'%s' must be a device or the name of one, not a list", key);
        } else if (child->type == GW_CONFIG_MAP) {
            child_index = add_device(builder, child, plan->name);
            builder->scenario->devices[index].children[i] = child_index;
        }
    }
}

static size_t
add_device(struct builder *builder, const struct gw_config_node *node, const char *parent)
{
    size_t index = append_plan(builder, node, join_name(parent, node->key));
    char subject[100];
    size_t kind;

    if (index == GW_NOWHERE) {
        return GW_NOWHERE;
    }
    if (node->type != GW_CONFIG_MAP) {
        gw_diagnostics_error(builder->diagnostics, node->place,
                             "device '%.60s' must be a map, not %s", node->key,
                             gw_config_type_name(node->type));
        return index;
    }
    snprintf(subject, sizeof subject, "device '%.80s'", builder->scenario->devices[index].name);
    kind = gw_scenario_choose(node, "kind", subject, builder->kinds, builder->diagnostics);
    if (kind == GW_NOWHERE) {
        return index;
    }
    builder->scenario->devices[index].kind = gw_device_kinds[kind];
    resolve_settings(builder, index);
    add_children(builder, index);
    return index;
}

size_t
gw_scenario_device_index(const struct gw_scenario *scenario, const char *name,
                         struct gw_place place, struct gw_diagnostics *diagnostics)
{
    const char *words[GW_SCENARIO_DEVICES_MAX + 1];
    const char *nearest;
    size_t count = 0;

    for (size_t i = 0; i < scenario->device_count; i++) {
        if (strchr(scenario->devices[i].name, '.') != NULL) {
            continue;
        }
        if (strcmp(scenario->devices[i].name, name) == 0) {
            return i;
        }
        words[count++] = scenario->devices[i].name;
    }
    words[count] = NULL;
    nearest = gw_nearest_word(name, words);
    if (nearest != NULL) {
        gw_diagnostics_error(diagnostics, place, "unknown device '%.80s'; did you mean '%s'?", name,
                             nearest);
        return GW_NOWHERE;
    }
    gw_diagnostics_error(diagnostics, place, "unknown device '%.80s': not in 'devices'", name);
    return GW_NOWHERE;
}

static void
bind_names(struct builder *builder, size_t index)
{
    struct gw_device_plan *plan = &builder->scenario->devices[index];

    for (size_t i = 0; i < plan->child_count; i++) {
        const struct gw_config_node *child =
            gw_config_get(builder->node[index], plan->kind->children[i]);

        if (child != NULL && child->type == GW_CONFIG_SCALAR) {
            plan->children[i] = gw_scenario_device_index(builder->scenario, child->text,
                                                         child->place, builder->diagnostics);
        }
        if (plan->children[i] != GW_NOWHERE) {
            builder->scenario->devices[plan->children[i]].parent_count++;
        }
    }
}

enum colour { UNSEEN, ON_THE_WAY, DONE };

static void
refuse_cycles(struct builder *builder, size_t index, unsigned char *colour)
{
    const struct gw_device_plan *plan = &builder->scenario->devices[index];

    colour[index] = ON_THE_WAY;
    for (size_t i = 0; i < plan->child_count; i++) {
        size_t child = plan->children[i];

        if (child != GW_NOWHERE && colour[child] == ON_THE_WAY) {
            gw_diagnostics_error(
                builder->diagnostics,
                gw_config_get(builder->node[index], plan->kind->children[i])->place,
                "device '%s' would contain itself", builder->scenario->devices[child].name);
        } else if (child != GW_NOWHERE && colour[child] == UNSEEN) {
            refuse_cycles(builder, child, colour);
        }
    }
    colour[index] = DONE;
}

static bool
is_device_name(const char *name)
{
    static const char legal[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

    return name[0] != '\0' && strspn(name, legal) == strlen(name);
}

static int
compare_keys(const void *left, const void *right)
{
    const struct gw_config_node *const *a = left;
    const struct gw_config_node *const *b = right;

    return strcmp((*a)->key, (*b)->key);
}

static void
add_all(struct builder *builder, const struct gw_config_node *devices)
{
    const struct gw_config_node **sorted = calloc(devices->count + 1, sizeof *sorted);

    if (sorted == NULL) {
        gw_scenario_out_of_memory(builder->diagnostics);
        return;
    }
    for (size_t i = 0; i < devices->count; i++) {
        sorted[i] = devices->children[i];
    }
    qsort(sorted, devices->count, sizeof *sorted, compare_keys);
    for (size_t i = 0; i < devices->count; i++) {
        if (!is_device_name(sorted[i]->key)) {
            gw_diagnostics_error(builder->diagnostics, sorted[i]->key_place,
                                 "device name '%.80s': letters, digits, _ and - only",
                                 sorted[i]->key);
            continue;
        }
        add_device(builder, sorted[i], NULL);
    }
    free(sorted);
}

void
gw_scenario_build_devices(struct gw_scenario *scenario, const struct gw_config_node *root,
                          struct gw_diagnostics *diagnostics)
{
    const struct gw_config_node *devices =
        gw_scenario_group(root, "devices", GW_CONFIG_MAP, diagnostics);
    struct builder builder = {.scenario = scenario, .diagnostics = diagnostics};
    unsigned char colour[GW_SCENARIO_DEVICES_MAX] = {UNSEEN};

    if (devices == NULL) {
        if (gw_config_get(root, "devices") == NULL) {
            gw_diagnostics_error(diagnostics, root->place,
                                 "missing key 'devices' of a scenario: a map of named devices");
        }
        return;
    }
    collect_kinds(builder.kinds);
    add_all(&builder, devices);
    for (size_t i = 0; i < scenario->device_count; i++) {
        bind_names(&builder, i);
    }
    for (size_t i = 0; i < scenario->device_count; i++) {
        if (colour[i] == UNSEEN) {
            refuse_cycles(&builder, i, colour);
        }
    }
}
