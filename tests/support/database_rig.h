/* database_rig.h - a database asked and changed by SQL, as by another program.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_DATABASE_RIG_H
#define GW_DATABASE_RIG_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>

/* The first cell of the answer; NAN: it is NULL. */
static inline double
database_number(const char *file, const char *sql)
{
    sqlite3 *database = NULL;
    sqlite3_stmt *statement = NULL;

    assert_int_equal(sqlite3_open(file, &database), SQLITE_OK);
    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK) {
        fail_msg("%s", sqlite3_errmsg(database));
    }
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    double answer = sqlite3_column_type(statement, 0) == SQLITE_NULL
                        ? (double)NAN
                        : sqlite3_column_double(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return answer;
}

/* A whole number. */
static inline int64_t
database_ask(const char *file, const char *sql)
{
    return (int64_t)database_number(file, sql);
}

/* One or several statements without an answer. */
static inline void
database_tell(const char *file, const char *sql)
{
    sqlite3 *database = NULL;
    char *said = NULL;

    assert_int_equal(sqlite3_open(file, &database), SQLITE_OK);
    if (sqlite3_exec(database, sql, NULL, NULL, &said) != SQLITE_OK) {
        fail_msg("%s", said);
    }
    sqlite3_close(database);
}

#endif
