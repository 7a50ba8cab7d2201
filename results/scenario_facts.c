/* scenario_facts.c - flattens the canonical JSON of a scenario.
 *
 * Idea      The canonical form has every setting with its default filled in, so nothing is
 *           forgotten: a new setting is a new fact without a line here. Devices are called by
 *           what they are to the guest, not by their names.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/scenario_facts.h"

#include <jansson.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { PATH_BYTES = 256, DEPTH_MOST = 16, PAGE_BYTES = 4096 };

struct flattening {
    const json_t *root;
    struct gw_facts *facts;
    bool failed; /* memory was out */
};

/* ---- one fact -------------------------------------------------------------------------------- */

/* What separates fields in a card file has no place in a text. */
static void
make_harmless(char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr(",|\"", *text) != NULL || (unsigned char)*text < 32) {
            *text = ' ';
        }
    }
}

static struct gw_fact *
add_fact(struct flattening *flat, const char *path)
{
    struct gw_facts *facts = flat->facts;
    struct gw_fact *items = realloc(facts->items, (facts->count + 1) * sizeof *items);
    char *key = strdup(path);

    if (items != NULL) {
        facts->items = items;
    }
    if (items == NULL || key == NULL) {
        free(key);
        flat->failed = true;
        return NULL;
    }
    make_harmless(key);
    items[facts->count] = (struct gw_fact){.key = key};
    return &items[facts->count++];
}

static void
add_number(struct flattening *flat, const char *path, double number, const char *unit)
{
    struct gw_fact *fact = add_fact(flat, path);

    if (fact != NULL) {
        fact->number = number;
        snprintf(fact->unit, sizeof fact->unit, "%s", unit);
    }
}

static void
add_text(struct flattening *flat, const char *path, const char *text)
{
    struct gw_fact *fact = add_fact(flat, path);

    if (fact != NULL) {
        fact->text = strdup(text);
        flat->failed |= fact->text == NULL;
        if (fact->text != NULL) {
            make_harmless(fact->text);
        }
    }
}

/* "262144B" is a number with its unit. */
static bool
split_number(const char *text, double *number, const char **unit)
{
    static const char *const units[] = {"B", "ns", "B/s", "/s", "%"};
    char *end;

    *number = strtod(text, &end);
    for (size_t i = 0; end != text && i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(end, units[i]) == 0) {
            *unit = units[i];
            return true;
        }
    }
    return false;
}

static void
add_leaf(struct flattening *flat, const char *path, const json_t *value)
{
    double number;
    const char *unit;

    if (json_is_number(value)) {
        add_number(flat, path, json_number_value(value), "");
    } else if (json_is_boolean(value)) {
        add_text(flat, path, json_is_true(value) ? "true" : "false");
    } else if (json_is_string(value) && split_number(json_string_value(value), &number, &unit)) {
        add_number(flat, path, number, unit);
    } else if (json_is_string(value)) {
        add_text(flat, path, json_string_value(value));
    }
}

/* ---- the tree -------------------------------------------------------------------------------- */

static const char *
text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text == NULL ? "" : text;
}

static bool
is_ignored(const char *path, const char *key)
{
    static const char *const keys[] = {"name",     "seed",       "warmup",
                                       "cooldown", "time_limit", "sample_interval"};
    static const char *const vm_keys[] = {"source", "target"};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (strcmp(keys[i], key) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof vm_keys / sizeof vm_keys[0]; i++) {
        if (strcmp(vm_keys[i], key) == 0 && strstr(path, "vm") != NULL) {
            return true;
        }
    }
    return false;
}

/* The name of a member: devices are "source", "target" or "other". */
static const char *
member_name(const struct flattening *flat, const char *path, const char *key)
{
    const json_t *vm = json_object_get(flat->root, "vm");

    if (strcmp(path, "devices") != 0) {
        return key;
    }
    if (strcmp(text_at(vm, "source"), key) == 0) {
        return "source";
    }
    return strcmp(text_at(vm, "target"), key) == 0 ? "target" : "other";
}

static void flatten(struct flattening *flat, const char *path, const json_t *value, int depth);

static void
flatten_members(struct flattening *flat, const char *path, const json_t *object, int depth)
{
    json_t *own = json_copy((json_t *)(uintptr_t)object); /* iterators want no const */
    const char *key;
    json_t *value;

    flat->failed |= own == NULL;
    json_object_foreach(own, key, value)
    {
        char longer[PATH_BYTES];

        if (!is_ignored(path, key)) {
            snprintf(longer, sizeof longer, "%s%s%s", path, path[0] == '\0' ? "" : ".",
                     member_name(flat, path, key));
            flatten(flat, longer, value, depth + 1);
        }
    }
    json_decref(own);
}

static void
flatten(struct flattening *flat, const char *path, const json_t *value, int depth)
{
    if (depth > DEPTH_MOST || flat->failed) {
        return;
    }
    if (json_is_object(value)) {
        flatten_members(flat, path, value, depth);
        return;
    }
    if (!json_is_array(value)) {
        add_leaf(flat, path, value);
        return;
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        flatten(flat, path, json_array_get(value, i), depth + 1);
    }
}

/* ---- what follows ---------------------------------------------------------------------------- */

static double
number_at(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return json_is_string(value) ? strtod(json_string_value(value), NULL)
                                 : json_number_value(value);
}

/* The slower of link and limit. */
static double
bandwidth_of(const json_t *root)
{
    double link = number_at(json_object_get(root, "link"), "rate");
    double limit = number_at(json_object_get(root, "migration"), "max_bandwidth");

    return limit > 0 ? fmin(link, limit) : link;
}

/* A second can dirty no page twice. */
static void
derive_memory(struct flattening *flat)
{
    const json_t *regions = json_object_get(flat->root, "regions");
    double bandwidth = bandwidth_of(flat->root);
    double set_bytes = 0;
    double dirtied_bytes = 0;

    for (size_t i = 0; i < json_array_size(regions); i++) {
        const json_t *region = json_array_get(regions, i);
        double size_bytes = number_at(region, "size");
        double rate = number_at(region, "rate");

        if (strcmp(text_at(region, "writes"), "none") != 0 && rate > 0) {
            set_bytes += size_bytes;
            dirtied_bytes += fmin(size_bytes, rate * PAGE_BYTES);
        }
    }
    add_number(flat, "derived.bandwidth", bandwidth, "B/s");
    add_number(flat, "derived.working_set", set_bytes, "B");
    add_number(flat, "derived.dirtied_in_a_second_per_bandwidth",
               bandwidth > 0 ? dirtied_bytes / bandwidth : 0, "");
}

/* The architecture and what it does besides. */
static char *
technique_of(const json_t *root)
{
    static const char *const kinds[] = {"compress", "multifd_compress", "throttle"};
    const json_t *migration = json_object_get(root, "migration");
    struct gw_text text = {0};

    gw_text_add(&text, text_at(migration, "architecture"));
    if (json_is_true(json_object_get(migration, "xbzrle"))) {
        gw_text_add(&text, "+xbzrle");
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const char *kind = text_at(migration, kinds[i]);

        if (kind[0] != '\0' && strcmp(kind, "none") != 0) {
            gw_text_format(&text, "+%s", kind);
        }
    }
    if (number_at(migration, "multifd_channels") > 0) {
        gw_text_add(&text, "+multifd");
    }
    return gw_text_take(&text);
}

bool
gw_facts_read(struct gw_facts *facts, const char *canonical, struct gw_error *err)
{
    json_t *root = canonical == NULL ? NULL : json_loads(canonical, 0, NULL);
    struct flattening flat = {.root = root, .facts = facts};

    *facts = (struct gw_facts){0};
    if (!json_is_object(root)) {
        json_decref(root);
        return gw_fail(err, GW_EINVAL, "no canonical scenario");
    }
    facts->technique = technique_of(root);
    flatten(&flat, "", root, 0);
    if (json_object_get(root, "memory") != NULL) {
        derive_memory(&flat);
    }
    json_decref(root);
    if (flat.failed || facts->technique == NULL) {
        gw_facts_clear(facts);
        return gw_fail(err, GW_ENOMEM, "out of memory");
    }
    return true;
}

void
gw_facts_clear(struct gw_facts *facts)
{
    for (size_t i = 0; i < facts->count; i++) {
        free(facts->items[i].key);
        free(facts->items[i].text);
    }
    free(facts->items);
    free(facts->technique);
    *facts = (struct gw_facts){0};
}

/* ---- for people ------------------------------------------------------------------------------ */

void
gw_fact_number_text(double number, const char *unit, char out[48])
{
    static const struct {
        const char *unit;
        double from, size;
        const char *shown;
    } rows[] = {
        {"B", 1073741824.0, 1073741824.0, " GiB"},
        {"B", 1048576.0, 1048576.0, " MiB"},
        {"B", 1024.0, 1024.0, " KiB"},
        {"B/s", 1e9, 1e9, " GB/s"},
        {"B/s", 1e6, 1e6, " MB/s"},
        {"B/s", 1e3, 1e3, " kB/s"},
        {"ns", 1e9, 1e9, " s"},
        {"ns", 1e6, 1e6, " ms"},
        {"ns", 1e3, 1e3, " us"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].unit, unit) == 0 && number >= rows[i].from) {
            snprintf(out, 48, "%.4g%s", number / rows[i].size, rows[i].shown);
            return;
        }
    }
    snprintf(out, 48, "%.6g%s%s", number, unit[0] == '\0' || unit[0] == '/' ? "" : " ", unit);
}
