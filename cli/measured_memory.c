/* measured_memory.c - reads a measured memory migration: its set-up and what came out.
 *
 * Idea      A table says which numbers of the set-up are wanted, within which bounds and, where
 *           the measurement may leave them out, what they then were: what QEMU 7.2 and the guest
 *           take by themselves.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/measured_memory.h"

#include <math.h>
#include <string.h>

#include "cli/measured_json.h"
#include "cli/measured_setup.h"

/* Firmware and guest write pages of their own, of which a scenario knows nothing: up to 75 were
 * measured where no other page had any content. */
enum { FEW_PAGES = 100, FEW_BYTES = 4096 };

/* A migration that took longer than this share of its time limit might as well have been given
 * up. */
static const double CLEAR_SHARE = 0.95;

#define NUMBER(path, name, least, most, otherwise)                                                 \
    {                                                                                              \
        path, offsetof(struct gw_measured_setup, name), least, most, otherwise                     \
    }

static const struct gw_json_number number_fields[] = {
    NUMBER("setup.ram_mib", ram_mib, GW_MEASURED_FILLED_FROM_MIB + 1, 1 << 24, GW_JSON_NEEDED),
    NUMBER("setup.vcpus", vcpus, 1, 1, 1),
    NUMBER("setup.page_size", page_bytes, 4096, 4096, 4096),
    NUMBER("setup.guest.fill", fill, 0, 1LL << 32, GW_JSON_NEEDED),
    NUMBER("setup.guest.fc", fill_content, 0, 2, GW_JSON_NEEDED),
    NUMBER("setup.guest.wss", set, 0, 1LL << 32, GW_JSON_NEEDED),
    NUMBER("setup.guest.wofs", set_offset, 0, 1LL << 32, 0),
    NUMBER("setup.guest.rate", rate, 0, 1000000000, GW_JSON_NEEDED),
    NUMBER("setup.guest.chg", change_bytes, 0, 4096, GW_JSON_NEEDED),
    NUMBER("setup.guest.wc", change_content, 0, 2, GW_JSON_NEEDED),
    NUMBER("setup.guest.scat", scattered, 0, 1, 0),
    NUMBER("setup.guest.warm", warm_ms, 0, 3600000, 300),
    NUMBER("setup.guest.on", burst_on_ms, 0, 3600000, 0),
    NUMBER("setup.guest.ofd", burst_off_ms, 0, 3600000, 0),
    NUMBER("setup.guest.hp", hot_pages_pct, 1, 100, 10),
    NUMBER("setup.guest.hw", hot_writes_pct, 1, 100, 90),
    NUMBER("setup.max_bandwidth", max_bandwidth, 1, 1LL << 50, GW_JSON_NEEDED),
    NUMBER("setup.downtime_limit_ms", downtime_limit_ms, 1, 2000000, GW_JSON_NEEDED),
    NUMBER("setup.time_limit_s", time_limit_s, 1, 1000000, GW_JSON_NEEDED),
    NUMBER("setup.link_B_per_s", link, 1, 1LL << 50, 0),
    NUMBER("setup.parameters.xbzrle-cache-size", xbzrle_cache_bytes, 4096, 1LL << 44, 64 << 20),
    NUMBER("setup.parameters.compress-level", compress_level, 0, 9, 1),
    NUMBER("setup.parameters.compress-threads", compress_threads, 1, 255, 8),
    NUMBER("setup.parameters.decompress-threads", decompress_threads, 1, 255, 2),
    NUMBER("setup.parameters.cpu-throttle-initial", throttle_initial, 1, 99, 20),
    NUMBER("setup.parameters.cpu-throttle-increment", throttle_increment, 1, 99, 10),
    NUMBER("setup.parameters.max-cpu-throttle", throttle_most, 1, 99, 99),
};

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
    const json_t *list = gw_json_find(root, "setup.capabilities");

    if (list == NULL) {
        return gw_json_missing("setup.capabilities", err);
    }
    if (!json_is_array(list)) {
        return gw_fail(err, GW_EINVAL, "setup.capabilities must be a list");
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!read_capability(setup, json_array_get(list, i), err)) {
            return false;
        }
    }
    return gw_json_flag_or(root, "setup.parameters.compress-wait-thread", true,
                           &setup->compress_wait, err);
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
    setup->change_offset = json_string_value(gw_json_find(root, "setup.guest.off"));
    return gw_json_text(root, "setup.guest.mode", &setup->mode, err) &&
           gw_json_text(root, "setup.guest.pat", &setup->pattern, err) &&
           gw_json_real_or(root, "setup.guest.zipf", 0, &setup->zipf, err) &&
           gw_json_real_or(root, "result.guest_rate_before", 0, &setup->rate_before, err) &&
           check_guest(setup, err);
}

/* ---- what was measured ----------------------------------------------------------------------- */

enum { ALWAYS, IF_THROTTLED, IF_XBZRLE, IF_COMPRESSED, WHEN_COUNT };

struct value_field {
    const char *path;
    double factor; /* to the unit of the metric */
    const char *key;
    enum gw_metric metric;
    int when;
    bool of_incomplete;
    double few; /* up to here it may all be pages that no scenario knows */
};

static const struct value_field value_fields[] = {
    {"result.total_time_ms", 1e-3, "total_time_s", GW_METRIC_TOTAL_TIME_S, ALWAYS, false, 0},
    {"result.downtime_ms", 1e-3, "downtime_s", GW_METRIC_DOWNTIME_S, ALWAYS, false, 0},
    {"result.iterations", 1, "sync_count", GW_METRIC_SYNC_COUNT, ALWAYS, false, 0},
    {"result.transferred", 1, "bytes_sent", GW_METRIC_BYTES_SENT, ALWAYS, false, 0},
    {"result.normal_pages", 1, "normal_pages", GW_METRIC_NORMAL_PAGES, ALWAYS, false, FEW_PAGES},
    {"result.throttle_pct_last", 1, "throttle_pct", GW_METRIC_THROTTLE_PCT_MOST, IF_THROTTLED, true,
     0},
    {"result.xbzrle.pages", 1, "xbzrle_pages", GW_METRIC_XBZRLE_PAGES, IF_XBZRLE, false, FEW_PAGES},
    {"result.xbzrle.bytes", 1, "xbzrle_bytes", GW_METRIC_XBZRLE_BYTES, IF_XBZRLE, false, FEW_BYTES},
    {"result.xbzrle.cache-miss", 1, "xbzrle_cache_miss", GW_METRIC_XBZRLE_CACHE_MISS, IF_XBZRLE,
     false, FEW_PAGES},
    {"result.xbzrle.overflow", 1, "xbzrle_overflow", GW_METRIC_XBZRLE_OVERFLOW, IF_XBZRLE, false,
     FEW_PAGES},
    {"result.compression.pages", 1, "compressed_pages", GW_METRIC_COMPRESSED_PAGES, IF_COMPRESSED,
     false, FEW_PAGES},
    {"result.compression.compressed-size", 1, "compressed_bytes", GW_METRIC_COMPRESSED_BYTES,
     IF_COMPRESSED, false, FEW_BYTES},
    {"result.compression.busy", 1, "compression_busy", GW_METRIC_COMPRESSION_BUSY, IF_COMPRESSED,
     false, FEW_PAGES},
};

/* NULL: its error means something. */
static const char *
note_of(const struct value_field *field, const struct gw_measured_setup *setup, double expected)
{
    if (field->metric == GW_METRIC_DOWNTIME_S && setup->link == 0) {
        return "not comparable: no link limited the stop phase";
    }
    return expected > 0 && expected <= field->few ? "not comparable: too few" : NULL;
}

/* A figure that a completed migration has and a cancelled one does not may be missing there. */
static bool
read_value(struct gw_measured *measured, const json_t *root, const struct value_field *field,
           const struct gw_measured_setup *setup, struct gw_error *err)
{
    bool needed = measured->outcome == GW_COMPLETED || field->of_incomplete;
    double value = (double)NAN;

    if ((needed || gw_json_find(root, field->path) != NULL) &&
        !gw_json_real(root, field->path, &value, err)) {
        return false;
    }
    value *= field->factor;
    gw_measured_add(measured, (struct gw_measured_number){
                                  .metric = field->key,
                                  .expected = value,
                                  .predicted = gw_measured_metric,
                                  .index = field->metric,
                                  .of_incomplete = field->of_incomplete,
                                  .note = note_of(field, setup, value),
                              });
    return true;
}

static bool
read_values(struct gw_measured *measured, const json_t *root, const struct gw_measured_setup *setup,
            struct gw_error *err)
{
    const bool wanted[WHEN_COUNT] = {[ALWAYS] = true,
                                     [IF_THROTTLED] = setup->auto_converge,
                                     [IF_XBZRLE] = setup->xbzrle,
                                     [IF_COMPRESSED] = setup->compress};

    for (size_t i = 0; i < sizeof value_fields / sizeof value_fields[0]; i++) {
        if (wanted[value_fields[i].when] &&
            !read_value(measured, root, &value_fields[i], setup, err)) {
            return false;
        }
    }
    return true;
}

static void
add_guest_rate(struct gw_measured *measured, const struct gw_measured_setup *setup, double during)
{
    if (setup->mode[0] == 'c' && setup->rate_before > 0) {
        gw_measured_add(measured, (struct gw_measured_number){
                                      .metric = "guest_rate_ratio",
                                      .expected = during / setup->rate_before,
                                      .predicted = gw_measured_metric,
                                      .index = GW_METRIC_GUEST_RATE_RATIO,
                                  });
    }
}

static void
judge_outcome(struct gw_measured *measured, const struct gw_measured_setup *setup)
{
    double total_time_s = measured->count > 0 ? measured->numbers[0].expected : 0;

    if (measured->outcome == GW_COMPLETED &&
        total_time_s > CLEAR_SHARE * (double)setup->time_limit_s) {
        measured->outcome_note = "not judged: it completed just before its time limit";
    }
}

static bool
read_result(struct gw_measured *measured, const json_t *root, const struct gw_measured_setup *setup,
            struct gw_error *err)
{
    bool converged;
    double during;

    if (!gw_json_flag(root, "result.converged", &converged, err) ||
        !gw_json_real_or(root, "result.guest_rate_during", (double)NAN, &during, err)) {
        return false;
    }
    measured->outcome = converged ? GW_COMPLETED : GW_NOT_CONVERGED;
    if (!read_values(measured, root, setup, err)) {
        return false;
    }
    add_guest_rate(measured, setup, during);
    judge_outcome(measured, setup);
    return true;
}

bool
gw_measured_memory_read(struct gw_measured *measured, const json_t *root, const char *host,
                        struct gw_error *err)
{
    struct gw_measured_setup setup = {0};
    const char *id;
    const char *group;

    if (!gw_json_text(root, "id", &id, err) || !gw_json_text(root, "group", &group, err) ||
        !gw_json_numbers(root, number_fields, sizeof number_fields / sizeof number_fields[0],
                         &setup, err) ||
        !read_capabilities(root, &setup, err) || !read_guest(root, &setup, err) ||
        !read_result(measured, root, &setup, err) || !gw_measured_name(measured, id, group, err)) {
        return false;
    }
    measured->scenario = gw_measured_scenario(&setup, id, host);
    return measured->scenario != NULL || gw_fail(err, GW_ENOMEM, "out of memory");
}
