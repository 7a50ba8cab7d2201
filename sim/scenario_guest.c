/* scenario_guest.c - the guests of a scenario: disks, workload and migration of each.
 *
 * Idea      The guest under study stands at the top level of the file, its neighbours in a list;
 *           both have the same three maps and are read by the same code. Settings of
 *           architectures that were not chosen are checked all the same: a file that is swept
 *           over architectures shows all its errors at the first run.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario_build.h"

enum { DISK_MULTIPLE = 4096 };

const struct gw_setting gw_vm_table[] = {
    {"name", GW_SETTING_TEXT, offsetof(struct gw_vm_names, name), NULL, NULL, NULL, NULL,
     "name of the guest; default: vm, and neighbour1 and so on for neighbours"},
    {"source", GW_SETTING_TEXT, offsetof(struct gw_vm_names, source), "source", NULL, NULL, NULL,
     "name of the device that its disks lie on"},
    {"target", GW_SETTING_TEXT, offsetof(struct gw_vm_names, target), NULL, NULL, NULL, NULL,
     "name of the device that they go to; default: target"},
    {"home", GW_SETTING_TEXT, offsetof(struct gw_vm_names, home), NULL, NULL, NULL, NULL,
     "name of the device with its descriptor, where the commit record goes; default: beside its "
     "disks, "
     "on either side"},
    GW_SETTING_END,
};

const struct gw_setting gw_vm_disk_table[] = {
    {"size", GW_SETTING_BYTES, offsetof(struct gw_disk_plan, size_bytes), NULL, "64KiB", "1PiB",
     NULL, "size of the disk, a multiple of 4KiB"},
    {"allocated", GW_SETTING_SHARE, offsetof(struct gw_disk_plan, allocated), "100%", NULL, NULL,
     NULL, "share of the disk that was ever written"},
    {"zero", GW_SETTING_SHARE, offsetof(struct gw_disk_plan, zero), "0%", NULL, NULL, NULL,
     "share of the written blocks that hold zeroes"},
    {"migrate", GW_SETTING_FLAG, offsetof(struct gw_disk_plan, migrate), "true", NULL, NULL, NULL,
     "whether the disk moves"},
    GW_SETTING_END,
};

/* One guest at work: where it is read from, and what is left unnamed. */
struct builder {
    struct gw_scenario *scenario;
    struct gw_guest_plan *guest;
    const struct gw_config_node *map; /* has vm, workload, migration */
    size_t index;
    struct gw_diagnostics *diagnostics;
};

/* The child map at key; when it is absent an error, and NULL. */
static const struct gw_config_node *
need_map(const struct builder *builder, const char *key, const char *what)
{
    if (gw_config_get(builder->map, key) == NULL) {
        gw_diagnostics_error(builder->diagnostics, builder->map->place, "missing key '%s': %s", key,
                             what);
        return NULL;
    }
    return gw_scenario_group(builder->map, key, GW_CONFIG_MAP, builder->diagnostics);
}

/* ---- disks -------------------------------------------------------------------------------------- */

static void
build_disk(const struct builder *builder, const struct gw_config_node *node,
           struct gw_disk_plan *disk)
{
    struct gw_settings_target target = {gw_vm_disk_table, disk, sizeof *disk, NULL, "a disk"};

    if (gw_settings_resolve(&target, node, builder->diagnostics) &&
        disk->size_bytes % DISK_MULTIPLE != 0) {
        gw_diagnostics_error(builder->diagnostics, gw_config_get(node, "size")->place,
                             "size %" PRId64 "B is not a multiple of 4KiB", disk->size_bytes);
    }
}

static void
build_disks(const struct builder *builder, const struct gw_config_node *vm)
{
    const struct gw_config_node *list =
        gw_scenario_group(vm, "disks", GW_CONFIG_LIST, builder->diagnostics);

    if (list == NULL) {
        if (gw_config_get(vm, "disks") == NULL) {
            gw_diagnostics_error(builder->diagnostics, vm->place,
                                 "missing key 'disks' of vm: a list such as [{size: 6GiB}]");
        }
        return;
    }
    if (list->count == 0 || list->count > GW_SCENARIO_DISKS_MAX) {
        gw_diagnostics_error(builder->diagnostics, list->place, "%zu disks: a vm has 1 to %d",
                             list->count, GW_SCENARIO_DISKS_MAX);
        return;
    }
    builder->guest->disks = calloc(list->count, sizeof *builder->guest->disks);
    if (builder->guest->disks == NULL) {
        gw_scenario_out_of_memory(builder->diagnostics);
        return;
    }
    builder->guest->disk_count = list->count;
    for (size_t i = 0; i < list->count; i++) {
        build_disk(builder, list->children[i], &builder->guest->disks[i]);
    }
}

/* ---- vm ----------------------------------------------------------------------------------------- */

static size_t
find_device(const struct builder *builder, const struct gw_config_node *vm, const char *key,
            const char *name)
{
    const struct gw_config_node *node = gw_config_get(vm, key);

    return gw_scenario_device_index(builder->scenario, name, node == NULL ? vm->place : node->place,
                                    builder->diagnostics);
}

static char *
default_name(size_t index)
{
    char name[40];

    if (index == 0) {
        return strdup("vm");
    }
    snprintf(name, sizeof name, "neighbour%zu", index);
    return strdup(name);
}

static void
refuse_twin(const struct builder *builder, struct gw_place place)
{
    for (size_t i = 0; i < builder->index; i++) {
        const char *other = builder->scenario->guests[i].name;

        if (other != NULL && strcmp(other, builder->guest->name) == 0) {
            gw_diagnostics_error(builder->diagnostics, place, "two guests are named '%.80s'",
                                 other);
            return;
        }
    }
}

static void
build_names(const struct builder *builder, const struct gw_config_node *vm)
{
    static const char *const other_keys[] = {"disks", NULL};
    struct gw_vm_names names;
    struct gw_settings_target target = {gw_vm_table, &names, sizeof names, other_keys, "vm"};
    struct gw_guest_plan *guest = builder->guest;
    bool fine = gw_settings_resolve(&target, vm, builder->diagnostics);
    bool stays = guest->architecture == NULL && names.target == NULL;

    guest->name = names.name != NULL ? strdup(names.name) : default_name(builder->index);
    if (guest->name == NULL) {
        gw_scenario_out_of_memory(builder->diagnostics);
    } else if (fine && builder->scenario->device_count > 0) {
        refuse_twin(builder, vm->place);
        guest->source = find_device(builder, vm, "source", names.source);
        guest->target = stays ? guest->source
                              : find_device(builder, vm, "target",
                                            names.target == NULL ? "target" : names.target);
        guest->home[GW_SOURCE] = guest->source;
        guest->home[GW_TARGET] = guest->target;
        if (names.home != NULL) {
            guest->home[GW_SOURCE] = guest->home[GW_TARGET] =
                find_device(builder, vm, "home", names.home);
        }
    }
    gw_settings_clear(gw_vm_table, &names);
}

static void
build_vm(const struct builder *builder)
{
    const struct gw_config_node *vm = need_map(builder, "vm", "a map with the disks of the guest");

    if (vm != NULL) {
        build_names(builder, vm);
        build_disks(builder, vm);
    }
}

/* ---- workload ----------------------------------------------------------------------------------- */

static void
build_workload(const struct builder *builder)
{
    static const char *const other_keys[] = {"kind", NULL};
    const struct gw_config_node *node = need_map(builder, "workload", "a map with a kind");
    const char *words[GW_KIND_WORDS_MAX + 1] = {NULL};
    struct gw_guest_plan *guest = builder->guest;
    struct gw_settings_target target = {.other_keys = other_keys};
    char subject[100];
    size_t kind;

    if (node == NULL) {
        return;
    }
    for (size_t i = 0; gw_workload_kinds[i] != NULL && i < GW_KIND_WORDS_MAX; i++) {
        words[i] = gw_workload_kinds[i]->name;
    }
    kind = gw_scenario_choose(node, "kind", "workload", words, builder->diagnostics);
    if (kind == GW_NOWHERE) {
        return;
    }
    guest->workload = gw_workload_kinds[kind];
    guest->workload_settings = calloc(1, guest->workload->settings_bytes + 1);
    if (guest->workload_settings == NULL) {
        gw_scenario_out_of_memory(builder->diagnostics);
        return;
    }
    snprintf(subject, sizeof subject, "workload kind '%s'", guest->workload->name);
    target.table = guest->workload->settings;
    target.blob = guest->workload_settings;
    target.blob_bytes = guest->workload->settings_bytes;
    target.subject = subject;
    gw_settings_resolve(&target, node, builder->diagnostics);
}

/* ---- migration ---------------------------------------------------------------------------------- */

/* Checks one architecture's own map, and keeps the result when it is the chosen one. */
static void
build_own(const struct builder *builder, const struct gw_config_node *migration,
          const struct gw_architecture *architecture)
{
    const struct gw_config_node *node = gw_config_get(migration, architecture->name);
    struct gw_config_node absent = gw_scenario_absent(migration);
    void *blob = calloc(1, architecture->settings_bytes + 1);
    char subject[100];
    struct gw_settings_target target = {architecture->settings, blob, architecture->settings_bytes,
                                        NULL, subject};

    snprintf(subject, sizeof subject, "architecture '%s'", architecture->name);
    if (blob == NULL) {
        gw_scenario_out_of_memory(builder->diagnostics);
        return;
    }
    if (node != NULL || builder->guest->architecture == architecture) {
        gw_settings_resolve(&target, node == NULL ? &absent : node, builder->diagnostics);
    }
    if (builder->guest->architecture == architecture) {
        builder->guest->architecture_settings = blob;
        return;
    }
    gw_settings_clear(architecture->settings, blob);
    free(blob);
}

/* words[0] is "none", words[i + 1] the architecture i. */
static void
choose_architecture(const struct builder *builder, const struct gw_config_node *migration,
                    const char *const *words)
{
    size_t choice;

    if (builder->index > 0 && gw_config_get(migration, "architecture") == NULL) {
        return;
    }
    choice =
        gw_scenario_choose(migration, "architecture", "migration", words, builder->diagnostics);
    if (choice != GW_NOWHERE && choice > 0) {
        builder->guest->architecture = gw_architectures[choice - 1];
    }
}

static void
build_migration(const struct builder *builder)
{
    const char *words[GW_KIND_WORDS_MAX + 3] = {"none"};
    const struct gw_config_node *migration =
        gw_scenario_group(builder->map, "migration", GW_CONFIG_MAP, builder->diagnostics);
    struct gw_config_node absent = gw_scenario_absent(builder->map);
    struct gw_settings_target target = {gw_migration_settings_table, &builder->guest->migration,
                                        sizeof builder->guest->migration, words, "migration"};
    size_t count = 0;

    for (; gw_architectures[count] != NULL && count < GW_KIND_WORDS_MAX; count++) {
        words[count + 1] = gw_architectures[count]->name;
    }
    if (migration == NULL) {
        migration = &absent;
    }
    choose_architecture(builder, migration, words);
    /* As keys, the architectures' names and "architecture" itself are legal; "none" is not. */
    words[0] = "architecture";
    gw_settings_resolve(&target, migration, builder->diagnostics);
    for (size_t i = 0; i < count; i++) {
        build_own(builder, migration, gw_architectures[i]);
    }
}

/* ---- guests ------------------------------------------------------------------------------------- */

static void
build_guest(struct gw_scenario *scenario, const struct gw_config_node *map, size_t index,
            struct gw_diagnostics *diagnostics)
{
    struct builder builder = {.scenario = scenario,
                              .guest = &scenario->guests[index],
                              .map = map,
                              .index = index,
                              .diagnostics = diagnostics};

    scenario->guest_count = index + 1;
    build_migration(&builder);
    build_vm(&builder);
    build_workload(&builder);
}

static void
build_neighbour(struct gw_scenario *scenario, const struct gw_config_node *map, size_t index,
                struct gw_diagnostics *diagnostics)
{
    static const struct gw_setting no_settings[] = {GW_SETTING_END};
    static const char *const keys[] = {"vm", "workload", "migration", NULL};
    char nothing = 0;
    struct gw_settings_target target = {no_settings, &nothing, sizeof nothing, keys, "a neighbour"};

    gw_settings_resolve(&target, map, diagnostics);
    if (map->type == GW_CONFIG_MAP) {
        build_guest(scenario, map, index, diagnostics);
    }
}

void
gw_scenario_build_guests(struct gw_scenario *scenario, const struct gw_config_node *root,
                         struct gw_diagnostics *diagnostics)
{
    const struct gw_config_node *list =
        gw_scenario_group(root, "neighbours", GW_CONFIG_LIST, diagnostics);
    size_t neighbours = list == NULL ? 0 : list->count;

    if (neighbours >= GW_SCENARIO_GUESTS_MAX) {
        gw_diagnostics_error(diagnostics, list->place, "%zu neighbours: at most %d", neighbours,
                             GW_SCENARIO_GUESTS_MAX - 1);
        return;
    }
    scenario->guests = calloc(neighbours + 1, sizeof *scenario->guests);
    if (scenario->guests == NULL) {
        gw_scenario_out_of_memory(diagnostics);
        return;
    }
    build_guest(scenario, root, 0, diagnostics);
    for (size_t i = 0; i < neighbours; i++) {
        build_neighbour(scenario, list->children[i], i + 1, diagnostics);
    }
}
