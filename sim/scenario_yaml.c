/* scenario_yaml.c - YAML text to a tree of nodes with places; the only file that sees yaml.h.
 *
 * Idea      libyaml's events drive a stack of open groups. Scalars stay text, so none of YAML's
 *           own typing takes part. What makes YAML ambiguous is refused: anchors, aliases, tags,
 *           several documents, keys that are no scalars, duplicate keys.
 * Invariant open[depth - 1] is the group that the next event belongs to; a key that waits for
 *           its value belongs to that group.
 * Cost      depth is limited before libyaml's own scanning turns quadratic.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/scenario_yaml.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/utf8.h"

enum { DEPTH_MAX = 32, NODES_MAX = 10000 };

struct reader {
    yaml_parser_t parser;
    const struct gw_config_source *source;
    struct gw_diagnostics *diagnostics;
    int column_base; /* characters before the offset */
    struct gw_config_node *root;
    struct gw_config_node *open[DEPTH_MAX];
    size_t depth;
    size_t node_count;
    char *key; /* waits for its value */
    struct gw_place key_place;
    bool fine;
    bool stop;
};

static int
to_int(size_t value)
{
    return value > INT_MAX - 1 ? INT_MAX - 1 : (int)value;
}

static struct gw_place
place_of(const struct reader *reader, yaml_mark_t start, yaml_mark_t end)
{
    struct gw_place place = {.source = reader->source, .line = to_int(start.line) + 1, .width = 1};
    int base = start.line == 0 ? reader->column_base : 0;

    place.column = to_int(start.column) + 1 + base;
    if (end.line == start.line && end.column > start.column) {
        place.width = to_int(end.column - start.column);
    }
    return place;
}

static void
fail_at(struct reader *reader, struct gw_place place, const char *message)
{
    gw_diagnostics_error(reader->diagnostics, place, "%s", message);
    reader->fine = false;
}

static void
fail_memory(struct reader *reader)
{
    gw_diagnostics_fail(reader->diagnostics, GW_ENOMEM, reader->source->name, "out of memory");
    reader->fine = false;
    reader->stop = true;
}

/* Place of a byte, for errors of the decoder, which knows no line. */
static struct gw_place
place_of_offset(const struct reader *reader, size_t offset)
{
    struct gw_place place = {.source = reader->source, .line = 1, .column = 1, .width = 1};

    for (size_t i = 0; i < offset && i < reader->source->length; i++) {
        char byte = reader->source->text[i];

        if (byte == '\n') {
            place.line++;
            place.column = 1;
        } else if (!gw_utf8_continues(byte)) {
            place.column++;
        }
    }
    return place;
}

static void
report_syntax(struct reader *reader, size_t offset)
{
    const yaml_parser_t *parser = &reader->parser;
    const char *problem = parser->problem == NULL ? "not YAML" : parser->problem;
    struct gw_place place = place_of(reader, parser->problem_mark, parser->problem_mark);

    reader->fine = false;
    if (parser->error == YAML_MEMORY_ERROR) {
        fail_memory(reader);
        return;
    }
    if (parser->error == YAML_READER_ERROR) {
        place = place_of_offset(reader, offset + parser->problem_offset);
    }
    gw_diagnostics_error(reader->diagnostics, place, "%s%s%s", problem,
                         parser->context == NULL ? "" : " ",
                         parser->context == NULL ? "" : parser->context);
    if (parser->context != NULL && parser->context_mark.line != parser->problem_mark.line) {
        gw_diagnostics_note(reader->diagnostics,
                            place_of(reader, parser->context_mark, parser->context_mark),
                            "it began here");
    }
}

static void
refuse_decoration(struct reader *reader, const yaml_event_t *event, const yaml_char_t *anchor,
                  const yaml_char_t *tag)
{
    struct gw_place place = place_of(reader, event->start_mark, event->start_mark);

    if (anchor != NULL) {
        fail_at(reader, place, "anchors are refused: write the value where it is used");
    }
    if (tag != NULL) {
        fail_at(reader, place, "tags are refused: the key gives a value its type");
    }
}

static void
report_duplicate(struct reader *reader, const struct gw_config_node *first)
{
    gw_diagnostics_error(reader->diagnostics, reader->key_place, "duplicate key '%.80s'",
                         reader->key);
    gw_diagnostics_note(reader->diagnostics, first->key_place, "'%.80s' was first set here",
                        first->key);
    reader->fine = false;
}

/* Hangs a node where the stack says; NULL when that is impossible. */
static struct gw_config_node *
attach(struct reader *reader, enum gw_config_type type, const char *text, struct gw_place place)
{
    struct gw_config_node *parent = reader->depth == 0 ? NULL : reader->open[reader->depth - 1];
    struct gw_config_node *node = gw_config_node_create(type, reader->key, text);

    if (node == NULL) {
        fail_memory(reader);
        return NULL;
    }
    node->place = place;
    node->key_place = reader->key != NULL ? reader->key_place : place;
    if (reader->key != NULL) {
        const struct gw_config_node *first = gw_config_get(parent, reader->key);

        if (first != NULL) {
            report_duplicate(reader, first);
        }
        free(reader->key);
        reader->key = NULL;
    }
    if (parent == NULL) {
        reader->root = node;
    } else if (!gw_config_append(parent, node)) {
        fail_memory(reader);
        return NULL;
    }
    if (++reader->node_count > NODES_MAX) {
        fail_at(reader, place, "too many values for a scenario");
        reader->stop = true;
    }
    return node;
}

static bool
wants_key(const struct reader *reader)
{
    return reader->depth > 0 && reader->open[reader->depth - 1]->type == GW_CONFIG_MAP &&
           reader->key == NULL;
}

static void
on_scalar(struct reader *reader, const yaml_event_t *event)
{
    struct gw_place place = place_of(reader, event->start_mark, event->end_mark);
    const char *text = (const char *)event->data.scalar.value;
    struct gw_config_node *node;

    refuse_decoration(reader, event, event->data.scalar.anchor, event->data.scalar.tag);
    if (strlen(text) != event->data.scalar.length) {
        fail_at(reader, place, "a NUL character in a value");
    }
    if (wants_key(reader)) {
        reader->key = strdup(text);
        reader->key_place = place;
        if (reader->key == NULL) {
            fail_memory(reader);
        }
        return;
    }
    node = attach(reader, GW_CONFIG_SCALAR, text, place);
    if (node != NULL) {
        node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    }
}

static void
on_group_start(struct reader *reader, const yaml_event_t *event)
{
    bool is_map = event->type == YAML_MAPPING_START_EVENT;
    struct gw_place place = place_of(reader, event->start_mark, event->end_mark);
    struct gw_config_node *node;

    refuse_decoration(reader, event,
                      is_map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor,
                      is_map ? event->data.mapping_start.tag : event->data.sequence_start.tag);
    if (reader->depth == DEPTH_MAX || wants_key(reader)) {
        fail_at(reader, place,
                reader->depth == DEPTH_MAX ? "nested too deeply" : "a key must be a word");
        reader->stop = true;
        return;
    }
    node = attach(reader, is_map ? GW_CONFIG_MAP : GW_CONFIG_LIST, NULL, place);
    if (node != NULL) {
        reader->open[reader->depth++] = node;
    }
}

static void
on_document_start(struct reader *reader, const yaml_event_t *event)
{
    if (reader->root != NULL) {
        fail_at(reader, place_of(reader, event->start_mark, event->end_mark),
                "a second document: a scenario is one");
        reader->stop = true;
    }
}

static void
on_event(struct reader *reader, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        on_document_start(reader, event);
        break;
    case YAML_SCALAR_EVENT:
        on_scalar(reader, event);
        break;
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        on_group_start(reader, event);
        break;
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        reader->depth--;
        break;
    case YAML_ALIAS_EVENT:
        fail_at(reader, place_of(reader, event->start_mark, event->end_mark),
                "aliases are refused: write the value where it is used");
        reader->stop = true;
        break;
    case YAML_STREAM_END_EVENT:
        reader->stop = true;
        break;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
}

static void
read_events(struct reader *reader, size_t offset)
{
    while (!reader->stop) {
        yaml_event_t event;

        if (!yaml_parser_parse(&reader->parser, &event)) {
            report_syntax(reader, offset);
            return;
        }
        on_event(reader, &event);
        yaml_event_delete(&event);
    }
}

struct gw_config_node *
gw_yaml_read(const struct gw_config_source *source, size_t offset,
             struct gw_diagnostics *diagnostics)
{
    struct reader reader = {.source = source, .diagnostics = diagnostics, .fine = true};
    struct gw_place start = {.source = source, .line = 1, .column = 1, .width = 1};

    if (!yaml_parser_initialize(&reader.parser)) {
        fail_memory(&reader);
        return NULL;
    }
    reader.column_base = to_int(gw_utf8_count_in(source->text, offset));
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)source->text + offset,
                                 source->length - offset);
    read_events(&reader, offset);
    yaml_parser_delete(&reader.parser);
    free(reader.key);
    reader.key = NULL;
    if (reader.fine && reader.root == NULL) {
        attach(&reader, GW_CONFIG_MAP, NULL, start);
    }
    if (!reader.fine) {
        gw_config_node_destroy(reader.root);
        return NULL;
    }
    return reader.root;
}
