#!/usr/bin/env bash
# lint-layers.sh - includes point one way: cli -> results | sim | live -> models | workloads |
# algorithms -> base. The picture in ARCHITECTURE.md is a test.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/common.sh"
cd "$root"

declare -A may_see=(
    [base]="base"
    [algorithms]="algorithms base"
    [workloads]="workloads base"
    [models]="models base"
    [sim]="sim models workloads algorithms base"
    [live]="live models workloads algorithms base"
    [results]="results models workloads algorithms base"
    [cli]="cli results sim live models workloads algorithms base"
)

# Reports each line of a grep (file:line:text) that was read from stdin.
report() {
    local line

    while IFS= read -r line; do
        if [ -n "$line" ]; then
            finding "$(cut -d: -f1,2 <<<"$line"): $*"
        fi
    done
}

check_room() {
    local room=$1 allowed=${may_see[$1]} pattern

    pattern="^ *# *include \"(${allowed// /|})/"
    { grep -nE '^ *# *include "' -r --include='*.[ch]' "$room" || true; } |
        { grep -vE "^[^:]*:[0-9]*:${pattern#^}" || true; }
}

for room in "${rooms[@]}"; do
    if [ -d "$room" ]; then
        report "$room/ may include ${may_see[$room]// /, } only, by a path from the root:" \
            "move the shared part down to base/ or pass it in" < <(check_room "$room")
    fi
done

# Reports an include outside the places where it may be: $1 header, $2 places (regex), $3 cure.
fence() {
    report "<${1//\\/}> is not for this file: $3" < <(c_files "${rooms[@]}" |
        { grep -vE "^($2)" || true; } | xargs -r grep -nE "# *include [<\"]$1" /dev/null || true)
}

# sim/ takes NAN and isnan from math.h; lint-purity.sh proves that no function came with them.
# sim/study.c shares runs out to threads and times them; no world sees either.
fence 'sqlite3\.h' 'results/' 'go through results/store.h'
fence 'gsl/' 'results/' 'statistics live in results/'
fence '(zstd|lz4|lz4hc)\.h' 'base/compress\.c' 'codecs live in base/compress.c'
fence 'zlib\.h' 'base/compress\.c|results/' 'codecs live in base/compress.c'
fence 'math\.h' 'results/|cli/|sim/' 'use gw_log, gw_exp, gw_pow (base/variate.h) or __builtin_sqrt'
fence '(sys/)?time\.h' 'results/|cli/|live/|sim/study\.c' 'time is agenda->now_ns or the clock port'
fence '(pthread|threads|stdatomic)\.h' 'cli/|live/|results/|sim/study\.c' \
    'a world knows no threads; sim/study.c runs several worlds side by side'

# An algorithm sees base/ and these, nothing else of the machine.
report "algorithms/ sees no file, no clock, no console: go through a port (base/port.h)" < <(
    c_files algorithms | xargs -r grep -nE '# *include <' /dev/null |
        grep -vE '<(inttypes|limits|stdbool|stddef|stdint|stdlib|string)\.h>' |
        grep -vE '^algorithms/(xbzrle|zero_page)[a-z0-9_]*\.[ch]:.*<immintrin\.h>' || true)

yaml_files=$(c_files "${rooms[@]}" | xargs -r grep -lE '# *include <yaml\.h>' || true)
if [ "$(wc -w <<<"$yaml_files")" -gt 1 ]; then
    finding "$(tr '\n' ' ' <<<"$yaml_files"): yaml.h in more than one file: use its tree of config nodes"
fi

report "gnuplot is started by results/gnuplot.c alone: go through results/gnuplot.h" < <(
    c_files "${rooms[@]}" | { grep -v '^results/gnuplot' || true; } |
        xargs -r grep -nE '(popen|exec[a-z]*|posix_spawn[a-z]*|system) *\(.*gnuplot' /dev/null || true)

conclude
