#!/usr/bin/env bash
# A job without a time limit, in a partition without one, has a limit of a year from then on if backfill starts it, and none if the scheduler's other pass does.
# Slurm 22.05.8 (Debian 12), 24.11.5 (13) and 26.05.5 (sid); accounting of the last two, with MariaDB 11.8.9.
#   1. While they wait both are UNLIMITED. The one that is started by backfill, past a job that waits for a node with more memory, is 365-00:00:00 then, in squeue, and 525600 in sacct's TimelimitRaw for ever.
#   2. The one that is started in its turn stays UNLIMITED. The two were submitted alike; which pass comes first is chance.
#   3. Requeued, the first is UNLIMITED again, and Partition_Limit in sacct: the rows of one job differ in what was asked for.
#   4. In JSON the year is a number as any other, and the second job's limit infinite.
# So 365 days in a trace are no wish: who replays it by such limits, or asks how well users estimate, has a job that holds its nodes for a year beside one that is known to the second.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
before_slurmctld() {
    # Backfill seldom enough that the other pass comes first where nothing stands in its way, and a node with more memory for a job to wait for.
    sed -i -E 's/bf_interval=1,/bf_interval=20,/; s/^NodeName=n\[1-2\] (.*) Port.*/NodeName=n1 \1 Port=20001 CPUs=2 RealMemory=2000\nNodeName=n2 \1 Port=20002 CPUs=2 RealMemory=1000/' "$root/etc/slurm/slurm.conf"
    [ -z "$mariadb" ] || accounting "$version" "$mariadb"
}
# shellcheck disable=SC2317 # until_true calls these
running() { [ "$(in_slurm squeue -h -j "$1" -o %T)" = RUNNING ]; }
# shellcheck disable=SC2317
accounted() { [ "$(row "$1" State | tail -n 1)" = "$2" ]; }
limit() { in_slurm squeue -h -j "$1" -o %l; }
started() { sed -nE "s/.*(backfill): .*Started JobId=$1 .*/\1/p; s/.*(sched): Allocate JobId=$1 .*/\1/p" "$root/var/log/slurmctld.log"; }
row() { in_slurm sacct -nPXD -j "$1" -o "$2"; }
json() { in_slurm sacct -XD -j "$1" --json | tr -d ' \n' | grep -oE '"limit":\{[^}]*' | cut -d'{' -f2; }
look() { # look RELEASE VERSION [MARIADB]
    version=$2 mariadb=${3-}
    slurm "$1" "$2" ${mariadb:+AccountingStorageType=accounting_storage/slurmdbd AccountingStorageHost=finding}
    {
        submit -n2 -t 5 --mem=1500 --wrap 'sleep 300'
        until_true running 1
        submit -n2 -t 5 --mem=1500 --wrap 'sleep 300'
        submit -n1 --mem=100 --wrap 'sleep 300'
        submit -H -n1 --mem=100 --wrap 'sleep 300'
    } >jobs.log
    holds "$1: limits while they wait" "UNLIMITED UNLIMITED" "$(limit 3) $(limit 4)"
    until_true running 3
    in_slurm scancel 2
    in_slurm scontrol release 4
    until_true running 4
    holds "$1: who started them" "$([ "$1" = sid ] || echo backfill) sched" "$(started 3) $(started 4)" # 26.05 does not log the first: slurm-26.05-log-lines.sh
    holds "$1: limits while they run" "365-00:00:00 UNLIMITED" "$(limit 3) $(limit 4)"
    in_slurm scontrol requeue 3
    holds "$1: the first one, requeued" UNLIMITED "$(limit 3)"
    [ -n "$mariadb" ] || return 0
    until_true accounted 3 PENDING
    until_true accounted 4 RUNNING
    holds "$1: TimelimitRaw of the first one's two rows" "525600 Partition_Limit" "$(row 3 TimelimitRaw | xargs)"
    holds "$1: of the second one" UNLIMITED "$(row 4 TimelimitRaw)"
    holds "$1: both in JSON" '"set":true,"infinite":false,"number":525600 "set":false,"infinite":true,"number":0' "$(json 3 | head -n 1) $(json 4)"
}
look bookworm 22.05.8-4+deb12u3
look trixie 24.11.5-4+deb13u1 1:11.8.9+ds-0+deb13u1
look sid 26.05.5-1 1:11.8.9+ds-4
finish
