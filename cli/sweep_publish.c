/* sweep_publish.c - a shard's database, copied again and again to where the merge will look.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/sweep_publish.h"
#include "cli/damage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/wall_clock.h"

enum { COPY_BYTES = 1 << 16 };

static int64_t
now_s(void)
{
    return gw_wall_clock_ns() / 1000000000;
}

static char *
join(const char *first, const char *second)
{
    struct gw_text text = {0};

    gw_text_add(&text, first);
    gw_text_add(&text, second);
    return gw_text_take(&text);
}

bool
gw_publish_begin(struct gw_publisher *publisher, const struct gw_sweep_task *task,
                 const char *database, struct gw_error *err)
{
    char name[64];

    if (task->shard.count == 0) {
        return true;
    }
    if (mkdir(task->options->out, 0777) != 0 && errno != EEXIST) {
        return gw_fail(err, GW_EIO, "--out '%s' cannot be made: %s", task->options->out,
                       strerror(errno));
    }
    snprintf(name, sizeof name, "/shard-%llu.db", (unsigned long long)task->shard.index);
    publisher->target = join(task->options->out, name);
    publisher->part = publisher->target == NULL ? NULL : join(publisher->target, ".part");
    publisher->local = join(database, ".publish");
    publisher->scratch = task->options->database == NULL ? strdup(database) : NULL;
    publisher->period_s = task->options->publish_s;
    publisher->next_s = now_s() + publisher->period_s;
    return (publisher->target != NULL && publisher->part != NULL && publisher->local != NULL) ||
           gw_fail(err, GW_ENOMEM, "out of memory");
}

static bool
copy_bytes(FILE *from, FILE *to)
{
    static char bytes[COPY_BYTES];
    size_t got;

    while ((got = fread(bytes, 1, sizeof bytes, from)) > 0) {
        if (fwrite(bytes, 1, got, to) != got) {
            return false;
        }
    }
    return ferror(from) == 0;
}

static bool
copy_file(const char *source, const char *target, struct gw_error *err)
{
    FILE *from = fopen(source, "rb");
    FILE *to = from == NULL ? NULL : fopen(target, "wb");
    bool fine = to != NULL && copy_bytes(from, to);

    if (to != NULL) {
        fine = fclose(to) == 0 && fine;
    }
    if (!fine) {
        gw_fail(err, GW_EIO, "%s cannot be written: %s", target, strerror(errno));
    }
    if (from != NULL) {
        fclose(from);
    }
    return fine;
}

/* From a copy: what was published may be on a network file system, where SQLite must not work. */
static bool
merge_copy(struct gw_publisher *publisher, struct gw_store *store, struct gw_error *err)
{
    struct gw_store *copy = NULL;

    gw_store_discard(publisher->local); /* a log that a stop left would be taken for this copy's */
    bool fine = copy_file(publisher->target, publisher->local, err) &&
                (copy = gw_store_open(publisher->local, true, err)) != NULL && gw_mend(copy, err);

    gw_store_close(copy);
    fine = fine && gw_store_merge(store, publisher->local, err);
    gw_store_discard(publisher->local);
    return fine;
}

bool
gw_publish_restore(struct gw_publisher *publisher, struct gw_store *store, struct gw_error *err)
{
    return publisher->target == NULL || access(publisher->target, F_OK) != 0 ||
           merge_copy(publisher, store, err);
}

bool
gw_publish_now(struct gw_publisher *publisher, struct gw_store *store, struct gw_error *err)
{
    if (publisher->target == NULL) {
        return true;
    }
    publisher->complete = gw_store_copy(store, publisher->local, err) &&
                          copy_file(publisher->local, publisher->part, err) &&
                          gw_store_publish(publisher->part, publisher->target, err);
    gw_store_discard(publisher->local);
    publisher->next_s = now_s() + publisher->period_s;
    return publisher->complete;
}

bool
gw_publish_when_due(struct gw_publisher *publisher, struct gw_store *store, struct gw_error *err)
{
    return publisher->target == NULL || now_s() < publisher->next_s ||
           gw_publish_now(publisher, store, err);
}

void
gw_publish_end(struct gw_publisher *publisher)
{
    if (publisher->scratch != NULL && publisher->complete) {
        remove(publisher->scratch);
    }
    free(publisher->target);
    free(publisher->part);
    free(publisher->local);
    free(publisher->scratch);
    *publisher = (struct gw_publisher){0};
}
