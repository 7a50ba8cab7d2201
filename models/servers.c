/* servers.c - `kind: servers`: k servers, one queue, a service time drawn for each request.
 *
 * Idea       G/G/k. A service takes a drawn time plus the bytes at the rate of one server.
 *            `queues: split` keeps reads and the rest in two queues that take turns.
 * Source     textbook station; with 8 servers and a fixed time it is nbdkit's delay filter with
 *            eight service threads.
 * Invariant  a request waits only while all servers are busy.
 * Cost       O(1) and one event a request.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>

#include "base/variate.h"
#include "models/admission.h"
#include "models/pace.h"

extern const struct gw_device_kind gw_servers_kind;

enum { TIME_FIXED, TIME_EXPONENTIAL, TIME_LOGNORMAL };
enum { QUEUES_SINGLE, QUEUES_SPLIT };

struct servers_settings {
    int64_t servers, read_time_ns, write_time_ns, flush_time_ns, status_time_ns;
    int64_t read_rate, write_rate, capacity_bytes;
    int64_t shared_read_rate, shared_write_rate, shared_burst_ns, late_ns;
    double sigma;
    int distribution, queues;
};

/* Tokens of all servers together: at `full_ns` the bucket would be full. */
struct pool {
    struct gw_pace pace;
    int64_t full_ns;
};

struct servers {
    struct gw_device device;
    struct gw_ledger ledger;
    struct servers_settings settings;
    struct gw_pace read_pace, write_pace;
    struct pool shared[2]; /* reads, writes */
    double median_share;   /* median of the lognormal over its mean */
    int64_t idle;
    struct gw_fifo queue[2];
    unsigned turn; /* queue that is looked at first */
    struct gw_stream stream;
};

static const char *const distributions[] = {"fixed", "exponential", "lognormal", NULL};
static const char *const disciplines[] = {"single", "split", NULL};

#define ROW(key, type, field, preset, least, most, choices, help)                                  \
    {                                                                                              \
        key, type, offsetof(struct servers_settings, field), preset, least, most, choices, help    \
    }

static const struct gw_setting settings_table[] = {
    ROW("servers", GW_SETTING_COUNT, servers, "1", "1", "1000000", NULL, "requests served at once"),
    ROW("read_time", GW_SETTING_TIME, read_time_ns, "1ms", NULL, "1h", NULL,
        "mean service time of a read, without its bytes"),
    ROW("write_time", GW_SETTING_TIME, write_time_ns, "1ms", NULL, "1h", NULL,
        "mean service time of a write, write-zeroes or trim, without its bytes"),
    ROW("flush_time", GW_SETTING_TIME, flush_time_ns, "0s", NULL, "1h", NULL,
        "mean service time of a flush"),
    ROW("status_time", GW_SETTING_TIME, status_time_ns, "0s", NULL, "1h", NULL,
        "service time of a question for holes"),
    ROW("distribution", GW_SETTING_CHOICE, distribution, "fixed", NULL, NULL, distributions,
        "of the service time"),
    ROW("sigma", GW_SETTING_NUMBER, sigma, "0.5", "0", "4", NULL, "shape of the lognormal"),
    ROW("read_rate", GW_SETTING_RATE, read_rate, "0B/s", NULL, NULL, NULL,
        "bytes a second of one server, reads; 0B/s means no limit"),
    ROW("write_rate", GW_SETTING_RATE, write_rate, "0B/s", NULL, NULL, NULL,
        "bytes a second of one server, writes; 0B/s means no limit"),
    ROW("shared_read_rate", GW_SETTING_RATE, shared_read_rate, "0B/s", NULL, NULL, NULL,
        "bytes a second of all servers together, reads; 0B/s means no limit"),
    ROW("shared_write_rate", GW_SETTING_RATE, shared_write_rate, "0B/s", NULL, NULL, NULL,
        "bytes a second of all servers together, writes; 0B/s means no limit"),
    ROW("shared_burst", GW_SETTING_TIME, shared_burst_ns, "100ms", NULL, "1h", NULL,
        "time of a shared rate that may be saved up; it starts full"),
    ROW("late", GW_SETTING_TIME, late_ns, "0s", NULL, "1s", NULL,
        "a server that sleeps, for its time or for a shared rate, wakes so much late"),
    ROW("queues", GW_SETTING_CHOICE, queues, "single", NULL, NULL, disciplines,
        "one queue, or reads and writes in two that take turns"),
    ROW("capacity", GW_SETTING_BYTES, capacity_bytes, "0B", NULL, NULL, NULL,
        "size; 0B means as large as needed"),
    GW_SETTING_END,
};

#undef ROW

static struct servers *
servers_of(struct gw_device *device)
{
    return gw_container(device, struct servers, device);
}

static int64_t
draw_ns(struct servers *servers, int64_t mean_ns)
{
    if (mean_ns == 0 || servers->settings.distribution == TIME_FIXED) {
        return mean_ns;
    }
    if (servers->settings.distribution == TIME_EXPONENTIAL) {
        return gw_exponential_ns(&servers->stream, mean_ns);
    }
    return (int64_t)(gw_lognormal(&servers->stream, (double)mean_ns * servers->median_share,
                                  servers->settings.sigma) +
                     0.5);
}

static int64_t
service_ns(struct servers *servers, const struct gw_request *request)
{
    switch (request->op) {
    case GW_IO_READ:
        return draw_ns(servers, servers->settings.read_time_ns) +
               gw_pace_ns(servers->read_pace, request->length_bytes);
    case GW_IO_WRITE:
        return draw_ns(servers, servers->settings.write_time_ns) +
               gw_pace_ns(servers->write_pace, request->length_bytes);
    case GW_IO_ZERO:
    case GW_IO_TRIM:
        return draw_ns(servers, servers->settings.write_time_ns);
    case GW_IO_FLUSH:
    case GW_IO_STATUS:
        break;
    }
    return draw_ns(servers, servers->settings.flush_time_ns);
}

static void served(struct gw_event *event);

/* The server takes what the bucket has and sleeps for the rest, as if nobody else took any;
 * scratch[0] is how many ns of the shared rate it still has to find. */
static void
take_share(struct gw_event *event)
{
    struct gw_request *request = gw_request_of_event(event);
    struct servers *servers = servers_of(request->device);
    struct pool *pool = &servers->shared[request->op != GW_IO_READ];
    int64_t now_ns = servers->device.agenda->now_ns;
    int64_t burst_ns = servers->settings.shared_burst_ns;
    int64_t empty_ns = now_ns + burst_ns;
    int64_t there_ns;

    pool->full_ns = pool->full_ns > now_ns ? pool->full_ns : now_ns;
    there_ns = empty_ns - pool->full_ns;
    if (request->scratch[0] <= there_ns) {
        pool->full_ns += request->scratch[0];
        served(event);
        return;
    }
    request->scratch[0] -= there_ns;
    pool->full_ns = empty_ns;
    gw_request_wait(request, take_share, now_ns + request->scratch[0] + servers->settings.late_ns);
}

static void
begin(struct servers *servers, struct gw_request *request)
{
    int64_t now_ns = servers->device.agenda->now_ns;

    servers->idle--;
    servers->ledger.stats.queue_ns += now_ns - request->arrived_ns;
    if (request->op == GW_IO_STATUS) {
        gw_request_wait(request, served, now_ns + servers->settings.status_time_ns);
        return;
    }
    request->scratch[0] =
        gw_pace_ns(servers->shared[request->op != GW_IO_READ].pace, request->length_bytes);
    gw_request_wait(request, request->scratch[0] > 0 ? take_share : served,
                    now_ns + service_ns(servers, request) + servers->settings.late_ns);
}

static struct gw_request *
next_waiting(struct servers *servers)
{
    struct gw_request *request = gw_fifo_pop(&servers->queue[servers->turn]);

    if (servers->settings.queues == QUEUES_SINGLE) {
        return request;
    }
    if (request == NULL) {
        return gw_fifo_pop(&servers->queue[1 - servers->turn]);
    }
    servers->turn = 1 - servers->turn;
    return request;
}

static void
served(struct gw_event *event)
{
    struct gw_request *request = gw_request_of_event(event);
    struct servers *servers = servers_of(request->device);
    struct gw_request *next;

    servers->idle++;
    next = next_waiting(servers);
    if (next != NULL) {
        begin(servers, next);
    }
    gw_device_release(&servers->ledger, request);
}

static void
submit(struct gw_device *device, struct gw_request *request)
{
    struct servers *servers = servers_of(device);
    bool second = servers->settings.queues == QUEUES_SPLIT && request->op != GW_IO_READ;

    if (!gw_device_admit(device, &servers->ledger, request)) {
        return;
    }
    if (servers->idle > 0) {
        begin(servers, request);
        return;
    }
    gw_fifo_push(&servers->queue[second], request);
}

static void
stats(const struct gw_device *device, struct gw_device_stats *out)
{
    gw_ledger_report(&gw_device_self(device, struct servers)->ledger, device->agenda->now_ns, out);
}

static void
destroy(struct gw_device *device)
{
    free(servers_of(device));
}

static struct gw_device *
create(const struct gw_device_context *context, const void *settings, struct gw_device **children,
       struct gw_error *err)
{
    const struct servers_settings *given = settings;
    struct servers *servers = calloc(1, sizeof *servers);

    (void)children;
    if (servers == NULL) {
        gw_fail(err, GW_ENOMEM, "out of memory for device %s", context->name);
        return NULL;
    }
    servers->device = (struct gw_device){
        .kind = &gw_servers_kind,
        .agenda = context->agenda,
        .capacity_bytes = given->capacity_bytes > 0 ? given->capacity_bytes : GW_CAPACITY_ANY,
        .submit = submit,
        .stats = stats,
        .destroy = destroy,
    };
    servers->settings = *given;
    servers->read_pace = gw_pace_of(given->read_rate);
    servers->write_pace = gw_pace_of(given->write_rate);
    servers->shared[0].pace = gw_pace_of(given->shared_read_rate);
    servers->shared[1].pace = gw_pace_of(given->shared_write_rate);
    servers->median_share = 1.0 / gw_exp(given->sigma * given->sigma / 2);
    servers->idle = given->servers;
    gw_stream_open(&servers->stream, context->seed, context->replication, context->name, 0);
    return &servers->device;
}

const struct gw_device_kind gw_servers_kind = {
    .name = "servers",
    .title = "k servers with a queue and a drawn service time",
    .source = "textbook G/G/k station",
    .settings = settings_table,
    .settings_bytes = sizeof(struct servers_settings),
    .create = create,
};
