/* progress.h - how far a long work is, on a terminal's stderr; and Ctrl-C.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_PROGRESS_H
#define GW_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gw_progress_line {
    size_t total;
    size_t failed; /* set by the caller; shown when not 0 */
    int64_t started_ns;
    int64_t shown_ns;
    bool terminal;
};

void gw_progress_begin(struct gw_progress_line *line, size_t total);
void gw_progress_show(struct gw_progress_line *line, size_t done);
void gw_progress_end(struct gw_progress_line *line);

/* From now on the first SIGINT or SIGTERM is kept for gw_interrupted; the second kills. */
void gw_interrupt_catch(void);
/* The number of the signal that came, or 0. */
int gw_interrupted(void);

#endif
