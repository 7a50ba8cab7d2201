/* calibration_write.c - the fitted values as a file that scenarios include.
 *
 * Idea      The header carries the evidence: which numbers were met, how well, within which
 *           bounds, so that a reader of the file needs no other.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/calibration.h"

#ifndef GW_VERSION
#define GW_VERSION "unknown"
#endif

enum { LINE_WIDTH = 98 };

/* The map that a dotted key ends in, made when missing; *leaf is its last word. NULL: memory. */
static struct gw_config_node *
group_of(struct gw_config_node *map, const char *key, const char **leaf)
{
    for (const char *dot = strchr(key, '.'); dot != NULL && map != NULL; dot = strchr(key, '.')) {
        char *word = strndup(key, (size_t)(dot - key));
        struct gw_config_node *child = word == NULL ? NULL : gw_config_get(map, word);

        if (child == NULL && word != NULL) {
            child = gw_config_put_group(map, word, GW_CONFIG_MAP);
        }
        free(word);
        map = child;
        key = dot + 1;
    }
    *leaf = key;
    return map;
}

static bool
put_values(const struct gw_calibration *calibration, const double *values,
           struct gw_config_node *root)
{
    bool fine = true;

    for (size_t i = 0; i < calibration->parameter_count; i++) {
        const struct gw_calibration_parameter *parameter = &calibration->parameters[i];
        struct gw_text value = {0};

        gw_calibration_value(parameter, values[i], &value);
        for (size_t k = 0; fine && k < parameter->key_count; k++) {
            const char *leaf;
            struct gw_config_node *map = group_of(root, parameter->keys[k], &leaf);

            fine = map != NULL && !value.failed && gw_config_put(map, leaf, value.bytes, false);
        }
        gw_text_clear(&value);
    }
    return fine;
}

static const char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

/* A text as comment lines. */
static void
add_comment(struct gw_text *out, const char *text)
{
    size_t column = 5;

    gw_text_add(out, "#    ");
    while (*text != '\0') {
        size_t length = strcspn(text, " \n");

        if (column > 5 && column + 1 + length > LINE_WIDTH) {
            gw_text_add(out, "\n#    ");
            column = 5;
        }
        gw_text_add(out, " ");
        gw_text_add_bytes(out, text, length);
        column += 1 + length;
        text += length;
        text += strspn(text, " \n");
    }
    gw_text_add(out, "\n");
}

static void
add_targets(const struct gw_calibration *calibration, const struct gw_calibration_finding *findings,
            struct gw_text *out)
{
    for (size_t i = 0; i < calibration->target_count; i++) {
        const struct gw_calibration_target *target = &calibration->targets[i];
        double mean = findings[i].mean;

        gw_text_format(out, "#   %s, %s: wanted %g, ", target->name,
                       gw_metric_info[target->metric].key, target->expected);
        if (isnan(mean)) {
            gw_text_add(out, "did not complete\n");
            continue;
        }
        gw_text_format(out, "got %.6g (%+.2f %%, tolerance %g %%)\n", mean,
                       100 * (mean / target->expected - 1), 100 * target->tolerance);
    }
}

static void
add_bounds(const struct gw_calibration *calibration, struct gw_text *out)
{
    for (size_t i = 0; i < calibration->parameter_count; i++) {
        const struct gw_calibration_parameter *parameter = &calibration->parameters[i];

        gw_text_add(out, "#  ");
        for (size_t k = 0; k < parameter->key_count; k++) {
            gw_text_format(out, " %s", parameter->keys[k]);
        }
        gw_text_format(out, ": %g to %g %s\n", calibration->bounds[i].least,
                       calibration->bounds[i].most, parameter->unit);
        if (parameter->reason != NULL) {
            add_comment(out, parameter->reason);
        }
    }
}

char *
gw_calibration_write(const struct gw_calibration *calibration,
                     const struct gw_calibration_finding *findings,
                     const struct gw_fit_outcome *outcome)
{
    struct gw_config_node *root = gw_config_node_create(GW_CONFIG_MAP, NULL, NULL);
    struct gw_text out = {0};

    if (root == NULL || !put_values(calibration, outcome->values, root)) {
        gw_config_node_destroy(root);
        return NULL;
    }
    gw_text_format(&out, "# Written by godwit " GW_VERSION " calibrate %s. Do not edit.\n",
                   base_name(calibration->path));
    gw_text_format(&out,
                   "#\n# Fitted to these numbers and to nothing else, %lld replication%s each:\n",
                   (long long)calibration->replications, calibration->replications == 1 ? "" : "s");
    add_targets(calibration, findings, &out);
    gw_text_format(&out, "# Evaluations: %zu. Sum of squared residuals in tolerances: %.4g.\n",
                   outcome->evaluations, outcome->cost);
    gw_text_add(&out, "#\n# Bounds:\n");
    add_bounds(calibration, &out);
    gw_config_write_yaml(root, &out);
    gw_config_node_destroy(root);
    return gw_text_take(&out);
}

static bool
write_all(int file, const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        ssize_t written = write(file, text, left);

        if (written < 0 && errno != EINTR) {
            return false;
        }
        text += written < 0 ? 0 : written;
        left -= written < 0 ? 0 : (size_t)written;
    }
    return fsync(file) == 0;
}

bool
gw_calibration_replace_file(const char *path, const char *text, struct gw_error *err)
{
    struct gw_text name = {0};
    bool fine;
    int file;

    gw_text_format(&name, "%s.XXXXXX", path);
    if (name.failed) {
        return gw_fail(err, GW_ENOMEM, "out of memory");
    }
    file = mkstemp(name.bytes);
    fine = file >= 0 && fchmod(file, 0644) == 0 && write_all(file, text);
    fine = (file < 0 || close(file) == 0) && fine;
    fine = fine && rename(name.bytes, path) == 0;
    if (!fine) {
        gw_fail(err, errno == ENOENT ? GW_ENOENT : GW_EIO, "%s: cannot be written: %s", path,
                strerror(errno));
    }
    if (!fine && file >= 0) {
        unlink(name.bytes);
    }
    gw_text_clear(&name);
    return fine;
}
