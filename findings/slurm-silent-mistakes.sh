#!/usr/bin/env bash
# Slurm's commands end with 0 for some names that do not exist and with 1 for others, and sbatch --wait loses the signal that ended a job.
# Slurm 24.11.5 (Debian 13).
#   1. scancel of an unknown job, or of a partition's jobs that does not exist: 0, not a word. scancel of an unknown user: 1.
#   2. squeue of an unknown user: an error and 0; of an unknown partition: an empty list and 0; of an unknown job or node: 1.
#   3. scontrol show hostnames of a list that it cannot read: "Invalid hostlist" and 0; show node of an unknown one: 1.
#   4. sbatch --wait ends with a job's exit code (3, 200), but with 1 where a signal ended it, not with 128 and the signal as a shell does.
# So "the queue is empty" and "cancelled" must be checked against names that are known to exist, and the exit code of a command is no check.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
slurm trixie 24.11.5-4+deb13u1
run() { local code=0 words; words=$(in_slurm "$@" 2>&1) || code=$?; words=$(grep -v -e JOBID -e '^$' <<<"$words" | head -n 1 || true); echo "$code${words:+ $words}"; }
holds "scancel, unknown job" 0 "$(run scancel 999999)"
holds "scancel, unknown partition" 0 "$(run scancel -p none)"
holds "scancel, unknown user" "1 scancel: error: Invalid user name: none" "$(run scancel -u none)"
holds "squeue, unknown user" "0 squeue: error: Invalid user: none" "$(run squeue -u none)"
holds "squeue, unknown partition" 0 "$(run squeue -p none)"
holds "squeue, unknown job" "1 slurm_load_jobs error: Invalid job id specified" "$(run squeue -j 999999)"
holds "squeue, unknown node" "1 squeue: error: Invalid node name none" "$(run squeue -w none)"
holds "sinfo, unknown node" "0 main*        up   infinite      0    n/a" "$(run sinfo -h -n none | sed 's/ *$//')"
holds "scontrol, unknown node" "1 Node none not found" "$(run scontrol show node none)"
holds "scontrol, unfinished list" "0 Invalid hostlist: n[1-" "$(run scontrol show hostnames 'n[1-')"
holds "sbatch --wait, exit 200" "200 Submitted batch job 1" "$(run sbatch -W -o /dev/null --wrap 'exit 200')"
# shellcheck disable=SC2016 # the job's own process
holds "sbatch --wait, ended by a signal" "1 Submitted batch job 2" "$(run sbatch -W -o /dev/null --wrap 'kill -SEGV $$')"
holds "the job's own record" "ExitCode=0:11" "$(in_slurm scontrol show job 2 | grep -o 'ExitCode=[0-9:]*')"
finish
