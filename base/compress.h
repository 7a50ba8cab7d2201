/* compress.h - zlib, zstd and lz4 behind one table: one page, one complete stream.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_COMPRESS_H
#define GW_COMPRESS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory_settings.h"

struct gw_compressor; /* contexts that are reset between pages, as QEMU does; for one thread */

/* Levels: zlib 0..9, zstd 1..22, lz4 1..12 (from 3 on its high compression variant).
 * Errors: GW_EINVAL (a level that the codec does not have), GW_ENOMEM. */
struct gw_compressor *gw_compressor_create(enum gw_codec codec, int64_t level,
                                           struct gw_error *err);
void gw_compressor_destroy(struct gw_compressor *compressor);
/* Bytes written to `out`, which holds at least gw_compress_bound(codec, length). */
int32_t gw_compress(struct gw_compressor *compressor, const uint8_t *bytes, size_t length,
                    uint8_t *out, size_t capacity);
/* Bytes written to `out`; -1 for what is no such stream or does not fit. */
int32_t gw_decompress(struct gw_compressor *compressor, const uint8_t *packed, size_t length,
                      uint8_t *out, size_t capacity);

/* The same for packets of one continuing stream, as a multifd channel sends them: each ends with
 * a flush, so that it can be unpacked at once, and is packed with what came before it in mind
 * (lz4: only with what lies in the same packet). gw_compress and gw_decompress end a stream; each
 * stream begins with gw_compress_stream_start. */
void gw_compress_stream_start(struct gw_compressor *compressor);
int32_t gw_compress_packet(struct gw_compressor *compressor, const uint8_t *bytes, size_t length,
                           uint8_t *out, size_t capacity);
int32_t gw_decompress_packet(struct gw_compressor *compressor, const uint8_t *packed, size_t length,
                             uint8_t *out, size_t capacity);

/* Enough for one complete stream and for one packet. */
size_t gw_compress_bound(enum gw_codec codec, size_t length);
const char *gw_codec_name(enum gw_codec codec); /* "zlib 1.2.13" is for gw_codec_version */
const char *gw_codec_version(enum gw_codec codec);

#endif
