/* fuzz.h - what a fuzz target gives: libFuzzer or fuzz_main.c drives it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_FUZZ_H
#define GW_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Aborts on a finding; returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Writes seed input number `seed` into `data`; returns its size, at most `most`. */
size_t gw_fuzz_seed(uint64_t seed, uint8_t *data, size_t most);

#endif
