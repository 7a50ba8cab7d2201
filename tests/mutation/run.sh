#!/usr/bin/env bash
# run.sh [PATTERN] - do the torture tests see mistakes? Applies each line of mutants.txt (whose
# name matches the pattern) to a copy of the tree, builds the torture and property tests, runs
# them, and tells which one caught it.
#
# Needs gcc or $CC, perl, cmocka and the libraries of the program. Exit status 0: all were caught.
#
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
pattern=${1:-.}
work=$(mktemp -d "${TMPDIR:-/tmp}/godwit-mutation.XXXXXX")
trap 'rm -rf "$work"' EXIT

mkdir "$work/tests"
cp -R "$root"/{base,algorithms,workloads,models,sim} "$work"
mkdir "$work/pristine"
cp -R "$root/algorithms" "$work/pristine"
cp -R "$root"/tests/{support,torture,property} "$work/tests"

cat > "$work/Makefile" <<'MAKEFILE'
CC ?= cc
CFLAGS = -O2 -std=gnu17 -fno-math-errno -ffp-contract=off -I. -DGW_VERSION='"mutant"' \
	-DGW_DATADIR='"."'
objects := $(patsubst %.c,%.o,$(wildcard base/*.c algorithms/*.c workloads/*.c models/*.c sim/*.c \
	tests/support/mini_*.c))
tests := test_faults test_random_schedules test_exhaustive test_world
all: $(tests)
test_faults test_random_schedules test_exhaustive: %: tests/torture/%.o $(objects)
	$(CC) -o $@ $^ -lcmocka -lyaml -lxxhash -lz -lm -lpthread
test_world: tests/property/test_world.o $(objects)
	$(CC) -o $@ $^ -lcmocka -lyaml -lxxhash -lz -lm -lpthread
%.o: %.c
	$(CC) $(CFLAGS) -MMD -c $< -o $@
-include $(objects:.o=.d)
MAKEFILE

build() {
    make -C "$work" -s -j2 all > "$work/log" 2>&1
}

# The first test that fails, or nothing.
catcher() {
    local test

    for test in test_faults test_random_schedules test_exhaustive test_world; do
        if ! (cd "$work" && timeout 100 "./$test" > "$work/log" 2>&1); then
            echo "$test"
            return
        fi
    done
}

# Applies a change to the file, or to the one of algorithms/ to which its place has moved.
mutate() {
    for mutated in "$1" $(cd "$work" && ls algorithms/*.[ch]); do
        perl -0777 -pi -e "$2" "$work/$mutated"
        cmp -s "$work/pristine/$mutated" "$work/$mutated" || return 0
    done
    return 1
}

build || { cat "$work/log"; exit 3; }
if [ -n "$(catcher)" ]; then
    echo "run.sh: a test fails without any mutant:" >&2
    tail -20 "$work/log" >&2
    exit 3
fi

caught=0
missed=0
while IFS=$'\t' read -r name file change; do
    [[ $name == '#'* || ! $name =~ $pattern ]] && continue
    if ! mutate "$file" "$change"; then
        verdict='DOES NOT APPLY'
    elif ! build; then
        verdict='DOES NOT COMPILE'
    else
        verdict=$(catcher)
    fi
    if [[ $verdict == test_* ]]; then
        caught=$((caught + 1))
    else
        missed=$((missed + 1))
        verdict="MISSED ${verdict}"
    fi
    printf '%-34s %s\n' "$name" "$verdict"
    cp "$work/pristine/$mutated" "$work/$mutated"
done < "$here/mutants.txt"
printf '%d caught, %d missed\n' "$caught" "$missed"
[ "$missed" -eq 0 ]
