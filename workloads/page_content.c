/* page_content.c - the bytes of a guest page after so many writes.
 *
 * Idea      A write is a pure function of (region, page, number of the write): which places it
 *           changes and what it puts there. So the page after n writes is made backwards: the
 *           newest write first, then older ones where nothing newer lies, until every place that
 *           a write can reach is covered; the first content fills what is left.
 * Why       Guests that overwrite random data with random data really change it, so the lowest
 *           bit of a random byte turns with each write: what is written twice in a row at one
 *           place always differs. Random data that is written holds no zero byte: a page with
 *           such a write is never a zero page, however few bytes it had.
 * Invariant fill at n, then write, equals fill at n + 1.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "workloads/page_content.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/variate.h"
#include "workloads/page_file.h"
#include "workloads/page_fill.h"

enum { PAGE = GW_CONTENT_PAGE_BYTES, LINE_BYTES = 64, LINE_COUNT = PAGE / LINE_BYTES };

static const uint64_t WRITE_SALT = 0x57726974655F6F66; /* tells keys of one page apart */
static const uint64_t PLACE_SALT = 0x506C6163655F6F66;
static const uint64_t TURN_SALT = 0x5475726E5F6F6620;

struct gw_page_content {
    uint64_t key;
    struct gw_page_file file;
    enum gw_content_kind kind, change_content;
    enum gw_change_kind change;
    size_t change_bytes;
    size_t piece_count; /* a write changes so many pieces ... */
    size_t piece_bytes; /* ... of this length, the last one less when change_bytes is used up */
    size_t reach_bytes; /* of a page, that some write can change */
};

/* One write of one page. */
struct write {
    uint64_t page_key, key, place_key;
    uint32_t number; /* from 1 */
    uint8_t image[PAGE];
};

/* Places that newer writes have set. */
struct cover {
    uint64_t bits[PAGE / 64];
    size_t count;
};

/* ---- create ---------------------------------------------------------------------------------- */

static uint64_t
key_of(const struct gw_region_settings *settings, uint64_t seed)
{
    struct gw_stream stream;
    uint64_t name = 0xCBF29CE484222325; /* FNV-1a */

    for (const char *letter = settings->name; letter != NULL && *letter != '\0'; letter++) {
        name = (name ^ (uint8_t)*letter) * 0x100000001B3;
    }
    gw_stream_open(&stream, seed, 0, "guest.content", name);
    return gw_stream_u64(&stream);
}

static void
plan_pieces(struct gw_page_content *content)
{
    size_t bytes = content->change_bytes;

    content->piece_count = 1;
    content->piece_bytes = bytes;
    content->reach_bytes = bytes;
    if (content->change == GW_CHANGE_SCATTERED || content->change == GW_CHANGE_RANDOM) {
        content->piece_count = bytes;
        content->piece_bytes = 1;
    }
    if (content->change == GW_CHANGE_LINES) {
        content->piece_count = (bytes + LINE_BYTES - 1) / LINE_BYTES;
        content->piece_bytes = LINE_BYTES;
    }
    if (content->change == GW_CHANGE_LINES || content->change == GW_CHANGE_SLOT) {
        content->reach_bytes = bytes < LINE_BYTES ? bytes * LINE_COUNT : PAGE;
    }
    if (content->change == GW_CHANGE_RANDOM) {
        content->reach_bytes = PAGE;
    }
}

static bool
check(const struct gw_region_settings *settings, struct gw_error *err)
{
    const char *name = settings->name == NULL ? "" : settings->name;
    int written = settings->change_content;

    if (settings->content == GW_CONTENT_FILE && settings->file == NULL) {
        return gw_fail(err, GW_EINVAL, "region %s: content file needs a file", name);
    }
    if (settings->change_bytes < 0 || settings->change_bytes > PAGE) {
        return gw_fail(err, GW_EINVAL, "region %s: change_size %lldB: must be 0 .. %dB", name,
                       (long long)settings->change_bytes, PAGE);
    }
    if (written < GW_CONTENT_ZERO || written > GW_CONTENT_PROSE) {
        return gw_fail(err, GW_EINVAL, "region %s: writes hold zero, text, random or prose", name);
    }
    return true;
}

struct gw_page_content *
gw_page_content_create(const struct gw_region_settings *settings, uint64_t seed,
                       struct gw_error *err)
{
    struct gw_page_content *content;

    if (!check(settings, err)) {
        return NULL;
    }
    content = calloc(1, sizeof *content);
    if (content == NULL) {
        gw_fail(err, GW_ENOMEM, "page content: out of memory");
        return NULL;
    }
    content->key = key_of(settings, seed);
    content->kind = (enum gw_content_kind)settings->content;
    content->change = (enum gw_change_kind)settings->change;
    content->change_content = (enum gw_content_kind)settings->change_content;
    content->change_bytes = (size_t)settings->change_bytes;
    plan_pieces(content);
    if (content->kind == GW_CONTENT_FILE &&
        !gw_page_file_load(&content->file, settings->file, err)) {
        free(content);
        return NULL;
    }
    return content;
}

void
gw_page_content_destroy(struct gw_page_content *content)
{
    if (content != NULL) {
        gw_page_file_clear(&content->file);
        free(content);
    }
}

/* ---- one write ------------------------------------------------------------------------------- */

static void
begin_write(const struct gw_page_content *content, uint64_t page_key, uint32_t number,
            struct write *write)
{
    write->page_key = page_key;
    write->number = number;
    write->key = gw_fill_word(page_key ^ WRITE_SALT, number);
    write->place_key = gw_fill_word(write->key ^ PLACE_SALT, 0);
    gw_page_fill(content->change_content, write->key, write->image, content->change_bytes);
}

/* Where piece `index` of the write begins. */
static size_t
piece_start(const struct gw_page_content *content, const struct write *write, size_t index)
{
    size_t last = PAGE - content->change_bytes;
    size_t slot = (size_t)(write->place_key % LINE_COUNT) * LINE_BYTES;

    switch (content->change) {
    case GW_CHANGE_SLOT:
        return slot < last ? slot : last;
    case GW_CHANGE_SCATTERED:
        return index * PAGE / content->change_bytes;
    case GW_CHANGE_RANDOM:
        return (size_t)gw_scatter(index, PAGE, write->place_key);
    case GW_CHANGE_LINES:
        return (size_t)gw_scatter(index, LINE_COUNT, write->place_key) * LINE_BYTES;
    case GW_CHANGE_BLOCK:
    default:
        return 0;
    }
}

/* The byte that a write puts at `at`; `byte` is that of its image. */
static uint8_t
written_byte(const struct gw_page_content *content, const struct write *write, size_t at,
             uint8_t byte)
{
    uint64_t turn;

    if (content->change_content != GW_CONTENT_RANDOM) {
        return byte;
    }
    turn = gw_fill_word(write->page_key ^ TURN_SALT, at / 64) >> (at % 64);
    byte = (uint8_t)((byte & 0xfe) | ((turn ^ write->number) & 1));
    return byte == 0 ? 0x80 : byte;
}

static bool
take_place(struct cover *cover, size_t at)
{
    uint64_t bit = (uint64_t)1 << (at % 64);

    if (cover == NULL) {
        return true;
    }
    if (cover->bits[at / 64] & bit) {
        return false;
    }
    cover->bits[at / 64] |= bit;
    cover->count++;
    return true;
}

/* Puts the write's bytes where `cover` (NULL: nothing) does not lie yet. */
static void
apply(const struct gw_page_content *content, const struct write *write, struct cover *cover,
      uint8_t *out)
{
    size_t done = 0;

    for (size_t i = 0; i < content->piece_count; i++) {
        size_t start = piece_start(content, write, i);
        size_t end = start + content->piece_bytes;

        for (size_t at = start; at < end && done < content->change_bytes; at++, done++) {
            if (take_place(cover, at)) {
                out[at] = written_byte(content, write, at, write->image[done]);
            }
        }
    }
}

void
gw_page_content_write(const struct gw_page_content *content, uint64_t page, uint32_t version,
                      uint8_t page_bytes[GW_CONTENT_PAGE_BYTES])
{
    struct write write;

    begin_write(content, gw_fill_word(content->key, page), version + 1, &write);
    apply(content, &write, NULL, page_bytes);
}

/* ---- a page ---------------------------------------------------------------------------------- */

void
gw_page_content_fill(const struct gw_page_content *content, uint64_t page, uint32_t version,
                     uint8_t out[GW_CONTENT_PAGE_BYTES])
{
    uint64_t page_key = gw_fill_word(content->key, page);
    struct cover cover = {.count = 0};
    struct write write;

    if (content->kind == GW_CONTENT_FILE) {
        memcpy(out, content->file.bytes + page % content->file.page_count * PAGE, PAGE);
    } else {
        gw_page_fill(content->kind, page_key, out, PAGE);
    }
    for (uint32_t number = version; number > 0 && cover.count < content->reach_bytes; number--) {
        begin_write(content, page_key, number, &write);
        apply(content, &write, &cover, out);
    }
}

static bool
starts_zero(const struct gw_page_content *content, uint64_t page)
{
    if (content->kind == GW_CONTENT_FILE) {
        return content->file.is_zero[page % content->file.page_count];
    }
    return content->kind == GW_CONTENT_ZERO;
}

bool
gw_page_content_is_zero(const struct gw_page_content *content, uint64_t page, uint32_t version)
{
    static const uint8_t zeros[PAGE];
    uint8_t bytes[PAGE];

    if (version == 0 || content->change_bytes == 0) {
        return starts_zero(content, page);
    }
    if (content->change_content != GW_CONTENT_ZERO) {
        return false;
    }
    if (content->change_bytes == PAGE || starts_zero(content, page)) {
        return true;
    }
    gw_page_content_fill(content, page, version, bytes);
    return memcmp(bytes, zeros, PAGE) == 0;
}

bool
gw_page_content_never_zero(const struct gw_page_content *content)
{
    return content->kind != GW_CONTENT_ZERO && content->kind != GW_CONTENT_FILE &&
           (content->change_bytes == 0 || content->change_content != GW_CONTENT_ZERO);
}

bool
gw_page_content_changes(const struct gw_page_content *content, uint32_t version)
{
    bool same_place = content->change == GW_CHANGE_BLOCK || content->change == GW_CHANGE_SCATTERED;

    if (content->change_bytes == 0) {
        return false;
    }
    if (content->change_content != GW_CONTENT_ZERO) {
        return true;
    }
    return content->kind != GW_CONTENT_ZERO &&
           (version == 0 || !(same_place || content->change_bytes == PAGE));
}
