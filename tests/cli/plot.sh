#!/usr/bin/env bash
# plot.sh - pins: `godwit plot` end to end: the list, one figure, several by their first words, the
# same SVG bytes twice, scripts that draw the same picture again, letters for terminals, SVG files
# that are XML and say what they show, and names that would do harm if anything ran them.
# Does not pin: looks.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"
command -v gnuplot >/dev/null || skip 'gnuplot is not installed'

cat >small.yaml <<'END'
name: "`touch pwned` <script>'\"\n$(touch pwned)"
warmup: 1s
cooldown: 1s
time_limit: 1min
sample_interval: 100ms
devices:
  source: {kind: servers, servers: 2, read_time: 2ms, write_time: 2ms, read_rate: 90MB/s, write_rate: 90MB/s}
  target: {kind: servers, servers: 1, read_time: 200us, write_time: 200us, read_rate: 80MB/s, write_rate: 80MB/s}
vm:
  name: "`touch pwned`'\"<b>&"
  disks:
    - {size: 32MiB}
workload: {kind: open, rate: 100/s, block: 8KiB, read_share: 20%, outstanding: 64}
migration: {architecture: dbt}
sweep:
  points:
    "`touch pwned`' </desc>": {devices.target.write_time: 200us}
    "plain": {devices.target.write_time: 300us}
  over:
    migration.architecture: [dbt, mirror]
    workload.rate: [50/s, 100/s]
END
"$GODWIT" sweep run small.yaml --db small.db >/dev/null 2>&1 || fail "the sweep: $?"

"$GODWIT" plot small.db --list >list.txt || fail "--list: $?"
for figure in migration-time-vs-rate guest-iops guest-io-by-phase convergence \
    storage-migration-dbt storage-migration-mirror passes block-write-map dirty-rate-map; do
    grep -q "^$figure" list.txt || fail "no $figure in: $(cat list.txt)"
done

"$GODWIT" plot small.db -o first --formats svg,dumb >said.txt || fail "plot: $?"
"$GODWIT" plot small.db -o second --formats svg >/dev/null || fail "plot again: $?"
for file in first/*.svg; do
    name=$(basename "$file")
    cmp -s "$file" "second/$name" || fail "$name differs from run to run"
    grep -q '<title>Gnuplot' "$file" && fail "$name is called Gnuplot"
    grep -q '<desc>[A-Z].*[a-z]' "$file" || fail "$name does not say what it shows"
    grep -q '<script' "$file" && fail "$name holds a script"
    if command -v xmllint >/dev/null; then
        xmllint --noout "$file" 2>said.xml || fail "$name: $(head -3 said.xml)"
    fi
done
[ "$(grep -c 'svg,dumb' said.txt)" = "$(wc -l <list.txt)" ] || fail "not as listed: $(cat said.txt)"
grep -q 'DBT' first/migration-time-vs-rate.txt || fail "no legend of letters"

# What a user redraws is the same picture, but for its title.
(cd second && gnuplot guest-iops.gp) || fail "guest-iops.gp does not run by itself"
for file in first second; do
    sed '1,/<\/desc>/d' "$file/guest-iops.svg" >"$file.body"
done
cmp -s first.body second.body || fail "redrawn, guest-iops differs"

"$GODWIT" plot small.db -o some --figure storage-migration --formats svg >/dev/null || fail "some: $?"
[ "$(find some -name '*.svg' | wc -l)" = 2 ] || fail "not both: $(ls some)"
refuses 2 "figure 'nothing'" plot small.db --figure nothing
refuses 2 'svg, png, pdf or dumb' plot small.db --formats gif

[ -z "$(find . -name 'pwned*')" ] || fail "a name was run: $(find . -name 'pwned*')"
exit $((failures > 0))
