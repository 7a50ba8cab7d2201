/* sweep_where.h - a condition over the parameters of a sweep: "workload.oio <= 16 or not a == b".
 *
 *   condition   and, or, not, parentheses over comparisons and over parameters that are true or
 *               false; not binds stronger than and, and than or
 *   comparison  < <= > >= == != between two values of one dimension, or == != between two words
 *   value       + - * / and parentheses over parameters and numbers with units, as settings have
 *               them: 16, 4KiB, 300ms, 800MB/s, 400/s, 30%. Sizes are divided by times to rates,
 *               rates multiplied by times to sizes, and so on
 *   parameter   a key with dots, or one without that the names know; any other bare word, and what
 *               stands in quotes, is a word. A minus after a name needs a space before it: names
 *               have hyphens
 *
 * Numbers are doubles; two that differ by less than one part in 10^12 are equal.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SWEEP_WHERE_H
#define GW_SWEEP_WHERE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Where in the text an error is, in bytes. */
struct gw_where_span {
    size_t at, length;
};

struct gw_where_names {
    /* The value of a parameter as text; NULL: there is none of this name. */
    const char *(*value)(void *self, const char *name);
    void *self;
    const char *const *words; /* known names, for "did you mean"; NULL-terminated, or NULL */
};

struct gw_where;

/* NULL: err and span say what is wrong and where. */
struct gw_where *gw_where_compile(const char *text, struct gw_where_span *span,
                                  struct gw_error *err);
/* Whether the condition holds for these values. False: err and span. */
bool gw_where_evaluate(const struct gw_where *where, const struct gw_where_names *names,
                       bool *holds, struct gw_where_span *span, struct gw_error *err);
void gw_where_destroy(struct gw_where *where);

#endif
