#!/usr/bin/env bash
# check-baselines.sh GODWIT [OPTION]... - godwit check for each file of tests/baselines; options are
# handed on. With --accept REASON all of them are written anew.
#
# Exit status: the highest of all files.
#
# SPDX-License-Identifier: GPL-3.0-or-later
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
godwit=${1:?usage: check-baselines.sh GODWIT [OPTION]...}
shift
export GODWIT_DATADIR=$root

worst=0
for baseline in "$root"/tests/baselines/*.json; do
    code=0
    echo "== $(basename "$baseline" .json)"
    "$godwit" check --baseline "$baseline" "$@" || code=$?
    [ "$code" -le "$worst" ] || worst=$code
done
exit "$worst"
