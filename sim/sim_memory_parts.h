/* sim_memory_parts.h - what the files behind sim_memory.h share; not for others.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SIM_MEMORY_PARTS_H
#define GW_SIM_MEMORY_PARTS_H

#include "sim/sim_memory.h"

extern const struct gw_memory_ops gw_sim_memory_ops;
extern const struct gw_vcpus_ops gw_sim_vcpus_ops;

/* Makes the crowds of threads; errors: GW_ENOMEM. */
bool gw_sim_memory_open_cores(struct gw_sim_memory *memory, struct gw_error *err);
/* Where processors are shared: looks how busy the threads were and sets how fast they are now. */
void gw_sim_memory_share_cores(struct gw_sim_memory *memory);

/* Looks a page's region up; see gw_sim_memory_region. */
void gw_sim_memory_find_region(struct gw_sim_memory *memory, uint64_t page);

/* Region of a page, whose range is then region_begin .. region_end - 1; the number of regions:
 * beyond all. */
static inline size_t
gw_sim_memory_region(struct gw_sim_memory *memory, uint64_t page)
{
    if (page < memory->region_begin || page >= memory->region_end) {
        gw_sim_memory_find_region(memory, page);
    }
    return memory->region;
}

/* Version of a page now; the wire's callback. */
uint32_t gw_sim_memory_version(void *memory, uint64_t page);
/* Whether a page holds only zeros at this version; the wire's callback. */
bool gw_sim_memory_holds_zero(void *memory, uint64_t page, uint32_t version);

/* The same, at once where no page ever does. */
static inline bool
gw_sim_memory_is_zero(struct gw_sim_memory *memory, uint64_t page, uint32_t version)
{
    (void)gw_sim_memory_region(memory, page);
    return !memory->region_never_zero && gw_sim_memory_holds_zero(memory, page, version);
}
/* What the zero test of a page that holds only zeros takes. */
double gw_sim_memory_zero_ns(struct gw_sim_memory *memory, uint64_t page);
/* Encodes against a slot; the answer of the codec. The slot is brought up to date. */
void gw_sim_memory_encode(struct gw_sim_memory *memory, uint64_t slot, uint64_t page, bool update,
                          struct gw_codec_answer *answer);
/* The wire port's put. */
void gw_sim_memory_put(struct gw_wire *wire, uint32_t channel, const struct gw_page_record *records,
                       uint32_t count, struct gw_work *work);
/* The crew's callback: does a task. */
void gw_sim_memory_perform(void *memory, struct gw_task *task, double *service_ns);
/* Events of the vCPUs. */
void gw_sim_vcpus_changed(struct gw_event *event);
void gw_sim_vcpus_poll(struct gw_event *event);

#endif
