#!/usr/bin/env bash
# lint-purity.sh BUILD - what the objects really call: algorithms/ only memory, string compare and
# gw_*; no room of the simulated path a function of libm, a clock or a dice of the C library.
#
# BUILD is a build tree made without sanitizers. One exception: sim/study.c times whole runs from
# outside of them. __cpu_model is what __builtin_cpu_supports reads.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/common.sh"

build=${1:?usage: lint-purity.sh BUILD}
nm=${NM:-nm}

allowed='^(gw_[a-z0-9_]*|mem(cpy|set|move|cmp|chr)|str(cmp|ncmp|len|chr)|malloc|calloc|realloc|free'
allowed+='|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|__(u)?(div|mod)ti3|__cpu_model|__popcountdi2)$'

math='a?(cos|sin|tan)h?|atan2|exp(2|10|m1)?|log(10|1p|2|b)?|pow|cbrt|hypot|fmod|remainder|ceil|floor'
math+='|l?l?round|trunc|l?l?rint|nearbyint|ldexp|frexp|scalbl?n|fma|erfc?|[lt]gamma|sqrt|modf'
dice='s?rand|s?random|[dejlmnsr]+and48|getrandom|getentropy|time|clock|clock_gettime|gettimeofday'
dice+='|localtime|gmtime|usleep|nanosleep'

# Undefined symbols of the archive of a room, as "object symbol".
undefined() {
    "$nm" -A -u "$build/lib$1.a" 2>/dev/null | sed -E 's/^[^:]*:([^:]*): +U +/\1 /' |
        grep -v '^study.o clock_gettime$'
}

for room in "${pure_rooms[@]}"; do
    if [ ! -f "$build/lib$room.a" ]; then
        finding "$build/lib$room.a is missing: build first"
        continue
    fi
    while read -r object symbol; do
        if [ "$room" = algorithms ] && ! grep -qE "$allowed" <<<"$symbol"; then
            finding "$room/$object calls $symbol: algorithms reach the world through a port"
        elif grep -qE "^($math)[fl]?$" <<<"$symbol"; then
            finding "$room/$object calls $symbol: use gw_log, gw_exp, gw_pow or __builtin_sqrt"
        elif grep -qE "^($dice)(_r)?$" <<<"$symbol"; then
            finding "$room/$object calls $symbol: use a gw_stream, agenda->now_ns or the clock port"
        fi
    done < <(undefined "$room" | { grep -vE ' gw_[a-z0-9_]*$' || true; })
done

conclude
