/* page_fill.c - bytes of each kind of content, made from a key.
 *
 * Idea      A counter through a mixing function gives 64-bit words; each kind shapes them. Bytes
 *           are taken from words by shifts, so that the order of bytes in memory does not matter.
 * Source    The mixing function is SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom
 *           number generators", OOPSLA 2014). What a page of each kind should compress to: see
 *           docs/model-memory-migration.md, content kinds.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "workloads/page_fill.h"

#include <string.h>

#include "base/error.h"

enum { WORD_BYTES = 8, DRAWS = 16, DRAW_BITS = 4 };

static void
put_word(uint8_t *out, size_t length, uint64_t word)
{
    for (size_t i = 0; i < WORD_BYTES && i < length; i++) {
        out[i] = (uint8_t)(word >> (8 * i));
    }
}

static void
fill_zero(uint64_t key, uint8_t *out, size_t length)
{
    (void)key;
    memset(out, 0, length);
}

static void
fill_random(uint64_t key, uint8_t *out, size_t length)
{
    for (size_t at = 0; at < length; at += WORD_BYTES) {
        put_word(out + at, length - at, gw_fill_word(key, at));
    }
}

/* ---- text ------------------------------------------------------------------------------------ */

static const char *const vocabulary[DRAWS] = {
    "page ",   "to ",     "guest ", "the ",   "dirty ",  "of ",     "rate ",   "copy ",
    "source ", "target ", "moves ", "while ", "writes ", "again\n", "buffer ", "round ",
};

static void
fill_text(uint64_t key, uint8_t *out, size_t length)
{
    uint64_t word = 0;
    size_t at = 0;

    for (uint64_t draw = 0; at < length; draw++) {
        const char *text;
        size_t room = length - at;
        size_t letters;

        word = draw % DRAWS == 0 ? gw_fill_word(key, draw) : word >> DRAW_BITS;
        text = vocabulary[word % DRAWS];
        letters = strlen(text);
        memcpy(out + at, text, letters < room ? letters : room);
        at += letters < room ? letters : room;
    }
}

/* ---- prose ----------------------------------------------------------------------------------- */

static const char *const prose_words[] = {
    "to ",       "is ",    "for ",    "word ",    "block ",   "target ", "source ",
    "transfer ", "delta ", "speed ",  "stores ",  "send ",    "client ", "phase ",
    "window ",   "limit ", "pass ",   "after ",   "channel ", "device ", "virtual ",
    "worker ",   "queue ", "change ", "message ", "buffers ", "frame ",  "total ",
    "count ",    "order ", "report ", "load ",    "link ",
};

enum { PROSE_WORDS = sizeof prose_words / sizeof prose_words[0] };

/* The word that covers letter `place` of the list: long ones are drawn more often. */
static const char *
prose_word(uint64_t place)
{
    size_t i = 0;

    while (i + 1 < PROSE_WORDS && place >= strlen(prose_words[i])) {
        place -= strlen(prose_words[i++]);
    }
    return prose_words[i];
}

static size_t
prose_letters(void)
{
    size_t letters = 0;

    for (size_t i = 0; i < PROSE_WORDS; i++) {
        letters += strlen(prose_words[i]);
    }
    return letters;
}

/* Puts as many bytes as there is room for; where the next ones go. */
static size_t
append(uint8_t *out, size_t length, size_t at, const char *bytes, size_t count)
{
    size_t room = length - at;

    memcpy(out + at, bytes, count < room ? count : room);
    return at + (count < room ? count : room);
}

/* After one word in eight a digit ends the line. */
static void
fill_prose(uint64_t key, uint8_t *out, size_t length)
{
    size_t list_letters = prose_letters();
    size_t at = 0;

    for (uint64_t draw = 0; at < length; draw++) {
        uint64_t word = gw_fill_word(key, draw);
        const char *text = prose_word((word & 0xffffffff) % list_letters);
        const char line_end[] = {(char)('0' + (word >> 40) % 10), '\n'};

        at = append(out, length, at, text, strlen(text));
        if (word >> 61 == 0) {
            at = append(out, length, at, line_end, sizeof line_end);
        }
    }
}

/* ---- heap ------------------------------------------------------------------------------------ */

/* A heap of objects: pointers into an arena of 16 MiB, small numbers, and words that are 0. */
static uint64_t
heap_word(uint64_t arena, uint64_t draw)
{
    uint64_t kind = draw >> 60;
    uint64_t value = draw & 0xffffffffffff;

    if (kind < 12) {
        return 0x00007f0000000000 + arena + (value & 0xfffff0);
    }
    return kind < 15 ? value & 0xffff : 0;
}

static void
fill_pointers(uint64_t key, uint8_t *out, size_t length)
{
    uint64_t arena = (gw_fill_word(key, 0) & 0xfff) << 24;

    for (size_t at = 0; at < length; at += WORD_BYTES) {
        put_word(out + at, length - at, heap_word(arena, gw_fill_word(key, at + 1)));
    }
}

/* ---- the rest -------------------------------------------------------------------------------- */

static void
fill_word(uint64_t key, uint8_t *out, size_t length)
{
    uint64_t word = gw_fill_word(key, 0);

    for (size_t at = 0; at < length; at += WORD_BYTES) {
        put_word(out + at, length - at, word);
    }
}

static void
fill_byte(uint64_t key, uint8_t *out, size_t length)
{
    uint64_t word = gw_fill_word(key, 0);

    memset(out, 0, length);
    if (length > 0) {
        out[(word >> 8) % length] = (uint8_t)(word | 1);
    }
}

static void
fill_half(uint64_t key, uint8_t *out, size_t length)
{
    for (size_t at = 0; at < length; at += WORD_BYTES) {
        uint64_t word = gw_fill_word(key, at);

        put_word(out + at, length - at, word >> 63 ? word : 0);
    }
}

void
gw_page_fill(enum gw_content_kind kind, uint64_t key, uint8_t *out, size_t length)
{
    static void (*const fills[GW_CONTENT_COUNT])(uint64_t, uint8_t *, size_t) = {
        [GW_CONTENT_ZERO] = fill_zero,         [GW_CONTENT_TEXT] = fill_text,
        [GW_CONTENT_RANDOM] = fill_random,     [GW_CONTENT_PROSE] = fill_prose,
        [GW_CONTENT_POINTERS] = fill_pointers, [GW_CONTENT_WORD] = fill_word,
        [GW_CONTENT_BYTE] = fill_byte,         [GW_CONTENT_HALF] = fill_half,
    };

    gw_assert(kind >= 0 && kind < GW_CONTENT_COUNT && fills[kind] != NULL);
    fills[kind](key, out, length);
}
