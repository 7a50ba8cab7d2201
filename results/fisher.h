/* fisher.h - do two shares differ: Fisher's exact test, for few runs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_FISHER_H
#define GW_FISHER_H

#include <stddef.h>

/* Two-sided p of hits_a of count_a against hits_b of count_b; hits are at most the counts. 1 if a
 * count is 0. */
double gw_fisher_exact(size_t hits_a, size_t count_a, size_t hits_b, size_t count_b);

#endif
