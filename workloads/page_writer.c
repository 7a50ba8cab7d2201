/* page_writer.c - which pages of a region are written.
 *
 * Idea      A table of two functions a pattern. In bulk, a pattern is a sum of ranges written
 *           uniformly (page_spread.h), shared out by binomial draws; sequential is arithmetic.
 *           Few writes for many pages are drawn one by one in count, too: a sweep over all pages
 *           would cost more.
 * Invariant counts[] is all 0 between calls.
 * Cost      8 bytes a page with Zipf, 4 with other random patterns.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "workloads/page_writer.h"

#include <stdlib.h>
#include <string.h>

#include "workloads/page_trace.h"
#include "workloads/page_zipf.h"

enum {
    SPARSE_SHIFT = 1,      /* uniform: fewer than width / 2 writes are drawn one by one */
    ZIPF_SPARSE_SHIFT = 2, /* Zipf: fewer than a quarter of the pages */
    ZIPF_SPARSE_WRITES = 4096
};

struct gw_page_writer {
    const struct gw_region_settings *settings;
    const struct pattern *pattern;
    uint32_t page_count;
    uint32_t hot_pages; /* hot only: 1 .. page_count */
    uint64_t hot_below; /* a 32-bit draw below goes to the hot range */
    uint32_t cursor;    /* sequential: the next page */
    uint32_t shift;     /* where page 0 of the pattern lies in this phase */
    int64_t phase;
    struct gw_stream stream;
    struct gw_page_spread spread;
    struct gw_page_zipf *zipf; /* Zipf only, owned */
    uint32_t *counts;          /* random patterns, owned */
    uint32_t *place;           /* Zipf: page of each rank, owned */
    struct gw_page_trace trace;
    size_t next_line;
};

struct pattern {
    void (*draw)(struct gw_page_writer *writer, uint32_t n, uint32_t *pages);
    uint32_t (*count)(struct gw_page_writer *writer, uint32_t n, struct gw_page_count *out);
    bool is_random;
    bool has_phases;
};

static inline uint32_t
shifted(const struct gw_page_writer *writer, uint32_t page)
{
    uint32_t room = writer->page_count - writer->shift;

    return page < room ? page + writer->shift : page - room;
}

/* Hands over the counts of n writes in `width` pages of the pattern and clears them. Without a
 * branch: an entry for a page without writes is written over, and the last one has some. */
static uint32_t
sweep(struct gw_page_writer *writer, uint32_t first, uint32_t width, uint32_t n,
      struct gw_page_count *out)
{
    uint32_t *counts = writer->counts;
    const uint32_t *place = writer->place;
    uint32_t found = 0;

    for (uint32_t i = 0; n > 0; i++) {
        uint32_t page = place != NULL ? place[i] : first + i;

        out[found].page = shifted(writer, page);
        out[found].writes = counts[i];
        found += counts[i] > 0;
        n -= counts[i];
    }
    memset(counts, 0, width * sizeof *counts);
    return found;
}

/* n uniform writes over the pages first .. first + width - 1 of the pattern. */
static uint32_t
count_range(struct gw_page_writer *writer, uint32_t first, uint32_t width, uint32_t n,
            struct gw_page_count *out)
{
    if (n >= width >> SPARSE_SHIFT && n > 0) {
        gw_page_spread_fill(&writer->spread, &writer->stream, n, writer->counts, width);
        return sweep(writer, first, width, n, out);
    }
    for (uint32_t i = 0; i < n; i++) {
        out[i].page = shifted(writer, first + gw_page_below(&writer->stream, width));
        out[i].writes = 1;
    }
    return n;
}

/* ---- uniform ------------------------------------------------------------------------------------ */

static void
uniform_draw(struct gw_page_writer *writer, uint32_t n, uint32_t *pages)
{
    gw_page_spread_draw(&writer->stream, writer->page_count, n, pages);
}

static uint32_t
uniform_count(struct gw_page_writer *writer, uint32_t n, struct gw_page_count *out)
{
    return count_range(writer, 0, writer->page_count, n, out);
}

/* ---- sequential --------------------------------------------------------------------------------- */

static void
sequential_draw(struct gw_page_writer *writer, uint32_t n, uint32_t *pages)
{
    uint32_t page = writer->cursor;

    for (uint32_t i = 0; i < n; i++) {
        pages[i] = page;
        page = page + 1 < writer->page_count ? page + 1 : 0;
    }
    writer->cursor = page;
}

static uint32_t
sequential_count(struct gw_page_writer *writer, uint32_t n, struct gw_page_count *out)
{
    uint32_t rounds = n / writer->page_count;
    uint32_t more = n % writer->page_count;
    uint32_t found = rounds > 0 ? writer->page_count : more;
    uint32_t page = writer->cursor;

    for (uint32_t i = 0; i < found; i++) {
        out[i].page = page;
        out[i].writes = rounds + (i < more);
        page = page + 1 < writer->page_count ? page + 1 : 0;
    }
    writer->cursor = (uint32_t)(((uint64_t)writer->cursor + more) % writer->page_count);
    return found;
}

/* ---- hot ---------------------------------------------------------------------------------------- */

static void
hot_draw(struct gw_page_writer *writer, uint32_t n, uint32_t *pages)
{
    uint32_t hot = writer->hot_pages;
    uint32_t cold = writer->page_count - hot;

    for (uint32_t i = 0; i < n; i++) {
        /* Arithmetic, because a branch on it cannot be foreseen. */
        uint32_t is_cold = gw_stream_u32(&writer->stream) >= writer->hot_below;
        uint32_t into = gw_page_below(&writer->stream, hot + is_cold * (cold - hot));

        pages[i] = shifted(writer, is_cold * hot + into);
    }
}

static uint32_t
hot_count(struct gw_page_writer *writer, uint32_t n, struct gw_page_count *out)
{
    uint32_t hot = writer->hot_pages;
    double share = (double)writer->hot_below * 0x1p-32;
    uint32_t hot_writes = (uint32_t)gw_binomial(&writer->stream, n, share);
    uint32_t found = count_range(writer, 0, hot, hot_writes, out);

    return found + count_range(writer, hot, writer->page_count - hot, n - hot_writes, out + found);
}

static bool
hot_prepare(struct gw_page_writer *writer, struct gw_error *err)
{
    /* So that 29 % of 100 pages are 29, though 0.29 lies a little below. */
    static const double forgiven = 1e-6;
    const struct gw_region_settings *settings = writer->settings;
    double pages = (double)writer->page_count * settings->hot_pages + forgiven;

    if (!(settings->hot_pages >= 0 && settings->hot_pages <= 1) ||
        !(settings->hot_writes >= 0 && settings->hot_writes <= 1)) {
        return gw_fail(err, GW_EINVAL, "hot_pages %g, hot_writes %g: must be 0 to 1",
                       settings->hot_pages, settings->hot_writes);
    }
    writer->hot_pages = pages >= 1 ? (uint32_t)pages : 1;
    writer->hot_below = (uint64_t)(settings->hot_writes * 0x1p32);
    if (writer->hot_pages >= writer->page_count) {
        writer->hot_pages = writer->page_count;
        writer->hot_below = (uint64_t)1 << 32;
    }
    return true;
}

/* ---- Zipf --------------------------------------------------------------------------------------- */

static inline uint32_t
zipf_page(struct gw_page_writer *writer)
{
    uint64_t rank = gw_zipf_table_draw(&writer->zipf->table, &writer->stream);

    return shifted(writer, writer->place[rank]);
}

static void
zipf_draw(struct gw_page_writer *writer, uint32_t n, uint32_t *pages)
{
    for (uint32_t i = 0; i < n; i++) {
        pages[i] = zipf_page(writer);
    }
}

static uint32_t
zipf_count(struct gw_page_writer *writer, uint32_t n, struct gw_page_count *out)
{
    bool is_sparse = n < writer->page_count >> ZIPF_SPARSE_SHIFT ||
                     (n < ZIPF_SPARSE_WRITES && n <= writer->page_count);

    if (!is_sparse) {
        gw_page_zipf_fill(writer->zipf, &writer->spread, &writer->stream, n, writer->counts);
        return sweep(writer, 0, writer->page_count, n, out);
    }
    for (uint32_t i = 0; i < n; i++) {
        out[i].page = zipf_page(writer);
        out[i].writes = 1;
    }
    return n;
}

/* Places the ranks by a random permutation from a stream of its own. */
static void
place_ranks(struct gw_page_writer *writer, const struct gw_page_writer_key *key)
{
    struct gw_stream stream;

    gw_stream_open(&stream, key->seed, key->replication, "memory.ranks",
                   key->object << 32 | key->region);
    for (uint32_t i = 0; i < writer->page_count; i++) {
        uint32_t other = gw_page_below(&stream, i + 1);

        writer->place[i] = writer->place[other];
        writer->place[other] = i;
    }
}

static bool
zipf_prepare(struct gw_page_writer *writer, const struct gw_page_writer_key *key,
             struct gw_error *err)
{
    double exponent = writer->settings->zipf_exponent;

    if (!(exponent >= 0 && exponent <= 100)) {
        return gw_fail(err, GW_EINVAL, "zipf_exponent %g: must be 0 to 100", exponent);
    }
    writer->zipf = malloc(sizeof *writer->zipf);
    writer->place = calloc(writer->page_count, sizeof *writer->place);
    if (writer->zipf == NULL || writer->place == NULL) {
        return gw_fail(err, GW_ENOMEM, "no memory for the ranks of %u pages", writer->page_count);
    }
    place_ranks(writer, key);
    return gw_page_zipf_init(writer->zipf, writer->page_count, exponent, err);
}

/* ---- replay ------------------------------------------------------------------------------------- */

uint32_t
gw_page_writer_replay(struct gw_page_writer *writer, int64_t until_ns, uint32_t *pages,
                      uint32_t room)
{
    const struct gw_page_trace *trace = &writer->trace;
    uint32_t taken = 0;

    while (taken < room && writer->next_line < trace->count &&
           trace->at_ns[writer->next_line] < until_ns) {
        pages[taken++] = trace->page[writer->next_line++];
    }
    return taken;
}

int64_t
gw_page_writer_replay_next_ns(const struct gw_page_writer *writer)
{
    const struct gw_page_trace *trace = &writer->trace;

    return writer->next_line < trace->count ? trace->at_ns[writer->next_line] : INT64_MAX;
}

double
gw_page_writer_replay_rate(const struct gw_page_writer *writer)
{
    const struct gw_page_trace *trace = &writer->trace;
    int64_t last_ns = trace->count > 0 ? trace->at_ns[trace->count - 1] : 0;

    return last_ns > 0 ? (double)trace->count * 1e9 / (double)last_ns : 0;
}

/* ---- the writer --------------------------------------------------------------------------------- */

static const struct pattern patterns[] = {
    [GW_WRITES_UNIFORM] = {uniform_draw, uniform_count, true, false},
    [GW_WRITES_SEQUENTIAL] = {sequential_draw, sequential_count, false, false},
    [GW_WRITES_HOT] = {hot_draw, hot_count, true, true},
    [GW_WRITES_ZIPF] = {zipf_draw, zipf_count, true, true},
    [GW_WRITES_REPLAY] = {NULL, NULL, false, false},
};

static bool
prepare_random(struct gw_page_writer *writer, const struct gw_page_writer_key *key,
               struct gw_error *err)
{
    gw_stream_open(&writer->stream, key->seed, key->replication, "memory.writes",
                   key->object << 32 | key->region);
    writer->counts = calloc(writer->page_count, sizeof *writer->counts);
    if (writer->counts == NULL) {
        return gw_fail(err, GW_ENOMEM, "no memory to count writes of %u pages", writer->page_count);
    }
    if (!gw_page_spread_create(&writer->spread, err)) {
        return false;
    }
    if (writer->settings->writes == GW_WRITES_HOT) {
        return hot_prepare(writer, err);
    }
    return writer->settings->writes != GW_WRITES_ZIPF || zipf_prepare(writer, key, err);
}

static bool
prepare(struct gw_page_writer *writer, const struct gw_page_writer_key *key, struct gw_error *err)
{
    const struct gw_region_settings *settings = writer->settings;

    if (settings->phase_ns < 0 || settings->burst_on_ns < 0 || settings->burst_off_ns < 0) {
        return gw_fail(err, GW_EINVAL, "phase and bursts: must be at least 0s");
    }
    if (settings->writes == GW_WRITES_REPLAY) {
        if (settings->trace == NULL) {
            return gw_fail(err, GW_EINVAL, "writes replay: 'trace' must name a file");
        }
        return gw_page_trace_load(&writer->trace, settings->trace, writer->page_count, err);
    }
    return !writer->pattern->is_random || prepare_random(writer, key, err);
}

struct gw_page_writer *
gw_page_writer_create(const struct gw_region_settings *settings, uint32_t page_count,
                      const struct gw_page_writer_key *key, struct gw_error *err)
{
    struct gw_page_writer *writer = calloc(1, sizeof *writer);

    gw_assert(page_count >= 1 && settings->writes > GW_WRITES_NONE &&
              settings->writes <= GW_WRITES_REPLAY);
    if (writer == NULL) {
        gw_fail(err, GW_ENOMEM, "no memory for the writes of a region");
        return NULL;
    }
    writer->settings = settings;
    writer->pattern = &patterns[settings->writes];
    writer->page_count = page_count;
    if (!prepare(writer, key, err)) {
        gw_page_writer_destroy(writer);
        return NULL;
    }
    return writer;
}

void
gw_page_writer_destroy(struct gw_page_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    gw_page_trace_destroy(&writer->trace);
    gw_page_spread_destroy(&writer->spread);
    free(writer->zipf);
    free(writer->counts);
    free(writer->place);
    free(writer);
}

void
gw_page_writer_seek(struct gw_page_writer *writer, int64_t guest_ns)
{
    int64_t phase_ns = writer->settings->phase_ns;

    gw_assert(guest_ns >= 0);
    if (!writer->pattern->has_phases || phase_ns == 0 || guest_ns / phase_ns == writer->phase) {
        return;
    }
    /* The hot range goes on to the pages behind it; the ranks go so far that successive phases
     * spread over the region. */
    uint64_t golden = (uint64_t)((double)writer->page_count * 0.6180339887498949) | 1;
    uint64_t step = writer->settings->writes == GW_WRITES_HOT ? writer->hot_pages : golden;

    writer->phase = guest_ns / phase_ns;
    writer->shift =
        (uint32_t)((uint64_t)writer->phase % writer->page_count * step % writer->page_count);
}

int64_t
gw_page_writer_phase_end_ns(const struct gw_page_writer *writer)
{
    int64_t phase_ns = writer->settings->phase_ns;

    if (!writer->pattern->has_phases || phase_ns == 0 ||
        writer->phase >= INT64_MAX / phase_ns - 1) {
        return INT64_MAX;
    }
    return (writer->phase + 1) * phase_ns;
}

void
gw_page_writer_draw(struct gw_page_writer *writer, uint32_t n, uint32_t *pages)
{
    gw_assert(writer->pattern->draw != NULL);
    writer->pattern->draw(writer, n, pages);
}

uint32_t
gw_page_writer_count(struct gw_page_writer *writer, uint32_t n, struct gw_page_count *out)
{
    gw_assert(writer->pattern->count != NULL);
    return writer->pattern->count(writer, n, out);
}

/* ---- bursts ------------------------------------------------------------------------------------- */

static int64_t
period_ns(const struct gw_region_settings *settings)
{
    return settings->burst_on_ns + settings->burst_off_ns;
}

/* On-time from 0 to there. */
static int64_t
on_before_ns(const struct gw_region_settings *settings, int64_t guest_ns)
{
    int64_t into_ns = guest_ns % period_ns(settings);
    int64_t whole_ns = guest_ns / period_ns(settings) * settings->burst_on_ns;

    return whole_ns + (into_ns < settings->burst_on_ns ? into_ns : settings->burst_on_ns);
}

bool
gw_page_writer_is_on(const struct gw_region_settings *settings, int64_t guest_ns)
{
    return settings->burst_off_ns == 0 || guest_ns % period_ns(settings) < settings->burst_on_ns;
}

int64_t
gw_page_writer_on_ns(const struct gw_region_settings *settings, int64_t from_ns, int64_t to_ns)
{
    if (settings->burst_off_ns == 0) {
        return to_ns - from_ns;
    }
    return on_before_ns(settings, to_ns) - on_before_ns(settings, from_ns);
}

int64_t
gw_page_writer_edge_ns(const struct gw_region_settings *settings, int64_t guest_ns)
{
    if (settings->burst_off_ns == 0 || settings->burst_on_ns == 0) {
        return INT64_MAX;
    }
    int64_t into_ns = guest_ns % period_ns(settings);
    bool is_on = into_ns < settings->burst_on_ns;

    return guest_ns - into_ns + (is_on ? settings->burst_on_ns : period_ns(settings));
}
