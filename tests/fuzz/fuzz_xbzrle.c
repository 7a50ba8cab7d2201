/* fuzz_xbzrle.c - any bytes as an XBZRLE encoding: nothing outside of the page is touched; what
 * the decoder accepts, every encoder encodes alike, and that decodes to the same page.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "algorithms/xbzrle.h"
#include "base/error.h"
#include "base/random.h"
#include "tests/fuzz/fuzz.h"

enum { PAGE = 4096, FENCE = 64, FENCE_BYTE = 0xc3, CAPACITY_MOST = 2 * PAGE };

struct fenced {
    uint8_t before[FENCE];
    uint8_t page[PAGE];
    uint8_t after[FENCE];
};

static void
check_fence(const struct fenced *fenced)
{
    for (int i = 0; i < FENCE; i++) {
        gw_assert(fenced->before[i] == FENCE_BYTE && fenced->after[i] == FENCE_BYTE);
    }
}

static void
fill_old(uint8_t *page)
{
    for (uint32_t i = 0; i < PAGE; i++) {
        page[i] = (uint8_t)(i * 2654435761U >> 24);
    }
}

/* The same page by way of each encoder. */
static void
check_encoders(const uint8_t *old, const uint8_t *fresh)
{
    static uint8_t first[CAPACITY_MOST];
    static uint8_t out[CAPACITY_MOST];
    static uint8_t again[PAGE];
    int32_t size = gw_xbzrle_kinds[0].encode(old, fresh, PAGE, first, sizeof first);

    gw_assert(size >= 0);
    for (const struct gw_xbzrle_kind *kind = gw_xbzrle_kinds; kind->name != NULL; kind++) {
        if (kind->usable()) {
            gw_assert(kind->encode(old, fresh, PAGE, out, sizeof out) == size);
            gw_assert(memcmp(first, out, (size_t)size) == 0);
        }
    }
    memcpy(again, old, PAGE);
    gw_assert(gw_xbzrle_decode(first, (size_t)size, again, PAGE) >= 0);
    gw_assert(memcmp(again, fresh, PAGE) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fenced fenced;
    static uint8_t old[PAGE];
    int32_t end;

    memset(&fenced, FENCE_BYTE, sizeof fenced);
    fill_old(old);
    memcpy(fenced.page, old, PAGE);
    end = gw_xbzrle_decode(data, size, fenced.page, PAGE);
    check_fence(&fenced);
    gw_assert(end >= -1 && end <= PAGE);
    if (end < 0) {
        return 0;
    }
    gw_assert(memcmp(fenced.page + end, old + end, (size_t)(PAGE - end)) == 0);
    check_encoders(old, fenced.page);
    return 0;
}

/* A legal encoding with short and long lengths. */
size_t
gw_fuzz_seed(uint64_t seed, uint8_t *data, size_t most)
{
    static uint8_t old[PAGE];
    static uint8_t fresh[PAGE];
    struct gw_stream stream;
    uint64_t scale;
    size_t i;

    gw_stream_open(&stream, seed, 0, "fuzz.xbzrle", 0);
    fill_old(old);
    memcpy(fresh, old, PAGE);
    scale = (uint64_t)2 << gw_stream_below(&stream, 11);
    i = (size_t)gw_stream_below(&stream, scale);
    while (i < PAGE) {
        size_t end = i + 1 + (size_t)gw_stream_below(&stream, scale / 2);

        for (; i < end && i < PAGE; i++) {
            fresh[i] = (uint8_t)~fresh[i];
        }
        i += 1 + (size_t)gw_stream_below(&stream, scale);
    }
    int32_t size = gw_xbzrle_encode(old, fresh, PAGE, data, most);

    return size > 0 ? (size_t)size : 0;
}
