/* golden_rig.c - stored texts below tests/golden: see golden_rig.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "tests/support/golden_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char golden[GOLDEN_BYTES];

static void
path_of(char *path, size_t bytes, const char *name)
{
    const char *root = getenv("GW_SOURCE_DIR");

    snprintf(path, bytes, "%s/tests/golden/%s", root == NULL ? "." : root, name);
}

bool
golden_read(const char *name, char *text)
{
    char path[4096];
    FILE *file;
    size_t length;

    path_of(path, sizeof path, name);
    file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    length = fread(text, 1, GOLDEN_BYTES - 1, file);
    text[length] = '\0';
    fclose(file);
    return true;
}

static void
write_file(const char *name, const char *text)
{
    char path[4096];
    FILE *file;

    path_of(path, sizeof path, name);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* First line in which two texts differ, for the message. */
static void
fail_at_difference(const char *name, const char *got, const char *expected)
{
    int line = 1;

    while (*got != '\0' && *got == *expected) {
        line += *got == '\n';
        got++;
        expected++;
    }
    fail_msg("%s:%d differs; if that is meant: make golden-update, and review", name, line);
}

void
golden_compare(const char *name, const char *text)
{
    if (getenv("GW_GOLDEN_UPDATE") != NULL) {
        write_file(name, text);
        return;
    }
    if (!golden_read(name, golden)) {
        fail_msg("no golden file %s: make golden-update", name);
    }
    if (strcmp(text, golden) != 0) {
        fail_at_difference(name, text, golden);
    }
}
