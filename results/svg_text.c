/* svg_text.c - title and description of an SVG file.
 *
 * Idea      gnuplot names every picture "Gnuplot" and has no option for it. Its file begins with one
 *           svg element that holds one title and one desc; only these three places are touched.
 *           The new file takes the place of the old one in one step.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/svg_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static bool
read_all(const char *path, struct gw_text *out)
{
    char chunk[8192];
    size_t got;
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        return false;
    }
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0) {
        gw_text_add_bytes(out, chunk, got);
    }
    bool ok = ferror(file) == 0;
    return fclose(file) == 0 && ok;
}

/* XML allows no control characters, whatever stands for them. */
static void
add_escaped(struct gw_text *out, const char *text)
{
    static const struct {
        char letter;
        const char *shown;
    } rows[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}};

    for (; *text != '\0'; text++) {
        size_t i = 0;
        while (i < sizeof rows / sizeof rows[0] && rows[i].letter != *text) {
            i++;
        }
        if (i < sizeof rows / sizeof rows[0]) {
            gw_text_add(out, rows[i].shown);
            continue;
        }
        bool control = (unsigned char)*text < 32 || *text == 127;
        gw_text_add_bytes(out, control ? " " : text, 1);
    }
}

/* Copies up to the element, puts the text into it, and returns what follows it; without such an
 * element nothing happens. */
static const char *
replace(struct gw_text *out, const char *rest, const char *name, const char *text)
{
    char opens[16];
    char closes[16];

    snprintf(opens, sizeof opens, "<%s>", name);
    snprintf(closes, sizeof closes, "</%s>", name);
    const char *from = strstr(rest, opens);
    const char *to = from == NULL ? NULL : strstr(from, closes);
    if (to == NULL) {
        return rest;
    }
    gw_text_add_bytes(out, rest, (size_t)(from - rest) + strlen(opens));
    add_escaped(out, text);
    return to;
}

static const char *
mark_as_image(struct gw_text *out, const char *rest)
{
    static const char element[] = "<svg";
    const char *from = strstr(rest, element);

    if (from == NULL) {
        return rest;
    }
    gw_text_add_bytes(out, rest, (size_t)(from - rest) + sizeof element - 1);
    gw_text_add(out, " role=\"img\"");
    return from + sizeof element - 1;
}

static bool
write_beside(const char *path, const char *bytes, struct gw_error *err)
{
    char part[4200];

    snprintf(part, sizeof part, "%s.part", path);
    FILE *file = fopen(part, "wb");
    bool ok = file != NULL && fputs(bytes, file) >= 0;
    ok = file != NULL && fclose(file) == 0 && ok;
    ok = ok && rename(part, path) == 0;
    if (!ok) {
        gw_fail(err, GW_EIO, "%s: %s", path, strerror(errno));
        remove(part);
    }
    return ok;
}

bool
gw_svg_describe(const char *path, const char *title, const char *description, struct gw_error *err)
{
    struct gw_text old = {0};
    struct gw_text out = {0};

    if (!read_all(path, &old)) {
        gw_text_clear(&old);
        return gw_fail(err, GW_EIO, "%s: %s", path, strerror(errno));
    }
    char *bytes = gw_text_take(&old);
    char *fresh = NULL;
    if (bytes != NULL) {
        const char *rest = mark_as_image(&out, bytes);
        rest = replace(&out, rest, "title", title);
        rest = replace(&out, rest, "desc", description);
        gw_text_add(&out, rest);
        fresh = gw_text_take(&out);
    }
    free(bytes);
    bool ok = fresh == NULL ? gw_fail(err, GW_ENOMEM, "out of memory for %s", path)
                            : write_beside(path, fresh, err);
    free(fresh);
    return ok;
}
