/* measured_json.c - fields of a JSON object by their path: "setup.guest.fill".
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/measured_json.h"

#include <string.h>

enum { PATH_MAX_BYTES = 128 };

const json_t *
gw_json_find(const json_t *root, const char *path)
{
    char words[PATH_MAX_BYTES];
    char *rest = NULL;
    const json_t *at = root;

    gw_assert(strlen(path) < sizeof words);
    memcpy(words, path, strlen(path) + 1);
    for (char *word = strtok_r(words, ".", &rest); word != NULL && at != NULL;
         word = strtok_r(NULL, ".", &rest)) {
        at = json_object_get(at, word);
    }
    return json_is_null(at) ? NULL : at;
}

bool
gw_json_missing(const char *path, struct gw_error *err)
{
    return gw_fail(err, GW_EINVAL, "%s is missing", path);
}

bool
gw_json_text(const json_t *root, const char *path, const char **out, struct gw_error *err)
{
    const json_t *value = gw_json_find(root, path);
    const char *text = json_string_value(value);

    if (value == NULL) {
        return gw_json_missing(path, err);
    }
    if (text == NULL || text[0] == '\0') {
        return gw_fail(err, GW_EINVAL, "%s must be a text", path);
    }
    *out = text;
    return true;
}

bool
gw_json_real(const json_t *root, const char *path, double *out, struct gw_error *err)
{
    const json_t *value = gw_json_find(root, path);

    if (value == NULL) {
        return gw_json_missing(path, err);
    }
    if (!json_is_number(value) || !(json_number_value(value) >= 0)) {
        return gw_fail(err, GW_EINVAL, "%s must be a number that is not negative", path);
    }
    *out = json_number_value(value);
    return true;
}

bool
gw_json_real_or(const json_t *root, const char *path, double otherwise, double *out,
                struct gw_error *err)
{
    *out = otherwise;
    return gw_json_find(root, path) == NULL || gw_json_real(root, path, out, err);
}

bool
gw_json_flag(const json_t *root, const char *path, bool *out, struct gw_error *err)
{
    const json_t *value = gw_json_find(root, path);

    if (value == NULL) {
        return gw_json_missing(path, err);
    }
    *out = json_is_true(value);
    return json_is_boolean(value) || gw_fail(err, GW_EINVAL, "%s must be true or false", path);
}

bool
gw_json_flag_or(const json_t *root, const char *path, bool otherwise, bool *out,
                struct gw_error *err)
{
    *out = otherwise;
    return gw_json_find(root, path) == NULL || gw_json_flag(root, path, out, err);
}

static bool
read_number(const json_t *root, const struct gw_json_number *row, int64_t *out,
            struct gw_error *err)
{
    const json_t *value = gw_json_find(root, row->path);

    *out = row->otherwise;
    if (value == NULL) {
        return row->otherwise != GW_JSON_NEEDED || gw_json_missing(row->path, err);
    }
    *out = json_integer_value(value);
    return (json_is_integer(value) && *out >= row->least && *out <= row->most) ||
           gw_fail(err, GW_EINVAL, "%s must be a whole number from %lld to %lld", row->path,
                   (long long)row->least, (long long)row->most);
}

bool
gw_json_numbers(const json_t *root, const struct gw_json_number *rows, size_t count, void *out,
                struct gw_error *err)
{
    for (size_t i = 0; i < count; i++) {
        int64_t number;

        if (!read_number(root, &rows[i], &number, err)) {
            return false;
        }
        memcpy((char *)out + rows[i].offset, &number, sizeof number);
    }
    return true;
}
