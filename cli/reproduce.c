/* reproduce.c - godwit reproduce: published numbers beside ours.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/verb.h"

const struct gw_option gw_reproduce_options[] = {GW_OPTION_END};

int
gw_verb_reproduce(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return 2;
}
