/* fisher.c - do two shares differ: Fisher's exact test, for few runs.
 *
 * Idea      With both totals held, the hits of one side are hypergeometric. p is the sum over all
 *           tables that are no more likely than the one at hand.
 * Source    Fisher, Statistical Methods for Research Workers, section 21.02; the two-sided rule as
 *           in R's fisher.test, with its tolerance of 1e-7 for equal likelihoods.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/fisher.h"

#include <gsl/gsl_randist.h>
#include <math.h>

#include "base/error.h"

double
gw_fisher_exact(size_t hits_a, size_t count_a, size_t hits_b, size_t count_b)
{
    unsigned hits = (unsigned)(hits_a + hits_b);
    unsigned missed = (unsigned)(count_a + count_b) - hits;
    double seen, sum = 0;

    gw_assert(hits_a <= count_a && hits_b <= count_b);
    if (count_a == 0 || count_b == 0) {
        return 1;
    }
    seen = gsl_ran_hypergeometric_pdf((unsigned)hits_a, hits, missed, (unsigned)count_a);
    for (unsigned k = 0; k <= hits && k <= count_a; k++) {
        double p = gsl_ran_hypergeometric_pdf(k, hits, missed, (unsigned)count_a);

        sum += p <= seen * (1 + 1e-7) ? p : 0;
    }
    return fmin(sum, 1);
}
