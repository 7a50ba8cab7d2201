/* scenario_memory.c - the guest of a memory scenario: its regions, host, link and migration.
 *
 * Idea      Each section of the file is one table; what ties sections together (regions fit into
 *           the memory, one way of encoding excludes another) is checked afterwards, at the place
 *           of the key that is wrong.
 * Source    What cannot be combined: QEMU migration/options.c, as of 8.2 and 9.0.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "sim/scenario_build.h"

const struct gw_setting gw_memory_vm_table[] = {
    {"name", GW_SETTING_TEXT, offsetof(struct gw_memory_plan, vm_name), "vm", NULL, NULL, NULL,
     "name of the guest"},
    {"size", GW_SETTING_BYTES, offsetof(struct gw_memory_plan, memory_bytes), NULL, "64KiB",
     "16TiB", NULL, "memory of the guest, a multiple of 4KiB; zero beyond the regions"},
    {"vcpus", GW_SETTING_COUNT, offsetof(struct gw_memory_plan, vcpus), "1", "1", "1024", NULL,
     "virtual CPUs"},
    GW_SETTING_END,
};

const struct gw_setting gw_memory_link_table[] = {
    {"rate", GW_SETTING_RATE, offsetof(struct gw_memory_link, rate), NULL, "1kB/s", NULL, NULL,
     "of the wire, headers included"},
    {"latency", GW_SETTING_TIME, offsetof(struct gw_memory_link, latency_ns), "50us", NULL, "10s",
     NULL, "one way"},
    {"socket_buffer", GW_SETTING_BYTES, offsetof(struct gw_memory_link, socket_bytes), "4MiB",
     "4KiB", "1GiB", NULL, "what the sending socket takes before its thread must wait"},
    {"write_size", GW_SETTING_BYTES, offsetof(struct gw_memory_link, write_bytes), "0B", NULL,
     "1GiB", NULL, "what is handed to the socket at a time; 0B: all pages of a step"},
    {"overhead", GW_SETTING_SHARE, offsetof(struct gw_memory_link, overhead), "0%", NULL, NULL,
     NULL, "bytes of TCP, IP and Ethernet on top of the payload, as a share of it"},
    GW_SETTING_END,
};

/* One plan at work, and the file's map. */
struct builder {
    struct gw_memory_plan *plan;
    const struct gw_config_node *root;
    struct gw_diagnostics *diagnostics;
};

/* ---- sections ----------------------------------------------------------------------------------- */

static void
build_section(const struct builder *builder, const char *key, const struct gw_setting *table,
              void *blob, size_t blob_bytes)
{
    struct gw_settings_target target = {table, blob, blob_bytes, NULL, key};
    const struct gw_config_node *node = gw_config_get(builder->root, key);
    struct gw_config_node absent = gw_scenario_absent(builder->root);

    gw_settings_resolve(&target, node == NULL ? &absent : node, builder->diagnostics);
}

/* A list of maps that one table describes. */
struct list_kind {
    const char *key, *subject;
    const struct gw_setting *table;
    size_t item_bytes;
    size_t most;
};

/* The items, *count of them; NULL when there are none. */
static void *
build_list(const struct builder *builder, const struct list_kind *kind, size_t *count)
{
    const struct gw_config_node *list =
        gw_scenario_group(builder->root, kind->key, GW_CONFIG_LIST, builder->diagnostics);
    char *items;

    *count = 0;
    if (list == NULL || list->count == 0) {
        return NULL;
    }
    if (list->count > kind->most) {
        gw_diagnostics_error(builder->diagnostics, list->place, "%zu %s: at most %zu", list->count,
                             kind->key, kind->most);
        return NULL;
    }
    items = calloc(list->count, kind->item_bytes);
    if (items == NULL) {
        gw_scenario_out_of_memory(builder->diagnostics);
        return NULL;
    }
    *count = list->count;
    for (size_t i = 0; i < list->count; i++) {
        struct gw_settings_target target = {kind->table, items + i * kind->item_bytes,
                                            kind->item_bytes, NULL, kind->subject};

        gw_settings_resolve(&target, list->children[i], builder->diagnostics);
    }
    return items;
}

static void
build_migration(const struct builder *builder)
{
    static const char *const other_keys[] = {"architecture", NULL};
    const char *words[GW_KIND_WORDS_MAX + 1] = {NULL};
    struct gw_settings_target target = {gw_memory_settings_table, &builder->plan->settings,
                                        sizeof builder->plan->settings, other_keys, "migration"};
    const struct gw_config_node *migration = gw_config_get(builder->root, "migration");
    struct gw_config_node absent = gw_scenario_absent(builder->root);
    size_t choice;

    if (migration == NULL) {
        migration = &absent;
    }
    if (!gw_settings_resolve(&target, migration, builder->diagnostics) &&
        migration->type != GW_CONFIG_MAP) {
        return;
    }
    for (size_t i = 0; gw_memory_architectures[i] != NULL && i < GW_KIND_WORDS_MAX; i++) {
        words[i] = gw_memory_architectures[i]->name;
    }
    choice =
        gw_scenario_choose(migration, "architecture", "migration", words, builder->diagnostics);
    if (choice != GW_NOWHERE) {
        builder->plan->architecture = gw_memory_architectures[choice];
    }
}

/* ---- regions and vcpus -------------------------------------------------------------------------- */

/* Where the key of a map stands, or the map when it was left out. */
static struct gw_place
place_of(const struct gw_config_node *map, const char *key)
{
    const struct gw_config_node *node = gw_config_get(map, key);

    return node == NULL ? map->place : node->place;
}

static void
check_vcpus(const struct builder *builder, const struct gw_config_node *map, int64_t first,
            int64_t count)
{
    int64_t all = builder->plan->vcpus;

    if (count > all || first > all - (count == 0 ? 1 : count)) {
        gw_diagnostics_error(builder->diagnostics,
                             place_of(map, count > all ? "vcpus" : "first_vcpu"),
                             "%" PRId64 " vcpus from number %" PRId64 " on: the guest has %" PRId64
                             ", counted from 0",
                             count == 0 ? 1 : count, first, all);
    }
}

static void
need_file(const struct builder *builder, const struct gw_config_node *map, const char *key,
          const char *file, const char *why)
{
    if (file == NULL || file[0] == '\0') {
        gw_diagnostics_error(builder->diagnostics, place_of(map, why), "'%s: %s' needs a '%s'", why,
                             gw_config_get(map, why)->text, key);
    }
}

static void
check_region(const struct builder *builder, const struct gw_config_node *map,
             struct gw_region_settings *region, int64_t *left_bytes)
{
    if (region->size_bytes % GW_PAGE_BYTES != 0) {
        gw_diagnostics_error(builder->diagnostics, place_of(map, "size"),
                             "size %" PRId64 "B is not a multiple of 4KiB", region->size_bytes);
    }
    if (region->size_bytes > *left_bytes) {
        gw_diagnostics_error(builder->diagnostics, place_of(map, "size"),
                             "region '%.80s' of %" PRId64 "B: only %" PRId64
                             "B of the memory are left for it",
                             region->name, region->size_bytes, *left_bytes);
    }
    *left_bytes -= region->size_bytes < *left_bytes ? region->size_bytes : *left_bytes;
    check_vcpus(builder, map, region->first_vcpu, region->vcpus);
    if (region->content == GW_CONTENT_FILE) {
        need_file(builder, map, "file", region->file, "content");
    }
    if (region->writes == GW_WRITES_REPLAY) {
        need_file(builder, map, "trace", region->trace, "writes");
    }
}

static void
refuse_twin(const struct builder *builder, const struct gw_config_node *map, size_t index)
{
    const struct gw_region_settings *regions = builder->plan->regions;

    for (size_t i = 0; i < index; i++) {
        if (strcmp(regions[i].name, regions[index].name) == 0) {
            gw_diagnostics_error(builder->diagnostics, place_of(map, "name"),
                                 "two regions are named '%.80s'", regions[i].name);
            return;
        }
    }
}

/* A region without a name is called by its place in the list. */
static bool
name_region(struct gw_region_settings *region, size_t index)
{
    struct gw_text name = {0};

    if (region->name != NULL && region->name[0] != '\0') {
        return true;
    }
    free(region->name);
    gw_text_format(&name, "region%zu", index);
    region->name = gw_text_take(&name);
    return region->name != NULL;
}

static void
check_regions(const struct builder *builder)
{
    const struct gw_config_node *list = gw_config_get(builder->root, "regions");
    int64_t left_bytes = builder->plan->memory_bytes;

    for (size_t i = 0; i < builder->plan->region_count; i++) {
        if (!name_region(&builder->plan->regions[i], i)) {
            gw_scenario_out_of_memory(builder->diagnostics);
            return;
        }
        check_region(builder, list->children[i], &builder->plan->regions[i], &left_bytes);
        refuse_twin(builder, list->children[i], i);
    }
}

/* ---- what cannot be combined -------------------------------------------------------------------- */

static bool
cache_is_odd(const struct gw_memory_plan *plan)
{
    int64_t bytes = plan->settings.xbzrle_cache_bytes;

    return (bytes & (bytes - 1)) != 0;
}

static bool
delta_beside_channels(const struct gw_memory_plan *plan)
{
    return plan->settings.xbzrle && plan->settings.multifd_channels > 0;
}

static bool
workers_beside_channels(const struct gw_memory_plan *plan)
{
    return plan->settings.compress != GW_CODEC_NONE && plan->settings.multifd_channels > 0;
}

static bool
workers_beside_delta(const struct gw_memory_plan *plan)
{
    return plan->settings.compress != GW_CODEC_NONE && plan->settings.xbzrle;
}

static bool
compress_without_channels(const struct gw_memory_plan *plan)
{
    return plan->settings.multifd_compress != GW_CODEC_NONE && plan->settings.multifd_channels == 0;
}

static bool
limit_without_ring(const struct gw_memory_plan *plan)
{
    return plan->settings.throttle == GW_THROTTLE_DIRTY_LIMIT &&
           plan->host.protection != GW_PROTECT_RING;
}

static bool
first_step_too_large(const struct gw_memory_plan *plan)
{
    return plan->settings.throttle_initial > plan->settings.throttle_most;
}

static bool
zlib_level_unknown(const struct gw_memory_plan *plan)
{
    return plan->settings.compress == GW_CODEC_ZLIB && plan->settings.compress_level > 9;
}

static bool
channel_level_unknown(const struct gw_memory_plan *plan)
{
    return plan->settings.multifd_compress == GW_CODEC_ZLIB && plan->settings.multifd_level > 9;
}

static const struct rule {
    bool (*broken)(const struct gw_memory_plan *plan);
    const char *key; /* of migration */
    const char *message;
} rules[] = {
    {cache_is_odd, "xbzrle_cache", "the size of the cache must be a power of two"},
    {delta_beside_channels, "xbzrle",
     "xbzrle is for the main stream: it cannot be combined with multifd_channels"},
    {workers_beside_channels, "compress",
     "compress is for the main stream: with multifd_channels use multifd_compress"},
    {workers_beside_delta, "compress",
     "compress and xbzrle: a page that is compressed never gets to xbzrle; choose one of them"},
    {compress_without_channels, "multifd_compress", "multifd_compress needs multifd_channels"},
    {limit_without_ring, "throttle", "dirty-limit needs 'protection: ring' in 'host'"},
    {first_step_too_large, "throttle_initial", "throttle_initial is above throttle_most"},
    {zlib_level_unknown, "compress_level", "zlib has the levels 0 to 9"},
    {channel_level_unknown, "multifd_level", "zlib has the levels 0 to 9"},
};

static void
check_rules(const struct builder *builder)
{
    const struct gw_config_node *migration = gw_config_get(builder->root, "migration");

    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (rules[i].broken(builder->plan)) {
            gw_diagnostics_error(builder->diagnostics, place_of(migration, rules[i].key), "%s",
                                 rules[i].message);
        }
    }
}

static void
check_costs(const struct builder *builder)
{
    const struct gw_config_node *list = gw_config_get(builder->root, "codec_costs");

    for (size_t i = 0; i < builder->plan->codec_cost_count; i++) {
        if (builder->plan->codec_costs[i].codec == GW_CODEC_NONE) {
            gw_diagnostics_error(builder->diagnostics, place_of(list->children[i], "codec"),
                                 "codec 'none' costs nothing: name the codec");
        }
    }
}

/* ---- the plan ----------------------------------------------------------------------------------- */

void
gw_scenario_build_memory(struct gw_scenario *scenario, const struct gw_config_node *root,
                         struct gw_diagnostics *diagnostics)
{
    static const struct list_kind regions = {"regions", "a region", gw_region_settings_table,
                                             sizeof(struct gw_region_settings),
                                             GW_SCENARIO_REGIONS_MAX};
    static const struct list_kind costs = {"codec_costs", "a codec cost", gw_codec_cost_table,
                                           sizeof(struct gw_codec_cost), GW_SCENARIO_COSTS_MAX};
    struct gw_memory_plan *plan = calloc(1, sizeof *plan);
    struct builder builder = {plan, root, diagnostics};
    size_t errors = diagnostics->errors;

    if (plan == NULL) {
        gw_scenario_out_of_memory(diagnostics);
        return;
    }
    scenario->memory = plan;
    /* First: resolving clears the whole struct that the table belongs to. */
    build_section(&builder, "memory", gw_memory_vm_table, plan, sizeof *plan);
    build_section(&builder, "link", gw_memory_link_table, &plan->link, sizeof plan->link);
    build_section(&builder, "host", gw_memory_host_table, &plan->host, sizeof plan->host);
    build_section(&builder, "service", gw_guest_service_table, &plan->service,
                  sizeof plan->service);
    build_section(&builder, "delta_cost", gw_delta_cost_table, &plan->delta_cost,
                  sizeof plan->delta_cost);
    plan->regions = build_list(&builder, &regions, &plan->region_count);
    plan->codec_costs = build_list(&builder, &costs, &plan->codec_cost_count);
    build_migration(&builder);
    if (diagnostics->errors != errors) {
        return;
    }
    if (plan->memory_bytes % GW_PAGE_BYTES != 0) {
        gw_diagnostics_error(diagnostics, place_of(gw_config_get(root, "memory"), "size"),
                             "size %" PRId64 "B is not a multiple of 4KiB", plan->memory_bytes);
    }
    check_regions(&builder);
    if (plan->service.vcpus > 0) {
        const struct gw_config_node *service = gw_config_get(root, "service");

        check_vcpus(&builder, service == NULL ? root : service, plan->service.first_vcpu,
                    plan->service.vcpus);
    }
    check_rules(&builder);
    check_costs(&builder);
}

void
gw_scenario_memory_destroy(struct gw_memory_plan *plan)
{
    if (plan == NULL) {
        return;
    }
    for (size_t i = 0; i < plan->region_count; i++) {
        gw_settings_clear(gw_region_settings_table, &plan->regions[i]);
    }
    free(plan->regions);
    free(plan->codec_costs);
    gw_settings_clear(gw_memory_vm_table, plan);
    free(plan);
}

/* ---- files -------------------------------------------------------------------------------------- */

static bool
digest_file(struct gw_file_digests *digests, const char *path, struct gw_error *err)
{
    char *text = digests->texts[digests->count];

    if (!gw_hash_file(path, text, err)) {
        return false;
    }
    digests->items[digests->count++] = (struct gw_trace_digest){path, text};
    return true;
}

bool
gw_scenario_digest_files(const struct gw_memory_plan *plan, struct gw_file_digests *digests,
                         struct gw_error *err)
{
    size_t most = 2 * plan->region_count + 1;
    bool fine = true;

    *digests = (struct gw_file_digests){calloc(most, sizeof *digests->items),
                                        calloc(most, sizeof *digests->texts), 0};
    if (digests->items == NULL || digests->texts == NULL) {
        gw_file_digests_clear(digests);
        return gw_fail(err, GW_ENOMEM, "out of memory for the digests of files");
    }
    for (size_t i = 0; fine && i < plan->region_count; i++) {
        const struct gw_region_settings *region = &plan->regions[i];

        fine = (region->content != GW_CONTENT_FILE || digest_file(digests, region->file, err)) &&
               (region->writes != GW_WRITES_REPLAY || digest_file(digests, region->trace, err));
    }
    if (!fine) {
        gw_file_digests_clear(digests);
    }
    return fine;
}

void
gw_file_digests_clear(struct gw_file_digests *digests)
{
    free(digests->items);
    free(digests->texts);
    *digests = (struct gw_file_digests){0};
}
