/* config_write.c - a tree as block YAML for people and as sorted JSON for hashing.
 *
 * Idea      JSON sorts each map by key bytes, so that the order in a file does not matter. A
 *           scalar that is not `quoted` is written bare (JSON: numbers and flags).
 *           YAML strings that a reader could take for something else get double quotes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "base/config.h"

static int
compare_keys(const void *left, const void *right)
{
    const struct gw_config_node *const *a = left;
    const struct gw_config_node *const *b = right;

    return strcmp((*a)->key, (*b)->key);
}

static void
write_json_children(const struct gw_config_node *node, struct gw_text *out)
{
    struct gw_config_node **sorted = calloc(node->count + 1, sizeof *sorted);

    if (sorted == NULL) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        sorted[i] = node->children[i];
    }
    if (node->type == GW_CONFIG_MAP) {
        qsort(sorted, node->count, sizeof *sorted, compare_keys);
    }
    for (size_t i = 0; i < node->count; i++) {
        gw_text_add(out, i == 0 ? "" : ",");
        if (node->type == GW_CONFIG_MAP) {
            gw_text_add_json(out, sorted[i]->key);
            gw_text_add(out, ":");
        }
        gw_config_write_json(sorted[i], out);
    }
    free(sorted);
}

void
gw_config_write_json(const struct gw_config_node *node, struct gw_text *out)
{
    bool is_map = node->type == GW_CONFIG_MAP;

    if (node->type == GW_CONFIG_SCALAR) {
        if (node->quoted) {
            gw_text_add_json(out, node->text);
            return;
        }
        gw_text_add(out, node->text);
        return;
    }
    gw_text_add(out, is_map ? "{" : "[");
    write_json_children(node, out);
    gw_text_add(out, is_map ? "}" : "]");
}

/* Whether YAML reads the word back as it is, without quotes. */
static bool
is_plain(const char *text)
{
    static const char legal[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./%- (),+";
    size_t length = strlen(text);

    return length > 0 && strspn(text, legal) == length && strchr(" -.(),+%", text[0]) == NULL &&
           text[length - 1] != ' ';
}

static void
write_yaml_scalar(const struct gw_config_node *node, struct gw_text *out)
{
    if (is_plain(node->text)) {
        gw_text_add(out, node->text);
    } else {
        gw_text_add_json(out, node->text);
    }
    gw_text_add(out, "\n");
}

/* One node whose key or dash starts at the current column; `indent` is that of its children. */
static void
write_yaml_node(const struct gw_config_node *node, size_t indent, struct gw_text *out)
{
    bool in_list = node->parent->type == GW_CONFIG_LIST;

    gw_text_add(out, in_list ? "-" : node->key);
    gw_text_add(out, in_list ? "" : ":");
    if (node->type == GW_CONFIG_SCALAR) {
        gw_text_add(out, " ");
        write_yaml_scalar(node, out);
        return;
    }
    if (node->count == 0) {
        gw_text_add(out, node->type == GW_CONFIG_MAP ? " {}\n" : " []\n");
        return;
    }
    gw_text_add(out, in_list ? " " : "\n");
    for (size_t i = 0; i < node->count; i++) {
        gw_text_repeat(out, ' ', in_list && i == 0 ? 0 : indent);
        write_yaml_node(node->children[i], indent + 2, out);
    }
}

void
gw_config_write_yaml(const struct gw_config_node *node, struct gw_text *out)
{
    for (size_t i = 0; i < node->count; i++) {
        write_yaml_node(node->children[i], 2, out);
    }
}
