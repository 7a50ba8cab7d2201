/* near.h - is a number as near to the wanted one as it should be; says both when it is not.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_TEST_NEAR_H
#define GW_TEST_NEAR_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Not further from the wanted number than this share of it. */
#define assert_within(got, wanted, share) near_check(got, wanted, share, __FILE__, __LINE__)
/* The same number but for roundings. */
#define assert_near(got, wanted) assert_within(got, wanted, 1e-10)

static inline void
near_check(double got, double wanted, double share, const char *file, int line)
{
    if (!(fabs(got - wanted) <= share * fabs(wanted))) {
        print_error("%.17g is not within %g of %.17g\n", got, share, wanted);
        _fail(file, line);
    }
}

#endif
