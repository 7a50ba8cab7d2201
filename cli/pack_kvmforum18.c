/* pack_kvmforum18.c - Better Live Migration on KVM/QEMU, KVM Forum 2018: what is run, and the
 * published tables beside ours.
 *
 * Source  Xiao Guangrong, KVM Forum 2018, slides 7 to 15; the cover letter of the patch series v1
 *         (October 2018) for the rows of threads. What was fitted, and to what, stands in the
 *         headers of scenarios/kvmforum18. Rows without tolerance are shown, not judged.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/pack.h"

enum { BEFORE, AFTER, XBZRLE, COVER_LETTER, THROTTLE, STUDY_COUNT };

static const struct gw_pack_study studies[] = {
    [BEFORE] = {"compression, before",
                "kvmforum18/compression",
                {"migration.pool=locked", NULL},
                .replications = 1},
    [AFTER] = {"compression, after",
               "kvmforum18/compression",
               {"migration.pool=lockless", NULL},
               .replications = 0},
    [XBZRLE] = {"XBZRLE, before and after",
                "kvmforum18/xbzrle",
                {"migration.xbzrle_threads=0,16", NULL},
                .replications = 1},
    [COVER_LETTER] = {"threads and waiting (cover letter)",
                      "kvmforum18/cover-letter",
                      {"migration.pool=locked,lockless", "migration.compress_threads=4,8,16",
                       "migration.compress_wait=false,true", NULL},
                      .replications = 1},
    [THROTTLE] = {"throttling",
                  "kvmforum18/throttle",
                  {"migration.throttle=auto-converge,io-aware", "migration.throttle_most=99,70",
                   NULL},
                  .replications = 3},
    [STUDY_COUNT] = {.name = NULL},
};

/* ---- tables of numbers ------------------------------------------------------------------------------ */

struct row {
    const char *case_name;
    const char *value; /* of the setting that parts before from after */
    enum gw_metric metric;
    double published;
    double tolerance_pct; /* NAN: shown, not judged */
    const char *kind;
};

#define SHOWN (double)NAN

static const struct row before_rows[] = {
    {"compression/before", "locked", GW_METRIC_SYNC_COUNT, 28, SHOWN, "predicted"},
    {"compression/before", "locked", GW_METRIC_THROUGHPUT_MBPS, 2469.45, SHOWN, "predicted"},
    {"compression/before", "locked", GW_METRIC_DIRTY_PAGES_RATE, 170551, SHOWN, "predicted"},
    {"compression/before", "locked", GW_METRIC_COMPRESSION_BUSY_RATE, 0.36, SHOWN, "fitted"},
    {"compression/before", "locked", GW_METRIC_COMPRESSION_SAVED_SHARE, 0.97, SHOWN, "fitted"},
    {"compression/before", "locked", GW_METRIC_SOURCE_MAIN_CPU_SHARE, 0.96, SHOWN, "fitted"},
    {"compression/before", "locked", GW_METRIC_SOURCE_WORKER_CPU_SHARE_MOST, 0.45, 40, "fitted"},
    {"compression/before", "locked", GW_METRIC_SOURCE_WORKER_CPU_SHARE_LEAST, 0.06, 40, "fitted"},
    {"compression/before", "locked", GW_METRIC_TARGET_MAIN_CPU_SHARE, 0.96, SHOWN, "predicted"},
};

static const struct row after_rows[] = {
    {"compression/after", "lockless", GW_METRIC_TOTAL_TIME_S, 64.118, 15, "fitted"},
    {"compression/after", "lockless", GW_METRIC_DOWNTIME_S, 0.029, 30, "predicted"},
    {"compression/after", "lockless", GW_METRIC_BYTES_SENT, 13345135.0 * 1024, 10, "fitted"},
    {"compression/after", "lockless", GW_METRIC_SYNC_COUNT, 9, 22.3, "fitted"},
    {"compression/after", "lockless", GW_METRIC_COMPRESSION_BUSY_RATE, 0.08, 50, "fitted"},
    {"compression/after", "lockless", GW_METRIC_COMPRESSION_SAVED_SHARE, 0.97, SHOWN, "fitted"},
    {"compression/after", "lockless", GW_METRIC_NORMAL_PAGES, 2570281, SHOWN, "predicted"},
    {"compression/after", "lockless", GW_METRIC_THROUGHPUT_MBPS, 1705.10, SHOWN, "predicted"},
    {"compression/after", "lockless", GW_METRIC_SOURCE_MAIN_CPU_SHARE, 0.60, SHOWN, "fitted"},
    {"compression/after", "lockless", GW_METRIC_SOURCE_WORKER_CPU_SHARE_MOST, 0.60, 40,
     "predicted"},
    {"compression/after", "lockless", GW_METRIC_SOURCE_WORKER_CPU_SHARE_LEAST, 0.60, 40,
     "predicted"},
    {"compression/after", "lockless", GW_METRIC_TARGET_MAIN_CPU_SHARE, 1.00, SHOWN, "fitted"},
    {"compression/after", "lockless", GW_METRIC_TARGET_WORKER_CPU_SHARE_MOST, 0.75, SHOWN,
     "predicted"},
};

static const struct row xbzrle_rows[] = {
    {"xbzrle/before", "0", GW_METRIC_SYNC_COUNT, 3381, SHOWN, "predicted"},
    {"xbzrle/before", "0", GW_METRIC_DIRTY_PAGES_RATE, 634526, SHOWN, "predicted"},
    {"xbzrle/after", "16", GW_METRIC_TOTAL_TIME_S, 400.307, 20, "fitted"},
    {"xbzrle/after", "16", GW_METRIC_DOWNTIME_S, 0.079, 30, "predicted"},
    {"xbzrle/after", "16", GW_METRIC_BYTES_SENT, 128504027.0 * 1024, SHOWN, "predicted"},
    {"xbzrle/after", "16", GW_METRIC_SYNC_COUNT, 30, SHOWN, "predicted"},
    {"xbzrle/after", "16", GW_METRIC_NORMAL_PAGES, 32045609, SHOWN, "predicted"},
    {"xbzrle/after", "16", GW_METRIC_XBZRLE_PAGES, 70072728, SHOWN, "predicted"},
    {"xbzrle/after", "16", GW_METRIC_XBZRLE_CACHE_MISS, 11757676, SHOWN, "predicted"},
    {"xbzrle/after", "16", GW_METRIC_THROUGHPUT_MBPS, 2629.76, SHOWN, "predicted"},
};

static void
judge_rows(const struct gw_pack_runs *runs, const char *setting, const struct row *rows,
           size_t count, struct gw_pack_report *report)
{
    for (size_t i = 0; i < count; i++) {
        struct gw_pack_filter filter = {NULL, {setting, NULL}, {rows[i].value, NULL}};
        struct gw_pack_published published = {rows[i].published, rows[i].tolerance_pct,
                                              rows[i].kind};

        gw_pack_number(report, rows[i].case_name, gw_metric_info[rows[i].metric].key, &published,
                       gw_pack_mean(runs, &filter, rows[i].metric));
    }
}

static void
judge_outcome(const struct gw_pack_runs *runs, const struct gw_pack_filter *filter,
              const char *case_name, enum gw_outcome expected, struct gw_pack_report *report)
{
    enum gw_outcome other = expected == GW_COMPLETED ? GW_NOT_CONVERGED : GW_COMPLETED;
    double share = gw_pack_outcome_share(runs, filter, expected);

    gw_pack_word(report, case_name, "outcome", gw_outcome_name(expected),
                 gw_outcome_name(share >= 1 ? expected : other), "predicted");
}

static void
judge_before_and_after(const struct gw_pack_runs *runs, const char *name, const char *setting,
                       const char *const *values, struct gw_pack_report *report)
{
    static const enum gw_outcome outcomes[] = {GW_NOT_CONVERGED, GW_COMPLETED};
    char case_name[80];

    for (int i = 0; i < 2; i++) {
        struct gw_pack_filter filter = {NULL, {setting, NULL}, {values[i], NULL}};

        snprintf(case_name, sizeof case_name, "%s/%s", name, i == 0 ? "before" : "after");
        judge_outcome(runs, &filter, case_name, outcomes[i], report);
    }
}

/* The trap of equal pages: what still goes over the wire is next to nothing (4.98 of 10 000 Mb/s
 * in the talk). */
static void
judge_collapse(const struct gw_pack_runs *runs, struct gw_pack_report *report)
{
    struct gw_pack_filter filter = {NULL, {"migration.xbzrle_threads", NULL}, {"0", NULL}};

    gw_pack_bound(report, "xbzrle/before", "throughput_mbps", 100,
                  gw_pack_mean(runs, &filter, GW_METRIC_THROUGHPUT_MBPS), "predicted");
}

/* ---- the cover letter ---------------------------------------------------------------------------------- */

struct letter_row {
    const char *threads;
    const char *wait;
    double before_s; /* NAN: never completed */
    double after_s;
};

static const struct letter_row letter_rows[] = {
    {"4", "false", 247.371, 138.326},   {"4", "true", (double)NAN, 338.692},
    {"8", "false", 427.384, 125.066},   {"8", "true", (double)NAN, 164.426},
    {"16", "false", 2317.123, 149.006}, {"16", "true", 1792.817, 161.423},
};

enum { LETTER_ROWS = sizeof letter_rows / sizeof letter_rows[0] };

static const double SPEED_UP_FACTOR = 1.5;

/* Mean time of a row, which has two settings besides the pool: NAN when it did not complete. */
static double
letter_time_s(const struct gw_pack_runs *runs, const struct letter_row *row, const char *pool)
{
    double sum = 0;
    size_t count = 0;

    for (size_t i = 0; i < runs->count; i++) {
        const struct gw_result *result = runs->results[i];
        struct gw_pack_runs one = {runs->study, &runs->results[i], 1};
        struct gw_pack_filter first = {
            NULL, {"migration.pool", "migration.compress_threads"}, {pool, row->threads}};
        struct gw_pack_filter second = {NULL, {"migration.compress_wait", NULL}, {row->wait, NULL}};

        if (isnan(gw_pack_mean(&one, &first, GW_METRIC_TOTAL_TIME_S)) ||
            isnan(gw_pack_mean(&one, &second, GW_METRIC_TOTAL_TIME_S))) {
            continue;
        }
        if (result->outcome != GW_COMPLETED) {
            return (double)NAN;
        }
        sum += result->metric[GW_METRIC_TOTAL_TIME_S];
        count++;
    }
    return count == 0 ? (double)NAN : sum / (double)count;
}

static void
judge_letter_side(const char *case_name, double published_s, double got_s,
                  struct gw_pack_report *report)
{
    struct gw_pack_published published = {published_s, SHOWN, "predicted"};

    gw_pack_word(report, case_name, "outcome",
                 gw_outcome_name(isnan(published_s) ? GW_NOT_CONVERGED : GW_COMPLETED),
                 gw_outcome_name(isnan(got_s) ? GW_NOT_CONVERGED : GW_COMPLETED), "predicted");
    if (!isnan(published_s)) {
        gw_pack_number(report, case_name, "total_time_s", &published, got_s);
    }
}

static void
judge_speed_up(const char *case_name, double published, double got, struct gw_pack_report *report)
{
    bool within = got <= published * SPEED_UP_FACTOR && got >= published / SPEED_UP_FACTOR;
    struct gw_pack_published shown = {published, SHOWN, "predicted"};

    gw_pack_number(report, case_name, "speed_up", &shown, got);
    gw_pack_word(report, case_name, "speed_up_within_1.5x", "yes", within ? "yes" : "no",
                 "predicted");
}

static void
judge_letter(const struct gw_pack_runs *runs, struct gw_pack_report *report)
{
    double before_s[LETTER_ROWS], after_s[LETTER_ROWS];
    double least = INFINITY, most = 0;
    char name[80];

    for (int i = 0; i < LETTER_ROWS; i++) {
        const struct letter_row *row = &letter_rows[i];
        const char *wait = strcmp(row->wait, "true") == 0 ? "wait" : "no-wait";

        before_s[i] = letter_time_s(runs, row, "locked");
        after_s[i] = letter_time_s(runs, row, "lockless");
        snprintf(name, sizeof name, "cover-letter/%s-threads/%s/before", row->threads, wait);
        judge_letter_side(name, row->before_s, before_s[i], report);
        snprintf(name, sizeof name, "cover-letter/%s-threads/%s/after", row->threads, wait);
        judge_letter_side(name, row->after_s, after_s[i], report);
        if (wait[0] == 'w') {
            continue;
        }
        snprintf(name, sizeof name, "cover-letter/%s-threads/%s", row->threads, wait);
        judge_speed_up(name, row->before_s / row->after_s, before_s[i] / after_s[i], report);
        least = after_s[i] < least ? after_s[i] : least;
        most = after_s[i] > most ? after_s[i] : most;
    }
    gw_pack_word(report, "cover-letter/before", "more_threads_slower", "yes",
                 before_s[0] < before_s[2] && before_s[2] < before_s[4] ? "yes" : "no",
                 "predicted");
    gw_pack_bound(report, "cover-letter/after", "slowest_over_fastest", 1.3, most / least,
                  "predicted");
}

/* ---- throttling ------------------------------------------------------------------------------------------ */

static void
judge_throttle(const struct gw_pack_runs *runs, struct gw_pack_report *report)
{
    static const char *const kinds[] = {"auto-converge", "io-aware"};
    static const char *const limits[] = {"99", "70"};
    struct gw_pack_published none = {(double)NAN, SHOWN, "shown"};
    double p99_ms[2] = {0};
    char name[80];

    for (int i = 0; i < 4; i++) {
        struct gw_pack_filter filter = {
            NULL, {"migration.throttle", "migration.throttle_most"}, {kinds[i / 2], limits[i % 2]}};
        double late_ms = gw_pack_quantile_ms(runs, &filter, GW_LATENCY_DURING_NS, 0.99);

        snprintf(name, sizeof name, "throttle/%s/most-%s", kinds[i / 2], limits[i % 2]);
        gw_pack_number(report, name, "total_time_s", &none,
                       gw_pack_mean(runs, &filter, GW_METRIC_TOTAL_TIME_S));
        gw_pack_number(report, name, "guest_rate_ratio", &none,
                       gw_pack_mean(runs, &filter, GW_METRIC_GUEST_RATE_RATIO));
        gw_pack_number(report, name, "service_latency_p99_ms", &none, late_ms);
        p99_ms[i / 2] = i % 2 == 0 ? late_ms : p99_ms[i / 2];
    }
    gw_pack_bound(report, "throttle/io-aware", "p99_over_auto_converge", 0.25,
                  p99_ms[1] / p99_ms[0], "predicted");
}

static void
judge(const struct gw_pack_runs *runs, struct gw_pack_report *report)
{
    static const struct gw_pack_filter any = {NULL, {NULL, NULL}, {NULL, NULL}};
    static const char *const threads[] = {"0", "16"};

    for (size_t i = 0; studies[i].name != NULL; i++) {
        gw_pack_word(report, studies[i].name, "verified", "yes",
                     gw_pack_all_verified(&runs[i]) ? "yes" : "not every run", "proof");
    }
    judge_outcome(&runs[BEFORE], &any, "compression/before", GW_NOT_CONVERGED, report);
    judge_rows(&runs[BEFORE], "migration.pool", before_rows,
               sizeof before_rows / sizeof before_rows[0], report);
    judge_outcome(&runs[AFTER], &any, "compression/after", GW_COMPLETED, report);
    judge_rows(&runs[AFTER], "migration.pool", after_rows, sizeof after_rows / sizeof after_rows[0],
               report);
    judge_before_and_after(&runs[XBZRLE], "xbzrle", "migration.xbzrle_threads", threads, report);
    judge_rows(&runs[XBZRLE], "migration.xbzrle_threads", xbzrle_rows,
               sizeof xbzrle_rows / sizeof xbzrle_rows[0], report);
    judge_collapse(&runs[XBZRLE], report);
    judge_letter(&runs[COVER_LETTER], report);
    judge_throttle(&runs[THROTTLE], report);
}

const struct gw_pack_definition gw_pack_kvmforum18 = {"kvmforum18", studies, judge};
