/* result_wire.h - a result as bytes, for another process of the same program on this machine.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_RESULT_WIRE_H
#define GW_RESULT_WIRE_H

#include "base/result.h"
#include "base/text.h"

/* Appends; memory out is remembered in the text. */
void gw_wire_put_number(struct gw_text *out, uint64_t number);
void gw_wire_put_text(struct gw_text *out, const char *text); /* NULL is not "" */
void gw_wire_put_result(struct gw_text *out, const struct gw_result *result);

/* What is still to be read. After the first piece that is not there it is broken, and every
 * further one is 0, NULL or empty. */
struct gw_wire_bytes {
    const char *at;
    size_t left;
    bool broken;
};

/* Texts that results call static; they live until cleared. A zeroed struct is empty. */
struct gw_wire_words {
    char **items;
    size_t count;
};

void gw_wire_words_clear(struct gw_wire_words *words);

uint64_t gw_wire_take_number(struct gw_wire_bytes *bytes);
char *gw_wire_take_text(struct gw_wire_bytes *bytes); /* caller frees */
/* False: broken, or memory is out; the result is empty then. Else gw_result_clear frees it. */
bool gw_wire_take_result(struct gw_wire_bytes *bytes, struct gw_wire_words *words,
                         struct gw_result *result);

#endif
