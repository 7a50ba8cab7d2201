/* value_order.h - the order in which people read the values of a parameter.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_VALUE_ORDER_H
#define GW_VALUE_ORDER_H

/* Numbers of one kind (counts, sizes, times ...) by size, words after them by letters: below, equal
 * to or above 0, as strcmp. */
int gw_values_compare(const char *a, const char *b);

#endif
