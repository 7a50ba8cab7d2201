/* parameter_fill.c - adds parameters that other runs of the scenario varied.
 *
 * Idea      A database holds each run once, so it may lie in two studies that varied different
 *           things, and has the parameters of one. Without the others its place on their axes would
 *           be empty. Its resolved scenario knows them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/parameter_fill.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/quantity.h"

/* A parameter that some run has. */
struct varied {
    const struct gw_result *run;
    const char *name;
};

struct fill {
    struct gw_result_list *runs;
    json_t **scenarios; /* of each run, when it was needed */
    struct varied *varied;
    size_t varied_count;
};

static const char *
parameter_of(const struct gw_result *run, const char *name)
{
    for (size_t i = 0; i < run->parameter_count; i++) {
        if (strcmp(run->parameter_names[i], name) == 0) {
            return run->parameter_values[i];
        }
    }
    return NULL;
}

static bool
is_sibling(const struct gw_result *a, const struct gw_result *b)
{
    return strcmp(a->scenario, b->scenario) == 0 && strcmp(a->vm, b->vm) == 0;
}

/* "migration.downtime_goal" in the resolved scenario of a run; NULL: it has none. */
static json_t *
setting_of(struct fill *fill, size_t run, const char *name)
{
    if (fill->scenarios[run] == NULL) {
        fill->scenarios[run] = json_loads(fill->runs->results[run].canonical, 0, NULL);
    }
    json_t *value = fill->scenarios[run];
    while (value != NULL && *name != '\0') {
        char key[128];
        size_t length = strcspn(name, ".");
        snprintf(key, sizeof key, "%.*s", (int)length, name);
        value = json_object_get(value, key);
        name += length + (name[length] == '.');
    }
    return value;
}

/* "5s" of "5000000000ns". */
static char *
shown(const char *text)
{
    static const enum gw_setting_type types[] = {GW_SETTING_BYTES, GW_SETTING_TIME,
                                                 GW_SETTING_RATE};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        char out[GW_QUANTITY_TEXT_MAX];
        union gw_quantity value;
        if (gw_quantity_parse(types[i], text, &value, NULL)) {
            gw_quantity_format(types[i], value, GW_QUANTITY_SHOWN, out);
            return strdup(out);
        }
    }
    return strdup(text);
}

/* As a sibling with the same setting writes it. The caller frees; NULL: memory is out. */
static char *
text_of(struct fill *fill, size_t run, const char *name, const json_t *setting)
{
    const struct gw_result *results = fill->runs->results;

    for (size_t i = 0; i < fill->runs->count; i++) {
        const char *text = parameter_of(&results[i], name);
        if (text != NULL && is_sibling(&results[i], &results[run]) &&
            json_equal(setting_of(fill, i, name), setting)) {
            return strdup(text);
        }
    }
    if (json_is_string(setting)) {
        return shown(json_string_value(setting));
    }
    return json_dumps(setting, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
}

/* Takes `value` over. */
static bool
append(struct gw_result *run, const char *name, char *value)
{
    size_t count = run->parameter_count;
    char *copy = strdup(name);
    char **names = realloc(run->parameter_names, (count + 1) * sizeof *names);

    run->parameter_names = names != NULL ? names : run->parameter_names;
    char **values = realloc(run->parameter_values, (count + 1) * sizeof *values);
    run->parameter_values = values != NULL ? values : run->parameter_values;
    if (value == NULL || copy == NULL || names == NULL || values == NULL) {
        free(copy);
        free(value);
        return false;
    }
    names[count] = copy;
    values[count] = value;
    run->parameter_count++;
    return true;
}

static bool
is_known(const struct fill *fill, const struct gw_result *run, const char *name)
{
    for (size_t i = 0; i < fill->varied_count; i++) {
        if (strcmp(fill->varied[i].name, name) == 0 && is_sibling(fill->varied[i].run, run)) {
            return true;
        }
    }
    return false;
}

static bool
find_varied(struct fill *fill)
{
    for (size_t i = 0; i < fill->runs->count; i++) {
        const struct gw_result *run = &fill->runs->results[i];
        for (size_t k = 0; k < run->parameter_count; k++) {
            if (is_known(fill, run, run->parameter_names[k])) {
                continue;
            }
            struct varied *items =
                realloc(fill->varied, (fill->varied_count + 1) * sizeof *fill->varied);
            if (items == NULL) {
                return false;
            }
            fill->varied = items;
            items[fill->varied_count++] = (struct varied){run, run->parameter_names[k]};
        }
    }
    return true;
}

static bool
fill_run(struct fill *fill, size_t index)
{
    struct gw_result *run = &fill->runs->results[index];

    for (size_t i = 0; i < fill->varied_count; i++) {
        const char *name = fill->varied[i].name;
        const json_t *setting = NULL;
        if (is_sibling(fill->varied[i].run, run) && parameter_of(run, name) == NULL) {
            setting = setting_of(fill, index, name);
        }
        if (setting != NULL && !append(run, name, text_of(fill, index, name, setting))) {
            return false;
        }
    }
    return true;
}

bool
gw_parameters_fill(struct gw_result_list *runs, struct gw_error *err)
{
    struct fill fill = {.runs = runs, .scenarios = calloc(runs->count + 1, sizeof(json_t *))};
    bool fine = fill.scenarios != NULL && find_varied(&fill);

    for (size_t i = 0; fine && i < runs->count; i++) {
        fine = fill_run(&fill, i);
    }
    for (size_t i = 0; fill.scenarios != NULL && i < runs->count; i++) {
        json_decref(fill.scenarios[i]);
    }
    free(fill.scenarios);
    free(fill.varied);
    return fine || gw_fail(err, GW_ENOMEM, "out of memory for the parameters of the runs");
}
