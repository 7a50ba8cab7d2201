/* study.c - runs many replications of many scenarios on some threads; results in fixed order.
 *
 * Worlds share nothing, so a job gives the same bytes on any thread. Workers take jobs in order;
 * the calling thread hands finished ones on in order.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/study.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/memory_world.h"
#include "sim/world.h"

enum { WAIT_NS = 100000000, SECOND_NS = 1000000000 };

struct crew {
    struct gw_study *study;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t next;
    size_t done;
    bool stop;
};

static bool
label(struct gw_result *result, const struct gw_variation *variation)
{
    size_t count = variation == NULL ? 0 : variation->count + variation->labels;

    if (count == 0) {
        return true;
    }
    result->parameter_names = calloc(count, sizeof(char *));
    result->parameter_values = calloc(count, sizeof(char *));
    if (result->parameter_names == NULL || result->parameter_values == NULL) {
        return false;
    }
    result->parameter_count = count;
    for (size_t i = 0; i < count; i++) {
        result->parameter_names[i] = strdup(variation->names[i]);
        result->parameter_values[i] = strdup(variation->values[i]);
        if (result->parameter_names[i] == NULL || result->parameter_values[i] == NULL) {
            return false;
        }
    }
    return true;
}

/* The result moves into the job. */
static bool
take_result(struct gw_job *job, struct gw_result *result)
{
    job->results[job->result_count++] = *result;
    gw_result_init(result);
    return label(&job->results[job->result_count - 1], job->variation) ||
           gw_fail(&job->error, GW_ENOMEM, "out of memory for results");
}

/* Moves the results out of a world that has run. */
static bool
take_results(struct gw_job *job, struct gw_world *world)
{
    size_t count = 0;

    while (gw_world_result(world, count) != NULL) {
        count++;
    }
    job->results = calloc(count + 1, sizeof *job->results);
    if (job->results == NULL) {
        return gw_fail(&job->error, GW_ENOMEM, "out of memory for results");
    }
    for (size_t i = 0; i < count; i++) {
        if (!take_result(job, gw_world_result(world, i))) {
            return false;
        }
    }
    return true;
}

static double
seconds_since(const struct timespec *start)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - start->tv_sec) +
           (double)(now.tv_nsec - start->tv_nsec) / (double)SECOND_NS;
}

static bool
run_disk_job(struct gw_job *job)
{
    struct gw_world *world = gw_world_create(job->scenario, job->replication, &job->error);
    bool fine = world != NULL && gw_world_run(world, &job->error) && take_results(job, world);

    gw_world_destroy(world);
    return fine;
}

static bool
run_memory_job(struct gw_job *job)
{
    struct gw_memory_world *world =
        gw_memory_world_create(job->scenario, job->replication, &job->error);
    bool fine = world != NULL && gw_memory_world_run(world, &job->error);

    if (fine) {
        job->results = calloc(1, sizeof *job->results);
        fine = job->results != NULL ? take_result(job, &world->result)
                                    : gw_fail(&job->error, GW_ENOMEM, "out of memory for results");
    }
    gw_memory_world_destroy(world);
    return fine;
}

void
gw_job_run(struct gw_job *job)
{
    struct timespec start;

    clock_gettime(CLOCK_MONOTONIC, &start);
    if ((job->scenario->memory != NULL ? run_memory_job : run_disk_job)(job)) {
        for (size_t i = 0; i < job->result_count; i++) {
            job->results[i].wall_s = seconds_since(&start);
        }
    }
}

static void *
work(void *argument)
{
    struct crew *crew = argument;

    pthread_mutex_lock(&crew->lock);
    while (!crew->stop && crew->next < crew->study->count) {
        struct gw_job *job = &crew->study->jobs[crew->next++];

        pthread_mutex_unlock(&crew->lock);
        gw_job_run(job);
        pthread_mutex_lock(&crew->lock);
        job->done = true;
        crew->done++;
        pthread_cond_broadcast(&crew->changed);
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

static void
wait_a_little(struct crew *crew)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += WAIT_NS;
    if (until.tv_nsec >= SECOND_NS) {
        until.tv_sec++;
        until.tv_nsec -= SECOND_NS;
    }
    pthread_cond_timedwait(&crew->changed, &crew->lock, &until);
}

/* Hands on finished jobs in order until all are, or somebody wants to stop. */
static void
hand_on(struct crew *crew)
{
    struct gw_study *study = crew->study;
    size_t handed = 0;

    pthread_mutex_lock(&crew->lock);
    while (handed < study->count && !crew->stop) {
        bool go_on = true;

        if (!study->jobs[handed].done) {
            wait_a_little(crew);
        }
        if (study->jobs[handed].done) {
            struct gw_job *job = &study->jobs[handed++];

            pthread_mutex_unlock(&crew->lock);
            go_on = study->on_done == NULL || study->on_done(study->self, job);
            pthread_mutex_lock(&crew->lock);
        }
        if (!go_on || (study->on_wait != NULL && study->on_wait(study->self, crew->done))) {
            crew->stop = true;
        }
    }
    pthread_mutex_unlock(&crew->lock);
}

bool
gw_study_run(struct gw_study *study, struct gw_error *err)
{
    struct crew crew = {.study = study};
    pthread_t *threads = calloc(study->threads, sizeof *threads);
    size_t started = 0;
    bool stopped;

    pthread_mutex_init(&crew.lock, NULL);
    pthread_cond_init(&crew.changed, NULL);
    while (threads != NULL && started < study->threads &&
           pthread_create(&threads[started], NULL, work, &crew) == 0) {
        started++;
    }
    if (started > 0) {
        hand_on(&crew);
    }
    stopped = crew.stop;
    for (size_t i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
    }
    pthread_cond_destroy(&crew.changed);
    pthread_mutex_destroy(&crew.lock);
    free(threads);
    if (started == 0) {
        return gw_fail(err, GW_ENOMEM, "no thread could be started");
    }
    return !stopped || gw_fail(err, GW_ECANCELED, "stopped");
}

void
gw_job_clear(struct gw_job *job)
{
    for (size_t i = 0; i < job->result_count; i++) {
        gw_result_clear(&job->results[i]);
    }
    free(job->results);
    job->results = NULL;
    job->result_count = 0;
}
