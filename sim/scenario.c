/* scenario.c - from a text to a checked scenario.
 *
 * Idea      Text to tree, included files and overrides into the tree, tree to structs. Each step
 *           goes on after an error as far as it makes sense, so that one look shows all of them.
 *           The tree is gone when the scenario is there.
 * Source    Stuns 50 ms (attach) and 1 s (snapshot), suspend and resume 100 ms each, warm-up and
 *           cool-down are estimates.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario_build.h"
#include "sim/scenario_yaml.h"

#define TOP(key, type, field, preset, least, most, help)                                           \
    {                                                                                              \
        key, type, offsetof(struct gw_scenario, field), preset, least, most, NULL, help            \
    }
#define HOST(key, field, preset, help)                                                             \
    {                                                                                              \
        key, GW_SETTING_TIME, offsetof(struct gw_host_plan, field), preset, NULL, "1h", NULL, help \
    }

const struct gw_setting gw_scenario_table[] = {
    TOP("name", GW_SETTING_TEXT, name, NULL, NULL, NULL,
        "what results are filed under; default: the name of the file"),
    TOP("description", GW_SETTING_TEXT, description, "", NULL, NULL, "what it shows"),
    TOP("seed", GW_SETTING_COUNT, seed, "1", NULL, NULL, "key of all random streams"),
    TOP("replications", GW_SETTING_COUNT, replications, "1", "1", "1000000",
        "runs with the same settings and other chance"),
    TOP("warmup", GW_SETTING_TIME, warmup_ns, "30s", NULL, "365d",
        "time that the guest runs before the migration is requested"),
    TOP("cooldown", GW_SETTING_TIME, cooldown_ns, "10s", NULL, "365d",
        "time that the guest runs after the migration ended"),
    TOP("time_limit", GW_SETTING_TIME, time_limit_ns, "4h", "1ms", "365d",
        "time after the request when the outcome becomes not_converged"),
    TOP("sample_interval", GW_SETTING_TIME, sample_interval_ns, "1s", "1ms", "1h",
        "time between two points of a curve"),
    TOP("until_workload_end", GW_SETTING_FLAG, until_workload_end, "false", NULL, NULL,
        "go on after the cool-down until every workload has ended"),
    GW_SETTING_END,
};

const struct gw_setting gw_host_table[] = {
    HOST("attach_stun", attach_stun_ns, "50ms", "guest stopped while a filter is put in its path"),
    HOST("snapshot_stun", snapshot_stun_ns, "1s", "guest stopped while a snapshot is made"),
    HOST("suspend", suspend_ns, "100ms", "first part of the switch-over"),
    HOST("resume", resume_ns, "100ms", "last part of the switch-over"),
    HOST("io_cost", io_cost_ns, "0s", "time of the host's IO path, added to each guest IO"),
    HOST("mirror_cost", mirror_cost_ns, "0s", "time added to each write that is mirrored"),
    GW_SETTING_END,
};

void
gw_scenario_out_of_memory(struct gw_diagnostics *diagnostics)
{
    gw_diagnostics_fail(diagnostics, GW_ENOMEM, NULL, "out of memory");
}

struct gw_config_node
gw_scenario_absent(const struct gw_config_node *parent)
{
    return (struct gw_config_node){
        .type = GW_CONFIG_MAP, .place = parent->place, .key_place = parent->key_place};
}

const struct gw_config_node *
gw_scenario_group(const struct gw_config_node *map, const char *key, enum gw_config_type type,
                  struct gw_diagnostics *diagnostics)
{
    const struct gw_config_node *node = gw_config_get(map, key);

    if (node == NULL || node->type == type) {
        return node;
    }
    gw_diagnostics_error(diagnostics, node->place, "'%s' must be %s, not %s", key,
                         gw_config_type_name(type), gw_config_type_name(node->type));
    return NULL;
}

/* "a, b, c" for a message. */
static void
join_words(const char *const *words, char *out, size_t out_bytes)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; words[i] != NULL && used < out_bytes; i++) {
        int added = snprintf(out + used, out_bytes - used, "%s%s", i == 0 ? "" : ", ", words[i]);

        used += added < 0 ? out_bytes : (size_t)added;
    }
}

size_t
gw_scenario_choose(const struct gw_config_node *map, const char *key, const char *subject,
                   const char *const *words, struct gw_diagnostics *diagnostics)
{
    const struct gw_config_node *node = gw_config_get(map, key);
    const char *nearest;
    char all[600];

    join_words(words, all, sizeof all);
    if (node == NULL) {
        gw_diagnostics_error(diagnostics, map->place, "missing key '%s' of %s: one of %s", key,
                             subject, all);
        return GW_NOWHERE;
    }
    if (node->type != GW_CONFIG_SCALAR) {
        gw_diagnostics_error(diagnostics, node->place, "'%s' must be one of %s, not %s", key, all,
                             gw_config_type_name(node->type));
        return GW_NOWHERE;
    }
    for (size_t i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], node->text) == 0) {
            return i;
        }
    }
    nearest = gw_nearest_word(node->text, words);
    if (nearest != NULL) {
        gw_diagnostics_error(diagnostics, node->place, "unknown %s '%.80s'; did you mean '%s'?",
                             key, node->text, nearest);
        return GW_NOWHERE;
    }
    gw_diagnostics_error(diagnostics, node->place, "unknown %s '%.80s' of %s: expected one of %s",
                         key, node->text, subject, all);
    return GW_NOWHERE;
}

/* "oltp" of "scenarios/atc11/oltp.yaml". */
static char *
stem_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    const char *dot = strrchr(name, '.');

    return dot == NULL || dot == name ? strdup(name) : strndup(name, (size_t)(dot - name));
}

static void
build_top(struct gw_scenario *scenario, const char *path, const struct gw_config_node *root,
          struct gw_diagnostics *diagnostics)
{
    static const char *const sections[] = {
        "devices", "host",        "vm",         "workload", "migration", "neighbours", "link",
        "regions", "codec_costs", "delta_cost", "service",  "memory",    "sweep",      NULL};
    struct gw_settings_target top = {gw_scenario_table, scenario, sizeof *scenario, sections,
                                     "a scenario"};

    gw_settings_resolve(&top, root, diagnostics);
    scenario->path = strdup(path);
    if (scenario->name == NULL) {
        scenario->name = stem_of(path);
    }
    if (scenario->path == NULL || scenario->name == NULL) {
        gw_scenario_out_of_memory(diagnostics);
    }
}

static void
build_disk_scenario(struct gw_scenario *scenario, const struct gw_config_node *root,
                    struct gw_diagnostics *diagnostics)
{
    struct gw_settings_target host = {gw_host_table, &scenario->host, sizeof scenario->host, NULL,
                                      "host"};
    const struct gw_config_node *host_node = gw_config_get(root, "host");
    struct gw_config_node absent = gw_scenario_absent(root);

    gw_settings_resolve(&host, host_node == NULL ? &absent : host_node, diagnostics);
    gw_scenario_build_devices(scenario, root, diagnostics);
    gw_scenario_build_guests(scenario, root, diagnostics);
}

/* The key `memory` decides what a scenario is about; keys of the other kind are errors. */
static bool
is_memory_scenario(const struct gw_config_node *root, struct gw_diagnostics *diagnostics)
{
    static const char *const of_disks[] = {
        "devices", "vm", "workload", "neighbours", "until_workload_end", NULL};
    static const char *const of_memory[] = {"link",       "regions", "codec_costs",
                                            "delta_cost", "service", NULL};
    bool is_memory = gw_config_get(root, "memory") != NULL;
    const char *const *wrong = is_memory ? of_disks : of_memory;

    for (; *wrong != NULL; wrong++) {
        const struct gw_config_node *node = gw_config_get(root, *wrong);

        if (node != NULL) {
            gw_diagnostics_error(diagnostics, node->key_place,
                                 is_memory ? "'%s' is for disk scenarios: this one has 'memory'"
                                           : "'%s' is for memory scenarios: this one has no"
                                             " 'memory'",
                                 *wrong);
        }
    }
    return is_memory;
}

static struct gw_scenario *
build(const char *path, const struct gw_config_node *root, struct gw_diagnostics *diagnostics)
{
    struct gw_scenario *scenario;

    if (root->type != GW_CONFIG_MAP) {
        gw_diagnostics_error(diagnostics, root->place, "a scenario must be a map, not %s",
                             gw_config_type_name(root->type));
        return NULL;
    }
    scenario = calloc(1, sizeof *scenario);
    if (scenario == NULL) {
        gw_scenario_out_of_memory(diagnostics);
        return NULL;
    }
    build_top(scenario, path, root, diagnostics);
    if (is_memory_scenario(root, diagnostics)) {
        gw_scenario_build_memory(scenario, root, diagnostics);
    } else {
        build_disk_scenario(scenario, root, diagnostics);
    }
    return scenario;
}

struct gw_scenario *
gw_scenario_parse(const char *path, const char *text, size_t length, const char *const *overrides,
                  size_t override_count, struct gw_diagnostics *diagnostics)
{
    struct gw_config config = {0};
    struct gw_scenario *scenario = NULL;
    struct gw_config_source *source = gw_config_add_source(&config, path, text, length);
    size_t errors = diagnostics->errors;
    size_t first = diagnostics->count;
    bool whole;

    if (source == NULL) {
        gw_scenario_out_of_memory(diagnostics);
        return NULL;
    }
    config.root = gw_yaml_read(source, 0, diagnostics);
    whole = config.root != NULL && gw_scenario_include(&config, path, diagnostics);
    for (size_t i = 0; whole && i < override_count; i++) {
        gw_scenario_override(&config, overrides[i], diagnostics);
    }
    if (whole) {
        scenario = build(path, config.root, diagnostics);
    }
    gw_config_clear(&config);
    gw_diagnostics_sort(diagnostics, first);
    if (diagnostics->errors != errors) {
        gw_scenario_destroy(scenario);
        return NULL;
    }
    return scenario;
}

struct gw_scenario *
gw_scenario_load(const char *path, const char *const *overrides, size_t override_count,
                 struct gw_diagnostics *diagnostics)
{
    struct gw_scenario *scenario;
    struct gw_error err;
    size_t length;
    char *text = gw_scenario_read_file(path, &length, &err);

    if (text == NULL) {
        gw_diagnostics_fail(diagnostics, err.code, path, "%s", err.message);
        return NULL;
    }
    scenario = gw_scenario_parse(path, text, length, overrides, override_count, diagnostics);
    free(text);
    return scenario;
}

static void
guest_clear(struct gw_guest_plan *guest)
{
    if (guest->workload_settings != NULL) {
        gw_settings_clear(guest->workload->settings, guest->workload_settings);
    }
    if (guest->architecture_settings != NULL) {
        gw_settings_clear(guest->architecture->settings, guest->architecture_settings);
    }
    free(guest->workload_settings);
    free(guest->architecture_settings);
    free(guest->disks);
    free(guest->name);
}

void
gw_scenario_destroy(struct gw_scenario *scenario)
{
    if (scenario == NULL) {
        return;
    }
    for (size_t i = 0; i < scenario->guest_count; i++) {
        guest_clear(&scenario->guests[i]);
    }
    for (size_t i = 0; i < scenario->device_count; i++) {
        struct gw_device_plan *device = &scenario->devices[i];

        if (device->settings != NULL) {
            gw_settings_clear(device->kind->settings, device->settings);
        }
        free(device->settings);
        free(device->children);
        free(device->name);
    }
    gw_scenario_memory_destroy(scenario->memory);
    free(scenario->guests);
    free(scenario->devices);
    free(scenario->path);
    gw_settings_clear(gw_scenario_table, scenario);
    free(scenario);
}
