/* baseline_write.c - a baseline as JSON that a reviewer can read as a difference.
 *
 * Idea      Written by hand and not by jansson, which puts an array on one line or each number on
 *           its own: here a replication is a line. Only margins that are not the program's own are
 *           written, so that a better default reaches all files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "results/baseline.h"

enum { NAME_MOST = 4096 + 8 };

static void
put_numbers(struct gw_text *out, const double *values, size_t count, int digits)
{
    gw_text_add(out, "[");
    for (size_t i = 0; i < count; i++) {
        gw_text_add(out, i == 0 ? "" : ",");
        if (isnan(values[i])) {
            gw_text_add(out, "null");
        } else {
            gw_text_format(out, "%.*g", digits, values[i] == 0 ? 0 : values[i]);
        }
    }
    gw_text_add(out, "]");
}

static void
put_text(struct gw_text *out, const char *indent, const char *key, const char *value)
{
    gw_text_format(out, "%s\"%s\": ", indent, key);
    gw_text_add_json(out, value);
    gw_text_add(out, ",\n");
}

static void
put_digests(struct gw_text *out, const struct gw_baseline_group *group)
{
    gw_text_add(out, "          \"digests\": [");
    for (size_t i = 0; i < group->runs; i++) {
        gw_text_format(out, "%s\"%s\"", i == 0 ? "" : ", ", group->digests[i]);
    }
    gw_text_add(out, "],\n");
}

static void
put_metrics(struct gw_text *out, const struct gw_baseline_group *group)
{
    const char *comma = "";

    gw_text_add(out, "          \"metrics\": {");
    for (size_t i = 0; i < GW_GATE_METRIC_COUNT; i++) {
        if (group->metrics[i] != NULL) {
            gw_text_format(out, "%s\n            \"%s\": ", comma,
                           gw_metric_info[gw_gate_metrics[i].metric].key);
            put_numbers(out, group->metrics[i], group->runs, 6);
            comma = ",";
        }
    }
    gw_text_add(out, "\n          },\n");
}

static void
put_curves(struct gw_text *out, const struct gw_baseline_group *group)
{
    const char *comma = "";

    gw_text_add(out, "          \"curves\": {");
    for (size_t id = 0; id < GW_CURVE_COUNT; id++) {
        if (group->curves[id] == NULL) {
            continue;
        }
        gw_text_format(out, "%s\n            \"%s\": [", comma, gw_curve_info[id].key);
        for (size_t run = 0; run < group->runs; run++) {
            gw_text_add(out, run == 0 ? "\n              " : ",\n              ");
            put_numbers(out, &group->curves[id][run * group->points], group->points, 5);
        }
        gw_text_add(out, "\n            ]");
        comma = ",";
    }
    gw_text_add(out, "\n          }\n");
}

static void
put_group(struct gw_text *out, const struct gw_baseline_group *group)
{
    gw_text_add(out, "        {\n");
    put_text(out, "          ", "name", group->name);
    gw_text_format(out,
                   "          \"completed\": %zu,\n          \"failed\": %zu,\n"
                   "          \"unverified\": %zu,\n",
                   group->completed, group->failed, group->unverified);
    put_digests(out, group);
    put_metrics(out, group);
    gw_text_format(out, "          \"grid\": {\"end_s\": %.6g, \"points\": %zu},\n", group->end_s,
                   group->points);
    put_curves(out, group);
    gw_text_add(out, "        }");
}

static void
put_case(struct gw_text *out, const struct gw_baseline_case *one)
{
    gw_text_add(out, "    {\n");
    put_text(out, "      ", "case", one->name);
    put_text(out, "      ", "scenario", one->scenario);
    gw_text_add(out, "      \"settings\": [");
    for (size_t i = 0; i < one->setting_count; i++) {
        gw_text_add(out, i == 0 ? "" : ", ");
        gw_text_add_json(out, one->settings[i]);
    }
    gw_text_format(out,
                   "],\n      \"seed\": %lld,\n      \"replications\": %lld,\n"
                   "      \"groups\": [",
                   (long long)one->seed, (long long)one->replications);
    for (size_t i = 0; i < one->group_count; i++) {
        gw_text_add(out, i == 0 ? "\n" : ",\n");
        put_group(out, &one->groups[i]);
    }
    gw_text_add(out, "\n      ]\n    }");
}

static void
put_margin(struct gw_text *out, const char *key, double margin, const char **comma)
{
    gw_text_format(out, "%s\"%s\": \"%.6g%%\"", *comma, key, 100 * margin);
    *comma = ", ";
}

static void
put_margins(struct gw_text *out, const struct gw_gate_margins *margins)
{
    const char *comma = "";

    gw_text_add(out, "  \"margins\": {\"metrics\": {");
    for (size_t i = 0; i < GW_GATE_METRIC_COUNT; i++) {
        if (fabs(margins->metric[i] - gw_gate_metrics[i].margin) > 1e-9) {
            put_margin(out, gw_metric_info[gw_gate_metrics[i].metric].key, margins->metric[i],
                       &comma);
        }
    }
    gw_text_add(out, "}, \"curves\": {");
    comma = "";
    for (size_t i = 0; i < GW_CURVE_COUNT; i++) {
        if (fabs(margins->curve[i] - gw_gate_curves[i].margin) > 1e-9) {
            put_margin(out, gw_curve_info[i].key, margins->curve[i], &comma);
        }
    }
    gw_text_add(out, "}},\n");
}

/* The neighbour of a file, or of the file that a link stands for. */
static bool
name_neighbour(const char *path, char *name, size_t size, struct gw_error *err)
{
    char *file = realpath(path, NULL);
    int length = snprintf(name, size, "%s.new", file == NULL ? path : file);

    free(file);
    return (size_t)length < size || gw_fail(err, GW_EINVAL, "%.200s...: name too long", path);
}

static bool
fail_to_write(const char *path, struct gw_error *err)
{
    return gw_fail(err, GW_EIO, "%s cannot be written: %s", path, strerror(errno));
}

/* Asks without writing: another accept may have its neighbour open. */
bool
gw_baseline_writable(const char *path, struct gw_error *err)
{
    char name[NAME_MOST];
    char *slash;

    if (!name_neighbour(path, name, sizeof name, err)) {
        return false;
    }
    if (access(path, W_OK) != 0 && errno != ENOENT) {
        return fail_to_write(path, err);
    }
    slash = strrchr(name, '/');
    if (slash != NULL) {
        slash[slash == name ? 1 : 0] = '\0';
    }
    return access(slash == NULL ? "." : name, W_OK | X_OK) == 0 || fail_to_write(path, err);
}

/* To a neighbour first: a check that is stopped leaves the old file or the new one. */
static bool
replace_file(const char *path, const struct gw_text *text, struct gw_error *err)
{
    char name[NAME_MOST];
    char target[NAME_MOST];
    FILE *file;
    bool fine;

    if (!name_neighbour(path, name, sizeof name, err)) {
        return false;
    }
    memcpy(target, name, sizeof target);
    target[strlen(name) - strlen(".new")] = '\0';
    file = fopen(name, "w");
    if (file == NULL) {
        return fail_to_write(path, err);
    }
    fine = fwrite(text->bytes, 1, text->length, file) == text->length;
    fine = fclose(file) == 0 && fine;
    if (!fine || rename(name, target) != 0) {
        fail_to_write(path, err);
        remove(name);
        return false;
    }
    return true;
}

/* Names and reasons are bytes of anybody, and JSON is UTF-8: what could not be read again must not
 * take the place of what can. */
static bool
readable(const struct gw_text *text, const char *path, struct gw_error *err)
{
    json_error_t fault = {0};
    json_t *root = json_loadb(text->bytes, text->length, JSON_REJECT_DUPLICATES, &fault);

    if (root == NULL) {
        return gw_fail(err, GW_EINVAL, "%s is not written: line %d could not be read again: %s",
                       path, fault.line, fault.text);
    }
    json_decref(root);
    return true;
}

bool
gw_baseline_write(const struct gw_baseline *baseline, const char *path, struct gw_error *err)
{
    struct gw_text out = {0};
    bool fine;

    gw_text_format(&out, "{\n  \"format\": %d,\n", GW_BASELINE_FORMAT);
    put_text(&out, "  ", "godwit", baseline->version);
    put_text(&out, "  ", "reason", baseline->reason);
    put_margins(&out, &baseline->margins);
    gw_text_add(&out, "  \"cases\": [");
    for (size_t i = 0; i < baseline->case_count; i++) {
        gw_text_add(&out, i == 0 ? "\n" : ",\n");
        put_case(&out, &baseline->cases[i]);
    }
    gw_text_add(&out, "\n  ]\n}\n");
    fine = !out.failed ? readable(&out, path, err) && replace_file(path, &out, err)
                       : gw_fail(err, GW_ENOMEM, "out of memory for %s", path);
    gw_text_clear(&out);
    return fine;
}
