/* chunk_loop.h - when the loop of QEMU's mirror claims the next run of chunks.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_CHUNK_LOOP_H
#define GW_CHUNK_LOOP_H

#include "algorithms/chunk_copy.h"

enum { GW_TIMER_CHUNK_CLAIM = 3 }; /* the owner runs its mover when this timer has fired */

/* Claims a run if the loop would claim one by now. Its operations are there when this returns, or
 * when the source has answered; then the mover runs again. False: nothing to claim, or the loop
 * sleeps or waits for something to end. */
bool gw_chunk_loop_claim(struct gw_chunk_copy *copy);

#endif
