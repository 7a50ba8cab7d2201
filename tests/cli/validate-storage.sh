#!/usr/bin/env bash
# validate-storage.sh - pins: `godwit validate` predicts measured storage migrations: which cells
# there are for a mirror that converged, for one that had to be forced and for one that the
# processors held back; the limits of the driver; a message with the field for a mistake.
# Does not pin: how near the predictions are.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"

# case_file NAME CLASS PLACES COPY_MODE CONVERGED - writes NAME.json
case_file() {
    cat >"$1.json" <<END
{"case": {"name": "$1", "mode": "mirror", "cls": "$2", "size": 32, $3,
  "wl": {"rd": 50, "oio": 4, "pat": "rand", "bs": 8192}, "mir": {"mode": "$4", "buf": 1048576},
  "pre": 0.5, "post": 0.2, "hold": 0.2, "cap": 2, "complete_cap": 1},
 "outcome": {"converged": $5, "completed_under_load": $5, "forced": false, "t_ready": 0.3,
  "t_total": 0.6, "t_switch_cmd": 0.1, "copied": 40000000},
 "marks": {"mig_start": 0.5, "ready": 0.8, "complete_cmd": 1.0, "completed": 1.1},
 "windows": {"pre": {"iops": 1000}, "during": {"iops": 500}}}
END
}
fast='"src": {"mbps": 100, "iops": 1000}, "dst": {"mbps": 100, "iops": 1000}'
slow='"src": {"mbps": 100, "iops": 1000}, "dst": {"mbps": 8, "iops": 100}'
served='"src": {"ch": 8, "rms": 2, "wms": 2, "mbps": 100}, "dst": {"ch": 8, "rms": 2, "wms": 2, "mbps": 100}'
case_file K-fast T "$fast" write-blocking true
case_file K-slow T "$slow" background false
case_file K-served D "$served" write-blocking true
case_file K-free U '"src": {}, "dst": {}' background true

"$GODWIT" validate K-fast.json K-slow.json K-served.json K-free.json --format csv >out.csv ||
    fail "exit code $?: $(cat out.csv)"
for name in K-fast K-served; do
    grep -q "^$name,outcome,completed,completed,,true" out.csv || fail "$name: $(cat out.csv)"
    for metric in ready_time_s guest_iops_before guest_iops_during copied_bytes; do
        grep -qE "^$name,$metric,[0-9.]+,[0-9.]+,-?[0-9.e-]+,," out.csv || fail "$name: no $metric"
    done
done
grep -q '^K-slow,outcome,not_converged,not_converged,,true' out.csv || fail "no forced mirror"
grep -qE '^K-free,ready_time_s,0.3,[0-9.e-]+,,,' out.csv || fail "K-free is compared"

sed 's/"rd": 50/"rd": 150/' K-fast.json >wrong.json
! "$GODWIT" validate wrong.json >stdout.txt 2>stderr.txt || fail "a read share of 150 % is taken"
grep -q 'wrong.json.*case.wl.rd' stderr.txt || fail "no field in: $(cat stderr.txt)"

exit $((failures > 0))
