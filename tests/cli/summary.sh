#!/usr/bin/env bash
# summary.sh - pins: an interval of v_summary is what the Python of docs/database.md makes of the runs,
# and what `godwit export --format md` prints; the question of docs/running-sweeps.md is answered.
# Both texts are taken from the pages and run as they are.
# Does not pin: the statistics themselves (test_statistics.c), other cells (test_schema.c).
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"

# block PAGE LANGUAGE WORD - the first block of code of that language in which the word stands
block() {
    python3 - "$tree/docs/$1" "$2" "$3" <<'END'
import re, sys
text = open(sys.argv[1], encoding="utf-8").read()
blocks = re.findall(r"^```" + sys.argv[2] + r"\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
print(next(block for block in blocks if sys.argv[3] in block), end="")
END
}

cat >study.yaml <<'END'
warmup: 1s
cooldown: 1s
devices:
  source: {kind: servers, servers: 2, read_time: 5ms, write_time: 4ms, distribution: exponential}
  target: {kind: servers, servers: 2, read_time: 5ms, write_time: 4ms, distribution: exponential}
vm: {disks: [{size: 16MiB}]}
workload: {kind: closed, oio: 2, think_time: 10ms}
migration: {architecture: mirror, mirror: {lock_range: 4MiB}}
sweep:
  over: {migration.architecture: [mirror, dbt], workload.oio: [16, 2]}
  replications: 6
END
"$GODWIT" sweep run study.yaml --db study.db >stdout.txt 2>&1 || fail "sweep: $(cat stdout.txt)"
"$GODWIT" export study.db --format md >study.md || fail "export: exit code $?"

block database.md python student95 >interval.py || fail "docs/database.md: no such block"
said=$(python3 interval.py) || fail "docs/database.md: its Python does not run"
pattern='^(.*), workload\.oio=([0-9]+): (.*) s \(6 runs\)$'
if [[ $said =~ $pattern ]]; then
    cells="| ${BASH_REMATCH[1]} | ${BASH_REMATCH[2]} | 6 | 6 | ${BASH_REMATCH[3]} |"
    grep -qF -- "$cells" study.md || fail "no '$cells' in: $(cat study.md)"
    grep -q '± 0 ' <<<"$said" && fail "an interval without width tests nothing: $said"
else
    fail "docs/database.md: its Python says '$said'"
fi
[ "${BASH_REMATCH[2]-}" = 16 ] || fail "v_summary is not in the order of the study: $said"

# Every interval that is exported, not only the first.
python3 - <<'END' || fail "v_summary and the export differ"
import sqlite3
rows = sqlite3.connect("study.db").execute(
    "SELECT architecture, parameters ->> '$.\"workload.oio\"', mean, half_width_95, low_95, high_95"
    " FROM v_summary WHERE metric = 'migration_time_s'").fetchall()
assert len(rows) == 4
table = open("study.md", encoding="utf-8").read()
for architecture, oio, mean, half, low, high in rows:
    assert f"| {architecture} | {oio} | 6 | 6 | {mean:.5g} ± {half:.2g} |" in table, (architecture, oio)
    assert abs(high - low - 2 * half) < 1e-9 and low < mean < high
END

if command -v sqlite3 >/dev/null; then
    block running-sweeps.md sh 'sqlite3 -box' >question.sh || fail "docs/running-sweeps.md: no such block"
    bash question.sh >answer.txt || fail "docs/running-sweeps.md: its question: exit code $?"
    [ "$(grep -c 'workload.oio=' answer.txt)" = 3 ] || fail "its answer is: $(cat answer.txt)"
fi

exit $((failures > 0))
