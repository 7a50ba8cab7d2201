/* value_order.c - compares values as quantities where they are some.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/value_order.h"

#include <string.h>

#include "base/quantity.h"

/* Numbers of one kind lie beside each other; words come last. */
static size_t
kind_of(const char *text, double *number)
{
    static const enum gw_setting_type types[] = {GW_SETTING_NUMBER, GW_SETTING_BYTES,
                                                 GW_SETTING_TIME,   GW_SETTING_RATE,
                                                 GW_SETTING_IOPS,   GW_SETTING_SHARE};
    enum { TYPES = sizeof types / sizeof types[0] };

    for (size_t i = 0; i < TYPES; i++) {
        union gw_quantity value;

        if (gw_quantity_parse(types[i], text, &value, NULL)) {
            *number = gw_quantity_is_real(types[i]) ? value.real : (double)value.whole;
            return i;
        }
    }
    *number = 0.0;
    return TYPES;
}

int
gw_values_compare(const char *a, const char *b)
{
    double number_a;
    double number_b;
    size_t kind_a = kind_of(a, &number_a);
    size_t kind_b = kind_of(b, &number_b);

    if (kind_a != kind_b) {
        return kind_a < kind_b ? -1 : 1;
    }
    if (number_a < number_b || number_a > number_b) {
        return number_a < number_b ? -1 : 1;
    }
    return strcmp(a, b);
}
