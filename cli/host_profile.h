/* host_profile.h - the costs of the host that measured migrations ran on: a file of the pack qemu72
 * or one of the user's, and what it was fitted to.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_HOST_PROFILE_H
#define GW_HOST_PROFILE_H

#include "base/error.h"
#include "base/text.h"

/* The absolute name of a file as a user may write it ("qemu72/host", "my/host.yaml"). Caller
 * frees. NULL: GW_ENOENT, GW_EIO, GW_ENOMEM. */
char *gw_host_profile_find(const char *name, struct gw_error *err);

bool gw_host_profile_same_case(const char *id, const char *other);

/* Adds the line of a profile that says that it was fitted to the case of this id. */
void gw_host_profile_add_case(struct gw_text *out, const char *id);
/* Whether the file has such a line. Errors: GW_ENOENT, GW_EIO, GW_ENOMEM. */
bool gw_host_profile_has_case(const char *path, const char *id, bool *has, struct gw_error *err);

#endif
