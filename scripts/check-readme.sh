#!/usr/bin/env bash
# check-readme.sh GODWIT [--update] - runs the commands that README.md shows between ```sh fences.
#
# They run in an empty folder that looks like the tree after a build: scenarios/ and build/godwit.
# Each must end with exit status 0. The pictures that README.md shows are those that the commands
# draw, byte by byte, with the gnuplot of Debian 12 (others place letters differently); --update
# copies them.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/common.sh"

godwit=$(realpath "${1:?usage: check-readme.sh GODWIT}")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

mkdir "$place/build"
ln -s "$godwit" "$place/build/godwit"
ln -s "$root/scenarios" "$place/scenarios"
cd "$place"

awk '/^```sh$/ { shown = 1; next } /^```/ { shown = 0 } shown' "$root/README.md" >commands
if [ ! -s commands ]; then
    finding "README.md shows no command between sh fences"
fi
if ! bash -eux commands >output 2>&1; then
    cat output >&2
    finding "README.md: the last command above failed"
fi

for picture in $(grep -oE 'docs/pictures/[^)]+' "$root/README.md"); do
    drawn=${picture#docs/pictures/}
    if [ "${2:-}" = --update ]; then
        mkdir -p "$(dirname "$root/$picture")"
        cp "$drawn" "$root/$picture"
    elif [ ! -e "$drawn" ]; then
        finding "README.md: no command draws $picture"
    elif [ "$(gnuplot --version)" = 'gnuplot 5.4 patchlevel 4' ] &&
        ! cmp -s "$drawn" "$root/$picture"; then
        finding "$picture is not what the commands draw; use: scripts/check-readme.sh GODWIT --update"
    fi
done

conclude
