/* progress.c - how far a long work is, on a terminal's stderr; and Ctrl-C.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/progress.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/wall_clock.h"

static const int64_t REDRAW_NS = 200000000;

static volatile sig_atomic_t caught;

void
gw_progress_begin(struct gw_progress_line *line, size_t total)
{
    *line = (struct gw_progress_line){
        .total = total, .started_ns = gw_wall_clock_ns(), .terminal = isatty(STDERR_FILENO) != 0};
}

void
gw_progress_show(struct gw_progress_line *line, size_t done)
{
    int64_t now = gw_wall_clock_ns();
    double seconds = (double)(now - line->started_ns) * 1e-9;
    double rate = seconds > 0 ? (double)done / seconds : 0;

    if (!line->terminal || now - line->shown_ns < REDRAW_NS) {
        return;
    }
    line->shown_ns = now;
    fprintf(stderr, "\r%zu/%zu runs, %.1f/s", done, line->total, rate);
    if (done > 0) {
        fprintf(stderr, ", %.0f s left ", (double)(line->total - done) / rate);
    }
    if (line->failed > 0) {
        fprintf(stderr, ", %zu failed ", line->failed);
    }
    fputs("\033[K", stderr);
    fflush(stderr);
}

void
gw_progress_end(struct gw_progress_line *line)
{
    if (line->terminal && line->shown_ns != 0) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
}

static void
remember(int number)
{
    caught = number;
}

void
gw_interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = remember, .sa_flags = (int)SA_RESETHAND};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int
gw_interrupted(void)
{
    return (int)caught;
}
