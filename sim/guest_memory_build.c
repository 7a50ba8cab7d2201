/* guest_memory_build.c - regions and vCPUs of a modelled guest, from their settings.
 *
 * Idea      All that can be refused or can run out is looked at here, so that playing the guest
 *           cannot fail and allocates nothing.
 * Invariant Regions follow each other from page 0 and lie within the guest's memory.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "sim/guest_memory_parts.h"

/* One zeroed counter a page, taken as huge pages where there are some: most of a scattered write's
 * time goes into finding the page of its counter. Untouched parts take no memory. NULL: none. */
static uint32_t *
map_versions(uint64_t pages)
{
    size_t size = pages * sizeof(uint32_t);
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED) {
        return NULL;
    }
#ifdef MADV_HUGEPAGE
    (void)madvise(memory, size, MADV_HUGEPAGE);
#endif
    return memory;
}

static const char *
region_name(const struct gw_region_settings *settings)
{
    return settings->name != NULL ? settings->name : "without a name";
}

/* Time of one write, in fine units. */
static bool
set_write_time(struct gw_guest_region *region, struct gw_error *err)
{
    const struct gw_region_settings *settings = region->settings;
    double fine = (double)settings->write_ns * (1 << GW_FINE_BITS);

    if (settings->pacing == GW_PACED_CPU && settings->rate > 0) {
        fine = (double)region->vcpus / settings->rate * 1e9 * (1 << GW_FINE_BITS);
    }
    if (fine < (1 << GW_FINE_BITS) / 8 || fine > 1e5 * 1e9 * (1 << GW_FINE_BITS)) {
        return gw_fail(err, GW_EINVAL,
                       "region %s: a write takes %g ns of a vCPU: must be 0.125 ns to 100000 s",
                       region_name(settings), fine / (1 << GW_FINE_BITS));
    }
    region->write_fine = (int64_t)(fine + 0.5);
    return true;
}

static bool
set_pace(struct gw_guest_region *region, struct gw_error *err)
{
    const struct gw_region_settings *settings = region->settings;
    double late = settings->rate * (double)settings->backlog_ns / 1e9 / region->vcpus;

    if (settings->rate < 0 || settings->rate > 1e11 || late > 1e15) {
        return gw_fail(err, GW_EINVAL, "region %s: rate %g/s: must be 0/s to 1e11/s",
                       region_name(settings), settings->rate);
    }
    region->rate_micro = (int64_t)(settings->rate * 1e6 + 0.5);
    region->pending_cap = (int64_t)late + ((double)(int64_t)late < late);
    return set_write_time(region, err);
}

static bool
set_vcpus(struct gw_guest_region *region, uint32_t all, struct gw_error *err)
{
    const struct gw_region_settings *settings = region->settings;
    int64_t first = settings->first_vcpu;
    int64_t count = settings->vcpus > 0 ? settings->vcpus : (int64_t)all - first;

    if (first < 0 || settings->vcpus < 0 || count < 1 || first > (int64_t)all - count) {
        return gw_fail(err, GW_EINVAL,
                       "region %s: vcpus %lld from %lld on: the guest has %u, counted from 0",
                       region_name(settings), (long long)settings->vcpus, (long long)first, all);
    }
    region->first_vcpu = (uint32_t)first;
    region->vcpus = (uint32_t)count;
    region->pending = calloc(region->vcpus, sizeof *region->pending);
    region->credit = calloc(region->vcpus, sizeof *region->credit);
    if (region->pending == NULL || region->credit == NULL) {
        return gw_fail(err, GW_ENOMEM, "no memory for %u vCPUs", all);
    }
    return true;
}

static bool
build_writer(struct gw_guest_region *region, const struct gw_guest_memory_plan *plan,
             uint32_t number, struct gw_error *err)
{
    const struct gw_page_writer_key key = {plan->seed, plan->replication, plan->object, number};
    const int64_t slice_fine = (int64_t)GW_GUEST_SLICE_NS << GW_FINE_BITS;

    if (region->settings->writes == GW_WRITES_NONE) {
        return true;
    }
    if (!set_vcpus(region, plan->vcpus, err) || !set_pace(region, err)) {
        return false;
    }
    region->counted = region->settings->writes != GW_WRITES_REPLAY &&
                      slice_fine / region->write_fine > (int64_t)region->page_count;
    region->writer = gw_page_writer_create(region->settings, region->page_count, &key, err);
    return region->writer != NULL;
}

static bool
build_region(struct gw_guest_memory *guest, const struct gw_guest_memory_plan *plan, size_t number,
             struct gw_error *err)
{
    struct gw_guest_region *region = &guest->region[number];
    const struct gw_region_settings *settings = plan->regions[number];
    uint64_t first = number == 0 ? 0 : region[-1].first_page + region[-1].page_count;
    int64_t pages = settings->size_bytes / GW_PAGE_BYTES;

    if (pages < 1 || pages > UINT32_MAX || settings->size_bytes % GW_PAGE_BYTES != 0) {
        return gw_fail(err, GW_EINVAL,
                       "region %s: size %lld bytes: must be a multiple of 4096, up to 16 TiB",
                       region_name(settings), (long long)settings->size_bytes);
    }
    if ((uint64_t)pages > guest->page_count - first) {
        return gw_fail(err, GW_EINVAL, "region %s ends beyond the memory of %lld bytes",
                       region_name(settings), (long long)plan->memory_bytes);
    }
    region->settings = settings;
    region->first_page = first;
    region->page_count = (uint32_t)pages;
    return build_writer(region, plan, (uint32_t)number, err);
}

static bool
build_regions(struct gw_guest_memory *guest, const struct gw_guest_memory_plan *plan,
              struct gw_error *err)
{
    uint32_t bulk = 0;

    for (size_t i = 0; i < plan->region_count; i++) {
        if (!build_region(guest, plan, i, err)) {
            return false;
        }
        const struct gw_guest_region *region = &guest->region[i];

        guest->greedy |= region->writer != NULL && !gw_guest_region_is_paced(region);
        bulk = region->counted && region->page_count > bulk ? region->page_count : bulk;
    }
    guest->bulk = malloc((bulk + (size_t)1) * sizeof *guest->bulk);
    return guest->bulk != NULL || gw_fail(err, GW_ENOMEM, "no memory to count page writes");
}

static bool
build_vcpus(struct gw_guest_memory *guest, const struct gw_guest_memory_plan *plan,
            struct gw_error *err)
{
    const struct gw_guest_service_settings *service = plan->service;
    int64_t first = service == NULL ? 0 : service->first_vcpu;
    int64_t count = service == NULL ? 0 : service->vcpus;

    if (first < 0 || count < 0 || count > (int64_t)plan->vcpus ||
        (count > 0 && first > (int64_t)plan->vcpus - count)) {
        return gw_fail(err, GW_EINVAL, "service on %lld vcpus from %lld on: the guest has %u",
                       (long long)count, (long long)first, plan->vcpus);
    }
    for (uint32_t i = 0; i < plan->vcpus; i++) {
        struct gw_guest_vcpu *vcpu = &guest->vcpu[i];

        gw_vcpu_throttle_init(&vcpu->throttle);
        if (service != NULL && service->rate > 0 && i >= first && i - first < count) {
            gw_stream_open(&vcpu->service.stream, plan->seed, plan->replication, "guest.service",
                           plan->object << 16 | i);
            gw_vcpu_service_start(&vcpu->service, service->rate, service->service_ns);
        }
    }
    return true;
}

bool
gw_guest_build(struct gw_guest_memory *guest, const struct gw_guest_memory_plan *plan,
               struct gw_error *err)
{
    if (plan->memory_bytes < GW_PAGE_BYTES || plan->memory_bytes % GW_PAGE_BYTES != 0 ||
        plan->memory_bytes / GW_PAGE_BYTES > UINT32_MAX) {
        return gw_fail(err, GW_EINVAL,
                       "memory %lld bytes: must be a multiple of 4096, below 16 TiB",
                       (long long)plan->memory_bytes);
    }
    if (plan->vcpus < 1 || plan->vcpus > UINT16_MAX) {
        return gw_fail(err, GW_EINVAL, "%u vcpus: must be 1 to 65535", plan->vcpus);
    }
    guest->page_count = (uint64_t)plan->memory_bytes / GW_PAGE_BYTES;
    guest->vcpu_count = plan->vcpus;
    guest->stretch = 1;
    guest->region_count = plan->region_count;
    guest->reap_ns = plan->host->protection == GW_PROTECT_RING ? 0 : INT64_MAX;
    guest->version = map_versions(guest->page_count);
    guest->vcpu = calloc(plan->vcpus, sizeof *guest->vcpu);
    guest->region = calloc(plan->region_count + 1, sizeof *guest->region);
    if (guest->version == NULL || guest->vcpu == NULL || guest->region == NULL) {
        return gw_fail(err, GW_ENOMEM, "no memory for a guest of %lld bytes",
                       (long long)plan->memory_bytes);
    }
    return gw_dirty_log_create(&guest->log, plan->host, guest->page_count, plan->vcpus, err) &&
           build_regions(guest, plan, err) && build_vcpus(guest, plan, err);
}

void
gw_guest_dismantle(struct gw_guest_memory *guest)
{
    for (size_t i = 0; guest->region != NULL && i < guest->region_count; i++) {
        if (guest->region[i].writer != NULL) {
            gw_page_writer_destroy(guest->region[i].writer);
        }
        free(guest->region[i].credit);
        free(guest->region[i].pending);
    }
    free(guest->bulk);
    if (guest->log.host != NULL) {
        gw_dirty_log_destroy(&guest->log);
    }
    gw_histogram_clear(&guest->latency);
    free(guest->region);
    free(guest->vcpu);
    if (guest->version != NULL) {
        (void)munmap(guest->version, guest->page_count * sizeof *guest->version);
    }
}
