# common.sh - what the scripts share: where the tree is, which files are ours, how to report.
#
# Sourced with bash, never run. Works from any folder, with and without git.
#
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034  # used by the scripts that source this file
{
    rooms=(base algorithms workloads models sim live results cli)
    pure_rooms=(base algorithms workloads models sim)
    cores=$(nproc 2>/dev/null || echo 1)
}
findings=0

# Prints the C files of the given folders of the tree (those that exist), sorted, one a line.
c_files() {
    local folder folders=()

    for folder in "$@"; do
        if [ -d "$root/$folder" ]; then
            folders+=("$folder")
        fi
    done
    if [ ${#folders[@]} -gt 0 ]; then
        (cd "$root" && find "${folders[@]}" -type f -name '*.[ch]' | LC_ALL=C sort)
    fi
}

# One finding of a lint: file:line: what is wrong; use what instead.
finding() {
    printf '%s\n' "$*" >&2
    findings=$((findings + 1))
}

# Ends a lint: silent and 0 if nothing was found.
conclude() {
    if [ "$findings" -gt 0 ]; then
        printf '%s: %d findings\n' "$(basename "$0" .sh)" "$findings" >&2
        exit 1
    fi
}
