#!/usr/bin/env bash
# gate-power.sh - pins, in a short form, that the gate seldom cries without cause and sees a shift of
# 5 % and a bump in a curve. The long form, with intervals worth reading: make gate-proof.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"
long_form

program=$(dirname "$GODWIT")/godwit-gate-proof
[ -x "$program" ] || skip "$program is not built"
bash "$tree/scripts/gate-proof.sh" "$program" 40 >table.txt || fail "$(cat table.txt)"
grep -q '^as promised' table.txt || fail "$(cat table.txt)"

exit $((failures > 0))
