/* sha256.c - SHA-256.
 *
 * Source    FIPS 180-4, sections 4.1.2, 4.2.2, 5.1.1, 5.3.3 and 6.2; RFC 4648, section 4.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/sha256.h"

#include <stdint.h>
#include <string.h>

enum { BLOCK = 64, WORDS = 8, DIGEST = 32, LENGTH_BYTES = 8 };

/* Section 4.2.2: the first 32 bits behind the point of the cube roots of the first 64 primes. */
static const uint32_t round_constants[BLOCK] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t
rotate(uint32_t word, unsigned bits)
{
    return word >> bits | word << (32 - bits);
}

static void
fill_schedule(const unsigned char *block, uint32_t schedule[BLOCK])
{
    for (size_t i = 0; i < 16; i++) {
        schedule[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
                      (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    }
    for (size_t i = 16; i < BLOCK; i++) {
        uint32_t near = schedule[i - 2];
        uint32_t far = schedule[i - 15];

        schedule[i] = schedule[i - 16] + schedule[i - 7] +
                      (rotate(far, 7) ^ rotate(far, 18) ^ far >> 3) +
                      (rotate(near, 17) ^ rotate(near, 19) ^ near >> 10);
    }
}

/* Section 6.2.2; the working variables a to h are v[0] to v[7]. */
static void
add_block(uint32_t hash[WORDS], const unsigned char *block)
{
    uint32_t schedule[BLOCK];
    uint32_t v[WORDS];

    fill_schedule(block, schedule);
    memcpy(v, hash, sizeof v);
    for (size_t i = 0; i < BLOCK; i++) {
        uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
        uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        uint32_t first = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)) + choice +
                         round_constants[i] + schedule[i];
        uint32_t second = (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)) + majority;

        memmove(&v[1], &v[0], (WORDS - 1) * sizeof v[0]);
        v[4] += first;
        v[0] = first + second;
    }
    for (size_t i = 0; i < WORDS; i++) {
        hash[i] += v[i];
    }
}

static void
digest_of(const unsigned char *bytes, size_t length, unsigned char digest[DIGEST])
{
    uint32_t hash[WORDS] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                            0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    unsigned char last[2 * BLOCK] = {0};
    size_t whole = length / BLOCK * BLOCK;
    size_t rest = length - whole;
    size_t padded = rest + 1 + LENGTH_BYTES <= BLOCK ? BLOCK : 2 * BLOCK;
    uint64_t bits = (uint64_t)length * 8;

    for (size_t at = 0; at < whole; at += BLOCK) {
        add_block(hash, bytes + at);
    }
    if (rest > 0) {
        memcpy(last, bytes + whole, rest);
    }
    last[rest] = 0x80;
    for (size_t i = 0; i < LENGTH_BYTES; i++) {
        last[padded - 1 - i] = (unsigned char)(bits >> (8 * i));
    }
    for (size_t at = 0; at < padded; at += BLOCK) {
        add_block(hash, last + at);
    }
    for (size_t i = 0; i < DIGEST; i++) {
        digest[i] = (unsigned char)(hash[i / 4] >> (24 - 8 * (i % 4)));
    }
}

void
gw_sha256_base64(const void *bytes, size_t length, char out[GW_SHA256_BASE64])
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned char digest[DIGEST + 1] = {0}; /* one more, so that triples divide it */
    size_t used = 0;

    digest_of(bytes, length, digest);
    for (size_t i = 0; i < DIGEST; i += 3) {
        uint32_t triple = (uint32_t)digest[i] << 16 | (uint32_t)digest[i + 1] << 8 | digest[i + 2];

        for (unsigned shift = 18; used < GW_SHA256_BASE64 - 1; shift -= 6) {
            out[used++] = letters[triple >> shift & 63];
            if (shift == 0) {
                break;
            }
        }
    }
    out[GW_SHA256_BASE64 - 2] = '=';
    out[GW_SHA256_BASE64 - 1] = '\0';
}
