#!/usr/bin/env bash
# lint.sh [BUILD] - all fast lints, one line each; with a build tree also the one on its objects.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/common.sh"

build=${1:-}
lints=(layers tidy manifest format text)
if [ -n "$build" ]; then
    lints+=(purity)
fi

for lint in "${lints[@]}"; do
    if "$root/scripts/lint-$lint.sh" ${build:+"$build"}; then
        printf 'ok      lint-%s\n' "$lint"
    else
        printf 'FAILED  lint-%s\n' "$lint"
        findings=$((findings + 1))
    fi
done

conclude
