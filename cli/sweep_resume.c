/* sweep_resume.c - godwit sweep resume: goes on with a study as it was planned.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/sweep_verb.h"

int
gw_sweep_resume(const struct gw_sweep_options *options, const struct gw_words *operands)
{
    return gw_sweep_again("resume", options, operands, gw_sweep_execute);
}
