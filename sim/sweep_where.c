/* sweep_where.c - reads a condition: text to tokens to a tree.
 *
 * Idea      One token of look-ahead and a table of binary operators with their strength; an
 *           operand is read, then operators for as long as they bind strongly enough.
 * Invariant The nodes have their final place from the start: at most one for each byte.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/sweep_where.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sweep_where_parts.h"

enum { DEPTH_MAX = 50, SHOWN_MAX = 60 };

/* A comparison does not associate: its right side binds stronger. */
enum strength { ANY, OR, AND, NOT, COMPARISON, SUM, PRODUCT, SIGN };

enum token_kind {
    TOKEN_END,
    TOKEN_NUMBER,
    TOKEN_NAME,
    TOKEN_QUOTED,
    TOKEN_OPERATOR, /* also and, or, not */
    TOKEN_WRONG
};

struct reader {
    const char *text;
    struct gw_where *where;
    struct gw_where_span *span;
    struct gw_error *err;
    size_t next; /* byte after the token */
    enum token_kind token;
    size_t at, length; /* of the token */
    int depth;
};

static const struct symbol {
    const char *name;
    enum gw_where_kind kind;
    enum strength strength;
} symbols[] = {
    {"or", GW_WHERE_OR, OR},
    {"and", GW_WHERE_AND, AND},
    {"<=", GW_WHERE_LESS_EQUAL, COMPARISON},
    {">=", GW_WHERE_GREATER_EQUAL, COMPARISON},
    {"==", GW_WHERE_EQUAL, COMPARISON},
    {"!=", GW_WHERE_UNEQUAL, COMPARISON},
    {"<", GW_WHERE_LESS, COMPARISON},
    {">", GW_WHERE_GREATER, COMPARISON},
    {"+", GW_WHERE_ADD, SUM},
    {"-", GW_WHERE_SUBTRACT, SUM},
    {"*", GW_WHERE_MULTIPLY, PRODUCT},
    {"/", GW_WHERE_DIVIDE, PRODUCT},
};

static bool
is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool
is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

static bool
is_word_part(const char *at)
{
    bool inner = is_letter(at[0]) || is_digit(at[0]);

    return inner || ((at[0] == '.' || at[0] == '-') && (is_letter(at[1]) || is_digit(at[1])));
}

/* ---- tokens ------------------------------------------------------------------------------------- */

/* Length of a number with its unit: digits, a fraction, a power of ten, letters or %, "/s". */
static size_t
number_length(const char *text)
{
    const char *at = text + strspn(text, "0123456789");

    if (at[0] == '.' && is_digit(at[1])) {
        at++;
        at += strspn(at, "0123456789");
    }
    if ((at[0] == 'e' || at[0] == 'E') &&
        (is_digit(at[1]) || ((at[1] == '-' || at[1] == '+') && is_digit(at[2])))) {
        at += 2;
        at += strspn(at, "0123456789");
    }
    while (is_letter(*at) || is_digit(*at) || *at == '%') {
        at++;
    }
    if (at[0] == '/' && at[1] == 's' && !is_word_part(at + 2)) {
        at += 2;
    }
    return (size_t)(at - text);
}

static size_t
word_length(const char *text)
{
    const char *at = text;

    while (is_word_part(at)) {
        at++;
    }
    return (size_t)(at - text);
}

static bool
is_reserved(const char *text, size_t length)
{
    static const char *const words[] = {"and", "or", "not"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i]) == length && memcmp(words[i], text, length) == 0) {
            return true;
        }
    }
    return false;
}

static void
set_token(struct reader *reader, enum token_kind kind, size_t length)
{
    reader->token = kind;
    reader->length = length;
    reader->next = reader->at + length;
}

static void
advance(struct reader *reader)
{
    const char *text = reader->text + reader->next;
    const char *quote;

    text += strspn(text, " \t\r\n");
    reader->at = (size_t)(text - reader->text);
    if (text[0] == '\0') {
        set_token(reader, TOKEN_END, 0);
    } else if (is_digit(text[0])) {
        set_token(reader, TOKEN_NUMBER, number_length(text));
    } else if (is_letter(text[0])) {
        size_t length = word_length(text);

        set_token(reader, is_reserved(text, length) ? TOKEN_OPERATOR : TOKEN_NAME, length);
    } else if (text[0] == '"' || text[0] == '\'') {
        quote = strchr(text + 1, text[0]);
        set_token(reader, quote == NULL ? TOKEN_WRONG : TOKEN_QUOTED,
                  quote == NULL ? 1 : (size_t)(quote - text) + 1);
    } else if (strchr("<>=!", text[0]) != NULL && text[1] == '=') {
        set_token(reader, TOKEN_OPERATOR, 2);
    } else {
        set_token(reader, strchr("<>+-*/()", text[0]) == NULL ? TOKEN_WRONG : TOKEN_OPERATOR, 1);
    }
}

static bool
is_operator(const struct reader *reader, const char *name)
{
    return reader->token == TOKEN_OPERATOR && strlen(name) == reader->length &&
           memcmp(name, reader->text + reader->at, reader->length) == 0;
}

/* ---- errors ------------------------------------------------------------------------------------- */

static const struct gw_where_node *
refuse(struct reader *reader, const char *message)
{
    *reader->span = (struct gw_where_span){reader->at, reader->length};
    gw_fail(reader->err, GW_EINVAL, "%s", message);
    return NULL;
}

/* A token that cannot stand here; `wanted` could. */
static const struct gw_where_node *
refuse_token(struct reader *reader, const char *wanted)
{
    static const struct {
        char byte;
        const char *hint;
    } hints[] = {{'=', "'=' alone: compare with '=='"},
                 {'&', "'&': write 'and'"},
                 {'|', "'|': write 'or'"},
                 {'!', "'!': write 'not'"},
                 {'"', "a quote is not closed"},
                 {'\'', "a quote is not closed"}};
    char byte = reader->text[reader->at];

    for (size_t i = 0; reader->token == TOKEN_WRONG && i < sizeof hints / sizeof hints[0]; i++) {
        if (hints[i].byte == byte) {
            return refuse(reader, hints[i].hint);
        }
    }
    *reader->span = (struct gw_where_span){reader->at, reader->length};
    if (reader->token == TOKEN_END) {
        gw_fail(reader->err, GW_EINVAL, "the condition ends here: expected %s", wanted);
        return NULL;
    }
    gw_fail(reader->err, GW_EINVAL, "unexpected '%.*s': expected %s",
            reader->length > SHOWN_MAX ? SHOWN_MAX : (int)reader->length, reader->text + reader->at,
            wanted);
    return NULL;
}

/* ---- tree --------------------------------------------------------------------------------------- */

static const struct gw_where_node *read_binary(struct reader *reader, enum strength least);

static struct gw_where_node *
add_node(struct reader *reader, enum gw_where_kind kind)
{
    struct gw_where_node *node;

    if (reader->where->node_count == GW_WHERE_NODES_MAX) {
        refuse(reader, "too long a condition: at most 1000 names, numbers and operators");
        return NULL;
    }
    node = &reader->where->nodes[reader->where->node_count++];
    node->kind = kind;
    node->span = (struct gw_where_span){reader->at, reader->length};
    return node;
}

static const struct gw_where_node *
read_text(struct reader *reader, enum gw_where_kind kind)
{
    size_t quote = kind == GW_WHERE_WORD ? 1 : 0;
    size_t length = reader->length - 2 * quote;
    struct gw_where_node *node = add_node(reader, kind);

    if (node != NULL) {
        char *text = reader->where->texts + reader->where->texts_used;

        memcpy(text, reader->text + reader->at + quote, length);
        reader->where->texts_used += length + 1;
        node->text = text;
        *reader->span = node->span;
        if (kind == GW_WHERE_NUMBER && !gw_where_number(text, &node->number, reader->err)) {
            return NULL;
        }
        advance(reader);
    }
    return node;
}

static const struct gw_where_node *
read_unary(struct reader *reader, enum gw_where_kind kind, enum strength strength)
{
    struct gw_where_node *node = add_node(reader, kind);

    if (node == NULL) {
        return NULL;
    }
    advance(reader);
    node->left = read_binary(reader, strength);
    return node->left == NULL ? NULL : node;
}

static const struct gw_where_node *
read_parentheses(struct reader *reader)
{
    const struct gw_where_node *node;

    advance(reader);
    node = read_binary(reader, ANY);
    if (node != NULL && !is_operator(reader, ")")) {
        return refuse_token(reader, "')'");
    }
    if (node != NULL) {
        advance(reader);
    }
    return node;
}

static const struct gw_where_node *
read_operand(struct reader *reader, enum strength least)
{
    static const enum gw_where_kind texts[] = {[TOKEN_NUMBER] = GW_WHERE_NUMBER,
                                               [TOKEN_NAME] = GW_WHERE_NAME,
                                               [TOKEN_QUOTED] = GW_WHERE_WORD};

    if (reader->token >= TOKEN_NUMBER && reader->token <= TOKEN_QUOTED) {
        return read_text(reader, texts[reader->token]);
    }
    if (is_operator(reader, "(")) {
        return read_parentheses(reader);
    }
    if (is_operator(reader, "-")) {
        return read_unary(reader, GW_WHERE_NEGATE, SIGN);
    }
    if (is_operator(reader, "not") && least <= NOT) {
        return read_unary(reader, GW_WHERE_NOT, NOT);
    }
    return refuse_token(reader, "a parameter, a number or '('");
}

static const struct symbol *
binary_symbol(const struct reader *reader)
{
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        if (is_operator(reader, symbols[i].name)) {
            return &symbols[i];
        }
    }
    return NULL;
}

/* An operand and all that follows with at least this strength. */
static const struct gw_where_node *
read_binary(struct reader *reader, enum strength least)
{
    const struct gw_where_node *left;
    const struct symbol *symbol;
    bool compared = false;

    if (reader->depth == DEPTH_MAX) {
        return refuse(reader, "nested too deeply");
    }
    reader->depth++;
    left = read_operand(reader, least);
    symbol = binary_symbol(reader);
    while (left != NULL && symbol != NULL && symbol->strength >= least) {
        struct gw_where_node *node = add_node(reader, symbol->kind);

        if (compared && symbol->strength == COMPARISON) {
            return refuse(reader, "a second comparison: write 'a < b and b < c'");
        }
        compared = symbol->strength == COMPARISON;
        if (node == NULL) {
            return NULL;
        }
        advance(reader);
        node->left = left;
        node->right = read_binary(reader, (enum strength)(symbol->strength + 1));
        left = node->right == NULL ? NULL : node;
        symbol = binary_symbol(reader);
    }
    reader->depth--;
    return left;
}

struct gw_where *
gw_where_compile(const char *text, struct gw_where_span *span, struct gw_error *err)
{
    struct gw_where *where = calloc(1, sizeof *where);
    struct reader reader = {.text = text, .where = where, .span = span, .err = err};
    size_t length = strlen(text);
    size_t nodes = length < GW_WHERE_NODES_MAX ? length + 1 : GW_WHERE_NODES_MAX;

    *span = (struct gw_where_span){0, length};
    if (where != NULL) {
        where->nodes = calloc(nodes, sizeof *where->nodes);
        where->texts = calloc(2 * length + 1, 1);
    }
    if (where == NULL || where->nodes == NULL || where->texts == NULL) {
        gw_fail(err, GW_ENOMEM, "out of memory");
        gw_where_destroy(where);
        return NULL;
    }
    advance(&reader);
    where->root = read_binary(&reader, ANY);
    if (where->root != NULL && reader.token != TOKEN_END) {
        where->root = refuse_token(&reader, "'and', 'or' or an operator");
    }
    if (where->root == NULL) {
        gw_where_destroy(where);
        return NULL;
    }
    return where;
}

void
gw_where_destroy(struct gw_where *where)
{
    if (where == NULL) {
        return;
    }
    free(where->nodes);
    free(where->texts);
    free(where);
}
