/* random.c - Philox4x32-10 in batches, and the key of a stream.
 *
 * Idea      The generator is a function of (key, counter), so a stream needs no seeding walk and
 *           streams cannot overlap. The 64-bit key is a hash of seed and name; counter words 2
 *           and 3 hold the object and the replication, words 0 and 1 count blocks. Two objects
 *           or two replications below 2^32 therefore never share a counter, and two seeds never
 *           share a key for the same name. Higher halves of object and replication are hashed
 *           into the key.
 * Source    Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 *           Key mixing: the finaliser of MurmurHash3 (Appleby) with the constants of Stafford's
 *           variant 13; names are hashed with FNV-1a, 64 bits.
 * Invariant The AVX2 batch gives the same words as the portable one; it is chosen at run time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/random.h"

#include <stdbool.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { ROUNDS = 10, BLOCK_WORDS = 4, BATCH_BLOCKS = GW_STREAM_BATCH / BLOCK_WORDS };

static const uint32_t multiplier_0 = 0xD2511F53;
static const uint32_t multiplier_1 = 0xCD9E8D57;
static const uint32_t weyl_0 = 0x9E3779B9;
static const uint32_t weyl_1 = 0xBB67AE85;

_Static_assert(BATCH_BLOCKS == 16, "refill_avx2 makes four times four blocks");

void
gw_philox4x32_10(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t a = counter[0];
    uint32_t b = counter[1];
    uint32_t c = counter[2];
    uint32_t d = counter[3];
    uint32_t key_0 = key[0];
    uint32_t key_1 = key[1];

    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint64_t product_0 = (uint64_t)multiplier_0 * a;
        uint64_t product_1 = (uint64_t)multiplier_1 * c;

        a = (uint32_t)(product_1 >> 32) ^ b ^ key_0;
        b = (uint32_t)product_1;
        c = (uint32_t)(product_0 >> 32) ^ d ^ key_1;
        d = (uint32_t)product_0;
        key_0 += weyl_0;
        key_1 += weyl_1;
    }
    out[0] = a;
    out[1] = b;
    out[2] = c;
    out[3] = d;
}

static uint64_t
block_number(const struct gw_stream *stream)
{
    return stream->counter[0] | (uint64_t)stream->counter[1] << 32;
}

static void
refill_portable(struct gw_stream *stream)
{
    uint64_t block = block_number(stream);

    for (uint32_t i = 0; i < BATCH_BLOCKS; i++) {
        uint32_t counter[4] = {(uint32_t)(block + i), (uint32_t)((block + i) >> 32),
                               stream->counter[2], stream->counter[3]};

        gw_philox4x32_10(counter, stream->key, stream->word + (size_t)BLOCK_WORDS * i);
    }
}

#if defined(__x86_64__)

enum { LANES = 4 };

/* Four blocks side by side, a word of each in the low half of a 64-bit lane. */
struct lanes {
    __m256i a, b, c, d;
};

#define GW_AVX2 __attribute__((target("avx2"), always_inline)) static inline

GW_AVX2 struct lanes
begin(const struct gw_stream *stream, uint64_t block)
{
    __m256i number =
        _mm256_add_epi64(_mm256_set1_epi64x((int64_t)block), _mm256_set_epi64x(3, 2, 1, 0));

    return (struct lanes){number, _mm256_srli_epi64(number, 32),
                          _mm256_set1_epi64x(stream->counter[2]),
                          _mm256_set1_epi64x(stream->counter[3])};
}

GW_AVX2 struct lanes
one_round(struct lanes x, __m256i key_0, __m256i key_1)
{
    __m256i product_0 = _mm256_mul_epu32(x.a, _mm256_set1_epi64x(multiplier_0));
    __m256i product_1 = _mm256_mul_epu32(x.c, _mm256_set1_epi64x(multiplier_1));

    return (struct lanes){
        _mm256_xor_si256(_mm256_srli_epi64(product_1, 32), _mm256_xor_si256(x.b, key_0)), product_1,
        _mm256_xor_si256(_mm256_srli_epi64(product_0, 32), _mm256_xor_si256(x.d, key_1)),
        product_0};
}

/* Stores the words in the order of the blocks. */
GW_AVX2 void
store_blocks(uint32_t *word, struct lanes x)
{
    const __m256i low = _mm256_set1_epi64x(0xFFFFFFFF);
    __m256i ab = _mm256_or_si256(_mm256_and_si256(x.a, low), _mm256_slli_epi64(x.b, 32));
    __m256i cd = _mm256_or_si256(_mm256_and_si256(x.c, low), _mm256_slli_epi64(x.d, 32));
    __m256i even = _mm256_unpacklo_epi64(ab, cd);
    __m256i odd = _mm256_unpackhi_epi64(ab, cd);

    _mm256_storeu_si256((void *)word, _mm256_permute2x128_si256(even, odd, 0x20));
    _mm256_storeu_si256((void *)(word + 8), _mm256_permute2x128_si256(even, odd, 0x31));
}

__attribute__((target("avx2"))) static void
refill_avx2(struct gw_stream *stream)
{
    uint64_t block = block_number(stream);
    struct lanes w = begin(stream, block);
    struct lanes x = begin(stream, block + LANES);
    struct lanes y = begin(stream, block + UINT64_C(2) * LANES);
    struct lanes z = begin(stream, block + UINT64_C(3) * LANES);
    uint32_t key_0 = stream->key[0];
    uint32_t key_1 = stream->key[1];

    for (uint32_t round = 0; round < ROUNDS; round++) {
        __m256i add_0 = _mm256_set1_epi64x(key_0);
        __m256i add_1 = _mm256_set1_epi64x(key_1);

        w = one_round(w, add_0, add_1);
        x = one_round(x, add_0, add_1);
        y = one_round(y, add_0, add_1);
        z = one_round(z, add_0, add_1);
        key_0 += weyl_0;
        key_1 += weyl_1;
    }
    store_blocks(stream->word, w);
    store_blocks(stream->word + 16, x);
    store_blocks(stream->word + 32, y);
    store_blocks(stream->word + 48, z);
}

static bool
has_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}

#else

static void
refill_avx2(struct gw_stream *stream)
{
    refill_portable(stream);
}

static bool
has_avx2(void)
{
    return false;
}

#endif

void
gw_stream_refill(struct gw_stream *stream)
{
    uint64_t next = block_number(stream) + BATCH_BLOCKS;

    if (has_avx2()) {
        refill_avx2(stream);
    } else {
        refill_portable(stream);
    }
    stream->counter[0] = (uint32_t)next;
    stream->counter[1] = (uint32_t)(next >> 32);
    stream->used = 0;
}

static uint64_t
mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
    return x ^ (x >> 31);
}

static uint64_t
hash_name(const char *name)
{
    uint64_t hash = 0xCBF29CE484222325;

    for (; *name != '\0'; name++) {
        hash = (hash ^ (unsigned char)*name) * 0x100000001B3;
    }
    return hash;
}

void
gw_stream_open(struct gw_stream *stream, uint64_t seed, uint64_t replication, const char *name,
               uint64_t object)
{
    uint64_t high = object >> 32 | (replication >> 32) << 32;
    uint64_t key = mix(mix(mix(seed + 0x9E3779B97F4A7C15) ^ hash_name(name)) + high);

    memset(stream, 0, sizeof *stream);
    stream->key[0] = (uint32_t)key;
    stream->key[1] = (uint32_t)(key >> 32);
    stream->counter[2] = (uint32_t)object;
    stream->counter[3] = (uint32_t)replication;
    stream->used = GW_STREAM_BATCH;
}
