/* bench.c - godwit-bench [row...]: how fast the machinery is here and now.
 *
 * Prints, tab separated: name, value, unit, value of the machine's own reference loop in the same
 * run, ratio. Time is CPU time of this one thread, which is wall time on an idle machine; of
 * store-*, which waits for the disk, it is wall time. Values
 * are medians over repetitions; ours and the reference take turns, so that a slow moment of the
 * machine hits both. Ratios compare over machines, values do not.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { REPETITIONS_MOST = 31 };

#define XBZRLE(name, size)                                                                         \
    {                                                                                              \
        "xbzrle-" name, "GB/s", 1e9, gw_bench_xbzrle, gw_bench_xbzrle_scalar, size, 9              \
    }

static const struct gw_bench_row rows[] = {
    {"hold-10", "M events/s", 1e6, gw_bench_hold, gw_bench_heap_hold, 10, 21},
    {"hold-1000", "M events/s", 1e6, gw_bench_hold, gw_bench_heap_hold, 1000, 21},
    {"hold-100000", "M events/s", 1e6, gw_bench_hold, gw_bench_heap_hold, 100000, 9},
    {"hold-1000000", "M events/s", 1e6, gw_bench_hold, gw_bench_heap_hold, 1000000, 3},
    {"mm1", "M customers/s", 1e6, gw_bench_mm1, gw_bench_heap_mm1, 0, 15},
    {"disk-38g", "s", 0, gw_bench_disk, gw_bench_heap_disk, 0, 3},
    {"disk-38g-speed", "simulated s/s", 1, gw_bench_disk, gw_bench_heap_disk, 0, 3},
    {"guest-60g", "s", 0, gw_bench_memory, NULL, 0, 3},
    {"guest-60g-speed", "simulated s/s", 1, gw_bench_memory, NULL, 0, 3},
    {"compress-60g", "s", 0, gw_bench_memory, NULL, 1, 1},
    {"compress-60g-speed", "simulated s/s", 1, gw_bench_memory, NULL, 1, 1},
    {"compress-60g-locked", "s", 0, gw_bench_memory, NULL, 2, 1},
    {"store-oltp", "runs/s", 1, gw_bench_store, gw_bench_stored_run, 0, 5},
    {"store-small", "runs/s", 1, gw_bench_store, gw_bench_stored_run, 1, 5},
    XBZRLE("4b-hot", 0),
    XBZRLE("4b-out", 1),
    XBZRLE("41b-hot", 2),
    XBZRLE("41b-out", 3),
    XBZRLE("410b-hot", 4),
    XBZRLE("410b-out", 5),
    XBZRLE("2048b-hot", 6),
    XBZRLE("2048b-out", 7),
    XBZRLE("4096b-hot", 8),
    XBZRLE("4096b-out", 9),
    XBZRLE("lines-0.1-hot", 10),
    XBZRLE("lines-0.1-out", 11),
    XBZRLE("lines-1-hot", 12),
    XBZRLE("lines-1-out", 13),
    XBZRLE("lines-10-hot", 14),
    XBZRLE("lines-10-out", 15),
    XBZRLE("lines-50-hot", 16),
    XBZRLE("lines-50-out", 17),
    XBZRLE("lines-100-hot", 18),
    XBZRLE("lines-100-out", 19),
};

double
gw_bench_now_s(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int
compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;

    return (left > right) - (left < right);
}

static double
measured(const struct gw_bench_row *row,
         uint64_t (*work)(const struct gw_bench_row *row, double *seconds))
{
    double seconds = 0;
    uint64_t events = work(row, &seconds);

    return row->per_unit > 0 ? (double)events / seconds / row->per_unit : seconds;
}

static void
print_row(const struct gw_bench_row *row)
{
    double ours[REPETITIONS_MOST];
    double reference[REPETITIONS_MOST] = {0};
    size_t count = (size_t)row->repetitions;

    for (size_t i = 0; i < count; i++) {
        ours[i] = measured(row, row->ours);
        if (row->reference != NULL) {
            reference[i] = measured(row, row->reference);
        }
    }
    qsort(ours, count, sizeof ours[0], compare);
    qsort(reference, count, sizeof reference[0], compare);
    double value = ours[count / 2];
    double other = reference[count / 2];

    printf("%s\t%.2f\t%s\t", row->name, value, row->unit);
    if (row->reference == NULL) {
        puts("-\t-");
        return;
    }
    printf("%.2f\t%.2f\n", other, value / other);
    (void)fflush(stdout);
}

static int
wanted(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], name) == 0) {
            return 1;
        }
    }
    return argc < 2;
}

static int
known(const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return 1;
        }
    }
    return 0;
}

int
main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!known(argv[i])) {
            (void)fprintf(stderr, "godwit-bench: no row '%s'; rows are:", argv[i]);
            for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
                (void)fprintf(stderr, " %s", rows[k].name);
            }
            (void)fputc('\n', stderr);
            return 2;
        }
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (wanted(rows[i].name, argc, argv)) {
            print_row(&rows[i]);
        }
    }
    return 0;
}
