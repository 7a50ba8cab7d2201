/* report_groups.c - the runs of a database in the order in which people read them.
 *
 * Idea      Runs are split by scenario and guest. In each part one thing is compared: the
 *           architecture where it varies, else the first parameter that does. A cell holds the
 *           runs that are equal in everything else, a row of it the replications of one variant.
 * Invariant The order is total: values by size, then by letters, then replication, seed, run id.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* qsort_r */
#endif

#include <stdlib.h>
#include <string.h>

#include "results/report_shared.h"
#include "results/style.h"
#include "results/value_order.h"

/* ---- values ---------------------------------------------------------------------------------- */

static const char *
variant_of(const struct gw_report_group *group, const struct gw_result *result)
{
    if (group->compared == NULL || strcmp(group->compared, "architecture") == 0) {
        return result->architecture;
    }
    return gw_result_parameter(result, group->compared);
}

static int
compare_variants(const struct gw_report_group *group, const struct gw_result *a,
                 const struct gw_result *b)
{
    const char *variant_a = variant_of(group, a);
    const char *variant_b = variant_of(group, b);
    size_t rank_a = gw_style_rank(variant_a);
    size_t rank_b = gw_style_rank(variant_b);

    if (rank_a != rank_b) {
        return rank_a < rank_b ? -1 : 1;
    }
    return gw_values_compare(variant_a, variant_b);
}

static int
compare_cells(const struct gw_report_group *group, const struct gw_result *a,
              const struct gw_result *b)
{
    for (size_t i = 0; i < group->name_count; i++) {
        int order = gw_values_compare(gw_result_parameter(a, group->names[i]),
                                      gw_result_parameter(b, group->names[i]));
        if (order != 0) {
            return order;
        }
    }
    return 0;
}

static int
compare_runs(const void *a, const void *b, void *context)
{
    const struct gw_result *run_a = *(const struct gw_result *const *)a;
    const struct gw_result *run_b = *(const struct gw_result *const *)b;
    int order = compare_cells(context, run_a, run_b);

    order = order != 0 ? order : compare_variants(context, run_a, run_b);
    if (order != 0) {
        return order;
    }
    if (run_a->replication != run_b->replication) {
        return run_a->replication < run_b->replication ? -1 : 1;
    }
    if (run_a->seed != run_b->seed) {
        return run_a->seed < run_b->seed ? -1 : 1;
    }
    return strcmp(run_a->run_id, run_b->run_id);
}

/* ---- what varies ----------------------------------------------------------------------------- */

static bool
knows(const struct gw_report_group *group, const char *name)
{
    for (size_t i = 0; i < group->name_count; i++) {
        gw_assert(group->names[i] != NULL);
        if (strcmp(group->names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool
varies(const struct gw_report_group *group, const char *name)
{
    for (size_t i = 1; i < group->count; i++) {
        if (strcmp(gw_result_parameter(group->runs[0], name),
                   gw_result_parameter(group->runs[i], name)) != 0) {
            return true;
        }
    }
    return false;
}

static bool
is_architecture(const struct gw_report_group *group, const char *name)
{
    for (size_t i = 0; i < group->count; i++) {
        if (strcmp(gw_result_parameter(group->runs[i], name), group->runs[i]->architecture) != 0) {
            return false;
        }
    }
    return true;
}

static bool
architecture_varies(const struct gw_report_group *group)
{
    for (size_t i = 1; i < group->count; i++) {
        if (strcmp(group->runs[0]->architecture, group->runs[i]->architecture) != 0) {
            return true;
        }
    }
    return false;
}

static bool
find_names(struct gw_report_group *group)
{
    size_t most = 1;

    for (size_t i = 0; i < group->count; i++) {
        gw_assert(group->runs[i] != NULL);
        most += group->runs[i]->parameter_count;
    }
    group->names = calloc(most, sizeof *group->names);
    if (group->names == NULL) {
        return false;
    }
    for (size_t i = 0; i < group->count; i++) {
        for (size_t k = 0; k < group->runs[i]->parameter_count; k++) {
            const char *name = group->runs[i]->parameter_names[k];
            if (!knows(group, name) && varies(group, name) && !is_architecture(group, name)) {
                group->names[group->name_count++] = name;
            }
        }
    }
    if (architecture_varies(group)) {
        group->compared = "architecture";
    } else if (group->name_count > 0) {
        group->compared = group->names[0];
        memmove(&group->names[0], &group->names[1],
                (group->name_count - 1) * sizeof group->names[0]);
        group->name_count--;
    }
    return true;
}

/* ---- cells and rows -------------------------------------------------------------------------- */

static char *
cell_name(const struct gw_report_group *group, const struct gw_result *result)
{
    struct gw_text text = {0};

    gw_text_add(&text, "");
    for (size_t i = 0; i < group->name_count; i++) {
        const char *value = gw_result_parameter(result, group->names[i]);
        if (value[0] != '\0') {
            gw_text_format(&text, "%s%s=%s", text.length == 0 ? "" : ", ",
                           gw_result_short_name(group->names[i]), value);
        }
    }
    return gw_text_take(&text);
}

static size_t
config_of(struct gw_report_book *book, const struct gw_result *result)
{
    size_t index = 0;

    while (index < book->config_count &&
           strcmp(book->configs[index].canonical, result->canonical) != 0) {
        index++;
    }
    if (index == book->config_count) {
        book->configs[book->config_count++] =
            (struct gw_report_config){.canonical = result->canonical, .first = result};
    }
    book->configs[index].runs++;
    return index;
}

static bool
cut_rows(struct gw_report_book *book, struct gw_report_group *group)
{
    group->rows = calloc(group->count, sizeof *group->rows);
    group->cells = calloc(group->count, sizeof *group->cells);
    if (group->rows == NULL || group->cells == NULL) {
        return false;
    }
    for (size_t i = 0; i < group->count; i++) {
        const struct gw_result *run = group->runs[i];
        bool new_cell = i == 0 || compare_cells(group, group->runs[i - 1], run) != 0;
        if (new_cell) {
            struct gw_report_cell *cell = &group->cells[group->cell_count++];
            *cell = (struct gw_report_cell){cell_name(group, run), group->row_count, 0};
            if (cell->name == NULL) {
                return false;
            }
        }
        if (new_cell || compare_variants(group, group->runs[i - 1], run) != 0) {
            group->rows[group->row_count++] =
                (struct gw_report_row){.variant = variant_of(group, run), .runs = &group->runs[i]};
            group->cells[group->cell_count - 1].row_count++;
        }
        struct gw_report_row *row = &group->rows[group->row_count - 1];
        row->count++;
        row->outcomes[run->outcome]++;
        row->config = config_of(book, run);
    }
    return true;
}

static bool
is_of(const struct gw_report_group *group, const struct gw_result *result)
{
    return strcmp(group->scenario, result->scenario) == 0 && strcmp(group->vm, result->vm) == 0;
}

static bool
make_group(struct gw_report_book *book, struct gw_report_group *group,
           const struct gw_result_list *runs)
{
    group->runs = calloc(runs->count, sizeof *group->runs);
    if (group->runs == NULL) {
        return false;
    }
    for (size_t i = 0; i < runs->count; i++) {
        if (is_of(group, runs->pointers[i])) {
            group->runs[group->count++] = runs->pointers[i];
        }
    }
    if (!find_names(group)) {
        return false;
    }
    qsort_r(group->runs, group->count, sizeof *group->runs, compare_runs, group);
    return cut_rows(book, group);
}

static bool
is_known(const struct gw_report_book *book, const struct gw_result *result)
{
    for (size_t i = 0; i < book->group_count; i++) {
        if (is_of(&book->groups[i], result)) {
            return true;
        }
    }
    return false;
}

bool
gw_report_book_make(struct gw_report_book *book, const struct gw_result_list *runs,
                    struct gw_error *err)
{
    *book = (struct gw_report_book){.groups = calloc(runs->count + 1, sizeof *book->groups),
                                    .configs = calloc(runs->count + 1, sizeof *book->configs)};
    bool fine = book->groups != NULL && book->configs != NULL;

    for (size_t i = 0; fine && i < runs->count; i++) {
        const struct gw_result *run = runs->pointers[i];
        if (is_known(book, run)) {
            continue;
        }
        struct gw_report_group *group = &book->groups[book->group_count++];
        *group = (struct gw_report_group){.scenario = run->scenario, .vm = run->vm};
        fine = make_group(book, group, runs);
    }
    if (!fine) {
        gw_report_book_clear(book);
        return gw_fail(err, GW_ENOMEM, "out of memory for the report");
    }
    return true;
}

void
gw_report_book_clear(struct gw_report_book *book)
{
    for (size_t i = 0; i < book->group_count; i++) {
        struct gw_report_group *group = &book->groups[i];
        for (size_t k = 0; k < group->cell_count; k++) {
            free(group->cells[k].name);
        }
        free(group->cells);
        free(group->rows);
        free(group->names);
        free(group->runs);
    }
    free(book->groups);
    free(book->configs);
    *book = (struct gw_report_book){0};
}

void
gw_report_variant(const struct gw_report_group *group, const struct gw_report_row *row,
                  struct gw_text *out)
{
    if (group->compared == NULL || strcmp(group->compared, "architecture") == 0) {
        gw_text_add(out, gw_style_label(row->variant));
        return;
    }
    gw_text_format(out, "%s=%s", gw_result_short_name(group->compared), row->variant);
}
