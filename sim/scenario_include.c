/* scenario_include.c - `include: FILE`: other files put underneath the one that names them.
 *
 * Idea      The tree of a file is completed before anything else looks at it: what a map lacks is
 *           moved in from the included tree, maps meet key by key, and everything else that both
 *           have stays as the including file says. Nodes keep their places, so an error points
 *           into the file that brought the value.
 * Invariant After it, no tree has the key `include`: the canonical form does not know files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario_build.h"
#include "sim/scenario_yaml.h"

enum { FILES_MAX = 64 };

/* One file that is being completed, and the file that includes it. */
struct layer {
    const char *path;    /* as opened */
    char real[PATH_MAX]; /* "" for a text that is no file */
    const struct layer *above;
};

struct work {
    struct gw_config *config; /* owns the texts */
    struct gw_diagnostics *diagnostics;
    size_t files;
    bool fine;
};

static bool complete(struct work *work, struct layer *layer, struct gw_config_node *root);

char *
gw_scenario_read_file(const char *path, size_t *length, struct gw_error *err)
{
    FILE *file = fopen(path, "rb");
    char *text = file == NULL ? NULL : malloc(GW_SCENARIO_BYTES_MAX + 1);
    bool failed;

    if (file == NULL) {
        gw_fail(err, errno == ENOENT ? GW_ENOENT : GW_EIO, "cannot be opened: %s", strerror(errno));
        return NULL;
    }
    if (text == NULL) {
        gw_fail(err, GW_ENOMEM, "out of memory");
        fclose(file);
        return NULL;
    }
    *length = fread(text, 1, GW_SCENARIO_BYTES_MAX + 1, file);
    failed = ferror(file) != 0;
    if (failed) {
        gw_fail(err, GW_EIO, "cannot be read: %s", strerror(errno));
    } else if (*length > GW_SCENARIO_BYTES_MAX) {
        failed = true;
        gw_fail(err, GW_EINVAL, "larger than 1MiB: no scenario");
    }
    fclose(file);
    if (failed) {
        free(text);
        return NULL;
    }
    return text;
}

static void
refuse(struct work *work, struct gw_place place, const char *path, const char *message)
{
    gw_diagnostics_error(work->diagnostics, place, "include '%.200s': %s", path, message);
    work->fine = false;
}

static void
out_of_memory(struct work *work)
{
    gw_scenario_out_of_memory(work->diagnostics);
    work->fine = false;
}

/* The name as seen from the directory of the including file. NULL: memory out. */
static char *
path_from(const struct layer *layer, const char *name)
{
    const char *slash = strrchr(layer->path, '/');
    struct gw_text text = {0};

    if (name[0] != '/' && slash != NULL) {
        gw_text_add_bytes(&text, layer->path, (size_t)(slash - layer->path) + 1);
    }
    gw_text_add(&text, name);
    return gw_text_take(&text);
}

static bool
is_open_already(const struct layer *layer)
{
    for (const struct layer *above = layer->above; above != NULL; above = above->above) {
        if (strcmp(above->real, layer->real) == 0) {
            return true;
        }
    }
    return false;
}

/* Removes the child from its map without destroying it. */
static struct gw_config_node *
detach(struct gw_config_node *map, size_t index)
{
    struct gw_config_node *child = map->children[index];

    memmove(&map->children[index], &map->children[index + 1],
            (map->count - index - 1) * sizeof(struct gw_config_node *));
    map->count--;
    return child;
}

bool
gw_scenario_merge_under(struct gw_config_node *upper, struct gw_config_node *lower)
{
    size_t i = 0;

    while (i < lower->count) {
        struct gw_config_node *own = gw_config_get(upper, lower->children[i]->key);

        if (own == NULL) {
            if (!gw_config_append(upper, detach(lower, i))) {
                return false;
            }
            continue;
        }
        if (own->type == GW_CONFIG_MAP && lower->children[i]->type == GW_CONFIG_MAP &&
            !gw_scenario_merge_under(own, lower->children[i])) {
            return false;
        }
        i++;
    }
    return true;
}

/* The completed tree of an included file, or NULL after an error. */
static struct gw_config_node *
read_layer(struct work *work, struct layer *layer, struct gw_place place)
{
    struct gw_config_source *source;
    struct gw_config_node *root;
    struct gw_error err;
    size_t length;
    char *text = gw_scenario_read_file(layer->path, &length, &err);

    if (text == NULL) {
        refuse(work, place, layer->path, err.message);
        return NULL;
    }
    source = gw_config_add_source(work->config, layer->path, text, length);
    free(text);
    if (source == NULL) {
        out_of_memory(work);
        return NULL;
    }
    root = gw_yaml_read(source, 0, work->diagnostics);
    if (root == NULL) {
        work->fine = false;
        return NULL;
    }
    if (root->type != GW_CONFIG_MAP) {
        gw_diagnostics_error(work->diagnostics, root->place,
                             "an included file must be a map, not %s",
                             gw_config_type_name(root->type));
        work->fine = false;
    }
    if (!work->fine || !complete(work, layer, root)) {
        gw_config_node_destroy(root);
        return NULL;
    }
    return root;
}

/* Puts one named file under root. */
static void
include_file(struct work *work, const struct layer *above, const struct gw_config_node *name,
             struct gw_config_node *root)
{
    struct layer *layer = calloc(1, sizeof *layer);
    struct gw_config_node *lower = NULL;
    char *path = path_from(above, name->text);

    if (layer == NULL || path == NULL) {
        out_of_memory(work);
    } else {
        *layer = (struct layer){.path = path, .above = above};
        if (realpath(path, layer->real) == NULL) {
            refuse(work, name->place, path, strerror(errno));
        } else if (is_open_already(layer)) {
            refuse(work, name->place, path, "includes itself");
        } else if (++work->files > FILES_MAX) {
            refuse(work, name->place, path, "too many files");
        } else {
            lower = read_layer(work, layer, name->place);
        }
    }
    if (lower != NULL && !gw_scenario_merge_under(root, lower)) {
        out_of_memory(work);
    }
    gw_config_node_destroy(lower);
    free(path);
    free(layer);
}

/* Of two files in a list the later is nearer to the including file. */
static void
include_all(struct work *work, const struct layer *layer, const struct gw_config_node *include,
            struct gw_config_node *root)
{
    if (include->type == GW_CONFIG_SCALAR) {
        include_file(work, layer, include, root);
        return;
    }
    for (size_t i = include->count; i > 0 && work->fine; i--) {
        include_file(work, layer, include->children[i - 1], root);
    }
}

static bool
is_list_of_names(struct work *work, const struct gw_config_node *include)
{
    const struct gw_config_node *wrong = include->type == GW_CONFIG_MAP ? include : NULL;

    for (size_t i = 0; i < include->count && wrong == NULL; i++) {
        wrong = include->children[i]->type == GW_CONFIG_SCALAR ? NULL : include->children[i];
    }
    if (wrong != NULL) {
        gw_diagnostics_error(work->diagnostics, wrong->place,
                             "'include' must be the name of a file or a list of names, not %s",
                             gw_config_type_name(wrong->type));
        work->fine = false;
    }
    return wrong == NULL;
}

static bool
complete(struct work *work, struct layer *layer, struct gw_config_node *root)
{
    struct gw_config_node *include = gw_config_get(root, "include");

    if (include == NULL) {
        return true;
    }
    for (size_t i = 0; i < root->count; i++) {
        if (root->children[i] == include) {
            detach(root, i);
        }
    }
    if (is_list_of_names(work, include)) {
        include_all(work, layer, include, root);
    }
    gw_config_node_destroy(include);
    return work->fine;
}

bool
gw_scenario_include(struct gw_config *config, const char *path, struct gw_diagnostics *diagnostics)
{
    struct work work = {.config = config, .diagnostics = diagnostics, .fine = true};
    struct layer *layer;
    bool fine;

    if (config->root->type != GW_CONFIG_MAP) {
        return true;
    }
    layer = calloc(1, sizeof *layer);
    if (layer == NULL) {
        gw_scenario_out_of_memory(diagnostics);
        return false;
    }
    layer->path = path;
    if (realpath(path, layer->real) == NULL) {
        layer->real[0] = '\0';
    }
    fine = complete(&work, layer, config->root);
    free(layer);
    return fine;
}
