/* sha256.h - SHA-256 as content security policies name it: the script that may run.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SHA256_H
#define GW_SHA256_H

#include <stddef.h>

enum { GW_SHA256_BASE64 = 45 }; /* 44 letters and the end */

/* The digest of the bytes in base64. */
void gw_sha256_base64(const void *bytes, size_t length, char out[GW_SHA256_BASE64]);

#endif
