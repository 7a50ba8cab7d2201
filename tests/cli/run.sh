#!/usr/bin/env bash
# run.sh - pins: `godwit run` end to end: formats, the cross product of --set, seeds, replications,
# the same bytes with one worker and with two, a database that is filled once and never harmed,
# and one clear line with the right exit code for each thing that can be wrong.
# Does not pin: the numbers.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"
verb=run

# refuses_once CODE PATTERN ARGUMENT... - refuses, and with a single error
refuses_once() {
    refuses "$@"
    [ "$(grep -c 'error: ' <<<"$refusal")" = 1 ] || fail "run $*: not one error: $refusal"
}

cat >small.yaml <<'END'
warmup: 1s
cooldown: 1s
devices: {source: {kind: ideal, rate: 100MB/s}, target: {kind: ideal, rate: 100MB/s}}
vm: {disks: [{size: 16MiB}]}
workload: {kind: closed, oio: 2, think_time: 10ms}
migration: {architecture: mirror, mirror: {lock_range: 4MiB}}
END

# ---- formats -------------------------------------------------------------------------------------

for format in table json jsonl csv md; do
    "$GODWIT" run small.yaml --format "$format" >"out.$format" 2>stderr.txt ||
        fail "--format $format: exit code $?"
    [ ! -s stderr.txt ] || fail "--format $format: wrote to stderr"
    grep -q mirror "out.$format" || fail "--format $format: no result"
done
grep -q '"runs": \[' out.json || fail "JSON is not one object with runs"
[ "$(wc -l <out.jsonl)" = 1 ] || fail "JSON lines: not a line a run"
[ "$(wc -l <out.csv)" = 2 ] || fail "CSV: not a header and a line a run"
grep -q '^| mirror | completed |' out.md || fail "Markdown: no row"
for key in migration_time_s downtime_s guest_penalty_s bytes_sent outcome reason iterations \
    verified architecture scenario replication seed; do
    grep -q "\"$key\":" out.json || fail "JSON: no key $key"
    head -n 1 out.csv | tr -d '\r' | tr , '\n' | grep -qx "$key" || fail "CSV: no column $key"
done

# ---- variations, seeds, replications, workers ------------------------------------------------------

# columns NAME... - of out.csv, which must not have quoted cells before them
columns() {
    awk -F, -v names="$*" '
        { sub(/\r$/, "") }
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; count = split(names, name, " "); next }
        { for (i = 1; i <= count; i++) printf "%s%s", $at[name[i]], i < count ? " " : "\n" }' out.csv
}

"$GODWIT" run small.yaml --set migration.architecture=mirror,dbt --set workload.oio=1,2,4 -n 2 \
    --format csv >out.csv || fail "a cross product: exit code $?"
columns migration.architecture workload.oio replication >got.txt
for architecture in mirror dbt; do
    for oio in 1 2 4; do
        printf '%s\n' "$architecture $oio 0" "$architecture $oio 1"
    done
done >expected.txt
cmp -s got.txt expected.txt || fail "a cross product: $(tr '\n' ';' <got.txt)"
[ "$(columns digest | sort -u | wc -l)" = 12 ] || fail "runs of a cross product are alike"

"$GODWIT" run small.yaml -n 4 --format json -j 1 >one.json || fail "-j 1: exit code $?"
"$GODWIT" run small.yaml -n 4 --format json -j 2 >two.json || fail "-j 2: exit code $?"
cmp -s one.json two.json || fail "-j 1 and -j 2 differ"
[ "$(grep -c '"replication":' one.json)" = 4 ] || fail "-n 4 is not four runs"
"$GODWIT" run small.yaml -n 4 --format json --seed 1 >same.json
cmp -s one.json same.json || fail "--seed 1 differs from the default seed 1"
"$GODWIT" run small.yaml -n 4 --format json --seed 2 >other.json
cmp -s one.json other.json && fail "--seed 2 is the same as --seed 1"
grep -q '"seed": 2,' other.json || fail "--seed 2 is not in the result"

# ---- what can be wrong with a scenario -------------------------------------------------------------

refuses_once 2 "name at least one scenario"
refuses_once 2 "no scenario 'absent.yaml'" absent.yaml
refuses_once 2 "unknown key 'sede'; did you mean 'seed'?" small.yaml --set sede=3
refuses_once 2 "unknown key 'lock_ragne'" small.yaml --set migration.mirror.lock_ragne=1MiB
refuses_once 2 "'30' has no unit" small.yaml --set warmup=30
refuses_once 2 "'4s'" small.yaml --set migration.mirror.lock_range=4s
refuses_once 2 "negative size '-1MiB'" small.yaml --set 'vm.disks=[{size: -1MiB}]'
refuses_once 2 "out of range" small.yaml --set 'vm.disks=[{size: 9223372036854775807B}]'
refuses_once 2 "too large" small.yaml --set 'vm.disks=[{size: 9223372036854775808B}]'
refuses_once 2 "at most 2147483646 can be told apart" small.yaml --set 'vm.disks=[{size: 1PiB}]'
refuses_once 2 "--seed '-1'" small.yaml --seed -1
refuses_once 2 "--seed '1x'" small.yaml --seed 1x
refuses_once 2 "--seed '99999999999999999999'" small.yaml --seed 99999999999999999999
refuses_once 2 "'x' is not a count" small.yaml -j x

# ---- traces ----------------------------------------------------------------------------------------

cat >whole.iolog <<'END'
fio version 2 iolog
/dev/vda add
/dev/vda open
/dev/vda write 0 4096
/dev/vda read 8192 8192
/dev/vda close
END
head -c -4 whole.iolog >cut.iolog
trace() { printf 'workload={kind: replay, outstanding: 4, trace: %s}' "$1"; }
"$GODWIT" run small.yaml --set "$(trace whole.iolog)" >/dev/null || fail "a whole trace: $?"
refuses_once 2 "trace absent.iolog: No such file" small.yaml --set "$(trace absent.iolog)"
refuses_once 3 "cut.iolog:6:" small.yaml --set "$(trace cut.iolog)"

# ---- databases -------------------------------------------------------------------------------------

"$GODWIT" run small.yaml -n 2 --db runs.db --format jsonl >first.txt || fail "--db: exit code $?"
"$GODWIT" run small.yaml -n 2 --db runs.db --format jsonl >again.txt || fail "--db again: $?"
cmp -s first.txt again.txt || fail "a second run printed something else"

# rows - number of runs in runs.db, and that it is whole; nothing where there is no sqlite3
rows() {
    command -v sqlite3 >/dev/null || return 0
    [ "$(sqlite3 runs.db 'pragma integrity_check')" = ok ] || fail "the database is damaged"
    sqlite3 runs.db 'select count(*) from run'
}
expects_rows() {
    local got
    got=$(rows)
    [ -z "$got" ] || [ "$got" = "$1" ] || fail "$2: $got runs in the database instead of $1"
}
expects_rows 2 "the same runs twice"
"$GODWIT" run small.yaml -n 3 --db runs.db >/dev/null || fail "--db, one more run: $?"
expects_rows 3 "one more run"
refuses_once 2 "unknown key" small.yaml --db runs.db --set sede=3
refuses_once 3 "cut.iolog:6:" small.yaml --db runs.db --set "$(trace cut.iolog)"
expects_rows 3 "runs that failed"

refuses_once 3 "/absent/runs.db" small.yaml --db "$work/absent/runs.db"
mkdir folder.db
refuses_once 3 "folder.db" small.yaml --db folder.db
printf 'no database, but long enough to be taken for one if nobody looks: %0100d\n' 0 >text.db
cp text.db copy.db
refuses_once 3 "text.db" small.yaml --db text.db
cmp -s text.db copy.db || fail "a file that is no database was changed"

# Root may write anywhere; then somebody else tries.
chmod 755 "$work"
chmod 444 runs.db small.yaml
if [ "$(id -u)" != 0 ]; then
    refuses_once 3 "read-only" small.yaml --db runs.db --seed 9
elif command -v setpriv >/dev/null; then
    setpriv --reuid=65534 --clear-groups "$GODWIT" run small.yaml --db runs.db --seed 9 \
        >stdout.txt 2>stderr.txt
    code=$?
    # 126, 127: the program is not there for that user
    if [ "$code" -lt 126 ]; then
        [ "$code" = 3 ] || fail "a read-only database: exit code $code"
        grep -q 'read-only' stderr.txt || fail "a read-only database: $(cat stderr.txt)"
    fi
fi
chmod 644 runs.db
expects_rows 3 "a read-only database"

exit $((failures > 0))
