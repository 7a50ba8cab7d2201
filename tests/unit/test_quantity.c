/* test_quantity.c - pins: units and their values, exactness, refusals with their hints, and that
 * every formatted value is read back bit by bit. Does not pin: the wording beyond its key words.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/quantity.h"

enum { RANDOM_VALUES = 20000 };

struct whole_case {
    enum gw_setting_type type;
    const char *text;
    int64_t value;
};

static void
whole_values(void **state)
{
    static const struct whole_case cases[] = {
        {GW_SETTING_BYTES, "0B", 0},
        {GW_SETTING_BYTES, "256KiB", 262144},
        {GW_SETTING_BYTES, "256 KiB", 262144},
        {GW_SETTING_BYTES, "8kB", 8000},
        {GW_SETTING_BYTES, "1.5GiB", 1610612736},
        {GW_SETTING_BYTES, "0.0009765625KiB", 1},
        {GW_SETTING_BYTES, "0.00000000000363797880709171295166015625TiB", 4},
        {GW_SETTING_BYTES, "9223372036854775807B", INT64_MAX},
        {GW_SETTING_BYTES, "-9223372036854775808B", INT64_MIN},
        {GW_SETTING_BYTES, "000000000000000000000000000000000000000000001B", 1},
        {GW_SETTING_BYTES, "-1kB", -1000},
        {GW_SETTING_TIME, "300ms", 300000000},
        {GW_SETTING_TIME, "2h", INT64_C(7200000000000)},
        {GW_SETTING_TIME, "1min", INT64_C(60000000000)},
        {GW_SETTING_TIME, "0.5ns", -1},
        {GW_SETTING_RATE, "8Gbps", 1000000000},
        {GW_SETTING_RATE, "16bps", 2},
        {GW_SETTING_RATE, "800MB/s", 800000000},
        {GW_SETTING_RATE, "64MiB/s", 67108864},
        {GW_SETTING_COUNT, "16", 16},
        {GW_SETTING_COUNT, "16.0", 16},
        {GW_SETTING_FLAG, "true", 1},
        {GW_SETTING_FLAG, "false", 0},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        union gw_quantity value = {.whole = -1};
        struct gw_error err = {.code = GW_OK};
        bool fine = gw_quantity_parse(cases[i].type, cases[i].text, &value, &err);

        assert_int_equal(value.whole, cases[i].value);
        assert_int_equal(fine, strcmp(cases[i].text, "0.5ns") != 0);
    }
}

static void
real_values(void **state)
{
    union gw_quantity value;
    (void)state;

    assert_true(gw_quantity_parse(GW_SETTING_SHARE, "30%", &value, NULL));
    assert_true(value.real == 0.3);
    assert_true(gw_quantity_parse(GW_SETTING_SHARE, "0.5%", &value, NULL));
    assert_true(value.real == 0.005);
    assert_true(gw_quantity_parse(GW_SETTING_IOPS, "12k/s", &value, NULL));
    assert_true(value.real == 12000);
    assert_true(gw_quantity_parse(GW_SETTING_IOPS, "4000iops", &value, NULL));
    assert_true(value.real == 4000);
    assert_true(gw_quantity_parse(GW_SETTING_NUMBER, "-1.5e-3", &value, NULL));
    assert_true(value.real == -0.0015);
    assert_true(gw_quantity_parse(GW_SETTING_NUMBER, "0.99", &value, NULL));
    assert_true(value.real == 0.99);
}

struct refusal {
    enum gw_setting_type type;
    const char *text;
    const char *says;
};

static void
refusals(void **state)
{
    static const struct refusal cases[] = {
        {GW_SETTING_BYTES, "64K", "KiB (powers of 1024) or kB"},
        {GW_SETTING_BYTES, "64k", "KiB"},
        {GW_SETTING_BYTES, "64KB", "kB (powers of 1000)"},
        {GW_SETTING_BYTES, "64G", "GiB"},
        {GW_SETTING_BYTES, "64", "has no unit"},
        {GW_SETTING_BYTES, "64", "KiB"},
        {GW_SETTING_BYTES, "64kib", "did you mean 'KiB'"},
        {GW_SETTING_BYTES, "64ms", "unknown unit 'ms'"},
        {GW_SETTING_BYTES, "1.3B", "not a whole number of bytes"},
        {GW_SETTING_BYTES, "9223372036854775808B", "too large"},
        {GW_SETTING_BYTES, "-9223372036854775809B", "too large"},
        {GW_SETTING_BYTES, "340282366920938463463374607431768211456PiB", "is not a size"},
        {GW_SETTING_BYTES, "34028236692093846346337460743176821PiB", "too large"},
        {GW_SETTING_BYTES, "", "is not a size"},
        {GW_SETTING_BYTES, "KiB", "is not a size"},
        {GW_SETTING_BYTES, "1..5KiB", "unknown unit"},
        {GW_SETTING_BYTES, "0x10B", "unknown unit"},
        {GW_SETTING_BYTES, "1e3B", "unknown unit"},
        {GW_SETTING_BYTES, "1 ", "unknown unit"},
        {GW_SETTING_BYTES, "1B ", "unknown unit"},
        {GW_SETTING_TIME, "5m", "unknown unit 'm'"},
        {GW_SETTING_TIME, "1.0000000001s", "nanoseconds"},
        {GW_SETTING_TIME, "999999d999", "unknown unit"},
        {GW_SETTING_RATE, "1bps", "not a whole number of bytes per second"},
        {GW_SETTING_RATE, "8Gb/s", "did you mean 'GB/s'"},
        {GW_SETTING_SHARE, "0.3", "has no unit"},
        {GW_SETTING_COUNT, "1.5", "not a whole number"},
        {GW_SETTING_COUNT, "16KiB", "bare number"},
        {GW_SETTING_NUMBER, "nan", "is not a number"},
        {GW_SETTING_NUMBER, "inf", "is not a number"},
        {GW_SETTING_NUMBER, "1e999", "too large"},
        {GW_SETTING_FLAG, "yes", "true or false"},
        {GW_SETTING_IOPS, "4000", "kiops"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        union gw_quantity value;
        struct gw_error err = {.code = GW_OK};

        assert_false(gw_quantity_parse(cases[i].type, cases[i].text, &value, &err));
        assert_int_equal(err.code, GW_EINVAL);
        if (strstr(err.message, cases[i].says) == NULL) {
            fail_msg("'%s' says: %s", cases[i].text, err.message);
        }
    }
}

/* A fixed linear congruence: this test needs variety, not quality. */
static uint64_t
next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed ^ *seed >> 29;
}

static void
check_round_trip(enum gw_setting_type type, union gw_quantity value)
{
    for (int style = GW_QUANTITY_SHOWN; style <= GW_QUANTITY_CANONICAL; style++) {
        char text[GW_QUANTITY_TEXT_MAX];
        union gw_quantity again = {0};
        struct gw_error err = {.code = GW_OK};

        gw_quantity_format(type, value, (enum gw_quantity_style)style, text);
        if (!gw_quantity_parse(type, text, &again, &err)) {
            fail_msg("%s: %s", text, err.message);
        }
        if (memcmp(&again, &value, sizeof value) != 0) {
            fail_msg("'%s' does not round-trip", text);
        }
    }
}

static void
whole_round_trips(void **state)
{
    static const enum gw_setting_type types[] = {GW_SETTING_BYTES, GW_SETTING_TIME, GW_SETTING_RATE,
                                                 GW_SETTING_COUNT};
    static const int64_t corners[] = {0, 1, -1, INT64_MAX, INT64_MIN, 1000, 1024, 3600000000000};
    uint64_t seed = 1;
    (void)state;

    for (size_t t = 0; t < sizeof types / sizeof types[0]; t++) {
        for (size_t i = 0; i < sizeof corners / sizeof corners[0]; i++) {
            check_round_trip(types[t], (union gw_quantity){.whole = corners[i]});
        }
        for (int i = 0; i < RANDOM_VALUES; i++) {
            uint64_t bits = next_random(&seed) >> (next_random(&seed) % 64);

            bits = bits << (next_random(&seed) % 20);
            check_round_trip(types[t], (union gw_quantity){.whole = (int64_t)bits});
        }
    }
}

static void
real_round_trips(void **state)
{
    static const enum gw_setting_type types[] = {GW_SETTING_SHARE, GW_SETTING_IOPS,
                                                 GW_SETTING_NUMBER};
    uint64_t seed = 2;
    (void)state;

    for (int i = 0; i < RANDOM_VALUES; i++) {
        uint64_t bits = next_random(&seed);
        union gw_quantity value;

        memcpy(&value.real, &bits, sizeof bits);
        if (value.real - value.real != 0 || value.real == 0 || value.real > 1e300 ||
            value.real < -1e300) {
            value.real = (double)(bits >> 11) * 0x1p-53;
        }
        check_round_trip(types[i % 3], value);
        value.real = (double)(bits % 10000) / 10000;
        check_round_trip(types[i % 3], value);
    }
}

static void
shown_as_people_write(void **state)
{
    static const struct whole_case cases[] = {
        {GW_SETTING_BYTES, "256KiB", 262144},    {GW_SETTING_BYTES, "8kB", 8000},
        {GW_SETTING_BYTES, "38GB", 38000000000}, {GW_SETTING_BYTES, "0B", 0},
        {GW_SETTING_TIME, "300ms", 300000000},   {GW_SETTING_TIME, "0s", 0},
        {GW_SETTING_TIME, "4h", 14400000000000}, {GW_SETTING_TIME, "90s", 90000000000},
        {GW_SETTING_RATE, "1GB/s", 1000000000},  {GW_SETTING_RATE, "0B/s", 0},
        {GW_SETTING_BYTES, "-1KiB", -1024},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[GW_QUANTITY_TEXT_MAX];

        gw_quantity_format(cases[i].type, (union gw_quantity){.whole = cases[i].value},
                           GW_QUANTITY_SHOWN, text);
        assert_string_equal(text, cases[i].text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_values),     cmocka_unit_test(real_values),
        cmocka_unit_test(refusals),         cmocka_unit_test(whole_round_trips),
        cmocka_unit_test(real_round_trips), cmocka_unit_test(shown_as_people_write),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
