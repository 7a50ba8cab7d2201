/* scenario_override.c - "path.to.key=value" put into the tree.
 *
 * Idea      The argument becomes a source of its own, so that an error about the new value, or
 *           about its key, points into the argument. The value replaces whatever stood there;
 *           maps on the way are made when they are missing. A value in brackets is read as YAML,
 *           one in quotes is taken without them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "sim/scenario_build.h"
#include "sim/scenario_yaml.h"

enum { PATH_DEPTH_MAX = 32 };

struct work {
    const struct gw_config_source *source;
    struct gw_diagnostics *diagnostics;
    bool fine;
};

/* Characters first .. end of the argument, as a place. */
static struct gw_place
place_in(const struct work *work, const char *first, const char *end)
{
    const char *text = work->source->text;
    size_t before = gw_utf8_count_in(text, (size_t)(first - text));
    size_t width = gw_utf8_count_in(first, (size_t)(end - first));

    return (struct gw_place){.source = work->source,
                             .line = 1,
                             .column = 1 + (int)before,
                             .width = width == 0 ? 1 : (int)width};
}

/* As YAML would have it: well-formed, and no surrogates. */
static bool
is_utf8(const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        uint32_t character = 0;
        size_t bytes = gw_utf8_decode(text, left, &character);

        if (bytes == 0 || character >> 11 == 0x1B) {
            return false;
        }
        text += bytes;
        left -= bytes;
    }
    return true;
}

static void
refuse(struct work *work, struct gw_place place, const char *message)
{
    gw_diagnostics_error(work->diagnostics, place, "%s", message);
    work->fine = false;
}

static void
out_of_memory(struct work *work)
{
    gw_scenario_out_of_memory(work->diagnostics);
    work->fine = false;
}

static struct gw_config_node *
read_value(struct work *work, const char *value)
{
    size_t length = strlen(value);
    bool quoted =
        length >= 2 && (value[0] == '"' || value[0] == '\'') && value[length - 1] == value[0];
    struct gw_config_node *node;

    if (value[0] == '[' || value[0] == '{') {
        node = gw_yaml_read(work->source, (size_t)(value - work->source->text), work->diagnostics);
        work->fine = node != NULL;
        return node;
    }
    node = gw_config_node_create(GW_CONFIG_SCALAR, NULL, value);
    if (node == NULL) {
        out_of_memory(work);
        return NULL;
    }
    if (quoted) {
        memmove(node->text, value + 1, length - 2);
        node->text[length - 2] = '\0';
        node->quoted = true;
    }
    node->place = place_in(work, value, value + length);
    return node;
}

/* Index of the child that a path component names, parent->count for a new key of a map, or
 * GW_NOWHERE with an error. */
static size_t
find_child(struct work *work, const struct gw_config_node *parent, const char *component,
           struct gw_place place)
{
    char *end;
    unsigned long index;

    if (parent->type == GW_CONFIG_MAP) {
        for (size_t i = 0; i < parent->count; i++) {
            if (strcmp(parent->children[i]->key, component) == 0) {
                return i;
            }
        }
        return parent->count;
    }
    if (parent->type == GW_CONFIG_SCALAR) {
        refuse(work, place, "the key before this one has a value, not a map");
        return GW_NOWHERE;
    }
    index = strtoul(component, &end, 10);
    if (*end != '\0' || component[0] < '0' || component[0] > '9' || index >= parent->count) {
        gw_diagnostics_error(work->diagnostics, place,
                             "the key before this one is a list of %zu: expected an index below it",
                             parent->count);
        work->fine = false;
        return GW_NOWHERE;
    }
    return (size_t)index;
}

/* Puts node at index of parent, in the place of what stands there. Takes node over. */
static void
put_child(struct work *work, struct gw_config_node *parent, size_t index,
          struct gw_config_node *node)
{
    if (index == parent->count) {
        if (!gw_config_append(parent, node)) {
            out_of_memory(work);
        }
        return;
    }
    gw_config_node_destroy(parent->children[index]);
    parent->children[index] = node;
    node->parent = parent;
}

/* Goes one step down, making the map when it is missing. NULL: an error was reported. */
static struct gw_config_node *
descend(struct work *work, struct gw_config_node *parent, const char *component,
        struct gw_place place)
{
    size_t index = find_child(work, parent, component, place);
    struct gw_config_node *map;

    if (index == GW_NOWHERE) {
        return NULL;
    }
    if (index < parent->count) {
        return parent->children[index];
    }
    map = gw_config_put_group(parent, component, GW_CONFIG_MAP);
    if (map == NULL) {
        out_of_memory(work);
        return NULL;
    }
    map->place = place;
    map->key_place = place;
    return map;
}

static void
set_child(struct work *work, struct gw_config_node *parent, const char *component,
          struct gw_place place, const char *value)
{
    size_t index = find_child(work, parent, component, place);
    struct gw_config_node *node;

    if (index == GW_NOWHERE) {
        return;
    }
    node = read_value(work, value);
    if (node == NULL) {
        return;
    }
    if (parent->type == GW_CONFIG_MAP) {
        node->key = strdup(component);
        if (node->key == NULL) {
            out_of_memory(work);
            gw_config_node_destroy(node);
            return;
        }
    }
    node->key_place = place;
    put_child(work, parent, index, node);
}

/* Walks `path`, which ends at `equals`, and sets what it names. */
static void
apply(struct work *work, struct gw_config_node *root, const char *path, const char *equals)
{
    struct gw_config_node *node = root;
    size_t depth = 0;

    while (node != NULL && work->fine) {
        size_t length = strcspn(path, ".=");
        struct gw_place place = place_in(work, path, path + length);
        char *component = strndup(path, length);

        if (component == NULL) {
            out_of_memory(work);
            return;
        }
        if (length == 0 || ++depth > PATH_DEPTH_MAX) {
            refuse(work, place, length == 0 ? "an empty key" : "nested too deeply");
        } else if (path + length == equals) {
            set_child(work, node, component, place, equals + 1);
            node = NULL;
        } else {
            node = descend(work, node, component, place);
        }
        free(component);
        path += length + 1;
    }
}

void
gw_scenario_override(struct gw_config *config, const char *override,
                     struct gw_diagnostics *diagnostics)
{
    struct work work = {.diagnostics = diagnostics, .fine = true};
    struct gw_config_source *source = NULL;
    struct gw_text name = {0};
    const char *equals;

    gw_text_format(&name, "--set %s", override);
    if (!name.failed) {
        source = gw_config_add_source(config, name.bytes, override, strlen(override));
    }
    gw_text_clear(&name);
    if (source == NULL) {
        out_of_memory(&work);
        return;
    }
    source->is_argument = true;
    work.source = source;
    equals = strchr(source->text, '=');
    if (!is_utf8(override)) {
        refuse(&work, place_in(&work, source->text, source->text), "not valid UTF-8");
        return;
    }
    if (equals == NULL) {
        refuse(&work, place_in(&work, source->text, source->text + source->length),
               "expected KEY=VALUE");
        return;
    }
    apply(&work, config->root, source->text, equals);
}
