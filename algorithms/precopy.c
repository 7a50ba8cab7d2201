/* precopy.c - the memory architectures: one migration thread, four moments of the switch-over.
 *
 * Source    QEMU 7.2 to 9.0, as described in docs/model-memory-migration.md. Post-copy: Hines,
 *           Deshpande, Gopalan, SIGOPS OSR 2009. Pre-copy: Clark et al., NSDI 2005.
 * Sees      base/ only.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/memory_list.h"
#include "algorithms/ram.h"

static const char *const SOURCE = "QEMU 7.2 to 9.0 migration/ram.c, migration.c";

static void
on_timer(void *state, uint32_t timer)
{
    gw_ram_timer(state, timer);
}

static void
on_guest_paused(void *state)
{
    gw_ram_paused(state);
}

static void
on_guest_resumed(void *state)
{
    gw_ram_resumed(state);
}

static void
on_page_request(void *state, uint64_t page)
{
    gw_ram_push_request(state, page);
}

static void
cancel(void *state, enum gw_outcome outcome, const char *reason)
{
    gw_ram_cancel(state, outcome, reason);
}

static void
stats(const void *state, struct gw_memory_stats *out)
{
    gw_ram_fill_stats(state, out);
}

static void
stop(void *state)
{
    gw_ram_stop(state);
}

/* start_NAME and the table gw_NAME. */
#define ARCHITECTURE(id, mode, label, description)                                                 \
    static bool start_##id(void *state, const struct gw_memory_ports *ports,                       \
                           const struct gw_memory_settings *settings, struct gw_error *err)        \
    {                                                                                              \
        return gw_ram_start(state, mode, ports, settings, err);                                    \
    }                                                                                              \
    const struct gw_memory_architecture gw_##id = {                                                \
        .name = (label),                                                                           \
        .title = (description),                                                                    \
        .source = SOURCE,                                                                          \
        .state_bytes = sizeof(struct gw_ram),                                                      \
        .start = start_##id,                                                                       \
        .on_timer = on_timer,                                                                      \
        .on_guest_paused = on_guest_paused,                                                        \
        .on_guest_resumed = on_guest_resumed,                                                      \
        .on_page_request = on_page_request,                                                        \
        .cancel = cancel,                                                                          \
        .stats = stats,                                                                            \
        .stop = stop,                                                                              \
    }

ARCHITECTURE(precopy, GW_RAM_PRECOPY, "precopy",
             "passes over dirty pages until the rest fits the downtime limit");
ARCHITECTURE(stop_and_copy, GW_RAM_STOP_AND_COPY, "stop-and-copy",
             "the guest stands while all its memory is sent");
ARCHITECTURE(postcopy, GW_RAM_POSTCOPY, "postcopy",
             "the guest moves at once; its pages follow when asked for, and by a push");
ARCHITECTURE(hybrid, GW_RAM_HYBRID, "hybrid",
             "some passes of pre-copy, then post-copy for the rest");
