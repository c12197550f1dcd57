#!/usr/bin/env bash
# scontrol update takes words of sbatch and does something else, and what it refuses is done all the same.
# Slurm 24.11.5 (Debian 13) and 26.05.5 (sid); jobs that were submitted held, with -t 1:00:00 and --mem=100M.
#   1. -t 0 and -t -1 are no limit for sbatch (its manual says so of zero). TimeLimit=0 is a limit of nothing, TimeLimit=-1 takes a minute off, and the first ends a running job.
#   2. --mem=2G is right, MinMemoryNode=2G is an invalid value: only a number of megabytes is taken, and more of them than a node has, which sbatch refuses.
#   3. NumCPUs=99, of which there are 4, is answered with an error and exit code 1; the job has it from then on.
# So a job's limit is lifted with UNLIMITED, and after an update, a refused one too, the job is looked at.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
# shellcheck disable=SC2317 # until_true calls it
state() { [ "$(in_slurm scontrol show job "$1" | sed -nE 's/.*JobState=([A-Z]*).*/\1/p')" = "$2" ]; }
of() { in_slurm scontrol show job "$1" | sed -nE "s/(.* )?$2=([^ ]*).*/\2/p"; }
update() { # update CHANGE FIELD: the exit code, the words and the field of a new job
    local job code=0 words
    job=$(submit -H -t 1:00:00 -n1 --mem=100M --wrap true)
    job=${job##* }
    words=$(in_slurm scontrol update jobid="$job" "$1" 2>&1) || code=$?
    words=$(sed 's/^scontrol: error: //; s/ for job [0-9]*//' <<<"$words")
    echo "$code${words:+ $words}, $(of "$job" "$2")"
}
look() { # look RELEASE VERSION
    slurm "$1" "$2"
    holds "$1: TimeLimit=0" "0, 00:00:00" "$(update TimeLimit=0 TimeLimit)"
    holds "$1: TimeLimit=-1" "0, 00:59:00" "$(update TimeLimit=-1 TimeLimit)"
    holds "$1: TimeLimit=UNLIMITED" "0, UNLIMITED" "$(update TimeLimit=UNLIMITED TimeLimit)"
    holds "$1: MinMemoryNode=2G" "1 Invalid MinMemoryNode value: 2G, 100M" "$(update MinMemoryNode=2G MinMemoryNode)"
    holds "$1: MinMemoryNode=2000, of 1000" "0, 2000M" "$(update MinMemoryNode=2000 MinMemoryNode)"
    holds "$1: NumCPUs=99" "1 Requested partition configuration not available now, 99" "$(update NumCPUs=99 NumCPUs)"
    local job
    job=$(submit -t 1:00:00 --wrap 'sleep 300')
    job=${job##* }
    until_true state "$job" RUNNING
    in_slurm scontrol update jobid="$job" TimeLimit=0
    until_true state "$job" TIMEOUT
    holds "$1: a running job with TimeLimit=0" TIMEOUT "$(of "$job" JobState)"
}
look trixie 24.11.5-4+deb13u1
look sid 26.05.5-1
finish
