/* gate_tests.c - the single tests of the gate.
 *
 * Idea      Outcomes by Fisher's exact test, metrics by Welch's t and curves by their largest t, both
 *           permuted by curve_band.h: a metric is a curve of one point. With equal seeds, samples
 *           that are equal value by value are the same, whatever their spread. A metric that only
 *           one side has is a share as well: of runs that have it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/gate_tests.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "results/fisher.h"
#include "results/tests_of_means.h"

static const double CONFIDENCE = 0.95;
static const double FLOOR = 0.1; /* of the margin: errors below this do not count as smaller */

static size_t
fewer(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool
equal_values(const double *a, const double *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!(fabs(a[i] - b[i]) <= 0) && !(isnan(a[i]) && isnan(b[i]))) {
            return false;
        }
    }
    return true;
}

static void
begin(struct gw_gate_test *test, enum gw_gate_kind kind, size_t which, const char *key)
{
    test->kind = kind;
    test->which = which;
    test->key = key;
    test->before = test->after = test->difference = NAN;
    test->low = test->high = test->margin = NAN;
    test->p = test->adjusted = test->within = NAN;
    test->from_s = test->to_s = test->peak_s = NAN;
    test->verdict = GW_GATE_SAME;
}

/* ---- shares ----------------------------------------------------------------------------------------- */

static void
test_share(struct gw_gate_test *test, size_t hits_before, size_t hits_after)
{
    double before = (double)hits_before / (double)test->runs_before;
    double after = (double)hits_after / (double)test->runs_after;

    test->before = before;
    test->after = after;
    test->difference = after - before;
    if (fabs(test->difference) > 0) {
        test->p = gw_fisher_exact(hits_before, test->runs_before, hits_after, test->runs_after);
        test->verdict = GW_GATE_OPEN;
    }
}

void
gw_gate_test_outcome(const struct gw_gate_pair *pair, size_t which, struct gw_gate_test *test)
{
    static const char *const keys[GW_GATE_OUTCOMES] = {"completed", "failed", "unverified"};
    const struct gw_baseline_group *before = pair->before;
    const struct gw_baseline_group *after = pair->after;
    const size_t hits[GW_GATE_OUTCOMES][2] = {{before->completed, after->completed},
                                              {before->failed, after->failed},
                                              {before->unverified, after->unverified}};

    begin(test, GW_GATE_OUTCOME, which, keys[which]);
    test->runs_before = before->runs;
    test->runs_after = after->runs;
    test_share(test, hits[which][0], hits[which][1]);
}

/* ---- metrics ---------------------------------------------------------------------------------------- */

static size_t
count_values(const double *values, size_t count)
{
    size_t found = 0;

    for (size_t i = 0; values != NULL && i < count; i++) {
        found += isnan(values[i]) ? 0 : 1;
    }
    return found;
}

static bool
constant(const double *values, size_t count, double value)
{
    for (size_t i = 0; i < count; i++) {
        if (!isnan(values[i]) && fabs(values[i] - value) > 0) {
            return false;
        }
    }
    return true;
}

/* Values without their NAN; room for count. */
static size_t
pack(const double *values, size_t count, double *out)
{
    size_t packed = 0;

    for (size_t i = 0; i < count; i++) {
        if (!isnan(values[i])) {
            out[packed++] = values[i];
        }
    }
    return packed;
}

static double
mean(const double *values, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++) {
        sum += (values[i] - values[0]) / (double)count;
    }
    return values[0] + sum;
}

/* p of the same means. Whole numbers that hardly vary give Welch's t wings that Student's has not,
 * so the t is judged among the samples dealt anew. */
static bool
permute(const struct gw_gate_pair *pair, size_t resamples, const double *before,
        const double *after, struct gw_gate_test *test, struct gw_error *err)
{
    const struct gw_curve_set sets[] = {{before, test->runs_before, 1},
                                        {after, test->runs_after, 1}};
    const struct gw_curve_band_request request = {
        .confidence = CONFIDENCE,
        .resamples = resamples,
        .seed = pair->rules->seed,
        .floor = test->margin * FLOOR,
    };
    struct gw_curve_band band;

    if (!gw_curve_band_make(&sets[0], &sets[1], false, &request, &band, err)) {
        return gw_fail_within(err, "%s", test->key);
    }
    test->p = band.p;
    gw_curve_band_clear(&band);
    return true;
}

static bool
test_means(const struct gw_gate_pair *pair, size_t resamples, const double *before,
           const double *after, struct gw_gate_test *test, struct gw_error *err)
{
    struct gw_mean_test welch;

    gw_means_welch(after, test->runs_after, before, test->runs_before, CONFIDENCE, &welch);
    test->difference = welch.difference;
    test->low = welch.difference - welch.half_width;
    test->high = welch.difference + welch.half_width;
    test->within = gw_means_equivalence(&welch, -test->margin, test->margin);
    return permute(pair, resamples, before, after, test, err);
}

/* A value in none of the runs, or in one of many. */
static bool
seldom(size_t values, size_t runs)
{
    return values == 0 || (values == 1 && runs > 1);
}

/* Of a metric that is seldom on no side. */
static bool
test_values(const struct gw_gate_pair *pair, size_t resamples, const double *const values[2],
            struct gw_gate_test *test, struct gw_error *err)
{
    double *kept = calloc(pair->before->runs + pair->after->runs + 1, sizeof *kept);
    double *kept_after;
    bool fine = true;

    gw_assert(kept != NULL);
    kept_after = kept + test->runs_before;
    pack(values[0], pair->before->runs, kept);
    pack(values[1], pair->after->runs, kept_after);
    test->before = mean(kept, test->runs_before);
    test->after = mean(kept_after, test->runs_after);
    test->difference = test->after - test->before;
    test->margin = fmax(pair->margins->metric[test->which] * fabs(test->before),
                        gw_gate_metrics[test->which].least);
    if (resamples > 0 && !constant(kept, test->runs_before + test->runs_after, kept[0])) {
        test->verdict = GW_GATE_OPEN;
        fine = fewer(test->runs_before, test->runs_after) < 2 ||
               test_means(pair, resamples, kept, kept_after, test, err);
    }
    free(kept);
    return fine;
}

/* Another metric says the same in all runs of a side. */
static bool
has_twin(const struct gw_baseline_group *group, size_t which)
{
    static const enum gw_metric twins[][2] = {
        {GW_METRIC_MIGRATION_TIME_S, GW_METRIC_TOTAL_TIME_S},
        {GW_METRIC_LONGEST_STUN_S, GW_METRIC_DOWNTIME_S},
    };
    const double *values = group->metrics[which];

    for (size_t i = 0; i < sizeof twins / sizeof twins[0]; i++) {
        for (size_t k = 0; gw_gate_metrics[which].metric == twins[i][0] && k < GW_GATE_METRIC_COUNT;
             k++) {
            const double *twin = group->metrics[k];

            if (gw_gate_metrics[k].metric == twins[i][1] && values != NULL && twin != NULL) {
                return equal_values(values, twin, group->runs);
            }
        }
    }
    return false;
}

bool
gw_gate_test_metric(const struct gw_gate_pair *pair, size_t resamples, struct gw_gate_test *test,
                    bool *there, struct gw_error *err)
{
    size_t which = test->which;
    const double *const values[] = {pair->before->metrics[which], pair->after->metrics[which]};

    *there = (values[0] != NULL || values[1] != NULL) &&
             !(has_twin(pair->before, which) && has_twin(pair->after, which));
    begin(test, GW_GATE_METRIC, which, gw_metric_info[gw_gate_metrics[which].metric].key);
    test->runs_before = count_values(values[0], pair->before->runs);
    test->runs_after = count_values(values[1], pair->after->runs);
    if (seldom(test->runs_before, pair->before->runs) ||
        seldom(test->runs_after, pair->after->runs)) {
        size_t hits[] = {test->runs_before, test->runs_after};

        test->runs_before = pair->before->runs;
        test->runs_after = pair->after->runs;
        test_share(test, hits[0], hits[1]);
        return true;
    }
    if (pair->same_seed &&
        equal_values(values[0], values[1], fewer(pair->before->runs, pair->after->runs))) {
        resamples = 0;
    }
    return test_values(pair, resamples, values, test, err);
}

/* ---- curves ----------------------------------------------------------------------------------------- */

static double
mean_at(const struct gw_curve_set *set, size_t point)
{
    double sum = 0;

    for (size_t i = 0; i < set->curves; i++) {
        sum += set->values[i * set->points + point] / (double)set->curves;
    }
    return sum;
}

static double
scale_of(const struct gw_curve_set *set)
{
    double scale = 0;

    for (size_t point = 0; point < set->points; point++) {
        scale = fmax(scale, fabs(mean_at(set, point)));
    }
    return scale;
}

/* The time at which the shortest run of both sides was over. Behind it a curve says when runs end,
 * and the metrics say that better. */
static double
shortest_run(const struct gw_gate_pair *pair)
{
    double shortest = pair->before->end_s;

    for (size_t i = 0; i < GW_GATE_METRIC_COUNT; i++) {
        const double *sides[] = {pair->before->metrics[i], pair->after->metrics[i]};
        const size_t runs[] = {pair->before->runs, pair->after->runs};
        bool time = gw_gate_metrics[i].metric == GW_METRIC_MIGRATION_TIME_S ||
                    gw_gate_metrics[i].metric == GW_METRIC_TOTAL_TIME_S;

        for (size_t side = 0; time && side < 2; side++) {
            for (size_t run = 0; sides[side] != NULL && run < runs[side]; run++) {
                shortest = fmin(shortest, sides[side][run]);
            }
        }
    }
    return shortest;
}

/* Notes at which of the first `count` points the band leaves 0, and at which by most. */
static void
find_peak(struct gw_gate_test *test, size_t count, double step, size_t *peak)
{
    const struct gw_curve_band *band = &test->band;
    bool above = false, below = false;

    test->most = 0;
    for (size_t i = 0; i < count; i++) {
        if (!(band->low[i] > 0) && !(band->high[i] < 0)) {
            continue;
        }
        above = above || band->low[i] > 0;
        below = below || band->high[i] < 0;
        test->from_s = isnan(test->from_s) ? (double)i * step : test->from_s;
        test->to_s = (double)i * step;
        if (fabs(band->difference[i]) > test->most) {
            test->most = fabs(band->difference[i]);
            *peak = i;
        }
    }
    test->both_ways = above && below;
}

/* What the whole band says. Points behind the end of the shortest run count only if none before
 * does. */
static void
read_band(const struct gw_gate_pair *pair, struct gw_gate_test *test)
{
    const struct gw_curve_band *band = &test->band;
    double step = pair->before->end_s / (double)(band->points - 1);
    double until = shortest_run(pair);
    size_t count = 0;
    size_t peak = band->peak;

    test->verdict = GW_GATE_SAME;
    while (count < band->points && (double)count * step <= until) {
        if (band->low[count] < -test->margin || band->high[count] > test->margin) {
            test->verdict = GW_GATE_OPEN;
        }
        count++;
    }
    find_peak(test, count, step, &peak);
    if (!(test->most > 0)) {
        find_peak(test, band->points, step, &peak);
        test->late = test->most > 0;
    }
    test->peak_s = (double)peak * step;
    test->difference = band->difference[peak];
    test->low = band->low[peak];
    test->high = band->high[peak];
}

/* All curves of both sides are one line: nothing varies, nothing differs. */
static bool
one_line(const struct gw_curve_set *a, const struct gw_curve_set *b)
{
    for (size_t i = 0; i < a->curves; i++) {
        if (!equal_values(a->values, &a->values[i * a->points], a->points)) {
            return false;
        }
    }
    for (size_t i = 0; i < b->curves; i++) {
        if (!equal_values(a->values, &b->values[i * b->points], a->points)) {
            return false;
        }
    }
    return true;
}

static bool
make_band(const struct gw_gate_pair *pair, const struct gw_curve_set sets[2], size_t resamples,
          struct gw_gate_test *test, struct gw_error *err)
{
    struct gw_curve_band_request request = {
        .confidence = CONFIDENCE,
        .resamples = resamples,
        .seed = pair->rules->seed,
        .floor = test->margin * FLOOR,
    };
    size_t point;

    gw_curve_band_clear(&test->band);
    if (!gw_curve_band_make(&sets[0], &sets[1], false, &request, &test->band, err)) {
        test->band = (struct gw_curve_band){0};
        return gw_fail_within(err, "%s", test->key);
    }
    test->p = test->band.p;
    read_band(pair, test);
    point = (size_t)(test->peak_s / pair->before->end_s * (double)(test->band.points - 1) + 0.5);
    test->before = mean_at(&sets[0], point);
    test->after = mean_at(&sets[1], point);
    return true;
}

bool
gw_gate_test_curve(const struct gw_gate_pair *pair, size_t resamples, struct gw_gate_test *test,
                   bool *there, struct gw_error *err)
{
    size_t id = test->which;
    const double *before = pair->before->curves[id];
    const double *after = pair->after->curves[id];
    struct gw_curve_set sets[2] = {{before, pair->before->runs, pair->before->points},
                                   {after, pair->after->runs, pair->after->points}};
    struct gw_curve_band band = test->band;

    *there = before != NULL || after != NULL;
    begin(test, GW_GATE_CURVE, id, gw_curve_info[id].key);
    test->band = band;
    test->runs_before = pair->before->runs;
    test->runs_after = pair->after->runs;
    if (before == NULL || after == NULL) {
        test_share(test, before == NULL ? 0 : test->runs_before,
                   after == NULL ? 0 : test->runs_after);
        return true;
    }
    test->margin = pair->margins->curve[id] * fmax(scale_of(&sets[0]), scale_of(&sets[1]));
    if (one_line(&sets[0], &sets[1]) ||
        (pair->same_seed &&
         equal_values(before, after,
                      fewer(pair->before->runs, pair->after->runs) * pair->before->points))) {
        return true;
    }
    if (fewer(sets[0].curves, sets[1].curves) < 2) {
        test->verdict = GW_GATE_OPEN;
        return true;
    }
    return make_band(pair, sets, resamples, test, err);
}

/* ---- too few runs for a p ---------------------------------------------------------------------------- */

static size_t
common(const struct gw_gate_pair *pair, size_t runs)
{
    return pair->same_seed ? fewer(pair->before->runs, pair->after->runs) : runs;
}

static double
mean_known(const double *values, size_t count)
{
    size_t known = count_values(values, count);
    double sum = 0;

    for (size_t i = 0; i < count; i++) {
        sum += isnan(values[i]) ? 0 : values[i] / (double)known;
    }
    return known == 0 ? (double)NAN : sum;
}

/* Of replications in which one side has no value: a share of runs that have it. */
static void
compare_presence(const struct gw_gate_pair *pair, struct gw_gate_test *test)
{
    test->runs_before = common(pair, pair->before->runs);
    test->runs_after = common(pair, pair->after->runs);
    test->before = (double)count_values(pair->before->metrics[test->which], test->runs_before) /
                   (double)test->runs_before;
    test->after = (double)count_values(pair->after->metrics[test->which], test->runs_after) /
                  (double)test->runs_after;
    test->difference = test->after - test->before;
    test->margin = test->p = test->adjusted = test->within = NAN;
    test->verdict = GW_GATE_MOVED;
}

static void
compare_means(const struct gw_gate_pair *pair, struct gw_gate_test *test)
{
    test->before = mean_known(pair->before->metrics[test->which], common(pair, pair->before->runs));
    test->after = mean_known(pair->after->metrics[test->which], common(pair, pair->after->runs));
    if (isnan(test->before) || isnan(test->after)) {
        compare_presence(pair, test);
        return;
    }
    test->difference = test->after - test->before;
    test->verdict = fabs(test->difference) <= test->margin ? GW_GATE_OPEN : GW_GATE_MOVED;
}

/* As a band without width, which leaves 0 where means differ by more than the margin. */
static bool
compare_mean_curves(const struct gw_gate_pair *pair, struct gw_gate_test *test,
                    struct gw_error *err)
{
    const size_t points = pair->before->points;
    const struct gw_curve_set before = {pair->before->curves[test->which],
                                        common(pair, pair->before->runs), points};
    const struct gw_curve_set after = {pair->after->curves[test->which],
                                       common(pair, pair->after->runs), points};
    struct gw_curve_band *band = &test->band;

    gw_curve_band_clear(band);
    *band = (struct gw_curve_band){.points = points,
                                   .difference = calloc(points, sizeof(double)),
                                   .low = calloc(points, sizeof(double)),
                                   .high = calloc(points, sizeof(double))};
    if (band->difference == NULL || band->low == NULL || band->high == NULL) {
        gw_curve_band_clear(band);
        return gw_fail(err, GW_ENOMEM, "out of memory for a curve");
    }
    for (size_t i = 0; i < points; i++) {
        double difference = mean_at(&after, i) - mean_at(&before, i);

        band->difference[i] = difference;
        band->low[i] = band->high[i] = fabs(difference) > test->margin ? difference : 0;
        band->peak = fabs(difference) > fabs(band->difference[band->peak]) ? i : band->peak;
    }
    test->from_s = test->to_s = NAN;
    test->both_ways = test->late = false;
    read_band(pair, test);
    size_t point = (size_t)(test->peak_s / pair->before->end_s * (double)(points - 1) + 0.5);
    test->before = mean_at(&before, point);
    test->after = mean_at(&after, point);
    test->verdict = test->most > test->margin ? GW_GATE_MOVED : GW_GATE_OPEN;
    return true;
}

bool
gw_gate_test_few(const struct gw_gate_pair *pair, struct gw_gate_test *test, struct gw_error *err)
{
    bool fine = true;

    test->few = true;
    if (isnan(test->margin)) {
        test->verdict = GW_GATE_MOVED;
        return true;
    }
    if (test->kind == GW_GATE_CURVE) {
        fine = compare_mean_curves(pair, test, err);
    } else {
        compare_means(pair, test);
    }
    test->low = test->high = NAN;
    return fine;
}

/* ---- where runs part -------------------------------------------------------------------------------- */

/* The first point at which a run's curve is another one; `points`: none. */
static size_t
first_difference(const double *before, const double *after, size_t points)
{
    size_t point = 0;

    while (point < points && !(fabs(before[point] - after[point]) > 0)) {
        point++;
    }
    return point;
}

void
gw_gate_parting(const struct gw_gate_pair *pair, size_t run, double *at_s, const char **key)
{
    size_t points = pair->before->points;
    size_t first = points;

    *key = NULL;
    for (size_t id = 0; id < GW_CURVE_COUNT; id++) {
        const double *before = pair->before->curves[id];
        const double *after = pair->after->curves[id];

        if (before != NULL && after != NULL) {
            size_t point = first_difference(&before[run * points], &after[run * points], points);

            *key = point < first ? gw_curve_info[id].key : *key;
            first = point < first ? point : first;
        }
    }
    *at_s = first < points ? pair->before->end_s * (double)first / (double)(points - 1) : NAN;
}
