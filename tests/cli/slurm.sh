#!/usr/bin/env bash
# slurm.sh - pins: `godwit sweep submit --slurm` on a real munged, slurmctld and slurmd on loopback:
# an array of 4 of which one task is killed, and slurmd with it, ends complete and merged, with the
# exports of one process. Skipped (77) where Slurm or munge is not installed, or not as root.
# Everything of Slurm is in a scratch directory; SLURM_PLUGIN_DIR says where its plugins are when
# they are not where it looks.
# Does not pin: clusters of several machines.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"
long_form

# fail WHY - the first mistake ends it: what follows would wait in vain
fail() {
    echo "FAIL: $*" >&2
    tail -n 5 "$work"/out/*.log "$work"/slurmctld.log "$work"/slurmd.log >&2
    exit 1
}

for program in pgrep munged slurmctld slurmd sbatch squeue scontrol; do
    command -v "$program" >/dev/null || skip "$program is not installed"
done
[ "$(id -u)" = 0 ] || skip "Slurm's daemons are started as root"

chmod 755 "$work"
pids=()
end() {
    for pid in "${pids[@]}"; do kill -9 "$pid" 2>/dev/null; done
    for file in "$work"/munged.pid "$work"/slurmctld.pid "$work"/slurmd.pid; do
        [ -s "$file" ] && kill -9 "$(cat "$file")" 2>/dev/null
    done
    for pid in $(ours); do kill -9 "$pid" 2>/dev/null; done
    leave
}
trap end EXIT
export TMPDIR=$work

# ours - processes of this test's jobs: their command lines name the scratch directory
ours() {
    pgrep -f -- "--out $work/out"
}

# within SECONDS COMMAND... - waits until the command succeeds
within() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.2
    done
}

# ---- the scheduler ----------------------------------------------------------------------------------

host=$(hostname -s)
dd if=/dev/urandom of=munge.key bs=128 count=1 2>/dev/null
chmod 600 munge.key
munged --force --key-file "$work/munge.key" --socket "$work/munge.socket" \
    --pid-file "$work/munged.pid" --log-file "$work/munged.log" --seed-file "$work/munged.seed" \
    2>munged.txt || skip "munged does not start: $(cat munged.txt)"
mkdir state spool out
cat >slurm.conf <<END
ClusterName=godwit
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CryptoType=crypto/munge
AuthInfo=socket=$work/munge.socket,cred_expire=5
SlurmctldPort=$((20000 + $$ % 10000))
SlurmdPort=$((30000 + $$ % 10000))
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
ReturnToService=2
MpiDefault=none
SwitchType=switch/none
SlurmdParameters=config_overrides
RequeueExit=137,75
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 RealMemory=1024 State=UNKNOWN
PartitionName=debug Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
[ -z "${SLURM_PLUGIN_DIR:-}" ] || echo "PluginDir=$SLURM_PLUGIN_DIR" >>slurm.conf
export SLURM_CONF=$work/slurm.conf

start_slurmd() {
    slurmd -D >>slurmd.txt 2>&1 &
    slurmd=$!
    pids+=("$slurmd")
    disown "$slurmd"
}

idle() {
    scontrol show node 2>/dev/null | grep -q 'State=\(IDLE\|MIXED\|ALLOCATED\)'
}

slurmctld -D >slurmctld.txt 2>&1 &
pids+=($!)
disown $!
start_slurmd
within 30 idle || skip "Slurm does not start here: $(tail -n 3 slurmctld.txt slurmd.txt)"

# ---- the sweep ----------------------------------------------------------------------------------------

cat >study.yaml <<'END'
warmup: 1s
cooldown: 1s
devices: {source: {kind: ideal, rate: 100MB/s}, target: {kind: ideal, rate: 100MB/s}}
vm: {disks: [{size: 32GiB}]}
workload: {kind: closed, oio: 8, think_time: 1ms}
migration: {architecture: mirror}
sweep: {over: {workload.oio: [1, 2, 4, 8]}, replications: 15}
END
"$GODWIT" sweep submit study.yaml --slurm --shards 4 --publish 1 --out out >jobs.txt 2>submit.txt ||
    fail "submit: exit code $?: $(cat submit.txt)"
grep -q '^array [0-9]' jobs.txt || fail "submit said: $(cat jobs.txt)"

started() {
    compgen -G "$work/godwit-study-*.db" >/dev/null && [ -n "$(ours)" ]
}
within 60 started || fail "no task began"
# The first of them that no other one started is a task; the others are workers.
victim=
for pid in $(ours); do
    parent=$(awk '/^PPid/ { print $2 }' "/proc/$pid/status" 2>/dev/null)
    [ -z "$victim" ] && ! ours | grep -qx "${parent:-0}" && victim=$pid
done
{ [ -n "$victim" ] && kill -9 "$victim"; } || fail "no task could be killed"
kill -9 "$slurmd" || fail "slurmd is not there"
echo "slurm.sh: killed task process $victim and slurmd $slurmd"
sleep 1
start_slurmd

merged() {
    [ -s out/study.db ] && "$GODWIT" sweep status --db out/study.db >/dev/null 2>&1
}
idle_queue() {
    [ -z "$(squeue -h 2>/dev/null)" ] && scontrol ping 2>/dev/null | grep -q UP
}
if ! within 150 merged && within 60 idle_queue; then
    # The scheduler gave up on a task: what it left undone is done by submitting again.
    echo "slurm.sh: submitted again"
    "$GODWIT" sweep submit study.yaml --slurm --shards 4 --out out >jobs.txt 2>submit.txt ||
        fail "submit again: $(cat submit.txt)"
    within 150 merged || fail "not complete"
fi
merged || fail "not complete"
"$GODWIT" sweep run study.yaml --db one.db >/dev/null 2>&1 || fail "one process: exit code $?"
"$GODWIT" export one.db --format csv >one.csv || fail "export: exit code $?"
"$GODWIT" export out/study.db --format csv >merged.csv || fail "export: exit code $?"
cmp -s one.csv merged.csv || fail "the merged database and that of one process differ"
echo "slurm.sh: 60 of 60 runs in $SECONDS s"
