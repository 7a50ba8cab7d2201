# readme-cards.awk - of `godwit list cards --format md` the rows and columns that README.md shows.
#
# SPDX-License-Identifier: GPL-3.0-or-later
BEGIN {
    FS = " *[|] *"
    shown["total_time_s"] = "total time"
    shown["ready_time_s"] = "time until ready"
    shown["guest_iops_during"] = "guest IOPS meanwhile"
    storage["ready_time_s"] = 1
}
NR == 1 {
    print "| technique | cases | outcome right | predicted | median error | 90 % within | worst |"
    print "|---|---|---|---|---|---|---|"
}
$6 in storage { disks[$2] = 1 }
NR > 2 && ($6 in shown) && !($6 == "total_time_s" && ($2 in disks)) {
    printf "| %s | %s | %s | %s | %s %% | %s %% | %s %% |\n", $2, $3, $5, shown[$6], $8, $9, $10
}
