/* config.c - the tree of settings: making, finding and freeing nodes.
 *
 * Invariant a child's parent is the node that holds it; children keep the order of the text.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/config.h"

#include <stdlib.h>
#include <string.h>

static void
source_destroy(struct gw_config_source *source)
{
    if (source == NULL) {
        return;
    }
    free(source->name);
    free(source->text);
    free(source);
}

struct gw_config_source *
gw_config_add_source(struct gw_config *config, const char *name, const char *text, size_t length)
{
    struct gw_config_source *source = calloc(1, sizeof *source);

    if (source == NULL) {
        return NULL;
    }
    source->name = strdup(name);
    source->text = malloc(length + 1);
    if (source->name == NULL || source->text == NULL) {
        source_destroy(source);
        return NULL;
    }
    memcpy(source->text, text, length);
    source->text[length] = '\0';
    source->length = length;
    source->next = config->sources;
    config->sources = source;
    return source;
}

void
gw_config_clear(struct gw_config *config)
{
    gw_config_node_destroy(config->root);
    while (config->sources != NULL) {
        struct gw_config_source *next = config->sources->next;

        source_destroy(config->sources);
        config->sources = next;
    }
    config->root = NULL;
}

struct gw_config_node *
gw_config_node_create(enum gw_config_type type, const char *key, const char *text)
{
    struct gw_config_node *node = calloc(1, sizeof *node);

    if (node == NULL) {
        return NULL;
    }
    node->type = type;
    node->key = key == NULL ? NULL : strdup(key);
    node->text = text == NULL ? NULL : strdup(text);
    if ((key != NULL && node->key == NULL) || (text != NULL && node->text == NULL)) {
        gw_config_node_destroy(node);
        return NULL;
    }
    return node;
}

void
gw_config_node_destroy(struct gw_config_node *node)
{
    if (node == NULL) {
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        gw_config_node_destroy(node->children[i]);
    }
    free(node->children);
    free(node->key);
    free(node->text);
    free(node);
}

bool
gw_config_append(struct gw_config_node *parent, struct gw_config_node *child)
{
    if (child == NULL) {
        return false;
    }
    if (parent->count == parent->allocated) {
        size_t allocated = parent->allocated == 0 ? 8 : parent->allocated * 2;
        struct gw_config_node **children = realloc(parent->children, allocated * sizeof *children);

        if (children == NULL) {
            gw_config_node_destroy(child);
            return false;
        }
        parent->children = children;
        parent->allocated = allocated;
    }
    child->parent = parent;
    parent->children[parent->count++] = child;
    return true;
}

bool
gw_config_put(struct gw_config_node *map, const char *key, const char *text, bool quoted)
{
    struct gw_config_node *node = gw_config_node_create(GW_CONFIG_SCALAR, key, text);

    if (node == NULL) {
        return false;
    }
    node->quoted = quoted;
    return gw_config_append(map, node);
}

struct gw_config_node *
gw_config_put_group(struct gw_config_node *parent, const char *key, enum gw_config_type type)
{
    struct gw_config_node *node = gw_config_node_create(type, key, NULL);

    return node != NULL && gw_config_append(parent, node) ? node : NULL;
}

struct gw_config_node *
gw_config_get(const struct gw_config_node *node, const char *key)
{
    if (node == NULL || node->type != GW_CONFIG_MAP) {
        return NULL;
    }
    for (size_t i = 0; i < node->count; i++) {
        if (strcmp(node->children[i]->key, key) == 0) {
            return node->children[i];
        }
    }
    return NULL;
}

const char *
gw_config_type_name(enum gw_config_type type)
{
    static const char *const names[] = {
        [GW_CONFIG_SCALAR] = "a value", [GW_CONFIG_MAP] = "a map", [GW_CONFIG_LIST] = "a list"};

    return names[type];
}
