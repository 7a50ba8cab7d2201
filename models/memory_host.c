/* memory_host.c - the steps of a memory migration on a host, as a table with defaults.
 *
 * Source    Four kinds, marked behind each row:
 *           [m] measured migrations of QEMU 7.2 with kvm-pvm (cases
 *               e-ram2g-zero and a-10g-u-r100k: 154 ns a zero page in all, about 1.9 us of
 *               source CPU a plain page);
 *           [c] measured as copy and scan speed of one core: 29 GB/s from the third-level cache;
 *           [d] derived from published figures: 9 s to protect 2 TiB (Huawei, 2019), 1.23 us of
 *               the source's and 2.05 us of the target's main thread a page (KVM Forum 2018);
 *           [q] a default of QEMU;
 *           [e] an estimate: no source, only an order of magnitude. Fit it before trusting it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "models/memory_host.h"

static const char *const protections[] = {"chunked", "write", "dirty-bit", "fast", "ring", NULL};

#define ROW(key, type, field, preset, least, most, help)                                           \
    {                                                                                              \
        key, type, offsetof(struct gw_memory_host, field), preset, least, most, NULL, help         \
    }
#define TIME(key, field, preset, help) ROW(key, GW_SETTING_TIME, field, preset, NULL, "1s", help)
#define NANOSECONDS(field, preset, help)                                                           \
    ROW(#field, GW_SETTING_NUMBER, field, preset, "0", "1000000000", help)

const struct gw_setting gw_memory_host_table[] = {
    ROW("cores", GW_SETTING_COUNT, cores, "0", "0", "4096",
        "processors that all threads share; 0 means one for each"),
    ROW("target_on_source", GW_SETTING_FLAG, target_on_source, "false", NULL, NULL,
        "the target runs on the source's processors"),
    ROW("codec_speed", GW_SETTING_NUMBER, codec_speed, "1", "0.01", "100",
        "codecs are so many times as fast as their costs say"),
    {"protection", GW_SETTING_CHOICE, offsetof(struct gw_memory_host, protection), "chunked", NULL,
     NULL, protections, "how the hypervisor learns of writes"},
    ROW("clear_chunk", GW_SETTING_BYTES, clear_chunk_bytes, "1GiB", "256KiB", "8TiB",
        "chunked: memory protected anew at a time"), /* [q] */
    ROW("ring_entries", GW_SETTING_COUNT, ring_entries, "4096", "1024", "65536",
        "dirty ring of a vCPU, pages"), /* [e]: the user's choice in QEMU */
    /* 4.6 us were measured with a software hypervisor; hardware is quicker. */
    TIME("fault", fault_ns, "2us", "first write to a protected page: guest's time"), /* [e] */
    TIME("table_fault", table_fault_ns, "2us",
         "fast: the same below an entry of a higher table, a level"),                   /* [e] */
    TIME("ring_exit", ring_exit_ns, "50us", "exit of a vCPU at a full ring, and reap"), /* [e] */
    TIME("setup", setup_ns, "1ms", "start of a migration, without protecting pages"),   /* [m] */
    TIME("sync", sync_ns, "50us", "a sync, without what follows"),                      /* [e] */
    NANOSECONDS(sync_page_ns, "0.1", "fetching the log, a page of the guest"),          /* [e] */
    NANOSECONDS(protect_page_ns, "17", "protecting a page or clearing its D bit"),      /* [d] */
    NANOSECONDS(page_ns, "80", "finding, booking and heading a page"),                  /* [m] */
    NANOSECONDS(zero_ns, "75", "zero test that reads the whole page"),                  /* [m] */
    NANOSECONDS(untouched_ns, "0", "zero test of a page never touched; 0: zero_ns"),    /* [m] */
    NANOSECONDS(non_zero_ns, "6", "zero test of any other page"),                       /* [c] */
    NANOSECONDS(send_ns, "1500", "4 KiB into the socket"),                              /* [m] */
    NANOSECONDS(send_byte_ns, "0.35", "anything else into the socket, a byte"),         /* [m] */
    NANOSECONDS(copy_ns, "141", "private copy of a page"),                              /* [c] */
    NANOSECONDS(scan_ns, "20", "a look at the state of one worker"),                    /* [e] */
    NANOSECONDS(give_ns, "200", "handing a task to a worker, without waking it"),       /* [d] */
    NANOSECONDS(wake_ns, "2000", "waking a worker: the waker's time"),                  /* [e] */
    NANOSECONDS(wake_latency_ns, "5000", "waking a worker: until it runs"),             /* [e] */
    ROW("near_workers", GW_SETTING_COUNT, near_workers, "255", "0", "255",
        "workers that wake after wake_latency_ns; later ones after far_wake_latency_ns"), /* [e] */
    NANOSECONDS(far_wake_latency_ns, "50000", "waking a far worker: until it runs"),      /* [e] */
    NANOSECONDS(collect_ns, "200", "taking one result back"),                             /* [d] */
    NANOSECONDS(poll_ns, "50000", "how long an idle worker polls before it sleeps"),      /* [e] */
    NANOSECONDS(worker_task_ns, "0", "any task of a worker, beside the codec"),           /* [e] */
    ROW("worker_spread", GW_SETTING_SHARE, worker_spread, "0%", NULL, "90%",
        "times of workers lie evenly within this share of their mean"),                   /* [e] */
    NANOSECONDS(lock_ns, "100", "locked pool: the lock, for each worker wanting it"),     /* [e] */
    NANOSECONDS(load_ns, "1500", "target: 4 KiB from the socket into memory"),            /* [e] */
    NANOSECONDS(load_zero_ns, "75", "target: testing a zero page"),                       /* [m] */
    NANOSECONDS(load_byte_ns, "0.35", "target: anything else, a byte"),                   /* [e] */
    NANOSECONDS(load_page_ns, "80", "target: bookkeeping of any page"),                   /* [e] */
    NANOSECONDS(load_fresh_ns, "0", "target: finding memory for a page's first content"), /* [m] */
    ROW("ready_memory", GW_SETTING_BYTES, ready_memory_bytes, "0B", NULL, NULL,
        "target: memory at hand, for which load_fresh_ns is not due"),             /* [m] */
    NANOSECONDS(load_give_ns, "1900", "target: handing a page to a decompressor"), /* [d] */
    ROW("decompress_threads", GW_SETTING_COUNT, decompress_threads, "2", "1", "255",
        "target: decompression workers"),                                           /* [q] */
    TIME("suspend", suspend_ns, "500us", "stopping the vCPUs at the switch-over"),  /* [m] */
    TIME("resume", resume_ns, "500us", "starting them on the target"),              /* [m] */
    ROW("device_state", GW_SETTING_BYTES, device_state_bytes, "128KiB", NULL, NULL, /* [e] */
        "state of the devices, sent while the guest stands"),
    GW_SETTING_END,
};
