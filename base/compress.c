/* compress.c - zlib, zstd and lz4 behind one table.
 *
 * Idea      Each codec is a row of functions over the same struct. Contexts are made once and
 *           reset for every page: making them costs more than a page does.
 * Why       zstd pages go through ZSTD_compress2 and not ZSTD_compressCCtx, so that the level is
 *           set once and the frame parameters are those of the stream too.
 * Invariant The same bytes and library version give the same packed bytes: no context carries
 *           anything over a reset.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/compress.h"

#include <limits.h>
#include <lz4.h>
#include <lz4hc.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum { LZ4_HIGH_LEVEL = 3, FLUSH_MARGIN_BYTES = 64 };

struct gw_compressor {
    const struct codec *codec;
    int level;
    z_stream deflater, inflater;
    bool has_deflater, has_inflater;
    ZSTD_CCtx *packer;
    ZSTD_DCtx *unpacker;
    void *lz4_state;
};

/* A piece of work: the same arguments for every function of a row. */
struct job {
    const uint8_t *bytes;
    size_t length;
    uint8_t *out;
    size_t capacity;
    bool continuing; /* a packet of a stream */
};

struct codec {
    const char *name;
    int least_level, most_level;
    bool (*open)(struct gw_compressor *compressor);
    void (*reset)(struct gw_compressor *compressor);
    int32_t (*pack)(struct gw_compressor *compressor, const struct job *job);
    int32_t (*unpack)(struct gw_compressor *compressor, const struct job *job);
    size_t (*bound)(size_t length);
    const char *(*version)(void);
};

/* ---- zlib ------------------------------------------------------------------------------------ */

static bool
zlib_open(struct gw_compressor *compressor)
{
    compressor->has_deflater = deflateInit(&compressor->deflater, compressor->level) == Z_OK;
    compressor->has_inflater = inflateInit(&compressor->inflater) == Z_OK;
    return compressor->has_deflater && compressor->has_inflater;
}

static void
zlib_reset(struct gw_compressor *compressor)
{
    deflateReset(&compressor->deflater);
    inflateReset(&compressor->inflater);
}

static void
zlib_aim(z_stream *stream, const struct job *job)
{
    stream->next_in = (z_const Bytef *)(uintptr_t)job->bytes;
    stream->avail_in = (uInt)job->length;
    stream->next_out = job->out;
    stream->avail_out = (uInt)job->capacity;
}

static int32_t
zlib_pack(struct gw_compressor *compressor, const struct job *job)
{
    z_stream *stream = &compressor->deflater;
    int status;

    zlib_aim(stream, job);
    status = deflate(stream, job->continuing ? Z_SYNC_FLUSH : Z_FINISH);
    gw_assert(status == (job->continuing ? Z_OK : Z_STREAM_END) && stream->avail_out > 0);
    return (int32_t)(job->capacity - stream->avail_out);
}

static int32_t
zlib_unpack(struct gw_compressor *compressor, const struct job *job)
{
    z_stream *stream = &compressor->inflater;
    int status;

    zlib_aim(stream, job);
    status = inflate(stream, job->continuing ? Z_SYNC_FLUSH : Z_FINISH);
    if (status != (job->continuing ? Z_OK : Z_STREAM_END) || stream->avail_in > 0) {
        return -1;
    }
    return (int32_t)(job->capacity - stream->avail_out);
}

static size_t
zlib_bound(size_t length)
{
    return compressBound(length);
}

/* ---- zstd ------------------------------------------------------------------------------------ */

static bool
zstd_open(struct gw_compressor *compressor)
{
    compressor->packer = ZSTD_createCCtx();
    compressor->unpacker = ZSTD_createDCtx();
    return compressor->packer != NULL && compressor->unpacker != NULL &&
           !ZSTD_isError(ZSTD_CCtx_setParameter(compressor->packer, ZSTD_c_compressionLevel,
                                                compressor->level));
}

static void
zstd_reset(struct gw_compressor *compressor)
{
    ZSTD_CCtx_reset(compressor->packer, ZSTD_reset_session_only);
    ZSTD_DCtx_reset(compressor->unpacker, ZSTD_reset_session_only);
}

static int32_t
zstd_pack(struct gw_compressor *compressor, const struct job *job)
{
    ZSTD_inBuffer in = {job->bytes, job->length, 0};
    ZSTD_outBuffer out = {job->out, job->capacity, 0};
    size_t left;

    if (!job->continuing) {
        left = ZSTD_compress2(compressor->packer, job->out, job->capacity, job->bytes, job->length);
        gw_assert(!ZSTD_isError(left));
        return (int32_t)left;
    }
    left = ZSTD_compressStream2(compressor->packer, &out, &in, ZSTD_e_flush);
    gw_assert(left == 0 && in.pos == in.size);
    return (int32_t)out.pos;
}

/* Whether the unpacker still holds bytes that the full buffer did not take. */
static bool
zstd_has_more(struct gw_compressor *compressor)
{
    uint8_t byte;
    ZSTD_inBuffer in = {NULL, 0, 0};
    ZSTD_outBuffer out = {&byte, 1, 0};

    ZSTD_decompressStream(compressor->unpacker, &out, &in);
    return out.pos > 0;
}

static int32_t
zstd_unpack(struct gw_compressor *compressor, const struct job *job)
{
    ZSTD_inBuffer in = {job->bytes, job->length, 0};
    ZSTD_outBuffer out = {job->out, job->capacity, 0};
    size_t status = 1;
    size_t before;

    do {
        before = in.pos + out.pos;
        status = ZSTD_decompressStream(compressor->unpacker, &out, &in);
    } while (!ZSTD_isError(status) && in.pos < in.size && in.pos + out.pos > before);
    if (ZSTD_isError(status) || in.pos < in.size || (!job->continuing && status != 0)) {
        return -1;
    }
    return out.pos == out.size && zstd_has_more(compressor) ? -1 : (int32_t)out.pos;
}

static size_t
zstd_bound(size_t length)
{
    return ZSTD_compressBound(length);
}

/* ---- lz4 ------------------------------------------------------------------------------------- */

static bool
lz4_open(struct gw_compressor *compressor)
{
    int bytes = compressor->level < LZ4_HIGH_LEVEL ? LZ4_sizeofState() : LZ4_sizeofStateHC();

    compressor->lz4_state = malloc((size_t)bytes);
    return compressor->lz4_state != NULL;
}

static void
lz4_reset(struct gw_compressor *compressor)
{
    (void)compressor; /* each call starts afresh */
}

static int32_t
lz4_pack(struct gw_compressor *compressor, const struct job *job)
{
    const char *bytes = (const char *)job->bytes;
    char *out = (char *)job->out;
    int packed =
        compressor->level < LZ4_HIGH_LEVEL
            ? LZ4_compress_fast_extState(compressor->lz4_state, bytes, out, (int)job->length,
                                         (int)job->capacity, 1)
            : LZ4_compress_HC_extStateHC(compressor->lz4_state, bytes, out, (int)job->length,
                                         (int)job->capacity, compressor->level);

    gw_assert(packed > 0);
    return packed;
}

static int32_t
lz4_unpack(struct gw_compressor *compressor, const struct job *job)
{
    int unpacked = LZ4_decompress_safe((const char *)job->bytes, (char *)job->out, (int)job->length,
                                       (int)job->capacity);

    (void)compressor;
    return unpacked < 0 ? -1 : unpacked;
}

static size_t
lz4_bound(size_t length)
{
    return (size_t)LZ4_compressBound((int)length);
}

/* ---- the table ------------------------------------------------------------------------------- */

static const struct codec codecs[GW_CODEC_COUNT] = {
    [GW_CODEC_NONE] = {.name = "none"},
    [GW_CODEC_ZLIB] = {"zlib", 0, 9, zlib_open, zlib_reset, zlib_pack, zlib_unpack, zlib_bound,
                       zlibVersion},
    [GW_CODEC_ZSTD] = {"zstd", 1, 22, zstd_open, zstd_reset, zstd_pack, zstd_unpack, zstd_bound,
                       ZSTD_versionString},
    [GW_CODEC_LZ4] = {"lz4", 1, LZ4HC_CLEVEL_MAX, lz4_open, lz4_reset, lz4_pack, lz4_unpack,
                      lz4_bound, LZ4_versionString},
};

static const struct codec *
codec_of(enum gw_codec codec)
{
    gw_assert(codec > GW_CODEC_NONE && codec < GW_CODEC_COUNT);
    return &codecs[codec];
}

struct gw_compressor *
gw_compressor_create(enum gw_codec codec, int64_t level, struct gw_error *err)
{
    const struct codec *row = codec_of(codec);
    struct gw_compressor *compressor;

    if (level < row->least_level || level > row->most_level) {
        gw_fail(err, GW_EINVAL, "%s has no level %lld: it has %d to %d", row->name,
                (long long)level, row->least_level, row->most_level);
        return NULL;
    }
    compressor = calloc(1, sizeof *compressor);
    if (compressor != NULL) {
        compressor->codec = row;
        compressor->level = (int)level;
    }
    if (compressor == NULL || !row->open(compressor)) {
        gw_compressor_destroy(compressor);
        gw_fail(err, GW_ENOMEM, "%s: out of memory", row->name);
        return NULL;
    }
    return compressor;
}

void
gw_compressor_destroy(struct gw_compressor *compressor)
{
    if (compressor == NULL) {
        return;
    }
    if (compressor->has_deflater) {
        deflateEnd(&compressor->deflater);
    }
    if (compressor->has_inflater) {
        inflateEnd(&compressor->inflater);
    }
    ZSTD_freeCCtx(compressor->packer);
    ZSTD_freeDCtx(compressor->unpacker);
    free(compressor->lz4_state);
    free(compressor);
}

int32_t
gw_compress(struct gw_compressor *compressor, const uint8_t *bytes, size_t length, uint8_t *out,
            size_t capacity)
{
    const struct job job = {bytes, length, out, capacity, false};

    gw_assert(length <= INT_MAX && capacity <= INT_MAX);
    compressor->codec->reset(compressor);
    return compressor->codec->pack(compressor, &job);
}

int32_t
gw_decompress(struct gw_compressor *compressor, const uint8_t *packed, size_t length, uint8_t *out,
              size_t capacity)
{
    const struct job job = {packed, length, out, capacity, false};

    gw_assert(length <= INT_MAX && capacity <= INT_MAX);
    compressor->codec->reset(compressor);
    return compressor->codec->unpack(compressor, &job);
}

void
gw_compress_stream_start(struct gw_compressor *compressor)
{
    compressor->codec->reset(compressor);
}

int32_t
gw_compress_packet(struct gw_compressor *compressor, const uint8_t *bytes, size_t length,
                   uint8_t *out, size_t capacity)
{
    const struct job job = {bytes, length, out, capacity, true};

    gw_assert(length > 0 && length <= INT_MAX && capacity <= INT_MAX);
    return compressor->codec->pack(compressor, &job);
}

int32_t
gw_decompress_packet(struct gw_compressor *compressor, const uint8_t *packed, size_t length,
                     uint8_t *out, size_t capacity)
{
    const struct job job = {packed, length, out, capacity, true};

    gw_assert(length <= INT_MAX && capacity <= INT_MAX);
    return compressor->codec->unpack(compressor, &job);
}

size_t
gw_compress_bound(enum gw_codec codec, size_t length)
{
    return codec_of(codec)->bound(length) + FLUSH_MARGIN_BYTES;
}

const char *
gw_codec_name(enum gw_codec codec)
{
    gw_assert(codec >= GW_CODEC_NONE && codec < GW_CODEC_COUNT);
    return codecs[codec].name;
}

const char *
gw_codec_version(enum gw_codec codec)
{
    return codec_of(codec)->version();
}
