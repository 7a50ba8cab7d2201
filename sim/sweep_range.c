/* sweep_range.c - values between two ends.
 *
 * Idea      The ends say the type by their units. Linear steps of whole types are computed in 128
 *           bits; everything else goes through doubles of which twelve digits are kept, so that
 *           0%..30% in four steps has 10% and not 9.999999999999998%.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/sweep_range.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/variate.h"
#include "base/wide.h"

enum { COUNT_MAX = 100000, SHOWN_MAX = 60, WORD_MAX = 63, WORDS_MAX = 8 };

#define WHOLE_MOST 0x1p62 /* of whole values in doubles: far from overflow */

static double
number_of(const struct gw_sweep_range *range, union gw_quantity quantity)
{
    return gw_quantity_is_real(range->type) ? quantity.real : (double)quantity.whole;
}

/* ---- reading ------------------------------------------------------------------------------------ */

static bool
parse_as(enum gw_setting_type type, const struct gw_sweep_range_words *words,
         struct gw_sweep_range *range)
{
    range->type = type;
    range->by = (union gw_quantity){0};
    return gw_quantity_parse(type, words->from, &range->from, NULL) &&
           gw_quantity_parse(type, words->to, &range->to, NULL) &&
           (words->by == NULL || gw_quantity_parse(type, words->by, &range->by, NULL));
}

/* "1.0..2.0" is about fractions, although both ends are whole. */
static bool
has_point(const struct gw_sweep_range_words *words)
{
    return strchr(words->from, '.') != NULL || strchr(words->to, '.') != NULL;
}

static bool
find_type(const struct gw_sweep_range_words *words, struct gw_sweep_range *range,
          struct gw_error *err)
{
    static const enum gw_setting_type types[] = {
        GW_SETTING_COUNT, GW_SETTING_NUMBER, GW_SETTING_BYTES, GW_SETTING_TIME,
        GW_SETTING_RATE,  GW_SETTING_IOPS,   GW_SETTING_SHARE};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if ((types[i] != GW_SETTING_COUNT || !has_point(words)) &&
            parse_as(types[i], words, range)) {
            return true;
        }
    }
    return gw_fail(err, GW_EINVAL,
                   "'%.*s' to '%.*s'%s%.*s is no range: its numbers must be of one kind, such as"
                   " 1..64, 0.5..2.0, 4KiB..64KiB, 1ms..1s, 1Gbps..10Gbps or 0%%..30%%",
                   SHOWN_MAX, words->from, SHOWN_MAX, words->to, words->by == NULL ? "" : " by ",
                   SHOWN_MAX, words->by == NULL ? "" : words->by);
}

/* Values of a linear range that `by` spaces. */
static size_t
count_by(const struct gw_sweep_range *range)
{
    double count =
        (number_of(range, range->to) - number_of(range, range->from)) / number_of(range, range->by);

    return count >= COUNT_MAX ? COUNT_MAX + 1 : (size_t)(count + 1e-9) + 1;
}

static bool
set_count(const struct gw_sweep_range_words *words, struct gw_sweep_range *range,
          struct gw_error *err)
{
    union gw_quantity steps = {0};

    range->count = 0;
    range->is_spaced = words->steps == NULL && words->by != NULL && !words->is_log;
    if (words->steps != NULL) {
        if (!gw_quantity_parse(GW_SETTING_COUNT, words->steps, &steps, err)) {
            return gw_fail_within(err, "steps");
        }
        range->count = steps.whole < 0 || steps.whole > COUNT_MAX ? 0 : (size_t)steps.whole;
        if (range->count < 2) {
            return gw_fail(err, GW_EINVAL, "%.*s steps: must be 2 to %d", SHOWN_MAX, words->steps,
                           COUNT_MAX);
        }
    } else if (range->is_spaced) {
        range->count = count_by(range);
        if (range->count > COUNT_MAX) {
            return gw_fail(err, GW_EINVAL, "more than %d values", COUNT_MAX);
        }
    }
    return true;
}

/* Rounding may make two steps one. */
static bool
check_distinct(const struct gw_sweep_range *range, struct gw_error *err)
{
    char before[GW_QUANTITY_TEXT_MAX] = "";
    char now[GW_QUANTITY_TEXT_MAX];

    for (size_t i = 0; i < range->count; i++) {
        gw_sweep_range_value(range, i, now);
        if (strcmp(before, now) == 0) {
            return gw_fail(err, GW_EINVAL,
                           "two of the %zu steps are %s: ask for fewer, or write the ends with a"
                           " point (1.0) if fractions are meant",
                           range->count, now);
        }
        memcpy(before, now, sizeof before);
    }
    return true;
}

bool
gw_sweep_range_make(const struct gw_sweep_range_words *words, struct gw_sweep_range *range,
                    struct gw_error *err)
{
    range->is_log = words->is_log;
    if (!find_type(words, range, err)) {
        return false;
    }
    if (number_of(range, range->from) >= number_of(range, range->to)) {
        return gw_fail(err, GW_EINVAL, "%.*s..%.*s: the first end must be below the second",
                       SHOWN_MAX, words->from, SHOWN_MAX, words->to);
    }
    if (range->is_log && number_of(range, range->from) <= 0.0) {
        return gw_fail(err, GW_EINVAL, "%.*s..%.*s: a log scale begins above 0", SHOWN_MAX,
                       words->from, SHOWN_MAX, words->to);
    }
    if (!gw_quantity_is_real(range->type) &&
        (number_of(range, range->from) < -WHOLE_MOST || number_of(range, range->to) > WHOLE_MOST)) {
        return gw_fail(err, GW_EINVAL, "%.*s..%.*s: too large", SHOWN_MAX, words->from, SHOWN_MAX,
                       words->to);
    }
    if (words->by != NULL && number_of(range, range->by) <= 0.0) {
        return gw_fail(err, GW_EINVAL, "by %.*s: must be more than 0", SHOWN_MAX, words->by);
    }
    return set_count(words, range, err) && check_distinct(range, err);
}

bool
gw_sweep_range_is_short(const char *text)
{
    const char *dots = strstr(text, "..");

    return dots != NULL && isdigit((unsigned char)text[text[0] == '-' || text[0] == '+']) != 0;
}

static bool
fail_word(const char *word, struct gw_error *err)
{
    return gw_fail(err, GW_EINVAL,
                   "'%.*s' in a range: expected FROM..TO [xSTEPS] [by STEP] [log], such as"
                   " 1..64 x7 log",
                   SHOWN_MAX, word);
}

/* Takes the words after the ends; they are separated by NULs from `at` to `end`. */
static bool
take_words(char *at, const char *end, struct gw_sweep_range_words *words, struct gw_error *err)
{
    for (; at < end; at += strlen(at) + 1) {
        bool is_by = strcmp(at, "by") == 0;

        if (strcmp(at, "log") == 0 && !words->is_log) {
            words->is_log = true;
        } else if (at[0] == 'x' && words->steps == NULL) {
            words->steps = at + 1;
        } else if (is_by && at + 3 < end && words->by == NULL) {
            for (at += 3; at < end - 1 && *at == '\0';) {
                at++;
            }
            words->by = at;
        } else if (at[0] != '\0') {
            return fail_word(at, err);
        }
    }
    return true;
}

bool
gw_sweep_range_parse(const char *text, struct gw_sweep_range *range, struct gw_error *err)
{
    struct gw_sweep_range_words words = {0};
    char *copy = strdup(text);
    char *dots = copy == NULL ? NULL : strstr(copy, "..");
    bool fine = dots != NULL;

    if (copy == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory");
    }
    if (!fine) {
        fail_word(text, err);
    } else {
        char *end = copy + strlen(copy);

        for (char *at = dots; *at != '\0'; at++) {
            *at = *at == ' ' ? '\0' : *at;
        }
        dots[0] = '\0';
        words.from = copy;
        words.to = dots + 2;
        fine = take_words(dots + 2 + strlen(dots + 2), end, &words, err) &&
               gw_sweep_range_make(&words, range, err);
    }
    free(copy);
    return fine;
}

/* ---- values ------------------------------------------------------------------------------------- */

/* Twelve digits of it. */
static double
cleaned(double value)
{
    char text[40];

    snprintf(text, sizeof text, "%.11e", value);
    return strtod(text, NULL);
}

static int64_t
rounded(double value)
{
    return value < 0.0 ? -(int64_t)(0.5 - value) : (int64_t)(value + 0.5);
}

static union gw_quantity
spaced(const struct gw_sweep_range *range, int64_t steps)
{
    union gw_quantity out;

    if (gw_quantity_is_real(range->type)) {
        out.real = cleaned(range->from.real + (double)steps * range->by.real);
    } else {
        out.whole = range->from.whole + steps * range->by.whole;
    }
    return out;
}

/* The nearest of from, from + by, ... that is not above to. */
static union gw_quantity
snapped(const struct gw_sweep_range *range, union gw_quantity value)
{
    double by = number_of(range, range->by);
    int64_t most;
    int64_t steps;

    if (by <= 0.0) {
        return value;
    }
    most = (int64_t)((number_of(range, range->to) - number_of(range, range->from)) / by + 1e-9);
    steps = rounded((number_of(range, value) - number_of(range, range->from)) / by);
    return spaced(range, steps > most ? most : steps);
}

/* Without `by`. */
static union gw_quantity
between(const struct gw_sweep_range *range, double share)
{
    union gw_quantity out;
    double from = number_of(range, range->from);
    double to = number_of(range, range->to);
    double value = range->is_log ? gw_exp(gw_log(from) + (gw_log(to) - gw_log(from)) * share)
                                 : from + (to - from) * share;

    if (share <= 0.0) {
        return range->from;
    }
    if (share >= 1.0) {
        return range->to;
    }
    if (gw_quantity_is_real(range->type)) {
        out.real = cleaned(value);
        return out;
    }
    out.whole = rounded(value);
    out.whole = out.whole < range->from.whole ? range->from.whole : out.whole;
    out.whole = out.whole > range->to.whole ? range->to.whole : out.whole;
    return out;
}

void
gw_sweep_range_value(const struct gw_sweep_range *range, size_t index,
                     char out[GW_QUANTITY_TEXT_MAX])
{
    union gw_quantity value;
    size_t last = range->count > 1 ? range->count - 1 : 1;

    gw_assert(index < range->count);
    if (range->is_spaced) {
        value = spaced(range, (int64_t)index);
    } else if (!gw_quantity_is_real(range->type) && !range->is_log && range->by.whole == 0) {
        gw_i128 span = (gw_i128)range->to.whole - range->from.whole;

        value.whole = range->from.whole + (int64_t)((span * (gw_i128)index + last / 2) / last);
    } else {
        value = snapped(range, between(range, (double)index / (double)last));
    }
    gw_quantity_format(range->type, value, GW_QUANTITY_SHOWN, out);
}

void
gw_sweep_range_value_at(const struct gw_sweep_range *range, double share,
                        char out[GW_QUANTITY_TEXT_MAX])
{
    size_t index = (size_t)(share * (double)range->count);

    if (range->count > 0) {
        gw_sweep_range_value(range, index < range->count ? index : range->count - 1, out);
        return;
    }
    gw_quantity_format(range->type, snapped(range, between(range, share)), GW_QUANTITY_SHOWN, out);
}
