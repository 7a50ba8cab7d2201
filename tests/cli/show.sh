#!/usr/bin/env bash
# show.sh - pins: `godwit show` fills defaults in, what it prints is a scenario with the same
# canonical form, overrides and variations reach it, and scenarios are found by pack and name.
# Does not pin: the values of defaults.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"

mkdir -p scenarios/birds
cat >scenarios/birds/godwit.yaml <<'END'
devices: {source: {kind: disk}, target: {kind: disk}}
vm: {disks: [{size: 1.5GiB}]}
workload: {kind: closed}
migration: {architecture: mirror}
END

shown=$("$GODWIT" show birds/godwit) || fail "show birds/godwit exited with $?"
grep -q '^name: godwit$' <<<"$shown" || fail "the name is not that of the file"
grep -q '^    - size: 1536MiB$' <<<"$shown" || fail "the size is not shown in whole units"
grep -q '^  mover_io: 256KiB$' <<<"$shown" || fail "a default is not filled in"

canonical=$("$GODWIT" show birds/godwit --canonical)
[ "$(wc -l <<<"$canonical")" = 1 ] || fail "the canonical form is not one line"
printf '%s\n' "$shown" >shown.yaml
printf '%s\n' "$canonical" >canonical.yaml
[ "$("$GODWIT" show shown.yaml --canonical)" = "$canonical" ] || fail "show is no fixed point"
[ "$("$GODWIT" show canonical.yaml --canonical)" = "$canonical" ] ||
    fail "canonical is no fixed point"
[ "$("$GODWIT" show scenarios/birds/godwit.yaml --canonical)" = "$canonical" ] ||
    fail "a path and a name differ"
if command -v python3 >/dev/null; then
    python3 -c 'import json, sys; json.loads(sys.argv[1])' "$canonical" ||
        fail "canonical is not JSON"
fi

"$GODWIT" show birds/godwit --set seed=9 | grep -q '^seed: 9$' || fail "--set did not arrive"
seeds=$("$GODWIT" show birds/godwit --set seed=3,4 --set=name=a,b | grep -cE '^(seed|name): [34ab]$')
[ "$seeds" = 8 ] || fail "variations: $seeds lines instead of 8"

exit $((failures > 0))
