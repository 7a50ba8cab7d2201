/* list.c - the verb list: what there is, one line each.
 *
 * Idea      One sheet is filled by one function per topic. Settings come from the tables that the
 *           parser uses.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "base/result.h"
#include "base/settings.h"
#include "cli/exit_code.h"
#include "cli/model_cards.h"
#include "cli/sheet.h"
#include "cli/verb.h"
#include "sim/scenario.h"

struct list_options {
    enum gw_format format;
};

const struct gw_option gw_list_options[] = {
    GW_OPTION_ROW_FORMAT(struct list_options),
    GW_OPTION_END,
};

static void
put_row(struct gw_sheet *sheet, const char *what, const char *name, const char *title)
{
    gw_sheet_text(sheet, what);
    gw_sheet_text(sheet, name);
    gw_sheet_text(sheet, title);
}

/* ---- settings ----------------------------------------------------------------------------------- */

static void
put_setting(struct gw_sheet *sheet, const char *owner, const struct gw_setting *setting)
{
    struct gw_text range = {0};
    char text[160];

    gw_setting_range(setting, text, sizeof text);
    gw_text_add(&range, setting->type == GW_SETTING_FLAG ? "true, false" : text);
    for (size_t i = 0; setting->type == GW_SETTING_CHOICE && setting->choices[i] != NULL; i++) {
        gw_text_format(&range, "%s%s", i == 0 ? "" : ", ", setting->choices[i]);
    }
    gw_sheet_text(sheet, owner);
    gw_sheet_text(sheet, setting->name);
    gw_sheet_text(sheet, gw_quantity_type_name(setting->type));
    gw_sheet_text(sheet, setting->preset != NULL            ? setting->preset
                         : setting->type == GW_SETTING_TEXT ? NULL
                                                            : "required");
    gw_sheet_text(sheet, range.length == 0 ? NULL : range.bytes);
    gw_sheet_text(sheet, setting->help);
    gw_text_clear(&range);
}

/* A table under the name of its owner, when that name is wanted (NULL: all are). */
static bool
put_table(struct gw_sheet *sheet, const char *kind, const char *name,
          const struct gw_setting *table, const char *wanted)
{
    struct gw_text owner = {0};

    if (wanted != NULL && strcmp(wanted, name) != 0) {
        return false;
    }
    gw_text_format(&owner, "%s%s", kind, name);
    for (table = gw_settings_rows(table); table->name != NULL; table++) {
        put_setting(sheet, owner.bytes == NULL ? name : owner.bytes, table);
    }
    gw_text_clear(&owner);
    return true;
}

static bool
put_device_settings(struct gw_sheet *sheet, const char *wanted)
{
    bool found = false;

    for (size_t i = 0; gw_device_kinds[i] != NULL; i++) {
        const struct gw_device_kind *kind = gw_device_kinds[i];
        bool is_wanted = put_table(sheet, "device ", kind->name, kind->settings, wanted);

        found = found || is_wanted;
        for (size_t j = 0; is_wanted && kind->children != NULL && kind->children[j] != NULL; j++) {
            struct gw_setting child = {.name = kind->children[j],
                                       .type = GW_SETTING_TEXT,
                                       .preset = "required",
                                       .help = "a device, or the name of one"};
            const struct gw_setting rows[] = {child, GW_SETTING_END};

            put_table(sheet, "device ", kind->name, rows, wanted);
        }
    }
    return found;
}

static bool
put_workload_settings(struct gw_sheet *sheet, const char *wanted)
{
    bool found = false;

    for (size_t i = 0; gw_workload_kinds[i] != NULL; i++) {
        found = put_table(sheet, "workload ", gw_workload_kinds[i]->name,
                          gw_workload_kinds[i]->settings, wanted) ||
                found;
    }
    return found;
}

/* All memory architectures share their settings. */
static bool
put_memory_architecture_settings(struct gw_sheet *sheet, const char *wanted)
{
    bool found = false;

    for (size_t i = 0; gw_memory_architectures[i] != NULL; i++) {
        if (wanted != NULL && strcmp(gw_memory_architectures[i]->name, wanted) == 0) {
            found = put_table(sheet, "memory ", wanted, gw_memory_settings_table, NULL);
        }
    }
    return found;
}

static bool
put_architecture_settings(struct gw_sheet *sheet, const char *wanted)
{
    bool found = false;

    for (size_t i = 0; gw_architectures[i] != NULL; i++) {
        found = put_table(sheet, "architecture ", gw_architectures[i]->name,
                          gw_architectures[i]->settings, wanted) ||
                found;
    }
    return put_memory_architecture_settings(sheet, wanted) || found;
}

/* Sections of a scenario; those of memory scenarios are named so where both kinds have them. */
static const struct part {
    const char *kind, *name;
    const struct gw_setting *table;
} parts[] = {
    {"", "scenario", gw_scenario_table},
    {"", "host", gw_host_table},
    {"", "vm", gw_vm_table},
    {"", "disks", gw_vm_disk_table},
    {"", "migration", gw_migration_settings_table},
    {"", "memory", gw_memory_vm_table},
    {"", "region", gw_region_settings_table},
    {"", "service", gw_guest_service_table},
    {"", "link", gw_memory_link_table},
    {"", "codec_cost", gw_codec_cost_table},
    {"", "delta_cost", gw_delta_cost_table},
    {"memory ", "host", gw_memory_host_table},
    {"memory ", "migration", gw_memory_settings_table},
};

static bool
put_part_settings(struct gw_sheet *sheet, const char *wanted)
{
    bool found = false;

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        found = put_table(sheet, parts[i].kind, parts[i].name, parts[i].table, wanted) || found;
    }
    return found;
}

static bool
put_settings(struct gw_sheet *sheet, const char *wanted)
{
    bool found = put_part_settings(sheet, wanted);

    found = put_device_settings(sheet, wanted) || found;
    found = put_workload_settings(sheet, wanted) || found;
    return put_architecture_settings(sheet, wanted) || found;
}

/* ---- names -------------------------------------------------------------------------------------- */

static void
put_architectures(struct gw_sheet *sheet)
{
    for (size_t i = 0; gw_architectures[i] != NULL; i++) {
        put_row(sheet, "architecture", gw_architectures[i]->name, gw_architectures[i]->title);
    }
    for (size_t i = 0; gw_memory_architectures[i] != NULL; i++) {
        put_row(sheet, "memory architecture", gw_memory_architectures[i]->name,
                gw_memory_architectures[i]->title);
    }
}

static void
put_workloads(struct gw_sheet *sheet)
{
    for (size_t i = 0; gw_workload_kinds[i] != NULL; i++) {
        put_row(sheet, "workload", gw_workload_kinds[i]->name, gw_workload_kinds[i]->title);
    }
}

static void
put_devices(struct gw_sheet *sheet)
{
    for (size_t i = 0; gw_device_kinds[i] != NULL; i++) {
        put_row(sheet, "device", gw_device_kinds[i]->name, gw_device_kinds[i]->title);
    }
}

static void
put_metrics(struct gw_sheet *sheet)
{
    for (size_t i = 0; i < GW_METRIC_COUNT; i++) {
        put_row(sheet, "metric", gw_metric_info[i].key, gw_metric_info[i].help);
    }
    for (size_t i = 0; i < GW_DISTRIBUTION_COUNT; i++) {
        put_row(sheet, "distribution", gw_distribution_info[i].key, gw_distribution_info[i].help);
    }
}

static void
put_packs(struct gw_sheet *sheet)
{
    struct gw_packs packs;

    if (!gw_packs_list(&packs, NULL)) {
        sheet->failed = true;
        return;
    }
    for (size_t i = 0; i < packs.count; i++) {
        struct gw_text names = {0};

        for (size_t j = 0; j < packs.items[i].scenario_count; j++) {
            gw_text_format(&names, "%s%s", j == 0 ? "" : " ", packs.items[i].scenarios[j]);
        }
        put_row(sheet, "pack", packs.items[i].name, names.bytes);
        gw_text_clear(&names);
    }
    gw_packs_clear(&packs);
}

struct topic {
    const char *name;
    void (*put)(struct gw_sheet *sheet);
    bool (*put_settings)(struct gw_sheet *sheet, const char *wanted); /* of one; NULL: has none */
};

static const struct topic topics[] = {
    {"architectures", put_architectures, put_architecture_settings},
    {"workloads", put_workloads, put_workload_settings},
    {"devices", put_devices, put_device_settings},
    {"packs", put_packs, NULL},
    {"metrics", put_metrics, NULL},
    {"settings", NULL, put_settings},
};

enum { TOPIC_COUNT = sizeof topics / sizeof topics[0] };

/* ---- the verb ----------------------------------------------------------------------------------- */

static const struct topic *
find_topic(const char *name, struct gw_error *err)
{
    const char *words[TOPIC_COUNT + 1] = {NULL};
    const char *nearest;

    for (size_t i = 0; i < TOPIC_COUNT; i++) {
        words[i] = topics[i].name;
        if (strcmp(topics[i].name, name) == 0) {
            return &topics[i];
        }
    }
    nearest = gw_nearest_word(name, words);
    if (nearest != NULL) {
        gw_fail(err, GW_EINVAL, "unknown topic '%.80s'; did you mean '%s'?", name, nearest);
        return NULL;
    }
    gw_fail(err, GW_EINVAL,
            "unknown topic '%.80s': expected architectures, workloads, devices, packs, metrics, "
            "settings or cards",
            name);
    return NULL;
}

static void
name_columns(struct gw_sheet *sheet, bool is_settings)
{
    static const char *const plain[] = {"what", "name", "title"};
    static const char *const settings[] = {"of", "name", "type", "default", "range", "help"};

    gw_sheet_columns(sheet, is_settings ? settings : plain, is_settings ? 6 : 3, false);
}

static bool
fill(struct gw_sheet *sheet, const struct gw_words *operands, struct gw_error *err)
{
    const char *wanted = operands->count > 1 ? operands->items[1] : NULL;
    const struct topic *topic = operands->count == 0 ? NULL : find_topic(operands->items[0], err);
    bool is_settings = topic != NULL && (wanted != NULL || topic->put == NULL);

    if (operands->count > 2) {
        return gw_fail(err, GW_EINVAL, "list takes a topic and a name, %zu words were given",
                       operands->count);
    }
    sheet->name = is_settings ? "settings" : topic == NULL ? "all" : topic->name;
    name_columns(sheet, is_settings);
    if (topic == NULL) {
        for (size_t i = 0; operands->count == 0 && i < TOPIC_COUNT; i++) {
            if (topics[i].put != NULL) {
                topics[i].put(sheet);
            }
        }
        return operands->count == 0;
    }
    if (!is_settings) {
        topic->put(sheet);
        return true;
    }
    if (topic->put_settings == NULL || !topic->put_settings(sheet, wanted)) {
        return gw_fail(err, GW_EINVAL, "no '%.80s' among the %s with settings", wanted,
                       topic->name);
    }
    return true;
}

int
gw_verb_list(int argc, char **argv)
{
    struct list_options options = {.format = GW_FORMAT_TABLE};
    struct gw_words operands;
    struct gw_error err = {.code = GW_OK};
    bool fine;

    if (!gw_options_parse(gw_list_options, argc, argv, &options, &operands, &err)) {
        return gw_report_error(&err);
    }
    if (operands.count > 0 && operands.count < 3 && strcmp(operands.items[0], "cards") == 0) {
        fine = gw_model_cards_list(operands.count == 2 ? operands.items[1] : NULL, options.format,
                                   &err);
    } else {
        struct gw_sheet sheet = {.format = options.format};

        fine = fill(&sheet, &operands, &err) && gw_sheet_print(&sheet, &err);
        gw_sheet_clear(&sheet);
    }
    gw_options_clear(gw_list_options, &options, &operands);
    return fine ? GW_EXIT_FINE : gw_report_error(&err);
}
