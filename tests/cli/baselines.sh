#!/usr/bin/env bash
# baselines.sh - pins: every curve and metric of the cases in tests/baselines. After a change that is
# meant, `make baselines-accept REASON="..."`; the difference is reviewed like code.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"
long_form

bash "$tree/scripts/check-baselines.sh" "$GODWIT" >report.txt 2>&1 || fail "$(cat report.txt)"
[ "$(grep -c '^passed: ' report.txt)" = "$(find "$tree/tests/baselines" -name '*.json' | wc -l)" ] ||
    fail "not all baselines were checked: $(cat report.txt)"

exit $((failures > 0))
