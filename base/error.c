/* error.c - writing errors, and stopping at a bug.
 *
 * Idea      An error is formatted into the caller's struct, so reporting cannot fail. Prefixes
 *           are put in front in a buffer of the same size; what does not fit is cut at the end.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *(*assert_describe)(void);

bool
gw_fail(struct gw_error *err, enum gw_code code, const char *format, ...)
{
    char message[sizeof err->message];
    va_list args;

    if (err == NULL) {
        return false;
    }
    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    memcpy(err->message, message, strlen(message) + 1);
    err->code = code;
    return false;
}

bool
gw_fail_within(struct gw_error *err, const char *format, ...)
{
    char text[sizeof err->message];
    va_list args;

    if (err == NULL) {
        return false;
    }
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    strncat(text, ": ", sizeof text - strlen(text) - 1);
    strncat(text, err->message, sizeof text - strlen(text) - 1);
    memcpy(err->message, text, strlen(text) + 1);
    return false;
}

void
gw_assert_context(const char *(*describe)(void))
{
    assert_describe = describe;
}

_Noreturn void
gw_assert_failed(const char *expression, const char *file, int line)
{
    (void)fprintf(stderr, "%s:%d: bug: %s does not hold\n", file, line, expression);
    if (assert_describe != NULL) {
        const char *(*describe)(void) = assert_describe;

        assert_describe = NULL;
        (void)fprintf(stderr, "  at: %s\n", describe());
    }
    abort();
}
