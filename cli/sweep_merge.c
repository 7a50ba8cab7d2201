/* sweep_merge.c - godwit sweep merge: the shards of a directory become one database.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/exit_code.h"
#include "cli/sweep_verb.h"

struct inputs {
    const char **paths;
    size_t count;
    glob_t found;
};

static bool
find_shards(struct inputs *inputs, const char *directory, struct gw_error *err)
{
    struct gw_text pattern = {0};
    int status;

    gw_text_add(&pattern, directory);
    gw_text_add(&pattern, "/shard-*.db");
    status = pattern.failed ? GLOB_NOSPACE : glob(pattern.bytes, 0, NULL, &inputs->found);
    gw_text_clear(&pattern);
    if (status == GLOB_NOMATCH) {
        return gw_fail(err, GW_ENOENT, "%s: has no shard-K.db", directory);
    }
    return status == 0 || gw_fail(err, GW_EIO, "%s: cannot be read", directory);
}

/* The shards; and the result itself when it is there, so that what it holds is kept. */
static bool
gather(struct inputs *inputs, const char *directory, const char *out, struct gw_error *err)
{
    if (!find_shards(inputs, directory, err)) {
        return false;
    }
    inputs->paths = calloc(inputs->found.gl_pathc + 1, sizeof *inputs->paths);
    if (inputs->paths == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory");
    }
    for (size_t i = 0; i < inputs->found.gl_pathc; i++) {
        inputs->paths[inputs->count++] = inputs->found.gl_pathv[i];
    }
    if (access(out, F_OK) == 0) {
        inputs->paths[inputs->count++] = out;
    }
    return true;
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

    if (operands->count != 1 || options->out == NULL) {
        gw_fail(&err, GW_EINVAL, "sweep merge: wanted DIR -o FILE.db");
        return gw_report_error(&err);
    }
    fine = gather(&inputs, operands->items[0], options->out, &err) &&
           gw_store_unite(inputs.paths, inputs.count, options->out, &err);
    free(inputs.paths);
    globfree(&inputs.found);
    return fine ? report(options) : gw_report_error(&err);
}
