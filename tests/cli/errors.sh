#!/usr/bin/env bash
# errors.sh - pins: exit codes of wrong use, GNU style places, all errors at once, hints, and that
# nothing of it goes to stdout. Does not pin: the wording beyond its key words.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"

mkdir -p scenarios/birds
cat >scenarios/birds/godwit.yaml <<'END'
sede: 7
warmup: 30
devices: {source: {kind: disk}, target: {kind: dsik}}
vm: {disks: [{size: 64K}]}
workload: {kind: closed}
migration: {architecture: mirror}
END
bad=scenarios/birds/godwit.yaml

refuses 2 "see godwit --help"
refuses 2 "unknown verb 'shwo'; did you mean 'show'?" shwo
refuses 2 "unknown option '--canoncal'; did you mean '--canonical'?" show --canoncal "$bad"
refuses 2 "unknown option '--canon'" show --canon "$bad"
refuses 2 "option '--set' needs a value" show "$bad" --set
refuses 2 "option '--canonical' takes no value" show "$bad" --canonical=1
refuses 2 "unknown format 'xml'" list --format xml
refuses 2 "unknown topic 'device'; did you mean 'devices'?" list device
refuses 2 "no 'elephant' among the devices" list devices elephant
refuses 2 "show takes one scenario" show
refuses 2 "no scenario 'birds/godwti'; did you mean 'birds/godwit'?" show birds/godwti
refuses 2 "$bad:1:1: error: unknown key 'sede'; did you mean 'seed'?" show "$bad"
refuses 2 "$bad:2:9: error: '30' has no unit" show "$bad"
refuses 2 "$bad:3:48: error: unknown kind 'dsik'; did you mean 'disk'?" show "$bad"
refuses 2 "$bad:4:21: error: ambiguous unit 'K' in '64K': write KiB" show "$bad"
refuses 2 "--set warmup=x: error: 'x' is not a time" show "$bad" --set warmup=x
refuses 2 "--set warmup: error: expected KEY=VALUE" show "$bad" --set warmup
refuses 2 "a quote is not closed" show "$bad" --set 'name="a'

"$GODWIT" --version | grep -q '^godwit ' || fail "--version says nothing"
"$GODWIT" --help | grep -q '^  reproduce ' || fail "--help leaves a verb out"
"$GODWIT" help show | grep -q -- '--canonical' || fail "help show leaves an option out"
"$GODWIT" show --help | grep -q -- '--canonical' || fail "show --help leaves an option out"

"$GODWIT" list >/dev/full 2>stderr.txt
[ $? = 3 ] || fail "a full device is not exit code 3"

exit $((failures > 0))
