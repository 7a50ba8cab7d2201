/* page_file.c - a file, whole in memory, as pages.
 *
 * Why       Read once and kept: a run asks for pages in any order, and an error half way through
 *           a run would be too late. The size is found by reading, so that a pipe works too.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "workloads/page_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/page_content.h"

enum { FIRST_BYTES = 1 << 20, MOST_BYTES = 1 << 30 };

static bool
grow(struct gw_page_file *file, size_t bytes)
{
    uint8_t *grown = realloc(file->bytes, bytes);

    if (grown == NULL) {
        return false;
    }
    file->bytes = grown;
    return true;
}

/* All bytes of the stream; the buffer is a whole number of pages. */
static bool
read_all(struct gw_page_file *file, FILE *stream, size_t *length, const char *path,
         struct gw_error *err)
{
    size_t room = 0;
    size_t got = 0;

    *length = 0;
    do {
        if (*length == MOST_BYTES) {
            return fgetc(stream) == EOF ||
                   gw_fail(err, GW_EINVAL, "content file %s: larger than 1GiB", path);
        }
        room = room == 0 ? FIRST_BYTES : 2 * room;
        if (!grow(file, room)) {
            return gw_fail(err, GW_ENOMEM, "content file %s: out of memory", path);
        }
        got = fread(file->bytes + *length, 1, room - *length, stream);
        *length += got;
    } while (*length == room);
    if (ferror(stream)) {
        return gw_fail(err, GW_EIO, "content file %s: cannot be read: %s", path, strerror(errno));
    }
    return *length > 0 || gw_fail(err, GW_EINVAL, "content file %s: is empty", path);
}

static bool
cut_pages(struct gw_page_file *file, size_t length)
{
    static const uint8_t zeros[GW_CONTENT_PAGE_BYTES];
    size_t pages = (length + GW_CONTENT_PAGE_BYTES - 1) / GW_CONTENT_PAGE_BYTES;

    memset(file->bytes + length, 0, pages * GW_CONTENT_PAGE_BYTES - length);
    file->page_count = pages;
    file->is_zero = calloc(pages + 1, sizeof *file->is_zero);
    for (size_t i = 0; file->is_zero != NULL && i < pages; i++) {
        const uint8_t *page = file->bytes + i * GW_CONTENT_PAGE_BYTES;

        file->is_zero[i] = memcmp(page, zeros, sizeof zeros) == 0;
    }
    return file->is_zero != NULL;
}

bool
gw_page_file_load(struct gw_page_file *file, const char *path, struct gw_error *err)
{
    FILE *stream;
    size_t length;
    bool fine;

    *file = (struct gw_page_file){0};
    errno = 0;
    stream = fopen(path, "rb");
    if (stream == NULL) {
        return gw_fail(err, errno == ENOENT ? GW_ENOENT : GW_EIO, "content file %s: %s", path,
                       strerror(errno));
    }
    fine = read_all(file, stream, &length, path, err);
    fclose(stream);
    if (fine && !cut_pages(file, length)) {
        fine = gw_fail(err, GW_ENOMEM, "content file %s: out of memory", path);
    }
    if (!fine) {
        gw_page_file_clear(file);
    }
    return fine;
}

void
gw_page_file_clear(struct gw_page_file *file)
{
    free(file->bytes);
    free(file->is_zero);
    *file = (struct gw_page_file){0};
}
