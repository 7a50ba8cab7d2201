#!/usr/bin/env bash
# stopping.sh - pins: a sweep with a rule to stop: the plan's words, replications until all points
# are precise or capped, the same runs and exports for one worker and two, after a kill, after lost
# runs and from shards; that a merge and a status know when rounds are missing; runs without a
# value; the options; refusals. And --run-timeout: a run that hangs costs itself alone.
# Does not pin: the rule itself (tests/unit/test_stopping.c, tests/statistics).
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"

says() {
    grep -qE -- "$1" stderr.txt || fail "no '$1' in: $(cat stderr.txt)"
}

# same NAME DATABASE - its exports are those of a.db
same() {
    for format in csv jsonl md; do
        "$GODWIT" export a.db --format $format >a.txt || fail "a.db: no export"
        "$GODWIT" export "$2" --format $format >b.txt || fail "$1: no export"
        cmp -s a.txt b.txt || fail "$1: exports differ ($format)"
    done
}

export TMPDIR=$work
cat >small.yaml <<'END_OF_SCENARIO'
warmup: 1s
cooldown: 1s
devices:
  source: {kind: servers, servers: 2, read_time: 3ms, write_time: 3ms, distribution: exponential, read_rate: 90MB/s, write_rate: 90MB/s}
  target: {kind: ideal, rate: 100MB/s}
vm: {disks: [{size: 16MiB}]}
workload: {kind: open, rate: 100/s, block: 64KiB}
migration: {architecture: mirror, mirror: {lock_range: 4MiB}}
sweep:
  over: {migration.architecture: [mirror, dbt], workload.rate: [50/s, 200/s]}
  stop: {metric: migration_time_s, half_width: 2%, least: 5, most: 60}
END_OF_SCENARIO

# ---- plan, run, run again ---------------------------------------------------------------------------

exits 0 sweep plan small.yaml --format csv
grep -q '^3,small,dbt,200/s,5,60' stdout.txt || fail "plan: said $(cat stdout.txt)"
says '5 to 60 replications of 4 points: 20 runs at first, 20 of them to be run'

exits 0 sweep run small.yaml -j 2 --db a.db --format csv
says '^migration.architecture=dbt workload.rate=200/s +migration_time_s +[0-9]+ +[0-9]+ .* 1\.[0-9]+ % +precise$'
says '4 of 4 points are precise, 0 capped, 0 failed'
runs=$(ask a.db 'SELECT count(*) FROM run')
[ "$runs" -gt 40 ] || fail "only $runs runs"
[ "$(ask a.db 'SELECT count(DISTINCT n) > 1 FROM (SELECT count(*) n FROM run GROUP BY config_hash)')" = 1 ] ||
    fail "all points have the same number of runs"
grep -q "^small,$runs,$runs,0,0" stdout.txt || fail "run: said $(cat stdout.txt)"
exits 0 sweep run small.yaml -j 1 --db a.db
says '20 runs at first, 0 of them to be run'
[ "$(ask a.db 'SELECT count(*) FROM run')" = "$runs" ] || fail "the second run ran something"
exits 0 sweep status --db a.db
exits 0 sweep run small.yaml -j 1 --db b.db
same "one worker" b.db

# ---- stops ------------------------------------------------------------------------------------------

# What was lost is found again, in the first round and in later ones.
cp b.db lost.db
ask lost.db "DELETE FROM run WHERE run_id IN (SELECT run_id FROM run WHERE replication % 3 = 1)" >/dev/null
exits 75 sweep status --db lost.db
exits 0 sweep resume --db lost.db
same "lost runs" lost.db

# Between two rounds: all that is noted is there, and yet it is not the end.
cp b.db between.db
ask between.db "DELETE FROM run WHERE replication >= 10" >/dev/null
ask between.db "DELETE FROM study_run WHERE run_id NOT IN (SELECT run_id FROM run)" >/dev/null
exits 75 sweep status --db between.db
says "study 'small': not all points are precise as yet: at least [0-9]+ runs more"
exits 0 sweep resume --db between.db
same "a stop between rounds" between.db

for nap in 0.02 0.05 0.1 0.2; do
    "$GODWIT" sweep run small.yaml -j 2 --db killed.db --set vm.disks.0.size=64MiB >/dev/null 2>&1 &
    parent=$!
    sleep $nap
    kill -9 $parent 2>/dev/null
    wait $parent 2>/dev/null
done
exits 0 sweep run small.yaml --db killed.db --set vm.disks.0.size=64MiB
cp a.db kept.db
exits 0 sweep run small.yaml --db a.db --set vm.disks.0.size=64MiB --study other
cp killed.db all.db
exits 0 sweep run small.yaml --db all.db --study other
"$GODWIT" export a.db --format csv | sort >a.txt
"$GODWIT" export all.db --format csv | sort >b.txt
cmp -s a.txt b.txt || fail "a killed sweep differs"
mv kept.db a.db

# ---- shards -----------------------------------------------------------------------------------------

for count in 1 3; do
    for index in $(seq 0 $((count - 1))); do
        exits 0 sweep run small.yaml --shard "$index/$count" --out "shards$count"
    done
    exits 0 sweep merge "shards$count" -o "merged$count.db" --require-complete
done
cmp -s merged1.db merged3.db || fail "merged bytes depend on the number of shards"
same "merged shards" merged3.db
mkdir part && cp shards3/shard-1.db part
exits 75 sweep merge part -o part.db --require-complete
# A shard that was stopped after its first round looks complete but for the rule.
mkdir early && cp shards3/*.db early
for shard in early/*.db; do
    ask "$shard" "DELETE FROM run WHERE replication >= 5" >/dev/null
    ask "$shard" "DELETE FROM study_run WHERE position >= 20" >/dev/null
done
exits 75 sweep merge early -o early.db --require-complete
says 'not all points are precise as yet'
for index in 0 1 2; do
    exits 0 sweep run small.yaml --shard "$index/3" --out early
done
exits 0 sweep merge early -o early2.db --require-complete
same "shards gone on" early2.db

# ---- options ----------------------------------------------------------------------------------------

exits 0 sweep run small.yaml --db options.db --stop migration_time_s=20% --stop downtime_s \
    --set sweep.stop.confidence=90% -n 4 --set sweep.stop.most=12
says 'rate=50/s +downtime_s +[0-9]+ '
grep -qE ' +capped$' stderr.txt || says '4 of 4 points are precise'
[ "$(ask options.db 'SELECT min(n) >= 4 AND max(n) <= 12 FROM (SELECT count(*) n FROM run GROUP BY config_hash)')" = 1 ] ||
    fail "options: other numbers of replications"
exits 0 sweep resume --db options.db
says 'points are precise'
exits 0 sweep run small.yaml --db capped.db --stop migration_time_s=0.01% --set sweep.stop.most=7
says '0 of 4 points are precise, 4 capped, 0 failed; 28 runs'
sed 's/stop: .*/replications: 3/' small.yaml >plain.yaml
exits 0 sweep run plain.yaml --db plain.db --stop migration_time_s=50%
says '3 +3 .* precise'

# A migration that does not converge gives no value: it is a result, and counts.
exits 0 sweep run small.yaml --db never.db --set migration.architecture=dbt --set workload.rate=4k/s \
    --set workload.read_share=0% --set sweep.stop.most=6 --set time_limit=10s
says '^migration.* +migration_time_s +6 +0 +- +- +capped$'
says '6 runs gave no value'

# ---- refusals ---------------------------------------------------------------------------------------

refuses 2 "did you mean 'migration_time_s'?" sweep run small.yaml --stop migration_times
refuses 2 "'0.05'" sweep run small.yaml --stop migration_time_s=0.05
refuses 2 'is there twice' sweep run small.yaml --stop downtime_s --stop downtime_s=2%
refuses 2 "are above 'most'" sweep run small.yaml -n 61
refuses 2 'have no spread' sweep run small.yaml -n 1
refuses 2 "unknown key 'mots'" sweep run small.yaml --set sweep.stop.mots=3
refuses 2 'not that of the first scenario' sweep run small.yaml plain.yaml
refuses 2 'no --stop' sweep frontier small.yaml --stop downtime_s

# ---- a run that hangs -------------------------------------------------------------------------------

sed -e 's/stop: .*/replications: 2/' \
    -e 's/over: .*/points: {short: {}, long: {vm.disks.0.size: 256GiB, workload.rate: 20k\/s}}/' \
    -e 's/short: {}/short: {workload.rate: 50\/s}/' small.yaml >long.yaml
exits 4 sweep run long.yaml -j 2 --db long.db --run-timeout 3s --format csv
grep -q '^long,4,2,2,0' stdout.txt || fail "run-timeout: said $(cat stdout.txt)"
says 'failed \(1 attempt\): killed after more than 3s of wall time'
says 'repro: godwit run long.yaml --set vm.disks.0.size=256GiB .*--replication 1$'
[ "$(ask long.db "SELECT count(*) FROM failure WHERE error LIKE 'killed after%'")" = 2 ] ||
    fail "run-timeout: not noted"
exits 4 sweep resume --db long.db --run-timeout 1s
says '2 of them to be run'
says 'failed \(2 attempts\): killed after more than 1s of wall time'
# With a rule, the point that fails is not decided, the others are.
exits 4 sweep run long.yaml -j 2 --db rule.db --run-timeout 3s --stop migration_time_s=50%
says 'failed$'
says '1 of 2 points are precise, 0 capped, 1 failed'
refuses 2 "--run-timeout" sweep run long.yaml --run-timeout 3
refuses 2 "must be above 0s" sweep run long.yaml --run-timeout 0s

exit $((failures > 0))
