/* damage.c - runs of a database that are not what was stored: told of to readers, run again by
 * writers.
 *
 * Why       Rows may be edited: the file is the user's. So a changed run is a warning to those who
 *           read, and only a file that SQLite cannot trust is an error.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>

#include "cli/damage.h"

enum { RUNS_TOLD = 20 };

struct gw_store *
gw_open_to_read(const char *path, struct gw_error *err)
{
    struct gw_store *store = gw_store_open(path, false, err);
    struct gw_error damage;

    if (store == NULL || gw_store_check(store, &damage)) {
        return store;
    }
    if (damage.code == GW_EDAMAGED) {
        fprintf(stderr, "godwit: warning: %s\n", damage.message);
        return store;
    }
    gw_fail(err, damage.code, "%s", damage.message);
    gw_store_close(store);
    return NULL;
}

static void
tell(void *self, const char *run)
{
    size_t *count = self;

    if (++*count <= RUNS_TOLD) {
        fprintf(stderr, "godwit: damaged, so it is run again: %s\n", run);
    }
}

bool
gw_mend(struct gw_store *store, struct gw_error *err)
{
    size_t count = 0;
    bool fine = gw_store_mend(store, tell, &count, err);

    if (count > RUNS_TOLD) {
        fprintf(stderr, "godwit: and %zu more damaged runs\n", count - RUNS_TOLD);
    }
    return fine;
}
