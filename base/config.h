/* config.h - a tree of settings as written, each node with its place, and the errors about it.
 *
 * A node is a scalar, a map or a list. Scalars stay text until a settings table gives them a
 * type. The tree owns its nodes and the texts that it was read from; diagnostics copy what they
 * show, so they outlive the tree.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_CONFIG_H
#define GW_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

/* A text that settings were read from: a file, or one argument of --set. */
struct gw_config_source {
    char *name; /* "oltp.yaml"; for an argument "--set workload.oio=x" */
    char *text;
    size_t length;
    bool is_argument; /* places in it are shown without line and column */
    struct gw_config_source *next;
};

struct gw_place {
    const struct gw_config_source *source; /* NULL: nowhere in particular */
    int line, column;                      /* from 1, in characters */
    int width;                             /* characters to underline, >= 1 */
};

enum gw_config_type { GW_CONFIG_SCALAR, GW_CONFIG_MAP, GW_CONFIG_LIST };

struct gw_config_node {
    enum gw_config_type type;
    bool quoted; /* scalar: written with quotes; on output: a string, never a bare word */
    char *key;   /* in a map; NULL in a list and for the root */
    char *text;  /* scalar */
    struct gw_place place;
    struct gw_place key_place;
    struct gw_config_node *parent;
    struct gw_config_node **children; /* in the order of the text */
    size_t count;
    size_t allocated;
};

struct gw_config {
    struct gw_config_node *root;
    struct gw_config_source *sources;
};

/* Copies name and text; kept until gw_config_clear. NULL: memory out. */
struct gw_config_source *gw_config_add_source(struct gw_config *config, const char *name,
                                              const char *text, size_t length);
void gw_config_clear(struct gw_config *config);

/* key and text may be NULL; both are copied. NULL: memory out. */
struct gw_config_node *gw_config_node_create(enum gw_config_type type, const char *key,
                                             const char *text);
void gw_config_node_destroy(struct gw_config_node *node);
/* Takes the child over, also on failure (false: memory out). */
bool gw_config_append(struct gw_config_node *parent, struct gw_config_node *child);
/* Appends a scalar to a map; false: memory out. */
bool gw_config_put(struct gw_config_node *map, const char *key, const char *text, bool quoted);
/* Appends an empty map or list; NULL: memory out. */
struct gw_config_node *gw_config_put_group(struct gw_config_node *parent, const char *key,
                                           enum gw_config_type type);

/* Child of a map by key, or NULL; also NULL when node is NULL or no map. */
struct gw_config_node *gw_config_get(const struct gw_config_node *node, const char *key);
/* "a scalar" ... with its article, for messages: "a map", "a list", "a value". */
const char *gw_config_type_name(enum gw_config_type type);

/* Block YAML, in the order of the tree. */
void gw_config_write_yaml(const struct gw_config_node *node, struct gw_text *out);
/* One line of JSON with the keys of each map sorted by byte value. */
void gw_config_write_json(const struct gw_config_node *node, struct gw_text *out);

/* ---- diagnostics ------------------------------------------------------------------------------ */

struct gw_diagnostic {
    char *where; /* "oltp.yaml:12:9" or "--set workload.oio=x"; NULL: nowhere */
    char *message;
    char *line;              /* the line of the text, cut to be shown; NULL = none */
    size_t indent;           /* characters before the caret */
    size_t width;            /* caret and tildes */
    bool is_note;            /* belongs to the error before it */
    int line_number, column; /* of the error, for sorting; 0: no place in a file */
};

/* A zeroed struct is an empty list. */
struct gw_diagnostics {
    struct gw_diagnostic *items;
    size_t count; /* with notes */
    size_t allocated;
    size_t errors;     /* without notes, also those beyond the 100 that are kept */
    enum gw_code code; /* of the gravest: GW_OK when there is none */
};

void gw_diagnostics_error(struct gw_diagnostics *diagnostics, struct gw_place place,
                          const char *format, ...) __attribute__((format(printf, 3, 4)));
void gw_diagnostics_note(struct gw_diagnostics *diagnostics, struct gw_place place,
                         const char *format, ...) __attribute__((format(printf, 3, 4)));
/* An error without place in a text, with its own code: a missing file, memory. */
void gw_diagnostics_fail(struct gw_diagnostics *diagnostics, enum gw_code code, const char *where,
                         const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Orders those from index `first` on by line and column; what has no place in a file comes first. */
void gw_diagnostics_sort(struct gw_diagnostics *diagnostics, size_t first);
/* All of them, GNU style, with source line and caret, a line feed after each. */
void gw_diagnostics_write(const struct gw_diagnostics *diagnostics, bool colour,
                          struct gw_text *out);
void gw_diagnostics_clear(struct gw_diagnostics *diagnostics);

/* The word of a NULL-terminated list that is nearest to `word`, at most two edits away and
 * nearer than its own length; NULL when there is none. */
const char *gw_nearest_word(const char *word, const char *const *words);

#endif
