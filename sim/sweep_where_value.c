/* sweep_where_value.c - what a condition comes to for the parameters of one point.
 *
 * Idea      A value is a number with powers of bytes and seconds, a word, or a truth. The powers
 *           catch a size that is compared with a count. `and` and `or` look at the right side only
 *           when it matters, so that "a != 0 and b / a > 2" can be written.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "base/config.h"
#include "base/quantity.h"
#include "sim/sweep_where_parts.h"

enum { SHOWN_MAX = 60, POWER_MAX = 100 };

#define NS_PER_SECOND 1e9
#define SAME 1e-12          /* relative difference of two equal numbers */
#define COMPUTED "a result" /* for messages: a number that was not written */

enum type { NUMBER, WORD, TRUTH };

struct value {
    enum type type;
    struct gw_where_number number;
    const char *word; /* as written; never NULL */
    bool truth;
};

struct evaluation {
    const struct gw_where_names *names;
    struct gw_where_span *span;
    struct gw_error *err;
};

static bool evaluate(struct evaluation *work, const struct gw_where_node *node, struct value *out);

bool
gw_where_number(const char *text, struct gw_where_number *out, struct gw_error *err)
{
    static const struct {
        enum gw_setting_type type;
        int bytes, seconds;
        double scale;
    } types[] = {{GW_SETTING_COUNT, 0, 0, 1.0},
                 {GW_SETTING_NUMBER, 0, 0, 1.0},
                 {GW_SETTING_BYTES, 1, 0, 1.0},
                 {GW_SETTING_TIME, 0, 1, 1.0},
                 {GW_SETTING_RATE, 1, -1, 1.0 / NS_PER_SECOND},
                 {GW_SETTING_SHARE, 0, 0, 1.0},
                 {GW_SETTING_IOPS, 0, -1, 1.0 / NS_PER_SECOND}};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        union gw_quantity quantity;

        if (gw_quantity_parse(types[i].type, text, &quantity, NULL)) {
            double value =
                gw_quantity_is_real(types[i].type) ? quantity.real : (double)quantity.whole;

            *out =
                (struct gw_where_number){value * types[i].scale, types[i].bytes, types[i].seconds};
            return true;
        }
    }
    return gw_fail(err, GW_EINVAL,
                   "'%.*s' is no number: write 16, 0.5, 4KiB, 300ms, 8Gbps, 400/s"
                   " or 30%%; a word goes in quotes",
                   SHOWN_MAX, text);
}

/* ---- operands ----------------------------------------------------------------------------------- */

/* A text of a scenario: a number when it reads as one, else true, false or a word. */
static struct value
value_of(const char *text)
{
    struct value value = {.type = NUMBER, .word = text, .truth = strcmp(text, "true") == 0};

    if (!gw_where_number(text, &value.number, NULL)) {
        value.type = value.truth || strcmp(text, "false") == 0 ? TRUTH : WORD;
    }
    return value;
}

static bool
name_value(struct evaluation *work, const struct gw_where_node *node, struct value *out)
{
    const char *text = work->names->value(work->names->self, node->text);
    const char *nearest;

    if (text != NULL || strchr(node->text, '.') == NULL) {
        *out = value_of(text != NULL ? text : node->text);
        return true;
    }
    *work->span = node->span;
    nearest = gw_nearest_word(node->text, work->names->words);
    if (nearest != NULL) {
        return gw_fail(work->err, GW_EINVAL, "unknown parameter '%.80s'; did you mean '%s'?",
                       node->text, nearest);
    }
    return gw_fail(work->err, GW_EINVAL,
                   "unknown parameter '%.80s': neither the sweep nor the scenario sets it (a minus"
                   " needs a space before it, a word with dots needs quotes)",
                   node->text);
}

/* Fails when the operand is not of the type that its operator wants. */
static bool
operand(struct evaluation *work, const struct gw_where_node *of, enum type type, struct value *out)
{
    static const char *const names[] = {
        [NUMBER] = "a number", [WORD] = "a word", [TRUTH] = "true or false"};

    if (!evaluate(work, of, out)) {
        return false;
    }
    if (out->type == type) {
        return true;
    }
    *work->span = of->span;
    if (out->type == WORD) {
        return gw_fail(work->err, GW_EINVAL, "'%.80s' is a word: expected %s", out->word,
                       names[type]);
    }
    return gw_fail(work->err, GW_EINVAL, "%s: expected %s", names[out->type], names[type]);
}

/* ---- operators ---------------------------------------------------------------------------------- */

static const char *
dimension_name(struct gw_where_number number)
{
    static const struct {
        int bytes, seconds;
        const char *name;
    } known[] = {{0, 0, "a plain number"},
                 {1, 0, "a size"},
                 {0, 1, "a time"},
                 {1, -1, "a rate"},
                 {0, -1, "an IO rate"}};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (known[i].bytes == number.bytes && known[i].seconds == number.seconds) {
            return known[i].name;
        }
    }
    return "of a mixed unit";
}

static bool
same_dimension(struct evaluation *work, const struct gw_where_node *node, struct gw_where_number a,
               struct gw_where_number b)
{
    if (a.bytes == b.bytes && a.seconds == b.seconds) {
        return true;
    }
    *work->span = node->span;
    return gw_fail(work->err, GW_EINVAL, "the left side is %s, the right side %s: write the units",
                   dimension_name(a), dimension_name(b));
}

static void
set_truth(struct value *out, bool truth)
{
    *out = (struct value){.type = TRUTH, .truth = truth, .word = truth ? "true" : "false"};
}

static bool
arithmetic(struct evaluation *work, const struct gw_where_node *node, struct value *out)
{
    struct value left;
    struct value right;
    bool adds = node->kind == GW_WHERE_ADD || node->kind == GW_WHERE_SUBTRACT;
    int sign = node->kind == GW_WHERE_DIVIDE || node->kind == GW_WHERE_SUBTRACT ? -1 : 1;

    if (!operand(work, node->left, NUMBER, &left) || !operand(work, node->right, NUMBER, &right) ||
        (adds && !same_dimension(work, node, left.number, right.number))) {
        return false;
    }
    *out = (struct value){.type = NUMBER, .number = left.number, .word = COMPUTED};
    if (adds) {
        out->number.value += sign * right.number.value;
        return true;
    }
    *work->span = node->span;
    if (sign < 0 && right.number.value >= 0.0 && right.number.value <= 0.0) {
        return gw_fail(work->err, GW_EINVAL, "a division by 0");
    }
    out->number.bytes += sign * right.number.bytes;
    out->number.seconds += sign * right.number.seconds;
    out->number.value =
        sign < 0 ? left.number.value / right.number.value : left.number.value * right.number.value;
    if (out->number.bytes > POWER_MAX || out->number.bytes < -POWER_MAX ||
        out->number.seconds > POWER_MAX || out->number.seconds < -POWER_MAX) {
        return gw_fail(work->err, GW_EINVAL, "too many units are multiplied");
    }
    return true;
}

/* -1, 0 or 1. */
static int
order_of(double a, double b)
{
    double size_a = a < 0.0 ? -a : a;
    double size_b = b < 0.0 ? -b : b;
    double most = (size_a > size_b ? size_a : size_b) * SAME;

    if (a - b <= most && b - a <= most) {
        return 0;
    }
    return a < b ? -1 : 1;
}

static bool
order_holds(enum gw_where_kind kind, int order)
{
    static const bool holds[][3] = {
        [GW_WHERE_LESS] = {true, false, false},    [GW_WHERE_LESS_EQUAL] = {true, true, false},
        [GW_WHERE_GREATER] = {false, false, true}, [GW_WHERE_GREATER_EQUAL] = {false, true, true},
        [GW_WHERE_EQUAL] = {false, true, false},   [GW_WHERE_UNEQUAL] = {true, false, true},
    };

    return holds[kind][order + 1];
}

static bool
equality_of_words(struct evaluation *work, const struct gw_where_node *node,
                  const struct value *left, const struct value *right, struct value *out)
{
    bool equal = strcmp(left->word, right->word) == 0;

    *work->span = node->span;
    if (left->type == NUMBER || right->type == NUMBER) {
        return gw_fail(work->err, GW_EINVAL,
                       "a word and a number are compared: '%.60s' and '%.60s'", left->word,
                       right->word);
    }
    if (node->kind != GW_WHERE_EQUAL && node->kind != GW_WHERE_UNEQUAL) {
        return gw_fail(work->err, GW_EINVAL,
                       "'%.60s' and '%.60s' are words: only == and != compare them", left->word,
                       right->word);
    }
    set_truth(out, equal == (node->kind == GW_WHERE_EQUAL));
    return true;
}

static bool
comparison(struct evaluation *work, const struct gw_where_node *node, struct value *out)
{
    struct value left;
    struct value right;
    int order;

    if (!evaluate(work, node->left, &left) || !evaluate(work, node->right, &right)) {
        return false;
    }
    if (left.type != NUMBER || right.type != NUMBER) {
        return equality_of_words(work, node, &left, &right, out);
    }
    if (!same_dimension(work, node, left.number, right.number)) {
        return false;
    }
    order = order_of(left.number.value, right.number.value);
    set_truth(out, order_holds(node->kind, order));
    return true;
}

/* The right side is left alone when the left side decides. */
static bool
junction(struct evaluation *work, const struct gw_where_node *node, struct value *out)
{
    if (!operand(work, node->left, TRUTH, out)) {
        return false;
    }
    if (out->truth == (node->kind == GW_WHERE_OR)) {
        return true;
    }
    return operand(work, node->right, TRUTH, out);
}

static bool
evaluate(struct evaluation *work, const struct gw_where_node *node, struct value *out)
{
    *out = (struct value){0};
    switch (node->kind) {
    case GW_WHERE_NUMBER:
        *out = (struct value){.type = NUMBER, .number = node->number, .word = node->text};
        return true;
    case GW_WHERE_WORD:
        *out = (struct value){.type = WORD, .word = node->text};
        return true;
    case GW_WHERE_NAME:
        return name_value(work, node, out);
    case GW_WHERE_NEGATE:
        if (!operand(work, node->left, NUMBER, out)) {
            return false;
        }
        out->number.value = -out->number.value;
        out->word = COMPUTED;
        return true;
    case GW_WHERE_NOT:
        if (!operand(work, node->left, TRUTH, out)) {
            return false;
        }
        set_truth(out, !out->truth);
        return true;
    case GW_WHERE_AND:
    case GW_WHERE_OR:
        return junction(work, node, out);
    case GW_WHERE_ADD:
    case GW_WHERE_SUBTRACT:
    case GW_WHERE_MULTIPLY:
    case GW_WHERE_DIVIDE:
        return arithmetic(work, node, out);
    case GW_WHERE_LESS:
    case GW_WHERE_LESS_EQUAL:
    case GW_WHERE_GREATER:
    case GW_WHERE_GREATER_EQUAL:
    case GW_WHERE_EQUAL:
    case GW_WHERE_UNEQUAL:
        break;
    }
    return comparison(work, node, out);
}

bool
gw_where_evaluate(const struct gw_where *where, const struct gw_where_names *names, bool *holds,
                  struct gw_where_span *span, struct gw_error *err)
{
    struct evaluation work = {.names = names, .span = span, .err = err};
    struct value value;

    if (!operand(&work, where->root, TRUTH, &value)) {
        return false;
    }
    *holds = value.truth;
    return true;
}
