#!/usr/bin/env bash
# update.sh PROGRAM... - rewrites the golden curves from those test programs: what `make
# golden-update` runs. The difference is to be reviewed like code.
#
# SPDX-License-Identifier: GPL-3.0-or-later
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
for program in "${@:?usage: update.sh PROGRAM..., tests/golden/test_golden}"; do
    GW_SOURCE_DIR=$root GW_GOLDEN_UPDATE=1 "$program"
done
git -C "$root" --no-pager diff --stat -- tests/golden || true
