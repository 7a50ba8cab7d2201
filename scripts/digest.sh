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

"$godwit" run "$root/tests/data/digest-array.yaml" --format json --jobs "$jobs" \
    --set "migration.architecture=$architectures" --set "workload=$workloads" |
    python3 -c '
import json, sys
for run in json.load(sys.stdin)["runs"]:
    words = [run["scenario"], str(run["replication"]), run["outcome"], run["digest"]]
    print(" ".join(words), sorted(run["parameters"].items()))'
