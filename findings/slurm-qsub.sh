#!/usr/bin/env bash
# Slurm's own qsub and qstat, "aimed to be feature-compatible with PBS' qsub" by their manual, forget half of a request without a word.
# slurm-wlm-torque 24.11.5 (Debian 13) with its Perl 5.40.
#   1. Two -l, the usual form in PBS where each adds to the other: only the last is kept. -l walltime=90 -l nodes=2 is two nodes without a limit, the other way round one node with one.
#   2. -l walltime=90 is 90 s, rounded up to two minutes. The same words on a #PBS line of the script are 90 minutes: that line is read by sbatch (see slurm-lines-of-pbs-and-lsf.sh).
#   3. Processors (-l procs=3) and memory of each process (pmem, vmem) are dropped; cput, the time of processors, is the limit of the job.
#   4. -p 100 is a better priority in PBS and becomes --nice=100, a worse one. -o n1:/tmp/out, a host and its path, is a file of that name below the working directory.
#   5. -a 1630, PBS's [[CC]YY]MMDDhhmm, is refused, and so is mem=500kb: it becomes --mem=0.48828125M.
#   6. qstat -f gives a job without a limit one of 71582788 hours and a quarter.
# So PBS scripts are looked at by hand, or with --sbatchline, before they go to Slurm by these commands.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
version=24.11.5-4+deb13u1
slurm trixie "$version"
debs slurm-wlm-torque="$version" libslurm-perl="$version" libslurmdb-perl="$version" libslurm42t64="$version" libswitch-perl perl perl-base perl-modules-5.40 libperl5.40 \
    libcrypt1 libdb5.3t64 libgdbm6t64 libgdbm-compat4t64 zlib1g libbz2-1.0 hostname
printf '%s\n' '#!/bin/sh' true >"$root/tmp/script.sh"
printf '%s\n' '#!/bin/sh' '#PBS -l walltime=90' true >"$root/tmp/lines.sh"
# The plugins for clusters without munge need what only the commands of Slurm bring along.
pbs() { in_slurm env LD_PRELOAD=/usr/lib/x86_64-linux-gnu/slurm-wlm/libslurmfull.so "$@"; }
of() { # of NAMES ARGUMENT...: these fields of a held job that is submitted with the arguments, or what sbatch was told and refused
    local names=$1 words job name
    shift
    words=$(pbs qsub -h "$@" 2>&1) || { grep -o -- '--[a-z]*=[^ ]*' <<<"$words"; return; }
    job=$(in_slurm scontrol show job "$words")
    for name in $names; do sed -nE "s/(.* )?$name=([^ ]*).*/\2/p" <<<"$job"; done | tr '\n' ' ' | sed 's/ $//'
}
holds "-l nodes=2,walltime=90" "2-2 00:02:00" "$(of "NumNodes TimeLimit" -l nodes=2,walltime=90 /tmp/script.sh)"
holds "-l walltime=90 -l nodes=2" "2-2 UNLIMITED" "$(of "NumNodes TimeLimit" -l walltime=90 -l nodes=2 /tmp/script.sh)"
holds "-l nodes=2 -l walltime=90" "1-1 00:02:00" "$(of "NumNodes TimeLimit" -l nodes=2 -l walltime=90 /tmp/script.sh)"
holds "#PBS -l walltime=90 in the script" 01:30:00 "$(of TimeLimit /tmp/lines.sh)"
holds "-l procs=3" "1 1" "$(of "NumCPUs NumTasks" -l procs=3 /tmp/script.sh)"
holds "-l pmem=100mb" 0 "$(of MinMemoryNode -l pmem=100mb /tmp/script.sh)"
holds "-l vmem=100mb" 0 "$(of MinMemoryNode -l vmem=100mb /tmp/script.sh)"
holds "-l cput=10:00" 00:10:00 "$(of TimeLimit -l cput=10:00 /tmp/script.sh)"
holds "-p 100" 100 "$(of Nice -p 100 /tmp/script.sh)"
holds "-o n1:/tmp/out" "//n1:/tmp/out" "$(of StdOut -o n1:/tmp/out /tmp/script.sh)"
holds "-a 12101630" "--begin=12101630" "$(of EligibleTime -a 12101630 /tmp/script.sh)"
holds "-l mem=500kb" "--mem=0.48828125M" "$(of MinMemoryNode -l mem=500kb /tmp/script.sh)"
in_slurm scancel -u root
submit -H --wrap true >job.log
read -r _ _ _ job <job.log
holds "qstat -f of a job without a limit" "Resource_List.walltime = 71582788:15:00" "$(pbs qstat -f "$job" 2>&1 | grep -o 'Resource_List.walltime.*')"
finish
