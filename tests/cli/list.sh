#!/usr/bin/env bash
# list.sh - pins: every topic of `godwit list` prints its columns in every format, JSON is JSON, and
# a plug-in shows its settings. Does not pin: which plug-ins there are, beyond one of each.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"

# wants PATTERN COMMAND... - the output of a command that must succeed has a line like PATTERN
wants() {
    local pattern=$1 output
    shift
    output=$("$@") || fail "$* exited with $?"
    grep -qE -- "$pattern" <<<"$output" || fail "$*: no line like $pattern"
}

wants '^architecture +mirror ' "$GODWIT" list architectures
wants '^memory architecture +precopy ' "$GODWIT" list architectures
wants '^workload +closed ' "$GODWIT" list workloads
wants '^device +disk ' "$GODWIT" list devices
wants '^metric +downtime_s ' "$GODWIT" list metrics
wants '^device +disk ' "$GODWIT" list
wants '^migration +mover_io +size +256KiB +4KiB to 64MiB ' "$GODWIT" list settings
wants '^scenario +seed +count ' "$GODWIT" list settings scenario
wants '^memory +size +size +required ' "$GODWIT" list settings memory
wants '^region +writes +choice ' "$GODWIT" list settings region
wants '^memory precopy +downtime_limit +time +300ms ' "$GODWIT" list architectures precopy
wants '^metric +xbzrle_cache_miss ' "$GODWIT" list metrics
wants '^device disk +' "$GODWIT" list devices disk
wants '^what,name,title' "$GODWIT" list devices --format csv
wants '^\| what \| name \| title \|$' "$GODWIT" list devices --format=md
wants '^\{"what": "device", "name": "disk"' "$GODWIT" list devices --format jsonl

mkdir -p scenarios/birds
touch scenarios/birds/{b,a}.yaml
wants '^pack +birds +a b$' "$GODWIT" list packs

if command -v python3 >/dev/null; then
    for topic in architectures workloads devices packs metrics settings; do
        "$GODWIT" list "$topic" --format json | python3 -c '
import json, sys
rows = json.load(sys.stdin)[sys.argv[1]]
assert rows and all(row["name"] for row in rows)' "$topic" || fail "list $topic: not JSON"
    done
fi

exit $((failures > 0))
