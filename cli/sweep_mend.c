/* sweep_mend.c - damaged runs are taken out of a database before it is written to.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>

#include "cli/sweep_verb.h"

enum { RUNS_TOLD = 20 };

static void
tell(void *self, const char *run)
{
    size_t *count = self;

    if (++*count <= RUNS_TOLD) {
        fprintf(stderr, "godwit: damaged, so it is run again: %s\n", run);
    }
}

bool
gw_sweep_mend(struct gw_store *store, struct gw_error *err)
{
    size_t count = 0;
    bool fine = gw_store_mend(store, tell, &count, err);

    if (count > RUNS_TOLD) {
        fprintf(stderr, "godwit: and %zu more damaged runs\n", count - RUNS_TOLD);
    }
    return fine;
}
