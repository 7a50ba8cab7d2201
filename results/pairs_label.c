/* pairs_label.c - what runs have in common that are compared: as a key, and as people read it.
 *
 * Idea      The key has all parameters of the run, by name; the text only those that vary.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "results/pairs_shared.h"

/* Stands between the parts of a key; in no text that a scenario may hold. */
static const char separator[] = "\x1f";

static const char *
or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

bool
gw_pair_is_architecture(const char *parameter)
{
    return strcmp(gw_result_short_name(parameter), "architecture") == 0;
}

const char *
gw_pair_value(const struct gw_result *result, const char *parameter)
{
    for (size_t i = 0; i < result->parameter_count; i++) {
        if (strcmp(result->parameter_names[i], parameter) == 0) {
            return result->parameter_values[i];
        }
    }
    return NULL;
}

/* The architecture is said by its own name, so a parameter of that name is not said again. */
static bool
is_left_out(const struct gw_pair_labels *labels, const char *name)
{
    return gw_pair_is_architecture(name) ||
           (labels->parameter != NULL && strcmp(name, labels->parameter) == 0);
}

/* ---- what varies ----------------------------------------------------------------------------- */

static bool
is_known(const struct gw_pair_labels *labels, const char *name)
{
    for (size_t i = 0; i < labels->name_count; i++) {
        if (strcmp(labels->names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool
collect_names(struct gw_pair_labels *labels, const struct gw_result *result)
{
    for (size_t i = 0; i < result->parameter_count; i++) {
        const char *name = result->parameter_names[i];

        if (is_left_out(labels, name) || is_known(labels, name)) {
            continue;
        }
        const char **names = realloc(labels->names, (labels->name_count + 1) * sizeof *names);
        if (names == NULL) {
            return false;
        }
        labels->names = names;
        labels->names[labels->name_count++] = name;
    }
    return true;
}

static bool
varies(const struct gw_pair_entry *entries, size_t count, const char *name)
{
    const char *first = or_empty(gw_pair_value(entries[0].result, name));

    for (size_t i = 1; i < count; i++) {
        if (strcmp(first, or_empty(gw_pair_value(entries[i].result, name))) != 0) {
            return true;
        }
    }
    return false;
}

bool
gw_pair_labels_make(struct gw_pair_labels *labels, const struct gw_pair_entry *entries,
                    size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        labels->with_vm |=
            strcmp(or_empty(entries[0].result->vm), or_empty(entries[i].result->vm)) != 0;
        if (!collect_names(labels, entries[i].result)) {
            return false;
        }
    }
    for (size_t i = 0; i < labels->name_count; i++) {
        if (varies(entries, count, labels->names[i])) {
            labels->names[kept++] = labels->names[i];
        }
    }
    labels->name_count = kept;
    return true;
}

void
gw_pair_labels_clear(struct gw_pair_labels *labels)
{
    free(labels->names);
    *labels = (struct gw_pair_labels){0};
}

/* ---- the texts ------------------------------------------------------------------------------- */

/* The parameter of a result that follows `after` by name; its count: there is none. */
static size_t
next_by_name(const struct gw_result *result, const char *after)
{
    size_t best = result->parameter_count;

    for (size_t i = 0; i < result->parameter_count; i++) {
        const char *name = result->parameter_names[i];
        bool later = after == NULL || strcmp(name, after) > 0;

        if (later &&
            (best == result->parameter_count || strcmp(name, result->parameter_names[best]) < 0)) {
            best = i;
        }
    }
    return best;
}

void
gw_pair_key(const struct gw_pair_labels *labels, const struct gw_result *result,
            struct gw_text *out)
{
    gw_text_add(out, or_empty(result->scenario));
    gw_text_add(out, separator);
    gw_text_add(out, or_empty(result->vm));
    gw_text_add(out, separator);
    gw_text_add(out, labels->without_architecture ? "" : or_empty(result->architecture));
    size_t i = next_by_name(result, NULL);
    while (i < result->parameter_count) {
        const char *name = result->parameter_names[i];

        if (!is_left_out(labels, name)) {
            gw_text_format(out, "%s%s=%s", separator, name, result->parameter_values[i]);
        }
        i = next_by_name(result, name);
    }
}

/* The short name, unless another parameter that varies has the same one. */
static const char *
shown_name(const struct gw_pair_labels *labels, size_t index)
{
    const char *name = gw_result_short_name(labels->names[index]);

    for (size_t i = 0; i < labels->name_count; i++) {
        if (i != index && strcmp(name, gw_result_short_name(labels->names[i])) == 0) {
            return labels->names[index];
        }
    }
    return name;
}

void
gw_pair_cell(const struct gw_pair_labels *labels, const struct gw_result *result,
             struct gw_text *out)
{
    gw_text_add(out, or_empty(result->scenario));
    if (labels->with_vm) {
        gw_text_format(out, ", %s", or_empty(result->vm));
    }
    if (!labels->without_architecture) {
        gw_text_format(out, ", %s", or_empty(result->architecture));
    }
    for (size_t i = 0; i < labels->name_count; i++) {
        const char *value = gw_pair_value(result, labels->names[i]);

        if (value != NULL) {
            gw_text_format(out, ", %s=%s", shown_name(labels, i), value);
        }
    }
}
