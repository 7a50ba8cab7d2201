/* chunk_loop.h - when the loop of QEMU's mirror claims the next run of chunks.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_CHUNK_LOOP_H
#define GW_CHUNK_LOOP_H

#include "algorithms/chunk_copy.h"

/* Claims a run if the loop would have claimed one by now. True: the loop sleeps for *sleep_ns before
 * it may be asked again. False: nothing to claim, or it waits for something to end. */
bool gw_chunk_loop_claim(struct gw_chunk_copy *copy, int64_t *sleep_ns);

#endif
