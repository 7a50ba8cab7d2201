#!/usr/bin/env bash
# bench.sh - pins: `godwit bench codec` prints a row for every step, codec, level and content in
# every format, writes a profile of exactly the keys that a scenario knows, replaces it whole or
# not at all, and refuses wrong use.
# Does not pin: any time.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"
verb=bench

"$GODWIT" bench codec --quick --profile host.yaml --format csv >out.csv 2>stderr.txt ||
    fail "bench codec: exit code $?"
[ ! -s stderr.txt ] || fail "bench codec wrote to stderr: $(cat stderr.txt)"
head -n 1 out.csv | grep -q '^step,level,content,bytes,encode_ns,decode_ns' || fail "no header"
[ "$(grep -c '^zero scan,' out.csv)" = 4 ] || fail "not four zero scans"
[ "$(grep -c '^copy,' out.csv)" = 2 ] || fail "not two copies"
[ "$(grep -c '^xbzrle,' out.csv)" -ge 5 ] || fail "too few patterns of XBZRLE"
for codec in zlib zstd lz4; do
    for content in zero text random prose pointers word byte half; do
        grep -qE "^$codec,1,$content,[0-9.]+,[0-9.]+,[0-9.]+" out.csv ||
            fail "no row for $codec, level 1, $content"
    done
done
awk -F, 'NR > 1 && $5 + 0 <= 0 { exit 1 }' out.csv || fail "a time is not above 0"

# ---- the profile -----------------------------------------------------------------------------------

number='[0-9]+\.[0-9]+'
grep -q '^# Processor: .' host.yaml || fail "no processor"
grep -qE '^# Date: [0-9]{4}-[0-9]{2}-[0-9]{2}$' host.yaml || fail "no date"
grep -qE '^# Libraries: zlib [0-9.]+, zstd [0-9.]+, lz4 [0-9.]+$' host.yaml || fail "no versions"
grep -qE "^host: \{zero_ns: $number, non_zero_ns: $number, copy_ns: $number\}$" host.yaml ||
    fail "no host costs: $(cat host.yaml)"
grep -qE "^delta_cost: \{page_ns: $number, run_ns: $number, decode_ns: $number, decode_run_ns: \
$number\}$" host.yaml || fail "no costs of XBZRLE: $(cat host.yaml)"
[ "$(grep -vE '^(#|host:|delta_cost:|codec_costs:)' host.yaml | grep -vcE \
    '^  - \{codec: [a-z0-9]+, level: [0-9]+, content: [a-z]+, encode: [0-9]+ns, decode: [0-9]+ns\}$')" \
    = 0 ] || fail "lines that are no costs: $(cat host.yaml)"
[ "$(grep -c '^  - ' host.yaml)" = "$(grep -cE '^(zlib|zstd|lz4),' out.csv)" ] ||
    fail "not a line a cost"
[ "$(find . -name 'host.yaml*' | wc -l)" = 1 ] || fail "a temporary file was left"

# A scenario takes it over.
cat >include.yaml <<'END'
include: host.yaml
link: {rate: 1Gbps}
memory: {size: 64MiB}
regions: [{name: heap, size: 64MiB, content: text}]
migration: {architecture: precopy}
END
"$GODWIT" show include.yaml >shown.yaml || fail "the profile cannot be included"
for key in zero_ns non_zero_ns copy_ns page_ns run_ns decode_ns decode_run_ns; do
    value=$(sed -nE "s/.*[{ ]$key: ([0-9.]+).*/\1/p" host.yaml | sed -E 's/0+$//; s/\.$//')
    grep -qE "^ *$key: $value$" shown.yaml || fail "$key is not $value in the scenario"
done
[ "$(grep -c 'encode: ' shown.yaml)" = "$(grep -c 'encode: ' host.yaml)" ] ||
    fail "not all costs of codecs are in the scenario"

"$GODWIT" bench codec --quick --format json >out.json || fail "--format json: exit code $?"
grep -q '"costs": \[' out.json || fail "JSON is not one object with costs"

# ---- refusals --------------------------------------------------------------------------------------

refuses 2 'name what to time: codec'
refuses 2 'name what to time: codec' codec codec
refuses 2 "cannot time 'codek'; did you mean 'codec'?" codek
refuses 2 "unknown option '--quik'; did you mean '--quick'?" codec --quik
refuses 2 'cannot be written' codec --quick --profile nowhere/host.yaml

exit $((failures > 0))
