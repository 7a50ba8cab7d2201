#!/usr/bin/env bash
# compare.sh - pins: `godwit compare` end to end: exit codes, what is identical, changed, chance;
# differences as recomputed from the database; studies, versions, ignored parameters; all formats;
# the figures.
# Does not pin: the statistics (test_contrast.c, test_curve_band.c), nor the looks of figures.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"

verb=compare

says() {
    grep -qF -- "$1" stdout.txt || fail "no '$1' in: $(cat stdout.txt)"
}

cat >small.yaml <<'END'
warmup: 1s
cooldown: 1s
sample_interval: 50ms
devices: {source: {kind: ideal, rate: 100MB/s}, target: {kind: ideal, rate: 100MB/s}}
vm: {disks: [{size: 64MiB}]}
workload: {kind: closed, oio: 2, think_time: 10ms}
migration: {architecture: mirror, mirror: {lock_range: 4MiB}}
sweep:
  over: {migration.architecture: [mirror, dbt]}
  replications: 8
END
{
    "$GODWIT" sweep run small.yaml --db a.db --study first &&
        "$GODWIT" sweep run small.yaml --db slow.db --set devices.target.rate=90MB/s &&
        "$GODWIT" sweep run small.yaml --db seed.db --seed 5 &&
        mkdir edited && sed 's/lock_range: 4MiB/lock_range: 8MiB/' small.yaml >edited/small.yaml &&
        "$GODWIT" sweep run edited/small.yaml --db edited.db &&
        sed '1i name: other' small.yaml >other.yaml && "$GODWIT" sweep run other.yaml --db other.db -n 1
} >log.txt 2>&1 || fail "the studies did not run: $(cat log.txt)"

# ---- the same, changed, chance -----------------------------------------------------------------------

exits 0 a.db a.db
says "identical in all 8 pairs"
says "0 of 2 cells differ; 16 of 16 pairs are identical"
if grep -q "part at" stdout.txt; then fail "equal runs part: $(cat stdout.txt)"; fi
grep -q "two builds of one version need a database each" stderr.txt || fail "no word on the same runs"

exits 0 a.db seed.db --confidence 99.9%
[ ! -s stderr.txt ] || fail "two databases: $(cat stderr.txt)"
says "no difference seen"
says "0 of 16 pairs are identical"
if grep -q "part at" stdout.txt; then fail "other guests part: $(cat stdout.txt)"; fi

exits 1 a.db edited.db
says "small, mirror: migration.mirror.lock_range 4 MiB -> 8 MiB"
says "small, mirror: the runs of replication 0 part at "
says "1 of 2 cells differ; 8 of 16 pairs are identical"

exits 1 a.db slow.db
says "B later by "
says "all cells: devices.target.rate 100 MB/s -> 90 MB/s"
says "remaining_bytes is higher in B from "

# ---- too few pairs: six can have a p of 3 %, but not for all their curves ------------------------------

python3 - <<'END'
import shutil, sqlite3
for name in ("a", "slow"):
    shutil.copy(name + ".db", name + "6.db")
    with sqlite3.connect(name + "6.db") as database:
        database.execute("PRAGMA foreign_keys = 1")
        database.execute("DELETE FROM run WHERE replication >= 6")
END
exits 1 a6.db slow6.db
says "curves are not equal, but their pairs are too few to judge them: 8 replications are needed (-n 8)"
if grep -q "Curves that differ" stdout.txt; then fail "six pairs: $(cat stdout.txt)"; fi
exits 1 a6.db slow6.db --format csv
says "6 pairs are too few to judge it, 8 are needed"

# ---- the numbers -------------------------------------------------------------------------------------

exits 1 a.db slow.db --format json --metric migration_time_s,stuns
python3 - stdout.txt a.db slow.db <<'END' || fail "the numbers are not those of the database"
import json, math, sqlite3, sys

def times(path, architecture):
    rows = sqlite3.connect(path).execute(
        "SELECT value FROM scalar JOIN run USING (run_id) WHERE metric = 'migration_time_s'"
        " AND architecture = ? ORDER BY replication", (architecture,))
    return [row[0] for row in rows]

document = json.load(open(sys.argv[1]))
assert document["differs"] is True and document["pairs"] == 16 and document["confidence"] == 0.95
rows = [row for row in document["rows"] if row["name"] == "migration_time_s"]
assert len(rows) == 2, rows
assert len([row for row in document["rows"] if row["kind"] == "metric"]) == 4
for row in rows:
    a, b = (times(path, row["cell"].split(", ")[1]) for path in sys.argv[2:])
    differences = [y - x for x, y in zip(a, b)]
    mean = sum(differences) / 8
    deviation = math.sqrt(sum((x - mean) ** 2 for x in differences) / 7)
    half = 2.364624251592785 * deviation / math.sqrt(8)  # t(0.975, 7)
    for name, wanted in (("mean_a", sum(a) / 8), ("mean_b", sum(b) / 8), ("difference", mean),
                         ("difference_low", mean - half), ("difference_high", mean + half)):
        assert abs(row[name] - wanted) <= 1e-9 * abs(wanted), (name, row[name], wanted)
    assert row["verdict"] == "differs" and row["p"] < 1e-6 and row["pairs"] == 8
END

# ---- studies and versions ----------------------------------------------------------------------------

exits 0 a.db:first a.db
refuses 2 "a.db: no study 'second'; it has first" a.db:second a.db
python3 - <<'END'
import shutil, sqlite3
shutil.copy("a.db", "versions.db")
with sqlite3.connect("versions.db") as database:
    database.execute("UPDATE run SET engine_version = '9.9' WHERE replication >= 4")
END
unseal versions.db
refuses 2 "versions.db: runs of several versions, choose one with --b-version; it has " \
    a.db versions.db
exits 0 a.db versions.db --b-version 9.9
says "identical in all 4 pairs"
says "runs without a partner: 8 of A, 0 of B"
refuses 2 "no runs of version 7; it has" a.db versions.db --b-version 7
refuses 2 "A has small, dbt, B has small, dbt" versions.db versions.db \
    --a-version 9.9 --b-version "$("$GODWIT" --version | cut -d' ' -f2)"

# ---- formats, figures --------------------------------------------------------------------------------

exits 1 a.db edited.db --format csv
head -n 1 stdout.txt | grep -q '^cell,a,b,kind,name,pairs,mean_a,' || fail "csv: $(head -n 1 stdout.txt)"
exits 1 a.db edited.db --format jsonl
python3 -c 'import json, sys
kinds = {json.loads(line)["kind"] for line in open("stdout.txt")}
sys.exit(kinds != {"metric", "curve", "parting", "settings"})' || fail "jsonl: $(cat stdout.txt)"
exits 1 a.db edited.db --format md --no-curves
says "| small, mirror |"
if grep -q "Curves" stdout.txt; then fail "--no-curves: curves nevertheless"; fi
if command -v gnuplot >/dev/null; then
    exits 1 a.db slow.db --ignore devices.target.rate -o figures --formats svg
    for name in small-mirror small-dbt; do
        grep -q "</svg>" "figures/$name.sent_bytes_per_s.svg" || fail "no figure of $name"
    done
fi

# ---- refused -----------------------------------------------------------------------------------------

refuses 2 "compare: 1 databases given, wanted two" a.db
refuses 2 "unknown metric 'time'" a.db a.db --metric time
refuses 2 "confidence" a.db a.db --confidence 95
refuses 2 "--resamples 5: expected 99 to" a.db a.db --resamples 5
refuses 2 "nothing.db" nothing.db a.db
refuses 2 "no run of A has a partner in B" a.db other.db
echo text >text.db
refuses 3 "text.db" a.db text.db

exit $((failures > 0))
