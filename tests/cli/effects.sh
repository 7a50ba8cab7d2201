#!/usr/bin/env bash
# effects.sh - pins: `godwit sweep differences` and `sweep effects` end to end: their numbers are
# those that Python works out from the database, for the designs factorial, morris and saltelli;
# runs that did not converge or are missing are left out and counted; the formats; refusals.
# Does not pin: the formulas where no database is needed (tests/unit/test_contrast.c, test_pairs.c,
# test_effects.c, test_design_effects.c).
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"

cat >base.yaml <<'END'
name: small
warmup: 1s
cooldown: 1s
time_limit: 20s
host: {suspend: 0s, resume: 0s}
devices:
  source: {kind: servers, servers: 2, read_time: 2ms, write_time: 2ms, distribution: exponential, read_rate: 90MB/s, write_rate: 90MB/s}
  target: {kind: servers, servers: 1, read_time: 200us, write_time: 200us, distribution: exponential, read_rate: 80MB/s, write_rate: 80MB/s}
vm: {disks: [{size: 8MiB}]}
workload: {kind: open, rate: 50/s, read_share: 0%, block: 64KiB}
migration: {architecture: dbt, downtime_goal: 300ms, downtime_most: 300ms}
END

cat >check.py <<'END'
# check.py WHAT DATABASE REPORT - the numbers of a report, worked out again.
import json
import sqlite3
import sys
from math import exp, log, sqrt

what, path, report = sys.argv[1:]
database = sqlite3.connect(path)
rows = json.load(open(report))["differences" if what == "differences" else "effects"]
T95 = {1: 12.706204736432, 2: 4.302652729911, 3: 3.182446305284, 4: 2.776445105198}


def near(got, wanted):
    assert abs(got - wanted) <= 1e-6 * abs(wanted) + 1e-9, (got, wanted)


def mean(values):
    return sum(values) / len(values)


def interval(values):
    middle = mean(values)
    square = sum((value - middle) ** 2 for value in values) / (len(values) - 1)
    half = T95[len(values) - 1] * sqrt(square / len(values))
    return middle, middle - half, middle + half


# In the order of the plan: architecture, parameters, replication, completed or not, metric.
def runs(metric):
    for id, architecture, replication, outcome, value in database.execute(
            "SELECT run_id, architecture, replication, outcome, value FROM study_run"
            " JOIN run USING (run_id) JOIN scalar USING (run_id)"
            " WHERE scalar.metric = ? ORDER BY position", (metric,)):
        parameters = dict(database.execute(
            "SELECT name, value FROM parameter WHERE run_id = ?", (id,)))
        yield architecture, parameters, replication, outcome == "completed", value


# Means of the points over their replications.
def points(metric):
    found, last = [], None
    for _, parameters, replication, done, value in runs(metric):
        if last is None or replication <= last[1] or parameters != last[0]:
            found.append((parameters, []))
        found[-1][1].append(value)
        last = parameters, replication
    return [(parameters, mean(values)) for parameters, values in found]


def number(text):
    return float("".join(c for c in text if c in "0123456789.e"))


def differences():
    checked = 0
    for row in rows:
        rate = row["cell"].split("rate=")[1]
        sides = [{replication: (done, value)
                  for architecture, parameters, replication, done, value in runs(row["metric"])
                  if architecture == row[side] and parameters["workload.rate"] == rate}
                 for side in "ab"]
        both = [k for k in sides[0] if k in sides[1]]
        assert row["converged_a"] == f"{sum(sides[0][k][0] for k in both)}/{len(both)}", row
        pairs = [(sides[0][k][1], sides[1][k][1]) for k in both if sides[0][k][0] and sides[1][k][0]]
        assert row["pairs"] == len(pairs), row
        if len(pairs) < 2:
            assert row["difference_low"] is None, row
            continue
        for key, wanted in zip(("", "_low", "_high"), interval([b - a for a, b in pairs])):
            near(row["difference" + key], wanted)
        if min(min(pair) for pair in pairs) > 0:
            ratios = interval([log(b / a) for a, b in pairs])
            for key, wanted in zip(("", "_low", "_high"), ratios):
                near(row["ratio" + key], exp(wanted))
        seen = row["difference_low"] > 0 or row["difference_high"] < 0
        assert seen == (row["verdict"] != "no difference seen"), row
        checked += 1
    assert checked >= 8, checked


def factorial():
    names = [row["effect"] for row in rows if row["kind"] == "main"]
    levels = {}
    results = {}
    for _, parameters, replication, _, value in runs("migration_time_s"):
        for name in names:
            levels.setdefault(name, []).append(parameters[name])
        results.setdefault(replication, []).append((parameters, value))
    for row in rows:
        wanted = []
        for points in results.values():
            sums = 0
            for parameters, value in points:
                sign = 1
                for name in row["effect"].split(" x "):
                    sign *= 1 if parameters[name] != levels[name][0] else -1
                sums += sign * value
            wanted.append(2 * sums / len(points))
        for key, value in zip(("estimate", "low", "high"), interval(wanted)):
            near(row[key], value)
        assert row["replications"] == len(results)
    assert len(rows) == 6, rows


def morris():
    for row in rows:
        found = []
        places = points("migration_time_s")
        length = len(rows) + 1
        for i, (parameters, value) in enumerate(places):
            before = places[i - 1]
            name = row["parameter"]
            if i % length > 0 and parameters[name] != before[0][name]:
                up = number(parameters[name]) > number(before[0][name])
                found.append((value - before[1]) * 1.5 * (1 if up else -1))
        assert row["trajectories"] == len(found) == len(places) // length
        near(row["mu"], mean(found))
        near(row["mu_star"], mean([abs(value) for value in found]))
        near(row["sigma"], sqrt(sum((x - mean(found)) ** 2 for x in found) / (len(found) - 1)))
        assert row["mu_star_low"] <= row["mu_star"] <= row["mu_star_high"], row


def saltelli():
    values = [value for _, value in points("migration_time_s")]
    size = len(rows) + 2
    blocks = [values[i:i + size] for i in range(0, len(values), size)]
    ends = [block[0] for block in blocks] + [block[-1] for block in blocks]
    centre = mean(ends)
    variance = mean([(value - centre) ** 2 for value in ends])
    for i, row in enumerate(rows):
        first = mean([(b[-1] - centre) * (b[i + 1] - b[0]) for b in blocks]) / variance
        total = mean([(b[0] - b[i + 1]) ** 2 for b in blocks]) / 2 / variance
        near(row["first"], first)
        near(row["total"], total)
        assert row["base_points"] == len(blocks)
        assert row["first_low"] <= row["first"] <= row["first_high"], row


globals()[what]()
END

again() {
    python3 check.py "$@" || fail "$1: Python says otherwise: $(cat stdout.txt)"
}

# ---- differences --------------------------------------------------------------------------------
cat base.yaml - >rates.yaml <<'END'
sweep:
  over: {migration.architecture: [dbt, mirror, snapshot], workload.rate: [20/s, 60/s, 400/s]}
  replications: 5
END
exits 0 sweep run rates.yaml --db rates.db
exits 0 sweep differences --db rates.db --format json --metric migration_time_s,downtime_s
again differences rates.db stdout.txt
exits 0 sweep differences --db rates.db --base mirror --format csv --metric migration_time_s
grep -q 'mirror,snapshot,5/5,5/5,5,.*,snapshot [0-9]* % later' stdout.txt || fail "no verdict"
exits 0 sweep differences --db rates.db --by rate --base 60/s --format csv
grep -q '^"small, dbt",migration_time_s,60/s,20/s,5/5,5/5,5,' stdout.txt || fail "by: $(cat stdout.txt)"
grep -q '^"small, mirror",guest_penalty_s,60/s,400/s,' stdout.txt || fail "no default metrics"
exits 0 sweep differences --db rates.db --confidence 99%
grep -q ' no difference seen$' stdout.txt || fail "no table: $(cat stdout.txt)"
exits 0 sweep differences --db rates.db --format md
grep -q '^| small, rate=20/s | migration_time_s | dbt | mirror | 5/5 |' stdout.txt || fail "no md"

# ---- effects ------------------------------------------------------------------------------------
cat base.yaml - >corners.yaml <<'END'
sweep:
  design: factorial
  over: {workload.rate: 20/s..80/s, devices.target.write_rate: [20MB/s, 80MB/s], migration.mover_outstanding: 1..8}
  replications: 3
END
exits 0 sweep run corners.yaml --db corners.db
exits 0 sweep effects --db corners.db --format json
again factorial corners.db stdout.txt
exits 0 sweep effects --db corners.db --metric downtime_s,bytes_sent
grep -q '^downtime_s  *workload.rate x migration.mover_outstanding  *interaction ' stdout.txt ||
    fail "no interaction: $(cat stdout.txt)"

cat base.yaml - >walks.yaml <<'END'
sweep:
  design: morris
  points: 6
  over: {workload.rate: 20/s..80/s, devices.target.write_rate: 20MB/s..80MB/s, migration.mover_outstanding: 1..10}
  replications: 2
END
exits 0 sweep run walks.yaml --db walks.db
exits 0 sweep effects --db walks.db --format json
again morris walks.db stdout.txt

cat base.yaml - >shares.yaml <<'END'
sweep:
  design: saltelli
  points: 8
  over: {workload.rate: 20/s..80/s, devices.target.write_rate: 20MB/s..80MB/s}
END
exits 0 sweep run shares.yaml --db shares.db
exits 0 sweep effects --db shares.db --format json
again saltelli shares.db stdout.txt

# ---- what is missing ----------------------------------------------------------------------------
# One run that did not converge is left out and counted; it costs a factorial design a replication.
ask corners.db "UPDATE run SET outcome = 'not_converged' WHERE run_id =
    (SELECT run_id FROM study_run WHERE position = 0)" >/dev/null
unseal corners.db
exits 0 sweep effects --db corners.db --format csv
grep -q 'of 24 runs 0 are missing and 1 did not complete' stderr.txt || fail "$(cat stderr.txt)"
grep -q '^migration_time_s,workload.rate,main,.*,2' stdout.txt || fail "not 2: $(cat stdout.txt)"
exits 0 sweep effects --db corners.db --format csv --metric bytes_sent
[ ! -s stderr.txt ] || fail "bytes need no completion: $(cat stderr.txt)"

# With a rule to stop all replications are taken that every point has.
exits 0 sweep run corners.yaml --db stopped.db --stop migration_time_s=0.1% --set sweep.stop.least=2 \
    --set sweep.stop.most=5 -n 2
exits 0 sweep effects --db stopped.db --format csv
grep -q '^migration_time_s,workload.rate,main,.*,5' stdout.txt || fail "not 5: $(cat stdout.txt)"
[ ! -s stderr.txt ] || fail "all runs are used: $(cat stderr.txt)"
ask stopped.db "DELETE FROM run WHERE replication > 2 AND config_hash = (SELECT min(config_hash) FROM run)" >/dev/null
exits 0 sweep effects --db stopped.db --format csv
grep -q '^migration_time_s,workload.rate,main,.*,3' stdout.txt || fail "not 3: $(cat stdout.txt)"
grep -q 'the 3 replications that all points have are used; [0-9]* runs, further replications' stderr.txt ||
    fail "not said what is left out: $(cat stderr.txt)"

ask rates.db "DELETE FROM run WHERE architecture = 'dbt' AND replication = 0" >/dev/null
exits 0 sweep differences --db rates.db --format jsonl
grep -q '6 runs have no partner' stderr.txt || fail "alone: $(cat stderr.txt)"
grep -q '"converged_a": "4/4"' stdout.txt || fail "not 4: $(cat stdout.txt)"

# ---- refusals -----------------------------------------------------------------------------------
refuses 2 "design 'grid' gives no effects" sweep effects --db rates.db
refuses 2 'name the database' sweep effects
refuses 2 'wanted --db' sweep differences rates.yaml
refuses 2 "did you mean 'downtime_s'?" sweep differences --db rates.db --metric downtime
refuses 2 'between 0% and 100%' sweep differences --db rates.db --confidence 100%
refuses 2 'they have dbt, mirror, snapshot' sweep differences --db rates.db --base heat
refuses 2 'architecture, workload.rate' sweep differences --db rates.db --by speed
refuses 2 "has no study 'big'" sweep effects --db walks.db --study big
printf 'name: small\n' >walks.yaml
refuses 2 'migrat' sweep effects --db walks.db

exit $((failures > 0))
