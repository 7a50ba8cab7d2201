/* test_oracle_pages.c - pins the laws of page writes, drawn one by one and counted in bulk.
 *
 * Uniform: distinct pages after n writes to the occupancy law, mean and variance (Feller, volume
 * 1, II.11 and IV), counts a page to the multinomial law, and to a brute force simulation with
 * another generator. Zipf: counts by rank to the exact probabilities, and what does not depend
 * on the places of the ranks. Hot and sequential with these: pages found dirty in real migrations
 * whose write process is known, where that data set is present (GW_SHARED, or shared/ beside the
 * tree). Does not pin when pages are written. Limits are standard errors, computed; seeds fixed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "workloads/page_writer.h"
#include "workloads/page_zipf.h"

enum { PAGES_MAX = 65536, WRITES_MAX = 1 << 20 };

static const double LIMIT = 4.5; /* standard errors */

static uint32_t drawn[WRITES_MAX];
static struct gw_page_count counted[PAGES_MAX];
static uint32_t counts[PAGES_MAX];

static struct gw_page_writer *
make(const struct gw_region_settings *settings, uint32_t page_count, uint64_t seed)
{
    struct gw_page_writer_key key = {.seed = seed};
    struct gw_error err = {0};
    struct gw_page_writer *writer = gw_page_writer_create(settings, page_count, &key, &err);

    if (writer == NULL) {
        fail_msg("%s", err.message);
    }
    return writer;
}

/* ---- ways to make the counts of n writes ------------------------------------------------------- */

enum way { WAY_DRAW, WAY_COUNT, WAY_BRUTE, WAYS };

static const char *const way_names[] = {"drawn", "counted", "brute force"};

/* A generator that the product does not use (Marsaglia's xorshift64*). */
static uint64_t
brute_next(void)
{
    static uint64_t state = 88172645463325252;

    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 2685821657736338717;
}

/* Adds n writes to counts[]. */
static void
add_writes(struct gw_page_writer *writer, enum way way, uint32_t page_count, uint32_t n)
{
    if (way == WAY_BRUTE) {
        for (uint32_t i = 0; i < n; i++) {
            counts[(brute_next() >> 11) % page_count]++;
        }
        return;
    }
    if (way == WAY_COUNT) {
        uint32_t found = gw_page_writer_count(writer, n, counted);

        for (uint32_t i = 0; i < found; i++) {
            counts[counted[i].page] += counted[i].writes;
        }
        return;
    }
    assert_true(n <= WRITES_MAX);
    gw_page_writer_draw(writer, n, drawn);
    for (uint32_t i = 0; i < n; i++) {
        counts[drawn[i]]++;
    }
}

static uint32_t
distinct(uint32_t page_count)
{
    uint32_t found = 0;

    for (uint32_t i = 0; i < page_count; i++) {
        found += counts[i] > 0;
    }
    return found;
}

static void
expect_z(const char *what, enum way way, double writes_a_page, double z)
{
    if (!(fabs(z) < LIMIT)) {
        fail_msg("%s, %s, %g writes a page: %g standard errors off", what, way_names[way],
                 writes_a_page, z);
    }
}

/* ---- uniform ------------------------------------------------------------------------------------ */

/* Sums over repetitions of one number whose mean and variance are known. */
struct moments {
    double mean, variance;
    double sum, squares;
    int repetitions;
};

static void
take(struct moments *moments, double value)
{
    double off = value - moments->mean;

    moments->sum += off;
    moments->squares += off * off;
    moments->repetitions++;
}

static double
mean_z(const struct moments *moments)
{
    return moments->sum / sqrt(moments->variance * moments->repetitions);
}

/* As if normal, which occupancy nearly is: the fourth moment is 3 variance^2. */
static double
variance_z(const struct moments *moments)
{
    return (moments->squares / moments->repetitions / moments->variance - 1) /
           sqrt(2.0 / moments->repetitions);
}

static struct moments
occupancy(double pages, double n)
{
    long double one = powl(1 - 1 / (long double)pages, n);
    long double two = powl(1 - 2 / (long double)pages, n);
    struct moments moments = {0};

    moments.mean = (double)(pages * (1 - one));
    moments.variance =
        (double)(pages * (pages - 1) * two + pages * one - pages * pages * one * one);
    return moments;
}

/* Pearson's statistic of a multinomial with equal cells: mean and variance are exact. */
static struct moments
pearson(double pages, double n)
{
    return (struct moments){.mean = pages - 1, .variance = 2 * (pages - 1) * (n - 1) / n};
}

static double
pearson_of(uint32_t page_count, double n)
{
    double expected = n / page_count;
    double sum = 0;

    for (uint32_t i = 0; i < page_count; i++) {
        sum += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    return sum;
}

static void
uniform_case(enum way way, uint32_t page_count, uint32_t n, int repetitions)
{
    struct gw_region_settings settings = {.writes = GW_WRITES_UNIFORM};
    struct gw_page_writer *writer = make(&settings, page_count, n);
    struct moments pages = occupancy(page_count, n);
    struct moments spread = pearson(page_count, n);
    /* One page and the pages of one half: their counts are binomial. */
    struct moments first = {.mean = (double)n / page_count,
                            .variance = (double)n / page_count * (1 - 1.0 / page_count)};
    double share = (double)(page_count / 2) / page_count;
    struct moments half = {.mean = n * share, .variance = n * share * (1 - share)};
    double load = (double)n / page_count;

    for (int i = 0; i < repetitions; i++) {
        double sum = 0;

        memset(counts, 0, page_count * sizeof *counts);
        add_writes(writer, way, page_count, n);
        for (uint32_t page = 0; page < page_count / 2; page++) {
            sum += counts[page];
        }
        take(&pages, distinct(page_count));
        take(&spread, pearson_of(page_count, n));
        take(&first, counts[0]);
        take(&half, sum);
    }
    gw_page_writer_destroy(writer);
    expect_z("Pearson, mean", way, load, mean_z(&spread));
    /* With few writes a page its tail is longer than the normal one. */
    expect_z("Pearson, variance", way, load,
             variance_z(&spread) / sqrt(1 + 30 / load / page_count));
    expect_z("first page", way, load, mean_z(&first));
    expect_z("half, mean", way, load, mean_z(&half));
    expect_z("half, variance", way, load, variance_z(&half));
    if (pages.variance > 1) {
        expect_z("distinct pages, mean", way, load, mean_z(&pages));
        expect_z("distinct pages, variance", way, load, variance_z(&pages));
    }
}

static void
uniform_follows_the_occupancy_law(void **state)
{
    static const double loads[] = {0.01, 0.1, 0.3, 0.5, 0.7, 1, 2, 4, 7, 20};

    (void)state;
    for (size_t i = 0; i < sizeof loads / sizeof loads[0]; i++) {
        for (int way = 0; way < WAYS; way++) {
            uniform_case((enum way)way, 3000, (uint32_t)(loads[i] * 3000), 600);
        }
    }
}

static void
crowded_pages_follow_the_multinomial_law(void **state)
{
    static const uint32_t loads[] = {50, 254, 255, 257, 300, 5000, 1000000};

    (void)state;
    for (size_t i = 0; i < sizeof loads / sizeof loads[0]; i++) {
        uniform_case(WAY_COUNT, 300, loads[i] * 300 + 7, 1500);
    }
    uniform_case(WAY_COUNT, 7, 7 * 100, 20000);
    uniform_case(WAY_COUNT, 2, 5000, 20000);
    uniform_case(WAY_COUNT, 2, 9, 20000);
}

/* Few cells: every outcome of 6 writes to 3 pages against its multinomial probability. */
static void
small_outcomes_have_their_probabilities(void **state)
{
    enum { WRITES = 6, SIDE = WRITES + 1, REPETITIONS = 200000 };
    static const double factorial[] = {1, 1, 2, 6, 24, 120, 720};
    struct gw_region_settings settings = {.writes = GW_WRITES_UNIFORM};

    (void)state;
    for (int way = 0; way < WAYS; way++) {
        struct gw_page_writer *writer = make(&settings, 3, 77);
        uint32_t seen[SIDE][SIDE] = {0};
        double sum = 0;

        for (int i = 0; i < REPETITIONS; i++) {
            memset(counts, 0, 3 * sizeof *counts);
            add_writes(writer, (enum way)way, 3, WRITES);
            seen[counts[0]][counts[1]]++;
        }
        for (int a = 0; a <= WRITES; a++) {
            for (int b = 0; a + b <= WRITES; b++) {
                double expected = REPETITIONS * factorial[WRITES] / factorial[a] / factorial[b] /
                                  factorial[WRITES - a - b] / pow(3, WRITES);

                sum += (seen[a][b] - expected) * (seen[a][b] - expected) / expected;
            }
        }
        gw_page_writer_destroy(writer);
        expect_z("outcomes", (enum way)way, 2, (sum - 27) / sqrt(2 * 27));
    }
}

/* ---- Zipf --------------------------------------------------------------------------------------- */

/* Chi-square of counts[] by rank; ranks pooled until each cell expects `least`. */
static double
rank_z(const double *probability, uint32_t rank_count, double n, double least)
{
    double sum = 0;
    double cells = 0;
    double expected = 0;
    double got = 0;

    for (uint32_t i = 0; i < rank_count; i++) {
        expected += probability[i] * n;
        got += counts[i];
        if (expected >= least) {
            sum += (got - expected) * (got - expected) / expected;
            cells++;
            expected = got = 0;
        }
    }
    assert_true(cells > 1);
    return (sum - (cells - 1)) / sqrt(2 * (cells - 1));
}

static double *
zipf_law(uint32_t rank_count, double exponent)
{
    double *probability = malloc(rank_count * sizeof *probability);
    double sum = 0;

    assert_non_null(probability);
    for (uint32_t i = rank_count; i-- > 0;) {
        probability[i] = pow(i + 1.0, -exponent);
        sum += probability[i];
    }
    for (uint32_t i = 0; i < rank_count; i++) {
        probability[i] /= sum;
    }
    return probability;
}

static void
zipf_ranks_have_their_probabilities(void **state)
{
    static const double exponents[] = {0, 0.5, 0.99, 1, 1.2, 3};
    static const uint32_t writes[] = {5000, 100000, 2000000, 50000000};
    enum { RANKS = 49152 };
    struct gw_page_spread spread;
    struct gw_page_zipf *zipf = malloc(sizeof *zipf);

    (void)state;
    assert_non_null(zipf);
    assert_true(gw_page_spread_create(&spread, NULL));
    for (size_t i = 0; i < 6 * sizeof writes / sizeof writes[0]; i++) {
        double exponent = exponents[i % 6];
        double *law = zipf_law(RANKS, exponent);
        struct gw_stream stream;

        gw_stream_open(&stream, 5, 0, "zipf", i);
        assert_true(gw_page_zipf_init(zipf, RANKS, exponent, NULL));
        memset(counts, 0, sizeof counts);
        gw_page_zipf_fill(zipf, &spread, &stream, writes[i / 6], counts);
        expect_z("Zipf ranks", WAY_COUNT, writes[i / 6] / (double)RANKS,
                 rank_z(law, RANKS, writes[i / 6], 10));
        free(law);
    }
    free(zipf);
    gw_page_spread_destroy(&spread);
}

/* Many writes and wide cells, a few to a segment of the method: shows a bias inside segments. */
static void
zipf_segments_have_no_slope_of_their_own(void **state)
{
    enum { RANKS = 49152, WRITES = 400000000 };
    struct gw_page_spread spread;
    struct gw_page_zipf *zipf = malloc(sizeof *zipf);
    double *law = zipf_law(RANKS, 1.2);
    struct gw_stream stream;

    (void)state;
    assert_non_null(zipf);
    assert_true(gw_page_spread_create(&spread, NULL));
    assert_true(gw_page_zipf_init(zipf, RANKS, 1.2, NULL));
    gw_stream_open(&stream, 6, 0, "zipf", 0);
    memset(counts, 0, sizeof counts);
    gw_page_zipf_fill(zipf, &spread, &stream, WRITES, counts);
    expect_z("Zipf segments", WAY_COUNT, (double)WRITES / RANKS,
             rank_z(law, RANKS, WRITES, WRITES / 3000.0));
    free(law);
    free(zipf);
    gw_page_spread_destroy(&spread);
}

/* Distinct pages and pairs of writes to the same page do not depend on the places. The variance
 * of distinct pages is at most the sum of those of the single ones (negative association). */
static void
zipf_case(enum way way, uint32_t page_count, uint32_t n, double exponent)
{
    enum { REPETITIONS = 200 };
    struct gw_region_settings settings = {.writes = GW_WRITES_ZIPF, .zipf_exponent = exponent};
    struct gw_page_writer *writer = make(&settings, page_count, n);
    double *law = zipf_law(page_count, exponent);
    struct moments pages = {0};
    struct moments pairs = {0};
    double cubes = 0;

    for (uint32_t i = 0; i < page_count; i++) {
        double missed = pow(1 - law[i], n);

        pages.mean += 1 - missed;
        pages.variance += missed * (1 - missed);
        pairs.mean += law[i] * law[i];
        cubes += law[i] * law[i] * law[i];
    }
    double same = pairs.mean;
    double choices = (double)n * (n - 1) / 2;

    pairs.mean = choices * same;
    pairs.variance = choices * same * (1 - same) + 2 * choices * (n - 2.0) * (cubes - same * same);
    for (int i = 0; i < REPETITIONS; i++) {
        double together = 0;

        memset(counts, 0, page_count * sizeof *counts);
        add_writes(writer, way, page_count, n);
        for (uint32_t page = 0; page < page_count; page++) {
            together += counts[page] * (counts[page] - 1.0) / 2;
        }
        take(&pages, distinct(page_count));
        take(&pairs, together);
    }
    expect_z("Zipf, distinct pages", way, (double)n / page_count, mean_z(&pages));
    expect_z("Zipf, pairs, mean", way, (double)n / page_count, mean_z(&pairs));
    expect_z("Zipf, pairs, variance", way, (double)n / page_count, variance_z(&pairs));
    free(law);
    gw_page_writer_destroy(writer);
}

static void
zipf_writes_fall_on_the_right_number_of_pages(void **state)
{
    (void)state;
    for (int way = 0; way < WAY_BRUTE; way++) {
        zipf_case((enum way)way, 3000, 300, 1.2);
        zipf_case((enum way)way, 3000, 6000, 1.2);
        zipf_case((enum way)way, 3000, 30000, 0.8);
        zipf_case((enum way)way, 500, 100000, 1.2);
    }
}

/* ---- real migrations ----------------------------------------------------------------------------- */

/* A row of "pages found dirty at the first sync after the first pass". */
struct found_row {
    char id[64];
    double writes, measured, expected, difference; /* the last in per cent */
};

static FILE *
open_table(void)
{
    char path[600];
    const char *shared = getenv("GW_SHARED");
    const char *root = getenv("GW_SOURCE_DIR");

    if (shared != NULL) {
        snprintf(path, sizeof path, "%s/data/qemu-memory/README.md", shared);
    } else {
        snprintf(path, sizeof path, "%s/../shared/data/qemu-memory/README.md",
                 root != NULL ? root : ".");
    }
    FILE *file = fopen(path, "r");

    if (file == NULL) {
        fprintf(stderr, "no measured migrations in %s: skipped\n", path);
    }
    return file;
}

/* Settings of the run from its own row further up: "| id | ram / fill / pages | pattern, ...". */
static bool
settings_of_row(FILE *file, const char *id, struct gw_region_settings *settings, uint32_t *pages)
{
    char line[1000];
    char name[64];
    char pattern[64];

    rewind(file);
    while (fgets(line, sizeof line, file) != NULL) {
        double hot_writes = 90;
        double hot_pages = 10;

        if (sscanf(line, "| %63s | %*u / %*u / %u | %63[^,]", name, pages, pattern) != 3 ||
            strcmp(name, id) != 0) {
            continue;
        }
        settings->writes = strcmp(pattern, "unif") == 0  ? GW_WRITES_UNIFORM
                           : strcmp(pattern, "seq") == 0 ? GW_WRITES_SEQUENTIAL
                                                         : GW_WRITES_HOT;
        if (settings->writes == GW_WRITES_HOT) {
            assert_int_equal(sscanf(pattern, "hot %lf/%lf", &hot_writes, &hot_pages), 2);
        }
        settings->hot_writes = hot_writes / 100;
        settings->hot_pages = hot_pages / 100;
        return *pages <= PAGES_MAX;
    }
    return false;
}

/* Mean of distinct pages over seeds, the writes made in slices as a run does. One seed is enough
 * where every page is written many times. */
static double
our_pages(const struct gw_region_settings *settings, uint32_t page_count, double writes)
{
    enum { SEEDS = 128, SLICES = 200 };
    uint64_t seeds = writes < WRITES_MAX ? SEEDS : 1;
    double sum = 0;

    for (uint64_t seed = 0; seed < seeds; seed++) {
        struct gw_page_writer *writer = make(settings, page_count, seed);
        double done = 0;

        memset(counts, 0, sizeof counts);
        for (int slice = 1; slice <= SLICES; slice++) {
            double until = floor(writes * slice / SLICES);

            add_writes(writer, WAY_COUNT, page_count, (uint32_t)(until - done));
            done = until;
        }
        sum += distinct(page_count);
        gw_page_writer_destroy(writer);
    }
    return sum / (double)seeds;
}

/* Ours differs from the law by chance, and the guest's own pages are not modelled: 0.2 %. */
static void
measured_migrations_find_as_many_pages(void **state)
{
    FILE *file = open_table();
    char line[1000];
    struct found_row rows[64];
    size_t row_count = 0;
    bool is_check = false;

    (void)state;
    if (file == NULL) {
        skip();
        return;
    }
    while (fgets(line, sizeof line, file) != NULL && row_count < 64) {
        struct found_row *row = &rows[row_count];

        if (strncmp(line, "### ", 4) == 0) {
            is_check = strstr(line, "Check: pages found dirty") != NULL;
        }
        row_count +=
            is_check && sscanf(line, "| %63s | %*u | %lf | %lf | %lf | %lf |", row->id,
                               &row->writes, &row->measured, &row->expected, &row->difference) == 5;
    }
    assert_true(row_count >= 19);
    for (size_t i = 0; i < row_count; i++) {
        const struct found_row *row = &rows[i];
        struct gw_region_settings settings = {0};
        uint32_t pages = 0;

        if (!settings_of_row(file, row->id, &settings, &pages)) {
            fail_msg("%s: its settings are not in the table", row->id);
        }
        double ours = our_pages(&settings, pages, row->writes);
        double off = (row->measured - ours) / ours * 100;

        print_message("%-20s %9.0f writes: measured %6.0f, ours %8.1f, %+.2f %% (stated %+.1f)\n",
                      row->id, row->writes, row->measured, ours, off, row->difference);
        if (fabs(off) > fabs(row->difference) + 0.2 || fabs(ours / row->expected - 1) > 0.002) {
            fail_msg("%s: measured %g, expected %g, ours %g", row->id, row->measured, row->expected,
                     ours);
        }
    }
    fclose(file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uniform_follows_the_occupancy_law),
        cmocka_unit_test(crowded_pages_follow_the_multinomial_law),
        cmocka_unit_test(small_outcomes_have_their_probabilities),
        cmocka_unit_test(zipf_ranks_have_their_probabilities),
        cmocka_unit_test(zipf_segments_have_no_slope_of_their_own),
        cmocka_unit_test(zipf_writes_fall_on_the_right_number_of_pages),
        cmocka_unit_test(measured_migrations_find_as_many_pages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
