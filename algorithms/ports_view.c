/* ports_view.c - the ports of a migration for one of its parts.
 *
 * Invariant buffers come from the real ports, so that any part may hand them to any disk.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/ports_view.h"

#include "base/event.h"

static const struct gw_ports_view *
view_of(const struct gw_ports *ports)
{
    return gw_container((void *)(uintptr_t)ports, struct gw_ports_view, ports);
}

static struct gw_payload *
payload_create(const struct gw_ports *ports, int64_t bytes)
{
    const struct gw_ports *real = view_of(ports)->real;

    return real->payload_create(real, bytes);
}

static void
payload_destroy(const struct gw_ports *ports, struct gw_payload *payload)
{
    const struct gw_ports *real = view_of(ports)->real;

    real->payload_destroy(real, payload);
}

static void
payload_copy(const struct gw_ports *ports, const struct gw_payload_move *move)
{
    const struct gw_ports *real = view_of(ports)->real;

    real->payload_copy(real, move);
}

static struct gw_report *
real_report(struct gw_report *report)
{
    return gw_container(report, struct gw_ports_view, report)->real->report;
}

static void
phase(struct gw_report *report, const char *name)
{
    real_report(report)->ops->phase(real_report(report), name);
}

static void
iteration(struct gw_report *report, const struct gw_iteration *pass)
{
    real_report(report)->ops->iteration(real_report(report), pass);
}

static void
observe(struct gw_report *report, enum gw_observation what, int64_t value)
{
    real_report(report)->ops->observe(real_report(report), what, value);
}

static void
range(struct gw_report *report, const struct gw_range *copied)
{
    real_report(report)->ops->range(real_report(report), copied);
}

static void
finish(struct gw_report *report, enum gw_outcome outcome, const char *reason)
{
    struct gw_ports_view *view = gw_container(report, struct gw_ports_view, report);

    view->finished(view->owner, outcome, reason);
}

static const struct gw_report_ops report_ops = {phase, iteration, observe, range, finish};

void
gw_ports_view_init(struct gw_ports_view *view, const struct gw_ports *real)
{
    *view = (struct gw_ports_view){.ports = *real, .real = real, .common = *real->common};
    view->report.ops = &report_ops;
    view->ports.report = &view->report;
    view->ports.common = &view->common;
    view->ports.payload_create = payload_create;
    view->ports.payload_destroy = payload_destroy;
    view->ports.payload_copy = payload_copy;
}
