#!/usr/bin/env bash
# sacct says of one wait three different things, and of a cancelled job that its processors waited for 80 years.
# Slurm 24.11.5 (Debian 13) and 26.05.5 (sid) with slurmdbd and MariaDB 11.8.9. The manual: Planned is the time that a job waited in the queue, PlannedCPU that times its processors.
#   1. A job that was cancelled while it waited has a Planned of seconds. Its PlannedCPURAW is 2^32 less the date on which it became eligible: 2498912994 for one processor, a PlannedCPU of 28922 days.
#      With two processors it is twice that in PlannedCPU, and what is left of it in 32 bits in PlannedCPURAW.
#   2. A job that begins in an hour has waited INVALID (Planned), 4294963697 (PlannedCPURAW) and, in JSON, -3599 seconds, a number that is said to be set.
#   3. In JSON the cancelled job has the seconds, so that text and JSON of one command differ.
# So waits of processors are computed from Eligible, Start and ReqCPUS, never summed from PlannedCPURAW: one cancelled job outweighs all others.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
# shellcheck disable=SC2317
state() { in_slurm sacct -nPX -j "$1" -o State | grep -q "^$2"; }
before_slurmctld() { accounting "$version" "$mariadb"; }
row() { in_slurm sacct -nPX -j "$1" -o "$2"; }
json() { in_slurm sacct -j "$1" --json | tr -d ' \n' | grep -oE '"planned":\{[^}]*\}' | sed -E 's/.*"set":([a-z]*).*"number":(-?[0-9]*).*/\1 \2/'; }
within() { if [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]; then echo "$4"; else echo "$1"; fi; }
look() { # look RELEASE VERSION MARIADB
    version=$2 mariadb=$3
    slurm "$1" "$2" AccountingStorageType=accounting_storage/slurmdbd AccountingStorageHost=finding
    {
        submit -N2 -n4 --wrap 'sleep 300'
        submit -N1 -n1 --wrap true
        submit -N1 -n2 --wrap true
        submit -b now+1hour --wrap true
    } >jobs.log
    until_true state 1 RUNNING
    sleep 3
    in_slurm scancel 2 3
    until_true state 3 CANCELLED
    local eligible seconds
    eligible=$(date -u -d "$(row 2 Eligible)Z" +%s)
    seconds=$(json 2)
    holds "$1: cancelled job, seconds in JSON" "true, few" "$(within "${seconds#* }" 1 60 "${seconds% *}, few")"
    holds "$1: Planned" 00:00 "$(row 2 Planned | cut -d: -f1,2)"
    holds "$1: PlannedCPURAW less 2^32, and the date that it was eligible" 0 "$(within $(($(row 2 PlannedCPURAW) - (1 << 32) + eligible)) -2 2 0)"
    holds "$1: PlannedCPU" 28 "$(($(row 2 PlannedCPU | cut -d- -f1) / 1000))"
    eligible=$(date -u -d "$(row 3 Eligible)Z" +%s)
    holds "$1: of one with two processors, in 32 bits" 0 "$(within $(($(row 3 PlannedCPURAW) - 2 * ((1 << 32) - eligible) % (1 << 32))) -4 4 0)"
    holds "$1: its PlannedCPU" 57 "$(($(row 3 PlannedCPU | cut -d- -f1) / 1000))"
    holds "$1: job that begins in an hour, Planned" INVALID "$(row 4 Planned)"
    holds "$1: PlannedCPURAW less 2^32" "minus an hour" "$(within $(($(row 4 PlannedCPURAW) - (1 << 32))) -3600 -3400 "minus an hour")"
    seconds=$(json 4)
    holds "$1: in JSON" "true, minus an hour" "$(within "${seconds#* }" -3600 -3400 "${seconds% *}, minus an hour")"
}
look trixie 24.11.5-4+deb13u1 1:11.8.9+ds-0+deb13u1
look sid 26.05.5-1 1:11.8.9+ds-4
finish
