/* chart.h - curves drawn with letters, for terminals.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_CHART_H
#define GW_CHART_H

#include <stdio.h>

#include "base/error.h"
#include "base/result.h"

struct gw_chart_curve {
    const char *legend;
    const double *x, *y; /* NAN is a gap */
    size_t count;
};

struct gw_chart_look {
    size_t width;  /* of the terminal, columns; less than 40 is taken as 40 */
    size_t height; /* rows of the plot itself; less than 4 is taken as 4 */
    bool utf8;     /* else ASCII */
    bool colour;
};

struct gw_chart {
    const char *title, *x_label, *y_label;
    const struct gw_chart_curve *curves; /* at most 8 are told apart */
    size_t count;
};

/* Errors: GW_ENOMEM. Those of the stream stay in the stream. */
bool gw_chart_draw(FILE *stream, const struct gw_chart *chart, const struct gw_chart_look *look,
                   struct gw_error *err);

/* Charts of runs, a curve each with the architecture in the legend; runs without the series are
 * left out, and of several runs of one architecture the first is drawn. Nothing is printed when
 * no run has it. */
bool gw_chart_remaining(FILE *stream, const struct gw_result *const *results, size_t count,
                        const struct gw_chart_look *look, struct gw_error *err);
/* Guest IOPS, reads and writes together. */
bool gw_chart_iops(FILE *stream, const struct gw_result *const *results, size_t count,
                   const struct gw_chart_look *look, struct gw_error *err);
/* Memory that remains. */
bool gw_chart_memory_remaining(FILE *stream, const struct gw_result *const *results, size_t count,
                               const struct gw_chart_look *look, struct gw_error *err);
/* Rates dirtied and sent, throttle and guest speed of the first memory run. */
bool gw_chart_memory(FILE *stream, const struct gw_result *const *results, size_t count,
                     const struct gw_chart_look *look, struct gw_error *err);

#endif
