#!/usr/bin/env bash
# sweep.sh - pins: `godwit sweep` end to end: the plan, runs that are there are not run again, the
# same exports with one worker, with two and from merged shards, the same merged bytes for any
# number of shards, resume after an interrupt, a worker that is killed, conflicts, exit codes; and
# `godwit export` in all formats.
# Does not pin: the numbers. Kills at random moments: sweep_kill.sh.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"

says() {
    grep -qF -- "$1" stderr.txt || fail "no '$1' in: $(cat stderr.txt)"
}

# export_of DATABASE - everything that is exported as text
export_of() {
    "$GODWIT" export "$1" --format csv && "$GODWIT" export "$1" --format wide-csv &&
        "$GODWIT" export "$1" --format jsonl && "$GODWIT" export "$1" --format md &&
        "$GODWIT" export "$1" --format latex
}

export TMPDIR=$work
cat >small.yaml <<'END'
warmup: 1s
cooldown: 1s
devices: {source: {kind: ideal, rate: 100MB/s}, target: {kind: ideal, rate: 100MB/s}}
vm: {disks: [{size: 16MiB}]}
workload: {kind: closed, oio: 2, think_time: 10ms}
migration: {architecture: mirror, mirror: {lock_range: 4MiB}}
sweep:
  over: {migration.architecture: [mirror, dbt], workload.oio: [1, 2, 4]}
  replications: 4
END

# ---- plan ------------------------------------------------------------------------------------------

exits 0 sweep plan small.yaml --format csv
[ "$(wc -l <stdout.txt)" = 7 ] || fail "plan: not a line a point: $(cat stdout.txt)"
says "24 runs, 24 of them to be run: about"
[ ! -e small.db ] || fail "plan: made a database"
exits 0 sweep plan small.yaml --format json --stop downtime_s --probes 0
python3 - <<'END' || fail "plan: numbers are no numbers"
import json
points = json.load(open("stdout.txt"))["points"]
assert [point["number"] for point in points] == list(range(6))
assert all(point["runs"] == 4 and point["runs_most"] == 200 for point in points), points
assert points[0]["migration.architecture"] == "mirror"
END
exits 0 sweep plan small.yaml --sweep workload.oio=1,1 --probes 0
says "16 runs, 8 of them to be run"
exits 2 sweep plan small.yaml -n 99999999999
says "more than 5000000 runs"
exits 2 sweep plan small.yaml --sweep workload.oio=1,x
says "workload.oio"
exits 2 sweep rnu small.yaml
says "did you mean 'run'?"
actions=$(sed -n 's/.*: expected \([a-z, ]*\) or \([a-z]*\);.*/\1, \2/p' stderr.txt | tr -d ' ' | tr , '|')
exits 0 sweep --help
[ -n "$actions" ] && grep -qF "sweep $actions [" stdout.txt || fail "--help: not $actions in $(head -n 1 stdout.txt)"

for option in -n -j --shards --publish; do
    refuses 2 "$option: '0': must be at least 1" sweep run small.yaml $option 0
done
refuses 2 "-j: '-3': must be at least 1" sweep plan small.yaml -j -3
[ -z "$(compgen -G '*.db')" ] || fail "a wrong option: made a database"

# ---- run, and run again -----------------------------------------------------------------------------

exits 0 sweep run small.yaml -j 1 --db one.db --format csv
grep -q '^small,24,24,0,0' stdout.txt || fail "run: said $(cat stdout.txt)"
exits 0 sweep run small.yaml -j 2 --db two.db
export_of one.db >one.txt || fail "export: exit code $?"
export_of two.db >two.txt
cmp -s one.txt two.txt || fail "-j 1 and -j 2 differ"
[ "$(grep -c small one.txt)" -gt 100 ] || fail "export: nothing in it"
exits 0 sweep run small.yaml --db one.db
says "24 runs, 0 of them to be run"
exits 0 sweep run small.yaml --db one.db --study wider --sweep workload.oio=2,4,8
says "24 runs, 8 of them to be run"
exits 0 sweep status --db one.db --format csv
[ "$(grep -c ',24,24,0,0' stdout.txt)" = 2 ] || fail "status: said $(cat stdout.txt)"
exits 0 sweep status --db one.db --format jsonl
grep -qF '{"study": "small", "runs": 24, "done": 24, "failed": 0, "missing": 0}' stdout.txt ||
    fail "status: numbers are no numbers: $(cat stdout.txt)"

# ---- named points --------------------------------------------------------------------------------------

sed 's/over: .*/points: {few: {workload.oio: 1}, "a, b": {workload: {oio: 4, think_time: 5ms}}}/' small.yaml >named.yaml
exits 0 sweep plan named.yaml --format csv --probes 0
grep -q '^1,named,4,"a, b",5ms,4' stdout.txt ||
    fail "plan: no names: $(cat stdout.txt)"
exits 0 sweep run named.yaml --db named.db
[ "$(ask named.db "SELECT count(*) FROM v_runs WHERE parameters ->> 'point' = 'few'")" = 4 ] || fail "v_runs: no names"
[ "$(ask named.db "SELECT count(DISTINCT name) FROM v_summary")" = 2 ] || fail "v_summary: no names"
for format in csv wide-csv md jsonl latex; do
    exits 0 export named.db --format $format
    grep -q 'a, b' stdout.txt || fail "export $format: no names"
done
exits 0 export named.db --format omnetpp -o named
[ "$(ask named.sca "SELECT count(*) FROM runItervar WHERE itervarName = 'point'")" = 8 ] || fail "export: no names in .sca"
exits 0 sweep run named.yaml --db named.db --study by-name --set sweep.points.few.migration.architecture=dbt
exits 0 sweep describe --db named.db --study named --format csv
# Names that were not there before are noted when nothing is to be run.
ask named.db "DELETE FROM parameter WHERE name = 'point'" >/dev/null
unseal named.db
exits 0 sweep run named.yaml --db named.db
[ "$(ask named.db "SELECT count(*) FROM v_runs WHERE parameters ->> 'point' = 'few'")" = 4 ] || fail "label: no names"

# ---- designs: drawn points ---------------------------------------------------------------------------

exits 0 sweep run small.yaml --db lhs.db --set sweep.design=lhs --set sweep.points=6 -n 1
[ "$(ask lhs.db 'SELECT count(*) FROM run')" -ge 4 ] || fail "a Latin hypercube did not run"

# ---- shards ------------------------------------------------------------------------------------------

for count in 1 3; do
    index=0
    while [ "$index" -lt "$count" ]; do
        exits 0 sweep run small.yaml --shard "$index/$count" --out "shards$count"
        index=$((index + 1))
    done
    exits 0 sweep merge "shards$count" -o "merged$count.db" --require-complete
    cp "merged$count.db" again.db
    exits 0 sweep merge "shards$count" -o again.db
    cmp -s again.db "merged$count.db" || fail "a merge into its own result changed it"
done
cmp -s merged1.db merged3.db || fail "merged bytes depend on the number of shards"
export_of merged3.db >merged.txt
cmp -s merged.txt two.txt || fail "merged shards and one process differ"
compgen -G 'godwit-*' >/dev/null && fail "a shard left its scratch database"
exits 0 sweep run small.yaml --study wider --sweep workload.oio=2,8 --db wider.db
mkdir 'a [part]*' 'b\part' && cp shards3/shard-[01].db 'a [part]*' && cp shards3/shard-2.db 'b\part'
exits 0 sweep merge 'a [part]*' 'b\part' -o parts.db --require-complete
cmp -s parts.db merged3.db || fail "shards of two directories are merged to other bytes"
exits 0 sweep merge wider.db merged3.db -o all.db --require-complete
exits 0 sweep merge 'b\part' wider.db 'a [part]*' -o all2.db --require-complete
cmp -s all.db all2.db || fail "merged bytes depend on the order"
[ "$(ask all.db 'SELECT count(*) || (SELECT count(*) FROM study) FROM run')" = 322 ] ||
    fail "merge: not the runs and studies of all"
"$GODWIT" sweep merge shards3 -o both.db >/dev/null 2>&1 &
first=$!
exits 0 sweep merge wider.db -o both.db
wait $first || fail "two merges into one file: the first failed"
cmp -s both.db all.db || fail "two merges into one file: not the runs of both"
refuses 2 "there is no such file" sweep merge shards3 nothing.db -o nothing-out.db
refuses 2 "wanted DIR|FILE... -o FILE.db" sweep merge -o nothing-out.db
mkdir part && cp shards3/shard-1.db part
exits 75 sweep merge part -o part.db --require-complete
exits 2 sweep run small.yaml --shard 3/3 --out shards3
says "K/N"

# ---- names that are no file names, and no LaTeX ------------------------------------------------------

sed '1i name: "a/b\\\\c <d>\\n~^|"' small.yaml >odd.yaml
exits 0 sweep run odd.yaml -n 1
[ -e 'a-b\c <d>-~^|.db' ] || fail "a name with a slash: no database: $(ls)"
exits 0 sweep run odd.yaml -n 1 --shard 0/1 --out odd
exits 0 sweep merge odd -o odd.db --require-complete
exits 0 export odd.db --format latex
[ "$(grep -cF 'a/b\textbackslash{}c \textless{}d\textgreater{} \textasciitilde{}\textasciicircum{}\textbar{} & vm' \
    stdout.txt)" = 6 ] || fail "export: no LaTeX: $(cat stdout.txt)"

# Names are bytes: every verb finds the file that the first one made.
mkdir 'Ünï cödé'
sed '1i name: "stüdy ☃"' small.yaml >'Ünï cödé/my scénario.yaml'
(cd 'Ünï cödé' && exits 0 sweep run 'my scénario.yaml' -n 1 && exit $((failures > 0))) || fail "a name beyond ASCII"
[ -s 'Ünï cödé/stüdy ☃.db' ] || fail "a name beyond ASCII: $(ls 'Ünï cödé')"
exits 0 sweep status --db 'Ünï cödé/stüdy ☃.db' --study 'stüdy ☃'
refuses 2 'was planned with ["my scénario.yaml","--replications=1"]; files are looked for from this folder' \
    sweep resume --db 'Ünï cödé/stüdy ☃.db'
exits 0 export 'Ünï cödé/stüdy ☃.db' --format omnetpp -o 'Ünï cödé/öut'
[ -s 'Ünï cödé/öut.sca' ] || fail "export: a name beyond ASCII: $(ls 'Ünï cödé')"
exits 0 sweep merge 'Ünï cödé/stüdy ☃.db' -o 'Ünï cödé/mérged.db'
exits 0 export 'Ünï cödé/mérged.db' -o 'Ünï cödé/mérged.csv'

# ---- conflicts ---------------------------------------------------------------------------------------

mkdir conflict && cp shards1/shard-0.db conflict/shard-0.db && cp shards1/shard-0.db conflict/shard-1.db
python3 - <<'END'
import sqlite3
database = sqlite3.connect("conflict/shard-1.db")
database.execute("UPDATE run SET digest = 'other' WHERE run_id = (SELECT min(run_id) FROM run)")
database.execute("UPDATE scalar SET value = 7 WHERE metric = 'downtime_s'"
                 " AND run_id = (SELECT min(run_id) FROM run)")
database.commit()
END
exits 3 sweep merge conflict -o conflict.db
says "conflict/shard-1.db: 1 run is damaged, or changed"
unseal conflict/shard-1.db
exits 3 sweep merge conflict -o conflict.db
says "determinism broken"
says "digest other, outcome completed, downtime_s 7"
says "determinism broken"
exits 3 sweep merge shards3 two.db conflict/shard-1.db -o conflict.db
says "determinism broken"
[ ! -e conflict.db ] || fail "a conflict left a database"

# ---- damage ----------------------------------------------------------------------------------------

# flip DATABASE - one bit of one metric of one run, in the bytes of the file
flip() {
    python3 - "$1" <<'END'
import sqlite3, struct, sys
database = sqlite3.connect(sys.argv[1])
row, = database.execute("SELECT run_id, value FROM scalar WHERE metric = 'migration_time_s' LIMIT 1")
database.close()
data = bytearray(open(sys.argv[1], "rb").read())
at = data.index(row[0].encode() + b"migration_time_s" + struct.pack(">d", row[1]))
data[at + len(row[0]) + len("migration_time_s") + 7] ^= 1
open(sys.argv[1], "wb").write(data)
END
}

cp two.db flipped.db
flip flipped.db
[ "$(ask flipped.db 'PRAGMA quick_check')" = ok ] || fail "the flipped bit is none in a value"
for verb_of in export "plot -o flipped" "report -o flipped" "compare two.db"; do
    # shellcheck disable=SC2086
    exits 0 $verb_of flipped.db
    says "warning: database flipped.db: 1 run is damaged, or changed since it was stored: run "
done
rm -r flipped
for action in describe differences; do
    exits 0 sweep $action --db flipped.db
    says "); run the command that made the file again, or, unless it is a shard, 'godwit sweep resume --db flipped.db'"
done
exits 0 sweep resume --db flipped.db
says "damaged, so it is run again: run "
says "24 runs, 1 of them to be run"
export_of flipped.db | cmp -s - two.txt || fail "a damaged study that was resumed differs"
exits 0 sweep resume --db flipped.db
says "24 runs, 0 of them to be run"

# Where a page is lost SQLite reads the rest, and that is used.
if command -v sqlite3 >/dev/null; then
    cp two.db broken.db
    python3 - <<'END'
import os
data = bytearray(open("broken.db", "rb").read())
page = 4096 * (data.index(b"migration_time_s", len(data) // 2) // 4096)
data[page:page + 200] = b"?" * 200
open("broken.db", "wb").write(data)
END
    refuses 3 "broken.db: the file is damaged: " sweep describe --db broken.db
    refuses 3 "docs/database.md, under Damage" sweep resume --db broken.db
    {
        echo 'PRAGMA application_id = 1195661140; PRAGMA user_version = 4;'
        sqlite3 broken.db .dump | sed 's/^ROLLBACK.*/COMMIT;/'
    } | sqlite3 rescued.db
    exits 0 sweep resume --db rescued.db
    says " of them to be run"
    export_of rescued.db | cmp -s - two.txt || fail "a study that was rescued differs"
fi

# A shard that was published and damaged takes in what is whole.
cp -r shards3 flipped
flip flipped/shard-1.db
refuses 3 "database flipped/shard-1.db: 1 run is damaged, or changed" sweep merge flipped -o flipped3.db
exits 0 sweep run small.yaml --shard 1/3 --out flipped
says "damaged, so it is run again: run "
says "1 runs stored, 0 failed"
exits 0 sweep merge flipped -o flipped3.db --require-complete
cmp -s flipped3.db merged3.db || fail "a damaged shard that was run again differs"

# One of an older version, and what a stop left beside the copy that is merged.
cp -r shards3 older
unseal older/shard-1.db
python3 - <<'END'
import shutil, sqlite3
shutil.copy("older/shard-1.db", "log.db")
database = sqlite3.connect("log.db")
database.execute("PRAGMA journal_mode = WAL")
database.execute("DELETE FROM run")
database.commit()
shutil.copy("log.db-wal", "older.db.publish-wal")
END
exits 0 sweep run small.yaml --shard 1/3 --out older --db older.db
says "shard 1/3: 0 runs stored, 0 failed"
[ -z "$(compgen -G 'older.db.publish*')" ] || fail "a shard left $(compgen -G 'older.db.publish*')"

# ---- stops -------------------------------------------------------------------------------------------

cat >slow.yaml <<'END'
warmup: 1s
cooldown: 1s
devices: {source: {kind: ideal, rate: 100MB/s}, target: {kind: ideal, rate: 100MB/s}}
vm: {disks: [{size: 4GiB}]}
workload: {kind: closed, oio: 8}
migration: {architecture: mirror}
sweep: {over: {workload.oio: [1, 2, 4, 8]}, replications: 5}
END
"$GODWIT" sweep run slow.yaml -j 2 2>stderr.txt >stdout.txt &
parent=$!
until [ -s slow.db ] && [ -n "$(cat /proc/$parent/task/$parent/children)" ]; do sleep 0.05; done
kill -INT $parent
code=0
wait $parent || code=$?
[ $code = 130 ] || [ $code = 0 ] || fail "an interrupt: exit code $code"
[ $code = 0 ] || says "godwit sweep resume --db slow.db --study slow"
exits 0 sweep resume --db slow.db
[ "$(ask slow.db 'SELECT count(*) FROM run')" = 20 ] || fail "resume: not all runs are there"

"$GODWIT" sweep run slow.yaml -j 2 --db killed.db 2>stderr.txt >stdout.txt &
parent=$!
killed=
while [ -z "$killed" ] && kill -0 $parent 2>/dev/null; do
    worker=$(cut -d ' ' -f 1 "/proc/$parent/task/$parent/children" 2>/dev/null)
    [ -n "$worker" ] && sleep 0.05 && kill -9 "$worker" 2>/dev/null && killed=$worker
done
code=0
wait $parent || code=$?
if [ -n "$killed" ] && [ $code = 4 ]; then
    says "killed by signal 9"
    grep -o 'godwit run slow.yaml .*--replication [0-9]*' stderr.txt >repro.txt ||
        fail "a killed worker: no repro line in: $(cat stderr.txt)"
    # shellcheck disable=SC2046
    exits 0 $(sed 's/^godwit //' repro.txt) --format csv
    [ "$(ask killed.db "SELECT count(*) FROM v_study WHERE status = 'failed'")" = 1 ] ||
        fail "a killed worker cost more than its run"
    exits 4 sweep status --db killed.db
else
    [ $code = 0 ] || fail "a killed worker: exit code $code"
fi
exits 0 sweep resume --db killed.db
export_of killed.db >killed.txt
export_of slow.db >slow.txt
cmp -s killed.txt slow.txt || fail "resumed studies differ"

# ---- a full disk -------------------------------------------------------------------------------------

# A limit on the size of files stands for it: writes fail in the same way, and root has it too.
mkdir 'the full disk'
(
    ulimit -f 600
    exits 3 sweep run small.yaml -n 40 -j 2 --db 'the full disk/a b.db'
    exit $((failures > 0))
) || fail "a full disk: see above"
says "the full disk/a b.db: cannot be written: "
stored=$(sed -n 's/.*stopped by this: \([0-9]*\) of 240 runs are stored.*/\1/p' stderr.txt)
says "godwit sweep resume --db 'the full disk/a b.db' --study small"
[ "${stored:-0}" -gt 0 ] && [ "$stored" -lt 240 ] || fail "a full disk: $(cat stderr.txt)"
exits 75 sweep status --db 'the full disk/a b.db'
exits 0 sweep resume --db 'the full disk/a b.db' --study small
says "$((240 - stored)) of them to be run"
exits 0 sweep run small.yaml -n 40 --db roomy.db
export_of 'the full disk/a b.db' >full.txt
export_of roomy.db | cmp -s - full.txt || fail "a study that filled the disk differs"

# ---- what changed meanwhile --------------------------------------------------------------------------

sed -i 's/oio: \[1, 2, 4, 8\]/oio: [1, 2]/' slow.yaml
exits 2 sweep resume --db slow.db
says "planned otherwise"
exits 2 sweep resume --db missing.db
exits 2 sweep resume
exits 2 sweep run
exits 2 sweep run missing.yaml

# ---- exports -----------------------------------------------------------------------------------------

exits 2 export two.db --format xml
exits 2 export
exits 2 export missing.db
exits 2 export two.db --format omnetpp
exits 0 export two.db --format csv -o two.csv
"$GODWIT" export two.db | cmp -s - two.csv || fail "export: a file and stdout differ"
python3 - <<'END' || fail "export: unreadable"
import csv, json, subprocess, os
rows = list(csv.DictReader(open("two.csv", newline="")))
assert {row["workload.oio"] for row in rows} == {"1", "2", "4"}
assert not any(key in rows[0] for key in ("wall_s", "started_utc"))
lines = subprocess.run([os.environ["GODWIT"], "export", "two.db", "--format", "jsonl"],
                       stdout=subprocess.PIPE, check=True).stdout.splitlines()
assert len(lines) == 24
wanted = {(row["run_id"], row["metric"]): float(row["value"]) for row in rows}
for run in map(json.loads, lines):
    assert run["verified"] is True
    assert wanted[run["run_id"], "downtime_s"] == run["downtime_s"]
END
exits 0 export two.db --format omnetpp -o two.sca
python3 - <<'END' || fail "export: not OMNeT++'s files"
import sqlite3
def rows(path, sql):
    return sqlite3.connect(path).execute(sql).fetchall()
assert rows("two.sca", "SELECT count(*), count(DISTINCT runName) FROM run") == [(24, 24)]
assert rows("two.sca", "SELECT count(*) FROM runItervar") == [(48,)]
for statistic, count in rows("two.sca", "SELECT statId, statCount FROM statistic"):
    bins = rows("two.sca", f"SELECT lowerEdge, binValue FROM histogramBin WHERE statId = {statistic}"
                           " ORDER BY rowId")
    edges = [edge for edge, _ in bins]
    assert edges[0] == float("-inf") and all(a < b for a, b in zip(edges, edges[1:]))
    assert sum(value for _, value in bins) == count
import json, struct, zlib
for run, columns, count, data in rows("two.db", "SELECT run_id, columns, rows, data FROM series"
                                                " WHERE name = 'heat'"):
    assert json.loads(columns) == ["t_ns", "region_offset_bytes", "writes"]
    plain = struct.unpack(f"<{count}q{2 * count}d", zlib.decompress(data))
    offsets, writes = plain[count:2 * count], plain[2 * count:]
    bins = rows("two.sca", "SELECT lowerEdge, binValue FROM histogramBin JOIN statistic USING(statId)"
                           " JOIN run USING(runId) WHERE statName = 'heat:histogram'"
                           f" AND runName LIKE '%{run}' ORDER BY histogramBin.rowId")
    assert bins[0] == (float("-inf"), 0) and bins[-1][1] == 0
    assert bins[1:-1] == list(zip(offsets, writes)) and sum(writes) > 0
    assert bins[-1][0] - bins[-2][0] == bins[-2][0] - bins[-3][0]
assert rows("two.sca", "SELECT count(*) FROM statisticAttr JOIN statistic USING(statId)"
                       " WHERE statName = 'heat:histogram' AND attrValue = 'B'") == [(24,)]
assert rows("two.vec", "SELECT count(*) FROM vector JOIN run USING(runId)")[0][0] > 100
for vector in rows("two.vec", "SELECT vectorId, vectorCount, vectorSum FROM vector"
                              " WHERE vectorCount > 0"):
    got = rows("two.vec", "SELECT count(*), sum(value) FROM vectorData"
                          f" WHERE rowid > 0 AND vectorId = {vector[0]}")[0]
    assert got[0] == vector[1] and abs(got[1] - vector[2]) <= 1e-9 * abs(vector[2])
END
cp two.sca first.sca && cp two.vec first.vec
exits 0 export two.db --format omnetpp -o two
cmp -s two.sca first.sca || fail "export: bytes of the scalars differ"
cmp -s two.vec first.vec || fail "export: bytes of the vectors differ"

exit $((failures > 0))
