#!/usr/bin/env bash
# What a Slurm with default limits does with a job that can never run differs by release, and not in one direction.
# Slurm 22.05.8 (Debian 12), 24.11.5 (13), 26.05.5 (sid); a partition of 2 nodes of 2 processors, no EnforcePartLimits.
#   1. More nodes than there are: 22.05 queues the job for ever (PartitionConfig), 24.11 refuses it, 26.05 queues it again. The same for too many tasks.
#   2. More memory than a node has is refused by all three: "impossible" is not one case.
#   3. The same job submitted held (-H) is taken by all three.
#   4. A dependency on a job that never was: 22.05 takes it and waits for ever, 24.11 and 26.05 refuse it.
#   5. A refused submission uses up a job id, so ids of accepted jobs have gaps.
#   6. Without PriorityType, 22.05 numbers priorities downwards from 4294901759, 24.11 and 26.05 give every job 1.
# So a replay has to set EnforcePartLimits, or decide by itself what is impossible; it must not count jobs by ids, nor order them by priority.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
look() { # look RELEASE VERSION WIDE TASKS DEPENDENCY PRIORITIES
    slurm "$1" "$2"
    holds "$1: nine nodes of two" "$3" "$(submit -N9 --wrap true)"
    holds "$1: nine tasks of four" "$4" "$(submit -n9 --wrap true)"
    holds "$1: memory" "Memory specification can not be satisfied Batch job submission failed: Requested node configuration is not available (1)" "$(submit --mem=2000 --wrap true)"
    holds "$1: afterok of no job" "$5" "$(submit -d afterok:999999 --wrap true)"
    holds "$1: the next two jobs" "Submitted batch job 5 Submitted batch job 6" "$(submit -H --wrap true) $(submit -H --wrap true)"
    in_slurm scontrol release 5,6
    holds "$1: memory, submitted held" "Submitted batch job 7" "$(submit -H --mem=2000 --wrap true)"
    holds "$1: priorities of the two" "$6" "$(in_slurm scontrol show job 5 | sed -n 's/.*Priority=\([0-9]*\).*/\1/p') $(in_slurm scontrol show job 6 | sed -n 's/.*Priority=\([0-9]*\).*/\1/p')"
}
refused="Batch job submission failed: Requested node configuration is not available (1)"
unknown="Batch job submission failed: Job dependency problem (1)"
look bookworm 22.05.8-4+deb12u3 "Submitted batch job 1" "Submitted batch job 2" "Submitted batch job 4" "4294901755 4294901754"
look trixie 24.11.5-4+deb13u1 "$refused" "$refused" "$unknown" "1 1"
look sid 26.05.5-1 "Submitted batch job 1" "Submitted batch job 2" "$unknown" "1 1"
finish
