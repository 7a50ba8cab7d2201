#!/usr/bin/env bash
# calibrate-host.sh - pins: `godwit calibrate FILE.json...` end to end: costs that gave numbers are
# found again from these numbers, within the interval it states; what the files do not tell is said
# so and left alone; the profile can be included, holds its evidence and the known facts of the
# host, is the same with one worker and with two; a file that is replaced whole or not at all;
# formats, exit codes, and a message for each mistake.
# Does not pin: how near the fits to real measurements are.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"
verb=calibrate

mkdir pack

# ---- measurements whose truth is known -----------------------------------------------------------

# measurement ID MIB FILLED SET RATE MODE BANDWIDTH - a set-up; its results are put in later
measurement() {
    cat >"$1.json" <<END
{"id": "$1", "group": "T",
 "setup": {"ram_mib": $2, "link_B_per_s": null,
  "guest": {"fill": $3, "fc": 2, "wss": $4, "rate": $5, "mode": "$6", "pat": "u",
            "chg": 64, "wc": 2},
  "max_bandwidth": $7, "downtime_limit_ms": 300, "time_limit_s": 10,
  "capabilities": [], "parameters": {}},
 "result": {"converged": true, "total_time_ms": 1000, "downtime_ms": 10, "iterations": 3,
  "transferred": 8500000, "normal_pages": 2080, "guest_rate_before": $5,
  "guest_rate_during": $5, "throttle_pct_last": 0, "xbzrle": null, "compression": null}}
END
}

# predicted ID METRIC
predicted() {
    awk -F, -v id="$1" -v metric="$2" '$1 == id && $2 == metric { print $4 }' truth.csv
}

measurement busy 256 50000 30000 100000 c 400000000
measurement fast 256 50000 4096 1000 p 4000000000
measurement empty 512 1000 100 1000 p 4000000000
measurement slow 64 8192 4096 1000 p 40000000
echo 'host: {fault: 3000ns, send_ns: 2500, page_ns: 120, load_ns: 500}' >pack/truth.yaml
echo 'host: {load_ns: 500, page_ns: 120}' >pack/machine.yaml
"$GODWIT" validate busy.json fast.json empty.json slow.json --host pack/truth.yaml --format csv \
    >truth.csv || fail "validate: exit code $?"
for id in busy fast empty slow; do
    sed -i -e "s/_time_ms\": 1000/_time_ms\": $(predicted $id total_time_s)e3/" \
        -e "s/downtime_ms\": 10/downtime_ms\": $(predicted $id downtime_s)e3/" \
        -e "s/\"transferred\": 8500000/\"transferred\": $(predicted $id bytes_sent)/" $id.json
done
ratio=$(predicted busy guest_rate_ratio)
sed -i "s/_during\": 100000/_during\": $(awk -v r="$ratio" 'BEGIN { printf "%.6f", 100000 * r }')/" \
    busy.json
files=(busy.json fast.json empty.json slow.json)

# ---- a fit ---------------------------------------------------------------------------------------

"$GODWIT" calibrate "${files[@]}" --host pack/machine.yaml -o pack/host.yaml -j 1 --starts 1 --format json \
    >one.json 2>stderr.txt || fail "calibrate: exit code $?"
[ ! -s stderr.txt ] || fail "calibrate wrote to stderr: $(cat stderr.txt)"

# found KEY TRUTH PERCENT - the parameter was fitted, the truth is in its interval and so near
found() {
    awk -v key="\"$1\"" -v truth="$2" -v percent="$3" '
        function value(name,  at) {
            at = match($0, "\"" name "\": [-0-9.e+]+")
            return at ? substr($0, at + length(name) + 4, RLENGTH - length(name) - 4) + 0 : -1
        }
        index($0, "\"parameter\": " key) {
            off = value("fitted") / truth - 1
            seen = value("from") <= truth && truth <= value("to") && off * off * 1e4 <= percent ^ 2
        }
        END { exit !seen }' one.json || fail "$1 is not $2: $(grep "\"$1\"" one.json)"
}
found fault 3000 5
found send_ns 2500 5
grep -q '"parameter": "codec_speed".*"what": "not told by these files".*"fitted": null' one.json ||
    fail "codec_speed without compression: $(grep codec_speed one.json)"
grep -q '"ok": true' one.json || fail "JSON: not ok"
[ -z "$(grep -o '"parameter": "[a-z_]*"' one.json | sort | uniq -d)" ] || fail "a parameter twice"

# The profile: evidence, the facts of the host beside it by name, and nothing that was not fitted.
for line in '# calibrated on: busy' '#   busy, guest_rate_ratio: measured' 'include: "machine.yaml"' \
    '#   codec_speed: not told by these files; left as it was'; do
    grep -qF -- "$line" pack/host.yaml || fail "no '$line' in: $(cat pack/host.yaml)"
done
grep -qE '^#   [0-9a-f]{32}  busy$' pack/host.yaml || fail "no hash of a file"
! grep -q '^  codec_speed' pack/host.yaml || fail "what was not fitted was written"
"$GODWIT" validate "${files[@]}" --host pack/host.yaml --format csv >out.csv ||
    fail "validate with the profile: exit code $?"
awk -F, '$2 == "total_time_s" && ($5 < -2 || $5 > 2) { exit 1 }' out.csv ||
    fail "the profile does not predict what it was fitted to: $(cat out.csv)"

# Several starts: all of them are told, and two workers find what one finds.
"$GODWIT" calibrate fast.json busy.json --starts 2 -o pack/host.yaml -j 1 --format json >two.json ||
    fail "calibrate --starts 2 -j 1: exit code $?"
cp pack/host.yaml first.yaml
"$GODWIT" calibrate fast.json busy.json --starts 2 -o pack/host.yaml -j 2 >out.txt ||
    fail "calibrate --starts 2 -j 2: exit code $?"
cmp first.yaml pack/host.yaml || fail "two workers found other values than one"
grep -qE '^chi2 of the numbers: .*, with the prior: .*; reduced chi2: ' out.txt || fail "no chi2: $(cat out.txt)"
grep -qE '^chi2 with the prior at 2 starts, after a short fit from each: .*\(the given one\); ' out.txt ||
    fail "no starts: $(cat out.txt)"
grep -q '"start": 1, "chi2_there": ' two.json || fail "JSON: no starts"
grep -q '"prior_pct": 25, ' two.json || fail "JSON: no prior"
grep -qE '"chi2": [0-9.e+-]+, "chi2_with_prior": ' two.json || fail "JSON: no chi2 with the prior"
grep -q 'prior +-25 %' pack/host.yaml || fail "no prior in the profile: $(cat pack/host.yaml)"
[ "$(find pack -name 'host.yaml*' | wc -l)" = 1 ] || fail "a temporary file was left"

# Repeats are one case; a migration that was given up tells nothing.
sed 's/"id": "busy"/"id": "busy.r2"/' busy.json >busy.r2.json
sed 's/"id": "slow"/"id": "cancelled"/; s/"converged": true/"converged": false/' slow.json \
    >cancelled.json
"$GODWIT" calibrate --starts 1 busy.json busy.r2.json fast.json cancelled.json >again.yaml ||
    fail "repeats: exit code $?"
[ "$(grep -c '^# calibrated on:' again.yaml)" = 2 ] || fail "cases: $(cat again.yaml)"
! grep -q 'starts' again.yaml || fail "one start is not several: $(cat again.yaml)"
! grep -q '^include:' again.yaml || fail "an include without --host"
! grep -q cancelled again.yaml || fail "a migration that was given up was used"

# ---- refusals ------------------------------------------------------------------------------------

refuses 2 'name one calibration file'
refuses 2 'name one calibration file' busy.json pack/host.yaml
refuses 2 'nowhere.json' nowhere.json
refuses 2 'no scenario' busy.json --host nowhere.yaml
refuses 2 'at most 64' busy.json --starts 65
refuses 2 'none of the migrations completed' cancelled.json
refuses 2 'tell none of the costs' slow.json
sed 's/"downtime_ms": [^,]*/"downtime_ms": 0/' fast.json >single.json
refuses 2 '1 numbers cannot fix 1 parameters' single.json
echo 'host: {send_ns: 20000, load_ns: 20000, fault: 200ns}' >pack/hopeless.yaml
refuses 2 'busy.json: completed, but does not at the costs' busy.json --host pack/hopeless.yaml
refuses 2 'cannot be written' "${files[@]}" -o nowhere/host.yaml
echo 'host: {load_ns: fast}' >pack/broken.yaml
refuses 2 'load_ns' busy.json --host pack/broken.yaml
echo '{}' >empty-object.json
refuses 2 'empty-object.json: has neither' empty-object.json busy.json
refuses 2 '--host is for measured migrations' pack/host.yaml --host pack/machine.yaml

exit $((failures > 0))
