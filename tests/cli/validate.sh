#!/usr/bin/env bash
# validate.sh - pins: `godwit validate` predicts measured memory migrations: which cells there are
# for which set-up, what is left out of a migration that was given up, a wrong outcome is a
# finding, the summary, --set, pictures and cards, --host, the same bytes with one worker and with two, and a message with the
# file and the field for each mistake, before anything is run.
# Does not pin: how near the predictions are, but for one measured case, where there is one.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"
verb=validate

# lacks FILE PATTERN - no line of FILE has PATTERN
lacks() {
    ! grep -q -- "$2" "$1" || fail "$1 has $2: $(grep -- "$2" "$1")"
}

data=$tree/../shared/data/qemu-memory

cat >small.json <<'END'
{"id": "small", "group": "T",
 "setup": {"ram_mib": 32, "link_B_per_s": null,
  "guest": {"fill": 2048, "fc": 2, "wss": 1024, "rate": 1000, "mode": "p", "pat": "u",
            "chg": 64, "wc": 2},
  "max_bandwidth": 50000000, "downtime_limit_ms": 300, "time_limit_s": 10,
  "capabilities": [], "parameters": {}},
 "result": {"converged": true, "total_time_ms": 170, "downtime_ms": 10, "iterations": 3,
  "transferred": 8500000, "normal_pages": 2080, "guest_rate_before": 1000,
  "guest_rate_during": null, "throttle_pct_last": 0, "xbzrle": null, "compression": null}}
END

# ---- cells ---------------------------------------------------------------------------------------

"$GODWIT" validate small.json --format csv >out.csv 2>stderr.txt || fail "small: exit code $?"
[ ! -s stderr.txt ] || fail "validate wrote to stderr: $(cat stderr.txt)"
head -n 1 out.csv | grep -q '^case,metric,expected,got,error_pct,ok' || fail "no header"
grep -q '^small,outcome,completed,completed,,true' out.csv || fail "no outcome: $(cat out.csv)"
grep -qE '^small,downtime_s,0.01,[0-9.e-]+,,,' out.csv || fail "downtime is judged without a link"
for metric in total_time_s sync_count bytes_sent normal_pages; do
    grep -qE "^small,$metric,[0-9.]+,[0-9.]+,-?[0-9.e-]+,," out.csv || fail "no error of $metric"
done
lacks out.csv 'throttle_pct\|guest_rate_ratio\|xbzrle\|compress'
awk -F, '$2 == "bytes_sent" && ($5 < -10 || $5 > 10) { exit 1 }' out.csv || fail "sent: $(cat out.csv)"

# A link makes the downtime comparable; each technique brings its own cells.
sed -e 's/null,$/125000000,/' -e 's/"small"/"techniques"/' -e 's/"p"/"c"/' \
    -e 's/\[\]/["xbzrle", "auto-converge"]/' -e 's/_during": null/_during": 900/' \
    -e 's/"xbzrle": null/"xbzrle": {"pages": 1, "bytes": 9, "cache-miss": 50, "overflow": 0}/' \
    small.json >techniques.json
"$GODWIT" validate small.json techniques.json -j 1 --format json >one.json || fail "two: $?"
"$GODWIT" validate small.json techniques.json -j 2 --format json >two.json || fail "two: $?"
cmp one.json two.json || fail "workers change the bytes"
for metric in throttle_pct guest_rate_ratio xbzrle_pages xbzrle_bytes xbzrle_cache_miss \
    xbzrle_overflow; do
    grep -q "\"$metric\"" one.json || fail "no $metric"
done
sed -e 's/\[\]/["compress"]/' -e \
    's/"compression": null/"compression": {"pages": 9, "compressed-size": 9, "busy": 0}/' \
    small.json >packed.json
"$GODWIT" validate packed.json --format csv >out.csv || fail "packed: $?"
grep -q '^small,compressed_pages,9,[0-9]*,,,measured,not comparable: too few' out.csv ||
    fail "nine pages have an error: $(cat out.csv)"
[ "$(grep -c ',compress' out.csv)" = 3 ] || fail "not three cells of compression"

# ---- outcomes ------------------------------------------------------------------------------------

# More writes than the limit carries: given up after the time limit, and no number says anything.
sed -e 's/"rate": 1000/"rate": 50000/' -e 's/"time_limit_s": 10/"time_limit_s": 3/' \
    -e 's/"wss": 1024/"wss": 2048/' -e 's/50000000/4000000/' -e 's/: 300/: 1/' \
    small.json >busy.json
code=0
"$GODWIT" validate busy.json --format csv >out.csv || code=$?
[ "$code" = 1 ] || fail "a wrong outcome: exit code $code"
grep -q '^small,outcome,completed,not_converged,,false' out.csv || fail "busy: $(cat out.csv)"
[ "$(wc -l <out.csv)" = 2 ] || fail "numbers of a migration given up: $(cat out.csv)"
sed -e 's/"converged": true/"converged": false/' -e 's/"downtime_ms": 10/"downtime_ms": null/' \
    busy.json >given-up.json
"$GODWIT" validate given-up.json --format csv >out.csv || fail "given up: exit code $?"
[ "$(wc -l <out.csv)" = 2 ] || fail "numbers of a migration given up: $(cat out.csv)"

# ---- summary -------------------------------------------------------------------------------------

"$GODWIT" validate small.json given-up.json >out.txt || fail "summary: exit code $?"
grep -qE '^T +outcome +2 +2 ' out.txt || fail "outcomes: $(cat out.txt)"
grep -qE '^all +total_time_s +1 +([0-9.]+ +){3}1 +[0-9.]+ +[0-9.]+ +[0-9.]+ *$' out.txt ||
    fail "errors: $(cat out.txt)"
sed -e 's/"group": "T"/"group": "U"/' -e 's/"small"/"other"/' small.json >other.json
"$GODWIT" validate small.json other.json --summary --combine T,U --format csv >out.csv ||
    fail "--summary: exit code $?"
grep -q '^group,metric,n,right,within_one,median_abs_error_pct,' out.csv || fail "$(cat out.csv)"
grep -q '^"T,U",outcome,2,2,' out.csv || fail "--combine: $(cat out.csv)"
lacks out.csv '^small'
"$GODWIT" validate small.json --summary --at-least 200ms --format csv >out.csv || fail "at least"
lacks out.csv 'total_time_s'
"$GODWIT" validate small.json --format json >out.json || fail "JSON: exit code $?"
python='import json, sys
found = json.load(sys.stdin)
assert set(found) == {"cells", "summary", "ok"}
assert set(found["cells"][0]) == set(
    "case metric expected got error_pct ok kind note".split())
assert set("group metric n right within_one median_abs_error_pct p90_abs_error_pct "
           "worst_abs_error_pct".split()) <= set(found["summary"][0])'
! command -v python3 >/dev/null || python3 -c "$python" <out.json || fail "keys: $(cat out.json)"
"$GODWIT" validate small.json --summary --format json | grep -q '"summary"' || fail "no summary"
"$GODWIT" validate small.json --format jsonl | grep -q '^{"case"' || fail "no lines"
refuses 2 '--at-least' small.json --at-least 5

# ---- causes that are switched off ---------------------------------------------------------------

"$GODWIT" validate small.json --set link.rate=20MB/s --set host.sync=0s --format csv >out.csv ||
    fail "--set: exit code $?"
awk -F, '$2 == "total_time_s" && $4 < 0.3 { exit 1 }' out.csv || fail "--set: $(cat out.csv)"
refuses 2 'one value' small.json --set host.sync=0s,1s
refuses 2 'nonsense' small.json --set host.nonsense=1

# ---- pictures and cards --------------------------------------------------------------------------

sed -e 's/^ "result"/ "series": {"columns": ["t_ms", "remaining"], "rows": [[0, 33554432], [170, 0]]},\n&/' \
    small.json >curves.json
if command -v gnuplot >/dev/null; then
    "$GODWIT" validate curves.json --figure drawn --curves drawn --format csv >out.csv ||
        fail "pictures: exit code $?"
    for name in curve-small measured-time measured-bytes; do
        [ -s "drawn/$name.svg" ] || fail "no $name.svg"
    done
    grep -q '^small,remaining_curve_pct,,[0-9.e-]*,[0-9.e-]*,,measured' out.csv ||
        fail "no distance: $(cat out.csv)"
fi
"$GODWIT" validate small.json --cards cards.csv >stdout.txt || fail "--cards: exit code $?"
grep -q '^precopy,cases,,1,' cards.csv || fail "no card: $(cat cards.csv)"
grep -q '^precopy,error,total_time_s,1,' cards.csv || fail "no error in the card"
mkdir -p scenarios
cp cards.csv scenarios/model-cards.csv
"$GODWIT" list cards | grep -q '^precopy  *1  *0  *1 of 1  *total_time_s' || fail "list cards"
"$GODWIT" list cards --format jsonl | grep -q '"cases": 1, "fitted": 0, .*"predicted median %": [0-9]' ||
    fail "list cards: numbers are no numbers"
rm -r scenarios

# ---- the host ------------------------------------------------------------------------------------

mkdir folder
echo 'host: {load_page_ns: 200000}' >folder/slow.yaml
"$GODWIT" validate small.json --host folder/slow.yaml --format csv >out.csv || fail "slow: $?"
awk -F, '$2 == "total_time_s" && $4 < 0.3 { exit 1 }' out.csv || fail "no slow host: $(cat out.csv)"
refuses 2 'none.yaml' small.json --host none.yaml
"$GODWIT" validate small.json --host none >out.txt || fail "--host none: exit code $?"
echo 'host: {load_pages_ns: 1}' >folder/wrong.yaml
refuses 2 'wrong.yaml' small.json --host folder/wrong.yaml

# ---- mistakes ------------------------------------------------------------------------------------

# broken EXPRESSION PATTERN - small.json changed by sed is refused in the second place
broken() {
    sed -e "$1" small.json >broken.json
    refuses 2 "broken.json: $2" broken.json
}

refuses 2 'name the files'
refuses 2 'none.json: cannot be opened' none.json
refuses 3 'folder: cannot be' folder
broken 's/^ "setup"/ setup/' 'no JSON: line 2'
echo '[]' >list.json
refuses 2 'list.json: must hold one JSON object' list.json
broken 's/"id": "small",//' 'id is missing'
broken 's/"fill": 2048,//' 'setup.guest.fill is missing'
broken 's/"fill": 2048/"fill": 2048.5/' 'setup.guest.fill must be a whole number'
broken 's/"fill": 2048/"fill": -1/' 'setup.guest.fill must be a whole number'
broken 's/"fill": 2048/"fill": 5000/' 'setup.guest.fill 5000 pages do not fit'
broken 's/"wss": 1024/"wss": 4000/' 'setup.guest.wss 4000 pages do not fit'
broken 's/"pat": "u"/"pat": "x"/' "setup.guest.pat 'x' must be one of"
broken 's/\[\]/["rdma"]/' "setup.capabilities: 'rdma'"
broken 's/\[\]/["xbzrle"]/' 'result.xbzrle.pages is missing'
broken 's/"rate": 1000,/"rate": 0,/;s/_before": 1000/_before": null/' 'result.guest_rate_before'
broken 's/"converged": true,//' 'result.converged is missing'
broken 's/"converged": true/"converged": 1/' 'result.converged must be true or false'
broken 's/"transferred": 8500000/"transferred": "much"/' 'result.transferred must be a number'

# One bad file loses nothing of the others, and is not forgotten.
code=0
"$GODWIT" validate broken.json small.json --format csv >out.csv 2>out.err || code=$?
[ "$code" = 2 ] || fail "bad and good: exit code $code"
grep -q 'result.transferred must be a number' out.err || fail "bad and good: $(cat out.err)"
grep -q ',total_time_s,' out.csv || fail "bad and good: no cells"

# ---- a real one ----------------------------------------------------------------------------------

if [ -r "$data/a-1g-u-rho040.json" ]; then
    "$GODWIT" validate "$data/a-1g-u-rho040.json" --format csv >out.csv || fail "real: exit code $?"
    awk -F, '$2 == "total_time_s" && ($5 < -5 || $5 > 5) { exit 1 }' out.csv ||
        fail "time: $(cat out.csv)"
fi
[ "$failures" = 0 ] || exit 1
[ -r "$data/a-1g-u-rho040.json" ] ||
    skip "no measured migration is here; the rest passed"
