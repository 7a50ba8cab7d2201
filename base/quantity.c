/* quantity.c - one value with its unit: from text to a number and back.
 *
 * Idea      A table of units, each a fraction of the base unit. Whole types are computed in 128
 *           bits as digits * numerator / (denominator * 10^decimals) and must come out even.
 *           Real types hand an exact decimal to strtod, which rounds once; percent and k only
 *           move the exponent, so that text and value round-trip bit by bit.
 * Departs   strtod and snprintf follow the C locale: the program never calls setlocale.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/quantity.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/wide.h"

enum { DIGITS_MAX = 36, SHOWN_MAX = 60, EXPONENT_MAX = 400 };

struct unit {
    const char *name;
    int64_t numerator, denominator; /* of the base unit; the latter a power of two */
    int exponent;                   /* real types: power of ten */
};

#define KIB (INT64_C(1) << 10)
#define SECOND INT64_C(1000000000)

/* Order matters: of two equally short texts the earlier unit is shown. */
static const struct unit byte_units[] = {
    {"B", 1, 1, 0},
    {"KiB", KIB, 1, 0},
    {"MiB", KIB *KIB, 1, 0},
    {"GiB", KIB *KIB *KIB, 1, 0},
    {"TiB", KIB *KIB *KIB *KIB, 1, 0},
    {"PiB", KIB *KIB *KIB *KIB *KIB, 1, 0},
    {"kB", 1000, 1, 0},
    {"MB", 1000000, 1, 0},
    {"GB", SECOND, 1, 0},
    {"TB", SECOND * 1000, 1, 0},
    {"PB", SECOND * 1000000, 1, 0},
    {NULL, 0, 0, 0},
};

static const struct unit time_units[] = {
    {"s", SECOND, 1, 0},         {"ms", 1000000, 1, 0},
    {"us", 1000, 1, 0},          {"ns", 1, 1, 0},
    {"min", SECOND * 60, 1, 0},  {"h", SECOND * 3600, 1, 0},
    {"d", SECOND * 86400, 1, 0}, {NULL, 0, 0, 0},
};

static const struct unit rate_units[] = {
    {"B/s", 1, 1, 0},          {"KiB/s", KIB, 1, 0},
    {"MiB/s", KIB *KIB, 1, 0}, {"GiB/s", KIB *KIB *KIB, 1, 0},
    {"kB/s", 1000, 1, 0},      {"MB/s", 1000000, 1, 0},
    {"GB/s", SECOND, 1, 0},    {"bps", 1, 8, 0},
    {"kbps", 125, 1, 0},       {"Mbps", 125000, 1, 0},
    {"Gbps", 125000000, 1, 0}, {"Tbps", INT64_C(125000000000), 1, 0},
    {NULL, 0, 0, 0},
};

static const struct unit iops_units[] = {
    {"/s", 1, 1, 0}, {"k/s", 1, 1, 3}, {"iops", 1, 1, 0}, {"kiops", 1, 1, 3}, {NULL, 0, 0, 0}};
static const struct unit share_units[] = {{"%", 1, 1, -2}, {NULL, 0, 0, 0}};
static const struct unit no_units[] = {{"", 1, 1, 0}, {NULL, 0, 0, 0}};

/* What is known of a type. */
struct type_info {
    const char *name;
    const struct unit *units;
    size_t base; /* unit of the canonical form */
    bool is_real;
    const char *units_shown;
    const char *example;
    const char *whole; /* "not a whole number ..." */
};

static const struct type_info type_info[] = {
    [GW_SETTING_BYTES] = {"size", byte_units, 0, false,
                          "B, KiB, MiB, GiB, TiB, PiB, kB, MB, GB, TB, PB", "256KiB", " of bytes"},
    [GW_SETTING_TIME] = {"time", time_units, 3, false, "ns, us, ms, s, min, h, d", "300ms",
                         " of nanoseconds"},
    [GW_SETTING_RATE] = {"rate", rate_units, 0, false,
                         "B/s, KiB/s, MiB/s, GiB/s, kB/s, MB/s, GB/s, bps, kbps, Mbps, Gbps, Tbps",
                         "800MB/s", " of bytes per second"},
    [GW_SETTING_IOPS] = {"IO rate", iops_units, 0, true, "/s, k/s, iops, kiops", "400/s", ""},
    [GW_SETTING_COUNT] = {"count", no_units, 0, false, "", "16", ""},
    [GW_SETTING_SHARE] = {"share", share_units, 0, true, "%", "30%", ""},
    [GW_SETTING_NUMBER] = {"number", no_units, 0, true, "", "0.99", ""},
    [GW_SETTING_FLAG] = {"flag", no_units, 0, false, "", "true", ""},
    [GW_SETTING_CHOICE] = {"choice", no_units, 0, false, "", "", ""},
    [GW_SETTING_TEXT] = {"text", no_units, 0, false, "", "", ""},
};

bool
gw_quantity_is_real(enum gw_setting_type type)
{
    return type_info[type].is_real;
}

const char *
gw_quantity_type_name(enum gw_setting_type type)
{
    return type_info[type].name;
}

const char *
gw_quantity_units(enum gw_setting_type type)
{
    return type_info[type].units_shown;
}

/* ---- reading ------------------------------------------------------------------------------------ */

/* A number as written: digits and a power of ten, both exact. */
struct decimal {
    bool negative;
    char digits[DIGITS_MAX + 1];
    size_t count;
    int exponent;
};

static bool
is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* Takes one digit in; leading zeros carry nothing. False: more digits than are kept. */
static bool
take_digit(struct decimal *out, char digit)
{
    if (out->count == 0 && digit == '0') {
        return true;
    }
    if (out->count == DIGITS_MAX) {
        return false;
    }
    out->digits[out->count++] = digit;
    return true;
}

static const char *
read_exponent(const char *at, struct decimal *out)
{
    const char *start;
    int value = 0;

    if (at[0] != 'e' && at[0] != 'E') {
        return at;
    }
    start = at + 1 + (at[1] == '-' || at[1] == '+');
    if (!is_digit(start[0])) {
        return at;
    }
    for (; is_digit(*start); start++) {
        value = value < EXPONENT_MAX ? value * 10 + (*start - '0') : EXPONENT_MAX;
    }
    value = value < EXPONENT_MAX ? value : EXPONENT_MAX;
    out->exponent += at[1] == '-' ? -value : value;
    return start;
}

/* First byte after the number, or NULL: no number, or one with too many digits. */
static const char *
read_decimal(const char *text, bool is_real, struct decimal *out)
{
    const char *at = text + (text[0] == '-' || text[0] == '+');
    bool fits = true;
    bool seen = is_digit(at[0]);

    *out = (struct decimal){.negative = text[0] == '-'};
    for (; is_digit(*at); at++) {
        fits = take_digit(out, *at) && fits;
    }
    if (seen && at[0] == '.' && is_digit(at[1])) {
        for (at++; is_digit(*at); at++) {
            fits = take_digit(out, *at) && fits;
            out->exponent--;
        }
    }
    if (!seen || !fits || strlen(text) > SHOWN_MAX) {
        return NULL;
    }
    while (out->count > 0 && out->digits[out->count - 1] == '0') {
        out->count--;
        out->exponent++;
    }
    out->digits[out->count] = '\0';
    return is_real ? read_exponent(at, out) : at;
}

static bool
same_letters(const char *a, const char *b)
{
    while (*a != '\0' && *b != '\0' && (*a | 0x20) == (*b | 0x20)) {
        a++;
        b++;
    }
    return *a == *b;
}

/* A unit that is wrong in a known way gets a hint. */
static bool
fail_unit(const struct type_info *info, const char *text, const char *unit, struct gw_error *err)
{
    static const char *const short_units[] = {"k", "m", "g", "t", "p", "kb", NULL};

    if (unit[0] == '\0') {
        return gw_fail(err, GW_EINVAL, "'%s' has no unit: a %s is written with one of %s", text,
                       info->name, info->units_shown);
    }
    if (info->units == no_units) {
        return gw_fail(err, GW_EINVAL, "'%.*s' is not a %s: expected a bare number such as %s",
                       SHOWN_MAX, text, info->name, info->example);
    }
    for (size_t i = 0; info->units == byte_units && short_units[i] != NULL; i++) {
        if (same_letters(unit, short_units[i])) {
            int letter = unit[0] & ~0x20;

            return gw_fail(err, GW_EINVAL,
                           "ambiguous unit '%s' in '%s': write %ciB (powers of 1024) or %cB "
                           "(powers of 1000)",
                           unit, text, letter, letter == 'K' ? 'k' : letter);
        }
    }
    for (const struct unit *known = info->units; known->name != NULL; known++) {
        if (same_letters(unit, known->name)) {
            return gw_fail(err, GW_EINVAL, "unknown unit '%s' in '%s': did you mean '%s'?", unit,
                           text, known->name);
        }
    }
    return gw_fail(err, GW_EINVAL, "unknown unit '%.*s' in '%.*s': a %s is written with one of %s",
                   SHOWN_MAX, unit, SHOWN_MAX, text, info->name, info->units_shown);
}

static bool
fail_large(const struct type_info *info, const char *text, struct gw_error *err)
{
    return gw_fail(err, GW_EINVAL, "'%s' is too large: at most %" PRId64 "%s", text, INT64_MAX,
                   info->units[info->base].name);
}

/* Divides value * numerator by a prime; false: it does not come out even. */
static bool
divide(gw_u128 *value, uint64_t *numerator, unsigned int prime)
{
    if (*value % prime == 0) {
        *value /= prime;
        return true;
    }
    if (*numerator % prime != 0) {
        return false;
    }
    *numerator /= prime;
    return true;
}

static bool
fail_uneven(const struct type_info *info, const char *text, struct gw_error *err)
{
    return gw_fail(err, GW_EINVAL, "'%s' is not a whole number%s", text, info->whole);
}

/* number * unit in 128 bits: first all divisions, which must come out even, then the product. */
static bool
whole_value(const struct type_info *info, const struct decimal *number, const struct unit *unit,
            const char *text, union gw_quantity *out, struct gw_error *err)
{
    const gw_u128 most = (gw_u128)INT64_MAX + (number->negative ? 1 : 0);
    uint64_t numerator = (uint64_t)unit->numerator;
    gw_u128 value = 0;

    for (size_t i = 0; i < number->count; i++) {
        value *= 10;
        value += (unsigned int)(number->digits[i] - '0');
    }
    for (int i = 0; i < number->exponent && value <= most; i++) {
        value *= 10;
    }
    for (int64_t rest = unit->denominator; rest > 1; rest /= 2) {
        if (!divide(&value, &numerator, 2)) {
            return fail_uneven(info, text, err);
        }
    }
    for (int i = number->exponent; i < 0; i++) {
        if (!divide(&value, &numerator, 2) || !divide(&value, &numerator, 5)) {
            return fail_uneven(info, text, err);
        }
    }
    if (value > most / numerator) {
        return fail_large(info, text, err);
    }
    value *= numerator;
    out->whole = number->negative ? (int64_t)(0 - (uint64_t)value) : (int64_t)value;
    return true;
}

static bool
real_value(const struct decimal *number, const struct unit *unit, const char *text,
           union gw_quantity *out, struct gw_error *err)
{
    char exact[DIGITS_MAX + 32];
    double value;

    snprintf(exact, sizeof exact, "%s%se%d", number->negative ? "-" : "",
             number->count == 0 ? "0" : number->digits, number->exponent + unit->exponent);
    value = strtod(exact, NULL);
    if (value - value != 0) {
        return gw_fail(err, GW_EINVAL, "'%s' is too large", text);
    }
    out->real = number->count == 0 ? 0 : value;
    return true;
}

static bool
parse_flag(const char *text, union gw_quantity *out, struct gw_error *err)
{
    out->whole = strcmp(text, "true") == 0;
    if (out->whole == 0 && strcmp(text, "false") != 0) {
        return gw_fail(err, GW_EINVAL, "'%.*s' is not a flag: expected true or false", SHOWN_MAX,
                       text);
    }
    return true;
}

bool
gw_quantity_parse(enum gw_setting_type type, const char *text, union gw_quantity *out,
                  struct gw_error *err)
{
    const struct type_info *info = &type_info[type];
    struct decimal number;
    const char *at;

    gw_assert(type != GW_SETTING_CHOICE && type != GW_SETTING_TEXT);
    if (type == GW_SETTING_FLAG) {
        return parse_flag(text, out, err);
    }
    at = read_decimal(text, info->is_real, &number);
    if (at == NULL) {
        return gw_fail(err, GW_EINVAL, "'%.*s' is not a %s: expected a value such as %s", SHOWN_MAX,
                       text, info->name, info->example);
    }
    at += at[0] == ' ' && at[1] != '\0';
    for (const struct unit *unit = info->units; unit->name != NULL; unit++) {
        if (strcmp(unit->name, at) != 0) {
            continue;
        }
        return info->is_real ? real_value(&number, unit, text, out, err)
                             : whole_value(info, &number, unit, text, out, err);
    }
    return fail_unit(info, text, at, err);
}

/* ---- writing ------------------------------------------------------------------------------------ */

static void
format_whole(const struct type_info *info, int64_t value, enum gw_quantity_style style,
             char out[GW_QUANTITY_TEXT_MAX])
{
    size_t shortest;

    snprintf(out, GW_QUANTITY_TEXT_MAX, "%" PRId64 "%s", value, info->units[info->base].name);
    if (style == GW_QUANTITY_CANONICAL) {
        return;
    }
    shortest = value == 0 ? GW_QUANTITY_TEXT_MAX : strlen(out);
    for (const struct unit *unit = info->units; unit->name != NULL; unit++) {
        gw_i128 scaled = (gw_i128)value * unit->denominator;
        char text[GW_QUANTITY_TEXT_MAX];

        if (scaled % unit->numerator != 0 || scaled / unit->numerator > INT64_MAX ||
            scaled / unit->numerator < INT64_MIN) {
            continue;
        }
        snprintf(text, sizeof text, "%" PRId64 "%s", (int64_t)(scaled / unit->numerator),
                 unit->name);
        if (strlen(text) < shortest) {
            shortest = strlen(text);
            memcpy(out, text, shortest + 1);
        }
    }
}

/* Shortest digits that read back to value, and the power of ten of the first one. */
static int
shortest_digits(double value, char digits[32])
{
    char text[40];
    size_t count = 0;

    for (int precision = 0; precision <= 16; precision++) {
        snprintf(text, sizeof text, "%.*e", precision, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    for (const char *at = text; *at != 'e'; at++) {
        if (is_digit(*at)) {
            digits[count++] = *at;
        }
    }
    while (count > 1 && digits[count - 1] == '0') {
        count--;
    }
    digits[count] = '\0';
    return (int)strtol(strchr(text, 'e') + 1, NULL, 10);
}

static void
format_real(const struct type_info *info, double value, char out[GW_QUANTITY_TEXT_MAX])
{
    const struct unit *unit = &info->units[0];
    const char *sign = value < 0 ? "-" : "";
    char digits[32];
    int power = shortest_digits(value, digits) - unit->exponent;
    int count = (int)strlen(digits);

    if (value == 0) {
        snprintf(out, GW_QUANTITY_TEXT_MAX, "0%s", unit->name);
    } else if (power < -6 || power > 17) {
        snprintf(out, GW_QUANTITY_TEXT_MAX, "%s%c%s%se%d%s", sign, digits[0], count > 1 ? "." : "",
                 digits + 1, power, unit->name);
    } else if (power < 0) {
        snprintf(out, GW_QUANTITY_TEXT_MAX, "%s0.%.*s%s%s", sign, -power - 1, "000000", digits,
                 unit->name);
    } else if (power >= count - 1) {
        snprintf(out, GW_QUANTITY_TEXT_MAX, "%s%s%.*s%s", sign, digits, power - count + 1,
                 "00000000000000000", unit->name);
    } else {
        snprintf(out, GW_QUANTITY_TEXT_MAX, "%s%.*s.%s%s", sign, power + 1, digits,
                 digits + power + 1, unit->name);
    }
}

void
gw_quantity_format(enum gw_setting_type type, union gw_quantity value, enum gw_quantity_style style,
                   char out[GW_QUANTITY_TEXT_MAX])
{
    const struct type_info *info = &type_info[type];

    if (type == GW_SETTING_FLAG) {
        snprintf(out, GW_QUANTITY_TEXT_MAX, "%s", value.whole != 0 ? "true" : "false");
        return;
    }
    if (info->is_real) {
        format_real(info, value.real, out);
        return;
    }
    format_whole(info, value.whole, style, out);
}
