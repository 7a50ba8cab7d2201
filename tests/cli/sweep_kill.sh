#!/usr/bin/env bash
# sweep_kill.sh [KILLS] - pins: a sweep that is killed at random moments, the whole of it or one
# worker, and resumed, ends with every run once and with the exports of one that was left alone.
# KILLS is 20 by default; SEED repeats a schedule as far as the machine's timing allows.
# Does not pin: power cuts, which are SQLite's business.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"

kills=${1:-20}
RANDOM=${SEED:-$$}
echo "sweep_kill.sh: $kills kills, SEED=${SEED:-$$}"

# fail WHY - the first mistake ends it
fail() {
    echo "FAIL: $*" >&2
    exit 1
}

cat >study.yaml <<'END'
warmup: 1s
cooldown: 1s
devices: {source: {kind: ideal, rate: 100MB/s}, target: {kind: ideal, rate: 100MB/s}}
vm: {disks: [{size: 512MiB}]}
workload: {kind: closed, oio: 2, think_time: 1ms}
migration: {architecture: mirror}
sweep:
  over: {migration.architecture: [mirror, dbt, snapshot], workload.oio: [1, 2, 4, 8]}
  replications: 5
END
runs=60

# nap MILLISECONDS
nap() {
    sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"
}

# kill_worker PARENT - one of its workers, if it has any
kill_worker() {
    local workers=()
    # The file has no line feed at its end, so that `read` says no in any case.
    { read -ra workers <"/proc/$1/task/$1/children"; } 2>/dev/null
    [ "${#workers[@]}" -gt 0 ] && kill -9 "${workers[RANDOM % ${#workers[@]}]}" 2>/dev/null
}

start=$(date +%s%N)
"$GODWIT" sweep run study.yaml -j 2 --db calm.db >/dev/null 2>&1 || fail "undisturbed: exit code $?"
duration=$((($(date +%s%N) - start) / 1000000))

killed=0
studies=0
parents=0
while [ "$killed" -lt "$kills" ]; do
    database=wild$studies.db
    studies=$((studies + 1))
    until "$GODWIT" sweep status --db "$database" --study study >/dev/null 2>&1; do
        "$GODWIT" sweep run study.yaml -j 2 --db "$database" >/dev/null 2>stderr.txt &
        parent=$!
        nap $((RANDOM % (duration * 2 / 3 + 1) + 5))
        if [ "$killed" -lt "$kills" ]; then
            if [ $((RANDOM % 3)) = 0 ]; then
                kill_worker $parent && killed=$((killed + 1))
            elif kill -9 $parent 2>/dev/null; then
                killed=$((killed + 1))
                parents=$((parents + 1))
            fi
        fi
        code=0
        wait $parent 2>/dev/null || code=$?
        case $code in
        0 | 4 | 137) ;;
        *) fail "exit code $code: $(cat stderr.txt)" ;;
        esac
    done
    python3 - "$database" "$runs" <<'END' || fail "$database: lost or doubled runs"
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
def number(sql):
    return database.execute(sql).fetchone()[0]
runs = int(sys.argv[2])
assert number("SELECT count(*) FROM run") == runs
assert number("SELECT count(*) FROM v_study WHERE status = 'done'") == runs
assert number("SELECT count(*) FROM failure") == 0
assert number("SELECT min(n) = max(n) FROM (SELECT count(*) n FROM scalar GROUP BY run_id)") == 1
assert number("PRAGMA integrity_check") == "ok"
END
    for format in csv wide-csv jsonl md; do
        "$GODWIT" export calm.db --format $format >calm.txt || fail "export: exit code $?"
        "$GODWIT" export "$database" --format $format >wild.txt || fail "export: exit code $?"
        cmp -s calm.txt wild.txt || fail "$database: exports differ ($format)"
    done
    rm -f "$database"
done
echo "sweep_kill.sh: $killed kills ($parents of them of the whole) over $studies studies of $runs runs: 0 lost, 0 doubled"
