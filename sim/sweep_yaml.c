/* sweep_yaml.c - the key `sweep` of a scenario: what it extends, its settings, axes, conditions.
 *
 * Idea      The map is completed before it is read, as `include` does with whole files: what the
 *           sweep of another file says and this one does not is moved in. Nodes keep their places.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "sim/scenario_build.h"
#include "sim/scenario_yaml.h"
#include "sim/sweep_parts.h"

enum { EXTENDS_MAX = 16 };

const char *const gw_sweep_designs[] = {[GW_SWEEP_GRID] = "grid",
                                        [GW_SWEEP_ZIP] = "zip",
                                        "lhs",
                                        "sobol",
                                        "halton",
                                        "factorial",
                                        "one-at-a-time",
                                        "morris",
                                        "saltelli",
                                        NULL};

static const struct gw_setting order_table[] = {
    {"design", GW_SETTING_CHOICE, offsetof(struct gw_sweep_orders, design), "grid", NULL, NULL,
     gw_sweep_designs, "how points are chosen"},
    {"replications", GW_SETTING_COUNT, offsetof(struct gw_sweep_orders, replications), "0", NULL,
     "1000000", NULL, "runs of each point; 0: as the scenario says"},
    {"seed", GW_SETTING_COUNT, offsetof(struct gw_sweep_orders, seed), "1", NULL, NULL, NULL,
     "of the chance in a design; not of the runs"},
    {"levels", GW_SETTING_COUNT, offsetof(struct gw_sweep_orders, levels), "4", "2", "64", NULL,
     "of the grid of morris, even"},
    GW_SETTING_END,
};

static void
refuse(struct gw_sweep_parts *parts, struct gw_place place, const char *message)
{
    gw_diagnostics_error(parts->diagnostics, place, "%s", message);
    parts->fine = false;
}

/* ---- extends ------------------------------------------------------------------------------------ */

static void extend(struct gw_sweep_parts *parts, struct gw_config_node *sweep, size_t depth);

/* The name as seen from the file that the node stands in. NULL: memory out. */
static char *
path_beside(const struct gw_config_node *name)
{
    const struct gw_config_source *source = name->place.source;
    const char *slash = source == NULL || source->is_argument ? NULL : strrchr(source->name, '/');
    struct gw_text text = {0};

    if (name->text[0] != '/' && slash != NULL) {
        gw_text_add_bytes(&text, source->name, (size_t)(slash - source->name) + 1);
    }
    gw_text_add(&text, name->text);
    return gw_text_take(&text);
}

/* The tree of a file with what it includes, or NULL after an error. */
static struct gw_config_node *
read_tree(struct gw_sweep_parts *parts, const char *path, struct gw_place place)
{
    struct gw_config config = {.sources = parts->config.sources};
    struct gw_config_source *source;
    struct gw_error err;
    size_t length;
    char *text = gw_scenario_read_file(path, &length, &err);

    if (text == NULL) {
        gw_diagnostics_error(parts->diagnostics, place, "extends '%.200s': %s", path, err.message);
        parts->fine = false;
        return NULL;
    }
    source = gw_config_add_source(&config, path, text, length);
    free(text);
    if (source == NULL) {
        gw_sweep_out_of_memory(parts);
    } else {
        config.root = gw_yaml_read(source, 0, parts->diagnostics);
        parts->fine = parts->fine && config.root != NULL &&
                      gw_scenario_include(&config, path, parts->diagnostics);
    }
    parts->config.sources = config.sources;
    if (!parts->fine) {
        gw_config_node_destroy(config.root);
        return NULL;
    }
    return config.root;
}

static void
extend_by(struct gw_sweep_parts *parts, struct gw_config_node *sweep,
          const struct gw_config_node *name, size_t depth)
{
    char *path = name->type == GW_CONFIG_SCALAR ? path_beside(name) : NULL;
    struct gw_config_node *root = NULL;
    struct gw_config_node *lower;

    if (name->type != GW_CONFIG_SCALAR) {
        refuse(parts, name->place, "'extends' must be the name of a file or a list of names");
    } else if (path == NULL) {
        gw_sweep_out_of_memory(parts);
    } else if (depth == EXTENDS_MAX) {
        refuse(parts, name->place, "'extends' is nested too deeply: does a file extend itself?");
    } else {
        root = read_tree(parts, path, name->place);
    }
    lower = gw_config_get(root, "sweep");
    if (root != NULL && (lower == NULL || lower->type != GW_CONFIG_MAP)) {
        refuse(parts, name->place, "'extends' names a file without a map 'sweep'");
    } else if (root != NULL) {
        extend(parts, lower, depth + 1);
        if (!gw_scenario_merge_under(sweep, lower)) {
            gw_sweep_out_of_memory(parts);
        }
    }
    gw_config_node_destroy(root);
    free(path);
}

/* Moves in what the named files say and this map does not; of two files the later wins. */
static void
extend(struct gw_sweep_parts *parts, struct gw_config_node *sweep, size_t depth)
{
    struct gw_config_node *extends = gw_config_get(sweep, "extends");

    if (extends == NULL) {
        return;
    }
    if (extends->type != GW_CONFIG_LIST) {
        extend_by(parts, sweep, extends, depth);
        return;
    }
    for (size_t i = extends->count; i > 0 && parts->fine; i--) {
        extend_by(parts, sweep, extends->children[i - 1], depth);
    }
}

/* ---- conditions --------------------------------------------------------------------------------- */

/* The part of a value in its file; the whole value where lines were folded or escapes resolved. */
static struct gw_place
place_within(const struct gw_config_node *node, struct gw_where_span span)
{
    size_t quote = node->quoted ? 1 : 0;
    size_t width = gw_utf8_count(node->text) + 2 * quote;
    struct gw_place place = node->place;

    if ((size_t)place.width != width) {
        return place;
    }
    place.column += (int)(gw_utf8_count_in(node->text, span.at) + quote);
    place.width = (int)gw_utf8_count_in(node->text + span.at, span.length);
    place.width = place.width == 0 ? 1 : place.width;
    return place;
}

void
gw_sweep_refuse_condition(struct gw_sweep_parts *parts, const struct gw_config_node *node,
                          struct gw_where_span span, const struct gw_error *err)
{
    if (err->code == GW_ENOMEM) {
        gw_sweep_out_of_memory(parts);
        return;
    }
    refuse(parts, place_within(node, span), err->message);
}

static void
add_condition(struct gw_sweep_parts *parts, struct gw_sweep_orders *orders,
              const struct gw_config_node *node)
{
    struct gw_sweep_condition *conditions;
    struct gw_where_span span;
    struct gw_where *where;
    struct gw_error err;

    if (node->type != GW_CONFIG_SCALAR) {
        refuse(parts, node->place,
               "'where' is a condition or a list of them, as in"
               " 'workload.oio <= 16'");
        return;
    }
    where = gw_where_compile(node->text, &span, &err);
    if (where == NULL) {
        gw_sweep_refuse_condition(parts, node, span, &err);
        return;
    }
    conditions = realloc(orders->conditions, (orders->condition_count + 1) * sizeof *conditions);
    if (conditions == NULL) {
        gw_where_destroy(where);
        gw_sweep_out_of_memory(parts);
        return;
    }
    orders->conditions = conditions;
    conditions[orders->condition_count++] = (struct gw_sweep_condition){where, node};
}

static void
add_conditions(struct gw_sweep_parts *parts, struct gw_sweep_orders *orders,
               const struct gw_config_node *node)
{
    if (node == NULL) {
        return;
    }
    if (node->type != GW_CONFIG_LIST) {
        add_condition(parts, orders, node);
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        add_condition(parts, orders, node->children[i]);
    }
}

void
gw_sweep_orders_clear(struct gw_sweep_orders *orders)
{
    for (size_t i = 0; i < orders->condition_count; i++) {
        gw_where_destroy(orders->conditions[i].where);
    }
    free(orders->conditions);
    *orders = (struct gw_sweep_orders){0};
}

/* ---- the map ------------------------------------------------------------------------------------ */

static void
read_points(struct gw_sweep_parts *parts, struct gw_sweep_orders *orders,
            const struct gw_config_node *points)
{
    union gw_quantity count;
    struct gw_error err;

    if (points == NULL) {
        return;
    }
    orders->points_place = points->place;
    if (points->type == GW_CONFIG_MAP) {
        gw_sweep_add_points(parts, points);
    } else if (points->type == GW_CONFIG_LIST) {
        refuse(parts, points->place, "'points' is a number, or a map of named points");
    } else if (!gw_quantity_parse(GW_SETTING_COUNT, points->text, &count, &err)) {
        refuse(parts, points->place, err.message);
    } else if (count.whole < 1 || count.whole > GW_SCENARIO_VARIATIONS_MAX) {
        refuse(parts, points->place, "'points' is out of range: 1 to 100000");
    } else {
        orders->points = count.whole;
    }
}

static void
read_axes(struct gw_sweep_parts *parts, const struct gw_config_node *over)
{
    if (over != NULL && over->type != GW_CONFIG_MAP) {
        refuse(parts, over->place,
               "'over' must be a map of parameters, as in"
               " {workload.oio: [2, 4, 8]}");
        return;
    }
    for (size_t i = 0; over != NULL && i < over->count; i++) {
        gw_sweep_add_node(parts, over->children[i]);
    }
}

void
gw_sweep_read(struct gw_sweep_parts *parts, struct gw_sweep_orders *orders)
{
    static const char *const others[] = {"extends", "over",     "points", "where",
                                         "stop",    "frontier", NULL};
    struct gw_settings_target target = {order_table, orders, sizeof *orders, others, "sweep"};
    struct gw_config_node *sweep = gw_config_get(parts->config.root, "sweep");
    struct gw_config_node absent = gw_scenario_absent(parts->config.root);
    const struct gw_config_node *design;

    if (sweep != NULL && sweep->type != GW_CONFIG_MAP) {
        *orders = (struct gw_sweep_orders){0};
        refuse(parts, sweep->place, "'sweep' must be a map");
        return;
    }
    if (sweep == NULL) {
        sweep = &absent;
    }
    extend(parts, sweep, 0);
    if (!gw_settings_resolve(&target, sweep, parts->diagnostics)) {
        parts->fine = false;
    }
    orders->place = sweep->key_place;
    design = gw_config_get(sweep, "design");
    orders->design_place = design == NULL ? orders->place : design->place;
    read_points(parts, orders, gw_config_get(sweep, "points"));
    read_axes(parts, gw_config_get(sweep, "over"));
    orders->frontier = gw_config_get(sweep, "frontier");
    orders->stop = gw_config_get(sweep, "stop");
    add_conditions(parts, orders, gw_config_get(sweep, "where"));
}
