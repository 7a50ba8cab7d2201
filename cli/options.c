/* options.c - long options from one table: parser and help.
 *
 * Idea      Matching is on whole names, so that adding an option can never change what an old
 *           command line means.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/quantity.h"
#include "cli/exit_code.h"

enum { NAME_MAX_SHOWN = 40, OPTIONS_MAX = 64 };

/* One option as met in argv. */
struct given {
    const struct gw_option *option;
    const char *value;   /* after "=" or a letter; NULL = in the next argument */
    const char *written; /* "--set" for messages */
};

static const char *const format_words[] = {
    [GW_FORMAT_TABLE] = "table", [GW_FORMAT_JSON] = "json", [GW_FORMAT_JSONL] = "jsonl",
    [GW_FORMAT_CSV] = "csv",     [GW_FORMAT_MD] = "md",     NULL};

static bool
add_word(struct gw_words *words, const char *word, int argc, struct gw_error *err)
{
    if (words->items == NULL) {
        words->items = calloc((size_t)argc + 1, sizeof *words->items);
    }
    if (words->items == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory");
    }
    words->items[words->count++] = word;
    return true;
}

static bool
set_format(const char *value, enum gw_format *format, struct gw_error *err)
{
    for (int i = 0; format_words[i] != NULL; i++) {
        if (strcmp(format_words[i], value) == 0) {
            *format = (enum gw_format)i;
            return true;
        }
    }
    return gw_fail(err, GW_EINVAL, "unknown format '%.80s': expected table, json, jsonl, csv or md",
                   value);
}

static bool
set_count(const char *value, int64_t least, int64_t *count, struct gw_error *err)
{
    union gw_quantity quantity;

    if (!gw_quantity_parse(GW_SETTING_COUNT, value, &quantity, err)) {
        return false;
    }
    if (quantity.whole < least) {
        return gw_fail(err, GW_EINVAL, "'%s': must be at least %lld", value, (long long)least);
    }
    *count = quantity.whole;
    return true;
}

static bool
set_option(const struct given *given, const char *value, void *into, int argc, struct gw_error *err)
{
    void *field = (char *)into + given->option->offset;

    switch (given->option->type) {
    case GW_OPTION_FLAG:
        *(bool *)field = true;
        return true;
    case GW_OPTION_TEXT:
        *(const char **)field = value;
        return true;
    case GW_OPTION_COUNT:
    case GW_OPTION_NUMBER:
        return set_count(value, given->option->type == GW_OPTION_COUNT, field, err) ||
               gw_fail_within(err, "%s", given->written);
    case GW_OPTION_FORMAT:
        return set_format(value, field, err);
    case GW_OPTION_WORDS:
        return add_word(field, value, argc, err);
    }
    return false;
}

static bool
fail_unknown(const struct gw_option *options, const char *argument, size_t length,
             struct gw_error *err)
{
    const char *words[OPTIONS_MAX + 2] = {"help"};
    char name[NAME_MAX_SHOWN + 1] = "";
    size_t count = 1;
    const char *nearest;

    for (; options->name != NULL && count <= OPTIONS_MAX; options++) {
        words[count++] = options->name;
    }
    if (length > 2 && length - 2 <= NAME_MAX_SHOWN) {
        memcpy(name, argument + 2, length - 2);
    }
    nearest = gw_nearest_word(name, words);
    if (nearest != NULL) {
        return gw_fail(err, GW_EINVAL, "unknown option '%.*s'; did you mean '--%s'?", (int)length,
                       argument, nearest);
    }
    return gw_fail(err, GW_EINVAL, "unknown option '%.*s'", length > 80 ? 80 : (int)length,
                   argument);
}

/* Finds the option that an argument names. */
static bool
recognise(const struct gw_option *options, const char *argument, struct given *given,
          struct gw_error *err)
{
    bool is_long = argument[1] == '-';
    size_t length = is_long ? strcspn(argument, "=") : 2;

    *given = (struct given){.written = argument};
    for (const struct gw_option *option = options; option->name != NULL; option++) {
        bool matches = is_long ? strlen(option->name) == length - 2 &&
                                     strncmp(option->name, argument + 2, length - 2) == 0
                               : option->letter != 0 && option->letter == argument[1];

        if (matches) {
            given->option = option;
            given->value = is_long && argument[length] == '=' ? argument + length + 1 : NULL;
            given->value = !is_long && argument[2] != '\0' ? argument + 2 : given->value;
            return true;
        }
    }
    return fail_unknown(options, argument, is_long ? length : strlen(argument), err);
}

/* Handles argv[*i], which begins with a dash; moves *i on when the value is the next one. */
static bool
take_option(const struct gw_option *options, char **argv, int *i, void *into, struct gw_error *err)
{
    struct given given;
    int argc = *i + 1;

    if (!recognise(options, argv[*i], &given, err)) {
        return false;
    }
    gw_assert(given.option != NULL);
    while (argv[argc] != NULL) {
        argc++;
    }
    if (given.option->type == GW_OPTION_FLAG && given.value != NULL) {
        return gw_fail(err, GW_EINVAL, "option '--%s' takes no value", given.option->name);
    }
    if (given.option->type != GW_OPTION_FLAG && given.value == NULL) {
        given.value = argv[*i + 1];
        if (given.value == NULL) {
            return gw_fail(err, GW_EINVAL, "option '--%s' needs a value: %s", given.option->name,
                           given.option->argument);
        }
        ++*i;
    }
    return set_option(&given, given.value, into, argc, err);
}

bool
gw_options_parse(const struct gw_option *options, int argc, char **argv, void *into,
                 struct gw_words *operands, struct gw_error *err)
{
    bool only_operands = false;

    *operands = (struct gw_words){0};
    for (int i = 1; i < argc; i++) {
        bool is_option = !only_operands && argv[i][0] == '-' && argv[i][1] != '\0';

        if (is_option && strcmp(argv[i], "--") == 0) {
            only_operands = true;
            continue;
        }
        if (is_option ? !take_option(options, argv, &i, into, err)
                      : !add_word(operands, argv[i], argc, err)) {
            gw_options_clear(options, into, operands);
            return false;
        }
    }
    return true;
}

void
gw_options_clear(const struct gw_option *options, void *into, struct gw_words *operands)
{
    for (; options->name != NULL; options++) {
        if (options->type == GW_OPTION_WORDS) {
            struct gw_words *words = (void *)((char *)into + options->offset);

            free(words->items);
            *words = (struct gw_words){0};
        }
    }
    free(operands->items);
    *operands = (struct gw_words){0};
}

void
gw_options_help(const struct gw_option *options, FILE *out)
{
    for (; options->name != NULL; options++) {
        char left[NAME_MAX_SHOWN * 2];

        snprintf(left, sizeof left, "--%s%s%s", options->name, options->argument == NULL ? "" : " ",
                 options->argument == NULL ? "" : options->argument);
        if (options->letter != 0) {
            fprintf(out, "  -%c, %-32s %s\n", options->letter, left, options->help);
        } else {
            fprintf(out, "      %-32s %s\n", left, options->help);
        }
    }
    fprintf(out, "      %-32s %s\n", "--help", "print this and exit");
}

bool
gw_colour_wanted(FILE *stream)
{
    const char *refused = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");

    if (refused != NULL && refused[0] != '\0') {
        return false;
    }
    return isatty(fileno(stream)) && (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

int
gw_report_error(const struct gw_error *err)
{
    bool colour = gw_colour_wanted(stderr);

    fprintf(stderr, "godwit: %serror:%s %s\n", colour ? "\033[1;31m" : "", colour ? "\033[0m" : "",
            err->message);
    return gw_exit_code_of(err->code);
}

int
gw_report_diagnostics(const struct gw_diagnostics *diagnostics)
{
    struct gw_text text = {0};

    gw_diagnostics_write(diagnostics, gw_colour_wanted(stderr), &text);
    fputs(text.bytes == NULL ? "" : text.bytes, stderr);
    gw_text_clear(&text);
    return gw_exit_code_of(diagnostics->code);
}
