#!/usr/bin/env bash
# parallel.sh - pins: the commands for GNU parallel in docs/running-sweeps.md, run as they stand there,
# make the database that one process makes; after a shard that failed, --resume-failed with the same
# job log starts that one alone and completes it. Skipped (77) without GNU parallel.
# Does not pin: other machines over ssh.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"

command -v parallel >/dev/null && parallel --version 2>/dev/null | grep -q '^GNU parallel' ||
    skip "GNU parallel is not installed"
export TMPDIR=$work PARALLEL_HOME=$work/parallel
mkdir bin parallel

# The first time, shard 3 is stopped before it does anything: 75, as of a scheduler that is in a hurry.
cat >bin/godwit <<'END'
#!/usr/bin/env bash
echo "$*" >>"$TMPDIR/calls.txt"
case "$*" in
*--shard\ 3/16*) [ -e "$TMPDIR/stopped" ] || { touch "$TMPDIR/stopped"; exit 75; } ;;
esac
exec "$GODWIT" "$@"
END
chmod +x bin/godwit
PATH=$work/bin:$PATH
GODWIT=$(realpath "$GODWIT")
export PATH GODWIT

cat >study.yaml <<'END'
warmup: 1s
cooldown: 1s
devices: {source: {kind: ideal, rate: 100MB/s}, target: {kind: ideal, rate: 100MB/s}}
vm: {disks: [{size: 16MiB}]}
workload: {kind: closed, oio: 2, think_time: 10ms}
migration: {architecture: mirror, mirror: {lock_range: 4MiB}}
sweep: {over: {migration.architecture: [mirror, dbt], workload.oio: [1, 2, 4]}, replications: 8}
END

# The two commands of the page.
python3 - "$tree/docs/running-sweeps.md" >recipe.txt <<'END' || fail "the page has no such block"
import re, sys
text = open(sys.argv[1], encoding="utf-8").read()
blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
print(next(block for block in blocks if "| parallel" in block), end="")
END
[ "$(wc -l <recipe.txt)" = 2 ] || fail "the page has other commands: $(cat recipe.txt)"
run=$(sed -n 1p recipe.txt)
merge=$(sed -n 2p recipe.txt)

# told CODE COMMAND - the command exits with CODE
told() {
    local code=$1 got=0
    shift
    bash -c "$1" >said.txt 2>&1 || got=$?
    [ "$got" = "$code" ] || fail "$1: exit code $got instead of $code: $(cat said.txt)"
}

told 1 "$run"
told 75 "$merge"
: >calls.txt
told 0 "${run/parallel/parallel --resume-failed}"
[ "$(wc -l <calls.txt)" = 1 ] || fail "more than the failed shard was started: $(cat calls.txt)"
told 0 "$merge"
: >calls.txt
told 0 "$run"
[ "$(wc -l <calls.txt)" = 16 ] || fail "the recipe did not start 16 shards"
told 0 "$merge"

told 0 'godwit sweep run study.yaml --db one.db'
for format in csv jsonl md; do
    "$GODWIT" export study.db --format $format >parallel.txt || fail "export: exit code $?"
    "$GODWIT" export one.db --format $format >one.txt
    cmp -s parallel.txt one.txt || fail "GNU parallel and one process differ in $format"
done
[ "$(grep -c mirror one.txt)" = 3 ] || fail "the study is not there: $(cat one.txt)"

exit $((failures > 0))
