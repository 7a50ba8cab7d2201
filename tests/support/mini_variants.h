/* mini_variants.h - the architectures with the settings under which they are tortured.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef MINI_VARIANTS_H
#define MINI_VARIANTS_H

#include "tests/support/mini_world.h"

extern const struct mini_variant mini_variants[]; /* up to the one without a name */

/* Defaults of the tables, made tiny, then the variant's own. A wrong name is a bug. */
void mini_settings_fill(const struct mini_variant *variant, struct mini_settings *settings);

/* What a run was, in words: fit to be repeated. */
void mini_plan_print(const struct mini_plan *plan, char *out, size_t out_bytes);

#endif
