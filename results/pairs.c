/* pairs.c - runs that differ in one thing only, side by side: replication by replication.
 *
 * Idea      Runs are sorted by cell, side, replication and seed. Partners with the same seed find
 *           each other first; of two sets with other seeds the replications meet then.
 * Invariant The order is that of the runs: of a cell that of its first run, of the sides that in
 *           which their values first appear, the base before all.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/pairs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/pairs_shared.h"

/* All that a pairing works with. */
struct pairing {
    struct gw_pair_entry *entries; /* owned */
    size_t count;
    const char **sides; /* names; owned, the texts are borrowed */
    size_t side_count;
    struct gw_pair_labels *labels; /* borrowed */
    bool same_seed_only;
};

/* The runs of one side in one cell. */
struct range {
    struct gw_pair_entry *entries;
    size_t count;
};

static bool
no_memory(struct gw_error *err)
{
    gw_fail(err, GW_ENOMEM, "out of memory for the pairs of runs");
    return false;
}

static bool
pairing_open(struct pairing *pairing, size_t runs, size_t sides)
{
    pairing->entries = calloc(runs + 1, sizeof *pairing->entries);
    pairing->sides = calloc(sides + 1, sizeof *pairing->sides);
    return pairing->entries != NULL && pairing->sides != NULL;
}

static void
pairing_close(struct pairing *pairing)
{
    for (size_t i = 0; i < pairing->count; i++) {
        free(pairing->entries[i].key);
    }
    free(pairing->entries);
    free(pairing->sides);
    gw_pair_labels_clear(pairing->labels);
}

static void
add_entry(struct pairing *pairing, const struct gw_result *result, size_t side)
{
    pairing->entries[pairing->count] =
        (struct gw_pair_entry){.result = result, .side = side, .place = pairing->count};
    pairing->count++;
}

/* ---- order ----------------------------------------------------------------------------------- */

static int
compare_places(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int
compare_keys(const void *left, const void *right)
{
    const struct gw_pair_entry *a = left;
    const struct gw_pair_entry *b = right;
    int order = strcmp(a->key, b->key);

    return order != 0 ? order : compare_places(a->place, b->place);
}

static int
compare_cells(const void *left, const void *right)
{
    const struct gw_pair_entry *a = left;
    const struct gw_pair_entry *b = right;
    const int orders[] = {
        compare_places(a->cell, b->cell),
        compare_places(a->side, b->side),
        (a->result->replication > b->result->replication) -
            (a->result->replication < b->result->replication),
        (a->result->seed > b->result->seed) - (a->result->seed < b->result->seed),
        compare_places(a->place, b->place),
    };

    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        if (orders[i] != 0) {
            return orders[i];
        }
    }
    return 0;
}

/* Gives every entry its key and its cell and sorts them by cell. */
static bool
sort_into_cells(struct pairing *pairing)
{
    for (size_t i = 0; i < pairing->count; i++) {
        struct gw_text key = {0};

        gw_pair_key(pairing->labels, pairing->entries[i].result, &key);
        pairing->entries[i].key = gw_text_take(&key);
        if (pairing->entries[i].key == NULL) {
            return false;
        }
    }
    qsort(pairing->entries, pairing->count, sizeof *pairing->entries, compare_keys);
    for (size_t i = 0; i < pairing->count; i++) {
        struct gw_pair_entry *entry = &pairing->entries[i];
        bool begins = i == 0 || strcmp(entry->key, pairing->entries[i - 1].key) != 0;

        entry->cell = begins ? entry->place : pairing->entries[i - 1].cell;
    }
    qsort(pairing->entries, pairing->count, sizeof *pairing->entries, compare_cells);
    return true;
}

/* ---- partners -------------------------------------------------------------------------------- */

static struct range
side_of(const struct range *cell, size_t side)
{
    size_t begin = 0;
    size_t end;

    while (begin < cell->count && cell->entries[begin].side < side) {
        begin++;
    }
    end = begin;
    while (end < cell->count && cell->entries[end].side == side) {
        end++;
    }
    return (struct range){cell->entries + begin, end - begin};
}

static struct gw_pair_entry *
partner_of(const struct gw_pair_entry *entry, const struct range *others, bool same_seed)
{
    for (size_t i = 0; i < others->count; i++) {
        struct gw_pair_entry *other = &others->entries[i];

        if (!other->used && other->result->replication == entry->result->replication &&
            (!same_seed || other->result->seed == entry->result->seed)) {
            return other;
        }
    }
    return NULL;
}

/* Finds b's partners in a. partners[i] is that of b's i-th run, or NULL. */
static void
find_partners(const struct pairing *pairing, const struct range *a, const struct range *b,
              struct gw_pair_entry **partners)
{
    for (size_t i = 0; i < a->count; i++) {
        a->entries[i].used = false;
    }
    for (int same_seed = 1; same_seed >= (pairing->same_seed_only ? 1 : 0); same_seed--) {
        for (size_t i = 0; i < b->count; i++) {
            if (partners[i] == NULL) {
                partners[i] = partner_of(&b->entries[i], a, same_seed == 1);
            }
            if (partners[i] != NULL) {
                partners[i]->used = true;
            }
        }
    }
}

static void
fill_group(struct gw_pair_group *group, const struct range *a, const struct range *b,
           struct gw_pair_entry *const *partners)
{
    for (size_t i = 0; i < b->count; i++) {
        if (partners[i] != NULL) {
            group->a[group->count] = partners[i]->result;
            group->b[group->count++] = b->entries[i].result;
        }
    }
    group->a_alone = a->count - group->count;
    group->b_alone = b->count - group->count;
}

static bool
make_group(const struct pairing *pairing, const struct range *a, const struct range *b,
           struct gw_pair_group *group)
{
    const struct gw_pair_entry *first = a->count > 0 ? a->entries : b->entries;
    struct gw_pair_entry **partners = calloc(b->count + 1, sizeof(struct gw_pair_entry *));
    struct gw_text cell = {0};

    gw_pair_cell(pairing->labels, first->result, &cell);
    group->cell = gw_text_take(&cell);
    group->a = calloc(b->count + 1, sizeof *group->a);
    group->b = calloc(b->count + 1, sizeof *group->b);
    bool fine = group->cell != NULL && group->a != NULL && group->b != NULL && partners != NULL;
    if (fine) {
        find_partners(pairing, a, b, partners);
        fill_group(group, a, b, partners);
    }
    free(partners);
    return fine;
}

static bool
pair_cell(const struct pairing *pairing, const struct range *cell, struct gw_pair_groups *groups)
{
    struct range a = side_of(cell, 0);

    for (size_t side = 1; side < pairing->side_count; side++) {
        struct range b = side_of(cell, side);

        if (a.count + b.count == 0) {
            continue;
        }
        struct gw_pair_group *group = &groups->items[groups->count++];
        group->a_name = pairing->sides[0];
        group->b_name = pairing->sides[side];
        if (!make_group(pairing, &a, &b, group)) {
            return false;
        }
    }
    return true;
}

static size_t
cell_end(const struct pairing *pairing, size_t begin)
{
    size_t end = begin;

    while (end < pairing->count && pairing->entries[end].cell == pairing->entries[begin].cell) {
        end++;
    }
    return end;
}

static bool
pair_all(struct pairing *pairing, struct gw_pair_groups *groups, struct gw_error *err)
{
    size_t cells = 0;

    if (!gw_pair_labels_make(pairing->labels, pairing->entries, pairing->count) ||
        !sort_into_cells(pairing)) {
        return no_memory(err);
    }
    for (size_t i = 0; i < pairing->count; i = cell_end(pairing, i)) {
        cells++;
    }
    groups->items = calloc(cells * pairing->side_count + 1, sizeof *groups->items);
    if (groups->items == NULL) {
        return no_memory(err);
    }
    bool fine = true;
    for (size_t i = 0; i < pairing->count && fine; i = cell_end(pairing, i)) {
        fine = pair_cell(pairing, &(struct range){pairing->entries + i, cell_end(pairing, i) - i},
                         groups);
    }
    if (!fine) {
        gw_pair_groups_clear(groups);
    }
    return fine || no_memory(err);
}

/* ---- within one study ------------------------------------------------------------------------ */

static const char *
value_of(const struct gw_result *result, const struct gw_pair_labels *labels)
{
    return labels->parameter == NULL ? result->architecture
                                     : gw_pair_value(result, labels->parameter);
}

/* Index of the value among the sides; it is added when it is new. */
static size_t
side_of_value(struct pairing *pairing, const char *value)
{
    for (size_t i = 0; i < pairing->side_count; i++) {
        if (strcmp(pairing->sides[i], value) == 0) {
            return i;
        }
    }
    pairing->sides[pairing->side_count] = value;
    return pairing->side_count++;
}

static void
list_values(const struct pairing *pairing, struct gw_text *out)
{
    for (size_t i = 0; i < pairing->side_count; i++) {
        gw_text_format(out, "%s%s", i == 0 ? "" : ", ", pairing->sides[i]);
    }
}

/* Makes the base the first side. */
static bool
choose_base(struct pairing *pairing, const char *parameter, const char *base, struct gw_error *err)
{
    struct gw_text values = {0};
    size_t known = pairing->side_count;

    if (base == NULL || side_of_value(pairing, base) == 0) {
        return true;
    }
    if (pairing->side_count > known) {
        pairing->side_count = known;
        list_values(pairing, &values);
        gw_fail(err, GW_EINVAL, "%s '%.60s' is in none of the runs: they have %.700s", parameter,
                base, values.failed ? "others" : values.bytes);
        gw_text_clear(&values);
        return false;
    }
    for (size_t i = side_of_value(pairing, base); i > 0; i--) {
        const char *before = pairing->sides[i - 1];

        pairing->sides[i - 1] = pairing->sides[i];
        pairing->sides[i] = before;
    }
    return true;
}

/* "architecture", a full name, or a short one that is not two full ones: NULL stands for the
 * first. False: no such parameter. */
static bool
find_parameter(const struct gw_result *const *results, size_t count, const char *asked,
               const char **found)
{
    *found = NULL;
    if (gw_pair_is_architecture(asked)) {
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < results[i]->parameter_count; k++) {
            const char *name = results[i]->parameter_names[k];

            if (strcmp(name, asked) == 0) {
                *found = name;
                return true;
            }
            if (*found == NULL && strcmp(gw_result_short_name(name), asked) == 0) {
                *found = name;
            }
            if (*found != NULL && strcmp(*found, name) != 0 &&
                strcmp(gw_result_short_name(name), asked) == 0) {
                return false;
            }
        }
    }
    return *found != NULL;
}

/* Refuses a parameter and says which others there are. */
static bool
refuse_parameter(const struct gw_result *const *results, size_t count, const char *why,
                 struct gw_error *err)
{
    struct gw_pair_labels labels = {0};
    struct pairing all = {.labels = &labels};
    struct gw_text names = {0};

    gw_text_add(&names, "architecture");
    if (pairing_open(&all, count, 0)) {
        for (size_t i = 0; i < count; i++) {
            add_entry(&all, results[i], 0);
        }
        gw_pair_labels_make(&labels, all.entries, all.count);
    }
    for (size_t i = 0; i < labels.name_count; i++) {
        gw_text_format(&names, ", %s", labels.names[i]);
    }
    pairing_close(&all);
    gw_fail(err, GW_EINVAL, "%s: what can vary is %.700s", why, names.failed ? "" : names.bytes);
    gw_text_clear(&names);
    return false;
}

static bool
read_sides(struct pairing *pairing, const struct gw_result *const *results, size_t count,
           const char *parameter, const char *base, struct gw_error *err)
{
    for (size_t i = 0; i < count; i++) {
        const char *value = value_of(results[i], pairing->labels);

        if (value != NULL) {
            side_of_value(pairing, value);
        }
    }
    if (pairing->side_count < 2) {
        char why[160];

        snprintf(why, sizeof why, "%.60s is %.60s in all runs", parameter,
                 pairing->side_count == 0 ? "nothing" : pairing->sides[0]);
        return refuse_parameter(results, count, why, err);
    }
    if (!choose_base(pairing, parameter, base, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const char *value = value_of(results[i], pairing->labels);

        if (value != NULL) {
            add_entry(pairing, results[i], side_of_value(pairing, value));
        }
    }
    return true;
}

bool
gw_pairs_within(const struct gw_result *const *results, size_t count, const char *parameter,
                const char *base, struct gw_pair_groups *groups, struct gw_error *err)
{
    struct gw_pair_labels labels = {0};
    struct pairing pairing = {.labels = &labels, .same_seed_only = true};
    bool fine;

    *groups = (struct gw_pair_groups){0};
    if (!find_parameter(results, count, parameter, &labels.parameter)) {
        char why[160];

        snprintf(why, sizeof why, "'%.60s' is no parameter of these runs, or short for several",
                 parameter);
        return refuse_parameter(results, count, why, err);
    }
    labels.without_architecture = labels.parameter == NULL;
    fine = pairing_open(&pairing, count, count + 1) || no_memory(err);
    fine = fine && read_sides(&pairing, results, count, parameter, base, err) &&
           pair_all(&pairing, groups, err);
    pairing_close(&pairing);
    return fine;
}

/* ---- between two sets ------------------------------------------------------------------------ */

bool
gw_pairs_between(const struct gw_pair_side *a, const struct gw_pair_side *b,
                 struct gw_pair_groups *groups, struct gw_error *err)
{
    struct gw_pair_labels labels = {0};
    struct pairing pairing = {.labels = &labels, .same_seed_only = false};
    bool fine = pairing_open(&pairing, a->count + b->count, 2) || no_memory(err);

    *groups = (struct gw_pair_groups){0};
    for (size_t i = 0; i < a->count && fine; i++) {
        add_entry(&pairing, a->results[i], 0);
    }
    for (size_t i = 0; i < b->count && fine; i++) {
        add_entry(&pairing, b->results[i], 1);
    }
    if (fine) {
        pairing.sides[0] = a->name;
        pairing.sides[1] = b->name;
        pairing.side_count = 2;
        fine = pair_all(&pairing, groups, err);
    }
    pairing_close(&pairing);
    return fine;
}

/* ---- groups ---------------------------------------------------------------------------------- */

void
gw_pair_groups_clear(struct gw_pair_groups *groups)
{
    for (size_t i = 0; i < groups->count; i++) {
        free(groups->items[i].cell);
        free(groups->items[i].a);
        free(groups->items[i].b);
    }
    free(groups->items);
    *groups = (struct gw_pair_groups){0};
}

bool
gw_pair_group_same_seed(const struct gw_pair_group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        if (group->a[i]->seed != group->b[i]->seed ||
            group->a[i]->replication != group->b[i]->replication) {
            return false;
        }
    }
    return true;
}

void
gw_pair_group_metric(const struct gw_pair_group *group, enum gw_metric metric, double *a, double *b)
{
    for (size_t i = 0; i < group->count; i++) {
        a[i] = group->a[i]->metric[metric];
        b[i] = group->b[i]->metric[metric];
    }
}
