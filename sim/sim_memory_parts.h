/* sim_memory_parts.h - what the files behind sim_memory.h share; not for others.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SIM_MEMORY_PARTS_H
#define GW_SIM_MEMORY_PARTS_H

#include "sim/sim_memory.h"

extern const struct gw_memory_ops gw_sim_memory_ops;
extern const struct gw_vcpus_ops gw_sim_vcpus_ops;

/* Region of a page, whose range is then region_begin .. region_end - 1; the number of regions:
 * beyond all. */
size_t gw_sim_memory_region(struct gw_sim_memory *memory, uint64_t page);
/* Version of a page now. */
uint32_t gw_sim_memory_version(void *memory, uint64_t page);
bool gw_sim_memory_holds_zero(void *memory, uint64_t page, uint32_t version);
/* Encodes against a slot; the answer of the codec. The slot is brought up to date. */
struct gw_codec_answer gw_sim_memory_encode(struct gw_sim_memory *memory, uint64_t slot,
                                            uint64_t page, bool update);
/* The wire port's put. */
void gw_sim_memory_put(struct gw_wire *wire, uint32_t channel, const struct gw_page_record *records,
                       uint32_t count, struct gw_work *work);
/* The crew's callback: does a task. */
void gw_sim_memory_perform(void *memory, struct gw_task *task, double *service_ns);
/* Events of the vCPUs. */
void gw_sim_vcpus_changed(struct gw_event *event);
void gw_sim_vcpus_poll(struct gw_event *event);

#endif
