/* scenario_facts.h - what a canonical scenario says, as a flat list: where measurements end.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SCENARIO_FACTS_H
#define GW_SCENARIO_FACTS_H

#include <stddef.h>

#include "base/error.h"

/* A setting, or what follows from some. Members of a list and guests of a kind share a key. */
struct gw_fact {
    char *key;     /* "migration.downtime_limit" */
    char *text;    /* NULL: it is a number */
    double number; /* in the base unit */
    char unit[8];  /* "B", "ns", "B/s", "/s", "%" or "" */
};

struct gw_facts {
    char *technique; /* "precopy+xbzrle", "mirror" */
    struct gw_fact *items;
    size_t count;
};

/* Names, seeds and times around the migration are no facts. Errors: GW_EINVAL (no scenario),
 * GW_ENOMEM; nothing to clear then. */
bool gw_facts_read(struct gw_facts *facts, const char *canonical, struct gw_error *err);
void gw_facts_clear(struct gw_facts *facts);

/* "512 MiB", "300 ms", "0.4". */
void gw_fact_number_text(double number, const char *unit, char out[48]);

#endif
