#!/usr/bin/env bash
# demo.sh - Godwit in a few minutes: installs what is missing, builds in build/, runs a small
# storage study, prints its table and chart, draws the plots and says where they lie.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/scripts/common.sh"
cd "$root"

build=$root/build
out=$build/demo

headline() {
    printf '\n== %s\n\n' "$*"
}

headline 'what is needed'
scripts/setup.sh --build
echo 'ready'

headline "build, in $build"
if [ ! -x configure ]; then
    autoreconf -i >/dev/null 2>&1 || autoreconf -i
fi
mkdir -p "$build"
cd "$build"
if [ ! -f Makefile ]; then
    ../configure -q
fi
make -s -j "$cores"
./godwit --version

headline 'five architectures, one OLTP guest of 38 GB, three loads'
cd "$root"
rm -rf "$out"
mkdir -p "$out"
build/godwit run scenarios/atc11/oltp.yaml --db "$out/study.db" --chart -j "$cores" \
    --set migration.architecture=snapshot,dbt,incremental-dbt,heat,mirror \
    --set workload.oio=4,16

headline 'a guest whose memory changes faster than the link: three ways to slow it down'
build/godwit run scenarios/examples/auto-converge.yaml --db "$out/memory.db" --chart -j "$cores" \
    --set migration.throttle=none,auto-converge,io-aware

headline 'published numbers beside ours (one run a point; godwit reproduce atc11 alone makes ten)'
build/godwit reproduce atc11 -n 1 --db "$out/atc11.db" -j "$cores" || [ $? -eq 1 ]

headline 'plots'
if command -v gnuplot >/dev/null; then
    build/godwit plot "$out/study.db" --output "$out/plots"
    build/godwit plot "$out/memory.db" --output "$out/memory"
    build/godwit plot "$out/atc11.db" --output "$out/atc11"
    echo "the plots lie in $out/plots, $out/memory and $out/atc11:"
    find "$out/plots" "$out/memory" "$out/atc11" -name "*.svg" | LC_ALL=C sort
else
    echo 'gnuplot is not installed, so no plots were drawn; the rows are kept'
fi
echo "the rows lie in $out/study.db (SQLite)"
