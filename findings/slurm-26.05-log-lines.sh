#!/usr/bin/env bash
# slurmctld.log of Slurm 26.05 does not tell when a backfilled job starts, and the "usec" of one of its lines is the date.
# Slurm 26.05.5 (Debian sid) beside 24.11.5 (Debian 13), both at SlurmctldDebug=debug2.
#   1. A job that backfill starts has a line with its node in 24.11, and none in 26.05.
#   2. DebugFlags=HetJob, which is about heterogeneous jobs, brings the line back for every job, with "HETJOB: " in it.
#   3. The submission's line has got a field between the job's id and its priority (SLUID).
#   4. "usec=" is how long the call took elsewhere; on the line of a node's epilog it is microseconds since 1970, near enough the line's own stamp.
# So who measures start times by the log has to set that flag from 26.05 on, or loses the starts of most jobs without an error; and must not add up what is called usec.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
# shellcheck disable=SC2317 # until_true calls it
ended() { [ -z "$(in_slurm squeue -h)" ]; }
# shellcheck disable=SC2317
running() { [ "$(in_slurm squeue -h -t R -n "$1" -o %j)" = "$1" ]; }
fill() { # A holds one node, B waits for both, C fits beside A
    : >"$root/var/log/slurmctld.log"
    submit -J A -N1 -n2 -t 10 --wrap 'sleep 300' >>jobs.log
    until_true running A
    submit -J B -N2 -n4 -t 10 --wrap true >>jobs.log
    submit -J C -N1 -n2 -t 1 --wrap 'sleep 300' >>jobs.log
    until_true running C
    in_slurm scancel -u root
    until_true ended
}
lines() { { grep -E "$1" "$root/var/log/slurmctld.log" || true; } | sed -E 's/^\[[^]]*\] //; s/=[0-9]+/=N/g; s/=s[0-9A-Z]+ /=S /' | sort -u | tr '\n' ';'; }

slurm trixie 24.11.5-4+deb13u1
fill
holds "24.11, job C starts" "sched/backfill: _start_job: Started JobId=N in main on n2;" "$(lines 'Started JobId=.* on n2')"
holds "24.11, submission" "_slurm_rpc_submit_batch_job: JobId=N InitPrio=N usec=N;" "$(lines submit_batch_job)"

slurm sid 26.05.5-1
fill
holds "26.05, job C starts" "" "$(lines '(Started|Allocate) JobId=.*n2')"
holds "26.05, submission" "_slurm_rpc_submit_batch_job: JobId=N SLUID=S InitPrio=N usec=N;" "$(lines submit_batch_job)"
line=$(grep -m 1 epilog_complete "$root/var/log/slurmctld.log")
stamp=$(date -u -d "$(sed -E 's/^\[([^]]*)\].*/\1/' <<<"$line")Z" +%s)
seconds=$((${line##*usec=} / 1000000 - stamp))
holds "26.05, usec of the epilog's line less its stamp, in s" "0 or 1" "$(if [ "$seconds" = 0 ] || [ "$seconds" = 1 ]; then echo "0 or 1"; else echo "$line"; fi)"

in_slurm scontrol setdebugflags +HetJob
fill
holds "26.05 with HetJob, job C starts" "sched/backfill: _start_job: HETJOB: Started JobId=N in main on n2;" "$(lines 'Started JobId=.* on n2')"
finish
