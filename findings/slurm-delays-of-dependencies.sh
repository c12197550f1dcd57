#!/usr/bin/env bash
# A delay that is given to one dependency is taken over by those behind it, and cannot be taken back.
# Slurm 24.11.5 (Debian 13), 26.05.5 (sid). The manual: after:job_id[[+time][:job_id[+time]...]], a job may start "time" minutes after the others have, and without a time there is no delay.
#   1. after:1+10:2 waits ten minutes from the start of job 2 as well; after:2:1+10 does not, and after:1+10,after:2 does not.
#   2. after:1+10:2+0, to say that there is none, is refused as a dependency problem.
#   3. after:1+1:30, a minute and a half, is a minute from the starts of jobs 1 and 30.
#   4. "?" (any of them) and "," (all of them) in one list: 24.11 makes any of all, 26.05 refuses it.
# So each delay gets an after of its own, and what was understood is read from scontrol show job.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
depends() { local words; words=$(submit -H -d "$1" --wrap true); case $words in Submitted*) in_slurm scontrol show job "${words##* }" | sed -nE 's/.*Dependency=([^ ]*).*/\1/p' | sed 's/(unfulfilled)//g' ;; *) echo "$words" ;; esac; }
problem="Batch job submission failed: Job dependency problem (1)"
look() { # look RELEASE VERSION MIXED
    slurm "$1" "$2"
    for _ in $(seq 30); do submit -H --wrap true; done >jobs.log
    holds "$1: after:1+10:2" "after:1+10,after:2+10" "$(depends after:1+10:2)"
    holds "$1: after:2:1+10" "after:2,after:1+10" "$(depends after:2:1+10)"
    holds "$1: after:1+10,after:2" "after:1+10,after:2" "$(depends after:1+10,after:2)"
    holds "$1: after:1+10:2+0" "$problem" "$(depends after:1+10:2+0)"
    holds "$1: after:1+1:30" "after:1+1,after:30+1" "$(depends after:1+1:30)"
    holds "$1: afterok:1?afterok:2,afterok:3" "$3" "$(depends afterok:1?afterok:2,afterok:3)"
}
look trixie 24.11.5-4+deb13u1 "afterok:1?afterok:2?afterok:3"
look sid 26.05.5-1 "$problem"
finish
