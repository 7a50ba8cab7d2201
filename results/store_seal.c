/* store_seal.c - a hash of all that is stored of a run, so that a flipped bit shows.
 *
 * Idea      The digest of a run is of what it computed; only the program that computed it can make
 *           it again, and the names and parameters are not in it. The seal is of the cells as they
 *           are stored, whatever they mean: it is made again without unpacking anything.
 * Departs   wall_s and started_utc are left out: they are no results, and a merge takes them away.
 * Invariant Who changes a row of a run makes its seal again in the same transaction.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "results/store_database.h"

enum { PARTS = GW_STATEMENT_SEAL_LAST - GW_STATEMENT_SEAL_FIRST + 1 };

void
gw_run_key_bind(sqlite3_stmt *statement, struct gw_run_key key)
{
    if (key.text != NULL) {
        sqlite3_bind_text(statement, 1, key.text, -1, SQLITE_STATIC);
        return;
    }
    sqlite3_bind_value(statement, 1, key.value);
}

/* Every bit counts here, also the sign of a zero. */
static uint64_t
bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void
add_cell(struct gw_hash *hash, sqlite3_stmt *row, int column)
{
    int type = sqlite3_column_type(row, column);
    const void *bytes;

    gw_hash_add_u64(hash, (uint64_t)type);
    switch (type) {
    case SQLITE_INTEGER:
        gw_hash_add_u64(hash, (uint64_t)sqlite3_column_int64(row, column));
        break;
    case SQLITE_FLOAT:
        gw_hash_add_u64(hash, bits_of(sqlite3_column_double(row, column)));
        break;
    case SQLITE_NULL:
        break;
    default:
        bytes = sqlite3_column_blob(row, column);
        gw_hash_add_u64(hash, (uint64_t)sqlite3_column_bytes(row, column));
        gw_hash_add(hash, bytes, (size_t)sqlite3_column_bytes(row, column));
    }
}

/* Adds all rows of a run in one table. */
static bool
add_part(struct gw_store *store, struct gw_run_key key, size_t part, struct gw_hash *hash,
         struct gw_error *err)
{
    sqlite3_stmt *rows =
        gw_store_prepared(store, (enum gw_statement)(GW_STATEMENT_SEAL_FIRST + part), err);
    int status;

    if (rows == NULL) {
        return false;
    }
    gw_run_key_bind(rows, key);
    gw_hash_add_u64(hash, part);
    while ((status = sqlite3_step(rows)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(rows); i++) {
            add_cell(hash, rows, i);
        }
    }
    bool fine = status == SQLITE_DONE || gw_store_fail(store, "cannot be read", err);
    sqlite3_reset(rows);
    return fine;
}

static bool
compute(struct gw_store *store, struct gw_run_key key, char out[GW_HASH_TEXT], struct gw_error *err)
{
    struct gw_hash *hash = gw_hash_create();
    bool fine = hash != NULL || gw_fail(err, GW_ENOMEM, "database %s: out of memory", store->path);

    for (size_t i = 0; i < PARTS && fine; i++) {
        fine = add_part(store, key, i, hash, err);
    }
    if (fine) {
        gw_hash_text(hash, out);
    }
    gw_hash_destroy(hash);
    return fine;
}

/* Leaves "" when there is none. */
static bool
read_seal(struct gw_store *store, struct gw_run_key key, char out[GW_HASH_TEXT],
          struct gw_error *err)
{
    sqlite3_stmt *row = gw_store_prepared(store, GW_STATEMENT_SEAL, err);

    out[0] = '\0';
    if (row == NULL) {
        return false;
    }
    gw_run_key_bind(row, key);
    int status = sqlite3_step(row);
    if (status == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(row, 0);

        snprintf(out, GW_HASH_TEXT, "%s", text == NULL ? "" : text);
    }
    bool fine = status == SQLITE_ROW || status == SQLITE_DONE ||
                gw_store_fail(store, "cannot be read", err);
    sqlite3_reset(row);
    return fine;
}

bool
gw_seal_look(struct gw_store *store, struct gw_run_key key, bool *fits, struct gw_error *err)
{
    char stored[GW_HASH_TEXT];
    char now[GW_HASH_TEXT];

    if (!read_seal(store, key, stored, err) || !compute(store, key, now, err)) {
        return false;
    }
    *fits = strcmp(stored, now) == 0;
    return true;
}

bool
gw_seal_put(struct gw_store *store, struct gw_run_key key, struct gw_error *err)
{
    char now[GW_HASH_TEXT];
    sqlite3_stmt *row;

    if (!compute(store, key, now, err) ||
        (row = gw_store_prepared(store, GW_STATEMENT_SEAL_PUT, err)) == NULL) {
        return false;
    }
    gw_run_key_bind(row, key);
    sqlite3_bind_text(row, 2, now, -1, SQLITE_STATIC);
    bool fine = sqlite3_step(row) == SQLITE_DONE || gw_store_fail(store, "cannot be written", err);
    sqlite3_reset(row);
    return fine;
}

bool
gw_seal_put_all(struct gw_store *store, struct gw_error *err)
{
    sqlite3_stmt *runs = NULL;
    bool fine = sqlite3_prepare_v2(store->database,
                                   "SELECT run_id FROM run NOT INDEXED"
                                   " WHERE run_id NOT IN (SELECT run_id FROM seal)",
                                   -1, &runs, NULL) == SQLITE_OK ||
                gw_store_fail(store, "cannot be read", err);
    int status = SQLITE_DONE;

    while (fine && (status = sqlite3_step(runs)) == SQLITE_ROW) {
        fine = gw_seal_put(store, (struct gw_run_key){.value = sqlite3_column_value(runs, 0)}, err);
    }
    if (status != SQLITE_DONE && status != SQLITE_ROW) {
        fine = false;
        gw_store_fail(store, "cannot be read", err);
    }
    sqlite3_finalize(runs);
    return fine;
}
