/* gnuplot.h - draws a written figure with gnuplot, an external program.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_GNUPLOT_H
#define GW_GNUPLOT_H

#include "base/error.h"

/* Runs DIRECTORY/NAME.gp once for each format of the set. Errors: GW_EIO, with gnuplot's first
 * line of complaint. */
bool gw_gnuplot_run(const char *directory, const char *name, unsigned formats,
                    struct gw_error *err);

#endif
