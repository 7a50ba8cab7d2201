/* settings.c - from a map to the struct that a table describes, and back.
 *
 * Idea      One pass over the map finds unknown keys, one over the table fills the fields; both
 *           go on after an error, so that a user sees all of them at once. Defaults and limits
 *           are text as a user would write it and go through the same parser.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_MAX = 128 };

const struct gw_setting *
gw_settings_rows(const struct gw_setting *table)
{
    static const struct gw_setting none[] = {GW_SETTING_END};

    return table == NULL ? none : table;
}

static void *
field_of(const struct gw_setting *setting, void *blob)
{
    return (char *)blob + setting->offset;
}

static const void *
field_in(const struct gw_setting *setting, const void *blob)
{
    return (const char *)blob + setting->offset;
}

/* A number from the table itself. */
static union gw_quantity
table_quantity(const struct gw_setting *setting, const char *text)
{
    union gw_quantity value = {0};

    gw_assert(gw_quantity_parse(setting->type, text, &value, NULL));
    return value;
}

static int
compare(enum gw_setting_type type, union gw_quantity a, union gw_quantity b)
{
    if (gw_quantity_is_real(type)) {
        return (a.real > b.real) - (a.real < b.real);
    }
    return (a.whole > b.whole) - (a.whole < b.whole);
}

/* Smallest and largest legal text; NULL = none. */
static const char *
least_of(const struct gw_setting *setting)
{
    static const char *const zero[] = {
        [GW_SETTING_BYTES] = "0B", [GW_SETTING_TIME] = "0s", [GW_SETTING_RATE] = "0B/s",
        [GW_SETTING_IOPS] = "0/s", [GW_SETTING_COUNT] = "0", [GW_SETTING_SHARE] = "0%",
        [GW_SETTING_NUMBER] = "0", [GW_SETTING_FLAG] = NULL, [GW_SETTING_CHOICE] = NULL,
        [GW_SETTING_TEXT] = NULL,
    };

    return setting->least != NULL ? setting->least : zero[setting->type];
}

static const char *
most_of(const struct gw_setting *setting)
{
    if (setting->most == NULL && setting->type == GW_SETTING_SHARE) {
        return "100%";
    }
    return setting->most;
}

void
gw_setting_range(const struct gw_setting *setting, char *out, size_t out_bytes)
{
    const char *least = least_of(setting);
    const char *most = most_of(setting);

    out[0] = '\0';
    if (least != NULL && most != NULL) {
        snprintf(out, out_bytes, "%s to %s", least, most);
    } else if (least != NULL) {
        snprintf(out, out_bytes, "at least %s", least);
    }
}

static bool
check_range(const struct gw_setting *setting, const char *text, union gw_quantity value,
            struct gw_error *err)
{
    const char *least = least_of(setting);
    const char *most = most_of(setting);
    union gw_quantity zero = {0};
    bool low = least != NULL && compare(setting->type, value, table_quantity(setting, least)) < 0;
    bool high = most != NULL && compare(setting->type, value, table_quantity(setting, most)) > 0;
    char range[160];

    if (!low && !high) {
        return true;
    }
    gw_setting_range(setting, range, sizeof range);
    if (compare(setting->type, value, zero) < 0) {
        return gw_fail(err, GW_EINVAL, "negative %s '%s': '%s' is %s",
                       gw_quantity_type_name(setting->type), text, setting->name, range);
    }
    return gw_fail(err, GW_EINVAL, "'%s' is out of range: '%s' is %s", text, setting->name, range);
}

static bool
set_choice(const struct gw_setting *setting, const char *text, int *field, struct gw_error *err)
{
    const char *nearest;
    struct gw_text words = {0};

    for (int i = 0; setting->choices[i] != NULL; i++) {
        if (strcmp(setting->choices[i], text) == 0) {
            *field = i;
            gw_text_clear(&words);
            return true;
        }
        gw_text_format(&words, "%s%s", i == 0 ? "" : ", ", setting->choices[i]);
    }
    nearest = gw_nearest_word(text, setting->choices);
    if (nearest != NULL) {
        gw_fail(err, GW_EINVAL, "unknown %s '%.80s'; did you mean '%s'?", setting->name, text,
                nearest);
    } else {
        gw_fail(err, GW_EINVAL, "unknown %s '%.80s': expected one of %.600s", setting->name, text,
                words.bytes == NULL ? "" : words.bytes);
    }
    gw_text_clear(&words);
    return false;
}

static bool
set_text(const char *text, char **field, struct gw_error *err)
{
    char *copy = strdup(text);

    if (copy == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory");
    }
    free(*field);
    *field = copy;
    return true;
}

static bool
set_field(const struct gw_setting *setting, const char *text, void *field, struct gw_error *err)
{
    union gw_quantity value = {0};

    if (setting->type == GW_SETTING_CHOICE) {
        return set_choice(setting, text, field, err);
    }
    if (setting->type == GW_SETTING_TEXT) {
        return set_text(text, field, err);
    }
    if (!gw_quantity_parse(setting->type, text, &value, err) ||
        !check_range(setting, text, value, err)) {
        return false;
    }
    if (setting->type == GW_SETTING_FLAG) {
        *(bool *)field = value.whole != 0;
    } else if (gw_quantity_is_real(setting->type)) {
        *(double *)field = value.real;
    } else {
        *(int64_t *)field = value.whole;
    }
    return true;
}

static bool
is_other_key(const struct gw_settings_target *target, const char *key)
{
    for (size_t i = 0; target->other_keys != NULL && target->other_keys[i] != NULL; i++) {
        if (strcmp(target->other_keys[i], key) == 0) {
            return true;
        }
    }
    return false;
}

static bool
is_known(const struct gw_settings_target *target, const char *key)
{
    for (const struct gw_setting *setting = gw_settings_rows(target->table); setting->name != NULL;
         setting++) {
        if (strcmp(setting->name, key) == 0) {
            return true;
        }
    }
    return is_other_key(target, key);
}

static void
report_unknown(const struct gw_settings_target *target, const struct gw_config_node *node,
               struct gw_diagnostics *diagnostics)
{
    const char *words[KEYS_MAX + 1];
    size_t count = 0;
    const char *nearest;

    for (size_t i = 0; target->other_keys != NULL && target->other_keys[i] != NULL; i++) {
        words[count < KEYS_MAX ? count++ : count - 1] = target->other_keys[i];
    }
    for (const struct gw_setting *setting = gw_settings_rows(target->table); setting->name != NULL;
         setting++) {
        words[count < KEYS_MAX ? count++ : count - 1] = setting->name;
    }
    words[count] = NULL;
    nearest = gw_nearest_word(node->key, words);
    if (nearest != NULL) {
        gw_diagnostics_error(diagnostics, node->key_place,
                             "unknown key '%.80s'; did you mean '%s'?", node->key, nearest);
        return;
    }
    gw_diagnostics_error(diagnostics, node->key_place, "unknown key '%.80s' of %s", node->key,
                         target->subject);
}

static bool
resolve_default(const struct gw_settings_target *target, const struct gw_setting *setting,
                const struct gw_config_node *map, struct gw_diagnostics *diagnostics)
{
    struct gw_error err = {.code = GW_OK};

    if (setting->preset != NULL) {
        if (!set_field(setting, setting->preset, field_of(setting, target->blob), &err)) {
            gw_assert(err.code == GW_ENOMEM);
            gw_diagnostics_fail(diagnostics, err.code, NULL, "%s", err.message);
            return false;
        }
        return true;
    }
    if (setting->type == GW_SETTING_TEXT) {
        return true;
    }
    gw_diagnostics_error(diagnostics, map->place, "missing key '%s' of %s: %s", setting->name,
                         target->subject, setting->help);
    return false;
}

static bool
resolve_row(const struct gw_settings_target *target, const struct gw_setting *setting,
            const struct gw_config_node *map, struct gw_diagnostics *diagnostics)
{
    const struct gw_config_node *node = gw_config_get(map, setting->name);
    struct gw_error err = {.code = GW_OK};

    if (node == NULL) {
        return resolve_default(target, setting, map, diagnostics);
    }
    if (node->type != GW_CONFIG_SCALAR) {
        gw_diagnostics_error(diagnostics, node->place, "'%s' must be a %s, not %s", setting->name,
                             gw_quantity_type_name(setting->type), gw_config_type_name(node->type));
        return false;
    }
    if (node->text[0] == '\0' && !node->quoted) {
        gw_diagnostics_error(diagnostics, node->key_place, "'%s' has no value", setting->name);
        return false;
    }
    if (!set_field(setting, node->text, field_of(setting, target->blob), &err)) {
        if (err.code == GW_ENOMEM) {
            gw_diagnostics_fail(diagnostics, err.code, NULL, "%s", err.message);
            return false;
        }
        gw_diagnostics_error(diagnostics, node->place, "%s", err.message);
        return false;
    }
    return true;
}

bool
gw_settings_resolve(const struct gw_settings_target *target, const struct gw_config_node *map,
                    struct gw_diagnostics *diagnostics)
{
    bool fine = true;

    memset(target->blob, 0, target->blob_bytes);
    if (map->type != GW_CONFIG_MAP) {
        gw_diagnostics_error(diagnostics, map->place, "%s must be a map, not %s", target->subject,
                             gw_config_type_name(map->type));
        return false;
    }
    for (size_t i = 0; i < map->count; i++) {
        if (!is_known(target, map->children[i]->key)) {
            report_unknown(target, map->children[i], diagnostics);
            fine = false;
        }
    }
    for (const struct gw_setting *setting = gw_settings_rows(target->table); setting->name != NULL;
         setting++) {
        fine = resolve_row(target, setting, map, diagnostics) && fine;
    }
    return fine;
}

void
gw_settings_clear(const struct gw_setting *table, void *blob)
{
    for (const struct gw_setting *setting = gw_settings_rows(table); setting->name != NULL;
         setting++) {
        if (setting->type == GW_SETTING_TEXT) {
            char **field = field_of(setting, blob);

            free(*field);
            *field = NULL;
        }
    }
}

static union gw_quantity
quantity_of(const struct gw_setting *setting, const void *field)
{
    union gw_quantity value = {0};

    if (setting->type == GW_SETTING_FLAG) {
        value.whole = *(const bool *)field ? 1 : 0;
    } else if (gw_quantity_is_real(setting->type)) {
        value.real = *(const double *)field;
    } else {
        value.whole = *(const int64_t *)field;
    }
    return value;
}

static bool
echo_row(const struct gw_setting *setting, const void *field, enum gw_quantity_style style,
         struct gw_config_node *map)
{
    char text[GW_QUANTITY_TEXT_MAX];
    bool quoted = setting->type != GW_SETTING_COUNT && setting->type != GW_SETTING_NUMBER &&
                  setting->type != GW_SETTING_FLAG;

    if (setting->type == GW_SETTING_TEXT) {
        const char *const *value = field;

        return *value == NULL || gw_config_put(map, setting->name, *value, true);
    }
    if (setting->type == GW_SETTING_CHOICE) {
        const int *choice = field;

        return gw_config_put(map, setting->name, setting->choices[*choice], true);
    }
    gw_quantity_format(setting->type, quantity_of(setting, field), style, text);
    return gw_config_put(map, setting->name, text, quoted);
}

bool
gw_settings_echo(const struct gw_setting *table, const void *blob, enum gw_quantity_style style,
                 struct gw_config_node *map)
{
    for (const struct gw_setting *setting = gw_settings_rows(table); setting->name != NULL;
         setting++) {
        if (!echo_row(setting, field_in(setting, blob), style, map)) {
            return false;
        }
    }
    return true;
}
