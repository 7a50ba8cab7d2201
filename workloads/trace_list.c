/* trace_list.c - the table of trace formats: one line a format, in the order of probing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "workloads/trace.h"

#define FORMATS(X)                                                                                 \
    X(vscsi)                                                                                       \
    X(fio)                                                                                         \
    X(mqsim)

#define DECLARE(name) extern const struct gw_trace_format gw_trace_##name;
#define LIST(name) &gw_trace_##name,

FORMATS(DECLARE)

const struct gw_trace_format *const gw_trace_formats[] = {FORMATS(LIST) NULL};
