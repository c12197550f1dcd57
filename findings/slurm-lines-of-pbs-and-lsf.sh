#!/usr/bin/env bash
# sbatch obeys the #PBS and #BSUB lines of a script as well, puts them before its own, and means other amounts by them than PBS and LSF do.
# Slurm 24.11.5 (Debian 13), 26.05.5 (sid). The one word about it in the manual is the option --ignore-pbs, which is there to have such lines passed over.
#   1. With "#SBATCH -t 5" and "#PBS -l walltime=90" in one script, written for two sites, the limit is that of PBS, whichever stands first.
#   2. walltime=90 is 90 s for PBS (a plain number is seconds) and an hour and a half here; cput, the time of processors, becomes the limit of the job as well.
#   3. #PBS -p 100 raises a job's priority in PBS (-1024 to 1023, more is sooner) and becomes --nice=100, which lowers it. mem=100 is bytes for PBS and MB here.
#   4. Two processors a chunk (select=2:ncpus=2) are one a node and the wish for nodes of two; pmem=100mb, memory for each process, is passed over.
#   5. LSF's -W is hours and minutes: 1:30 becomes two minutes. Its arrays (-J x[1-3]) become a job of that name.
# So a script that is kept for several sites is submitted with --ignore-pbs, or what the queue says of it is looked at; a trace of such jobs has limits that nobody wrote.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
script() { # script LINE...: holds a job with these lines
    printf '%s\n' '#!/bin/sh' "$@" true >"$root/tmp/script.sh"
    job=$(submit -H ${option:+"$option"} /tmp/script.sh)
    job=$(in_slurm scontrol show job "${job##* }")
}
of() { local name; for name in "$@"; do sed -nE "s/(.* )?$name=([^ ]*).*/\2/p" <<<"$job"; done | tr '\n' ' ' | sed 's/ $//'; }
look() { # look RELEASE VERSION
    slurm "$1" "$2"
    script '#SBATCH -t 5' '#PBS -l walltime=90'
    holds "$1: SBATCH -t 5, PBS -l walltime=90" 01:30:00 "$(of TimeLimit)"
    script '#PBS -l walltime=90' '#SBATCH -t 5'
    holds "$1: the other way round" 01:30:00 "$(of TimeLimit)"
    option=--ignore-pbs script '#PBS -l walltime=90' '#SBATCH -t 5'
    holds "$1: with --ignore-pbs" 00:05:00 "$(of TimeLimit)"
    script '#PBS -l cput=90'
    holds "$1: PBS -l cput=90" 01:30:00 "$(of TimeLimit)"
    script '#PBS -p 100'
    holds "$1: PBS -p 100" 100 "$(of Nice)"
    script '#PBS -l mem=100'
    holds "$1: PBS -l mem=100" 100M "$(of MinMemoryNode)"
    script '#PBS -l pmem=100mb'
    holds "$1: PBS -l pmem=100mb" 0 "$(of MinMemoryNode)"
    script '#PBS -l select=2:ncpus=2'
    holds "$1: PBS -l select=2:ncpus=2, processors and those of a node" "2 2" "$(of NumCPUs MinCPUsNode)"
    script '#BSUB -W 90'
    holds "$1: BSUB -W 90" 01:30:00 "$(of TimeLimit)"
    script '#BSUB -W 1:30'
    holds "$1: BSUB -W 1:30" 00:02:00 "$(of TimeLimit)"
    script '#BSUB -J x[1-3]'
    holds "$1: BSUB -J x[1-3], name and tasks" "x[1-3]" "$(of JobName ArrayTaskId)"
}
look trixie 24.11.5-4+deb13u1
look sid 26.05.5-1
finish
