#!/usr/bin/env bash
# digest.sh GODWIT [JOBS] - the digests of small runs, one a line: scenario, parameters, digest.
#
# The same lines must come from every compiler, every level of optimisation, every machine and any
# number of workers: check.sh builds several ways and compares.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/common.sh"

godwit=${1:?usage: digest.sh GODWIT [JOBS]}
jobs=${2:-1}

architectures=snapshot,dbt,incremental-dbt,heat,mirror,write-blocking,background,cold
workloads='{kind: closed, oio: 16}'
workloads+=',{kind: closed, oio: 4, pattern: zipf}'
workloads+=',{kind: open, rate: 300/s, burst_on: 500ms, burst_off: 1s}'
workloads+=',{kind: exchange, log_size: 16MiB}'

lines() {
    python3 -c '
import json, sys
for run in json.load(sys.stdin)["runs"]:
    words = [run["scenario"], str(run["replication"]), run["outcome"], run["digest"]]
    print(" ".join(words), sorted(run["parameters"].items()))'
}

# memory SETTINGS... - one run of the memory guest; all settings are shown.
memory() {
    local setting arguments=()

    for setting in "$@"; do
        arguments+=(--set "$setting")
    done
    "$godwit" run "$root/tests/data/digest-memory.yaml" --format json --jobs "$jobs" \
        "${arguments[@]}" | lines
}

"$godwit" run "$root/tests/data/digest-array.yaml" --format json --jobs "$jobs" \
    --set "migration.architecture=$architectures" --set "workload=$workloads" | lines
memory migration.architecture=precopy,stop-and-copy,postcopy,hybrid
memory migration.compress=zlib migration.pool=locked,lockless migration.compress_threads=3 \
    migration.compress_wait=true,false
memory migration.xbzrle=true migration.xbzrle_cache=8MiB migration.xbzrle_threads=0,2
memory migration.throttle=auto-converge,io-aware migration.throttle_initial=50 \
    migration.max_bandwidth=8MB/s
memory migration.multifd_channels=2 migration.multifd_compress=none,zlib
