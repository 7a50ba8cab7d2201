/* job_identity.c - the ids of the results that a scenario will have, before anything runs.
 *
 * Invariant The ids are those of measure.c and memory_measure.c, which know the digests of traces
 *           only once they were read.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/job_identity.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

const char *
gw_identity_trace(const struct gw_guest_plan *plan)
{
    for (const struct gw_setting *row = plan->workload->settings; row != NULL && row->name != NULL;
         row++) {
        if (row->type == GW_SETTING_TEXT && strcmp(row->name, "trace") == 0) {
            return *(char *const *)(const void *)((const char *)plan->workload_settings +
                                                  row->offset);
        }
    }
    return NULL;
}

/* Both arrays have room for all guests. */
static bool
digest_traces(const struct gw_scenario *scenario, struct gw_file_digests *files,
              struct gw_error *err)
{
    for (size_t i = 0; i < scenario->guest_count; i++) {
        const char *trace = gw_identity_trace(&scenario->guests[i]);
        char *text = files->texts[files->count];

        if (trace == NULL) {
            continue;
        }
        if (!gw_hash_file(trace, text, err)) {
            return false;
        }
        files->items[files->count++] = (struct gw_trace_digest){trace, text};
    }
    return true;
}

static bool
digest_files(const struct gw_scenario *scenario, struct gw_file_digests *files,
             struct gw_error *err)
{
    if (scenario->memory != NULL) {
        return gw_scenario_digest_files(scenario->memory, files, err);
    }
    *files = (struct gw_file_digests){calloc(scenario->guest_count + 1, sizeof *files->items),
                                      calloc(scenario->guest_count + 1, sizeof *files->texts), 0};
    bool fine = files->items != NULL && files->texts != NULL
                    ? digest_traces(scenario, files, err)
                    : gw_fail(err, GW_ENOMEM, "out of memory for the digests of files");

    if (!fine) {
        gw_file_digests_clear(files);
    }
    return fine;
}

static void
name_guests(const struct gw_scenario *scenario, struct gw_identity *identity)
{
    if (scenario->memory != NULL) {
        identity->vms[identity->count++] = scenario->memory->vm_name;
    }
    for (size_t i = 0; i < scenario->guest_count; i++) {
        if (scenario->guests[i].architecture != NULL) {
            identity->vms[identity->count++] = scenario->guests[i].name;
        }
    }
}

bool
gw_identity_make(const struct gw_scenario *scenario, struct gw_identity *identity,
                 struct gw_error *err)
{
    struct gw_file_digests files;

    *identity = (struct gw_identity){0};
    if (!digest_files(scenario, &files, err)) {
        return false;
    }
    identity->canonical = gw_scenario_canonical(scenario, files.items, files.count);
    identity->vms = calloc(scenario->guest_count + 1, sizeof *identity->vms);
    gw_file_digests_clear(&files);
    if (identity->canonical == NULL || identity->vms == NULL) {
        gw_identity_clear(identity);
        return gw_fail(err, GW_ENOMEM, "out of memory for the ids of runs");
    }
    name_guests(scenario, identity);
    return true;
}

bool
gw_identity_run_id(const struct gw_identity *identity, int64_t replication, size_t number,
                   char out[33])
{
    gw_assert(number < identity->count);
    return gw_scenario_run_id(identity->canonical, replication, identity->vms[number], out);
}

void
gw_identity_clear(struct gw_identity *identity)
{
    free(identity->canonical);
    free(identity->vms);
    *identity = (struct gw_identity){0};
}
