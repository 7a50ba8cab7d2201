#!/usr/bin/env bash
# check-readme.sh GODWIT - runs the commands that README.md shows between ```sh fences.
#
# They run in an empty folder that looks like the tree after a build: scenarios/ and build/godwit.
# Each must end with exit status 0.
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

conclude
