/* page_file.h - a file, whole in memory, as pages.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_PAGE_FILE_H
#define GW_PAGE_FILE_H

#include <stdint.h>

#include "base/error.h"

struct gw_page_file {
    uint8_t *bytes; /* owned; page_count pages, the last one filled up with zeros */
    bool *is_zero;  /* owned; of each page */
    uint64_t page_count;
};

/* Errors: GW_ENOENT, GW_EIO, GW_EINVAL (empty, or larger than 1 GiB), GW_ENOMEM. */
bool gw_page_file_load(struct gw_page_file *file, const char *path, struct gw_error *err);
void gw_page_file_clear(struct gw_page_file *file);

#endif
