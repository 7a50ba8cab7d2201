/* scenario_variation.c - "--set key=a,b,c", several times, expanded into their cross product.
 *
 * Idea      Each argument is one axis with its values; the points count through the axes like the
 *           digits of a number, the first axis slowest. All strings are made once per axis value
 *           and shared by the points.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario.h"

/* One value of an axis; the strings are owned by the variations. */
struct choice {
    const char *override;
    const char *value;
};

struct axis {
    const char *name;
    struct choice *choices;
    size_t count;
};

struct work {
    struct gw_variations *out;
    struct gw_diagnostics *diagnostics;
    struct axis *axes;
    size_t axis_count;
    const char *argument; /* at work */
    bool fine;
};

static void
refuse(struct work *work, size_t column, const char *message)
{
    struct gw_text name = {0};
    struct gw_config config = {0};
    struct gw_place place = {.line = 1, .column = (int)(column % 1000000) + 1, .width = 1};

    work->fine = false;
    gw_text_format(&name, "--set %s", work->argument);
    if (name.bytes != NULL) {
        place.source =
            gw_config_add_source(&config, name.bytes, work->argument, strlen(work->argument));
    }
    if (place.source != NULL) {
        config.sources->is_argument = true;
    }
    gw_diagnostics_error(work->diagnostics, place, "%s", message);
    gw_config_clear(&config);
    gw_text_clear(&name);
}

static void
out_of_memory(struct work *work)
{
    gw_diagnostics_fail(work->diagnostics, GW_ENOMEM, NULL, "out of memory");
    work->fine = false;
}

/* Copies head and tail, joined, into the strings of the variations. */
static const char *
keep(struct work *work, const char *head, size_t head_length, const char *tail, size_t tail_length)
{
    struct gw_variations *out = work->out;
    char **strings = realloc(out->strings, (out->string_count + 1) * sizeof *strings);
    char *copy = malloc(head_length + tail_length + 1);

    out->strings = strings == NULL ? out->strings : strings;
    if (strings == NULL || copy == NULL) {
        free(copy);
        out_of_memory(work);
        return NULL;
    }
    memcpy(copy, head, head_length);
    memcpy(copy + head_length, tail, tail_length);
    copy[head_length + tail_length] = '\0';
    strings[out->string_count++] = copy;
    return copy;
}

/* Length of the value that starts at `text`: up to a comma outside quotes and brackets. */
static size_t
value_length(struct work *work, const char *text)
{
    size_t depth = 0;
    char quote = '\0';
    size_t i = 0;

    for (; text[i] != '\0'; i++) {
        char byte = text[i];

        if (quote != '\0') {
            quote = byte == quote ? '\0' : quote;
        } else if (byte == '"' || (byte == '\'' && (i == 0 || depth > 0))) {
            quote = byte;
        } else if (byte == '[' || byte == '{') {
            depth++;
        } else if ((byte == ']' || byte == '}') && depth > 0) {
            depth--;
        } else if (byte == ',' && depth == 0) {
            break;
        }
    }
    if (quote != '\0' || depth > 0) {
        refuse(work, (size_t)(text - work->argument),
               quote != '\0' ? "a quote is not closed" : "a bracket is not closed");
    }
    return i;
}

static void
add_choice(struct work *work, struct axis *axis, const char *text, size_t length)
{
    size_t key_length = strlen(axis->name);
    bool quoted = length >= 2 && (text[0] == '"' || text[0] == '\'') && text[length - 1] == text[0];
    struct choice *choices = realloc(axis->choices, (axis->count + 1) * sizeof *choices);

    if (choices == NULL) {
        out_of_memory(work);
        return;
    }
    axis->choices = choices;
    choices[axis->count].override = keep(work, work->argument, key_length + 1, text, length);
    choices[axis->count].value = keep(work, "", 0, text + quoted, length - (quoted ? 2 : 0));
    axis->count++;
}

static void
read_choices(struct work *work, struct axis *axis, const char *text)
{
    while (work->fine) {
        size_t length = value_length(work, text);

        if (length == 0) {
            refuse(work, (size_t)(text - work->argument), "an empty value");
        }
        if (!work->fine) {
            return;
        }
        add_choice(work, axis, text, length);
        if (text[length] == '\0') {
            return;
        }
        text += length + 1;
    }
}

static void
read_axis(struct work *work, const char *argument)
{
    const char *equals = strchr(argument, '=');
    struct axis *axis = &work->axes[work->axis_count];

    work->argument = argument;
    if (equals == NULL || equals == argument) {
        refuse(work, 0, "expected KEY=VALUE");
        return;
    }
    axis->name = keep(work, argument, (size_t)(equals - argument), "", 0);
    for (size_t i = 0; axis->name != NULL && i < work->axis_count; i++) {
        if (strcmp(work->axes[i].name, axis->name) == 0) {
            refuse(work, 0, "this key is set twice");
        }
    }
    if (work->fine) {
        read_choices(work, axis, equals + 1);
        work->axis_count++;
    }
}

static size_t
count_points(struct work *work)
{
    size_t count = 1;

    for (size_t i = 0; i < work->axis_count; i++) {
        if (work->axes[i].count > GW_SCENARIO_VARIATIONS_MAX / count) {
            refuse(work, 0, "more than 100000 variations");
            return 0;
        }
        count *= work->axes[i].count;
    }
    return count;
}

static bool
fill_point(const struct work *work, size_t number, struct gw_variation *item)
{
    const char **words = calloc(3 * work->axis_count + 1, sizeof *words);

    if (words == NULL) {
        return false;
    }
    item->count = work->axis_count;
    item->overrides = words;
    item->names = words + work->axis_count;
    item->values = words + 2 * work->axis_count;
    for (size_t i = work->axis_count; i > 0; i--) {
        const struct axis *axis = &work->axes[i - 1];
        const struct choice *choice = &axis->choices[number % axis->count];

        item->overrides[i - 1] = choice->override;
        item->names[i - 1] = axis->name;
        item->values[i - 1] = choice->value;
        number /= axis->count;
    }
    return true;
}

static void
fill_points(struct work *work)
{
    size_t count = count_points(work);

    if (!work->fine) {
        return;
    }
    work->out->items = calloc(count, sizeof *work->out->items);
    if (work->out->items == NULL) {
        out_of_memory(work);
        return;
    }
    work->out->count = count;
    for (size_t i = 0; i < count; i++) {
        if (!fill_point(work, i, &work->out->items[i])) {
            out_of_memory(work);
            return;
        }
    }
}

bool
gw_variations_expand(struct gw_variations *variations, const char *const *settings,
                     size_t setting_count, struct gw_diagnostics *diagnostics)
{
    struct work work = {.out = variations, .diagnostics = diagnostics, .fine = true};
    bool fine = true;

    *variations = (struct gw_variations){0};
    work.axes = calloc(setting_count + 1, sizeof *work.axes);
    if (work.axes == NULL) {
        out_of_memory(&work);
        return false;
    }
    for (size_t i = 0; i < setting_count; i++) {
        work.fine = true;
        read_axis(&work, settings[i]);
        fine = fine && work.fine;
    }
    work.fine = fine;
    if (fine) {
        fill_points(&work);
    }
    for (size_t i = 0; i <= setting_count; i++) {
        free(work.axes[i].choices);
    }
    free(work.axes);
    if (!work.fine) {
        gw_variations_clear(variations);
    }
    return work.fine;
}

void
gw_variations_clear(struct gw_variations *variations)
{
    for (size_t i = 0; i < variations->count; i++) {
        free(variations->items[i].overrides);
    }
    for (size_t i = 0; i < variations->string_count; i++) {
        free(variations->strings[i]);
    }
    free(variations->items);
    free(variations->strings);
    *variations = (struct gw_variations){0};
}
