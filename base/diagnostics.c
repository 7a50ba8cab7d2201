/* diagnostics.c - errors with their place, collected and shown GNU style with line and caret.
 *
 * Idea      Each diagnostic copies its line at once, cleaned: tabs become one space, so that the
 *           caret stands right, and control characters become '?', so that a file cannot drive
 *           the terminal. A long line is shown as a window around the place.
 * Invariant at most DIAGNOSTICS_MAX are kept, all are counted.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "base/utf8.h"

enum { DIAGNOSTICS_MAX = 100, WINDOW_CHARACTERS = 160, WINDOW_BEFORE = 60, WORD_MAX = 63 };

static void
clean(char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte == '\t') {
            *text = ' ';
        } else if (byte < 0x20 || byte == 0x7f) {
            *text = '?';
        }
    }
}

/* Start of line `number` (from 1), or NULL. */
static const char *
line_start(const struct gw_config_source *source, int number)
{
    const char *at = source->text;

    for (int line = 1; line < number; line++) {
        at = strpbrk(at, "\r\n");
        if (at == NULL) {
            return NULL;
        }
        at += at[0] == '\r' && at[1] == '\n' ? 2 : 1;
    }
    return at;
}

static const char *
skip_characters(const char *at, const char *end, size_t count)
{
    while (count > 0 && at < end) {
        at++;
        while (at < end && gw_utf8_continues(*at)) {
            at++;
        }
        count--;
    }
    return at;
}

static void
copy_line(struct gw_diagnostic *item, struct gw_place place)
{
    const char *start = line_start(place.source, place.line);
    size_t before = (size_t)place.column - 1;
    size_t skipped = before < WINDOW_CHARACTERS / 2 ? 0 : before - WINDOW_BEFORE;
    const char *end;

    if (start == NULL) {
        return;
    }
    end = start + strcspn(start, "\r\n");
    start = skip_characters(start, end, skipped);
    item->line = strndup(start, (size_t)(skip_characters(start, end, WINDOW_CHARACTERS) - start));
    if (item->line == NULL) {
        return;
    }
    clean(item->line);
    item->indent = before - skipped;
    item->width = (size_t)place.width;
    if (item->width > WINDOW_CHARACTERS - item->indent) {
        item->width = WINDOW_CHARACTERS - item->indent;
    }
}

static char *
copy_where(struct gw_place place)
{
    struct gw_text text = {0};

    gw_text_add(&text, place.source->name);
    if (!place.source->is_argument) {
        gw_text_format(&text, ":%d:%d", place.line, place.column);
    }
    return gw_text_take(&text);
}

static void
set_place(struct gw_diagnostic *item, struct gw_place place)
{
    if (place.source == NULL) {
        return;
    }
    item->where = copy_where(place);
    copy_line(item, place);
    if (!place.source->is_argument) {
        item->line_number = place.line;
        item->column = place.column;
    }
}

static struct gw_diagnostic *
add_item(struct gw_diagnostics *diagnostics, bool is_note)
{
    if (diagnostics->count >= DIAGNOSTICS_MAX) {
        return NULL;
    }
    if (diagnostics->count == diagnostics->allocated) {
        size_t allocated = diagnostics->allocated == 0 ? 8 : diagnostics->allocated * 2;
        struct gw_diagnostic *items = realloc(diagnostics->items, allocated * sizeof *items);

        if (items == NULL) {
            return NULL;
        }
        diagnostics->items = items;
        diagnostics->allocated = allocated;
    }
    diagnostics->items[diagnostics->count] = (struct gw_diagnostic){.is_note = is_note};
    return &diagnostics->items[diagnostics->count++];
}

static void set_message(struct gw_diagnostic *item, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void
set_message(struct gw_diagnostic *item, const char *format, va_list arguments)
{
    char message[1200];

    vsnprintf(message, sizeof message, format, arguments);
    clean(message);
    item->message = strdup(message);
}

static void
raise_code(struct gw_diagnostics *diagnostics, enum gw_code code)
{
    if (diagnostics->code < code) {
        diagnostics->code = code;
    }
    diagnostics->errors++;
}

void
gw_diagnostics_error(struct gw_diagnostics *diagnostics, struct gw_place place, const char *format,
                     ...)
{
    struct gw_diagnostic *item = add_item(diagnostics, false);
    va_list arguments;

    raise_code(diagnostics, GW_EINVAL);
    if (item == NULL) {
        return;
    }
    va_start(arguments, format);
    set_message(item, format, arguments);
    va_end(arguments);
    set_place(item, place);
}

void
gw_diagnostics_note(struct gw_diagnostics *diagnostics, struct gw_place place, const char *format,
                    ...)
{
    struct gw_diagnostic *item = add_item(diagnostics, true);
    va_list arguments;

    if (item == NULL) {
        return;
    }
    va_start(arguments, format);
    set_message(item, format, arguments);
    va_end(arguments);
    set_place(item, place);
    if (item > diagnostics->items) {
        item->line_number = item[-1].line_number;
        item->column = item[-1].column;
    }
}

void
gw_diagnostics_fail(struct gw_diagnostics *diagnostics, enum gw_code code, const char *where,
                    const char *format, ...)
{
    struct gw_diagnostic *item = add_item(diagnostics, false);
    va_list arguments;

    raise_code(diagnostics, code);
    if (item == NULL) {
        return;
    }
    va_start(arguments, format);
    set_message(item, format, arguments);
    va_end(arguments);
    item->where = where == NULL ? NULL : strdup(where);
}

static bool
stands_after(const struct gw_diagnostic *a, const struct gw_diagnostic *b)
{
    if (a->line_number != b->line_number) {
        return a->line_number > b->line_number;
    }
    return a->column > b->column;
}

/* By insertion: stable, so that notes, which have the place of their error, stay behind it. */
void
gw_diagnostics_sort(struct gw_diagnostics *diagnostics, size_t first)
{
    for (size_t i = first + 1; i < diagnostics->count; i++) {
        struct gw_diagnostic item = diagnostics->items[i];
        size_t hole = i;

        for (; hole > first && stands_after(&diagnostics->items[hole - 1], &item); hole--) {
            diagnostics->items[hole] = diagnostics->items[hole - 1];
        }
        diagnostics->items[hole] = item;
    }
}

static void
write_item(const struct gw_diagnostic *item, bool colour, struct gw_text *out)
{
    const char *strong = colour ? "\033[1m" : "";
    const char *tint = colour ? (item->is_note ? "\033[1;36m" : "\033[1;31m") : "";
    const char *plain = colour ? "\033[0m" : "";

    gw_text_add(out, strong);
    gw_text_add(out, item->where == NULL ? "godwit" : item->where);
    gw_text_format(out, ":%s %s%s:%s %s%s%s\n", plain, tint, item->is_note ? "note" : "error",
                   plain, strong, item->message == NULL ? "out of memory" : item->message, plain);
    if (item->line == NULL) {
        return;
    }
    gw_text_format(out, "  %s\n  ", item->line);
    gw_text_repeat(out, ' ', item->indent);
    gw_text_add(out, tint);
    gw_text_add(out, "^");
    gw_text_repeat(out, '~', item->width > 1 ? item->width - 1 : 0);
    gw_text_format(out, "%s\n", plain);
}

void
gw_diagnostics_write(const struct gw_diagnostics *diagnostics, bool colour, struct gw_text *out)
{
    size_t shown = 0;

    for (size_t i = 0; i < diagnostics->count; i++) {
        write_item(&diagnostics->items[i], colour, out);
        shown += diagnostics->items[i].is_note ? 0 : 1;
    }
    if (shown < diagnostics->errors) {
        gw_text_format(out, "godwit: error: %zu more errors are not shown\n",
                       diagnostics->errors - shown);
    }
}

void
gw_diagnostics_clear(struct gw_diagnostics *diagnostics)
{
    for (size_t i = 0; i < diagnostics->count; i++) {
        free(diagnostics->items[i].where);
        free(diagnostics->items[i].message);
        free(diagnostics->items[i].line);
    }
    free(diagnostics->items);
    *diagnostics = (struct gw_diagnostics){0};
}

static size_t
smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Insertions, deletions, replacements and swaps of neighbours that turn a into b. */
static size_t
edit_distance(const char *a, const char *b)
{
    size_t row[3][WORD_MAX + 1]; /* i - 2, i - 1, i; taken in turn */
    size_t length = strlen(b);

    for (size_t j = 0; j <= length; j++) {
        row[0][j] = j;
    }
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t *now = row[i % 3];
        const size_t *before = row[(i + 2) % 3];

        now[0] = i;
        for (size_t j = 1; j <= length; j++) {
            size_t replaced = before[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);

            now[j] = smaller(replaced, smaller(before[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                now[j] = smaller(now[j], row[(i + 1) % 3][j - 2] + 1);
            }
        }
    }
    return row[strlen(a) % 3][length];
}

const char *
gw_nearest_word(const char *word, const char *const *words)
{
    const char *nearest = NULL;
    size_t least = 3;

    if (strlen(word) > WORD_MAX) {
        return NULL;
    }
    for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
        size_t distance = strlen(words[i]) > WORD_MAX ? least : edit_distance(word, words[i]);

        if (distance < least && distance < strlen(word)) {
            least = distance;
            nearest = words[i];
        }
    }
    return nearest;
}
