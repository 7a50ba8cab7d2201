/* frontier.c - a search for the value up to which runs are good, from counts of good runs.
 *
 * Idea      First values evenly spread over the range, so that a boundary that is none shows. Then
 *           the interval between the largest good and the smallest bad value is halved. Where
 *           values inside stay undecided, the boundary is among them, and what is halved are the
 *           gaps between them and the two ends.
 * Verdict   The exact binomial test against one half: the interval of Clopper and Pearson,
 *           Biometrika 26, 1934, lies wholly above or below it. A value is looked at after
 *           r, 2r, 4r ... runs; the chance of a wrong verdict is shared evenly between the looks
 *           (Bonferroni), so the confidence holds for the sequence.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/frontier.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const gw_frontier_ends[] = {
    [GW_FRONTIER_BETWEEN] = "between",
    [GW_FRONTIER_ALWAYS] = "always",
    [GW_FRONTIER_NEVER] = "never",
    [GW_FRONTIER_UNKNOWN] = "unknown",
};

/* ---- verdicts -------------------------------------------------------------------------------------- */

static size_t
runs_after(const struct gw_frontier_rule *rule, size_t runs)
{
    return 2 * runs < rule->replications_most ? 2 * runs : rule->replications_most;
}

static size_t
count_looks(const struct gw_frontier_rule *rule)
{
    size_t looks = 1;

    for (size_t runs = rule->replications; runs < rule->replications_most;) {
        runs = runs_after(rule, runs);
        looks++;
    }
    return looks;
}

/* Of each side and look. */
static double
allowed_error(const struct gw_frontier_rule *rule)
{
    return (1.0 - rule->confidence) / 2.0 / (double)count_looks(rule);
}

static enum gw_frontier_verdict
judge(const struct gw_frontier_rule *rule, size_t good, size_t runs)
{
    double allowed = allowed_error(rule);
    unsigned n = (unsigned)runs;
    unsigned k = (unsigned)good;

    if (k > 0 && gsl_cdf_binomial_Q(k - 1, 0.5, n) <= allowed) {
        return GW_FRONTIER_GOOD;
    }
    if (gsl_cdf_binomial_P(k, 0.5, n) <= allowed) {
        return GW_FRONTIER_BAD;
    }
    return runs < rule->replications_most ? GW_FRONTIER_OPEN : GW_FRONTIER_UNDECIDED;
}

bool
gw_frontier_check(const struct gw_frontier_rule *rule, struct gw_error *err)
{
    if (rule->replications > rule->replications_most) {
        return gw_fail(err, GW_EINVAL, "%zu replications: must be at most replications_most, %zu",
                       rule->replications, rule->replications_most);
    }
    return judge(rule, rule->replications_most, rule->replications_most) == GW_FRONTIER_GOOD ||
           gw_fail(err, GW_EINVAL,
                   "replications_most %zu: too few runs to decide anything with a confidence of"
                   " %g %%",
                   rule->replications_most, 100.0 * rule->confidence);
}

void
gw_frontier_tell(struct gw_frontier *frontier, size_t probe, size_t good, double cost)
{
    struct gw_frontier_probe *told = &frontier->probes[probe];

    gw_assert(probe < frontier->count && told->verdict == GW_FRONTIER_OPEN);
    gw_assert(good <= told->wanted);
    told->good = good;
    told->cost = cost;
    told->verdict = judge(frontier->rule, good, told->wanted);
    if (told->verdict == GW_FRONTIER_OPEN) {
        told->wanted = runs_after(frontier->rule, told->wanted);
    }
}

/* ---- values ---------------------------------------------------------------------------------------- */

static bool
is_same(double a, double b)
{
    return !(a < b) && !(a > b);
}

/* Keeps the order. A value that is there already is not added. */
static bool
add_probe(struct gw_frontier *frontier, double share, struct gw_error *err)
{
    const struct gw_frontier_rule *rule = frontier->rule;
    double value = rule->value_of(rule->self, share);
    struct gw_frontier_probe *probes;
    size_t at = 0;

    while (at < frontier->count && frontier->probes[at].value < value) {
        at++;
    }
    if (at < frontier->count && is_same(frontier->probes[at].value, value)) {
        return true;
    }
    probes = realloc(frontier->probes, (frontier->count + 1) * sizeof *probes);
    if (probes == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for a frontier");
    }
    frontier->probes = probes;
    memmove(probes + at + 1, probes + at, (frontier->count - at) * sizeof *probes);
    probes[at] = (struct gw_frontier_probe){
        .share = share, .value = value, .wanted = rule->replications, .cost = (double)NAN};
    frontier->count++;
    return true;
}

bool
gw_frontier_begin(struct gw_frontier *frontier, const struct gw_frontier_rule *rule,
                  struct gw_error *err)
{
    *frontier = (struct gw_frontier){.rule = rule};
    for (size_t i = 0; i < rule->values; i++) {
        if (!add_probe(frontier, (double)i / (double)(rule->values - 1), err)) {
            return false;
        }
    }
    return true;
}

void
gw_frontier_clear(struct gw_frontier *frontier)
{
    free(frontier->probes);
    *frontier = (struct gw_frontier){0};
}

bool
gw_frontier_is_open(const struct gw_frontier *frontier)
{
    for (size_t i = 0; i < frontier->count; i++) {
        if (frontier->probes[i].verdict == GW_FRONTIER_OPEN) {
            return true;
        }
    }
    return false;
}

/* ---- the boundary ---------------------------------------------------------------------------------- */

/* Number of the first bad value, or count. */
static size_t
first_bad(const struct gw_frontier *frontier)
{
    size_t i = 0;

    while (i < frontier->count && frontier->probes[i].verdict != GW_FRONTIER_BAD) {
        i++;
    }
    return i;
}

/* Number of the last good value below `end`, or `end` when there is none. */
static size_t
last_good(const struct gw_frontier *frontier, size_t end)
{
    for (size_t i = end; i > 0; i--) {
        if (frontier->probes[i - 1].verdict == GW_FRONTIER_GOOD) {
            return i - 1;
        }
    }
    return end;
}

static enum gw_frontier_end
end_of(const struct gw_frontier *frontier, const struct gw_frontier_bracket *bracket)
{
    if (bracket->low != NULL && bracket->high != NULL) {
        return GW_FRONTIER_BETWEEN;
    }
    if (bracket->high == frontier->probes) {
        return GW_FRONTIER_NEVER;
    }
    return bracket->high == NULL && bracket->low == frontier->probes + frontier->count - 1
               ? GW_FRONTIER_ALWAYS
               : GW_FRONTIER_UNKNOWN;
}

void
gw_frontier_bracket(const struct gw_frontier *frontier, struct gw_frontier_bracket *out)
{
    size_t high = first_bad(frontier);
    size_t low = last_good(frontier, high);
    size_t top = last_good(frontier, frontier->count);

    *out = (struct gw_frontier_bracket){
        .low = low < high ? &frontier->probes[low] : NULL,
        .high = high < frontier->count ? &frontier->probes[high] : NULL,
        .middle = (double)NAN,
        .undecided = low < high ? high - low - 1 : high,
        .is_monotone = top == frontier->count || top <= high,
    };
    if (out->low != NULL && out->high != NULL) {
        out->middle = (out->low->value + out->high->value) / 2.0;
    }
    out->end = end_of(frontier, out);
}

static bool
halve(struct gw_frontier *frontier, double low_share, double high_share, struct gw_error *err)
{
    const struct gw_frontier_rule *rule = frontier->rule;
    double low = rule->value_of(rule->self, low_share);
    double high = rule->value_of(rule->self, high_share);

    return high - low <= rule->precision * fabs(low + high) / 2.0 ||
           add_probe(frontier, (low_share + high_share) / 2.0, err);
}

bool
gw_frontier_advance(struct gw_frontier *frontier, struct gw_error *err)
{
    struct gw_frontier_bracket bracket;

    gw_assert(!gw_frontier_is_open(frontier));
    gw_frontier_bracket(frontier, &bracket);
    if (bracket.end != GW_FRONTIER_BETWEEN) {
        return true;
    }
    /* The probes move when one is added. */
    const struct gw_frontier_probe *low = bracket.low;
    const double shares[] = {low->share, low[1].share, bracket.high[-1].share, bracket.high->share};

    if (bracket.undecided == 0) {
        return halve(frontier, shares[0], shares[3], err);
    }
    return halve(frontier, shares[0], shares[1], err) && halve(frontier, shares[2], shares[3], err);
}
