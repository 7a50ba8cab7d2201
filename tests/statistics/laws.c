/* laws.c - a symmetric law, a skewed one, and one between them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "tests/statistics/laws.h"

#include "base/variate.h"

static double
draw_normal(struct gw_stream *stream)
{
    return gw_normal(stream, 10.0, 2.0);
}

static double
draw_exponential(struct gw_stream *stream)
{
    return gw_exponential(stream, 1.0);
}

static double
draw_lognormal(struct gw_stream *stream)
{
    return gw_lognormal(stream, 1.0, 0.5);
}

/* ln 2, and exp(0.5^2 / 2). */
const struct law law_normal = {"normal", 10.0, 10.0, 0.1, draw_normal};
const struct law law_exponential = {"exponential", 1.0, 0.69314718055994531, 0.25,
                                    draw_exponential};
const struct law law_lognormal = {"lognormal(0.5)", 1.1331484530668263, 1.0, 0.15, draw_lognormal};

void
law_fill(const struct law *law, struct gw_stream *stream, double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = law->draw(stream);
    }
}
