/* test_oracle.c - pins the judge: every legal read is accepted and each kind of wrong read is
 * rejected (stale, lost, of another place, garbage, the future of another granule), failed writes
 * are not judged, and disks are compared with what the guest is owed.
 * Does not pin: races that the judge lets pass on purpose (a granule whose last write was
 * acknowledged while the read was under way may hold anything).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/oracle.h"

enum { GRANULE = 4096, GRANULES = 128 };

static struct gw_oracle *oracle;

static int
set_up(void **state)
{
    (void)state;
    oracle = calloc(1, sizeof *oracle);
    assert_non_null(oracle);
    oracle->image = calloc(2, sizeof *oracle->image);
    oracle->disk_count = 2;
    oracle->granule_bytes = GRANULE;
    assert_true(gw_image_create(&oracle->image[0], GRANULES, 0, GW_IMAGE_INITIAL, NULL));
    assert_true(gw_image_create(&oracle->image[1], GRANULES, GRANULES, GW_IMAGE_INITIAL, NULL));
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    gw_image_destroy(&oracle->image[0]);
    gw_image_destroy(&oracle->image[1]);
    free(oracle->image);
    free(oracle);
    return 0;
}

static struct gw_extent
granules(int64_t first, int64_t count)
{
    return (struct gw_extent){first * GRANULE, count * GRANULE};
}

/* A write of one granule of disk 0 that was acknowledged at a moment. */
static uint32_t
wrote(int64_t granule, int64_t at_ns)
{
    uint32_t identity = gw_oracle_new_write(oracle);

    gw_oracle_acknowledge(oracle, 0, granules(granule, 1), GW_IO_WRITE, identity, at_ns);
    return identity;
}

/* Whether a read of one granule of disk 0 that began at began_ns may return `identity`. */
static bool
accepts(int64_t granule, uint32_t identity, int64_t began_ns)
{
    int64_t wrong = oracle->reads_wrong;

    gw_oracle_check_read(oracle, 0, granules(granule, 1), &identity, began_ns);
    return oracle->reads_wrong == wrong;
}

static void
untouched_granules(void **state)
{
    (void)state;
    assert_true(accepts(5, GW_ID_INITIAL | 5, 10));
    assert_false(accepts(5, GW_ID_INITIAL | 6, 10));
    assert_false(accepts(5, GW_ID_ZERO, 10));
    assert_false(accepts(5, GW_ID_GARBAGE, 10));
    assert_false(accepts(5, GW_ID_INITIAL | (GRANULES + 5), 10)); /* of the other disk */
    assert_int_equal(oracle->reads_checked, 5);
    assert_int_equal(oracle->reads_wrong, 4);
}

static void
acknowledged_before_the_read(void **state)
{
    uint32_t old = wrote(5, 10), new = wrote(5, 20), other = wrote(6, 20);

    (void)state;
    assert_true(accepts(5, new, 21));
    assert_false(accepts(5, old, 21));               /* stale */
    assert_false(accepts(5, GW_ID_INITIAL | 5, 21)); /* lost */
    assert_false(accepts(5, GW_ID_ZERO, 21));
    assert_false(accepts(5, GW_ID_GARBAGE, 21));
    assert_false(accepts(5, other, 21)); /* of another place */
}

static void
acknowledged_during_the_read(void **state)
{
    uint32_t old = wrote(5, 10), new = wrote(5, 20);

    (void)state;
    assert_true(accepts(5, old, 15));
    assert_true(accepts(5, new, 15));
    assert_true(accepts(5, new, 20));
    assert_true(accepts(5, old, 20));
    assert_false(accepts(5, old, 21));
}

static void
under_way_during_the_read(void **state)
{
    uint32_t old = wrote(5, 10), pending = gw_oracle_new_write(oracle);

    (void)state;
    assert_true(accepts(5, old, 15));
    assert_true(accepts(5, pending, 15));
}

/* The judge forgets when a write was acknowledged after 65536 more; then it is strict. */
static void
a_forgotten_write_is_judged_strictly(void **state)
{
    uint32_t old = wrote(5, 10), new = wrote(5, 1000);

    (void)state;
    assert_true(accepts(5, old, 500));
    for (int i = 0; i < GW_ORACLE_MEMORY; i++) {
        gw_oracle_new_write(oracle);
    }
    assert_false(accepts(5, old, 500));
    assert_true(accepts(5, new, 500));
}

static void
one_wrong_granule_spoils_a_read(void **state)
{
    uint32_t seen[4];

    (void)state;
    gw_image_read(&oracle->image[1], 62, 4, seen);
    gw_oracle_check_read(oracle, 1, granules(62, 4), seen, 5);
    assert_int_equal(oracle->reads_wrong, 0);
    seen[3] = GW_ID_INITIAL | 3;
    gw_oracle_check_read(oracle, 1, granules(62, 4), seen, 5);
    assert_int_equal(oracle->reads_wrong, 1);
    assert_non_null(strstr(oracle->note, "disk 1 at byte 266240"));
}

static void
trims_have_no_name(void **state)
{
    uint32_t old = wrote(5, 10);

    (void)state;
    gw_oracle_acknowledge(oracle, 0, granules(5, 1), GW_IO_TRIM, gw_oracle_new_write(oracle), 20);
    assert_true(accepts(5, GW_ID_ZERO, 30));
    assert_int_equal(gw_image_get(&oracle->image[0], 5), GW_ID_ZERO);
    assert_true(accepts(5, old, 15));
    /* Without a trim anywhere, zero where data are owed is wrong: see untouched_granules. A
     * write after the trim is judged as ever. */
    old = wrote(5, 40);
    assert_false(accepts(5, GW_ID_INITIAL | 5, 50));
    assert_true(accepts(5, old, 50));
}

static void
failed_writes_are_not_judged(void **state)
{
    struct gw_image image;
    uint32_t lost = gw_oracle_new_write(oracle), again;

    (void)state;
    gw_oracle_forget(oracle, 0, granules(5, 1), GW_IO_READ, 0, 9);
    assert_false(accepts(5, GW_ID_ZERO, 10));
    gw_oracle_forget(oracle, 0, granules(5, 1), GW_IO_WRITE, lost, 9);
    assert_true(accepts(5, lost, 10));
    assert_true(accepts(5, GW_ID_ZERO, 10));
    assert_true(accepts(5, GW_ID_GARBAGE, 10));
    assert_true(gw_image_create(&image, GRANULES, 0, GW_IMAGE_INITIAL, NULL));
    assert_int_equal(gw_oracle_difference(oracle, 0, &image), GRANULES);
    again = wrote(5, 20);
    assert_false(accepts(5, GW_ID_GARBAGE, 30));
    assert_false(accepts(5, lost, 30)); /* older than what was written again */
    assert_int_equal(gw_oracle_difference(oracle, 0, &image), 5);
    assert_true(gw_image_set(&image, 5, 1, again));
    assert_int_equal(gw_oracle_difference(oracle, 0, &image), GRANULES);
    gw_image_destroy(&image);
}

static void
final_disks_are_compared(void **state)
{
    struct gw_image image;

    (void)state;
    assert_true(gw_image_create(&image, GRANULES, 0, GW_IMAGE_HOLE, NULL));
    assert_int_equal(gw_oracle_difference(oracle, 0, &image), 0);
    gw_image_fill_chunk(&image, 0, GW_IMAGE_INITIAL);
    assert_int_equal(gw_oracle_difference(oracle, 0, &image), GW_CHUNK_GRANULES);
    gw_image_fill_chunk(&image, 1, GW_IMAGE_INITIAL);
    assert_int_equal(gw_oracle_difference(oracle, 0, &image), GRANULES);
    gw_image_destroy(&image);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(untouched_granules),
        CASE(acknowledged_before_the_read),
        CASE(acknowledged_during_the_read),
        CASE(under_way_during_the_read),
        CASE(a_forgotten_write_is_judged_strictly),
        CASE(one_wrong_granule_spoils_a_read),
        CASE(trims_have_no_name),
        CASE(failed_writes_are_not_judged),
        CASE(final_disks_are_compared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
