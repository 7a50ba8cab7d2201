/* uniform.c - p-values when there is nothing to find: are they uniform.
 *
 * A test that counts arrangements takes few p-values. It keeps its word if each value p comes up,
 * or a smaller one, in a share p of the experiments; so the distance is taken at those values only.
 * Welch with five values is careful by its approximate freedom: of 200,000 p-values 4.4 % are at
 * most 0.05.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "results/kolmogorov.h"
#include "results/mann_whitney.h"
#include "results/sample.h"
#include "results/tests_of_means.h"
#include "tests/statistics/coverage.h"
#include "tests/statistics/laws.h"

enum { SIZE_MOST = 30 };

static double
p_of_paired(size_t size, struct gw_stream *stream)
{
    double a[SIZE_MOST];
    double b[SIZE_MOST];
    struct gw_mean_test test;

    law_fill(&law_normal, stream, a, size);
    law_fill(&law_normal, stream, b, size);
    gw_means_paired(a, b, size, 0.95, &test);
    return test.p;
}

static double
p_of_welch(size_t size, struct gw_stream *stream)
{
    double a[SIZE_MOST];
    double b[SIZE_MOST];
    struct gw_mean_test test;

    law_fill(&law_normal, stream, a, size);
    law_fill(&law_normal, stream, b, size);
    gw_means_welch(a, size, b, size, 0.95, &test);
    return test.p;
}

/* The truth lies on the upper margin, where a wrong "equivalent" is likeliest. */
static double
p_of_equivalence(size_t size, struct gw_stream *stream)
{
    double a[SIZE_MOST];
    double b[SIZE_MOST];
    struct gw_mean_test test;

    law_fill(&law_normal, stream, a, size);
    law_fill(&law_normal, stream, b, size);
    for (size_t i = 0; i < size; i++) {
        a[i] += 100.0;
    }
    gw_means_paired(a, b, size, 0.95, &test);
    return gw_means_equivalence(&test, -100.0, 100.0);
}

static double
p_of_mann_whitney(size_t size, struct gw_stream *stream)
{
    double a[SIZE_MOST];
    double b[SIZE_MOST];
    struct gw_mann_whitney test;

    law_fill(&law_exponential, stream, a, size);
    law_fill(&law_exponential, stream, b, size);
    gw_mann_whitney_test(a, size, b, size, &test);
    return test.p;
}

static double
p_of_kolmogorov(size_t size, struct gw_stream *stream)
{
    double a[SIZE_MOST];
    double b[SIZE_MOST];
    struct gw_kolmogorov test;

    law_fill(&law_lognormal, stream, a, size);
    law_fill(&law_lognormal, stream, b, size);
    gw_kolmogorov_test(a, size, b, size, &test);
    return test.p;
}

struct claim {
    const char *test;
    double (*p)(size_t size, struct gw_stream *stream);
    size_t size;
};

static const struct claim claims[] = {
    {"paired t", p_of_paired, 5},
    {"paired t", p_of_paired, 10},
    {"paired t", p_of_paired, 30},
    {"Welch", p_of_welch, 5},
    {"Welch", p_of_welch, 10},
    {"Welch", p_of_welch, 30},
    {"equivalence", p_of_equivalence, 5},
    {"equivalence", p_of_equivalence, 10},
    {"equivalence", p_of_equivalence, 30},
    {"Mann-Whitney", p_of_mann_whitney, 5},
    {"Mann-Whitney", p_of_mann_whitney, 10},
    {"Mann-Whitney", p_of_mann_whitney, 30},
    {"Kolmogorov-Smirnov", p_of_kolmogorov, 5},
    {"Kolmogorov-Smirnov", p_of_kolmogorov, 10},
    {"Kolmogorov-Smirnov", p_of_kolmogorov, 30},
};

size_t
uniform_count(void)
{
    return sizeof claims / sizeof *claims;
}

/* p-values that differ in their last digits are one value. */
static bool
last_of_its_value(const double *sorted, size_t i, size_t count)
{
    return i + 1 == count || sorted[i + 1] - sorted[i] > 1e-12;
}

static void
judge(const double *sorted, size_t count, struct uniform_row *row)
{
    double all = (double)count;

    for (size_t i = 0; i < count; i++) {
        if (last_of_its_value(sorted, i, count)) {
            row->distance = fmax(row->distance, fabs((double)(i + 1) / all - sorted[i]));
        }
        row->rejected += sorted[i] <= 0.05 ? 1.0 / all : 0.0;
    }
    row->p = gw_kolmogorov_above(row->distance * sqrt(all));
    row->ok = row->p > 0.001;
}

void
uniform_run(size_t index, size_t experiments, struct uniform_row *row)
{
    const struct claim *claim = &claims[index];
    double *p = malloc(experiments * sizeof *p);
    struct gw_sample sorted;

    gw_assert(index < uniform_count() && p != NULL);
    for (size_t i = 0; i < experiments; i++) {
        struct gw_stream stream;
        gw_stream_open(&stream, 1, i, claim->test, claim->size);
        p[i] = claim->p(claim->size, &stream);
    }
    gw_sample_create_sorted(&sorted, p, experiments);
    *row = (struct uniform_row){.test = claim->test, .size = claim->size};
    judge(sorted.values, sorted.count, row);
    gw_sample_destroy(&sorted);
    free(p);
}
