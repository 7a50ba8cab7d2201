/* store.h - runs in a SQLite file: nothing acknowledged is lost, nothing half is seen.
 *
 * One transaction a run. A run that is there already is kept when the new one has the same
 * digest; another digest under the same id means that determinism is broken, and is refused.
 * The tables are described in docs/database.md.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_STORE_H
#define GW_STORE_H

#include "base/error.h"
#include "base/result.h"

struct gw_store;

/* Opens a database; writable creates the file and brings an older schema up to date. NULL and
 * err: GW_ENOENT (to be read, but missing), GW_EDB. */
struct gw_store *gw_store_open(const char *path, bool writable, struct gw_error *err);
void gw_store_close(struct gw_store *store);

/* Whether every bit is what was put; reads the whole file. Errors: GW_EDB, the structure of the file
 * is broken; GW_EDAMAGED, runs were changed, and err names the first and what to do; GW_EIO, it
 * cannot be checked now. */
bool gw_store_check(struct gw_store *store, struct gw_error *err);

/* Opens a database to be read, and fails as that check does. */
struct gw_store *gw_store_open_checked(const char *path, struct gw_error *err);

/* Takes out the runs that are damaged, so that they are missing, and tells of each ("run ID
 * (scenario, vm, architecture, replication 3)"). Errors: GW_EDB, also when the file cannot be
 * mended, err says what to do then; GW_EIO, it cannot be checked now. */
bool gw_store_mend(struct gw_store *store, void (*tell)(void *self, const char *run), void *self,
                   struct gw_error *err);

/* Version that is written into the runs put from here on; copied. */
bool gw_store_set_engine_version(struct gw_store *store, const char *version, struct gw_error *err);

/* Returns when the run is on the disk. */
bool gw_store_put(struct gw_store *store, const struct gw_result *result, struct gw_error *err);

/* Whether the run is stored already. Errors: GW_EDB. */
bool gw_store_has(struct gw_store *store, const char *run_id, bool *has, struct gw_error *err);

/* Several writes as one: `end` keeps them if they are fine, else takes them back; it returns
 * `fine`, or false when they cannot be kept. gw_store_put and gw_store_merge do so themselves. */
bool gw_store_begin(struct gw_store *store, struct gw_error *err);
bool gw_store_end(struct gw_store *store, bool fine, struct gw_error *err);

/* Notes what a study varied to come to a run that is there already: the parameters of the result,
 * of which only they and run_id are looked at. */
bool gw_store_put_parameters(struct gw_store *store, const struct gw_result *result,
                             struct gw_error *err);

/* Adds all runs and studies of another database file. A run that is in both with other digests,
 * or a study with another plan, is a conflict: nothing is added then. Errors: GW_EDB. */
bool gw_store_merge(struct gw_store *store, const char *path, struct gw_error *err);

/* A copy of the whole database in a new file that any copying can carry. Errors: GW_EDB. */
bool gw_store_copy(struct gw_store *store, const char *path, struct gw_error *err);

/* Removes a database file and what may be beside it: logs, and backups of older versions. */
void gw_store_discard(const char *path);

/* Puts a file that was written as `part` in the place of `path`, in one step and for good.
 * Errors: GW_EIO. */
bool gw_store_publish(const char *part, const char *path, struct gw_error *err);

/* Makes one database of several, in a new file whose bytes depend on the runs and studies alone:
 * not on how they were spread over the files, and not on when they ran (wall_s and started_utc are
 * left out). What `path` holds is kept; it is replaced in one step. Errors: as gw_store_merge, and
 * GW_ENOENT, GW_EIO. */
bool gw_store_unite(const char *const *paths, size_t count, const char *path, struct gw_error *err);

/* Results read back; they and their texts live until gw_result_list_clear. */
struct gw_result_list {
    struct gw_result *results;
    const struct gw_result **pointers; /* count; the same results, in the form output.h takes */
    size_t count;
    char **texts; /* what the "static" strings of the results point to */
    size_t text_count;
};

/* All runs in the order scenario, vm, architecture, replication, id; with every series and
 * histogram. An empty list is no error. */
bool gw_store_read(struct gw_store *store, struct gw_result_list *list, struct gw_error *err);
/* The runs of a study that are there, each once, in the order of its plan; NULL: all runs, as
 * above. Without series, phases and histograms. */
bool gw_store_read_metrics(struct gw_store *store, const char *study, struct gw_result_list *list,
                           struct gw_error *err);
/* The same with every series and histogram. */
bool gw_store_read_study(struct gw_store *store, const char *study, struct gw_result_list *list,
                         struct gw_error *err);
void gw_result_list_clear(struct gw_result_list *list);

/* One series of one run. `series` is zeroed by the caller, who frees t_ns and values. A series
 * without rows is no error. */
bool gw_store_read_series(struct gw_store *store, const char *run_id, enum gw_series_id id,
                          struct gw_series *series, struct gw_error *err);

#endif
