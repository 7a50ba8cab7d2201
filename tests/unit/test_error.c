/* test_error.c - pins codes, prefixes, cutting and that NULL is accepted. Not pinned: gw_assert.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/io.h"

static void
test_fail_and_prefix(void **state)
{
    struct gw_error err = {GW_OK, "untouched"};

    (void)state;
    assert_false(gw_fail(&err, GW_EINVAL, "bandwidth %d B/s: must be at least 1", 0));
    assert_int_equal(err.code, GW_EINVAL);
    assert_false(gw_fail_within(&err, "%s:%d", "idle.yaml", 7));
    assert_string_equal(err.message, "idle.yaml:7: bandwidth 0 B/s: must be at least 1");
    assert_false(gw_fail(NULL, GW_EIO, "nobody cares"));
    assert_false(gw_fail_within(NULL, "nobody"));
}

static void
test_message_may_be_its_own_argument(void **state)
{
    struct gw_error err = {GW_OK, "inner"};

    (void)state;
    (void)gw_fail(&err, GW_EIO, "outer %s", err.message);
    assert_string_equal(err.message, "outer inner");
}

static void
test_long_texts_are_cut(void **state)
{
    struct gw_error err;
    char text[3000];

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    (void)gw_fail(&err, GW_EIO, "%s", text);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    (void)gw_fail_within(&err, "front");
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    assert_memory_equal(err.message, "front: xxx", 10);
}

static void
test_names(void **state)
{
    (void)state;
    assert_string_equal(gw_io_op_name(GW_IO_READ), "read");
    assert_string_equal(gw_io_op_name(GW_IO_FLUSH), "flush");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fail_and_prefix),
        cmocka_unit_test(test_message_may_be_its_own_argument),
        cmocka_unit_test(test_long_texts_are_cut),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
