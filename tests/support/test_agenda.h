/* test_agenda.h - a small agenda for tests of models: a binary heap, nothing else.
 *
 * The kernel of sim/ is another implementation of the same page (base/event.h); tests of models
 * do not depend on it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_TEST_AGENDA_H
#define GW_TEST_AGENDA_H

#include <stddef.h>

#include "base/event.h"

struct test_agenda {
    struct gw_agenda agenda;
    struct gw_event **heap; /* owned */
    size_t count, allocated;
    uint64_t sequence;
    uint64_t fired; /* events so far */
};

void test_agenda_start(struct test_agenda *agenda);
void test_agenda_stop(struct test_agenda *agenda);
/* Fires everything due up to until_ns, then sets the clock to it (not for GW_TIME_NEVER). */
void test_agenda_run(struct test_agenda *agenda, int64_t until_ns);

#endif
