/* fuzz_main.c - fuzz-<target> [rounds]: a target without libFuzzer, always with the same inputs.
 *
 * Each round takes a seed input, changes a few bytes of it, cuts it or repeats a part, and runs
 * the target. Finds what lies near; for the rest link the target with -fsanitize=fuzzer.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "tests/fuzz/fuzz.h"

enum { INPUT_MOST = 8192, ROUNDS = 50000 };

static size_t
mutate(struct gw_stream *stream, uint8_t *data, size_t size)
{
    static const uint8_t telling[] = {0x00, 0x01, 0x1f, 0x20, 0x7f, 0x80, 0x81, 0xff};
    uint64_t changes = gw_stream_below(stream, 5);

    while (size > 0 && changes-- > 0) {
        uint64_t place = gw_stream_below(stream, size < 16 || changes % 2 == 0 ? size : 16);
        uint64_t way = gw_stream_below(stream, 4);

        if (way == 0) {
            size = (size_t)place;
        } else if (way == 1) {
            data[place] = telling[gw_stream_below(stream, sizeof telling)];
        } else if (way == 2) {
            data[place] = (uint8_t)gw_stream_u32(stream);
        } else {
            memmove(data + place / 2, data + place, size - (size_t)place);
        }
    }
    return size;
}

int
main(int argc, char **argv)
{
    static uint8_t data[INPUT_MOST];
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : ROUNDS;
    struct gw_stream stream;

    gw_stream_open(&stream, 1, 0, "fuzz", 0);
    for (long i = 0; i < rounds; i++) {
        size_t size = gw_fuzz_seed(gw_stream_u64(&stream), data, sizeof data);

        /* What ends the heap block ends the input: a sanitizer sees a byte too far. */
        size = mutate(&stream, data, size);
        uint8_t *exact = malloc(size + (size == 0));

        if (exact == NULL) {
            return 1;
        }
        memcpy(exact, data, size);
        (void)LLVMFuzzerTestOneInput(exact, size);
        free(exact);
    }
    printf("1..1\nok 1 - %ld inputs\n", rounds);
    return 0;
}
