/* design.c - a design by name: how many rows it has, what it asks for, who fills it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/design.h"

#include <stdlib.h>
#include <string.h>

#include "results/design_kinds.h"

/* Rows of a request that was checked; GW_DESIGN_ROWS_MAX + 1 when there are more. */
typedef size_t count_rows(const struct gw_design_request *request);

static size_t
product(size_t a, size_t b)
{
    return b != 0 && a > GW_DESIGN_ROWS_MAX / b ? GW_DESIGN_ROWS_MAX + 1 : a * b;
}

static size_t
rows_of_points(const struct gw_design_request *request)
{
    return request->points;
}

static size_t
rows_of_corners(const struct gw_design_request *request)
{
    return (size_t)1 << request->dimensions;
}

static size_t
rows_of_ways(const struct gw_design_request *request)
{
    size_t rows = 1;

    for (size_t i = 0; i < request->dimensions; i++) {
        size_t more = request->ways[i] - 1;

        if (more > GW_DESIGN_ROWS_MAX - rows) {
            return GW_DESIGN_ROWS_MAX + 1;
        }
        rows += more;
    }
    return rows;
}

static size_t
rows_of_trajectories(const struct gw_design_request *request)
{
    return product(request->points, request->dimensions + 1);
}

static size_t
rows_of_base_points(const struct gw_design_request *request)
{
    return product(request->points, request->dimensions + 2);
}

static const struct kind {
    const char *name;
    count_rows *rows;
    gw_design_fill *fill;
    size_t dimensions_max;
    const char *roomier; /* kind to name when they are too many */
    bool wants_points;
} kinds[] = {
    {"lhs", rows_of_points, gw_design_lhs, GW_DESIGN_DIMENSIONS_MAX, "nothing", true},
    {"sobol", rows_of_points, gw_design_sobol, GW_DESIGN_SOBOL_MAX, "lhs", true},
    {"halton", rows_of_points, gw_design_halton, GW_DESIGN_DIMENSIONS_MAX, "nothing", true},
    {"factorial", rows_of_corners, gw_design_factorial, GW_DESIGN_FACTORIAL_MAX, "morris", false},
    {"one-at-a-time", rows_of_ways, gw_design_one_at_a_time, GW_DESIGN_DIMENSIONS_MAX, "nothing",
     false},
    {"morris", rows_of_trajectories, gw_design_morris, GW_DESIGN_DIMENSIONS_MAX, "nothing", true},
    {"saltelli", rows_of_base_points, gw_design_saltelli, GW_DESIGN_SOBOL_MAX / 2, "morris", true},
};

static const struct kind *
find_kind(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

static bool
check(const struct kind *kind, const struct gw_design_request *request, struct gw_error *err)
{
    if (request->dimensions == 0) {
        return gw_fail(err, GW_EINVAL, "design %s: nothing varies", kind->name);
    }
    if (request->dimensions > kind->dimensions_max) {
        return gw_fail(err, GW_EINVAL, "design %s: %zu parameters vary: at most %zu; %s takes more",
                       kind->name, request->dimensions, kind->dimensions_max, kind->roomier);
    }
    if (kind->wants_points && request->points == 0) {
        return gw_fail(err, GW_EINVAL, "design %s: 0 points: must be at least 1", kind->name);
    }
    if (kind->fill == gw_design_morris && (request->levels < 2 || request->levels % 2 != 0)) {
        return gw_fail(err, GW_EINVAL, "design morris: %zu levels: must be even and at least 2",
                       request->levels);
    }
    if (kind->rows(request) > GW_DESIGN_ROWS_MAX) {
        return gw_fail(err, GW_EINVAL, "design %s: more than %d runs", kind->name,
                       GW_DESIGN_ROWS_MAX);
    }
    return true;
}

bool
gw_design_make(const char *name, const struct gw_design_request *request, struct gw_design *design,
               struct gw_error *err)
{
    const struct kind *kind = find_kind(name);

    *design = (struct gw_design){0};
    if (kind == NULL) {
        return gw_fail(err, GW_EINVAL, "unknown design '%.80s'", name);
    }
    if (!check(kind, request, err)) {
        return false;
    }
    design->rows = kind->rows(request);
    design->dimensions = request->dimensions;
    design->points = calloc(design->rows * design->dimensions, sizeof *design->points);
    if (design->points == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for the design");
    }
    if (!kind->fill(request, design, err)) {
        gw_design_clear(design);
        return false;
    }
    return true;
}

void
gw_design_clear(struct gw_design *design)
{
    free(design->points);
    *design = (struct gw_design){0};
}
