#!/usr/bin/env bash
# frontier.sh - pins: `godwit sweep frontier` end to end: boundaries with their intervals in all
# formats, the ends "always" and "never", the same bytes for one worker and two, a second search
# that runs nothing, the figures, options instead of the file, a metric with a limit, refusals.
# Does not pin: where the boundary lies (tests/oracle/test_oracle_frontier.c).
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"

prints() {
    grep -qE -- "$1" stdout.txt || fail "no '$1' in: $(cat stdout.txt)"
}

cat >small.yaml <<'END'
name: small
warmup: 1s
cooldown: 1s
host: {suspend: 0s, resume: 0s}
devices: {source: {kind: ideal}, target: {kind: ideal}}
vm: {disks: [{size: 8MiB}]}
workload: {kind: open, rate: 100/s, read_share: 0%, block: 64KiB}
migration: {architecture: dbt, mover_rate: 8MiB/s, downtime_goal: 300ms, downtime_most: 300ms}
sweep:
  over: {migration.architecture: [dbt, mirror], migration.mover_rate: [8MiB/s, 16MiB/s]}
  frontier: {over: workload.rate, from: 10/s, to: 1k/s, values: 3, precision: 20%, replications_most: 8}
END

exits 0 sweep frontier small.yaml --db a.db -j 2 --format csv
cp stdout.txt first.csv
prints '^architecture,migration.mover_rate,boundary,low,high,result,'
prints '^dbt,8MiB/s,[0-9.]+/s,[0-9.]+/s,[0-9.]+/s,between,.*,yes'
prints '^mirror,8MiB/s,,1000/s,,always,3,24,0,yes'

# What was found is found again without a run, and with one worker.
before=$(ask a.db 'SELECT count(*) FROM run')
exits 0 sweep frontier small.yaml --db a.db -j 1 --format csv
cmp -s first.csv stdout.txt || fail "the second search says otherwise: $(cat stdout.txt)"
[ "$(ask a.db 'SELECT count(*) FROM run')" = "$before" ] || fail "the second search ran something"
exits 0 sweep frontier small.yaml --db b.db -j 1 --format csv
cmp -s first.csv stdout.txt || fail "one worker says otherwise: $(cat stdout.txt)"

# Figures, where gnuplot is.
if command -v gnuplot >/dev/null; then
    exits 0 sweep frontier small.yaml --db a.db -o maps
    prints 'fastest'
    for file in frontier.svg fastest.svg frontier.tsv fastest.gp; do
        [ -s "maps/$file" ] || fail "no maps/$file"
    done
fi

exits 0 sweep frontier small.yaml --db a.db --format json
python3 -c 'import json, sys
assert len(json.load(sys.stdin)["frontier"]) == 4' <stdout.txt || fail "not the JSON that was meant"

# Never; a metric with a limit; options of the search.
exits 0 sweep frontier small.yaml --db a.db --from 2k/s --to 4k/s --format csv --set migration.architecture=dbt
prints '^dbt,.*,,,2000/s,never,'
exits 0 sweep frontier small.yaml --db a.db --metric downtime_s --limit 0.25 --confidence 90% --format csv
prints '^dbt,.*,between,'

# Refusals.
refuses 2 "metric 'downtime'" sweep frontier small.yaml --db a.db --metric downtime
refuses 2 'go together' sweep frontier small.yaml --db a.db --limit 3
refuses 2 'too few runs' sweep frontier small.yaml --db a.db --confidence 99.9%
refuses 2 'varied by the sweep too' sweep frontier small.yaml --db a.db --over migration.mover_rate
refuses 2 'wanted one SCENARIO' sweep frontier small.yaml small.yaml
grep -v frontier small.yaml >plain.yaml
refuses 2 'no frontier' sweep frontier plain.yaml --db a.db

exit $((failures > 0))
