/* process_pool.c - tasks done by worker processes, so that the crash of one costs one task.
 *
 * Idea      A worker reads task numbers from a pipe and writes replies, each with its length
 *           first, to another. The caller polls, hands replies on in order, and forks a new worker
 *           for one that died. Tasks are handed out in order and at most a window ahead of the one
 *           that is due, so memory is bounded.
 *           Who sent a SIGKILL is not told, so the kernel's count of its own, for want of memory,
 *           is compared with that of the beginning: a hint, as it is of the whole machine.
 * Invariant Workers do not outlive the caller, and leave Ctrl-C to it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/process_pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/quantity.h"
#include "cli/wall_clock.h"

enum { WAIT_MS = 100, CHUNK_BYTES = 1 << 16, LAST_WORDS_BYTES = 500 };

struct worker {
    pid_t pid; /* 0: none */
    int tasks; /* to it */
    int replies;
    FILE *words; /* its stderr */
    size_t task;
    bool busy;
    bool late;            /* it was killed for its time */
    int64_t started_ns;   /* the task */
    struct gw_text reply; /* as far as it has come */
};

struct slot {
    char *bytes;
    size_t length;
    char *death;
    bool done;
};

struct crew {
    const struct gw_pool *pool;
    struct worker *workers;
    size_t worker_count;
    struct slot *slots; /* a ring of pool->window */
    size_t next;        /* to be handed out */
    size_t due;         /* to be handed on */
    bool stop;          /* hand out no more */
    bool failed;        /* on_reply refused */
    int64_t kills;      /* for want of memory, before this crew */
};

/* 0 where the kernel does not count. */
static int64_t
count_kills(const struct gw_pool *pool)
{
    FILE *file = fopen(pool->kills == NULL ? "/proc/vmstat" : pool->kills, "r");
    char line[128];
    int64_t count = 0;

    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "oom_kill ", 9) == 0) {
            count = strtoll(line + 9, NULL, 10);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return count;
}

/* ---- in the worker ------------------------------------------------------------------------------ */

static bool
write_all(int file, const void *bytes, size_t length)
{
    const char *at = bytes;

    while (length > 0) {
        ssize_t written = write(file, at, length);

        if (written < 0 && errno != EINTR) {
            return false;
        }
        at += written > 0 ? written : 0;
        length -= written > 0 ? (size_t)written : 0;
    }
    return true;
}

/* Pipes are written in one piece up to PIPE_BUF, so a task comes whole. */
static bool
read_task(int file, size_t *task)
{
    ssize_t got;

    do {
        got = read(file, task, sizeof *task);
    } while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof *task;
}

static _Noreturn void
work_on(const struct gw_pool *pool, int tasks, int replies)
{
    size_t task;

    while (read_task(tasks, &task)) {
        struct gw_text reply = {0};

        pool->work(pool->self, task, &reply);
        if (reply.failed || !write_all(replies, &reply.length, sizeof reply.length) ||
            !write_all(replies, reply.bytes, reply.length)) {
            fputs("out of memory for a reply, or nobody reads it\n", stderr);
            _exit(1);
        }
        gw_text_clear(&reply);
    }
    _exit(0);
}

/* What belongs to the caller: its signals, and the pipes of the other workers, which would keep
 * those alive. */
static void
become_worker(const struct crew *crew, pid_t caller, FILE *words)
{
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != caller) {
        _exit(1);
    }
    dup2(fileno(words), STDERR_FILENO);
    for (size_t i = 0; i < crew->worker_count; i++) {
        if (crew->workers[i].pid != 0) {
            close(crew->workers[i].tasks);
            close(crew->workers[i].replies);
        }
    }
}

/* ---- workers come and go ------------------------------------------------------------------------- */

static bool
fork_worker(struct crew *crew, struct worker *worker, FILE *words)
{
    pid_t caller = getpid();
    int tasks[2];
    int replies[2];

    if (pipe(tasks) != 0) {
        return false;
    }
    if (pipe(replies) != 0) {
        close(tasks[0]);
        close(tasks[1]);
        return false;
    }
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        become_worker(crew, caller, words);
        close(tasks[1]);
        close(replies[0]);
        work_on(crew->pool, tasks[0], replies[1]);
    }
    close(tasks[0]);
    close(replies[1]);
    if (pid < 0) {
        close(tasks[1]);
        close(replies[0]);
        return false;
    }
    *worker = (struct worker){.pid = pid, .tasks = tasks[1], .replies = replies[0], .words = words};
    return true;
}

static void
start_worker(struct crew *crew, struct worker *worker)
{
    FILE *words = tmpfile();

    if (words != NULL && !fork_worker(crew, worker, words)) {
        fclose(words);
    }
}

/* The last line that the worker wrote to stderr, or "". */
static void
last_words(const struct worker *worker, char out[LAST_WORDS_BYTES])
{
    off_t end = lseek(fileno(worker->words), 0, SEEK_END);
    off_t from = end > LAST_WORDS_BYTES - 1 ? end - (LAST_WORDS_BYTES - 1) : 0;
    ssize_t got = pread(fileno(worker->words), out, LAST_WORDS_BYTES - 1, from);
    char *line;

    out[got > 0 ? got : 0] = '\0';
    for (size_t length = strlen(out); length > 0 && out[length - 1] == '\n'; length--) {
        out[length - 1] = '\0';
    }
    line = strrchr(out, '\n');
    if (line != NULL) {
        memmove(out, line + 1, strlen(line));
    }
}

static void
describe_signal(const struct crew *crew, int number, struct gw_text *text)
{
    gw_text_format(text, "killed by signal %d (%s)", number, strsignal(number));
    if (number == SIGKILL && count_kills(crew->pool) > crew->kills) {
        gw_text_add(text, ", probably by the kernel, which ran out of memory: try fewer jobs (-j)");
    }
}

static char *
describe_death(const struct crew *crew, const struct worker *worker, int status)
{
    union gw_quantity allowed = {.whole = crew->pool->timeout_ns};
    struct gw_text text = {0};
    char words[LAST_WORDS_BYTES];
    char time[GW_QUANTITY_TEXT_MAX];

    last_words(worker, words);
    if (worker->late) {
        gw_quantity_format(GW_SETTING_TIME, allowed, GW_QUANTITY_SHOWN, time);
        gw_text_format(&text, "killed after more than %s of wall time", time);
    } else if (WIFSIGNALED(status)) {
        describe_signal(crew, WTERMSIG(status), &text);
    } else {
        gw_text_format(&text, "ended with exit status %d", WEXITSTATUS(status));
    }
    if (words[0] != '\0') {
        gw_text_format(&text, ": %s", words);
    }
    return gw_text_take(&text);
}

/* Waits for its end; returns the wait status. */
static int
end_worker(struct worker *worker)
{
    int status = 0;

    close(worker->tasks);
    close(worker->replies);
    while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR) {
    }
    gw_text_clear(&worker->reply);
    worker->pid = 0;
    return status;
}

/* ---- tasks out, replies in ------------------------------------------------------------------------ */

static struct slot *
slot_of(const struct crew *crew, size_t task)
{
    return &crew->slots[task % crew->pool->window];
}

static void
worker_died(struct crew *crew, struct worker *worker)
{
    int status = end_worker(worker);

    if (worker->busy) {
        struct slot *slot = slot_of(crew, worker->task);

        slot->death = describe_death(crew, worker, status);
        slot->done = true;
    }
    fclose(worker->words);
    *worker = (struct worker){0};
}

static void
take_reply(struct crew *crew, struct worker *worker)
{
    struct slot *slot = slot_of(crew, worker->task);
    size_t length = worker->reply.length - sizeof length;

    slot->bytes = malloc(length + 1);
    if (slot->bytes != NULL) {
        memcpy(slot->bytes, worker->reply.bytes + sizeof length, length);
    }
    slot->length = length;
    slot->done = true;
    worker->busy = false;
    worker->reply.length = 0;
}

static void
read_reply(struct crew *crew, struct worker *worker)
{
    static char chunk[CHUNK_BYTES];
    size_t length = 0;
    ssize_t got = read(worker->replies, chunk, sizeof chunk);

    if (got < 0 && errno == EINTR) {
        return;
    }
    if (got <= 0) {
        worker_died(crew, worker);
        return;
    }
    gw_text_add_bytes(&worker->reply, chunk, (size_t)got);
    if (worker->reply.failed) {
        kill(worker->pid, SIGKILL);
        worker_died(crew, worker);
        return;
    }
    if (worker->reply.length >= sizeof length) {
        memcpy(&length, worker->reply.bytes, sizeof length);
    }
    if (worker->reply.length >= sizeof length && worker->reply.length == length + sizeof length) {
        take_reply(crew, worker);
    }
}

static void
hand_out(struct crew *crew)
{
    for (size_t i = 0; i < crew->worker_count && !crew->stop; i++) {
        struct worker *worker = &crew->workers[i];

        if (crew->next >= crew->pool->tasks || crew->next >= crew->due + crew->pool->window) {
            return;
        }
        if (worker->pid == 0) {
            start_worker(crew, worker);
        }
        if (worker->pid != 0 && !worker->busy && !worker->late) {
            worker->task = crew->next++;
            worker->busy = true;
            worker->started_ns = gw_wall_clock_ns();
            write_all(worker->tasks, &worker->task, sizeof worker->task);
        }
    }
}

static void
hand_on(struct crew *crew)
{
    while (crew->due < crew->next && slot_of(crew, crew->due)->done && !crew->failed) {
        struct slot *slot = slot_of(crew, crew->due);
        struct gw_pool_reply reply = {slot->bytes, slot->length, slot->death};

        if (slot->bytes == NULL && slot->death == NULL) {
            reply.death = "its reply did not fit into memory";
        }
        crew->failed = !crew->pool->on_reply(crew->pool->self, crew->due, &reply);
        free(slot->bytes);
        free(slot->death);
        *slot = (struct slot){0};
        crew->due++;
    }
}

static size_t
busy_count(const struct crew *crew)
{
    size_t count = 0;

    for (size_t i = 0; i < crew->worker_count; i++) {
        count += crew->workers[i].busy ? 1 : 0;
    }
    return count;
}

static void
wait_for_replies(struct crew *crew, struct pollfd *files)
{
    for (size_t i = 0; i < crew->worker_count; i++) {
        files[i] = (struct pollfd){.fd = crew->workers[i].pid == 0 ? -1 : crew->workers[i].replies,
                                   .events = POLLIN};
    }
    if (poll(files, crew->worker_count, WAIT_MS) <= 0) {
        return;
    }
    for (size_t i = 0; i < crew->worker_count; i++) {
        if (files[i].revents != 0) {
            read_reply(crew, &crew->workers[i]);
        }
    }
}

/* The ends of their pipes then tell. */
static void
kill_late(struct crew *crew)
{
    int64_t now = crew->pool->timeout_ns > 0 ? gw_wall_clock_ns() : 0;

    for (size_t i = 0; i < crew->worker_count && crew->pool->timeout_ns > 0; i++) {
        struct worker *worker = &crew->workers[i];

        if (worker->busy && !worker->late && now - worker->started_ns > crew->pool->timeout_ns) {
            worker->late = true;
            kill(worker->pid, SIGKILL);
        }
    }
}

/* False: no worker can be had. */
static bool
run(struct crew *crew, struct pollfd *files)
{
    const struct gw_pool *pool = crew->pool;

    while (crew->due < pool->tasks && !crew->failed) {
        hand_out(crew);
        if (busy_count(crew) == 0 && crew->due == crew->next) {
            return crew->stop;
        }
        wait_for_replies(crew, files);
        kill_late(crew);
        hand_on(crew);
        if (pool->on_wait != NULL && pool->on_wait(pool->self, crew->due)) {
            crew->stop = true;
        }
    }
    return true;
}

static void
disband(struct crew *crew)
{
    for (size_t i = 0; i < crew->worker_count; i++) {
        struct worker *worker = &crew->workers[i];

        if (worker->pid != 0) {
            kill(worker->pid, SIGKILL);
            end_worker(worker);
            fclose(worker->words);
        }
    }
    for (size_t i = 0; i < crew->pool->window; i++) {
        free(crew->slots[i].bytes);
        free(crew->slots[i].death);
    }
}

bool
gw_pool_run(const struct gw_pool *pool, struct gw_error *err)
{
    struct crew crew = {.pool = pool, .kills = count_kills(pool)};
    struct pollfd *files = calloc(pool->workers, sizeof *files);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before;
    bool staffed = false;

    crew.worker_count = pool->workers < pool->tasks ? pool->workers : pool->tasks;
    crew.workers = calloc(pool->workers, sizeof *crew.workers);
    crew.slots = calloc(pool->window, sizeof *crew.slots);
    /* A worker that died is found by its pipe, not by a signal. */
    sigaction(SIGPIPE, &ignore, &before);
    if (files != NULL && crew.workers != NULL && crew.slots != NULL) {
        staffed = run(&crew, files);
        disband(&crew);
    }
    sigaction(SIGPIPE, &before, NULL);
    free(files);
    free(crew.workers);
    free(crew.slots);
    if (!staffed) {
        return gw_fail(err, GW_ENOMEM, "no worker process could be started");
    }
    return (crew.due == pool->tasks && !crew.failed) || gw_fail(err, GW_ECANCELED, "stopped");
}
