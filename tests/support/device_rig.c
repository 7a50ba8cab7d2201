/* device_rig.c - the words go through gw_settings_resolve; the load draws from its own stream.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "tests/support/device_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/settings.h"
#include "base/variate.h"

static const struct gw_device_kind *
kind_named(const char *name)
{
    for (size_t i = 0; gw_device_kinds[i] != NULL; i++) {
        if (strcmp(gw_device_kinds[i]->name, name) == 0) {
            return gw_device_kinds[i];
        }
    }
    return NULL;
}

static struct gw_config_node *
map_of(const char *settings)
{
    struct gw_config_node *map = gw_config_node_create(GW_CONFIG_MAP, NULL, NULL);
    char *words = strdup(settings);
    char *rest = words;
    char *word;

    gw_assert(map != NULL && words != NULL);
    while ((word = strsep(&rest, " ")) != NULL) {
        char *value = strchr(word, '=');

        if (*word == '\0') {
            continue;
        }
        gw_assert(value != NULL);
        *value++ = '\0';
        gw_assert(gw_config_put(map, word, value, false));
    }
    free(words);
    return map;
}

struct gw_device *
rig_device(struct test_agenda *agenda, const char *name, const char *settings,
           struct gw_device **children, struct gw_error *err)
{
    const struct gw_device_kind *kind = kind_named(name);
    struct gw_device_context context = {&agenda->agenda, "devices.test", 7, 0};
    struct gw_config_node *map = map_of(settings);
    struct gw_diagnostics diagnostics = {0};
    struct gw_settings_target target = {0};
    struct gw_device *device;
    void *blob;

    gw_assert(kind != NULL);
    blob = calloc(1, kind->settings_bytes);
    target = (struct gw_settings_target){kind->settings, blob, kind->settings_bytes, NULL, name};
    if (!gw_settings_resolve(&target, map, &diagnostics)) {
        fprintf(stderr, "%s: %s\n", settings, diagnostics.items[0].message);
        gw_assert(diagnostics.errors == 0);
    }
    device = kind->create(&context, blob, children, err);
    gw_settings_clear(kind->settings, blob);
    free(blob);
    gw_config_node_destroy(map);
    gw_diagnostics_clear(&diagnostics);
    return device;
}

struct gw_device *
rig_make(struct test_agenda *agenda, const char *kind, const char *settings,
         struct gw_device *child)
{
    struct gw_error err = {0};
    struct gw_device *device = rig_device(agenda, kind, settings, &child, &err);

    if (device == NULL) {
        fprintf(stderr, "%s %s: %s\n", kind, settings, err.message);
        gw_assert(device != NULL);
    }
    return device;
}

static enum gw_io_op
draw_op(struct rig_load *load)
{
    double u = gw_stream_unit(&load->stream);

    if (u < load->flush_share) {
        return GW_IO_FLUSH;
    }
    u -= load->flush_share;
    if (u < load->trim_share) {
        return GW_IO_TRIM;
    }
    u -= load->trim_share;
    if (u < load->zero_share) {
        return GW_IO_ZERO;
    }
    return gw_stream_unit(&load->stream) < load->read_share ? GW_IO_READ : GW_IO_WRITE;
}

static void
issue(struct rig_load *load, struct rig_io *io)
{
    int64_t places = load->span_bytes / load->size_bytes;

    io->request.op = draw_op(load);
    io->request.flow = load->flow;
    io->request.length_bytes = io->request.op == GW_IO_FLUSH ? 0 : load->size_bytes;
    io->request.offset_bytes =
        (int64_t)gw_stream_below(&load->stream, (uint64_t)places) * load->size_bytes;
    if (load->sequential) {
        io->request.offset_bytes = load->next_offset_bytes;
        load->next_offset_bytes += load->size_bytes;
        if (load->next_offset_bytes + load->size_bytes > load->span_bytes) {
            load->next_offset_bytes = 0;
        }
    }
    gw_assert(!io->under_way);
    io->under_way = true;
    load->issued++;
    load->submitting = true;
    load->device->submit(load->device, &io->request);
    load->submitting = false;
}

static bool
more(const struct rig_load *load)
{
    return !load->stopped && (load->limit == 0 || load->issued < load->limit);
}

static void
io_done(struct gw_request *request)
{
    struct rig_io *io = gw_container(request, struct rig_io, request);
    struct rig_load *load = io->load;
    int64_t latency_ns = load->device->agenda->now_ns - request->arrived_ns;

    gw_assert(io->under_way);
    gw_assert(!load->submitting);
    io->under_way = false;
    load->completed++;
    load->bytes += request->length_bytes;
    load->reads += request->op == GW_IO_READ;
    load->writes += gw_io_modifies(request->op);
    load->failed += request->result != GW_OK;
    load->latency_sum_ns += latency_ns;
    load->latency_max_ns = latency_ns > load->latency_max_ns ? latency_ns : load->latency_max_ns;
    if (load->on_done != NULL) {
        load->on_done(load, request);
    }
    if (load->outstanding > 0 && more(load)) {
        issue(load, io);
    }
}

static void
arrive(struct gw_event *event)
{
    struct rig_load *load = gw_container(event, struct rig_load, arrival);
    struct rig_io *io = load->ios;

    if (!more(load)) {
        return;
    }
    while (io->under_way) {
        io++;
        gw_assert(io < load->ios + RIG_IOS_MOST);
    }
    issue(load, io);
    gw_schedule(load->device->agenda, event,
                load->device->agenda->now_ns +
                    gw_exponential_ns(&load->stream, (int64_t)(1e9 / load->arrivals_a_second)));
}

void
rig_load_start(struct rig_load *load)
{
    gw_stream_open(&load->stream, load->seed, 0, "test.load", load->flow);
    for (int i = 0; i < RIG_IOS_MOST; i++) {
        load->ios[i].load = load;
        load->ios[i].request.done = io_done;
    }
    load->arrival.fire = arrive;
    if (load->arrivals_a_second > 0) {
        gw_schedule(load->device->agenda, &load->arrival, load->device->agenda->now_ns);
    }
    for (int64_t i = 0; i < load->outstanding && more(load); i++) {
        issue(load, &load->ios[i]);
    }
}

void
rig_load_stop(struct rig_load *load)
{
    load->stopped = true;
}

void
rig_load_mark(struct rig_load *load)
{
    load->completed = load->bytes = load->reads = load->writes = load->failed = 0;
    load->latency_sum_ns = load->latency_max_ns = 0;
}

double
rig_mean_latency_ns(const struct rig_load *load)
{
    return load->completed == 0 ? 0 : (double)load->latency_sum_ns / (double)load->completed;
}

double
rig_iops(struct test_agenda *agenda, struct rig_load *load, int64_t warm_ns, int64_t measure_ns)
{
    test_agenda_run(agenda, agenda->agenda.now_ns + warm_ns);
    rig_load_mark(load);
    test_agenda_run(agenda, agenda->agenda.now_ns + measure_ns);
    return (double)load->completed * 1e9 / (double)measure_ns;
}
