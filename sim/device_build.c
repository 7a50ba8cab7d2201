/* device_build.c - makes the devices of a scenario.
 *
 * A device that guests or several parents name is made once and kept here; a parent gets a
 * proxy for it, since parents destroy their children.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/device_build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct builder {
    struct gw_device_set *set;
    const struct gw_scenario *scenario;
    struct gw_agenda *agenda;
    int64_t replication;
};

static struct gw_device *build(struct builder *builder, size_t index, const char *name,
                               struct gw_error *err);

/* ---- a proxy ------------------------------------------------------------------------------------- */

struct proxy {
    struct gw_device device; /* first */
    struct gw_device *inner;
};

static void
proxy_submit(struct gw_device *device, struct gw_request *request)
{
    struct proxy *proxy = gw_container(device, struct proxy, device);

    proxy->inner->submit(proxy->inner, request);
}

static void
proxy_stats(const struct gw_device *device, struct gw_device_stats *out)
{
    const struct proxy *proxy = gw_container((void *)(uintptr_t)device, struct proxy, device);

    proxy->inner->stats(proxy->inner, out);
}

static void
proxy_destroy(struct gw_device *device)
{
    free(gw_container(device, struct proxy, device));
}

static struct gw_device *
make_proxy(struct gw_device *inner, struct gw_error *err)
{
    struct proxy *proxy = calloc(1, sizeof *proxy);

    if (proxy == NULL) {
        gw_fail(err, GW_ENOMEM, "out of memory for a device");
        return NULL;
    }
    proxy->device = *inner;
    proxy->device.submit = proxy_submit;
    proxy->device.stats = proxy_stats;
    proxy->device.destroy = proxy_destroy;
    proxy->inner = inner;
    return &proxy->device;
}

/* ---- building -------------------------------------------------------------------------------------- */

static int64_t
copies_of(const struct gw_device_plan *plan)
{
    const struct gw_setting *row = plan->kind->settings;

    if (plan->kind->copies == NULL) {
        return 1;
    }
    while (strcmp(row->name, plan->kind->copies) != 0) {
        row++;
    }
    return *(const int64_t *)(const void *)((const char *)plan->settings + row->offset);
}

static struct gw_device *
build_child(struct builder *builder, size_t index, const char *name, struct gw_error *err)
{
    if (builder->scenario->devices[index].parent_count < 2 &&
        strchr(builder->scenario->devices[index].name, '.') != NULL) {
        return build(builder, index, name, err);
    }
    if (builder->set->shared[index] == NULL) {
        builder->set->shared[index] =
            build(builder, index, builder->scenario->devices[index].name, err);
    }
    if (builder->set->shared[index] == NULL) {
        return NULL;
    }
    return make_proxy(builder->set->shared[index], err);
}

static void
destroy_children(struct gw_device **children, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (children[i] != NULL) {
            children[i]->destroy(children[i]);
        }
    }
}

static bool
build_children(struct builder *builder, const struct gw_device_plan *plan, const char *name,
               struct gw_device **children, struct gw_error *err)
{
    int64_t copies = copies_of(plan);

    for (size_t i = 0; i < plan->child_count; i++) {
        for (int64_t copy = 0; copy < copies; copy++) {
            char child_name[256];

            snprintf(child_name, sizeof child_name, "%.150s.%.60s[%lld]", name,
                     plan->kind->children[i], (long long)copy);
            children[(int64_t)i * copies + copy] =
                build_child(builder, plan->children[i], child_name, err);
            if (children[(int64_t)i * copies + copy] == NULL) {
                return false;
            }
        }
    }
    return true;
}

static struct gw_device *
build(struct builder *builder, size_t index, const char *name, struct gw_error *err)
{
    const struct gw_device_plan *plan = &builder->scenario->devices[index];
    size_t count = plan->child_count * (size_t)copies_of(plan);
    struct gw_device **children = calloc(count + 1, sizeof *children);
    struct gw_device *device = NULL;
    struct gw_device_context context = {.agenda = builder->agenda,
                                        .name = name,
                                        .seed = (uint64_t)builder->scenario->seed,
                                        .replication = (uint64_t)builder->replication};

    if (children == NULL) {
        gw_fail(err, GW_ENOMEM, "out of memory for devices");
        return NULL;
    }
    if (build_children(builder, plan, name, children, err)) {
        device = plan->kind->create(&context, plan->settings, children, err);
        if (device == NULL) {
            gw_fail_within(err, "device '%s'", name);
        }
    }
    if (device == NULL) {
        destroy_children(children, count);
    }
    free(children);
    return device;
}

bool
gw_device_set_create(struct gw_device_set *set, const struct gw_scenario *scenario,
                     struct gw_agenda *agenda, int64_t replication, struct gw_error *err)
{
    struct builder builder = {set, scenario, agenda, replication};

    *set = (struct gw_device_set){.count = scenario->device_count};
    set->shared = calloc(set->count + 1, sizeof(struct gw_device *));
    set->tail_bytes = calloc(set->count + 1, sizeof *set->tail_bytes);
    if (set->shared == NULL || set->tail_bytes == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for devices");
    }
    for (size_t i = 0; i < set->count; i++) {
        const struct gw_device_plan *plan = &scenario->devices[i];

        if (strchr(plan->name, '.') == NULL && set->shared[i] == NULL) {
            set->shared[i] = build(&builder, i, plan->name, err);
            if (set->shared[i] == NULL) {
                return false;
            }
        }
    }
    return true;
}

void
gw_device_set_destroy(struct gw_device_set *set)
{
    for (size_t i = 0; set->shared != NULL && i < set->count; i++) {
        if (set->shared[i] != NULL) {
            set->shared[i]->destroy(set->shared[i]);
        }
    }
    free(set->shared);
    free(set->tail_bytes);
    *set = (struct gw_device_set){0};
}
