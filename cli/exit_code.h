/* exit_code.h - what the program says to scripts.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_EXIT_CODE_H
#define GW_EXIT_CODE_H

#include "base/error.h"

enum gw_exit_code {
    GW_EXIT_FINE = 0,
    GW_EXIT_FINDING = 1,     /* a regression, a verdict that is not ok */
    GW_EXIT_USAGE = 2,       /* usage or scenario error */
    GW_EXIT_IO = 3,          /* input/output, database, memory */
    GW_EXIT_CRASHED = 4,     /* some runs crashed */
    GW_EXIT_INCOMPLETE = 75, /* run it again */
    GW_EXIT_SIGNAL = 128     /* plus the number of the signal */
};

static inline int
gw_exit_code_of(enum gw_code code)
{
    if (code == GW_OK) {
        return GW_EXIT_FINE;
    }
    return code == GW_EINVAL || code == GW_ENOENT ? GW_EXIT_USAGE : GW_EXIT_IO;
}

#endif
