/* exchange.c - the disk of a mail server: a Jet database, its circular log, file-system metadata.
 *
 * Idea      Five streams on one region: [ metadata | log | database ]. Users read database pages,
 *           the lazy writer writes them back with the same locality, every change is logged
 *           sequentially round a fixed area, a few metadata blocks are written over and over, and
 *           maintenance reads the database from end to end. Streams arrive at rates but have a
 *           bound on what is outstanding, so a slow array throttles them.
 * Source    Page size, maintenance reads of 256 KiB and rates a mailbox: Microsoft's sizing pages
 *           for Exchange 2010. The set of write classes (metadata, circular log, application
 *           data): the heat discussion of Mashtizadeh et al., USENIX ATC 2011. The numbers are
 *           stand-ins to be calibrated: docs/model-workloads.md says what each stands for.
 * Invariant Intensity scales rates only: places, operations and their order stay.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>

#include "workloads/arrival.h"
#include "workloads/mix.h"
#include "workloads/workload.h"

extern const struct gw_workload_kind gw_workload_exchange;

enum { LOG_UNIT_BYTES = 4096, METADATA_BLOCK_BYTES = 4096 };

struct exchange_settings {
    char *disk;
    int64_t region_offset_bytes, region_size_bytes;
    double intensity;
    double read_rate, write_rate, log_rate, metadata_rate, scan_rate;
    int64_t page_bytes;
    int pattern;
    double hot_share, hot_io_share;
    double zipf_exponent;
    int64_t log_size_bytes, log_least_bytes, log_most_bytes;
    int64_t metadata_size_bytes;
    double metadata_exponent;
    int64_t scan_block_bytes;
    int64_t read_outstanding, write_outstanding, log_outstanding;
    int64_t catch_up_ns;
};

#define ROW_AT(field) offsetof(struct exchange_settings, field)

static const struct gw_setting exchange_rows[] = {
    {"disk", GW_SETTING_TEXT, ROW_AT(disk), "last", NULL, NULL, NULL,
     "disk of the guest: its number from 0, or last"},
    {"region_offset", GW_SETTING_BYTES, ROW_AT(region_offset_bytes), "0B", NULL, NULL, NULL,
     "where on the disk the file system begins"},
    {"region_size", GW_SETTING_BYTES, ROW_AT(region_size_bytes), "0B", NULL, NULL, NULL,
     "size of the file system; 0B = up to the end of the disk"},
    {"intensity", GW_SETTING_NUMBER, ROW_AT(intensity), "1", "0", "1000", NULL,
     "multiplies every rate but scan_rate; 2 = the doubled load"},
    {"read_rate", GW_SETTING_IOPS, ROW_AT(read_rate), "150/s", NULL, NULL, NULL,
     "database page reads a second at intensity 1"},
    {"write_rate", GW_SETTING_IOPS, ROW_AT(write_rate), "100/s", NULL, NULL, NULL,
     "database page writes a second at intensity 1"},
    {"log_rate", GW_SETTING_IOPS, ROW_AT(log_rate), "40/s", NULL, NULL, NULL,
     "log writes a second at intensity 1"},
    {"metadata_rate", GW_SETTING_IOPS, ROW_AT(metadata_rate), "4/s", NULL, NULL, NULL,
     "file-system metadata writes a second at intensity 1"},
    {"scan_rate", GW_SETTING_IOPS, ROW_AT(scan_rate), "20/s", NULL, NULL, NULL,
     "sequential maintenance reads a second, at any intensity"},
    {"page", GW_SETTING_BYTES, ROW_AT(page_bytes), "32KiB", "4KiB", "1MiB", NULL,
     "size of a database page"},
    {"pattern", GW_SETTING_CHOICE, ROW_AT(pattern), "hotcold", NULL, NULL, gw_address_patterns,
     "how database pages are chosen"},
    {"hot_share", GW_SETTING_SHARE, ROW_AT(hot_share), "10%", NULL, NULL, NULL,
     "hotcold: share of the database pages that is hot; they lie all over"},
    {"hot_io_share", GW_SETTING_SHARE, ROW_AT(hot_io_share), "70%", NULL, NULL, NULL,
     "hotcold: share of the page IOs that go to hot pages"},
    {"zipf_exponent", GW_SETTING_NUMBER, ROW_AT(zipf_exponent), "0.9", "0", "10", NULL,
     "zipf: exponent over the database pages"},
    {"log_size", GW_SETTING_BYTES, ROW_AT(log_size_bytes), "1GiB", "1MiB", NULL, NULL,
     "area that the log goes round"},
    {"log_write_least", GW_SETTING_BYTES, ROW_AT(log_least_bytes), "4KiB", "4KiB", "1MiB", NULL,
     "smallest log write, a multiple of 4KiB"},
    {"log_write_most", GW_SETTING_BYTES, ROW_AT(log_most_bytes), "64KiB", "4KiB", "1MiB", NULL,
     "largest log write, a multiple of 4KiB"},
    {"metadata_size", GW_SETTING_BYTES, ROW_AT(metadata_size_bytes), "64MiB", "4KiB", NULL, NULL,
     "area of the file-system metadata"},
    {"metadata_exponent", GW_SETTING_NUMBER, ROW_AT(metadata_exponent), "1.5", "0", "10", NULL,
     "Zipf exponent over the metadata blocks of 4 KiB: few are hot"},
    {"scan_block", GW_SETTING_BYTES, ROW_AT(scan_block_bytes), "256KiB", "4KiB", "64MiB", NULL,
     "size of a maintenance read"},
    {"read_outstanding", GW_SETTING_COUNT, ROW_AT(read_outstanding), "32", "1", "65536", NULL,
     "most database reads in flight"},
    {"write_outstanding", GW_SETTING_COUNT, ROW_AT(write_outstanding), "32", "1", "65536", NULL,
     "most database writes in flight"},
    {"log_outstanding", GW_SETTING_COUNT, ROW_AT(log_outstanding), "4", "1", "65536", NULL,
     "most log or metadata writes in flight"},
    {"catch_up", GW_SETTING_TIME, ROW_AT(catch_up_ns), "1s", NULL, NULL, NULL,
     "longest backlog that is made good later; older work is lost"},
    GW_SETTING_END,
};

enum { PART_READ, PART_WRITE, PART_METADATA, PART_SCAN, PART_LOG, PART_COUNT };

static const char *const part_names[PART_COUNT] = {
    "exchange.read", "exchange.write", "exchange.metadata", "exchange.scan", "exchange.log"};

struct part {
    struct gw_arrival arrival;
    struct gw_mix mix; /* unused by the log */
};

/* Writes of drawn length, one after the other, round a fixed area. */
struct circular_log {
    struct gw_stream lengths;
    int64_t base_bytes, size_bytes, cursor_bytes;
    int64_t least_units;
    uint64_t choices;
    uint32_t disk;
};

struct exchange {
    struct gw_workload workload;
    uint32_t concurrency[PART_COUNT];
    struct part part[PART_COUNT];
    struct circular_log log;
    int64_t catch_up_ns;
};

static void
log_next(struct circular_log *log, struct gw_demand *out)
{
    int64_t units = log->least_units + (int64_t)gw_stream_below(&log->lengths, log->choices);
    int64_t length = units * LOG_UNIT_BYTES;

    if (log->cursor_bytes + length > log->size_bytes) {
        log->cursor_bytes = 0;
    }
    out->op = GW_IO_WRITE;
    out->disk = log->disk;
    out->extent = (struct gw_extent){log->base_bytes + log->cursor_bytes, length};
    log->cursor_bytes += length;
}

static bool
exchange_next(struct gw_workload *workload, uint32_t stream, int64_t now_ns, struct gw_demand *out)
{
    struct exchange *exchange = gw_container(workload, struct exchange, workload);
    struct part *part = &exchange->part[stream];

    if (stream == PART_LOG) {
        log_next(&exchange->log, out);
    } else {
        gw_mix_next(&part->mix, out);
    }
    out->at_ns = gw_arrival_due(&part->arrival, now_ns, exchange->catch_up_ns);
    return out->at_ns != GW_TIME_NEVER;
}

static void
exchange_destroy(struct gw_workload *workload)
{
    free(gw_container(workload, struct exchange, workload));
}

static bool
check_multiples(const struct exchange_settings *wanted, struct gw_error *err)
{
    int64_t bits = wanted->region_offset_bytes | wanted->metadata_size_bytes |
                   wanted->log_size_bytes | wanted->log_least_bytes | wanted->log_most_bytes;

    if (bits % LOG_UNIT_BYTES != 0) {
        return gw_fail(err, GW_EINVAL,
                       "region_offset, metadata_size, log_size, log_write_least, log_write_most: "
                       "must be multiples of 4KiB");
    }
    if (wanted->log_least_bytes > wanted->log_most_bytes ||
        wanted->log_most_bytes > wanted->log_size_bytes) {
        return gw_fail(err, GW_EINVAL,
                       "log_write_least %lldB, log_write_most %lldB, log_size %lldB: must not fall",
                       (long long)wanted->log_least_bytes, (long long)wanted->log_most_bytes,
                       (long long)wanted->log_size_bytes);
    }
    return true;
}

static bool
check_layout(const struct exchange_settings *wanted, int64_t disk_bytes, struct gw_error *err)
{
    int64_t room = disk_bytes - wanted->region_offset_bytes;
    int64_t size = wanted->region_size_bytes != 0 ? wanted->region_size_bytes : room;
    int64_t least = wanted->page_bytes > wanted->scan_block_bytes ? wanted->page_bytes
                                                                  : wanted->scan_block_bytes;

    if (size > room || size < wanted->log_size_bytes ||
        size - wanted->log_size_bytes < wanted->metadata_size_bytes ||
        size - wanted->log_size_bytes - wanted->metadata_size_bytes < least) {
        return gw_fail(err, GW_EINVAL,
                       "metadata, log and database do not fit a region of %lldB at %lldB on a "
                       "disk of %lldB",
                       (long long)size, (long long)wanted->region_offset_bytes,
                       (long long)disk_bytes);
    }
    return check_multiples(wanted, err);
}

/* The mixes of the four streams that are not the log. */
static void
plan_mixes(const struct exchange_settings *wanted, int64_t disk_bytes,
           struct gw_mix_settings mix[PART_LOG])
{
    int64_t begin = wanted->region_offset_bytes;
    int64_t end = wanted->region_size_bytes != 0 ? begin + wanted->region_size_bytes : disk_bytes;
    int64_t database = begin + wanted->metadata_size_bytes + wanted->log_size_bytes;
    struct gw_mix_settings page = {.disk = wanted->disk,
                                   .region_offset_bytes = database,
                                   .region_size_bytes = end - database,
                                   .block_bytes = wanted->page_bytes,
                                   .random_share = 1,
                                   .pattern = wanted->pattern,
                                   .hot_share = wanted->hot_share,
                                   .hot_io_share = wanted->hot_io_share,
                                   .hot_layout = 1,
                                   .zipf_exponent = wanted->zipf_exponent};

    page.region_size_bytes -= page.region_size_bytes % page.block_bytes;
    mix[PART_READ] = page;
    mix[PART_READ].read_share = 1;
    mix[PART_WRITE] = page;
    mix[PART_SCAN] = page;
    mix[PART_SCAN].read_share = 1;
    mix[PART_SCAN].pattern = GW_ADDRESS_SEQUENTIAL;
    mix[PART_SCAN].block_bytes = wanted->scan_block_bytes;
    mix[PART_METADATA] = page;
    mix[PART_METADATA].region_offset_bytes = begin;
    mix[PART_METADATA].region_size_bytes = wanted->metadata_size_bytes;
    mix[PART_METADATA].block_bytes = METADATA_BLOCK_BYTES;
    mix[PART_METADATA].pattern = GW_ADDRESS_ZIPF;
    mix[PART_METADATA].zipf_exponent = wanted->metadata_exponent;
}

static void
set_up_arrivals(struct exchange *exchange, const struct gw_workload_context *context,
                const struct exchange_settings *wanted)
{
    const double rate[PART_COUNT] = {[PART_READ] = wanted->read_rate * wanted->intensity,
                                     [PART_WRITE] = wanted->write_rate * wanted->intensity,
                                     [PART_METADATA] = wanted->metadata_rate * wanted->intensity,
                                     [PART_SCAN] = wanted->scan_rate,
                                     [PART_LOG] = wanted->log_rate * wanted->intensity};
    const int64_t outstanding[PART_COUNT] = {[PART_READ] = wanted->read_outstanding,
                                             [PART_WRITE] = wanted->write_outstanding,
                                             [PART_METADATA] = wanted->log_outstanding,
                                             [PART_SCAN] = 1,
                                             [PART_LOG] = wanted->log_outstanding};

    for (uint32_t i = 0; i < PART_COUNT; i++) {
        struct gw_arrival_plan plan =
            gw_arrival_steady(i == PART_SCAN ? GW_ARRIVAL_CONSTANT : GW_ARRIVAL_POISSON, rate[i]);

        gw_arrival_init(&exchange->part[i].arrival, &plan, context, part_names[i]);
        exchange->concurrency[i] = (uint32_t)outstanding[i];
    }
}

static bool
set_up(struct exchange *exchange, const struct gw_workload_context *context,
       const struct exchange_settings *wanted, struct gw_error *err)
{
    struct gw_mix_settings mix[PART_LOG];
    struct circular_log *log = &exchange->log;
    int64_t bits = LOG_UNIT_BYTES;

    if (!gw_disk_index(context, wanted->disk, &log->disk, err) ||
        !check_layout(wanted, context->disk_bytes[log->disk], err)) {
        return false;
    }
    plan_mixes(wanted, context->disk_bytes[log->disk], mix);
    for (uint32_t i = 0; i < PART_LOG; i++) {
        if (!gw_mix_init(&exchange->part[i].mix, &mix[i], context, part_names[i], err)) {
            return false;
        }
        bits |= exchange->part[i].mix.alignment_bytes;
    }
    log->base_bytes = wanted->region_offset_bytes + wanted->metadata_size_bytes;
    log->size_bytes = wanted->log_size_bytes;
    log->least_units = wanted->log_least_bytes / LOG_UNIT_BYTES;
    log->choices =
        (uint64_t)((wanted->log_most_bytes - wanted->log_least_bytes) / LOG_UNIT_BYTES + 1);
    gw_guest_stream(&log->lengths, context, part_names[PART_LOG], "lengths");
    set_up_arrivals(exchange, context, wanted);
    exchange->catch_up_ns = wanted->catch_up_ns;
    exchange->workload.alignment_bytes = gw_alignment_of(bits);
    return true;
}

static struct gw_workload *
exchange_create(const struct gw_workload_context *context, const void *settings,
                struct gw_error *err)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);

    if (exchange == NULL) {
        gw_fail(err, GW_ENOMEM, "workload exchange: out of memory");
        return NULL;
    }
    exchange->workload = (struct gw_workload){.kind = &gw_workload_exchange,
                                              .stream_count = PART_COUNT,
                                              .concurrency = exchange->concurrency,
                                              .next = exchange_next,
                                              .destroy = exchange_destroy};
    if (!set_up(exchange, context, settings, err)) {
        free(exchange);
        return NULL;
    }
    return &exchange->workload;
}

const struct gw_workload_kind gw_workload_exchange = {
    .name = "exchange",
    .title = "a mail server: database pages, circular log, metadata, maintenance scan",
    .source = "Microsoft sizing pages for Exchange 2010; Mashtizadeh et al., USENIX ATC 2011",
    .settings = exchange_rows,
    .settings_bytes = sizeof(struct exchange_settings),
    .create = exchange_create,
};
