#!/usr/bin/env bash
# validation.sh - pins: the card file can be read and README.md shows what it says; a run says
# whether it lies inside of it; and, where the measurements are, that no group of predictions got
# worse than tests/golden/validation.csv says, by more than half a point or a tenth of the error,
# whichever is larger, and that no outcome, throttle or count of syncs that was right is wrong now.
# Does not pin: how good the predictions are. `make validation-baseline` takes new ones for granted.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"
long_form

# ---- cards ---------------------------------------------------------------------------------------

"$GODWIT" list cards --format md | awk -f "$tree/scripts/readme-cards.awk" >table || fail "list cards: exit code $?"
awk '/^<!-- end of cards -->/ { shown = 0 } shown && NF > 0; /^<!-- cards: / { shown = 1 }' \
    "$tree/README.md" >readme
diff readme table >&2 || fail "README.md: not the table of the cards: make model-cards"
"$GODWIT" list cards precopy >facts || fail "list cards precopy: exit code $?"
grep -q '^memory.size ' facts || fail "the card says nothing of memory.size"

cat >still.yaml <<'END'
warmup: 100ms
cooldown: 100ms
memory: {size: 16MiB}
link: {rate: 1Gbps}
migration: {architecture: precopy}
END
"$GODWIT" run still.yaml >out.txt || fail "run: exit code $?"
grep -q '^outside the validated range of precopy' out.txt || fail "no word of it: $(cat out.txt)"
grep -q 'memory.size 16 MiB (validated: ' out.txt || fail "no reason: $(cat out.txt)"
"$GODWIT" run still.yaml --format json | grep -q '"inside": false' || fail "not in JSON"
"$GODWIT" run still.yaml --set migration.architecture=stop-and-copy |
    grep -q '^not validated: stop-and-copy was never measured' || fail "a card of stop-and-copy"

# Without the file; and with a broken one.
mkdir -p "$work/alone/bin"
cp "$GODWIT" "$work/alone/bin/godwit" # which also looks beside itself
GODWIT_DATADIR="$work/none" "$work/alone/bin/godwit" run still.yaml >out.txt || fail "no cards: exit code $?"
grep -q '^not validated: there is no card file' out.txt || fail "no cards: $(tail -n 1 out.txt)"
mkdir -p broken/scenarios
echo 'technique,of,nothing' >broken/scenarios/model-cards.csv
code=0
GODWIT_DATADIR="$work/broken" "$GODWIT" run still.yaml >/dev/null 2>stderr.txt || code=$?
[ "$code" = 2 ] || fail "a broken card file: exit code $code"
grep -q 'model-cards.csv: line 1' stderr.txt || fail "a broken card file: $(cat stderr.txt)"

# ---- errors --------------------------------------------------------------------------------------

# grown NEW OLD - prints each row of OLD that NEW lacks or has with a larger error
grown() {
    awk -F, '
        function worse(now, was, slack) {
            slack = was / 10 > 0.5 ? was / 10 : 0.5
            return was != "" && (now == "" || now > was + slack)
        }
        function fewer(now, was) { return was != "" && now < was }
        FNR == 1 { next }
        FILENAME == ARGV[1] { rows[$1 FS $2 FS $3] = $0; next }
        !(($1 FS $2 FS $3) in rows) { print "gone: " $0; next }
        {
            split(rows[$1 FS $2 FS $3], now, FS)
            if (fewer(now[4] + 0, $4 + 0) || fewer(now[5], $5) || fewer(now[6], $6) ||
                worse(now[7], $7) || worse(now[8], $8))
                print "was " $0 "\n now " rows[$1 FS $2 FS $3]
        }' "$1" "$2"
}

cat >old.csv <<'END'
set,group,metric,n,right,within_one,median,p90
s,A,time,9,,,4,20
s,A,sync,9,9,8,,
END
sed -e 's/4,20/4.4,21.9/' old.csv >near.csv
[ -z "$(grown near.csv old.csv)" ] || fail "a tenth more is no growth"
for change in 's/4,20/4.6,20/' 's/4,20/4,22.1/' 's/9,9,8/9,8,8/' 's/9,9,8/9,9,7/' 's/A,time,9/A,time,8/' \
    '/time/d'; do
    sed -e "$change" old.csv >far.csv
    [ -n "$(grown far.csv old.csv)" ] || fail "not seen: $change"
done

code=0
bash "$tree/scripts/validation.sh" rows "$GODWIT" >rows.csv 2>stderr.txt || code=$?
if [ "$code" = 77 ]; then
    [ "$failures" = 0 ] || exit 1
    skip "no measured migration is here; the rest passed"
fi
[ "$code" = 0 ] || fail "validation.sh rows: exit code $code: $(cat stderr.txt)"
growth=$(grown rows.csv "$tree/tests/golden/validation.csv")
[ -z "$growth" ] || fail "predictions got worse:"$'\n'"$growth"
[ "$failures" = 0 ]
