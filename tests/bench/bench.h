/* bench.h - rows of godwit-bench.
 *
 * A row does its work once in ours and once in a reference loop, both timed by the caller. Add a
 * row: its function in a bench_<group>.c, one line in the table of bench.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_BENCH_H
#define GW_BENCH_H

#include <stdint.h>

struct gw_bench_row {
    const char *name;
    const char *unit;
    double per_unit; /* events of one unit: 1e6 for M events/s */
    /* Do the work, return how many events it had and their time in *seconds; set-up is not in. */
    uint64_t (*ours)(const struct gw_bench_row *row, double *seconds);
    uint64_t (*reference)(const struct gw_bench_row *row, double *seconds); /* or NULL */
    uint32_t size;
    int repetitions;
};

/* CPU time of the process: others on the machine do not count. */
double gw_bench_now_s(void);

/* bench_kernel.c */
uint64_t gw_bench_hold(const struct gw_bench_row *row, double *seconds);
uint64_t gw_bench_mm1(const struct gw_bench_row *row, double *seconds);

/* bench_heap.c: the same on a plain binary heap; of a disk run, the events alone */
uint64_t gw_bench_heap_hold(const struct gw_bench_row *row, double *seconds);
uint64_t gw_bench_heap_mm1(const struct gw_bench_row *row, double *seconds);
uint64_t gw_bench_heap_disk(const struct gw_bench_row *row, double *seconds);

/* bench_disk.c */
uint64_t gw_bench_disk(const struct gw_bench_row *row, double *seconds);

/* bench_memory.c: size is the number of the scenario */
uint64_t gw_bench_memory(const struct gw_bench_row *row, double *seconds);

/* bench_store.c: runs put into a database; the runs themselves. size is the number of the scenario */
uint64_t gw_bench_store(const struct gw_bench_row *row, double *seconds);
uint64_t gw_bench_stored_run(const struct gw_bench_row *row, double *seconds);

/* bench_xbzrle.c: bytes of pages; size is twice the pattern, plus 1 for more than a cache holds */
uint64_t gw_bench_xbzrle(const struct gw_bench_row *row, double *seconds);
uint64_t gw_bench_xbzrle_scalar(const struct gw_bench_row *row, double *seconds);

/* Holds of one repetition with so many pending events. */
static inline uint64_t
gw_bench_holds(uint32_t pending)
{
    return pending < 500000 ? 500000 : pending;
}

/* A disk run has at least so many events, and so many of them pending. */
enum { GW_BENCH_CUSTOMERS = 1000000, GW_BENCH_DISK_EVENTS = 7000000, GW_BENCH_DISK_PENDING = 20 };

#endif
