/* gnuplot.c - the one file that runs gnuplot.
 *
 * Idea      gnuplot starts inside the figure's directory, so that the script names only its own
 *           files and a user can run it again by hand. No shell stands in between, and -d keeps
 *           the user's own start-up files out of the picture.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* posix_spawn_file_actions_addchdir_np */
#endif

#include "results/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "results/figure.h"

extern char **environ;

/* Keeps the beginning of what comes through the pipe, reads the rest so that nobody blocks. */
static void
read_complaint(int descriptor, char *complaint, size_t size)
{
    size_t used = 0;
    char chunk[512];

    for (;;) {
        ssize_t got = read(descriptor, chunk, sizeof chunk);
        if (got == 0 || (got < 0 && errno != EINTR)) {
            break;
        }
        for (ssize_t i = 0; i < got && used + 1 < size; i++) {
            complaint[used++] = chunk[i];
        }
    }
    complaint[used] = '\0';
}

/* gnuplot draws the faulty line and a caret first; the sentence is the line with "line N:". */
static const char *
complaint_line(char *complaint)
{
    char *rest = NULL;
    const char *best = "no message";

    for (char *line = strtok_r(complaint, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        bool warns = strstr(line, "warning") != NULL;
        best = warns || strspn(line, " \t^") == strlen(line) ? best : line;
        if (!warns && strstr(line, "line ") != NULL) {
            return line;
        }
    }
    return best;
}

static int
spawn_gnuplot(const char *directory, char *const *arguments, const int pipe_ends[2], pid_t *child)
{
    posix_spawn_file_actions_t actions;
    int status = posix_spawn_file_actions_init(&actions);

    if (status != 0) {
        return status;
    }
    posix_spawn_file_actions_addchdir_np(&actions, directory);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDERR_FILENO);
    status = posix_spawnp(child, "gnuplot", &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return status;
}

static bool
wait_for(pid_t child, int *status)
{
    while (waitpid(child, status, 0) < 0) {
        if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

static bool
draw(const char *directory, const char *name, const char *format, struct gw_error *err)
{
    char choice[32];
    char script[256];
    char program[] = "gnuplot";
    char no_defaults[] = "-d";
    char execute[] = "-e";
    char complaint[2048];
    int pipe_ends[2];
    int status = 0;
    pid_t child;

    snprintf(choice, sizeof choice, "format='%s'", format);
    snprintf(script, sizeof script, "%s.gp", name);
    char *arguments[] = {program, no_defaults, execute, choice, script, NULL};
    if (pipe2(pipe_ends, O_CLOEXEC) != 0) {
        return gw_fail(err, GW_EIO, "figure %s: %s", name, strerror(errno));
    }
    int failed = spawn_gnuplot(directory, arguments, pipe_ends, &child);
    close(pipe_ends[1]);
    if (failed != 0) {
        close(pipe_ends[0]);
        return gw_fail(err, GW_EIO,
                       "cannot run gnuplot (%s): install gnuplot-nox; script and data are in"
                       " %s/%s.gp and .tsv",
                       strerror(failed), directory, name);
    }
    read_complaint(pipe_ends[0], complaint, sizeof complaint);
    close(pipe_ends[0]);
    if (!wait_for(child, &status) || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return gw_fail(err, GW_EIO, "gnuplot failed on %s/%s.gp: %s", directory, name,
                       complaint_line(complaint));
    }
    return true;
}

bool
gw_gnuplot_run(const char *directory, const char *name, unsigned formats, struct gw_error *err)
{
    static const struct {
        enum gw_figure_format format;
        const char *word;
    } rows[] = {{GW_FIGURE_SVG, "svg"},
                {GW_FIGURE_PNG, "png"},
                {GW_FIGURE_PDF, "pdf"},
                {GW_FIGURE_DUMB, "dumb"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if ((formats & (unsigned)rows[i].format) != 0 &&
            !draw(directory, name, rows[i].word, err)) {
            return false;
        }
    }
    return true;
}
