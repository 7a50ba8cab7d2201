/* sim_cores.c - the threads of a simulated migration as crowds that share processors.
 *
 * Idea      Each thread is modelled in its own file, which counts the time that it works. Once a
 *           millisecond, before the guest is played up to now, the differences go to
 *           models/cores.c, and the stretches come back to where the threads are.
 * Departs   A migration thread that waits for a lock counts as runnable; one that waits for a
 *           worker only where it polls. Who was woken is runnable from then on. Idle workers that poll count neither. The time that a
 *           guest's request takes is not stretched.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/sim_memory_parts.h"

bool
gw_sim_memory_open_cores(struct gw_sim_memory *memory, struct gw_error *err)
{
    const struct gw_memory_plan *plan = memory->plan;
    uint32_t channels = (uint32_t)plan->settings.multifd_channels;
    uint32_t target = !plan->host.target_on_source;
    const struct gw_cores_crowd crowds[GW_CROWD_COUNT] = {
        [GW_CROWD_MIGRATION] = {.threads = 1},
        [GW_CROWD_WORKERS] = {.threads = memory->crew == NULL
                                             ? 0
                                             : gw_sim_crew_port(memory->crew)->workers},
        [GW_CROWD_VCPUS] = {.threads = memory->vcpus.count},
        [GW_CROWD_LOADERS] = {.threads = channels > 0 ? channels : 1, .host = target},
        [GW_CROWD_DECODERS] = {.threads = (uint32_t)plan->host.decompress_threads, .host = target},
    };

    return gw_cores_open(&memory->cores, plan->host.cores, crowds, err);
}

static struct gw_sim_ran
count(const struct gw_sim_memory *memory)
{
    const struct gw_memory_settings *settings = &memory->plan->settings;
    bool sleeps = settings->pool == GW_POOL_LOCKED && settings->multifd_channels == 0;
    struct gw_sim_ran ran = {
        .thread_ns = memory->wire.thread_ns,
        .vcpu_ns = gw_guest_memory_counts(memory->guest)->busy_ns,
        .worker_ns = memory->worker_wall_ns,
        .loader_ns = memory->wire.loader_busy_ns,
        .decoder_ns = memory->wire.decoder_busy_ns,
    };

    if (memory->crew != NULL) {
        struct gw_sim_crew_woken woken = gw_sim_crew_woken(memory->crew);

        ran.worker_ns += (double)woken.workers_ns;
        ran.thread_ns -= sleeps ? gw_sim_crew_waited_ns(memory->crew) - woken.caller_ns : 0;
    }
    return ran;
}

/* What each crowd was runnable since the last time. Counts of the source are stretched already. */
static void
tell(struct gw_sim_memory *memory)
{
    struct gw_cores *cores = &memory->cores;
    struct gw_sim_ran old = memory->counted;
    struct gw_sim_ran now = count(memory);

    gw_cores_ran(cores, GW_CROWD_MIGRATION, (double)(now.thread_ns - old.thread_ns));
    gw_cores_ran(cores, GW_CROWD_WORKERS, now.worker_ns - old.worker_ns);
    gw_cores_ran(cores, GW_CROWD_VCPUS,
                 (double)(now.vcpu_ns - old.vcpu_ns) * cores->crowd[GW_CROWD_VCPUS].stretch);
    gw_cores_ran(cores, GW_CROWD_LOADERS,
                 (now.loader_ns - old.loader_ns) * cores->crowd[GW_CROWD_LOADERS].stretch);
    gw_cores_ran(cores, GW_CROWD_DECODERS,
                 (now.decoder_ns - old.decoder_ns) * cores->crowd[GW_CROWD_DECODERS].stretch);
    memory->counted = now;
}

void
gw_sim_memory_share_cores(struct gw_sim_memory *memory)
{
    struct gw_cores *cores = &memory->cores;

    if (!gw_cores_are_due(cores, memory->agenda->now_ns)) {
        return;
    }
    tell(memory);
    cores->crowd[GW_CROWD_VCPUS].host =
        memory->side == GW_TARGET ? cores->crowd[GW_CROWD_LOADERS].host : 0;
    gw_cores_settle(cores, memory->agenda->now_ns);
    gw_guest_memory_stretch(memory->guest, cores->crowd[GW_CROWD_VCPUS].stretch);
    memory->wire.load_stretch = cores->crowd[GW_CROWD_LOADERS].stretch;
    memory->wire.decode_stretch = cores->crowd[GW_CROWD_DECODERS].stretch;
    if (memory->crew != NULL) {
        gw_sim_crew_stretch(memory->crew, cores->crowd[GW_CROWD_MIGRATION].stretch,
                            cores->crowd[GW_CROWD_WORKERS].stretch);
    }
}
