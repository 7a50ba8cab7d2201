/* measured.c - opens the file of a measured migration and hands it to the reader of its kind.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/measured.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/host_profile.h"
#include "cli/measured_json.h"
#include "cli/measured_memory.h"
#include "cli/measured_storage.h"

static const struct {
    const char *key;     /* of the file's object */
    const char *profile; /* costs of the host that such migrations were measured on */
    bool (*read)(struct gw_measured *measured, const json_t *root, const char *host,
                 struct gw_error *err);
} kinds[] = {
    {"setup", "qemu72/host", gw_measured_memory_read},
    {"case", "qemu72/storage", gw_measured_storage_read},
};

void
gw_measured_clear(struct gw_measured *measured)
{
    free(measured->id);
    free(measured->group);
    free(measured->scenario);
    for (size_t i = 0; i < GW_CURVE_COUNT; i++) {
        free(measured->curves[i].t_s);
        free(measured->curves[i].values);
    }
    *measured = (struct gw_measured){0};
}

bool
gw_measured_name(struct gw_measured *measured, const char *id, const char *group,
                 struct gw_error *err)
{
    measured->id = strdup(id);
    measured->group = strdup(group);
    return (measured->id != NULL && measured->group != NULL) ||
           gw_fail(err, GW_ENOMEM, "out of memory");
}

void
gw_measured_add(struct gw_measured *measured, struct gw_measured_number number)
{
    if (!isnan(number.expected)) {
        gw_assert(measured->count < GW_MEASURED_NUMBERS_MOST);
        measured->numbers[measured->count++] = number;
    }
}

double
gw_measured_metric(const struct gw_result *result, int64_t index)
{
    return result->metric[index];
}

static json_t *
parse_file(const char *path, struct gw_error *err)
{
    FILE *file = fopen(path, "rb");
    json_error_t trouble;
    json_t *root;

    if (file == NULL) {
        gw_fail(err, errno == ENOENT ? GW_ENOENT : GW_EIO, "cannot be opened: %s", strerror(errno));
        return NULL;
    }
    errno = 0;
    root = json_loadf(file, JSON_REJECT_DUPLICATES, &trouble);
    if (root == NULL && ferror(file) != 0) {
        gw_fail(err, GW_EIO, "cannot be read: %s", strerror(errno));
    } else if (root == NULL) {
        gw_fail(err, GW_EINVAL, "no JSON: line %d: %s", trouble.line, trouble.text);
    }
    fclose(file);
    return root;
}

/* The name of the file to include, "" for none. Caller frees. */
static char *
included_host(const char *host, size_t kind, struct gw_error *err)
{
    char *name;

    if (host == NULL) {
        return gw_host_profile_find(kinds[kind].profile, err);
    }
    name = strdup(host);
    if (name == NULL) {
        gw_fail(err, GW_ENOMEM, "out of memory");
    }
    return name;
}

/* host: as in gw_measured_read. */
static bool
fill_kind(struct gw_measured *measured, const json_t *root, const char *host, size_t kind,
          struct gw_error *err)
{
    char *included = included_host(host, kind, err);
    bool none;
    bool fine;

    if (included == NULL) {
        return false;
    }
    none = strcmp(included, GW_MEASURED_NO_HOST) == 0;
    fine = kinds[kind].read(measured, root, none ? NULL : included, err) &&
           gw_measured_curves_read(measured, root, err);
    if (fine && !none) {
        fine = gw_host_profile_has_case(included, measured->id, &measured->fitted, err);
    }
    free(included);
    return fine;
}

static bool
fill(struct gw_measured *measured, const json_t *root, const char *host, struct gw_error *err)
{
    if (!json_is_object(root)) {
        return gw_fail(err, GW_EINVAL, "must hold one JSON object");
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (json_object_get(root, kinds[i].key) != NULL) {
            return fill_kind(measured, root, host, i, err);
        }
    }
    return gw_fail(err, GW_EINVAL,
                   "has neither 'setup' (a measured memory migration) nor 'case' (storage)");
}

bool
gw_measured_read(struct gw_measured *measured, const char *path, const char *host,
                 struct gw_error *err)
{
    json_t *root = parse_file(path, err);
    bool fine;

    *measured = (struct gw_measured){0};
    fine = root != NULL && fill(measured, root, host, err);
    json_decref(root);
    if (!fine) {
        gw_measured_clear(measured);
        return gw_fail_within(err, "%s", path);
    }
    return true;
}
