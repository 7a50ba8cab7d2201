#!/usr/bin/env bash
# validation.sh MODE GODWIT - predicts all measured migrations of $GODWIT_MEASURED (by default
# ../shared/data beside the tree, folders qemu-memory and qemu-storage).
#
#   summary   what the predictions are worth           cards     the card file, its table in README.md
#   causes    what gets worse without each cause       baseline  tests/golden/validation.csv
#   rows      the rows of the baseline as they are now
#
# A wrong outcome is a finding of the program, not of this script.
#
# SPDX-License-Identifier: GPL-3.0-or-later
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
mode=${1:?usage: validation.sh summary|cards|baseline|causes|rows GODWIT}
godwit=$(realpath "${2:?usage: validation.sh MODE GODWIT}")
data=${GODWIT_MEASURED:-$root/../shared/data}
export GODWIT_DATADIR=$root

sets=()
for set in memory storage; do
    [ ! -d "$data/qemu-$set" ] || sets+=("$set")
done
if [ "${#sets[@]}" = 0 ]; then
    echo "no measured migrations in $data" >&2
    exit 77
fi

# validate ARGUMENT... - godwit validate, for which a finding is no failure
validate() {
    local code=0
    "$godwit" validate "$@" || code=$?
    [ "$code" -le 1 ]
}

# Groups that are held to the same goal, without the runs that are over before anything settles.
print_summary() {
    for set in "${sets[@]}"; do
        echo "== $set"
        if [ "$set" = memory ]; then
            validate "$data/qemu-$set"/*.json --summary --at-least 500ms \
                --combine A,B,E,L --combine A,B,L --combine C,D
        else
            validate "$data/qemu-$set"/*.json --summary
        fi
    done
}

print_rows() {
    local header=1
    for set in "${sets[@]}"; do
        validate "$data/qemu-$set"/*.json --summary --format csv | cut -d, -f1-7 |
            awk -F, -v OFS=, -v set="$set" -v header="$header" '
                function short(x) { return x == "" ? x : sprintf("%.2f", x) }
                NR == 1 { if (header) print "set", $0; next }
                { $7 = short($7); $6 = short($6); print set, $0 }'
        header=0
    done
}

# rows_of FILE FILES SETTING... - the summary of these files with these settings into FILE
rows_of() {
    local out=$1 set=() code=0
    for setting in "${@:3}"; do
        set+=(--set "$setting")
    done
    # The pattern of the files is meant to be one.
    # shellcheck disable=SC2086
    "$godwit" validate $2 "${set[@]}" --summary --format csv \
        >"$out" 2>"$out.err" || code=$?
    [ "$code" -le 1 ] || sed 's/^/    /' "$out.err" >&2
}

# Groups whose errors grew: the median by half a point or the 90th percentile by two; or where fewer
# are right.
print_worse() {
    awk -F, -v cause="$3" '
        function pair(median, p90) { return median == "" ? "" : sprintf("%.1f / %.1f", median, p90) }
        FNR == 1 || $1 == "all" { next }
        FILENAME == ARGV[1] { with[$1 FS $2] = $0; next }
        split(with[$1 FS $2], was, FS) &&
            ($6 > was[6] + 0.5 || $7 > was[7] + 2 || $4 < was[4] || $5 < was[5]) {
            printf "| %s | %s | %s | %s | %s | %s |\n", cause, $1, $2,
                ($4 $5 == "" ? "" : was[4] was[5] " -> " $4 $5 " of " $3),
                pair(was[6], was[7]), pair($6, $7)
        }' "$1" "$2"
}

# Where a switch changes the number of cases, medians are of different cases: `right` tells.
print_causes() {
    echo "| switched off | group | metric | right, or off by one | median / p90 % with it | without |"
    echo "|---|---|---|---|---|---|"
    grep -v '^#' "$root/scripts/causes.txt" | while IFS='|' read -r set files cause settings; do
        [ -d "$data/qemu-$set" ] || continue
        rows_of "$work/with" "$data/qemu-$set/$files.json"
        # shellcheck disable=SC2086
        rows_of "$work/without" "$data/qemu-$set/$files.json" $settings
        print_worse "$work/with" "$work/without" "$cause"
    done
}

# What stands between the markers of README.md is what the program says of the cards.
write_table() {
    awk -v table="$1" '
        /^<!-- cards: / { print; print ""; while ((getline line < table) > 0) print line
                          print ""; skip = 1; next }
        /^<!-- end of cards -->/ { skip = 0 }
        !skip' "$root/README.md" >"$2"
    cat "$2" >"$root/README.md"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
case $mode in
summary) print_summary ;;
rows) print_rows ;;
causes) print_causes ;;
baseline)
    print_rows >"$work/rows"
    cat "$work/rows" >"$root/tests/golden/validation.csv"
    ;;
cards)
    files=()
    for set in "${sets[@]}"; do
        files+=("$data/qemu-$set"/*.json)
    done
    validate "${files[@]}" --summary --cards "$work/cards.csv" >/dev/null
    cat "$work/cards.csv" >"$root/scenarios/model-cards.csv"
    "$godwit" list cards --format md | awk -f "$root/scripts/readme-cards.awk" >"$work/table"
    write_table "$work/table" "$work/readme"
    ;;
*)
    echo "unknown mode '$mode'" >&2
    exit 2
    ;;
esac
