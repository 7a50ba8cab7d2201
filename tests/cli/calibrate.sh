#!/usr/bin/env bash
# calibrate.sh - pins: `godwit calibrate` end to end: known settings are found again from what
# their runs gave, the written file can be included, the same bytes with one worker and with two,
# a file that is replaced whole or not at all, exit codes, and a line with its place for each
# mistake in a calibration file.
# Does not pin: how many evaluations it takes.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"
verb=calibrate

mkdir pack
cat >pack/small.yaml <<'END'
warmup: 1s
cooldown: 1s
devices: {source: {kind: ideal}, target: {kind: ideal}}
vm: {disks: [{size: 16MiB}]}
workload: {kind: idle}
migration: {architecture: mirror}
END

# A first run with settings that the fit must find again.
truth=(--set devices.source.rate=60MB/s --set devices.target.rate=60MB/s
    --set host.suspend=70ms --set host.resume=70ms)
"$GODWIT" run pack/small.yaml "${truth[@]}" --format csv >truth.csv || fail "run: exit code $?"
value() {
    awk -F, -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == want) at = i }
        NR == 2 { print $at }' <(tr -d '\r' <truth.csv)
}
cat >pack/fit.yaml <<END
scenario: small.yaml
evaluations: 120
parameters:
  - {keys: [devices.source.rate, devices.target.rate], unit: MB/s, least: 20, most: 200, start: 100}
  - {keys: [host.suspend, host.resume], unit: ms, least: 10, most: 300, start: 100, reason: "why"}
targets:
  - {case: a, set: {migration.architecture: mirror}, metric: migration_time_s,
     expected: $(value migration_time_s), tolerance: 1%}
  - {case: a, set: {migration.architecture: mirror}, metric: downtime_s,
     expected: $(value downtime_s), tolerance: 1%}
END

# ---- a fit ---------------------------------------------------------------------------------------

"$GODWIT" calibrate pack/fit.yaml -o pack/found.yaml -j 1 --format csv >out.csv 2>stderr.txt ||
    fail "calibrate: exit code $?"
[ ! -s stderr.txt ] || fail "calibrate wrote to stderr: $(cat stderr.txt)"
[ "$(wc -l <out.csv)" = 3 ] || fail "not a header and a line a target"
grep -q '^# Fitted to these numbers' pack/found.yaml || fail "no header"
grep -q '20 to 200 MB/s' pack/found.yaml || fail "no bounds"
awk '/^#/ { next }
     /rate:/ { rate = $2 + 0; if (rate < 58 || rate > 62) exit 1 }
     /suspend:/ { if ($2 + 0 < 66 || $2 + 0 > 74) exit 1 }
     END { if (!rate) exit 1 }' pack/found.yaml || fail "not found again: $(cat pack/found.yaml)"
cp pack/found.yaml first.yaml
"$GODWIT" calibrate pack/fit.yaml -o pack/found.yaml -j 2 --format json >out.json ||
    fail "calibrate -j 2: exit code $?"
cmp first.yaml pack/found.yaml || fail "two workers found other values than one"
grep -q '"ok": true' out.json || fail "JSON: not ok"
"$GODWIT" calibrate pack/fit.yaml >printed.yaml || fail "calibrate to stdout: exit code $?"
cmp first.yaml printed.yaml || fail "standard output is not the file"
[ "$(find pack -name 'found.yaml*' | wc -l)" = 1 ] || fail "a temporary file was left"

# What was written is what was run.
{
    echo 'include: found.yaml'
    cat pack/small.yaml
} >pack/included.yaml
"$GODWIT" run pack/included.yaml --format csv >truth.csv || fail "run with the file: exit code $?"
time=$(value migration_time_s)
awk -F, -v time="$time" 'NR == 2 { exit !($4 / time > 0.99999 && $4 / time < 1.00001) }' out.csv ||
    fail "the included file gives $time: $(cat out.csv)"

# ---- out of reach --------------------------------------------------------------------------------

sed 's/expected: [0-9.]*/expected: 5000/; s/evaluations: 120/evaluations: 4/' pack/fit.yaml \
    >pack/far.yaml
got=0
"$GODWIT" calibrate pack/far.yaml -o pack/far-found.yaml --format json >out.json || got=$?
[ "$got" = 1 ] || fail "out of reach: exit code $got instead of 1"
grep -q '"ok": false' out.json || fail "out of reach: JSON says ok"
grep -q 'Evaluations: 4\.' pack/far-found.yaml || fail "the budget was not kept"

# ---- refusals ------------------------------------------------------------------------------------

# broken SED PATTERN - the calibration file changed by SED is refused with PATTERN
broken() {
    sed "$1" pack/fit.yaml >pack/broken.yaml
    refuses 2 "$2" pack/broken.yaml
}
refuses 2 'name one calibration file'
refuses 2 'nowhere.yaml: error: cannot be opened' nowhere.yaml
broken 's/scenario: small/scenarioo: small/' "pack/broken.yaml:1:1: error: unknown key 'scenarioo'"
broken 's/small.yaml/nowhere.yaml/' 'nowhere.yaml: error: cannot be opened'
broken 's/least: 20,/least: 300,/' 'least < most'
broken 's/host.suspend/host.suspendd/' "unknown key 'suspendd'; did you mean 'suspend'?"
broken 's/unit: ms/unit: MB/' '--set host.suspend='
broken 's/metric: downtime_s/metric: downtimes/' "unknown metric 'downtimes'; did you mean"
broken 's/^targets:/target:/' "missing key 'targets'"
refuses 2 'cannot be written' pack/fit.yaml -o nowhere/found.yaml

exit $((failures > 0))
