/* sweep.c - from the key `sweep` and the command line to the points of a study.
 *
 * Idea      Every design numbers its candidates. For each candidate every axis picks one choice:
 *           grid and zip by the number, the others by a row of the sampler's cube. What the
 *           picks set, joined, is the point; the conditions then decide whether it stays.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/sweep.h"

#include <stdlib.h>
#include <string.h>

#include "sim/scenario_build.h"
#include "sim/scenario_yaml.h"
#include "sim/sweep_parts.h"

enum { CANDIDATES_MAX = 1000000, NAME_MAX_BYTES = 255 };

/* What a design asks of the axes and of the orders. */
enum values { ANY, COUNTED, TWO };

static const struct rule {
    const char *design;
    enum values values;
    bool wants_points, takes_condition;
} rules[] = {
    {"grid", COUNTED, false, true},
    {"zip", COUNTED, false, true},
    {"lhs", ANY, true, true},
    {"sobol", ANY, true, true},
    {"halton", ANY, true, true},
    {"factorial", TWO, false, false},
    {"morris", ANY, true, false},
    {"saltelli", ANY, true, false},
    {"one-at-a-time", COUNTED, false, true},
};

struct plan {
    struct gw_sweep *sweep;
    struct gw_sweep_parts *parts;
    struct gw_sweep_orders orders;
    const struct rule *rule;
    const struct gw_sweep_request *request;
    size_t candidates;
    const struct gw_sweep_choice **picks; /* of the candidate at work, one an axis */
    struct gw_sweep_choice *between;      /* scratch for picks within a range, one an axis */
    const char **known;                   /* names for "did you mean" */
    const struct gw_sweep_point *point;   /* that a condition is asked about */
    size_t points_allocated;
};

static bool
refuse(struct plan *plan, struct gw_place place, const char *message)
{
    gw_diagnostics_error(plan->parts->diagnostics, place, "%s", message);
    plan->parts->fine = false;
    return false;
}

static void
out_of_memory(struct plan *plan)
{
    gw_sweep_out_of_memory(plan->parts);
}

static bool
varies(const struct gw_sweep_axis *axis)
{
    return axis->count != 1;
}

/* ---- what the design asks ----------------------------------------------------------------------- */

static void
check_axis(struct plan *plan, const struct gw_sweep_axis *axis)
{
    if (plan->rule->values == TWO && axis->count > 2) {
        gw_diagnostics_error(plan->parts->diagnostics, axis->place,
                             "'%.80s' has %zu values: factorial takes two, or a range without"
                             " steps",
                             axis->key, axis->count);
        plan->parts->fine = false;
    }
    if (plan->rule->values == COUNTED && axis->count == 0) {
        gw_diagnostics_error(plan->parts->diagnostics, axis->place,
                             "the range of '%.80s' has no steps: add 'x5' (steps: 5) or 'by STEP'"
                             " for the design %s",
                             axis->key, plan->rule->design);
        plan->parts->fine = false;
    }
}

static void
check_orders(struct plan *plan)
{
    const struct gw_sweep_orders *orders = &plan->orders;

    if (plan->rule->wants_points && orders->points == 0) {
        gw_diagnostics_error(plan->parts->diagnostics, orders->design_place,
                             "design %s: how many points? Write 'points: 64'; named points go with"
                             " grid and zip",
                             plan->rule->design);
        plan->parts->fine = false;
    }
    if (!plan->rule->wants_points && orders->points > 0) {
        gw_diagnostics_error(plan->parts->diagnostics, orders->points_place,
                             "design %s takes no number of points: it follows from the values",
                             plan->rule->design);
        plan->parts->fine = false;
    }
    if (!plan->rule->takes_condition && orders->condition_count > 0) {
        gw_diagnostics_error(plan->parts->diagnostics, orders->conditions[0].node->key_place,
                             "design %s needs all of its points: leave 'where' out, or take lhs",
                             plan->rule->design);
        plan->parts->fine = false;
    }
}

static void
check(struct plan *plan)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (strcmp(rules[i].design, gw_sweep_designs[plan->orders.design]) == 0) {
            plan->rule = &rules[i];
        }
    }
    gw_assert(plan->rule != NULL);
    check_orders(plan);
    for (size_t i = 0; i < plan->parts->axis_count; i++) {
        check_axis(plan, &plan->parts->axes[i]);
    }
}

/* ---- candidates --------------------------------------------------------------------------------- */

/* Parameters that vary must have as many values as each other. */
static size_t
count_zipped(struct plan *plan)
{
    const struct gw_sweep_axis *first = NULL;

    for (size_t i = 0; i < plan->parts->axis_count; i++) {
        const struct gw_sweep_axis *axis = &plan->parts->axes[i];

        if (!varies(axis)) {
            continue;
        }
        first = first == NULL ? axis : first;
        if (axis->count != first->count) {
            gw_diagnostics_error(plan->parts->diagnostics, axis->place,
                                 "design zip: '%.80s' has %zu values, '%.80s' has %zu", axis->key,
                                 axis->count, first->key, first->count);
            plan->parts->fine = false;
        }
    }
    return first == NULL ? 1 : first->count;
}

static bool
list_dimensions(struct plan *plan, size_t *ways)
{
    struct gw_sweep *sweep = plan->sweep;

    sweep->parameters = calloc(plan->parts->axis_count + 1, sizeof *sweep->parameters);
    if (sweep->parameters == NULL || ways == NULL) {
        out_of_memory(plan);
        return false;
    }
    for (size_t i = 0; i < plan->parts->axis_count; i++) {
        const struct gw_sweep_axis *axis = &plan->parts->axes[i];

        if (varies(axis)) {
            ways[sweep->dimensions] = axis->count;
            sweep->parameters[sweep->dimensions++] = axis->key;
        }
    }
    return true;
}

static size_t
sample(struct plan *plan)
{
    struct gw_sweep *sweep = plan->sweep;
    size_t *ways = calloc(plan->parts->axis_count + 1, sizeof *ways);
    struct gw_sweep_sampling sampling = {.design = plan->rule->design,
                                         .points = (size_t)plan->orders.points,
                                         .levels = (size_t)plan->orders.levels,
                                         .ways = ways,
                                         .seed = (uint64_t)plan->orders.seed};
    struct gw_error err;

    gw_assert(plan->request->sampler.sample != NULL);
    if (list_dimensions(plan, ways)) {
        sampling.dimensions = sweep->dimensions;
        if (sampling.dimensions == 0) {
            gw_fail(&err, GW_EINVAL, "design %s: no parameter has two values", sampling.design);
            refuse(plan, plan->orders.design_place, err.message);
        } else if (!plan->request->sampler.sample(plan->request->sampler.self, &sampling,
                                                  &sweep->cube, &sweep->rows, &err)) {
            refuse(plan, plan->orders.design_place, err.message);
        }
    }
    free(ways);
    return sweep->rows;
}

static void
count_candidates(struct plan *plan)
{
    if (plan->orders.design == GW_SWEEP_GRID) {
        plan->candidates = gw_sweep_grid_count(plan->parts, CANDIDATES_MAX);
    } else if (plan->orders.design == GW_SWEEP_ZIP) {
        plan->candidates = count_zipped(plan);
    } else {
        plan->candidates = sample(plan);
    }
    if (plan->candidates > CANDIDATES_MAX) {
        refuse(plan, plan->orders.design_place, "more than 1000000 points");
    }
}

static const struct gw_sweep_choice *
pick_share(struct plan *plan, size_t index, double share)
{
    const struct gw_sweep_axis *axis = &plan->parts->axes[index];
    size_t choice = (size_t)(share * (double)axis->count);

    if (axis->count > 0) {
        return &axis->choices[choice < axis->count ? choice : axis->count - 1];
    }
    free(plan->between[index].words);
    gw_sweep_choose_between(plan->parts, axis, share, &plan->between[index]);
    return &plan->between[index];
}

static void
pick(struct plan *plan, size_t number)
{
    const struct gw_sweep *sweep = plan->sweep;
    size_t dimension = 0;

    if (plan->orders.design == GW_SWEEP_GRID) {
        gw_sweep_grid_pick(plan->parts, number, plan->picks);
        return;
    }
    for (size_t i = 0; i < plan->parts->axis_count; i++) {
        const struct gw_sweep_axis *axis = &plan->parts->axes[i];

        if (!varies(axis)) {
            plan->picks[i] = &axis->choices[0];
        } else if (plan->orders.design == GW_SWEEP_ZIP) {
            plan->picks[i] = &axis->choices[number];
        } else {
            plan->picks[i] =
                pick_share(plan, i, sweep->cube[number * sweep->dimensions + dimension++]);
        }
    }
}

/* ---- conditions --------------------------------------------------------------------------------- */

/* The scalar of the scenario at a path, or NULL. */
static const char *
text_at(const struct gw_config_node *node, const char *path)
{
    while (node != NULL && *path != '\0') {
        size_t length = strcspn(path, ".");
        char component[NAME_MAX_BYTES + 1];
        unsigned long index;
        char *end;

        if (length > NAME_MAX_BYTES) {
            return NULL;
        }
        memcpy(component, path, length);
        component[length] = '\0';
        if (node->type == GW_CONFIG_LIST) {
            index = strtoul(component, &end, 10);
            node = *end == '\0' && index < node->count ? node->children[index] : NULL;
        } else {
            node = gw_config_get(node, component);
        }
        path += length + (path[length] == '.');
    }
    return node != NULL && node->type == GW_CONFIG_SCALAR ? node->text : NULL;
}

static const char *
value_of(void *self, const char *name)
{
    const struct plan *plan = self;
    const struct gw_variation *variation = &plan->point->variation;

    if (plan->point->name != NULL && strcmp(name, GW_SWEEP_POINT) == 0) {
        return plan->point->name;
    }
    for (size_t i = variation->count; i > 0; i--) {
        if (strcmp(variation->names[i - 1], name) == 0) {
            return variation->values[i - 1];
        }
    }
    return text_at(plan->parts->config.root, name);
}

static bool
all_hold(struct plan *plan, const struct gw_sweep_point *point)
{
    struct gw_where_names names = {value_of, plan, plan->known};
    bool hold = true;

    plan->point = point;
    for (size_t i = 0; hold && i < plan->orders.condition_count; i++) {
        const struct gw_sweep_condition *condition = &plan->orders.conditions[i];
        struct gw_where_span span;
        struct gw_error err = {.code = GW_OK};

        if (!gw_where_evaluate(condition->where, &names, &hold, &span, &err)) {
            gw_sweep_refuse_condition(plan->parts, condition->node, span, &err);
            return false;
        }
    }
    return hold;
}

/* ---- points ------------------------------------------------------------------------------------- */

static bool
make_room(struct plan *plan)
{
    struct gw_sweep *sweep = plan->sweep;
    size_t allocated = plan->points_allocated == 0 ? 64 : 2 * plan->points_allocated;
    struct gw_sweep_point *points;

    if (sweep->count < plan->points_allocated) {
        return true;
    }
    if (sweep->count >= GW_SCENARIO_VARIATIONS_MAX) {
        return refuse(plan, plan->orders.place, "more than 100000 points");
    }
    points = realloc(sweep->points, allocated * sizeof *points);
    if (points == NULL) {
        out_of_memory(plan);
        return false;
    }
    sweep->points = points;
    plan->points_allocated = allocated;
    return true;
}

static void
add_candidate(struct plan *plan, size_t number)
{
    struct gw_sweep *sweep = plan->sweep;
    struct gw_sweep_point point = {.row = number};
    size_t axis_count = plan->parts->axis_count;

    pick(plan, number);
    if (!plan->parts->fine || !make_room(plan)) {
        return;
    }
    if (!gw_sweep_join(plan->picks, axis_count, &point.variation)) {
        out_of_memory(plan);
        return;
    }
    for (size_t i = 0; i < axis_count && point.name == NULL; i++) {
        point.name = plan->picks[i]->name;
    }
    if (all_hold(plan, &point)) {
        sweep->points[sweep->count++] = point;
        return;
    }
    sweep->left_out++;
    free(point.variation.overrides);
}

static void
fill(struct plan *plan)
{
    size_t axis_count = plan->parts->axis_count;

    plan->picks = calloc(axis_count + 1, sizeof *plan->picks);
    plan->between = calloc(axis_count + 1, sizeof *plan->between);
    plan->known = calloc(axis_count + 1, sizeof *plan->known);
    if (plan->picks == NULL || plan->between == NULL || plan->known == NULL) {
        out_of_memory(plan);
        return;
    }
    for (size_t i = 0; i < axis_count; i++) {
        plan->known[i] = plan->parts->axes[i].key;
    }
    for (size_t i = 0; i < plan->candidates && plan->parts->fine; i++) {
        add_candidate(plan, i);
    }
    if (plan->parts->fine && plan->sweep->count == 0) {
        refuse(plan, plan->orders.conditions[0].node->key_place, "the condition leaves no point");
    }
}

/* ---- the whole ---------------------------------------------------------------------------------- */

/* Words for the sweep itself change the tree; the others are axes. */
static bool
is_for_the_sweep(const char *setting)
{
    return strncmp(setting, "sweep.", 6) == 0 || strncmp(setting, "sweep=", 6) == 0;
}

static void
apply_orders(struct plan *plan)
{
    const struct gw_sweep_request *request = plan->request;
    size_t errors = plan->parts->diagnostics->errors;

    for (size_t i = 0; i < request->setting_count; i++) {
        if (is_for_the_sweep(request->settings[i])) {
            gw_scenario_override(&plan->parts->config, request->settings[i],
                                 plan->parts->diagnostics);
        }
    }
    plan->parts->fine = plan->parts->fine && plan->parts->diagnostics->errors == errors;
}

static void
add_arguments(struct plan *plan)
{
    const struct gw_sweep_request *request = plan->request;

    for (size_t i = 0; i < request->setting_count; i++) {
        if (!is_for_the_sweep(request->settings[i])) {
            gw_sweep_add_argument(plan->parts, "--set", request->settings[i], false);
        }
    }
    for (size_t i = 0; i < request->sweep_count; i++) {
        gw_sweep_add_argument(plan->parts, "--sweep", request->sweeps[i], true);
    }
}

static bool
read_tree(struct plan *plan, const char *path, const char *text, size_t length)
{
    struct gw_sweep_parts *parts = plan->parts;
    struct gw_config_source *source = gw_config_add_source(&parts->config, path, text, length);

    if (source == NULL) {
        out_of_memory(plan);
        return false;
    }
    parts->config.root = gw_yaml_read(source, 0, parts->diagnostics);
    if (parts->config.root == NULL) {
        parts->fine = false;
        return false;
    }
    if (parts->config.root->type != GW_CONFIG_MAP) {
        return refuse(plan, parts->config.root->place, "a scenario must be a map");
    }
    parts->fine = gw_scenario_include(&parts->config, path, parts->diagnostics);
    return parts->fine;
}

static void
make(struct plan *plan)
{
    apply_orders(plan);
    gw_sweep_read(plan->parts, &plan->orders);
    gw_sweep_read_frontier(plan->parts, plan->orders.frontier, &plan->sweep->frontier);
    gw_sweep_read_stop(plan->parts, plan->orders.stop, plan->orders.replications,
                       &plan->sweep->stop);
    add_arguments(plan);
    gw_sweep_check_frontier(plan->parts, &plan->sweep->frontier);
    if (plan->parts->fine) {
        check(plan);
    }
    if (plan->parts->fine) {
        count_candidates(plan);
    }
    if (plan->parts->fine) {
        fill(plan);
    }
    for (size_t i = 0; plan->between != NULL && i < plan->parts->axis_count; i++) {
        free(plan->between[i].words);
    }
    free(plan->between);
    free(plan->picks);
    free(plan->known);
    plan->sweep->design = gw_sweep_designs[plan->orders.design];
    plan->sweep->replications = plan->orders.replications;
    gw_sweep_orders_clear(&plan->orders);
}

bool
gw_sweep_plan_text(struct gw_sweep *sweep, const char *path, const char *text, size_t length,
                   const struct gw_sweep_request *request, struct gw_diagnostics *diagnostics)
{
    struct plan plan = {.sweep = sweep, .request = request};
    size_t first = diagnostics->count;

    *sweep = (struct gw_sweep){0};
    sweep->parts = calloc(1, sizeof *sweep->parts);
    if (sweep->parts == NULL) {
        gw_scenario_out_of_memory(diagnostics);
        return false;
    }
    plan.parts = sweep->parts;
    *plan.parts = (struct gw_sweep_parts){.diagnostics = diagnostics, .fine = true};
    if (read_tree(&plan, path, text, length)) {
        make(&plan);
    }
    gw_diagnostics_sort(diagnostics, first);
    sweep->parts->diagnostics = NULL;
    if (!plan.parts->fine) {
        gw_sweep_clear(sweep);
        return false;
    }
    return true;
}

bool
gw_sweep_plan(struct gw_sweep *sweep, const char *path, const struct gw_sweep_request *request,
              struct gw_diagnostics *diagnostics)
{
    struct gw_error err;
    size_t length;
    char *text = gw_scenario_read_file(path, &length, &err);
    bool fine;

    *sweep = (struct gw_sweep){0};
    if (text == NULL) {
        gw_diagnostics_fail(diagnostics, err.code, path, "%s", err.message);
        return false;
    }
    fine = gw_sweep_plan_text(sweep, path, text, length, request, diagnostics);
    free(text);
    return fine;
}

void
gw_sweep_clear(struct gw_sweep *sweep)
{
    for (size_t i = 0; i < sweep->count; i++) {
        free(sweep->points[i].variation.overrides);
    }
    free(sweep->points);
    gw_sweep_frontier_clear(&sweep->frontier);
    free(sweep->cube);
    free(sweep->parameters);
    if (sweep->parts != NULL) {
        gw_sweep_parts_clear(sweep->parts);
    }
    free(sweep->parts);
    *sweep = (struct gw_sweep){0};
}
