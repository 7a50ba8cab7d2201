/* gate_proof.c - how often does the gate cry without cause, and how often does it see one?
 *
 * Usage     gate_proof [CHECKS]; 1,000 when not told.
 * What      False alarms of whole checks (three cases, both looks) where nothing but the seed
 *           changed; power against 5 % more migration time, made by a setting and by scaling the
 *           samples, and against a bump in a curve. Every check has a baseline and runs of its own.
 * Pins      At most 1 false alarm in 200; adjusted p of clean checks that are small no more often than
 *           they say; power of 0.95 at least, against changes of the size that is said. Seeds are
 *           fixed, so the table is the same on every machine.
 * Not       What a gate cannot know: whether a baseline was right.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/check.h"

enum { CHECKS = 1000, POWER_PART = 10, SETTINGS_MAX = 8, RUNS = 12, FIRST_SEED = 1000 };

static const double ALPHA = 0.002;
static const double FALSE_MOST = 0.005, POWER_LEAST = 0.95;
static const double LONGER_LEAST = 0.03, LONGER_MOST = 0.08; /* what "5 % slower" may be */
static const double SHIFT = 1.05, BUMP = 0.10, BUMP_WIDTH = 0.03;

/* Cheap to run: a few ms each. */
static const struct subject {
    const char *name, *scenario;
    const char *settings[SETTINGS_MAX]; /* NULL-ended */
    const char *slower;                 /* costs about 5 % of the migration's time */
    enum gw_metric time;
} subjects[] = {
    {"dbt",
     "studies/dbt-frontier",
     {"vm.disks=[{size: 32MiB}]", "warmup=500ms", "cooldown=200ms", "workload.rate=50/s",
      "sample_interval=100ms", "devices.target.write_rate=40MB/s", "migration.mover_rate=16MiB/s"},
     "migration.mover_rate=15565KiB/s",
     GW_METRIC_MIGRATION_TIME_S},
    {"mirror",
     "studies/oltp-oio",
     {"vm.disks=[{size: 64MiB}]", "warmup=1s", "cooldown=500ms", "sample_interval=50ms",
      "migration.mover_rate=60MiB/s"},
     "migration.mover_rate=57MiB/s",
     GW_METRIC_MIGRATION_TIME_S},
    {"precopy",
     "qemu72/host",
     {"warmup=1s", "cooldown=500ms", "sample_interval=100ms", "memory={size: 96MiB, vcpus: 1}",
      "link={rate: 1Gbps, latency: 100us}",
      "regions=[{name: heap, size: 64MiB, content: text, writes: uniform, rate: 12k/s}]",
      "migration={architecture: precopy, max_bandwidth: 0B/s}"},
     "link.rate=940Mbps",
     GW_METRIC_TOTAL_TIME_S},
};

enum { SUBJECT_COUNT = sizeof subjects / sizeof subjects[0] };

static size_t workers;

static void
need(bool fine, const struct gw_error *err)
{
    if (!fine) {
        fprintf(stderr, "gate_proof: %s\n", err->message);
        exit(3);
    }
}

/* ---- baselines -------------------------------------------------------------------------------------- */

static void
define(struct gw_baseline_case *one, const struct subject *subject)
{
    char *settings[SETTINGS_MAX];
    struct gw_baseline_case from = {.settings = settings, .seed = FIRST_SEED, .replications = RUNS};
    char name[80], scenario[80];

    snprintf(name, sizeof name, "%s", subject->name);
    snprintf(scenario, sizeof scenario, "%s", subject->scenario);
    from.name = name;
    from.scenario = scenario;
    while (from.setting_count < SETTINGS_MAX && subject->settings[from.setting_count] != NULL) {
        settings[from.setting_count] = strdup(subject->settings[from.setting_count]);
        from.setting_count++;
    }
    need(gw_check_case_copy(&from, one), &(struct gw_error){.message = "out of memory"});
    for (size_t i = 0; i < from.setting_count; i++) {
        free(settings[i]);
    }
}

/* A baseline of the subjects first .. end - 1, of runs with this seed. */
static void
make_baseline(size_t first, size_t end, int64_t seed, struct gw_baseline *out)
{
    struct gw_baseline_case cases[SUBJECT_COUNT] = {0};
    struct gw_baseline defined = {.cases = cases};
    struct gw_check_request request = {
        .before = &defined, .seed = seed, .alpha = ALPHA, .workers = workers, .once = true};
    struct gw_check check;
    struct gw_error err = {.code = GW_OK};

    gw_gate_margins_default(&defined.margins);
    while (first < end) {
        define(&cases[defined.case_count++], &subjects[first++]);
    }
    need(gw_check_make(&check, &request, &err), &err);
    *out = (struct gw_baseline){.margins = defined.margins};
    need(gw_check_rebase(&check, out, &err), &err);
    gw_check_clear(&check);
    for (size_t i = 0; i < defined.case_count; i++) {
        gw_baseline_case_clear(&cases[i]);
    }
}

/* Runs with another seed, and perhaps one more setting, against a baseline: both looks, or one with
 * `only` runs. */
static void
run_check(const struct gw_baseline *before, int64_t seed, const char *setting, int64_t only,
          struct gw_check *check)
{
    const char *const settings[] = {setting};
    const struct gw_check_request request = {.before = before,
                                             .settings = {settings, setting == NULL ? 0 : 1},
                                             .seed = seed,
                                             .alpha = ALPHA,
                                             .workers = workers,
                                             .replications = only,
                                             .once = only > 0};
    struct gw_error err = {.code = GW_OK};

    need(gw_check_make(check, &request, &err), &err);
    for (size_t i = 0; i < check->after.case_count; i++) {
        if (check->after.cases[i].trouble != NULL) {
            gw_fail(&err, GW_EINVAL, "%s", check->after.cases[i].trouble);
            need(false, &err);
        }
    }
}

/* ---- rows of the table ------------------------------------------------------------------------------ */

/* Wilson's interval of a share. */
static void
print_row(const char *what, size_t hits, size_t count, const char *note)
{
    const double z = 1.959964;
    double n = (double)count;
    double share = (double)hits / n;
    double middle = (share + z * z / (2 * n)) / (1 + z * z / n);
    double half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n);

    printf("%-34s %6zu of %-6zu %7.2f %%  (%.2f to %.2f %%)  %s\n", what, hits, count, 100 * share,
           100 * fmax(0, middle - half), 100 * fmin(1, middle + half), note);
    fflush(stdout);
}

static bool
has_moved(const struct gw_gate_report *report, enum gw_gate_kind kind, const char *key)
{
    for (size_t i = 0; i < report->test_count; i++) {
        const struct gw_gate_test *test = &report->tests[i];

        if (test->kind == kind && test->verdict == GW_GATE_MOVED && strcmp(test->key, key) == 0) {
            return true;
        }
    }
    return false;
}

static double
least_adjusted(const struct gw_gate_report *report)
{
    double least = 1;

    for (size_t i = 0; i < report->test_count; i++) {
        least = fmin(least, report->tests[i].adjusted);
    }
    return least;
}

static void
print_alarms(const struct gw_check *check)
{
    for (size_t i = 0; i < check->report.case_count; i++) {
        struct gw_text text = {0};

        if (check->report.cases[i].verdict >= GW_GATE_MOVED) {
            gw_gate_case_say(&check->report, check->before, i, &text);
            printf("  alarm: %s\n", text.bytes == NULL ? "" : text.bytes);
        }
        gw_text_clear(&text);
    }
}

/* Whether so many of `checks` are what a chance of `level` each may do, three deviations and one. */
static bool
is_chance(size_t hits, double level, size_t checks)
{
    double expected = level * (double)checks;

    return (double)hits <= expected + 3 * sqrt(expected) + 1;
}

/* Clean checks; false: too many alarms. */
static bool
prove_alarms(size_t checks)
{
    static const double levels[] = {0.001, 0.01, 0.05};
    size_t alarms = 0, open = 0, beyond[3] = {0};
    bool fine = true;
    char what[40];

    for (size_t i = 0; i < checks; i++) {
        int64_t seed = FIRST_SEED + 2 * (int64_t)i;
        struct gw_baseline before;
        struct gw_check check;

        make_baseline(0, SUBJECT_COUNT, seed, &before);
        run_check(&before, seed + 1, NULL, 0, &check);
        alarms += check.report.verdict >= GW_GATE_MOVED;
        open += check.report.verdict == GW_GATE_OPEN;
        for (size_t k = 0; k < 3; k++) {
            beyond[k] += least_adjusted(&check.report) <= levels[k];
        }
        print_alarms(&check);
        gw_check_clear(&check);
        gw_baseline_clear(&before);
    }
    print_row("false alarms, alpha 0.002", alarms, checks, "nothing changed but the seed");
    for (size_t k = 0; k < 3; k++) {
        snprintf(what, sizeof what, "  last look, adjusted p <= %g", levels[k]);
        print_row(what, beyond[k], checks, "should not be more than p");
        fine = is_chance(beyond[k], levels[k], checks) && fine;
    }
    print_row("  not shown equivalent", open, checks, "yellow: exit status 0");
    return fine && (double)alarms <= fmax(FALSE_MOST * (double)checks, 1);
}

static double
mean_time(const struct gw_baseline *baseline, enum gw_metric metric)
{
    const struct gw_baseline_group *group = &baseline->cases[0].groups[0];

    for (size_t i = 0; i < GW_GATE_METRIC_COUNT; i++) {
        if (gw_gate_metrics[i].metric == metric) {
            double sum = 0;

            for (size_t run = 0; run < group->runs; run++) {
                sum += group->metrics[i][run] / (double)group->runs;
            }
            return sum;
        }
    }
    return NAN;
}

static bool
prove_slower(const struct subject *subject, size_t checks)
{
    size_t number = (size_t)(subject - subjects);
    size_t found = 0;
    double longer = 0;
    char what[60], note[60];

    for (size_t i = 0; i < checks; i++) {
        int64_t seed = FIRST_SEED + 2 * (int64_t)i;
        struct gw_baseline before;
        struct gw_check check;

        make_baseline(number, number + 1, seed, &before);
        run_check(&before, seed + 1, subject->slower, 0, &check);
        found += has_moved(&check.report, GW_GATE_METRIC, gw_metric_info[subject->time].key);
        longer += mean_time(&check.after, subject->time) / mean_time(&before, subject->time) - 1;
        gw_check_clear(&check);
        gw_baseline_clear(&before);
    }
    snprintf(what, sizeof what, "%s: slower by a setting", subject->name);
    longer /= (double)checks;
    snprintf(note, sizeof note, "%+.1f %% of time", 100 * longer);
    print_row(what, found, checks, note);
    return (double)found >= POWER_LEAST * (double)checks && longer >= LONGER_LEAST &&
           longer <= LONGER_MOST;
}

/* ---- changes of the samples themselves ---------------------------------------------------------------- */

static void
scale_times(struct gw_baseline_group *group)
{
    for (size_t i = 0; i < GW_GATE_METRIC_COUNT; i++) {
        enum gw_metric metric = gw_gate_metrics[i].metric;
        bool time = metric == GW_METRIC_MIGRATION_TIME_S || metric == GW_METRIC_TOTAL_TIME_S;

        for (size_t run = 0; time && group->metrics[i] != NULL && run < group->runs; run++) {
            group->metrics[i][run] *= SHIFT;
        }
    }
}

/* A bell on what remains to be sent, at one of some places. */
static void
add_bump(struct gw_baseline_group *group, size_t place)
{
    double *values = group->curves[GW_CURVE_REMAINING];
    double at = 0.2 + 0.05 * (double)(place % 11);
    double height = 0;

    for (size_t i = 0; i < group->points; i++) {
        height = fmax(height, BUMP * values[i]);
    }
    for (size_t i = 0; i < group->points; i++) {
        double off = ((double)i / (double)(group->points - 1) - at) / BUMP_WIDTH;

        for (size_t run = 0; run < group->runs; run++) {
            values[run * group->points + i] += height * exp(-off * off / 2);
        }
    }
}

/* The second look alone, with its half of alpha. */
static void
compare_again(struct gw_check *check)
{
    const struct gw_gate_rules rules = {
        .alpha = ALPHA / GW_CHECK_LOOKS, .equivalence = 0.05, .seed = FIRST_SEED};
    struct gw_error err = {.code = GW_OK};

    gw_gate_report_clear(&check->report);
    need(gw_gate_compare(check->before, &check->after, &rules, &check->report, &err), &err);
}

static bool
prove_samples(const struct subject *subject, size_t checks)
{
    size_t number = (size_t)(subject - subjects);
    size_t found[2] = {0};
    char what[60];

    for (size_t i = 0; i < 2 * checks; i++) {
        bool bump = i >= checks;
        int64_t seed = FIRST_SEED + 2 * (int64_t)(i % checks);
        struct gw_baseline before;
        struct gw_check check;

        make_baseline(number, number + 1, seed, &before);
        run_check(&before, seed + 1, NULL, (int64_t)GW_CHECK_MOST_TIMES * RUNS, &check);
        if (bump) {
            add_bump(&check.after.cases[0].groups[0], i);
        } else {
            scale_times(&check.after.cases[0].groups[0]);
        }
        compare_again(&check);
        found[bump] +=
            bump ? has_moved(&check.report, GW_GATE_CURVE, "remaining_bytes")
                 : has_moved(&check.report, GW_GATE_METRIC, gw_metric_info[subject->time].key);
        gw_check_clear(&check);
        gw_baseline_clear(&before);
    }
    snprintf(what, sizeof what, "%s: time x 1.05", subject->name);
    print_row(what, found[0], checks, "second look alone");
    snprintf(what, sizeof what, "%s: bump in remaining_bytes", subject->name);
    print_row(what, found[1], checks, "10 % of its scale, 6 % of its length");
    return (double)found[0] >= POWER_LEAST * (double)checks &&
           (double)found[1] >= POWER_LEAST * (double)checks;
}

int
main(int argc, char **argv)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    long wanted = argc > 1 ? strtol(argv[1], NULL, 10) : CHECKS;
    size_t checks = wanted > 0 ? (size_t)wanted : CHECKS;
    size_t power_checks = checks / POWER_PART > 0 ? checks / POWER_PART : 1;
    bool fine;

    workers = processors > 0 ? (size_t)processors : 1;
    printf("%d runs a side, %d cases in a check; 95 %% intervals\n\n", RUNS, SUBJECT_COUNT);
    fine = prove_alarms(checks);
    for (size_t i = 0; i < SUBJECT_COUNT; i++) {
        fine = prove_slower(&subjects[i], power_checks) && fine;
        fine = prove_samples(&subjects[i], power_checks) && fine;
    }
    printf("\n%s\n",
           fine ? "as promised"
                : "NOT as promised: at most 0.5 % false alarms, small p no more often than they "
                  "say, 95 % power against 5 %");
    return fine ? 0 : 1;
}
