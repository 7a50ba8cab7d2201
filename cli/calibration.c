/* calibration.c - a calibration file read and checked.
 *
 * Idea      The plain parts are settings tables, as in a scenario; lists are walked by hand. Each
 *           target's settings become overrides, and equal ones become one case, so that two
 *           metrics of one run cost one run.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/calibration.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/settings.h"
#include "sim/scenario_build.h"
#include "sim/scenario_yaml.h"

enum { TARGETS_MAX = 100 };

struct top {
    char *scenario;
    int64_t replications;
    int64_t evaluations;
};

struct parameter {
    double least, most, start, step;
    char *unit;
    char *reason;
};

struct target {
    char *name;
    char *metric;
    double expected;
    double tolerance;
};

static const struct gw_setting top_rows[] = {
    {"scenario", GW_SETTING_TEXT, offsetof(struct top, scenario), NULL, NULL, NULL, NULL,
     "scenario to calibrate, seen from this file"},
    {"replications", GW_SETTING_COUNT, offsetof(struct top, replications), "1", "1", "1000", NULL,
     "runs of each case in one evaluation"},
    {"evaluations", GW_SETTING_COUNT, offsetof(struct top, evaluations), "100", "1", "100000", NULL,
     "budget: points tried at most"},
    GW_SETTING_END,
};

static const struct gw_setting parameter_rows[] = {
    {"least", GW_SETTING_NUMBER, offsetof(struct parameter, least), NULL, NULL, NULL, NULL,
     "lower bound"},
    {"most", GW_SETTING_NUMBER, offsetof(struct parameter, most), NULL, NULL, NULL, NULL,
     "upper bound"},
    {"start", GW_SETTING_NUMBER, offsetof(struct parameter, start), NULL, NULL, NULL, NULL,
     "first value tried"},
    {"step", GW_SETTING_NUMBER, offsetof(struct parameter, step), "0", NULL, NULL, NULL,
     "how far from it the next one lies; 0 = a sixth of the range"},
    {"unit", GW_SETTING_TEXT, offsetof(struct parameter, unit), "", NULL, NULL, NULL,
     "what is written after the number"},
    {"reason", GW_SETTING_TEXT, offsetof(struct parameter, reason), NULL, NULL, NULL, NULL,
     "why these bounds"},
    GW_SETTING_END,
};

static const struct gw_setting target_rows[] = {
    {"case", GW_SETTING_TEXT, offsetof(struct target, name), NULL, NULL, NULL, NULL,
     "name of the row in the table"},
    {"metric", GW_SETTING_TEXT, offsetof(struct target, metric), NULL, NULL, NULL, NULL,
     "as in godwit list metrics"},
    {"expected", GW_SETTING_NUMBER, offsetof(struct target, expected), NULL, NULL, NULL, NULL,
     "the number to meet"},
    {"tolerance", GW_SETTING_SHARE, offsetof(struct target, tolerance), "3%", "0.01%", NULL, NULL,
     "share of it that is still met"},
    GW_SETTING_END,
};

struct loader {
    struct gw_calibration *calibration;
    struct gw_diagnostics *diagnostics;
};

static void
out_of_memory(struct loader *loader)
{
    gw_scenario_out_of_memory(loader->diagnostics);
}

static void
refuse(struct loader *loader, struct gw_place place, const char *message)
{
    gw_diagnostics_error(loader->diagnostics, place, "%s", message);
}

/* The list at key, with 1 .. most items; NULL after an error. */
static const struct gw_config_node *
list_of(struct loader *loader, const struct gw_config_node *map, const char *key, size_t most)
{
    const struct gw_config_node *list =
        gw_scenario_group(map, key, GW_CONFIG_LIST, loader->diagnostics);

    if (list == NULL && gw_config_get(map, key) == NULL) {
        gw_diagnostics_error(loader->diagnostics, map->place, "missing key '%s': a list", key);
    } else if (list != NULL && (list->count == 0 || list->count > most)) {
        gw_diagnostics_error(loader->diagnostics, list->place, "'%s' must have 1 to %zu items", key,
                             most);
        return NULL;
    }
    return list;
}

static bool
is_text(const char *text)
{
    return text != NULL && text[0] != '\0';
}

/* ---- parameters --------------------------------------------------------------------------------- */

static void
take_keys(struct loader *loader, const struct gw_config_node *map,
          struct gw_calibration_parameter *parameter)
{
    const struct gw_config_node *keys = list_of(loader, map, "keys", GW_KIND_WORDS_MAX);

    if (keys == NULL) {
        return;
    }
    parameter->keys = calloc(keys->count, sizeof *parameter->keys);
    for (size_t i = 0; parameter->keys != NULL && i < keys->count; i++) {
        const struct gw_config_node *key = keys->children[i];

        if (key->type != GW_CONFIG_SCALAR || key->text[0] == '\0' ||
            strchr(key->text, '=') != NULL) {
            refuse(loader, key->place, "expected the key of a setting, as in workload.write_rate");
            return;
        }
        parameter->keys[parameter->key_count] = strdup(key->text);
        if (parameter->keys[parameter->key_count++] == NULL) {
            out_of_memory(loader);
        }
    }
}

static void
take_parameter(struct loader *loader, const struct gw_config_node *map)
{
    static const char *const other_keys[] = {"keys", NULL};
    struct gw_calibration *calibration = loader->calibration;
    struct parameter read;
    struct gw_settings_target target = {parameter_rows, &read, sizeof read, other_keys,
                                        "a parameter"};
    struct gw_calibration_parameter *parameter =
        &calibration->parameters[calibration->parameter_count];

    if (!gw_settings_resolve(&target, map, loader->diagnostics)) {
        gw_settings_clear(parameter_rows, &read);
        return;
    }
    if (read.least >= read.most || read.start < read.least || read.start > read.most) {
        refuse(loader, map->place, "a parameter needs least < most, and start between them");
    }
    calibration->bounds[calibration->parameter_count++] =
        (struct gw_fit_parameter){read.least, read.most, read.start, read.step};
    parameter->unit = read.unit;
    parameter->reason = read.reason;
    take_keys(loader, map, parameter);
}

static void
take_parameters(struct loader *loader, const struct gw_config_node *root)
{
    const struct gw_config_node *list = list_of(loader, root, "parameters", GW_FIT_PARAMETERS_MAX);

    if (list == NULL) {
        return;
    }
    loader->calibration->parameters = calloc(list->count, sizeof *loader->calibration->parameters);
    if (loader->calibration->parameters == NULL) {
        out_of_memory(loader);
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        take_parameter(loader, list->children[i]);
    }
}

/* ---- targets ------------------------------------------------------------------------------------ */

static void
clear_case(struct gw_calibration_case *one)
{
    for (size_t i = 0; i < one->override_count; i++) {
        free(one->overrides[i]);
    }
    free(one->overrides);
    *one = (struct gw_calibration_case){0};
}

static bool
is_same_case(const struct gw_calibration_case *a, const struct gw_calibration_case *b)
{
    for (size_t i = 0; i < a->override_count && a->override_count == b->override_count; i++) {
        if (strcmp(a->overrides[i], b->overrides[i]) != 0) {
            return false;
        }
    }
    return a->override_count == b->override_count;
}

static bool
take_setting(struct loader *loader, const struct gw_config_node *node,
             struct gw_calibration_case *one)
{
    struct gw_text text = {0};

    if (node->type != GW_CONFIG_SCALAR) {
        refuse(loader, node->place, "a setting of a target must be a value");
        return false;
    }
    gw_text_format(&text, "%s=%s", node->key, node->text);
    one->overrides[one->override_count] = gw_text_take(&text);
    if (one->overrides[one->override_count] == NULL) {
        out_of_memory(loader);
        return false;
    }
    one->override_count++;
    return true;
}

/* Index of the case with the settings of this target; a new one is added. */
static size_t
take_case(struct loader *loader, const struct gw_config_node *map)
{
    struct gw_calibration *calibration = loader->calibration;
    const struct gw_config_node *set =
        gw_scenario_group(map, "set", GW_CONFIG_MAP, loader->diagnostics);
    size_t count = set == NULL ? 0 : set->count;
    struct gw_calibration_case one = {.overrides = calloc(count + 1, sizeof *one.overrides)};
    bool fine = one.overrides != NULL;

    for (size_t i = 0; fine && i < count; i++) {
        fine = take_setting(loader, set->children[i], &one);
    }
    for (size_t i = 0; fine && i < calibration->case_count; i++) {
        if (is_same_case(&calibration->cases[i], &one)) {
            clear_case(&one);
            return i;
        }
    }
    calibration->cases[calibration->case_count++] = one;
    return calibration->case_count - 1;
}

static enum gw_metric
find_metric(struct loader *loader, const char *name, struct gw_place place)
{
    const char *words[GW_METRIC_COUNT + 1] = {NULL};
    const char *nearest;

    for (size_t i = 0; i < GW_METRIC_COUNT; i++) {
        words[i] = gw_metric_info[i].key;
        if (strcmp(words[i], name) == 0) {
            return (enum gw_metric)i;
        }
    }
    nearest = gw_nearest_word(name, words);
    if (nearest != NULL) {
        gw_diagnostics_error(loader->diagnostics, place,
                             "unknown metric '%.80s'; did you mean '%s'?", name, nearest);
    } else {
        gw_diagnostics_error(loader->diagnostics, place,
                             "unknown metric '%.80s'; see godwit list metrics", name);
    }
    return GW_METRIC_MIGRATION_TIME_S;
}

static void
take_target(struct loader *loader, const struct gw_config_node *map)
{
    static const char *const other_keys[] = {"set", NULL};
    struct gw_calibration *calibration = loader->calibration;
    struct target read;
    struct gw_settings_target resolve = {target_rows, &read, sizeof read, other_keys, "a target"};
    struct gw_calibration_target *target = &calibration->targets[calibration->target_count];

    if (!gw_settings_resolve(&resolve, map, loader->diagnostics)) {
        gw_settings_clear(target_rows, &read);
        return;
    }
    calibration->target_count++;
    target->name = read.name;
    target->expected = read.expected;
    target->tolerance = read.tolerance;
    if (!is_text(read.name) || !is_text(read.metric) || !(read.expected > 0)) {
        refuse(loader, map->place, "a target needs 'case', 'metric' and 'expected' above 0");
    } else {
        target->metric = find_metric(loader, read.metric, gw_config_get(map, "metric")->place);
    }
    target->case_index = take_case(loader, map);
    free(read.metric);
}

static void
take_targets(struct loader *loader, const struct gw_config_node *root)
{
    struct gw_calibration *calibration = loader->calibration;
    const struct gw_config_node *list = list_of(loader, root, "targets", TARGETS_MAX);

    if (list == NULL) {
        return;
    }
    calibration->targets = calloc(list->count, sizeof *calibration->targets);
    calibration->cases = calloc(list->count, sizeof *calibration->cases);
    if (calibration->targets == NULL || calibration->cases == NULL) {
        out_of_memory(loader);
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        take_target(loader, list->children[i]);
    }
}

/* ---- the file ----------------------------------------------------------------------------------- */

static char *
beside(const char *path, const char *name)
{
    const char *slash = strrchr(path, '/');
    struct gw_text text = {0};

    if (name[0] != '/' && slash != NULL) {
        gw_text_add_bytes(&text, path, (size_t)(slash - path) + 1);
    }
    gw_text_add(&text, name);
    return gw_text_take(&text);
}

static void
take_root(struct loader *loader, const struct gw_config_node *root)
{
    static const char *const other_keys[] = {"parameters", "targets", NULL};
    struct gw_calibration *calibration = loader->calibration;
    struct top top;
    struct gw_settings_target target = {top_rows, &top, sizeof top, other_keys, "a calibration"};

    if (gw_settings_resolve(&target, root, loader->diagnostics)) {
        calibration->replications = top.replications;
        calibration->evaluations = top.evaluations;
        if (!is_text(top.scenario)) {
            refuse(loader, root->place, "missing key 'scenario' of a calibration");
        } else {
            calibration->scenario = beside(calibration->path, top.scenario);
        }
    }
    gw_settings_clear(top_rows, &top);
    if (root->type == GW_CONFIG_MAP) {
        take_parameters(loader, root);
        take_targets(loader, root);
    }
}

bool
gw_calibration_load(struct gw_calibration *calibration, const char *path,
                    struct gw_diagnostics *diagnostics)
{
    struct loader loader = {calibration, diagnostics};
    struct gw_config config = {0};
    struct gw_config_source *source = NULL;
    struct gw_error err;
    size_t length;
    size_t first = diagnostics->count;
    char *text = gw_scenario_read_file(path, &length, &err);

    *calibration = (struct gw_calibration){.path = strdup(path)};
    if (text == NULL) {
        gw_diagnostics_fail(diagnostics, err.code, path, "%s", err.message);
        return false;
    }
    source = gw_config_add_source(&config, path, text, length);
    free(text);
    if (source == NULL || calibration->path == NULL) {
        out_of_memory(&loader);
    } else {
        config.root = gw_yaml_read(source, 0, diagnostics);
        if (config.root != NULL) {
            take_root(&loader, config.root);
        }
    }
    gw_config_clear(&config);
    gw_diagnostics_sort(diagnostics, first);
    return diagnostics->errors == 0;
}

void
gw_calibration_clear(struct gw_calibration *calibration)
{
    for (size_t i = 0; i < calibration->parameter_count; i++) {
        struct gw_calibration_parameter *parameter = &calibration->parameters[i];

        for (size_t k = 0; k < parameter->key_count; k++) {
            free(parameter->keys[k]);
        }
        free(parameter->keys);
        free(parameter->unit);
        free(parameter->reason);
    }
    for (size_t i = 0; i < calibration->case_count; i++) {
        clear_case(&calibration->cases[i]);
    }
    for (size_t i = 0; i < calibration->target_count; i++) {
        free(calibration->targets[i].name);
    }
    free(calibration->parameters);
    free(calibration->cases);
    free(calibration->targets);
    free(calibration->scenario);
    free(calibration->path);
    *calibration = (struct gw_calibration){0};
}

bool
gw_calibration_value(const struct gw_calibration_parameter *parameter, double value,
                     struct gw_text *out)
{
    int before_point = value >= 1 ? (int)floor(log10(value)) + 1 : 1;

    gw_text_format(out, "%.*f%s", before_point >= 4 ? 0 : 4 - before_point, value, parameter->unit);
    return !out->failed;
}
