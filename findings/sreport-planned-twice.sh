#!/usr/bin/env bash
# The utilisation of a cluster that sreport prints adds up in one release and not in the other: one column stands in it twice.
# Slurm 24.11.5 (Debian 13) and 26.05.5 (sid) with slurmdbd and MariaDB 11.8.9. The manual has the report's fields as Cluster, Allocated, Down, PLND Down (maintenance), Idle, Planned, Reported.
# An hour takes an hour to be summed up, so the row of one that is over is put into slurmdbd's table: of 1000 s 100 allocated, 20 down, 30 down as planned, 600 idle, 250 planned.
#   1. 24.11: what stands where PLND Down should is the column Planned, which comes again at the end: 250 s of maintenance where there were 30, and a sum of 1220 of 1000. 26.05 prints 30.
#   2. Asked for by name (format=PLNDDown) it is right in both.
#   3. In percent (-t percent) the columns are parts of Reported; Reported is a part of what the cluster would have had with all its processors, all the time. One row has two wholes.
# So the fields are asked for by name, and the sum of a row is checked.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
before_slurmctld() { accounting "$version" "$mariadb"; }
report() { in_slurm sreport -nP "$@" start="$(date -u -d yesterday +%F)T10:00:00" end="$(date -u -d yesterday +%F)T11:00:00"; }
look() { # look RELEASE VERSION MARIADB NAME VALUE SUM
    version=$2 mariadb=$3
    slurm "$1" "$2" AccountingStorageType=accounting_storage/slurmdbd AccountingStorageHost=finding
    sql "insert into slurm_acct_db.finding_usage_hour_table (creation_time, mod_time, id_tres, time_start, count, alloc_secs, down_secs, pdown_secs, idle_secs, plan_secs)
        select unix_timestamp(), unix_timestamp(), 1, unix_timestamp('$(date -u -d yesterday +%F) 10:00:00'), 4, 100, 20, 30, 600, 250"
    holds "$1: names" "Cluster|Allocated|Down|$4|Idle|Planned|Reported" "$(in_slurm sreport -P cluster utilization start="$(date -u -d yesterday +%F)" | grep '^Cluster|')"
    holds "$1: the hour" "finding|100|20|$5|600|250|1000" "$(report -t seconds cluster utilization)"
    holds "$1: the sum of the parts" "$6" "$(report -t seconds cluster utilization | awk -F'|' '{ print $2 + $3 + $4 + $5 + $6 }')"
    holds "$1: by names" "100|20|30|600|250|1000" "$(report -t seconds cluster utilization format=Allocated,Down,PLNDDown,Idle,Planned,Reported)"
    holds "$1: in percent, allocated, idle, planned, reported" "10.00% 60.00% 25.00% 6.94%" "$(report -t percent cluster utilization | awk -F'|' '{ print $2, $5, $6, $7 }')"
}
look trixie 24.11.5-4+deb13u1 1:11.8.9+ds-0+deb13u1 Planned 250 1220
look sid 26.05.5-1 1:11.8.9+ds-4 "PLND Down" 30 1000
finish
