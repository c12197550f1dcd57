#!/usr/bin/env bash
# Whoever divides much work into job arrays meets two limits. MaxArraySize is read by everybody; MaxJobCount counts each task of an array that waits, although squeue and the controller's own count show the array as
# one job. With the defaults (1001 and 10000) the tenth full array is not taken. sbatch does not fail then: it says that it sleeps and tries again, and a script that submits arrays stands still.
set -euo pipefail
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
slurm bookworm 22.05.8-4+deb12u3 MaxJobCount=50

# sbatch for ten seconds at most: what it said, and whether it was still at it.
array() {
    local code=0 words
    words=$(timeout 10 nsenter -t "$(tr -d ' ' <"/proc/$keeper/task/$keeper/children")" -m -n -u -i -p -- chroot "$work/$root" /usr/bin/env -i PATH=/usr/bin sbatch -o /dev/null --hold "--array=$1" --wrap true 2>&1) || code=$?
    echo "$words ($code)"
}

holds "MaxArraySize where slurm.conf does not say" 1001 "$(in_slurm scontrol show config | awk '/^MaxArraySize/ { print $3 }')"
holds "an array of 40 tasks, where 50 jobs are allowed" "Submitted batch job 1 (0)" "$(array 0-39)"
holds "jobs that squeue shows" 1 "$(in_slurm squeue -h | wc -l)"
holds "a second array of 40, ten seconds later" "sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying (124)" "$(array 0-39)"
holds "a single job at that time" "Submitted batch job 2 (0)" "$(array 0)"
finish
