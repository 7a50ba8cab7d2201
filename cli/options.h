/* options.h - long options from one table per verb, which is parser and help in one.
 *
 * Names are never abbreviated; a word that is no option of the verb is an error with the nearest
 * one. `--` ends the options; options may stand after operands.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_OPTIONS_H
#define GW_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/config.h"
#include "base/error.h"

enum gw_format { GW_FORMAT_TABLE, GW_FORMAT_JSON, GW_FORMAT_JSONL, GW_FORMAT_CSV, GW_FORMAT_MD };

/* Words of the command line; they point into argv. */
struct gw_words {
    const char **items; /* owned */
    size_t count;
};

enum gw_option_type {
    GW_OPTION_FLAG,   /* bool */
    GW_OPTION_TEXT,   /* const char *; stays as it was when absent */
    GW_OPTION_COUNT,  /* int64_t >= 1: in the verb's struct 0 says that it was not given */
    GW_OPTION_NUMBER, /* int64_t >= 0 */
    GW_OPTION_FORMAT, /* enum gw_format */
    GW_OPTION_WORDS   /* struct gw_words; may be given many times */
};

struct gw_option {
    const char *name; /* without dashes: "set" */
    char letter;      /* "-j", or 0 */
    enum gw_option_type type;
    size_t offset;        /* of the field in the verb's struct */
    const char *argument; /* "KEY=VALUE"; NULL for a flag */
    const char *help;     /* one line, lower case, no full stop */
};

#define GW_OPTION_END                                                                              \
    {                                                                                              \
        NULL, 0, GW_OPTION_FLAG, 0, NULL, NULL                                                     \
    }
/* The rows that several verbs have. */
#define GW_OPTION_ROW_FORMAT(type)                                                                 \
    {                                                                                              \
        "format", 0, GW_OPTION_FORMAT, offsetof(type, format), "FORMAT",                           \
            "table, json, jsonl, csv or md"                                                        \
    }
#define GW_OPTION_ROW_SET(type)                                                                    \
    {                                                                                              \
        "set", 0, GW_OPTION_WORDS, offsetof(type, set), "KEY=VALUE[,VALUE]...",                    \
            "override a setting; several values give one variation each"                           \
    }

/* argv[0] is the verb. Fills the fields of `into` that are given and puts everything else into
 * operands. Errors: GW_EINVAL, GW_ENOMEM. */
bool gw_options_parse(const struct gw_option *options, int argc, char **argv, void *into,
                      struct gw_words *operands, struct gw_error *err);
/* Frees the GW_OPTION_WORDS fields and operands. */
void gw_options_clear(const struct gw_option *options, void *into, struct gw_words *operands);
/* The table as help, one row a line. */
void gw_options_help(const struct gw_option *options, FILE *out);

/* Colour is for terminals, and only when NO_COLOR is unset or empty. */
bool gw_colour_wanted(FILE *stream);

/* "godwit: error: MESSAGE" to stderr; returns the exit code that belongs to err. */
int gw_report_error(const struct gw_error *err);
/* Writes all diagnostics to stderr; returns the exit code that belongs to the gravest. */
int gw_report_diagnostics(const struct gw_diagnostics *diagnostics);

/* Rows of text as a table, JSON, JSON lines, CSV or Markdown, to stdout. cell[row * columns + i];
 * a NULL cell is absent (JSON null). Cells are strings but for columns of numbers. */
struct gw_grid {
    const char *name;           /* key of the JSON object: {"devices": [...]} */
    const char *const *columns; /* names */
    size_t column_count;
    const char *const *cells;
    size_t row_count;
    const bool *are_numbers; /* of each column; NULL: none */
};

void gw_grid_print(const struct gw_grid *grid, enum gw_format format, FILE *out);

#endif
