/* holm.h - p-values of many tests made safe against finding something by looking often.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_HOLM_H
#define GW_HOLM_H

#include <stddef.h>

/* Puts into adjusted (may be p itself) what is compared with alpha instead of p: then the chance
 * of any false finding among all of them is at most alpha, however the tests hang together. NAN
 * stays NAN and is no test. */
void gw_holm_adjust(const double *p, size_t count, double *adjusted);

#endif
