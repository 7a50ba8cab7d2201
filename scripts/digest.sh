#!/usr/bin/env bash
# digest.sh GODWIT - the digests of a few small runs, one a line: scenario, architecture, digest.
#
# The same lines must come from every compiler, every level of optimisation and every machine:
# check.sh builds several ways and compares.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/common.sh"

godwit=${1:?usage: digest.sh GODWIT}

# Keeps scenario, architecture and digest of the pretty-printed JSON on stdin.
pick() {
    python3 -c '
import json, sys
for run in json.load(sys.stdin)["runs"]:
    print(run["scenario"], run["architecture"], run["replication"], run["digest"])'
}

for scenario in "$root"/scenarios/examples/*.yaml; do
    "$godwit" run "$scenario" --seed 42 --format json | pick
done
