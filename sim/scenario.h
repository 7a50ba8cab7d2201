/* scenario.h - one experiment, as read, checked and filled with defaults.
 *
 * Everything that a world needs is here in typed structs; nobody below reads keys by name. A
 * scenario is owned by whoever loaded it and never changes after.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SCENARIO_H
#define GW_SCENARIO_H

#include "algorithms/architecture_list.h"
#include "algorithms/memory_list.h"
#include "base/config.h"
#include "models/device_list.h"
#include "models/memory_host.h"
#include "sim/page_codec.h"
#include "workloads/memory_region.h"
#include "workloads/workload_list.h"

enum {
    GW_SCENARIO_BYTES_MAX = 1 << 20, /* of a scenario file */
    GW_SCENARIO_DISKS_MAX = 64,      /* of one guest */
    GW_SCENARIO_GUESTS_MAX = 256,
    GW_SCENARIO_DEVICES_MAX = 1024,
    GW_SCENARIO_REGIONS_MAX = 256, /* of one guest's memory */
    GW_SCENARIO_VCPUS_MAX = 1024,
    GW_SCENARIO_COSTS_MAX = 1024, /* lines of codec_costs */
    GW_SCENARIO_VARIATIONS_MAX = 100000
};

struct gw_device_plan {
    char *name; /* "source"; "source.backing" when nested in another device */
    const struct gw_device_kind *kind;
    void *settings;
    size_t *children; /* index into devices, in the order of kind->children */
    size_t child_count;
    size_t parent_count; /* devices that have it as a child: > 1 = shared */
};

struct gw_disk_plan {
    int64_t size_bytes; /* multiple of 4 KiB */
    double allocated;   /* share that was ever stored */
    double zero;        /* share of the allocated blocks that is 0 */
    bool migrate;
};

struct gw_host_plan {
    int64_t attach_stun_ns;
    int64_t snapshot_stun_ns;
    int64_t suspend_ns;
    int64_t resume_ns;
    int64_t io_cost_ns;     /* added to each guest IO */
    int64_t mirror_cost_ns; /* added to each mirrored write */
};

struct gw_guest_plan {
    char *name;
    size_t source, target; /* index into devices */
    size_t home[2];        /* by side: where the descriptor of the guest is */
    struct gw_disk_plan *disks;
    size_t disk_count;
    const struct gw_workload_kind *workload;
    void *workload_settings;
    const struct gw_architecture *architecture; /* NULL: this guest is not migrated */
    void *architecture_settings;                /* never NULL when there is one */
    struct gw_migration_settings migration;     /* what all architectures share */
};

struct gw_memory_link {
    int64_t rate; /* bytes/s, > 0 */
    int64_t latency_ns;
    int64_t write_bytes;  /* handed to the socket at a time; 0: all that a step has */
    int64_t socket_bytes; /* that the sender's socket takes before it blocks */
    double overhead;      /* headers of the network, as a share of the payload */
};

/* A guest whose memory is migrated. */
struct gw_memory_plan {
    char *vm_name;
    int64_t memory_bytes; /* multiple of a page; the regions fit into it */
    int64_t vcpus;
    struct gw_region_settings *regions;
    size_t region_count;
    struct gw_guest_service_settings service;
    struct gw_memory_host host;
    struct gw_codec_cost *codec_costs; /* of the scenario, beside the built-in ones */
    size_t codec_cost_count;
    struct gw_delta_cost delta_cost;
    struct gw_memory_link link;
    const struct gw_memory_architecture *architecture;
    struct gw_memory_settings settings;
};

struct gw_scenario {
    char *name;
    char *description; /* "" when absent */
    int64_t seed;
    int64_t replications;
    int64_t warmup_ns;
    int64_t cooldown_ns;
    int64_t time_limit_ns; /* after the request, then the outcome is not_converged */
    int64_t sample_interval_ns;
    struct gw_host_plan host;
    struct gw_device_plan *devices; /* top-level ones by name, each followed by those nested in
                                       it; shared ones may stand after a parent; no cycles  */
    size_t device_count;
    struct gw_guest_plan *guests; /* 0: the guest under study; then the neighbours */
    size_t guest_count;
    struct gw_memory_plan *memory; /* NULL: a disk scenario; else no devices and no guests */
    bool until_workload_end;       /* go on after the cool-down until every workload has ended */
    char *path;                    /* of the file, as opened */
};

/* Tables of the plain parts, for help. The second fills struct gw_host_plan, the fourth struct
 * gw_disk_plan, the last two struct gw_memory_plan and struct gw_memory_link. */
extern const struct gw_setting gw_scenario_table[];
extern const struct gw_setting gw_host_table[];
extern const struct gw_setting gw_vm_table[];
extern const struct gw_setting gw_vm_disk_table[];
extern const struct gw_setting gw_memory_vm_table[];
extern const struct gw_setting gw_memory_link_table[];

/* Reads a file and applies overrides ("workload.oio=16"), in order. `include: FILE` (or a list)
 * brings in what the file does not say: its own keys win, maps are merged, lists and values are
 * not; of two files the later wins. Names are relative to the including file. NULL: see
 * diagnostics. */
struct gw_scenario *gw_scenario_load(const char *path, const char *const *overrides,
                                     size_t override_count, struct gw_diagnostics *diagnostics);

/* The same from a text in memory; path serves messages and the default name. */
struct gw_scenario *gw_scenario_parse(const char *path, const char *text, size_t length,
                                      const char *const *overrides, size_t override_count,
                                      struct gw_diagnostics *diagnostics);
void gw_scenario_destroy(struct gw_scenario *scenario);

/* A text setting of a workload that names a file, and the content hash that stands for it. */
struct gw_trace_digest {
    const char *path;
    const char *digest;
};

/* The files that the regions of a memory scenario read, with the hashes of their bytes. */
struct gw_file_digests {
    struct gw_trace_digest *items; /* paths are the plan's, digests the texts below */
    char (*texts)[33];
    size_t count;
};

/* Errors: GW_ENOENT, GW_EIO, GW_ENOMEM; nothing to clear then. */
bool gw_scenario_digest_files(const struct gw_memory_plan *plan, struct gw_file_digests *digests,
                              struct gw_error *err);
void gw_file_digests_clear(struct gw_file_digests *digests);

/* Sorted JSON of all that decides the result of one replication, in base units, defaults filled
 * in: no description, no number of replications, no settings of architectures not chosen. Texts
 * of workloads and regions that equal digests[i].path are replaced by the digest. It is itself a scenario.
 * Caller frees; NULL: memory out. */
char *gw_scenario_canonical(const struct gw_scenario *scenario,
                            const struct gw_trace_digest *digests, size_t digest_count);
/* The id of one guest in a replication: hash of the canonical scenario, both, and the engine's
 * version. False: memory out. */
bool gw_scenario_run_id(const char *canonical, int64_t replication, const char *vm, char out[33]);
/* Resolved settings as YAML, defaults filled in. Caller frees; NULL: memory out. */
char *gw_scenario_show(const struct gw_scenario *scenario);

/* ---- variations: --set key=a,b,c ---------------------------------------------------------------- */

/* One point of the cross product. */
struct gw_variation {
    const char **overrides; /* as gw_scenario_load takes them */
    const char **names;     /* "workload.oio": all keys that --set names */
    const char **values;    /* "16", as written, without quotes */
    size_t count;           /* of each of the three */
    size_t labels;          /* 1: one more name, "point", and value: the name of the point */
};

struct gw_variations {
    struct gw_variation *items;
    size_t count;   /* 1 when nothing was set: one item with no overrides */
    char **strings; /* owned: all that the items point at */
    size_t string_count;
};

/* Cross product of the value lists, first key slowest. A value with a comma is quoted ("a,b" or
 * 'a,b') or is a flow list or map in brackets. False: see diagnostics. */
bool gw_variations_expand(struct gw_variations *variations, const char *const *settings,
                          size_t setting_count, struct gw_diagnostics *diagnostics);
void gw_variations_clear(struct gw_variations *variations);

/* ---- packs: directories of scenarios ------------------------------------------------------------ */

/* Turns what a user wrote (a path, or pack/name with or without .yaml) into the path of a file;
 * looks in ./scenarios, then in the installed ones. Caller frees. NULL: GW_ENOENT, GW_ENOMEM. */
char *gw_scenario_find(const char *argument, struct gw_error *err);

struct gw_pack {
    char *name;
    char *directory;
    char **scenarios; /* names without .yaml, sorted */
    size_t scenario_count;
};

struct gw_packs {
    struct gw_pack *items; /* sorted by name; of two with one name the first found */
    size_t count;
};

bool gw_packs_list(struct gw_packs *packs, struct gw_error *err);
void gw_packs_clear(struct gw_packs *packs);

#endif
