/* pack_list.c - the packs that `godwit reproduce` knows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/pack.h"

const struct gw_pack_definition *const gw_pack_definitions[] = {&gw_pack_atc11, &gw_pack_kvmforum18,
                                                                NULL};
