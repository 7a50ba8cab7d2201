#!/usr/bin/env bash
# describe.sh - pins: `godwit sweep describe` and the tests of `sweep differences` end to end: means,
# medians with their ranks, quantiles of latencies, rates before the migration, and the p-value of
# each test are those that Python works out from the database; runs that did not complete are left
# out of times; the formats; refusals. Does not pin: how often the intervals are right
# (tests/statistics/proof.c).
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"

cat >base.yaml <<'END'
name: small
warmup: 12s
cooldown: 1s
sample_interval: 100ms
time_limit: 40s
host: {suspend: 0s, resume: 0s}
devices:
  source: {kind: servers, servers: 2, read_time: 2ms, write_time: 2ms, distribution: exponential, read_rate: 90MB/s, write_rate: 90MB/s}
  target: {kind: servers, servers: 1, read_time: 200us, write_time: 200us, distribution: exponential, read_rate: 80MB/s, write_rate: 80MB/s}
vm: {disks: [{size: 8MiB}]}
workload: {kind: open, rate: 50/s, read_share: 0%, block: 64KiB}
migration: {architecture: dbt, downtime_goal: 300ms, downtime_most: 300ms}
sweep:
  over: {migration.architecture: [dbt, mirror], workload.rate: [20/s, 400/s]}
  replications: 8
END

cat >check.py <<'END'
# check.py WHAT DATABASE REPORT - the numbers of a report, worked out again.
import itertools
import json
import re
import sqlite3
import struct
import sys
import zlib
from math import ceil, comb, isclose, sqrt

what, path, report = sys.argv[1:3] + [json.load(open(sys.argv[3]))]
database = sqlite3.connect(path)
T95 = {6: 2.446911851145, 7: 2.364624251593}


def near(got, wanted):
    assert isclose(got, wanted, rel_tol=1e-9, abs_tol=1e-12), (got, wanted)


def mean(values):
    return sum(values) / len(values)


# The runs of a cell: id, completed or not.
def runs(cell, architecture=None):
    if architecture is None:
        architecture = re.search(", ([a-z]+), rate=", cell).group(1)
    return [(id, outcome == "completed") for id, outcome in database.execute(
        "SELECT run_id, outcome FROM run JOIN parameter USING (run_id) WHERE architecture = ?"
        " AND name = 'workload.rate' AND value = ? ORDER BY replication",
        (architecture, cell.split("rate=")[1]))]


def scalar(id, metric):
    return database.execute("SELECT value FROM scalar WHERE run_id = ? AND metric = ?",
                            (id, metric)).fetchone()[0]


# The largest rank r with P(B < r) <= 2.5 %, B of n values below the median.
def low_rank(n):
    below, rank = 0, 0
    while below + comb(n, rank) <= 0.025 * 2 ** n:
        below += comb(n, rank)
        rank += 1
    return rank


def metrics():
    for row in report["cells"]:
        timed = row["metric"].endswith("_s")
        found = runs(row["cell"])
        values = sorted(scalar(id, row["metric"]) for id, done in found if done or not timed)
        n = len(values)
        middle = mean(values)
        sd = sqrt(sum((value - middle) ** 2 for value in values) / (n - 1))
        assert row["converged"] == f"{sum(done for _, done in found)}/{len(found)}", row
        assert row["n"] == n, row
        near(row["mean"], middle)
        near(row["sd"], sd)
        assert isclose(row["half_width"], T95[n - 1] * sd / sqrt(n), rel_tol=1e-6), row
        near(row["median"], (values[(n - 1) // 2] + values[n // 2]) / 2)
        near(row["median_low"], values[low_rank(n) - 1])
        near(row["median_high"], values[n - low_rank(n)])
        near(row["least"], values[0])
        near(row["most"], values[-1])
        assert row["least"] <= row["bca_low"] <= row["mean"] <= row["bca_high"] <= row["most"], row
    assert len(report["cells"]) == 8


# Buckets are at most 1/64 wide; the value is inside that of the rank, the ends are not inside.
def latencies():
    for row in report["cells"]:
        buckets = {}
        for id, _ in runs(row["cell"]):
            for lowest, count in database.execute(
                    "SELECT lowest, count FROM hist WHERE run_id = ? AND distribution = ?",
                    (id, row["distribution"])):
                buckets[lowest] = buckets.get(lowest, 0) + count
        total = sum(buckets.values())
        assert row["count"] == total > 1000, row
        rank = ceil(int(row["quantile"][1:]) * total / 100)
        for lowest in sorted(buckets):
            rank -= buckets[lowest]
            if rank <= 0:
                break
        assert lowest / 1e6 <= row["value_ms"] <= lowest * (1 + 1 / 64) / 1e6 + 1e-6, row
        assert 0 <= row["error_ms"] <= row["value_ms"] / 64, row
        assert row["low_ms"] < row["value_ms"] < row["high_ms"], row
    assert len(report["cells"]) == 12


# Where MSER-5 cuts; None where it is not to be trusted.
def warm_up(values):
    if len(values) < 100:
        return None
    means = [mean(values[i:i + 5]) for i in range(0, len(values) // 5 * 5, 5)]
    errors = []
    for cut in range(len(means) - 4):
        rest = means[cut:]
        errors.append((sum((x - mean(rest)) ** 2 for x in rest) / len(rest) ** 2, cut))
    cut = min(errors)[1]
    return cut * 5 if cut <= len(means) // 2 else None


def steady():
    for row in report["cells"]:
        cuts, samples, means = [], [], []
        for id, _ in runs(row["cell"]):
            rows, data = database.execute(
                "SELECT rows, data FROM series WHERE run_id = ? AND name = 'iops'", (id,)).fetchone()
            plain = zlib.decompress(data)
            begins, = database.execute("SELECT min(t_s) FROM phase WHERE run_id = ?", (id,)).fetchone()
            times = struct.unpack(f"<{rows}q", plain[:8 * rows])
            reads, writes = (struct.unpack(f"<{rows}d", plain[8 * rows * i:8 * rows * (i + 1)])
                             for i in (1, 2))
            rates = [r + w for t, r, w in zip(times, reads, writes) if t / 1e9 <= begins]
            cuts.append(warm_up(rates))
            samples.append(len(rates))
            means.append(mean(rates[cuts[-1] or 0:]))
        trusted = [cut for cut in cuts if cut is not None]
        assert row["rate"] == "guest_iops" and row["samples"] == min(samples), row
        assert (row["replications"], row["trusted"]) == (len(cuts), len(trusted)), row
        near(row["mean"], mean(means))
        if trusted:
            near(row["warm_up_s"], max(trusted) * 0.1)
            assert (row["verdict"] == "steady") == (len(trusted) == len(cuts)), row
        else:
            assert row["warm_up_s"] is None and row["run_half_width"] is not None, row
            assert row["verdict"] == ("too few samples: lengthen warmup or"
                                      " shorten sample_interval"), row
    assert len(report["cells"]) == 4


# Samples without ties: all arrangements are counted.
def arrangements(a, b, statistic):
    values = a + b
    here = statistic(a, b)
    places = range(len(values))
    at_least = count = 0
    for chosen in itertools.combinations(places, len(a)):
        left = [values[i] for i in chosen]
        right = [values[i] for i in places if i not in chosen]
        at_least += statistic(left, right) >= here - 1e-9
        count += 1
    return at_least / count


def away(a, b):
    return abs(sum((x > y) + 0.5 * (x == y) for x in a for y in b) - len(a) * len(b) / 2)


def gap(a, b):
    return max(abs(sum(x <= at for x in a) / len(a) - sum(y <= at for y in b) / len(b))
               for at in a + b)


def exact(statistic):
    for row in report["differences"]:
        sides = [[scalar(id, row["metric"]) for id, done in runs(row["cell"], row[side]) if done]
                 for side in "ab"]
        near(row["p"], arrangements(*sides, statistic))
    smallest = min(report["differences"], key=lambda row: row["p"])
    near(smallest["p_holm"], min(1, smallest["p"] * len(report["differences"])))


{"metrics": metrics, "latencies": latencies, "steady": steady,
 "mann-whitney": lambda: exact(away), "ks": lambda: exact(gap)}[what]()
END

again() {
    python3 check.py "$@" || fail "$1: Python says otherwise: $(cat stdout.txt)"
}

# formats KEY ARGUMENT... - the report parses in every format, and has the same rows in all
formats() {
    local format
    for format in json jsonl csv md table; do
        exits 0 sweep "${@:2}" --format "$format"
        mv stdout.txt "report.$format"
    done
    python3 - "$1" <<'END' || fail "${*:2}: the formats disagree"
import csv
import json
import sys

rows = json.load(open("report.json"))[sys.argv[1]]
lines = [json.loads(line) for line in open("report.jsonl")]
cells = list(csv.DictReader(open("report.csv")))
assert rows and rows == lines, "jsonl"
assert [list(row) for row in rows] == [list(row) for row in cells], "csv"
for row, cell in zip(rows, cells):
    for key, value in row.items():
        assert cell[key] == "" if value is None else type(value)(cell[key]) == value, (key, cell)
table = open("report.table").read().splitlines()
page = open("report.md").read().splitlines()
assert len(table) == len(rows) + 1, table
assert len(page) == len(rows) + 2 and page[1].startswith("|"), page
assert len({line.count("|") for line in page}) == 1, page
END
}

exits 0 sweep run base.yaml --db rates.db

# ---- describe -----------------------------------------------------------------------------------
exits 0 sweep describe --db rates.db --metric migration_time_s,bytes_sent --format json
again metrics rates.db stdout.txt
exits 0 sweep describe --db rates.db --metric latency_before --format json
again latencies rates.db stdout.txt
exits 0 sweep describe --db rates.db --steady --format json
again steady rates.db stdout.txt
formats cells describe --db rates.db
formats cells describe --db rates.db --metric latency_during,stun --confidence 99%
formats cells describe --db rates.db --steady --study small
exits 0 sweep describe --db rates.db
for metric in migration_time_s downtime_s guest_penalty_s; do
    grep -q "^small, mirror, rate=400/s  *$metric  *8/8  *8 " stdout.txt || fail "no default $metric"
done

# Few samples are said to be few; a run that did not complete counts for bytes and not for times.
exits 0 sweep run base.yaml --set warmup=2s --db short.db
exits 0 sweep describe --db short.db --steady --format json
again steady short.db stdout.txt
python3 - <<'END'
import sqlite3
database = sqlite3.connect("rates.db")
database.execute("UPDATE run SET outcome = 'not_converged' WHERE architecture = 'dbt'"
                 " AND replication = 3")
database.commit()
END
unseal rates.db
exits 0 sweep describe --db rates.db --metric migration_time_s,bytes_sent --format json
grep -q '"converged": "7/8"' stdout.txt || fail "not 7/8: $(cat stdout.txt)"
again metrics rates.db stdout.txt

# A guest of memory: pages, and time that is counted from the request.
exits 0 sweep run "$tree/scenarios/examples/auto-converge.yaml" --set warmup=11s \
    --set sample_interval=100ms -n 2 --db memory.db
exits 0 sweep describe --db memory.db --steady --format csv
grep -q '^"auto-converge, precopy",guest_rate,2/2,2,110,0,2,100000,0,0,steady' stdout.txt ||
    fail "memory: $(cat stdout.txt)"

# ---- the tests of differences -------------------------------------------------------------------
exits 0 sweep run base.yaml -n 5 --db five.db
for test in mann-whitney ks; do
    exits 0 sweep differences --db five.db --metric migration_time_s,downtime_s --format json \
        --test "$test"
    again "$test" five.db stdout.txt
done
formats differences differences --db five.db --test welch
exits 0 sweep differences --db five.db --format csv
mv stdout.txt default.txt
exits 0 sweep differences --db five.db --format csv --test paired
cmp -s stdout.txt default.txt || fail "paired is not the default"
exits 0 sweep differences --db five.db --format csv --test welch
cmp -s stdout.txt default.txt && fail "welch is paired"
# What pairs show, ranks of two samples need not.
exits 0 sweep differences --db short.db --metric downtime_s --format csv
grep -q ',mirror [0-9.]* % less' stdout.txt || fail "paired: $(cat stdout.txt)"
exits 0 sweep differences --db short.db --metric downtime_s --format csv --test mann-whitney
grep -q ',"mirror [0-9.]* % less, may be chance"' stdout.txt || fail "ranks: $(cat stdout.txt)"

# ---- refusals -----------------------------------------------------------------------------------
refuses 2 'expected paired, welch, mann-whitney or ks' sweep differences --db five.db --test student
refuses 2 "did you mean 'downtime_s'?" sweep describe --db five.db --metric downtime
refuses 2 'is a distribution and' sweep describe --db five.db --metric latency_before,downtime_s
refuses 2 'leave --metric out' sweep describe --db five.db --steady --metric downtime_s
refuses 2 'wanted --db' sweep describe base.yaml
refuses 2 'between 0% and 100%' sweep describe --db five.db --confidence 0%
refuses 2 "has no study 'big'" sweep describe --db five.db --study big
refuses 2 'nowhere.db' sweep describe --db nowhere.db

exit $((failures > 0))
