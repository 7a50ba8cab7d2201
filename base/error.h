/* error.h - operating errors, bugs, and the difference between them.
 *
 * A bug stops the program at once (gw_assert, on in every build). An operating error travels
 * as `bool` plus a struct gw_error of the caller, last argument; it is written only on failure,
 * and NULL means "I do not care". An outcome ("did not converge") is neither: it is a result.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_ERROR_H
#define GW_ERROR_H

#include <stdbool.h>

/* What went wrong, also as the result of an IO. */
enum gw_code {
    GW_OK = 0,
    GW_EINVAL,   /* scenario or usage: exit status 2 */
    GW_ENOENT,   /* a file that the user named is missing: exit status 2 */
    GW_EIO,      /* input/output, also of a modelled device: exit status 3 */
    GW_ENOSPC,   /* no space on a volume or a file system: exit status 3 */
    GW_ENOMEM,   /* out of memory: exit status 3 */
    GW_EDB,      /* result database: exit status 3 */
    GW_EDAMAGED, /* rows of a result database that are not what was stored: exit status 3 */
    GW_ECANCELED /* stopped by request */
};

struct gw_error {
    enum gw_code code;
    char message[1000]; /* one sentence, lower case, no full stop; value seen, value wanted */
};

/* Writes code and message; returns false, so that `return gw_fail(...)` reads well. */
bool gw_fail(struct gw_error *err, enum gw_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "prefix: " before the message that is there; returns false. */
bool gw_fail_within(struct gw_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Text that an assertion prints with its own: simulated time, seed, scenario. Kept, not copied. */
void gw_assert_context(const char *(*describe)(void));

_Noreturn void gw_assert_failed(const char *expression, const char *file, int line);

#define gw_assert(expression)                                                                      \
    (__builtin_expect(!!(expression), 1) ? (void)0                                                 \
                                         : gw_assert_failed(#expression, __FILE__, __LINE__))

#endif
