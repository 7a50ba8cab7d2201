#!/usr/bin/env bash
# gate.sh - pins `godwit check`: baselines are made, kept and refused; what is identical passes, what
# moved fails with a sentence that names it, in every format; other seeds pass; what cannot be run
# fails. Does not pin: rates of error (gate-power.sh), the baselines of the packs (baselines.sh).
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"

cat >throttled.yaml <<'END'
warmup: 500ms
cooldown: 200ms
time_limit: 30s
sample_interval: 50ms
memory: {size: 64MiB, vcpus: 2}
link: {rate: 200Mbps, latency: 100us}
regions:
  - {name: heap, size: 16MiB, content: random, writes: uniform, pacing: cpu, write_time: 100us}
  - {name: still, size: 24MiB, content: text}
migration: {architecture: precopy, downtime_limit: 50ms, throttle: auto-converge}
END
cat >disk.yaml <<'END'
warmup: 500ms
cooldown: 200ms
devices: {source: {kind: ssd}, target: {kind: ssd}}
vm: {disks: [{size: 64MiB}]}
workload: {kind: closed, oio: 2}
migration: {architecture: mirror, mover_rate: 60MB/s}
END

# check CODE ARGUMENT... - godwit check on base.json exits with CODE; $said has what it said
check() {
    local wanted=$1 got=0
    shift
    said=$("$GODWIT" check --baseline base.json "$@" 2>&1) || got=$?
    [ "$got" = "$wanted" ] || fail "check $*: exit code $got instead of $wanted: $said"
}

# says PATTERN - the last check said so
says() {
    grep -qF -- "$1" <<<"$said" || fail "no '$1' in: $said"
}

# ---- wrong use -------------------------------------------------------------------------------------

verb=check
refuses 2 "--baseline FILE is missing"
refuses 2 "base.json: No such file" --baseline base.json
refuses 2 "name the scenarios to put in" --baseline base.json --accept why
refuses 2 "say why the baseline changes" --baseline base.json --accept "" disk.yaml
refuses 2 "say why the baseline changes" --baseline base.json --accept "  " disk.yaml
mkdir folder.json
refuses 3 "folder.json cannot be read: Is a directory" --baseline folder.json
refuses 3 "none/base.json cannot be written" --baseline none/base.json --accept why disk.yaml
refuses 2 "--format 'xml': must be text, json, junit, github or md" --baseline base.json --format xml
refuses 2 "--alpha '2': must be a chance" --baseline base.json --alpha 2
refuses 2 "--case NAME wants one scenario" --baseline base.json --accept why --case a x.yaml y.yaml
refuses 2 "missing.yaml" --baseline base.json --accept why missing.yaml
[ ! -e base.json ] || fail "a baseline was written although nothing could be run"
verb=

# ---- making one, and nothing moved ---------------------------------------------------------------------

check 0 throttled.yaml --accept "the first" --case throttled
says "throttled: new, 12 runs: 12 completed"
check 0 disk.yaml --accept "disks too" -n 10 --set workload.oio=1,2
says "disk.yaml: new, 20 runs"
says "1 of 2 cases accepted: disks too"
cp base.json first.json
check 0 --accept "disks too"
cmp base.json first.json || fail "accepted again: other bytes"
check 0
says "passed: 2 identical"
check 0 --format json
says '"ok": true'
check 0 disk.yaml
says "passed: 1 identical"
check 2 nobody
says "no case of the baseline is called 'nobody'"

# ---- something moved -----------------------------------------------------------------------------------

check 1 throttled --set migration.throttle_increment=5 --junit junit.xml --summary summary.md -o drawn
says "throttled: curve throttle_pct is lower from "
says "total_time_s "
says "margin 2 %; p < 0.001"
says "12 of 12 runs are not the baseline's, the first parts by "
says "failed: 1 moved"
grep -q '<failure type="moved" message="throttled: ' junit.xml || fail "JUnit: $(cat junit.xml)"
grep -q '>throttled: curve throttle_pct is lower .*</failure>' junit.xml || fail "GitLab shows nothing"
grep -q 'tests="1" failures="1" errors="0" skipped="0" time="[0-9]' junit.xml || fail "JUnit: $(cat junit.xml)"
grep -q '^- throttled: curve throttle_pct' summary.md || fail "summary: $(cat summary.md)"
[ -s drawn/throttled-throttle_pct.gp ] || fail "no overlay figure: $(ls drawn)"
check 1 throttled --set migration.throttle_increment=5 --summary summary.md --format github
says "::error title=godwit check%3A throttled,file=base.json::throttled: curve throttle_pct"
[ "$(grep -c '^### godwit check' summary.md)" = 2 ] || fail "the summary was not appended to"
check 1 throttled --set migration.throttle_increment=5 --format json
says '"verdict": "moved"'
says '"key": "throttle_pct"'
once=$said
check 1 throttled --set migration.throttle_increment=5 --format json -j 1
[ "$said" = "$once" ] || fail "one worker: another answer"
check 1 throttled --set migration.throttle=none --set time_limit=5s
says "12 of 12 -> 0 of 12 runs completed"
check 1 disk.yaml --set migration.mover_rate=55MB/s --format md
says "[mirror, workload.oio="

# ---- other seeds, margins --------------------------------------------------------------------------------

check 0 --reseed 99 --format json
says '"changed": 0'
if grep -q '"verdict": "identical"' <<<"$said"; then
    fail "identical with another seed: $said"
fi
says '"verdict": "open"'
says '"runs": 48' # the second look
check 0 --reseed 99 --junit junit.xml --format github
says "::warning title=godwit check%3A "
says "passed: "
says "open is neither shown to have moved nor to be the same, and passes without --strict"
grep -q '<skipped message=".* not shown equivalent: .*>.* not shown equivalent: .*</skipped>' junit.xml ||
    fail "JUnit: $(cat junit.xml)"
grep -q ' failures="0" errors="0" skipped="[12]"' junit.xml || fail "JUnit: $(cat junit.xml)"
check 1 --reseed 99 --strict --junit junit.xml
says "fails with --strict"
grep -q '<failure type="open" message' junit.xml || fail "JUnit: $(cat junit.xml)"
sed 's/"metrics": {}, "curves": {}/"metrics": {"total_time_s": "50%"}, "curves": {"throttle_pct": "90%"}/' \
    first.json >wide.json
said=$("$GODWIT" check --baseline wide.json throttled --set migration.throttle_increment=9 --format json)
grep -A3 '"key": "total_time_s"' <<<"$said" | grep -q '"verdict": "same"' || fail "margins are not read: $said"

# ---- accepting what moved ----------------------------------------------------------------------------------

check 0 throttled --accept "smaller steps" --set migration.throttle_increment=5
says "throttled: new, 12 runs"
check 0
says "passed: 2 identical"
sed -i 's/increment=5/increment=6/' base.json
check 1 throttled
check 0 --accept "steps of six"
says "throttled: curve throttle_pct"
says "disk.yaml: identical"
says "2 of 2 cases accepted: steps of six"
check 0

# ---- few runs: what cannot be found by chance is judged by its margin -----------------------------------

for runs in 1 3; do
    said=$("$GODWIT" check --baseline "few$runs.json" throttled.yaml --accept few -n "$runs") ||
        fail "no baseline of $runs runs"
    says "$runs runs of each variation may be too few for a p when all of the file's figures differ"
    says "accept with -n 5 or more"
    said=$("$GODWIT" check --baseline "few$runs.json") || fail "$runs runs: $said"
    said=$("$GODWIT" check --baseline "few$runs.json" --set migration.throttle_increment=5) &&
        fail "$runs runs passed: $said"
    says "curve throttle_pct is lower from "
    says "too few runs for a p"
done
said=$("$GODWIT" check --baseline few1.json --set migration.throttle_increment=10,5) &&
    fail "two values of a what-if passed: $said"


# Each look has half of alpha: three runs have a p of 1 / C(15, 3), which alpha would hold and its half does not.
what_if=(--baseline few3.json --set migration.throttle_increment=5 --format json)
tests=$("$GODWIT" check "${what_if[@]}" | sed -n 's/^  "tests": \([0-9]*\),/\1/p')
alpha=$(awk -v tests="$tests" 'BEGIN { print 1.5 * tests / 455 }')
said=$("$GODWIT" check "${what_if[@]}" --alpha "$alpha")
says '"too_few_runs": true'
alpha=$(awk -v tests="$tests" 'BEGIN { print 2.5 * tests / 455 }')
said=$("$GODWIT" check "${what_if[@]}" --alpha "$alpha")
if grep -q '"too_few_runs": true' <<<"$said"; then fail "alpha $alpha: $said"; fi

said=$("$GODWIT" check --baseline few5.json throttled.yaml --accept few -n 5) || fail "five: $said"
grep -q "too few" <<<"$said" && fail "five runs are too few: $said"

# ---- what has not completed is accepted with a word; where a baseline lies ----------------------------------

said=$("$GODWIT" check --baseline real.json disk.yaml -n 5 --set time_limit=1s --accept why)
says "disk.yaml: new, 5 runs: 5 did not converge"
said=$("$GODWIT" check --baseline real.json disk.yaml -n 5 --set migration.architecture=skeleton \
    --case nothing --accept why)
says "nothing: new, 5 runs: 5 failed"
ln -s real.json link.json
"$GODWIT" check --baseline link.json --accept "by a link" >/dev/null || fail "no accept by a link"
[ -L link.json ] || fail "the link was replaced by a file"
grep -q '"by a link"' real.json || fail "the file behind the link is the old one"
if [ "$(id -u)" != 0 ]; then
    chmod a-w real.json
    "$GODWIT" check --baseline real.json --accept why >/dev/null 2>&1 && fail "protection was ignored"
fi

# ---- names of anybody ------------------------------------------------------------------------------------

evil=$'<a b="c">]]>&amp;\'`|%0A\n::error::x\e[31m'
rm -f evil.json
said=$("$GODWIT" check --baseline evil.json throttled.yaml --case "$evil" --accept why -n 2) ||
    fail "a name of odd letters"
! grep -q '^::\|'$'\e' <<<"$said" || fail "accepted, the name begins a line: $said"
"$GODWIT" check --baseline evil.json --accept "$evil" >/dev/null || fail "a reason of odd letters"
said=$("$GODWIT" check --baseline evil.json --set migration.throttle_increment=5 --format github \
    --junit evil.xml --summary evil.md) && fail "passed: $said"
[ "$(grep -c '^::' <<<"$said")" = 2 ] || fail "a line more than two: $said"
says "%250A ::error::x "
! grep -q '^::\|'$'\e' evil.md || fail "the name begins a line: $(cat evil.md)"
if command -v xmllint >/dev/null; then
    xmllint --noout evil.xml || fail "JUnit is no XML: $(cat evil.xml)"
elif command -v python3 >/dev/null; then
    python3 -c 'import xml.dom.minidom as x; x.parse("evil.xml")' || fail "JUnit is no XML"
fi
cp evil.json kept.json
"$GODWIT" check --baseline evil.json --accept $'why \xff' >/dev/null 2>&1 && fail "no UTF-8 was accepted"
cmp evil.json kept.json || fail "the old baseline was overwritten"

# ---- workers that die, and a check that is stopped --------------------------------------------------------

"$GODWIT" check --baseline long.json throttled.yaml --accept long -n 2 >/dev/null || fail "no long.json"
cp long.json kept.json

# run_and_kill SIGNAL WHOM ARGUMENT... - of a check in the background; $said and $code have its answer
run_and_kill() {
    local signal=$1 whom=$2 victim=
    shift 2
    "$GODWIT" check --baseline long.json -j 1 -n 400 "$@" >killed.txt 2>&1 &
    local parent=$!
    while [ -z "$victim" ] && kill -0 "$parent" 2>/dev/null; do
        victim=$(pgrep -P "$parent" | head -1)
    done
    [ "$whom" = parent ] && victim=$parent
    kill -"$signal" "$victim"
    code=0
    wait "$parent" || code=$?
    said=$(cat killed.txt)
}

if command -v pgrep >/dev/null; then
    run_and_kill SEGV worker
    [ "$code" = 1 ] || fail "a crash: exit code $code: $said"
    says "throttled.yaml: did not run: "
    says "failed: 1 broken"
    run_and_kill INT parent --accept stopped
    [ "$code" = 130 ] || fail "interrupted: exit code $code: $said"
    says "interrupted: nothing was decided"
    cmp long.json kept.json || fail "an interrupted --accept changed the baseline"
    [ ! -e long.json.new ] || fail "an interrupted --accept left a file"
fi

# ---- what cannot be run --------------------------------------------------------------------------------------

mv disk.yaml gone.yaml
check 1 --junit junit.xml
says "disk.yaml: cannot be run"
says "failed: 1 broken, 1 identical"
grep -q '<error type="broken"' junit.xml || fail "JUnit: $(cat junit.xml)"
check 2 --accept "without disks"
says "disk.yaml: cannot be run"
mv gone.yaml disk.yaml
sed -i 's/"format": 1/"format": 9/' base.json
check 2
says "base.json: format 9: this godwit reads format 1"

exit $((failures > 0))
