#!/usr/bin/env bash
# A job that gives a node back is two rows of accounting. In one release the second begins when the job began, if its limit is changed later: its time counts twice, and it was submitted after it started.
# Slurm 24.11.5 (Debian 13) and 26.05.5 (sid) with slurmdbd and MariaDB 11.8.9. The manual: of an id that is there several times sacct shows the last only, unless --duplicates is given.
#   1. Both rows come without --duplicates, too: RESIZING with two nodes, then the end with one.
#   2. 24.11: a change of the time limit after that makes Start of the second row that of the first, Elapsed the whole run of the job, and CPUTimeRAW of both more than the job had. 26.05: from the change of size on, and the sum is right.
#   3. Submit of the second row is when the size changed: in 24.11 after its own Start, so that the job waited less than nothing.
# So rows are joined by JobIDRaw: from the first Start to the last End, the first Submit; what it used is added up from the End of each row before.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
# shellcheck disable=SC2317
state() { [ "$(row 1 State | tail -n 1)" = "$1" ]; }
before_slurmctld() { accounting "$version" "$mariadb"; }
row() { in_slurm sacct -nPX -j "$1" -o "$2"; }
seconds() { date -u -d "${1}Z" +%s; }
sign() { if [ "$1" -gt 0 ]; then echo "$2"; elif [ "$1" -lt 0 ]; then echo "$3"; else echo same; fi; }
look() { # look RELEASE VERSION MARIADB START USED
    version=$2 mariadb=$3
    slurm "$1" "$2" AccountingStorageType=accounting_storage/slurmdbd AccountingStorageHost=finding
    submit -N2 -n2 -t 5 --wrap 'sleep 12' >jobs.log
    until_true state RUNNING
    sleep 3
    in_slurm scontrol update jobid=1 NumNodes=1 >resize.log 2>&1
    sleep 2
    in_slurm scontrol update jobid=1 TimeLimit=9
    until_true state COMPLETED
    local starts submits ends limits used
    holds "$1: rows" "RESIZING 2, COMPLETED 1" "$(row 1 State,NNodes | tr '|' ' ' | paste -sd, | sed 's/,/, /')"
    mapfile -t starts < <(row 1 Start)
    mapfile -t submits < <(row 1 Submit)
    mapfile -t ends < <(row 1 End)
    mapfile -t limits < <(row 1 Timelimit)
    mapfile -t used < <(row 1 CPUTimeRAW)
    holds "$1: start of the second, beside that of the first" "$4" "$(sign $(($(seconds "${starts[1]}") - $(seconds "${starts[0]}"))) later earlier)"
    holds "$1: its submission, beside its start" "$5" "$(sign $(($(seconds "${submits[1]}") - $(seconds "${starts[1]}"))) later earlier)"
    whole=$((2 * ($(seconds "${ends[0]}") - $(seconds "${starts[0]}")) + $(seconds "${ends[1]}") - $(seconds "${ends[0]}")))
    holds "$1: CPUTimeRAW of both, beside what the job had" "$6" "$(sign $((used[0] + used[1] - whole)) more less)"
    holds "$1: time limits" "00:05:00 00:09:00" "${limits[*]}"
}
look trixie 24.11.5-4+deb13u1 1:11.8.9+ds-0+deb13u1 same later more
look sid 26.05.5-1 1:11.8.9+ds-4 later same same
finish
