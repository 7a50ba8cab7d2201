/* memory_region.c - the settings of a range of guest memory and of what the guest serves.
 *
 * Presets of the pattern are those of the usual rule of 90/10; of the pacing, a guest that wakes
 * every millisecond and forgets what it could not do in 50 ms.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "workloads/memory_region.h"

static const char *const contents[] = {"zero", "text", "random", "prose", "pointers",
                                       "word", "byte", "half",   "file",  NULL};
static const char *const patterns[] = {"none", "uniform", "sequential", "hot",
                                       "zipf", "replay",  NULL};
static const char *const pacings[] = {"clock", "cpu", NULL};
static const char *const changes[] = {"block", "slot", "scattered", "random", "lines", NULL};
static const char *const changed_contents[] = {"zero", "text", "random", "prose", NULL};

#define ROW(key, type, field, preset, least, most, help)                                           \
    {                                                                                              \
        key, type, offsetof(struct gw_region_settings, field), preset, least, most, NULL, help     \
    }
#define PICK(key, words, field, preset, help)                                                      \
    {                                                                                              \
        key, GW_SETTING_CHOICE, offsetof(struct gw_region_settings, field), preset, NULL, NULL,    \
            words, help                                                                            \
    }

const struct gw_setting gw_region_settings_table[] = {
    ROW("name", GW_SETTING_TEXT, name, NULL, NULL, NULL, "name of the region in reports"),
    ROW("size", GW_SETTING_BYTES, size_bytes, NULL, "4KiB", "16TiB",
        "length, a multiple of the page of 4 KiB"),
    PICK("content", contents, content, "random", "what the pages hold at first"),
    ROW("resident", GW_SETTING_FLAG, resident, "true", NULL, NULL,
        "content zero: false if nobody ever touched the pages that are not written"),
    ROW("file", GW_SETTING_TEXT, file, NULL, NULL, NULL,
        "content file: a file whose pages are taken in turn"),
    PICK("writes", patterns, writes, "none", "which pages are written"),
    ROW("rate", GW_SETTING_IOPS, rate, "0/s", NULL, NULL,
        "page writes a second, all vcpus together; 0/s with pacing cpu: as fast as they can"),
    PICK("pacing", pacings, pacing, "clock",
         "clock: ticks of 1 ms, catches up; cpu: a fixed computation a write"),
    ROW("write_time", GW_SETTING_TIME, write_ns, "20ns", "1ns", "1s",
        "CPU time of one write, faults not counted"),
    ROW("backlog", GW_SETTING_TIME, backlog_ns, "50ms", NULL, "1h",
        "pacing clock: most that is caught up"),
    ROW("hot_pages", GW_SETTING_SHARE, hot_pages, "10%", NULL, "100%",
        "writes hot: share of the pages that is hot, from the first one on"),
    ROW("hot_writes", GW_SETTING_SHARE, hot_writes, "90%", NULL, "100%",
        "writes hot: share of the writes that goes there"),
    ROW("zipf_exponent", GW_SETTING_NUMBER, zipf_exponent, "0.99", "0", "10",
        "writes zipf: exponent"),
    ROW("phase", GW_SETTING_TIME, phase_ns, "0s", NULL, NULL,
        "writes hot or zipf: the favourite pages move on this often; 0s means never"),
    ROW("burst_on", GW_SETTING_TIME, burst_on_ns, "0s", NULL, "1h",
        "bursts: length of the part with writes, which comes first"),
    ROW("burst_off", GW_SETTING_TIME, burst_off_ns, "0s", NULL, "1h",
        "bursts: length of the part without writes; 0s means no bursts"),
    ROW("trace", GW_SETTING_TEXT, trace, NULL, NULL, NULL,
        "writes replay: a file of lines 'time_ms,page', by time"),
    ROW("change_size", GW_SETTING_BYTES, change_bytes, "64B", NULL, "4KiB",
        "bytes that a write changes; 0B: the same value is written again"),
    PICK("change", changes, change, "block", "where in the page they lie"),
    PICK("change_content", changed_contents, change_content, "random", "what is written there"),
    ROW("first_vcpu", GW_SETTING_COUNT, first_vcpu, "0", "0", "1023",
        "first vcpu that writes here"),
    ROW("vcpus", GW_SETTING_COUNT, vcpus, "0", "0", "1024",
        "how many vcpus write here; 0 means all"),
    GW_SETTING_END,
};

#undef ROW
#define ROW(key, type, field, preset, least, most, help)                                           \
    {                                                                                              \
        key, type, offsetof(struct gw_guest_service_settings, field), preset, least, most, NULL,   \
            help                                                                                   \
    }

const struct gw_setting gw_guest_service_table[] = {
    ROW("rate", GW_SETTING_IOPS, rate, "0/s", NULL, NULL,
        "requests a second on each of its vcpus, at random times"),
    ROW("service_time", GW_SETTING_TIME, service_ns, "20us", NULL, "1s",
        "vcpu time of one request"),
    ROW("first_vcpu", GW_SETTING_COUNT, first_vcpu, "0", "0", "1023", "first vcpu that serves"),
    ROW("vcpus", GW_SETTING_COUNT, vcpus, "0", "0", "1024", "how many vcpus serve; 0 means none"),
    GW_SETTING_END,
};
