/* host_profile.c - profiles of hosts by name, and the comment lines that say what they fit.
 *
 * Idea      What a profile was fitted to is evidence, not a setting: it changes no run. So it is
 *           a line of the header with a fixed beginning, and a scenario that includes the profile
 *           keeps its identity.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/host_profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario.h"
#include "sim/scenario_build.h"

static const char mark[] = "# calibrated on: ";

char *
gw_host_profile_find(const char *name, struct gw_error *err)
{
    char *path = gw_scenario_find(name, err);
    char *whole = path == NULL ? NULL : realpath(path, NULL);

    if (path != NULL && whole == NULL) {
        gw_fail(err, errno == ENOENT ? GW_ENOENT : GW_EIO, "%s: cannot be opened: %s", path,
                strerror(errno));
    }
    free(path);
    return whole;
}

/* Of the id without what tells repeats of a case apart: ".r2", "-r2". */
static size_t
case_length(const char *id)
{
    size_t length = strlen(id);
    size_t end = length;

    while (end > 0 && id[end - 1] >= '0' && id[end - 1] <= '9') {
        end--;
    }
    if (end == length || end < 3 || id[end - 1] != 'r' || strchr(".-", id[end - 2]) == NULL) {
        return length;
    }
    return end - 2;
}

bool
gw_host_profile_same_case(const char *id, const char *other)
{
    size_t length = case_length(id);

    return case_length(other) == length && memcmp(id, other, length) == 0;
}

void
gw_host_profile_add_case(struct gw_text *out, const char *id)
{
    gw_text_add(out, mark);
    gw_text_add_bytes(out, id, case_length(id));
    gw_text_add(out, "\n");
}

bool
gw_host_profile_has_case(const char *path, const char *id, bool *has, struct gw_error *err)
{
    size_t length;
    char *text = gw_scenario_read_file(path, &length, err);
    char *rest = NULL;

    *has = false;
    if (text == NULL) {
        return gw_fail_within(err, "%s", path);
    }
    for (char *line = strtok_r(text, "\r\n", &rest); line != NULL;
         line = strtok_r(NULL, "\r\n", &rest)) {
        bool is_marked = strncmp(line, mark, strlen(mark)) == 0;

        *has = *has || (is_marked && gw_host_profile_same_case(line + strlen(mark), id));
    }
    free(text);
    return true;
}
