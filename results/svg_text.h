/* svg_text.h - what a picture says to readers who do not see it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SVG_TEXT_H
#define GW_SVG_TEXT_H

#include "base/error.h"

/* Replaces the title and the description of an SVG file that gnuplot wrote, and marks it as an
 * image. The texts are escaped. A file that has neither stays as it is. Errors: GW_EIO,
 * GW_ENOMEM. */
bool gw_svg_describe(const char *path, const char *title, const char *description,
                     struct gw_error *err);

#endif
