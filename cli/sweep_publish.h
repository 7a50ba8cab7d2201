/* sweep_publish.h - a shard's database, copied again and again to where the merge will look.
 *
 * The database itself stays on this machine: SQLite does not work on network file systems. What
 * is published is a whole file, put there by rename.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SWEEP_PUBLISH_H
#define GW_SWEEP_PUBLISH_H

#include "cli/sweep_verb.h"

struct gw_publisher {
    char *target;  /* DIR/shard-K.db; NULL: nothing is published */
    char *part;    /* DIR/shard-K.db.part */
    char *local;   /* a copy beside the database */
    char *scratch; /* the database, when it is ours to remove at the end; or NULL */
    int64_t period_s;
    int64_t next_s;
    bool complete; /* the last state was published */
};

/* Nothing but gw_publish_end does anything for a task that is not a shard. */
bool gw_publish_begin(struct gw_publisher *publisher, const struct gw_sweep_task *task,
                      const char *database, struct gw_error *err);
/* Takes over what was published before, perhaps by another machine. */
bool gw_publish_restore(struct gw_publisher *publisher, struct gw_store *store,
                        struct gw_error *err);
bool gw_publish_when_due(struct gw_publisher *publisher, struct gw_store *store,
                         struct gw_error *err);
bool gw_publish_now(struct gw_publisher *publisher, struct gw_store *store, struct gw_error *err);
void gw_publish_end(struct gw_publisher *publisher);

#endif
