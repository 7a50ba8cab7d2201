#!/usr/bin/env bash
# calibrate.sh GODWIT [DATA] - fits the costs of the host of the measured migrations again:
# scenarios/qemu72/host.yaml from qemu-memory/; and shows what qemu-storage/ tells.
#
# DATA holds both; without it, what lies beside the tree. The costs may be fitted to the cases named
# here and their repeats, and to no others: all else is for prediction.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/common.sh"

godwit=${1:?usage: calibrate.sh GODWIT [DATA]}
data=${2:-$root/../shared/data}
pack=$root/scenarios/qemu72

memory=(a-1g-u-rho040 a-10g-u-r100k c-text-t1-l1 c-rand-t2-l1 d-none-u-r40k e-ram2g-zero
    l-1g-u-rho070 b-c256-u-chg64)
storage=(A-oltp-oio8-bg A-oltp-oio8-wb I-lat2ms-oio8-wb E-idle-bg G-snap-oio8)

# use FOLDER CASE... - fills files: of each case the file and its repeats, .r2 or -r2
use() {
    local folder=$data/$1 name repeat
    shift

    files=()
    for name in "$@"; do
        [ -r "$folder/$name.json" ] || {
            echo "calibrate: skipped: no $folder/$name.json" >&2
            return 1
        }
        files+=("$folder/$name.json")
        for repeat in "$folder/$name"[.-]r[0-9].json; do
            [ ! -r "$repeat" ] || files+=("$repeat")
        done
    done
}

if use qemu-memory "${memory[@]}"; then
    "$godwit" calibrate "${files[@]}" --host "$pack/machine.yaml" --output "$pack/host.yaml"
fi
if use qemu-storage "${storage[@]}"; then
    "$godwit" calibrate "${files[@]}"
fi
