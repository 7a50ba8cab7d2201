/* sweep_stop.c - the key `sweep.stop`: when the replications of a point are enough.
 *
 * Idea      What is read can be written as settings again, so that a study remembers its rule
 *           wherever that was given.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <inttypes.h>
#include <string.h>

#include "sim/scenario_build.h"
#include "sim/sweep.h"
#include "sim/sweep_parts.h"

#define PREFIX "sweep.stop."

enum { LEAST_PRESET = 10, LEAST_LEGAL = 2, NAME_BYTES = 64 };

struct stop_settings {
    double half_width, confidence;
    int64_t least, most;
};

#define ROW(name, type, preset, least, most, help)                                                 \
    {                                                                                              \
#name, type, offsetof(struct stop_settings, name), preset, least, most, NULL, help         \
    }

static const struct gw_setting stop_table[] = {
    ROW(half_width, GW_SETTING_SHARE, "5%", "0.01%", "100%",
        "error of the mean that is good enough, as a share of it"),
    ROW(confidence, GW_SETTING_SHARE, "95%", "50%", "99.99%", "of each interval"),
    ROW(least, GW_SETTING_COUNT, "0", NULL, "1000000",
        "replications at first; 0: those of the sweep, or 10"),
    ROW(most, GW_SETTING_COUNT, "200", "2", "1000000", "replications after which it is given up"),
    GW_SETTING_END,
};

struct reading {
    struct gw_sweep_parts *parts;
    struct gw_sweep_stop *stop;
    double half_width; /* where a metric has none of its own */
};

static void
refuse(struct reading *reading, struct gw_place place, const char *message)
{
    gw_diagnostics_error(reading->parts->diagnostics, place, "%s", message);
    reading->parts->fine = false;
}

/* ---- metrics ------------------------------------------------------------------------------------ */

static bool
find_metric(const char *name, enum gw_metric *metric, struct gw_error *err)
{
    const char *words[GW_METRIC_COUNT + 1] = {NULL};
    const char *nearest;

    for (size_t i = 0; i < GW_METRIC_COUNT; i++) {
        words[i] = gw_metric_info[i].key;
        if (strcmp(words[i], name) == 0) {
            *metric = (enum gw_metric)i;
            return true;
        }
    }
    nearest = gw_nearest_word(name, words);
    if (nearest != NULL) {
        return gw_fail(err, GW_EINVAL, "no metric '%s'; did you mean '%s'?", name, nearest);
    }
    return gw_fail(err, GW_EINVAL, "no metric '%s': 'godwit list metrics' shows them", name);
}

static bool
read_share(const char *text, double *share, struct gw_error *err)
{
    union gw_quantity value;

    if (!gw_quantity_parse(GW_SETTING_SHARE, text, &value, err)) {
        return false;
    }
    *share = value.real;
    return (value.real >= 0.0001 && value.real <= 1.0) ||
           gw_fail(err, GW_EINVAL, "half width '%s' is out of range: 0.01%% to 100%%", text);
}

/* "METRIC" or "METRIC=SHARE", which is changed. */
static bool
add_metric(struct reading *reading, char *word, struct gw_error *err)
{
    struct gw_sweep_stop *stop = reading->stop;
    struct gw_sweep_stop_metric added = {.half_width = reading->half_width};
    char *share = strchr(word, '=');

    if (share != NULL) {
        *share++ = '\0';
    }
    if (!find_metric(word, &added.metric, err) ||
        (share != NULL && !read_share(share, &added.half_width, err))) {
        return false;
    }
    for (size_t i = 0; i < stop->count; i++) {
        if (stop->metrics[i].metric == added.metric) {
            return gw_fail(err, GW_EINVAL, "metric '%s' is there twice", word);
        }
    }
    if (stop->count == GW_SWEEP_STOP_METRICS_MOST) {
        return gw_fail(err, GW_EINVAL, "more than %d metrics", (int)GW_SWEEP_STOP_METRICS_MOST);
    }
    stop->metrics[stop->count++] = added;
    return true;
}

/* One metric or several with commas between. */
static void
read_scalar(struct reading *reading, const struct gw_config_node *node)
{
    const char *at = node->type == GW_CONFIG_SCALAR ? node->text : NULL;
    struct gw_error err;

    if (at == NULL) {
        refuse(reading, node->place, "a metric is METRIC or METRIC=SHARE");
    }
    while (at != NULL && *at != '\0') {
        size_t skipped = strspn(at, ", ");
        size_t length = strcspn(at + skipped, ", ");
        char word[NAME_BYTES];

        if (length >= sizeof word) {
            refuse(reading, node->place, "a metric is METRIC or METRIC=SHARE");
            return;
        }
        memcpy(word, at + skipped, length);
        word[length] = '\0';
        at += skipped + length;
        if (length > 0 && !add_metric(reading, word, &err)) {
            refuse(reading, node->place, err.message);
            return;
        }
    }
}

static void
read_metrics(struct reading *reading, const struct gw_config_node *node)
{
    if (node != NULL && node->type != GW_CONFIG_LIST) {
        read_scalar(reading, node);
        return;
    }
    for (size_t i = 0; node != NULL && i < node->count && reading->parts->fine; i++) {
        read_scalar(reading, node->children[i]);
    }
}

/* ---- the rule ----------------------------------------------------------------------------------- */

bool
gw_sweep_stop_check(const struct gw_sweep_stop *stop, struct gw_error *err)
{
    if (stop->least < LEAST_LEGAL) {
        return gw_fail(err, GW_EINVAL,
                       "%" PRId64 " replications at first have no spread: at least %d are needed"
                       " ('least' or 'replications')",
                       stop->least, (int)LEAST_LEGAL);
    }
    return stop->least <= stop->most ||
           gw_fail(err, GW_EINVAL,
                   "%" PRId64 " replications at first ('least' or 'replications') are above 'most',"
                   " which is %" PRId64,
                   stop->least, stop->most);
}

void
gw_sweep_read_stop(struct gw_sweep_parts *parts, const struct gw_config_node *node,
                   int64_t replications, struct gw_sweep_stop *stop)
{
    static const char *const others[] = {"metric", NULL};
    struct stop_settings settings;
    struct gw_settings_target target = {stop_table, &settings, sizeof settings, others,
                                        "sweep.stop"};
    struct reading reading = {.parts = parts, .stop = stop};
    int64_t preset = replications > 0 ? replications : LEAST_PRESET;
    struct gw_error err;

    if (node == NULL) {
        return;
    }
    if (node->type != GW_CONFIG_MAP) {
        refuse(&reading, node->place, "'stop' must be a map, as in {metric: migration_time_s}");
        return;
    }
    if (!gw_settings_resolve(&target, node, parts->diagnostics)) {
        parts->fine = false;
        return;
    }
    reading.half_width = settings.half_width;
    read_metrics(&reading, gw_config_get(node, "metric"));
    stop->confidence = settings.confidence;
    stop->least = settings.least > 0 ? settings.least : preset;
    stop->most = settings.most;
    if (!parts->fine) {
        return;
    }
    if (stop->count == 0) {
        refuse(&reading, node->place, "'stop' needs a metric, as in 'metric: migration_time_s'");
    } else if (!gw_sweep_stop_check(stop, &err)) {
        refuse(&reading, node->place, err.message);
    }
}

bool
gw_sweep_stop_is_setting(const char *word)
{
    return strncmp(word, PREFIX, strlen(PREFIX)) == 0;
}

static void
add_share(struct gw_text *out, double share)
{
    union gw_quantity value = {.real = share};
    char text[GW_QUANTITY_TEXT_MAX];

    gw_quantity_format(GW_SETTING_SHARE, value, GW_QUANTITY_SHOWN, text);
    gw_text_add(out, text);
}

bool
gw_sweep_stop_setting(const struct gw_sweep_stop *stop, size_t index, struct gw_text *out)
{
    switch (index) {
    case 0:
        gw_text_add(out, PREFIX "metric=");
        for (size_t i = 0; i < stop->count; i++) {
            gw_text_format(out, "%s%s=", i == 0 ? "" : ",",
                           gw_metric_info[stop->metrics[i].metric].key);
            add_share(out, stop->metrics[i].half_width);
        }
        return true;
    case 1:
        gw_text_add(out, PREFIX "confidence=");
        add_share(out, stop->confidence);
        return true;
    case 2:
        gw_text_format(out, PREFIX "least=%" PRId64, stop->least);
        return true;
    case 3:
        gw_text_format(out, PREFIX "most=%" PRId64, stop->most);
        return true;
    default:
        return false;
    }
}
