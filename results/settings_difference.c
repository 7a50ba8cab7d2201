/* settings_difference.c - compares the facts of two scenarios, key by key.
 *
 * Idea      Members of a list share a key: the first is compared with the first, the second with
 *           the second. What follows from other settings is not said again.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/settings_difference.h"

#include <string.h>

#include "results/scenario_facts.h"

enum { SHOWN_MOST = 8 };

/* How many facts before `index` have its key. */
static size_t
rank_of(const struct gw_facts *facts, size_t index)
{
    size_t rank = 0;

    for (size_t i = 0; i < index; i++) {
        rank += strcmp(facts->items[i].key, facts->items[index].key) == 0 ? 1 : 0;
    }
    return rank;
}

/* NULL: there are not so many. */
static const struct gw_fact *
find(const struct gw_facts *facts, const char *key, size_t rank)
{
    for (size_t i = 0; i < facts->count; i++) {
        if (strcmp(facts->items[i].key, key) == 0 && rank-- == 0) {
            return &facts->items[i];
        }
    }
    return NULL;
}

static bool
same(const struct gw_fact *a, const struct gw_fact *b)
{
    if (a->text != NULL || b->text != NULL) {
        return a->text != NULL && b->text != NULL && strcmp(a->text, b->text) == 0;
    }
    return !(a->number < b->number) && !(a->number > b->number) && strcmp(a->unit, b->unit) == 0;
}

static void
add_value(const struct gw_fact *fact, struct gw_text *out)
{
    char number[48];

    if (fact == NULL) {
        gw_text_add(out, "nothing");
        return;
    }
    if (fact->text != NULL) {
        gw_text_add(out, fact->text);
        return;
    }
    gw_fact_number_text(fact->number, fact->unit, number);
    gw_text_add(out, number);
}

static void
add_change(size_t place, const char *key, const struct gw_fact *a, const struct gw_fact *b,
           struct gw_text *out)
{
    if (place >= SHOWN_MOST) {
        return;
    }
    gw_text_format(out, "%s%s ", place == 0 ? "" : ", ", key);
    add_value(a, out);
    gw_text_add(out, " -> ");
    add_value(b, out);
}

static void
compare(const struct gw_facts *a, const struct gw_facts *b, struct gw_text *out)
{
    size_t changes = 0;

    for (size_t i = 0; i < a->count; i++) {
        const struct gw_fact *other = find(b, a->items[i].key, rank_of(a, i));
        bool derived = strncmp(a->items[i].key, "derived.", strlen("derived.")) == 0;

        if (!derived && (other == NULL || !same(&a->items[i], other))) {
            add_change(changes++, a->items[i].key, &a->items[i], other, out);
        }
    }
    for (size_t i = 0; i < b->count; i++) {
        if (find(a, b->items[i].key, rank_of(b, i)) == NULL) {
            add_change(changes++, b->items[i].key, NULL, &b->items[i], out);
        }
    }
    if (changes > SHOWN_MOST) {
        gw_text_format(out, " and %zu more", changes - SHOWN_MOST);
    }
}

void
gw_settings_difference(const char *canonical_a, const char *canonical_b, struct gw_text *out)
{
    struct gw_facts a, b;

    if (!gw_facts_read(&a, canonical_a, NULL)) {
        return;
    }
    if (gw_facts_read(&b, canonical_b, NULL)) {
        compare(&a, &b, out);
        gw_facts_clear(&b);
    }
    gw_facts_clear(&a);
}
