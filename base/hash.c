/* hash.c - thin wrapper of libxxhash's XXH3-128.
 *
 * Why       XXH3-128 keeps up with memory, and 128 bits make an accidental clash of two runs
 *           out of the question. The canonical (big-endian) form is what `xxh128sum` prints.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

enum { READ_BYTES = 65536 };

struct gw_hash {
    XXH3_state_t *state;
};

struct gw_hash *
gw_hash_create(void)
{
    struct gw_hash *hash = malloc(sizeof *hash);

    if (hash == NULL) {
        return NULL;
    }
    hash->state = XXH3_createState();
    if (hash->state == NULL || XXH3_128bits_reset(hash->state) != XXH_OK) {
        gw_hash_destroy(hash);
        return NULL;
    }
    return hash;
}

void
gw_hash_destroy(struct gw_hash *hash)
{
    if (hash != NULL) {
        XXH3_freeState(hash->state);
        free(hash);
    }
}

void
gw_hash_add(struct gw_hash *hash, const void *bytes, size_t length)
{
    if (length > 0) {
        gw_assert(XXH3_128bits_update(hash->state, bytes, length) == XXH_OK);
    }
}

void
gw_hash_add_u64(struct gw_hash *hash, uint64_t value)
{
    unsigned char bytes[8];

    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)(value >> (8 * i));
    }
    gw_hash_add(hash, bytes, sizeof bytes);
}

void
gw_hash_add_text(struct gw_hash *hash, const char *text)
{
    if (text == NULL) {
        gw_hash_add_u64(hash, UINT64_MAX);
        return;
    }
    size_t length = strlen(text);
    gw_hash_add_u64(hash, length);
    gw_hash_add(hash, text, length);
}

void
gw_hash_add_double(struct gw_hash *hash, double value)
{
    uint64_t bits = UINT64_C(0x7ff8000000000000);

    if (!__builtin_isnan(value)) {
        double positive = value + 0.0; /* turns -0 into 0 */
        memcpy(&bits, &positive, sizeof bits);
    }
    gw_hash_add_u64(hash, bits);
}

static void
hash_print(XXH128_hash_t value, char out[GW_HASH_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    XXH128_canonical_t canonical;

    XXH128_canonicalFromHash(&canonical, value);
    for (size_t i = 0; i < sizeof canonical.digest; i++) {
        out[2 * i] = digits[canonical.digest[i] >> 4];
        out[2 * i + 1] = digits[canonical.digest[i] & 15];
    }
    out[GW_HASH_TEXT - 1] = '\0';
}

void
gw_hash_text(const struct gw_hash *hash, char out[GW_HASH_TEXT])
{
    hash_print(XXH3_128bits_digest(hash->state), out);
}

void
gw_hash_bytes(const void *bytes, size_t length, char out[GW_HASH_TEXT])
{
    hash_print(XXH3_128bits(bytes, length), out);
}

static bool
hash_descriptor(struct gw_hash *hash, int descriptor)
{
    unsigned char buffer[READ_BYTES];

    for (;;) {
        ssize_t got = read(descriptor, buffer, sizeof buffer);
        if (got == 0) {
            return true;
        }
        if (got < 0 && errno != EINTR) {
            return false;
        }
        if (got > 0) {
            gw_hash_add(hash, buffer, (size_t)got);
        }
    }
}

bool
gw_hash_file(const char *path, char out[GW_HASH_TEXT], struct gw_error *err)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return gw_fail(err, errno == ENOENT ? GW_ENOENT : GW_EIO, "%s: %s", path, strerror(errno));
    }
    struct gw_hash *hash = gw_hash_create();
    if (hash == NULL) {
        close(descriptor);
        return gw_fail(err, GW_ENOMEM, "%s: out of memory", path);
    }
    bool ok = hash_descriptor(hash, descriptor);
    if (ok) {
        gw_hash_text(hash, out);
    } else {
        gw_fail(err, GW_EIO, "%s: %s", path, strerror(errno));
    }
    gw_hash_destroy(hash);
    close(descriptor);
    return ok;
}
