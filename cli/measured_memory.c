/* measured_memory.c - reads a measured memory migration: its set-up and what came out.
 *
 * Idea      A table says which numbers of the set-up are wanted, within which bounds and, where
 *           the measurement may leave them out, what they then were: what QEMU 7.2 and the guest
 *           take by themselves.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/measured_memory.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/measured_setup.h"

enum { PATH_MAX_BYTES = 128, NEEDED = -1 };

/* Firmware and guest write pages of their own, of which a scenario knows nothing: up to 75 were
 * measured where no other page had any content. */
enum { FEW_PAGES = 100, FEW_BYTES = 4096 };

const struct gw_measured_metric_info gw_measured_metric_info[GW_MEASURED_COUNT] = {
    [GW_MEASURED_TOTAL_TIME] = {"total_time_s", GW_METRIC_TOTAL_TIME_S, false, 0},
    [GW_MEASURED_DOWNTIME] = {"downtime_s", GW_METRIC_DOWNTIME_S, false, 0},
    [GW_MEASURED_SYNC_COUNT] = {"sync_count", GW_METRIC_SYNC_COUNT, false, 0},
    [GW_MEASURED_BYTES_SENT] = {"bytes_sent", GW_METRIC_BYTES_SENT, false, 0},
    [GW_MEASURED_NORMAL_PAGES] = {"normal_pages", GW_METRIC_NORMAL_PAGES, false, FEW_PAGES},
    [GW_MEASURED_THROTTLE] = {"throttle_pct", GW_METRIC_THROTTLE_PCT_MOST, true, 0},
    [GW_MEASURED_GUEST_RATE_RATIO] = {"guest_rate_ratio", GW_METRIC_GUEST_RATE_RATIO, false, 0},
    [GW_MEASURED_XBZRLE_PAGES] = {"xbzrle_pages", GW_METRIC_XBZRLE_PAGES, false, FEW_PAGES},
    [GW_MEASURED_XBZRLE_BYTES] = {"xbzrle_bytes", GW_METRIC_XBZRLE_BYTES, false, FEW_BYTES},
    [GW_MEASURED_XBZRLE_CACHE_MISS] = {"xbzrle_cache_miss", GW_METRIC_XBZRLE_CACHE_MISS, false,
                                       FEW_PAGES},
    [GW_MEASURED_XBZRLE_OVERFLOW] = {"xbzrle_overflow", GW_METRIC_XBZRLE_OVERFLOW, false,
                                     FEW_PAGES},
    [GW_MEASURED_COMPRESSED_PAGES] = {"compressed_pages", GW_METRIC_COMPRESSED_PAGES, false,
                                      FEW_PAGES},
    [GW_MEASURED_COMPRESSED_BYTES] = {"compressed_bytes", GW_METRIC_COMPRESSED_BYTES, false,
                                      FEW_BYTES},
    [GW_MEASURED_COMPRESSION_BUSY] = {"compression_busy", GW_METRIC_COMPRESSION_BUSY, false,
                                      FEW_PAGES},
};

struct number_field {
    const char *path;
    size_t offset; /* of the int64_t in struct gw_measured_setup */
    int64_t least, most;
    int64_t otherwise; /* when the file does not have it; NEEDED: an error */
};

#define NUMBER(path, name, least, most, otherwise)                                                 \
    {                                                                                              \
        path, offsetof(struct gw_measured_setup, name), least, most, otherwise                     \
    }

static const struct number_field number_fields[] = {
    NUMBER("setup.ram_mib", ram_mib, GW_MEASURED_FILLED_FROM_MIB + 1, 1 << 24, NEEDED),
    NUMBER("setup.vcpus", vcpus, 1, 1, 1),
    NUMBER("setup.page_size", page_bytes, 4096, 4096, 4096),
    NUMBER("setup.guest.fill", fill, 0, 1LL << 32, NEEDED),
    NUMBER("setup.guest.fc", fill_content, 0, 2, NEEDED),
    NUMBER("setup.guest.wss", set, 0, 1LL << 32, NEEDED),
    NUMBER("setup.guest.wofs", set_offset, 0, 1LL << 32, 0),
    NUMBER("setup.guest.rate", rate, 0, 1000000000, NEEDED),
    NUMBER("setup.guest.chg", change_bytes, 0, 4096, NEEDED),
    NUMBER("setup.guest.wc", change_content, 0, 2, NEEDED),
    NUMBER("setup.guest.scat", scattered, 0, 1, 0),
    NUMBER("setup.guest.warm", warm_ms, 0, 3600000, 300),
    NUMBER("setup.guest.on", burst_on_ms, 0, 3600000, 0),
    NUMBER("setup.guest.ofd", burst_off_ms, 0, 3600000, 0),
    NUMBER("setup.guest.hp", hot_pages_pct, 1, 100, 10),
    NUMBER("setup.guest.hw", hot_writes_pct, 1, 100, 90),
    NUMBER("setup.max_bandwidth", max_bandwidth, 1, 1LL << 50, NEEDED),
    NUMBER("setup.downtime_limit_ms", downtime_limit_ms, 1, 2000000, NEEDED),
    NUMBER("setup.time_limit_s", time_limit_s, 1, 1000000, NEEDED),
    NUMBER("setup.link_B_per_s", link, 1, 1LL << 50, 0),
    NUMBER("setup.parameters.xbzrle-cache-size", xbzrle_cache_bytes, 4096, 1LL << 44, 64 << 20),
    NUMBER("setup.parameters.compress-level", compress_level, 0, 9, 1),
    NUMBER("setup.parameters.compress-threads", compress_threads, 1, 255, 8),
    NUMBER("setup.parameters.decompress-threads", decompress_threads, 1, 255, 2),
    NUMBER("setup.parameters.cpu-throttle-initial", throttle_initial, 1, 99, 20),
    NUMBER("setup.parameters.cpu-throttle-increment", throttle_increment, 1, 99, 10),
    NUMBER("setup.parameters.max-cpu-throttle", throttle_most, 1, 99, 99),
};

/* ---- fields ---------------------------------------------------------------------------------- */

/* "setup.guest.fill" in the file. NULL: it is not there, or null. */
static const json_t *
find(const json_t *root, const char *path)
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

static bool
missing(const char *path, struct gw_error *err)
{
    return gw_fail(err, GW_EINVAL, "%s is missing", path);
}

static bool
read_text(const json_t *root, const char *path, const char **out, struct gw_error *err)
{
    const json_t *value = find(root, path);
    const char *text = json_string_value(value);

    if (value == NULL) {
        return missing(path, err);
    }
    if (text == NULL || text[0] == '\0') {
        return gw_fail(err, GW_EINVAL, "%s must be a text", path);
    }
    *out = text;
    return true;
}

/* A finite number that is not negative. */
static bool
read_real(const json_t *root, const char *path, double *out, struct gw_error *err)
{
    const json_t *value = find(root, path);

    if (value == NULL) {
        return missing(path, err);
    }
    if (!json_is_number(value) || !(json_number_value(value) >= 0)) {
        return gw_fail(err, GW_EINVAL, "%s must be a number that is not negative", path);
    }
    *out = json_number_value(value);
    return true;
}

static bool
read_real_or(const json_t *root, const char *path, double otherwise, double *out,
             struct gw_error *err)
{
    *out = otherwise;
    return find(root, path) == NULL || read_real(root, path, out, err);
}

static bool
read_number(const json_t *root, const struct number_field *field, struct gw_measured_setup *setup,
            struct gw_error *err)
{
    const json_t *value = find(root, field->path);
    int64_t number = field->otherwise;

    if (value == NULL && number == NEEDED) {
        return missing(field->path, err);
    }
    if (value != NULL) {
        number = json_integer_value(value);
        if (!json_is_integer(value) || number < field->least || number > field->most) {
            return gw_fail(err, GW_EINVAL, "%s must be a whole number from %lld to %lld",
                           field->path, (long long)field->least, (long long)field->most);
        }
    }
    memcpy((char *)setup + field->offset, &number, sizeof number);
    return true;
}

static bool
read_numbers(const json_t *root, struct gw_measured_setup *setup, struct gw_error *err)
{
    for (size_t i = 0; i < sizeof number_fields / sizeof number_fields[0]; i++) {
        if (!read_number(root, &number_fields[i], setup, err)) {
            return false;
        }
    }
    return true;
}

/* ---- the set-up ------------------------------------------------------------------------------ */

static bool
read_capability(struct gw_measured_setup *setup, const json_t *value, struct gw_error *err)
{
    const struct {
        const char *name;
        bool *flag;
    } known[] = {{"xbzrle", &setup->xbzrle},
                 {"compress", &setup->compress},
                 {"auto-converge", &setup->auto_converge}};
    const char *name = json_is_string(value) ? json_string_value(value) : "";

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].name, name) == 0) {
            *known[i].flag = true;
            return true;
        }
    }
    return gw_fail(err, GW_EINVAL,
                   "setup.capabilities: '%.60s' is none of xbzrle, compress and auto-converge",
                   name);
}

static bool
read_capabilities(const json_t *root, struct gw_measured_setup *setup, struct gw_error *err)
{
    const json_t *list = find(root, "setup.capabilities");
    const json_t *wait = find(root, "setup.parameters.compress-wait-thread");

    if (list == NULL) {
        return missing("setup.capabilities", err);
    }
    if (!json_is_array(list)) {
        return gw_fail(err, GW_EINVAL, "setup.capabilities must be a list");
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!read_capability(setup, json_array_get(list, i), err)) {
            return false;
        }
    }
    if (wait != NULL && !json_is_boolean(wait)) {
        return gw_fail(err, GW_EINVAL,
                       "setup.parameters.compress-wait-thread must be true or false");
    }
    setup->compress_wait = wait == NULL || json_is_true(wait);
    return true;
}

static bool
is_one_of(const char *path, const char *value, const char *letters, struct gw_error *err)
{
    return (strlen(value) == 1 && strchr(letters, value[0]) != NULL) ||
           gw_fail(err, GW_EINVAL, "%s '%.60s' must be one of the letters %s", path, value,
                   letters);
}

static bool
check_guest(const struct gw_measured_setup *setup, struct gw_error *err)
{
    if (setup->fill * GW_MEASURED_PAGE_KIB >
        (setup->ram_mib - GW_MEASURED_FILLED_FROM_MIB) * 1024) {
        return gw_fail(err, GW_EINVAL, "setup.guest.fill %lld pages do not fit above 16 MiB",
                       (long long)setup->fill);
    }
    if (setup->set_offset + setup->set > setup->fill) {
        return gw_fail(err, GW_EINVAL, "setup.guest.wss %lld pages do not fit into the filled ones",
                       (long long)setup->set);
    }
    if (setup->set > 0 && setup->rate == 0 && setup->rate_before <= 0) {
        return gw_fail(err, GW_EINVAL,
                       "result.guest_rate_before must be known of a guest without a rate");
    }
    return is_one_of("setup.guest.mode", setup->mode, "pc", err) &&
           is_one_of("setup.guest.pat", setup->pattern, "suh", err);
}

static bool
read_guest(const json_t *root, struct gw_measured_setup *setup, struct gw_error *err)
{
    setup->change_offset = json_string_value(find(root, "setup.guest.off"));
    return read_text(root, "setup.guest.mode", &setup->mode, err) &&
           read_text(root, "setup.guest.pat", &setup->pattern, err) &&
           read_real_or(root, "setup.guest.zipf", 0, &setup->zipf, err) &&
           read_real_or(root, "result.guest_rate_before", 0, &setup->rate_before, err) &&
           check_guest(setup, err);
}

/* ---- what was measured ----------------------------------------------------------------------- */

struct value_field {
    enum gw_measured_metric metric;
    const char *path;
    double factor; /* to the unit of the metric */
};

static const struct value_field plain_fields[] = {
    {GW_MEASURED_TOTAL_TIME, "result.total_time_ms", 1e-3},
    {GW_MEASURED_DOWNTIME, "result.downtime_ms", 1e-3},
    {GW_MEASURED_SYNC_COUNT, "result.iterations", 1},
    {GW_MEASURED_BYTES_SENT, "result.transferred", 1},
    {GW_MEASURED_NORMAL_PAGES, "result.normal_pages", 1},
    {0, NULL, 0},
};
static const struct value_field throttle_fields[] = {
    {GW_MEASURED_THROTTLE, "result.throttle_pct_last", 1},
    {0, NULL, 0},
};
static const struct value_field xbzrle_fields[] = {
    {GW_MEASURED_XBZRLE_PAGES, "result.xbzrle.pages", 1},
    {GW_MEASURED_XBZRLE_BYTES, "result.xbzrle.bytes", 1},
    {GW_MEASURED_XBZRLE_CACHE_MISS, "result.xbzrle.cache-miss", 1},
    {GW_MEASURED_XBZRLE_OVERFLOW, "result.xbzrle.overflow", 1},
    {0, NULL, 0},
};
static const struct value_field compress_fields[] = {
    {GW_MEASURED_COMPRESSED_PAGES, "result.compression.pages", 1},
    {GW_MEASURED_COMPRESSED_BYTES, "result.compression.compressed-size", 1},
    {GW_MEASURED_COMPRESSION_BUSY, "result.compression.busy", 1},
    {0, NULL, 0},
};

/* A figure that a completed migration has and a cancelled one does not may be missing there. */
static bool
read_values(struct gw_measured_memory *measured, const json_t *root,
            const struct value_field *fields, struct gw_error *err)
{
    for (; fields->path != NULL; fields++) {
        bool needed = measured->converged || gw_measured_metric_info[fields->metric].of_incomplete;
        double value = (double)NAN;

        if ((needed || find(root, fields->path) != NULL) &&
            !read_real(root, fields->path, &value, err)) {
            return false;
        }
        measured->value[fields->metric] = value * fields->factor;
    }
    return true;
}

static bool
read_result(struct gw_measured_memory *measured, const json_t *root,
            const struct gw_measured_setup *setup, struct gw_error *err)
{
    const json_t *converged = find(root, "result.converged");
    double during;

    if (converged == NULL) {
        return missing("result.converged", err);
    }
    if (!json_is_boolean(converged)) {
        return gw_fail(err, GW_EINVAL, "result.converged must be true or false");
    }
    measured->converged = json_is_true(converged);
    measured->unpaced_stop = setup->link == 0;
    for (size_t i = 0; i < GW_MEASURED_COUNT; i++) {
        measured->value[i] = (double)NAN;
    }
    if (!read_real_or(root, "result.guest_rate_during", (double)NAN, &during, err)) {
        return false;
    }
    if (setup->mode[0] == 'c' && setup->rate_before > 0) {
        measured->value[GW_MEASURED_GUEST_RATE_RATIO] = during / setup->rate_before;
    }
    return read_values(measured, root, plain_fields, err) &&
           (!setup->auto_converge || read_values(measured, root, throttle_fields, err)) &&
           (!setup->xbzrle || read_values(measured, root, xbzrle_fields, err)) &&
           (!setup->compress || read_values(measured, root, compress_fields, err));
}

/* ---- the file -------------------------------------------------------------------------------- */

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

static bool
fill(struct gw_measured_memory *measured, const json_t *root, const char *host,
     struct gw_error *err)
{
    struct gw_measured_setup setup = {0};
    const char *id;
    const char *group;

    if (!json_is_object(root)) {
        return gw_fail(err, GW_EINVAL, "must hold one JSON object");
    }
    if (!read_text(root, "id", &id, err) || !read_text(root, "group", &group, err) ||
        !read_numbers(root, &setup, err) || !read_capabilities(root, &setup, err) ||
        !read_guest(root, &setup, err) || !read_result(measured, root, &setup, err)) {
        return false;
    }
    measured->id = strdup(id);
    measured->group = strdup(group);
    if (measured->id == NULL || measured->group == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory");
    }
    measured->scenario = gw_measured_scenario(&setup, id, host);
    return measured->scenario != NULL || gw_fail(err, GW_ENOMEM, "out of memory");
}

bool
gw_measured_memory_read(struct gw_measured_memory *measured, const char *path, const char *host,
                        struct gw_error *err)
{
    json_t *root = parse_file(path, err);
    bool fine;

    *measured = (struct gw_measured_memory){0};
    fine = root != NULL && fill(measured, root, host, err);
    json_decref(root);
    if (!fine) {
        gw_measured_memory_clear(measured);
        return gw_fail_within(err, "%s", path);
    }
    return true;
}

void
gw_measured_memory_clear(struct gw_measured_memory *measured)
{
    free(measured->id);
    free(measured->group);
    free(measured->scenario);
    *measured = (struct gw_measured_memory){0};
}
