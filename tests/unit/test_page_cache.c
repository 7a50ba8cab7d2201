/* test_page_cache.c - pins: the mapping of pages to slots, the age rule with both its borders, and
 * what create refuses; against a table kept by hand. Does not pin: the contents (memory port).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "algorithms/page_cache.h"
#include "base/memory.h"
#include "base/random.h"

static struct gw_page_cache cache;

static void
make(int64_t slots)
{
    assert_true(gw_page_cache_create(&cache, slots * GW_PAGE_BYTES, NULL));
}

static void
test_sizes(void **state)
{
    static const int64_t wrong[] = {-4096, 0, 1, 2048, 4097, 12288, INT64_MAX};
    struct gw_error err;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(gw_page_cache_create(&cache, wrong[i], &err));
        assert_int_equal(err.code, GW_EINVAL);
        gw_page_cache_destroy(&cache);
    }
    make(1);
    assert_int_equal(cache.count, 1);
    gw_page_cache_destroy(&cache);
}

static void
test_empty_slots_hit_nothing(void **state)
{
    (void)state;
    make(8);
    for (uint64_t page = 0; page < 16; page++) {
        assert_false(gw_page_cache_hit(&cache, page, 0));
    }
    for (uint64_t page = 0; page < 8; page++) {
        assert_true(gw_page_cache_insert(&cache, page, 0));
    }
    gw_page_cache_destroy(&cache);
}

/* A page touched in generation 5 is safe in 5 and 6, and goes in 7. */
static void
test_age_rule(void **state)
{
    (void)state;
    make(8);
    assert_true(gw_page_cache_insert(&cache, 3, 5));
    assert_false(gw_page_cache_insert(&cache, 11, 5));
    assert_false(gw_page_cache_insert(&cache, 11, 6));
    assert_true(gw_page_cache_insert(&cache, 4, 6));
    assert_true(gw_page_cache_insert(&cache, 11, 7));
    assert_false(gw_page_cache_hit(&cache, 3, 7));
    assert_true(gw_page_cache_hit(&cache, 11, 8));
    assert_false(gw_page_cache_insert(&cache, 3, 9));
    assert_true(gw_page_cache_insert(&cache, 11, 9));
    assert_false(gw_page_cache_insert(&cache, 3, 10));
    assert_true(gw_page_cache_insert(&cache, 3, 11));
    gw_page_cache_destroy(&cache);
}

static void
test_against_a_table(void **state)
{
    enum { SLOTS = 16, PAGES = 80 };
    int64_t touched[PAGES], generation = 0;
    struct gw_stream dice;

    (void)state;
    gw_stream_open(&dice, 1, 0, "test.cache", 0);
    for (int i = 0; i < PAGES; i++) {
        touched[i] = -1;
    }
    make(SLOTS);
    for (int step = 0; step < 100000; step++) {
        uint64_t page = gw_stream_below(&dice, PAGES);
        bool fits = true;

        generation += gw_stream_below(&dice, 20) == 0;
        if (gw_stream_below(&dice, 2) == 0) {
            assert_int_equal(gw_page_cache_hit(&cache, page, generation), touched[page] >= 0);
            touched[page] = touched[page] >= 0 ? generation : -1;
            continue;
        }
        for (uint64_t other = page % SLOTS; other < PAGES; other += SLOTS) {
            fits =
                fits && (other == page || touched[other] < 0 || touched[other] <= generation - 2);
        }
        assert_int_equal(gw_page_cache_insert(&cache, page, generation), fits);
        for (uint64_t other = page % SLOTS; fits && other < PAGES; other += SLOTS) {
            touched[other] = other == page ? generation : -1;
        }
    }
    gw_page_cache_destroy(&cache);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_empty_slots_hit_nothing),
        cmocka_unit_test(test_age_rule),
        cmocka_unit_test(test_against_a_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
