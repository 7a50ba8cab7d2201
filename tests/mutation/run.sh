#!/usr/bin/env bash
# run.sh [PATTERN] - do the tests see mistakes? Applies each line of mutants.txt (whose name
# matches the pattern) to a copy of the tree, builds the tests that should see it (of disks or of
# memory), runs them, and tells which one caught it.
#
# Needs gcc or $CC, perl, cmocka and the libraries of the program. Exit status 0: all were caught.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/mutants.sh"

pattern=${1:-.}
disk_tests=(test_faults test_random_schedules test_exhaustive test_world)
memory_tests=(test_page_cache test_throttle test_ram test_xbzrle test_page_pool
    test_pool_schedules test_oracle_precopy test_memory_faults test_memory_world)

mkdir "$work/tests"
cp -R "$root"/tests/{support,torture,property,oracle,unit} "$work/tests"
copy_rooms base algorithms workloads models sim <<'MAKEFILE'
LIBS = -lcmocka -lyaml -lxxhash -lz -lzstd -llz4 -ljansson -lm -lpthread
mini := $(patsubst %.c,%.o,$(wildcard tests/support/mini_*.c))
rigs := $(patsubst %.c,%.o,$(wildcard tests/support/memory_rig*.c)) tests/support/crew_rig.o \
	tests/support/scenario_rig.o
vpath test_%.c tests/torture tests/property tests/oracle tests/unit
test_faults test_random_schedules test_exhaustive test_world: %: %.o $(mini) libworld.a
	$(CC) -o $@ $^ $(LIBS)
test_%: test_%.o librigs.a libworld.a
	$(CC) -o $@ $^ $(LIBS)
libworld.a: $(objects)
	$(AR) rcs $@ $^
librigs.a: $(rigs)
	$(AR) rcs $@ $^
MAKEFILE

# The first of the tests that fails, or nothing.
catcher() {
    local test

    for test in "$@"; do
        if ! (cd "$work" && timeout 100 "./$test" > "$work/log" 2>&1); then
            echo "$test"
            return
        fi
    done
}

# Names in `tests` those that should see a mistake in the file.
choose_tests() {
    case $1 in
        algorithms/ram* | algorithms/page_* | algorithms/throttle* | algorithms/xbzrle* | \
            algorithms/precopy*) tests=("${memory_tests[@]}") ;;
        *) tests=("${disk_tests[@]}") ;;
    esac
}

build "${disk_tests[@]}" "${memory_tests[@]}" || { cat "$work/log"; exit 3; }
if [ -n "$(catcher "${disk_tests[@]}" "${memory_tests[@]}")" ]; then
    echo "run.sh: a test fails without any mutant:" >&2
    tail -20 "$work/log" >&2
    exit 3
fi

caught=0
missed=0
while IFS=$'\t' read -r name file change; do
    [[ $name == '#'* || ! $name =~ $pattern ]] && continue
    choose_tests "$file"
    if ! mutate "$file" "$change"; then
        verdict='DOES NOT APPLY'
    elif ! build "${tests[@]}"; then
        verdict='DOES NOT COMPILE'
    else
        verdict=$(catcher "${tests[@]}")
    fi
    if [[ $verdict == test_* ]]; then
        caught=$((caught + 1))
    else
        missed=$((missed + 1))
        verdict="MISSED ${verdict}"
    fi
    printf '%-34s %s\n' "$name" "$verdict"
    mend
done < "$root/tests/mutation/mutants.txt"
printf '%d caught, %d missed\n' "$caught" "$missed"
[ "$missed" -eq 0 ]
