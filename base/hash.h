/* hash.h - XXH3-128 as 32 hex digits: content ids and fingerprints.
 *
 * Not a cryptographic hash: it tells different contents apart, not forged ones.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_HASH_H
#define GW_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { GW_HASH_TEXT = 33 }; /* 32 hex digits and the end */

struct gw_hash;

/* NULL when memory is out. */
struct gw_hash *gw_hash_create(void);
void gw_hash_add(struct gw_hash *hash, const void *bytes, size_t length);
/* Adders whose bytes do not depend on the machine: little-endian, and text with its length. */
void gw_hash_add_u64(struct gw_hash *hash, uint64_t value);
void gw_hash_add_text(struct gw_hash *hash, const char *text); /* NULL is not "" */
void gw_hash_add_double(struct gw_hash *hash, double value);   /* one NaN, no -0 */
/* The hash of what was added so far. */
void gw_hash_text(const struct gw_hash *hash, char out[GW_HASH_TEXT]);
void gw_hash_destroy(struct gw_hash *hash);

void gw_hash_bytes(const void *bytes, size_t length, char out[GW_HASH_TEXT]);

/* Hash of a file's bytes, read as a stream. Errors: GW_ENOENT, GW_EIO, GW_ENOMEM. */
bool gw_hash_file(const char *path, char out[GW_HASH_TEXT], struct gw_error *err);

#endif
