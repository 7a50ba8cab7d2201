/* sweep_axis.c - one parameter of a sweep and its values: from an argument or from the file.
 *
 * Idea      Every value becomes an override as --set takes it, so that a sweep can set whatever
 *           --set can, and a run of it is repeated with --set. Strings are kept once for all
 *           points.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "sim/scenario_build.h"
#include "sim/sweep_parts.h"

/* An argument that is being read. */
struct reading {
    struct gw_sweep_parts *parts;
    const struct gw_config_source *source;
    struct gw_sweep_axis *axis;
};

void
gw_sweep_out_of_memory(struct gw_sweep_parts *parts)
{
    gw_scenario_out_of_memory(parts->diagnostics);
    parts->fine = false;
}

static void
refuse(struct gw_sweep_parts *parts, struct gw_place place, const char *message)
{
    gw_diagnostics_error(parts->diagnostics, place, "%s", message);
    parts->fine = false;
}

const char *
gw_sweep_keep(struct gw_sweep_parts *parts, const char *bytes, size_t length)
{
    char *copy = strndup(bytes, length);

    if (copy != NULL && parts->string_count == parts->strings_allocated) {
        size_t allocated = parts->strings_allocated == 0 ? 32 : parts->strings_allocated * 2;
        char **strings = realloc(parts->strings, allocated * sizeof *strings);

        if (strings == NULL) {
            free(copy);
            copy = NULL;
        } else {
            parts->strings = strings;
            parts->strings_allocated = allocated;
        }
    }
    if (copy == NULL) {
        gw_sweep_out_of_memory(parts);
        return NULL;
    }
    parts->strings[parts->string_count++] = copy;
    return copy;
}

static void
axis_clear(struct gw_sweep_axis *axis)
{
    for (size_t i = 0; i < axis->count; i++) {
        free(axis->choices[i].words);
    }
    free(axis->choices);
    axis->choices = NULL;
    axis->count = 0;
}

void
gw_sweep_parts_clear(struct gw_sweep_parts *parts)
{
    for (size_t i = 0; i < parts->axis_count; i++) {
        axis_clear(&parts->axes[i]);
    }
    for (size_t i = 0; i < parts->string_count; i++) {
        free(parts->strings[i]);
    }
    free(parts->axes);
    free(parts->strings);
    gw_config_clear(&parts->config);
    *parts = (struct gw_sweep_parts){0};
}

/* ---- choices ------------------------------------------------------------------------------------ */

/* Appends what one key is set to. `written` is the value as an override has it, quotes and all. */
static bool
choice_add(struct gw_sweep_parts *parts, struct gw_sweep_choice *choice, const char *key,
           const char *written)
{
    size_t length = strlen(written);
    bool quoted = length >= 2 && (written[0] == '"' || written[0] == '\'') &&
                  written[length - 1] == written[0];
    const char **words = realloc(choice->words, 3 * (choice->count + 1) * sizeof *words);
    struct gw_text override = {0};

    if (words == NULL) {
        gw_sweep_out_of_memory(parts);
        return false;
    }
    choice->words = words;
    words += 3 * choice->count;
    gw_text_format(&override, "%s=%s", key, written);
    words[0] = override.failed ? NULL : gw_sweep_keep(parts, override.bytes, override.length);
    words[1] = gw_sweep_keep(parts, key, strlen(key));
    words[2] = gw_sweep_keep(parts, written + quoted, length - (quoted ? 2 : 0));
    gw_text_clear(&override);
    if (words[0] == NULL || words[1] == NULL || words[2] == NULL) {
        gw_sweep_out_of_memory(parts);
        return false;
    }
    choice->count++;
    return true;
}

/* An empty choice at the end of the axis, or NULL. */
static struct gw_sweep_choice *
axis_grow(struct gw_sweep_parts *parts, struct gw_sweep_axis *axis)
{
    struct gw_sweep_choice *choices = realloc(axis->choices, (axis->count + 1) * sizeof *choices);

    if (choices == NULL) {
        gw_sweep_out_of_memory(parts);
        return NULL;
    }
    axis->choices = choices;
    choices[axis->count] = (struct gw_sweep_choice){0};
    return &choices[axis->count++];
}

static void
axis_add(struct gw_sweep_parts *parts, struct gw_sweep_axis *axis, const char *written)
{
    struct gw_sweep_choice *choice = axis_grow(parts, axis);

    if (choice != NULL) {
        choice_add(parts, choice, axis->key, written);
    }
}

static void
axis_add_range(struct gw_sweep_parts *parts, struct gw_sweep_axis *axis)
{
    char text[GW_QUANTITY_TEXT_MAX];

    for (size_t i = 0; i < axis->range.count && parts->fine; i++) {
        gw_sweep_range_value(&axis->range, i, text);
        axis_add(parts, axis, text);
    }
}

bool
gw_sweep_choose_between(struct gw_sweep_parts *parts, const struct gw_sweep_axis *axis,
                        double share, struct gw_sweep_choice *choice)
{
    char text[GW_QUANTITY_TEXT_MAX];

    *choice = (struct gw_sweep_choice){0};
    gw_sweep_range_value_at(&axis->range, share, text);
    return choice_add(parts, choice, axis->key, text);
}

/* ---- axes --------------------------------------------------------------------------------------- */

static struct gw_sweep_axis *
find_axis(const struct gw_sweep_parts *parts, const char *key)
{
    for (size_t i = 0; i < parts->axis_count; i++) {
        if (strcmp(parts->axes[i].key, key) == 0) {
            return &parts->axes[i];
        }
    }
    return NULL;
}

/* Whether a named point sets the key. */
static bool
is_in_a_point(const struct gw_sweep_parts *parts, const char *key)
{
    const struct gw_sweep_axis *points = find_axis(parts, GW_SWEEP_POINT);

    for (size_t i = 0; points != NULL && i < points->count; i++) {
        for (size_t k = 0; k < points->choices[i].count; k++) {
            if (strcmp(points->choices[i].words[3 * k + 1], key) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* An axis without values, new or in the place of the one that is replaced; NULL after an error. */
static struct gw_sweep_axis *
open_axis(struct gw_sweep_parts *parts, const char *key, struct gw_place place, bool is_argument)
{
    struct gw_sweep_axis *axis = find_axis(parts, key);
    struct gw_sweep_axis *axes;

    if (is_in_a_point(parts, key)) {
        refuse(parts, place, "a named point sets this key too: leave it to one of them");
        return NULL;
    }
    if (axis != NULL && axis->is_argument) {
        refuse(parts, place, "this key is set twice");
        return NULL;
    }
    if (axis == NULL) {
        axes = realloc(parts->axes, (parts->axis_count + 1) * sizeof *axes);
        if (axes == NULL) {
            gw_sweep_out_of_memory(parts);
            return NULL;
        }
        parts->axes = axes;
        axis = &axes[parts->axis_count++];
        *axis = (struct gw_sweep_axis){0};
    }
    axis_clear(axis);
    axis->key = key;
    axis->place = place;
    axis->is_argument = is_argument;
    axis->range = (struct gw_sweep_range){0};
    return axis;
}

/* ---- arguments ---------------------------------------------------------------------------------- */

static void
refuse_byte(struct reading *reading, const char *at, const char *message)
{
    struct gw_place place = {.source = reading->source, .line = 1, .column = 1, .width = 1};

    place.column +=
        (int)gw_utf8_count_in(reading->source->text, (size_t)(at - reading->source->text));
    refuse(reading->parts, place, message);
}

/* Length of the value that starts at `text`: up to a comma outside quotes and brackets. */
static size_t
value_length(struct reading *reading, const char *text)
{
    size_t depth = 0;
    char quote = '\0';
    size_t i = 0;

    for (; text[i] != '\0'; i++) {
        char byte = text[i];

        if (quote != '\0') {
            quote = byte == quote ? '\0' : quote;
        } else if (byte == '"' || (byte == '\'' && (i == 0 || depth > 0))) {
            quote = byte;
        } else if (byte == '[' || byte == '{') {
            depth++;
        } else if ((byte == ']' || byte == '}') && depth > 0) {
            depth--;
        } else if (byte == ',' && depth == 0) {
            break;
        }
    }
    if (quote != '\0' || depth > 0) {
        refuse_byte(reading, text,
                    quote != '\0' ? "a quote is not closed" : "a bracket is not closed");
    }
    return i;
}

static void
read_values(struct reading *reading, const char *text)
{
    while (reading->parts->fine) {
        size_t length = value_length(reading, text);
        const char *written;

        if (length == 0) {
            refuse_byte(reading, text, "an empty value");
        }
        if (!reading->parts->fine) {
            return;
        }
        written = gw_sweep_keep(reading->parts, text, length);
        if (written != NULL) {
            axis_add(reading->parts, reading->axis, written);
        }
        if (text[length] == '\0') {
            return;
        }
        text += length + 1;
    }
}

static void
read_range(struct gw_sweep_parts *parts, struct gw_sweep_axis *axis, const char *text,
           struct gw_place place)
{
    struct gw_error err;

    if (!gw_sweep_range_parse(text, &axis->range, &err)) {
        refuse(parts, place, err.message);
        return;
    }
    axis_add_range(parts, axis);
}

static const struct gw_config_source *
add_argument_source(struct gw_sweep_parts *parts, const char *option, const char *argument)
{
    struct gw_text name = {0};
    struct gw_config_source *source = NULL;

    gw_text_format(&name, "%s %s", option, argument);
    if (!name.failed) {
        source = gw_config_add_source(&parts->config, name.bytes, argument, strlen(argument));
    }
    gw_text_clear(&name);
    if (source == NULL) {
        gw_sweep_out_of_memory(parts);
        return NULL;
    }
    source->is_argument = true;
    return source;
}

void
gw_sweep_add_argument(struct gw_sweep_parts *parts, const char *option, const char *argument,
                      bool ranges)
{
    struct reading reading = {parts, add_argument_source(parts, option, argument), NULL};
    struct gw_place place = {.source = reading.source, .line = 1, .column = 1, .width = 1};
    const char *text = reading.source == NULL ? NULL : reading.source->text;
    const char *equals = text == NULL ? NULL : strchr(text, '=');
    const char *key;
    bool was_fine = parts->fine;

    if (text == NULL) {
        return;
    }
    if (equals == NULL || equals == text) {
        refuse_byte(&reading, text, "expected KEY=VALUE");
        return;
    }
    key = gw_sweep_keep(parts, text, (size_t)(equals - text));
    reading.axis = key == NULL ? NULL : open_axis(parts, key, place, true);
    if (reading.axis == NULL) {
        return;
    }
    parts->fine = true;
    if (ranges && gw_sweep_range_is_short(equals + 1)) {
        read_range(parts, reading.axis, equals + 1, place);
    } else {
        read_values(&reading, equals + 1);
    }
    parts->fine = parts->fine && was_fine;
}

/* ---- nodes of the file -------------------------------------------------------------------------- */

/* In brackets on one line; scalars in quotes, because a bare one may hold a comma. */
static void
write_group(const struct gw_config_node *node, struct gw_text *text)
{
    bool is_map = node->type == GW_CONFIG_MAP;

    if (node->type == GW_CONFIG_SCALAR) {
        gw_text_add_json(text, node->text);
        return;
    }
    gw_text_add(text, is_map ? "{" : "[");
    for (size_t i = 0; i < node->count; i++) {
        gw_text_add(text, i == 0 ? "" : ", ");
        if (is_map) {
            gw_text_add_json(text, node->children[i]->key);
            gw_text_add(text, ": ");
        }
        write_group(node->children[i], text);
    }
    gw_text_add(text, is_map ? "}" : "]");
}

/* The node as the value of an override: quoted texts in quotes, groups in brackets. Free it; NULL:
 * memory out, or empty and reported. */
static char *
written_value(struct gw_sweep_parts *parts, const struct gw_config_node *node)
{
    struct gw_text text = {0};
    char *written;

    if (node->type != GW_CONFIG_SCALAR) {
        write_group(node, &text);
    } else if (node->quoted) {
        gw_text_format(&text, "\"%s\"", node->text);
    } else if (node->text[0] == '\0') {
        refuse(parts, node->place, "an empty value");
        return NULL;
    } else {
        gw_text_add(&text, node->text);
    }
    written = gw_text_take(&text);
    if (written == NULL) {
        gw_sweep_out_of_memory(parts);
    }
    return written;
}

static void
axis_add_node(struct gw_sweep_parts *parts, struct gw_sweep_axis *axis,
              const struct gw_config_node *node)
{
    char *written = written_value(parts, node);

    if (written != NULL) {
        axis_add(parts, axis, written);
    }
    free(written);
}

/* What the table of a range map fills. */
struct range_settings {
    char *from, *to, *by;
    int64_t steps;
    int scale;
};

static const char *const scale_words[] = {"linear", "log", NULL};

static const struct gw_setting range_table[] = {
    {"from", GW_SETTING_TEXT, offsetof(struct range_settings, from), NULL, NULL, NULL, NULL,
     "smallest value"},
    {"to", GW_SETTING_TEXT, offsetof(struct range_settings, to), NULL, NULL, NULL, NULL,
     "largest value"},
    {"by", GW_SETTING_TEXT, offsetof(struct range_settings, by), NULL, NULL, NULL, NULL,
     "values are from, from + by, ..."},
    {"steps", GW_SETTING_COUNT, offsetof(struct range_settings, steps), "0", NULL, "100000", NULL,
     "number of values, both ends among them"},
    {"scale", GW_SETTING_CHOICE, offsetof(struct range_settings, scale), "linear", NULL, NULL,
     scale_words, "equal differences or equal ratios"},
    GW_SETTING_END,
};

static void
read_range_map(struct gw_sweep_parts *parts, struct gw_sweep_axis *axis,
               const struct gw_config_node *map)
{
    struct range_settings settings;
    struct gw_settings_target target = {range_table, &settings, sizeof settings, NULL, "a range"};
    const struct gw_config_node *steps = gw_config_get(map, "steps");
    struct gw_error err;

    if (!gw_settings_resolve(&target, map, parts->diagnostics)) {
        parts->fine = false;
    } else if (settings.from == NULL || settings.to == NULL) {
        refuse(parts, map->place, "a range needs 'from' and 'to'");
    } else {
        struct gw_sweep_range_words words = {settings.from, settings.to,
                                             steps == NULL ? NULL : steps->text, settings.by,
                                             settings.scale == 1};

        if (gw_sweep_range_make(&words, &axis->range, &err)) {
            axis_add_range(parts, axis);
        } else {
            refuse(parts, map->place, err.message);
        }
    }
    gw_settings_clear(range_table, &settings);
}

/* A key of the file that --set could have. */
static const char *
keep_key(struct gw_sweep_parts *parts, const struct gw_config_node *node, const char *key)
{
    if (key[0] == '\0' || strchr(key, '=') != NULL) {
        refuse(parts, node->key_place, "a key of a scenario is expected, such as workload.oio");
        return NULL;
    }
    return gw_sweep_keep(parts, key, strlen(key));
}

void
gw_sweep_add_node(struct gw_sweep_parts *parts, const struct gw_config_node *node)
{
    const char *key = keep_key(parts, node, node->key);
    struct gw_sweep_axis *axis = key == NULL ? NULL : open_axis(parts, key, node->key_place, false);

    if (axis == NULL) {
        return;
    }
    if (node->type == GW_CONFIG_MAP) {
        read_range_map(parts, axis, node);
    } else if (node->type == GW_CONFIG_SCALAR && !node->quoted &&
               gw_sweep_range_is_short(node->text)) {
        read_range(parts, axis, node->text, node->place);
    } else if (node->type == GW_CONFIG_SCALAR) {
        axis_add_node(parts, axis, node);
    } else if (node->count == 0) {
        refuse(parts, node->place, "an empty list: at least one value");
    }
    for (size_t i = 0; node->type == GW_CONFIG_LIST && i < node->count; i++) {
        axis_add_node(parts, axis, node->children[i]);
    }
}

/* ---- named points ------------------------------------------------------------------------------- */

/* Maps are walked down, so that a point changes of `memory` only what it names. */
static void
add_settings(struct gw_sweep_parts *parts, struct gw_sweep_choice *choice, const char *prefix,
             const struct gw_config_node *map)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct gw_config_node *node = map->children[i];
        struct gw_text path = {0};
        const char *key = NULL;
        char *written;

        gw_text_format(&path, "%s%s%s", prefix, prefix[0] == '\0' ? "" : ".", node->key);
        if (!path.failed) {
            key = keep_key(parts, node, path.bytes);
        }
        gw_text_clear(&path);
        if (key == NULL) {
            parts->fine = false;
        } else if (node->type == GW_CONFIG_MAP) {
            add_settings(parts, choice, key, node);
        } else if ((written = written_value(parts, node)) != NULL) {
            choice_add(parts, choice, key, written);
            free(written);
        }
    }
}

void
gw_sweep_add_points(struct gw_sweep_parts *parts, const struct gw_config_node *points)
{
    struct gw_sweep_axis *axis = open_axis(parts, GW_SWEEP_POINT, points->key_place, true);

    if (axis != NULL && points->count == 0) {
        refuse(parts, points->place, "no points: name at least one, as in {small: {vm.cpus: 1}}");
    }
    for (size_t i = 0; axis != NULL && i < points->count; i++) {
        const struct gw_config_node *node = points->children[i];
        struct gw_sweep_choice *choice;

        if (node->type != GW_CONFIG_MAP) {
            refuse(parts, node->place, "a point is a map of settings, as in {memory.size: 8GiB}");
            continue;
        }
        choice = axis_grow(parts, axis);
        if (choice != NULL) {
            choice->name = gw_sweep_keep(parts, node->key, strlen(node->key));
            add_settings(parts, choice, "", node);
        }
    }
}
