/* sweep_merge.c - godwit sweep merge: shards and other databases become one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/exit_code.h"
#include "cli/sweep_verb.h"

struct inputs {
    const char **paths;
    size_t count;
    glob_t *found; /* of each directory */
    size_t found_count;
};

static bool
add(struct inputs *inputs, const char *path, struct gw_error *err)
{
    const char **paths = realloc(inputs->paths, (inputs->count + 1) * sizeof *paths);

    if (paths == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory");
    }
    inputs->paths = paths;
    paths[inputs->count++] = path;
    return true;
}

/* The name of a directory may hold what glob takes for a pattern. */
static void
add_plain(struct gw_text *pattern, const char *path)
{
    for (; *path != '\0'; path++) {
        gw_text_format(pattern, strchr("*?[\\", *path) != NULL ? "\\%c" : "%c", *path);
    }
}

static bool
add_shards(struct inputs *inputs, const char *directory, struct gw_error *err)
{
    glob_t *found = &inputs->found[inputs->found_count];
    struct gw_text pattern = {0};
    int status;

    add_plain(&pattern, directory);
    gw_text_add(&pattern, "/shard-*.db");
    status = pattern.failed ? GLOB_NOSPACE : glob(pattern.bytes, 0, NULL, found);
    gw_text_clear(&pattern);
    if (status == GLOB_NOMATCH) {
        return gw_fail(err, GW_ENOENT, "%s: has no shard-K.db", directory);
    }
    if (status != 0) {
        return gw_fail(err, GW_EIO, "%s: cannot be read", directory);
    }
    inputs->found_count++;
    for (size_t i = 0; i < found->gl_pathc; i++) {
        if (!add(inputs, found->gl_pathv[i], err)) {
            return false;
        }
    }
    return true;
}

static bool
is_directory(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* The shards of directories, and files. */
static bool
gather(struct inputs *inputs, const struct gw_words *operands, struct gw_error *err)
{
    inputs->found = calloc(operands->count, sizeof *inputs->found);
    if (inputs->found == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory");
    }
    for (size_t i = 0; i < operands->count; i++) {
        const char *path = operands->items[i];

        if (!(is_directory(path) ? add_shards(inputs, path, err) : add(inputs, path, err))) {
            return false;
        }
    }
    return true;
}

static void
clear(struct inputs *inputs)
{
    for (size_t i = 0; i < inputs->found_count; i++) {
        globfree(&inputs->found[i]);
    }
    free(inputs->found);
    free(inputs->paths);
}

static int
report(const struct gw_sweep_options *options)
{
    struct gw_error err;
    struct gw_store *store = gw_store_open(options->out, false, &err);
    int code;

    if (store == NULL) {
        return gw_report_error(&err);
    }
    code = gw_sweep_report(store, options->study, options->format);
    gw_store_close(store);
    return options->require_complete || code == GW_EXIT_IO || code == GW_EXIT_USAGE ? code
                                                                                    : GW_EXIT_FINE;
}

int
gw_sweep_merge(const struct gw_sweep_options *options, const struct gw_words *operands)
{
    struct inputs inputs = {0};
    struct gw_error err = {.code = GW_OK};
    bool fine;

    if (operands->count == 0 || options->out == NULL) {
        gw_fail(&err, GW_EINVAL, "sweep merge: wanted DIR|FILE... -o FILE.db");
        return gw_report_error(&err);
    }
    fine = gather(&inputs, operands, &err) &&
           gw_store_unite(inputs.paths, inputs.count, options->out, &err);
    clear(&inputs);
    return fine ? report(options) : gw_report_error(&err);
}
