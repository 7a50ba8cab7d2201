/* io.c - names of the kinds of input and output.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/io.h"

#include <stddef.h>

#include "base/error.h"

const char *
gw_io_op_name(enum gw_io_op op)
{
    static const char *const names[] = {
        [GW_IO_READ] = "read", [GW_IO_WRITE] = "write", [GW_IO_ZERO] = "zero",
        [GW_IO_TRIM] = "trim", [GW_IO_FLUSH] = "flush", [GW_IO_STATUS] = "status",
    };

    gw_assert((size_t)op < sizeof names / sizeof names[0]);
    return names[op];
}
