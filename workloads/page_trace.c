/* page_trace.c - reads recorded page writes.
 *
 * Idea      All lines are read at the start, so that a damaged trace stops the run before it
 *           begins. Times become whole nanoseconds digit by digit, without rounding.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "workloads/page_trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 256, DECIMALS = 6, FIRST_ALLOCATION = 1024 };

static const int64_t NS_PER_MS = 1000000;
static const int64_t TIME_MOST_NS = INT64_MAX / 4;

static bool
is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* Reads digits at *at, which it moves on; false: none, or above `most`. */
static bool
read_whole(const char **at, int64_t most, int64_t *out)
{
    int64_t value = 0;

    if (!is_digit(**at)) {
        return false;
    }
    for (; is_digit(**at); (*at)++) {
        value = value * 10 + (**at - '0');
        if (value > most) {
            return false;
        }
    }
    *out = value;
    return true;
}

static bool
read_time(const char **at, int64_t *out_ns)
{
    int64_t whole_ms;
    int64_t unit_ns = NS_PER_MS / 10;

    if (!read_whole(at, TIME_MOST_NS / NS_PER_MS - 1, &whole_ms)) {
        return false;
    }
    *out_ns = whole_ms * NS_PER_MS;
    if (**at != '.') {
        return true;
    }
    (*at)++;
    if (!is_digit(**at)) {
        return false;
    }
    for (; is_digit(**at); (*at)++, unit_ns /= 10) {
        if (unit_ns == 0) {
            return false;
        }
        *out_ns += (**at - '0') * unit_ns;
    }
    return true;
}

static bool
is_line_end(const char *at)
{
    at += *at == '\r';
    at += *at == '\n';
    return *at == '\0';
}

static bool
append(struct gw_page_trace *trace, int64_t at_ns, uint32_t page, struct gw_error *err)
{
    if (trace->count == trace->allocated) {
        size_t allocated = trace->allocated > 0 ? trace->allocated * 2 : FIRST_ALLOCATION;
        int64_t *times = realloc(trace->at_ns, allocated * sizeof *times);

        trace->at_ns = times != NULL ? times : trace->at_ns;
        uint32_t *pages = realloc(trace->page, allocated * sizeof *pages);

        trace->page = pages != NULL ? pages : trace->page;
        if (times == NULL || pages == NULL) {
            return gw_fail(err, GW_ENOMEM, "no memory for %zu lines of a trace", allocated);
        }
        trace->allocated = allocated;
    }
    trace->at_ns[trace->count] = at_ns;
    trace->page[trace->count] = page;
    trace->count++;
    return true;
}

static bool
take_line(struct gw_page_trace *trace, const char *line, uint32_t page_count, struct gw_error *err)
{
    const char *at = line;
    int64_t at_ns;
    int64_t page;

    if (line[0] == '#' || is_line_end(line)) {
        return true;
    }
    if (!read_time(&at, &at_ns) || *at != ',') {
        return gw_fail(err, GW_EIO, "'%.*s': must be 'time_ms,page', time with at most %d decimals",
                       (int)strcspn(line, "\r\n"), line, DECIMALS);
    }
    at++;
    if (!read_whole(&at, INT64_MAX / 16, &page) || !is_line_end(at)) {
        return gw_fail(err, GW_EIO, "'%.*s': must be 'time_ms,page', page a whole number",
                       (int)strcspn(line, "\r\n"), line);
    }
    if (page >= page_count) {
        return gw_fail(err, GW_EIO, "page %lld: the region has pages 0 to %u", (long long)page,
                       page_count - 1);
    }
    if (trace->count > 0 && at_ns < trace->at_ns[trace->count - 1]) {
        return gw_fail(err, GW_EIO, "time %lld ns is before that of the line above, %lld ns",
                       (long long)at_ns, (long long)trace->at_ns[trace->count - 1]);
    }
    return append(trace, at_ns, (uint32_t)page, err);
}

static bool
take_lines(struct gw_page_trace *trace, FILE *file, const char *path, uint32_t page_count,
           struct gw_error *err)
{
    char line[LINE_MAX_BYTES];
    long long number = 0;

    while (fgets(line, sizeof line, file) != NULL) {
        number++;
        if (strchr(line, '\n') == NULL && !feof(file)) {
            return gw_fail(err, GW_EIO, "%s:%lld: line of more than %d bytes", path, number,
                           LINE_MAX_BYTES - 2);
        }
        if (!take_line(trace, line, page_count, err)) {
            return gw_fail_within(err, "%s:%lld", path, number);
        }
    }
    if (ferror(file)) {
        return gw_fail(err, GW_EIO, "%s: %s", path, strerror(errno));
    }
    return trace->count > 0 || gw_fail(err, GW_EIO, "%s: no page write in it", path);
}

bool
gw_page_trace_load(struct gw_page_trace *trace, const char *path, uint32_t page_count,
                   struct gw_error *err)
{
    FILE *file = fopen(path, "r");

    memset(trace, 0, sizeof *trace);
    if (file == NULL) {
        return gw_fail(err, errno == ENOENT ? GW_ENOENT : GW_EIO, "%s: %s", path, strerror(errno));
    }
    bool ok = take_lines(trace, file, path, page_count, err);

    fclose(file);
    if (!ok) {
        gw_page_trace_destroy(trace);
    }
    return ok;
}

void
gw_page_trace_destroy(struct gw_page_trace *trace)
{
    free(trace->at_ns);
    free(trace->page);
    memset(trace, 0, sizeof *trace);
}
