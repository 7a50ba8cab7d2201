/* sim_workers.c - what the workers of a simulated source do with a task.
 *
 * The codecs run on the pages as they are when the task is given; their time is the host's.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/sim_memory_parts.h"

enum { PACKET_HEADER_BYTES = 320, PACKET_PAGE_BYTES = 8 };

/* What a task copied and, for a delta, against what. */
static uint64_t
pack_content(uint32_t version, uint32_t base)
{
    return (uint64_t)base << 32 | version;
}

static void
perform_delta(struct gw_sim_memory *memory, struct gw_task *task, double *service_ns)
{
    const struct gw_memory_host *host = &memory->plan->host;
    struct gw_codec_answer answer;

    task->content = pack_content(memory->versions[task->page[0]], 0);
    task->zero_pages = gw_sim_memory_is_zero(memory, task->page[0], (uint32_t)task->content);
    if (task->zero_pages > 0) {
        memory->slots[task->slot] = (struct gw_slot_copy){0, true};
        *service_ns = gw_sim_memory_zero_ns(memory, task->page[0]);
        return;
    }
    gw_sim_memory_encode(memory, task->slot, task->page[0], task->update, &answer);
    task->content = pack_content((uint32_t)task->content, memory->last_base);
    task->world = memory->last_base_is_zero ? memory : NULL;
    task->bytes = answer.bytes;
    task->decode_ns = (int64_t)answer.decode_ns;
    *service_ns = host->non_zero_ns + host->copy_ns + answer.encode_ns +
                  (task->update && answer.bytes != 0 ? host->copy_ns : 0);
}

static void
perform_compress(struct gw_sim_memory *memory, struct gw_task *task, double *service_ns)
{
    const struct gw_memory_host *host = &memory->plan->host;
    size_t region = gw_sim_memory_region(memory, task->page[0]);
    struct gw_codec_answer answer;

    task->content = pack_content(memory->versions[task->page[0]], 0);
    task->zero_pages = gw_sim_memory_is_zero(memory, task->page[0], (uint32_t)task->content);
    if (task->zero_pages > 0) {
        *service_ns = host->copy_ns + gw_sim_memory_zero_ns(memory, task->page[0]);
        return;
    }
    answer = gw_page_codec_compress(memory->codec, region, task->page[0] - memory->region_begin,
                                    (uint32_t)task->content);
    task->bytes = answer.bytes;
    task->decode_ns = (int64_t)answer.decode_ns;
    *service_ns = host->copy_ns + host->non_zero_ns + answer.encode_ns;
}

/* One page of a packet; bytes of its payload, and what it costs. */
static uint32_t
pack_page(struct gw_sim_memory *memory, const struct gw_task *task, uint64_t page,
          struct gw_wire_page *out, struct gw_codec_answer *answer)
{
    uint32_t version = memory->versions[page];
    size_t region = gw_sim_memory_region(memory, page);
    bool is_zero = task->check_zero && gw_sim_memory_is_zero(memory, page, version);

    *out = (struct gw_wire_page){.page = (uint32_t)page,
                                 .version = version,
                                 .kind = is_zero ? GW_PAGE_ZERO : GW_PAGE_NORMAL};
    *answer = (struct gw_codec_answer){.bytes = is_zero ? 0 : GW_PAGE_BYTES};
    if (!is_zero && memory->plan->settings.multifd_compress != GW_CODEC_NONE &&
        region < memory->plan->region_count) {
        *answer =
            gw_page_codec_compress(memory->codec, region, page - memory->region_begin, version);
    }
    return (uint32_t)answer->bytes;
}

/* A channel's thread does one packet; it is busy until the socket has taken it. */
static void
perform_packet(struct gw_sim_memory *memory, struct gw_task *task, double *service_ns)
{
    const struct gw_memory_host *host = &memory->plan->host;
    uint32_t channel = task->channel;
    int64_t now_ns = memory->agenda->now_ns;
    double cpu_ns = 0;

    task->zero_pages = 0;
    task->bytes = PACKET_HEADER_BYTES + PACKET_PAGE_BYTES * (int32_t)task->page_count;
    gw_sim_wire_base_ops.put_bytes(&memory->wire.wire, channel, task->bytes);
    for (uint32_t i = 0; i < task->page_count; i++) {
        struct gw_wire_page page;
        struct gw_codec_answer answer;
        uint32_t bytes = pack_page(memory, task, task->page[i], &page, &answer);

        gw_sim_wire_put(&memory->wire, channel, &page, bytes, answer.decode_ns);
        task->bytes += (int32_t)bytes;
        task->zero_pages += page.kind == GW_PAGE_ZERO;
        cpu_ns += page.kind == GW_PAGE_ZERO ? gw_sim_memory_zero_ns(memory, task->page[i])
                                            : answer.encode_ns;
        cpu_ns += bytes == GW_PAGE_BYTES ? host->send_ns : bytes * host->send_byte_ns;
    }
    cpu_ns *= memory->cores.crowd[GW_CROWD_WORKERS].stretch;
    memory->worker_wall_ns += cpu_ns;
    *service_ns =
        (double)(gw_sim_wire_send(&memory->wire, channel, now_ns + (int64_t)cpu_ns) - now_ns);
}

/* Evenly within the host's share of the mean. */
static double
spread(struct gw_sim_memory *memory, double mean_ns)
{
    double share = memory->plan->host.worker_spread;

    return share > 0 ? mean_ns * (1 + share * (2 * gw_stream_unit(&memory->chance) - 1)) : mean_ns;
}

void
gw_sim_memory_perform(void *owner, struct gw_task *task, double *service_ns)
{
    static void (*const performers[])(struct gw_sim_memory *, struct gw_task *, double *) = {
        [GW_TASK_COMPRESS] = perform_compress,
        [GW_TASK_DELTA] = perform_delta,
        [GW_TASK_PACKET] = perform_packet,
    };

    struct gw_sim_memory *memory = owner;

    task->bytes = 0;
    task->decode_ns = 0;
    task->world = NULL;
    performers[task->kind](owner, task, service_ns);
    if (task->kind != GW_TASK_PACKET) {
        *service_ns = spread(memory, *service_ns + memory->plan->host.worker_task_ns) *
                      memory->cores.crowd[GW_CROWD_WORKERS].stretch;
        memory->worker_wall_ns += *service_ns;
    }
}
