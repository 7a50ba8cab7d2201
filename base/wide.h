/* wide.h - 128-bit intermediates, so that no product of sizes and times overflows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_WIDE_H
#define GW_WIDE_H

__extension__ typedef __int128 gw_i128;
__extension__ typedef unsigned __int128 gw_u128;

#endif
