#!/usr/bin/env bash
# sluurp, which sends a beamline's jobs to Slurm and waits for them, lists tasks of arrays as other jobs, and gives up jobs that go on.
# sluurp 0.4.1 of the ESRF (Debian 13) on the Python 3.11 of Debian 12, with Slurm 24.11.5 (Debian 13); the states that such a small Slurm does not come to are a stand-in's, in the form of scontrol.
#   1. get_my_jobs makes numbers of what squeue prints: the tasks 4_1 and 4_2 are the jobs 41 and 42, as Python takes the underscore for a separator of thousands. Tasks that wait, 4_[3-4], are left out.
#      What it lists is what cancel_slurm_job takes.
#   2. A job that somebody suspended, or that was preempted, is "failed", and the future ends; the job goes on once it is resumed or requeued. One that is not there, or of a controller that does not answer, is "failed" too.
#   3. A job whose node failed is never over: the state is NODE_FAIL and the list has "nodefail". The future ends, as failed, when the controller has forgotten the job.
#   4. The cards that get_partition_gpus finds are models of GPUs, and are then asked for as features of nodes (-C): refused. Of a node with two models one is found.
#   5. The partitions that get_partitions finds begin with the one PARTITION, and the default one has a star, with which sbatch does not know it.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
debs python3-packaging
before_slurmctld() {
    # shellcheck disable=SC2016 # of the inner shell
    in_slurm sh -c 'for i in 0 1; do mknod -m 666 /tmp/gpu$i c 1 3; done'
    printf '%s\n' AutoDetect=off 'NodeName=n1 Name=gpu Type=a100 File=/tmp/gpu0' 'NodeName=n1 Name=gpu Type=h100 File=/tmp/gpu1' >"$root/etc/slurm/gres.conf"
    sed -i -E 's/^NodeName=n\[1-2\] (.*) Port.*/NodeName=n1 \1 Port=20001 CPUs=2 RealMemory=1000 Gres=gpu:a100:1,gpu:h100:1\nNodeName=n2 \1 Port=20002 CPUs=2 RealMemory=1000/' "$root/etc/slurm/slurm.conf"
}
slurm trixie 24.11.5-4+deb13u1 GresTypes=gpu
debs python3-sluurp=0.4.1-3
mkdir bin
inside="exec nsenter -t $(tr -d ' ' <"/proc/$keeper/task/$keeper/children") -m -n -u -i -p -- chroot $work/$root /usr/bin/env -i PATH=/usr/bin:/bin LC_ALL=C TZ=UTC"
for name in squeue sinfo scontrol scancel; do printf '%s\n' '#!/bin/sh' "[ \"\$STATE\" ] && [ $name = scontrol ] && echo JobId=1 JobState=\$STATE && exit" "$inside $name \"\$@\"" >bin/$name; done
chmod +x bin/*
# sluurp EXPRESSION: the value of it, in the module's names.
sluurp() {
    PATH=$work/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$root/usr/lib/python3/dist-packages:root/usr/lib/python3/dist-packages \
        /usr/bin/python3 -c 'import logging, sys; from sluurp.job import *; from sluurp.utils import *; logging.disable(); print(eval(sys.argv[1]))' "$1"
}
state() { sluurp "get_job_status('$1')"; }
# What of its states ends the wait in submit_sbatch_job.
over() { case $1 in completed | failed | cancelled | finished) echo "$1, over" ;; *) echo "$1, goes on" ;; esac; }
words() { case $1 in Submitted*) echo taken ;; *) echo "$1" ;; esac; }
# shellcheck disable=SC2317 # until_true calls it
running() { [ "$(in_slurm squeue -h -t R -o %i | xargs)" = "$1" ]; }

for name in a b c; do submit -H -J "$name" --wrap true; done >jobs.log
submit -a '1-4%2' -n1 --mem=100 --wrap 'sleep 300' >>jobs.log
until_true running "4_1 4_2"
holds "squeue" "4_[3-4%2] 3 2 1 4_1 4_2" "$(in_slurm squeue -h -o %i | xargs)"
holds "get_my_jobs" "[3, 2, 1, 41, 42]" "$(sluurp 'get_my_jobs()')"

in_slurm scontrol suspend 4_1
holds "4_1, suspended" "failed, over" "$(over "$(state 4_1)")"
in_slurm scontrol resume 4_1
holds "4_1, resumed" "running, goes on" "$(over "$(state 4_1)")"
holds "job 99, that is not there" "failed, over" "$(over "$(state 99)")"
export STATE
for name in PREEMPTED TIMEOUT NODE_FAIL; do
    STATE=$name
    holds "$name" "$([ $name = NODE_FAIL ] && echo node_fail, goes on || echo failed, over)" "$(over "$(state 1)")"
done
STATE=

holds "GPUs that sinfo prints" "gpu:a100:1,gpu:h100:1 (null)" "$(in_slurm sinfo -h -p main -o %G | xargs)"
holds "get_partition_gpus" "('a100',)" "$(sluurp "get_partition_gpus('main')")"
line=$(sluurp "SBatchScriptJob.interpret_slurm_config({'n_gpus': 1}, {'gpu_card': get_partition_gpus('main')[0]})[0][0]")
holds "a card of them, for sbatch" "#SBATCH --gres=gpu:1 -C a100" "$line"
printf '%s\n' '#!/bin/sh' "$line" true >"$root/tmp/card.sh"
holds "which sbatch" "Batch job submission failed: Invalid feature specification (1)" "$(submit -H /tmp/card.sh)"
holds "and with --gres=gpu:a100:1" taken "$(words "$(submit -H --gres=gpu:a100:1 --wrap true)")"

holds "get_partitions" "['PARTITION', 'main*']" "$(sluurp 'list(get_partitions())')"
holds "sbatch -p 'main*'" "invalid partition specified: main* Batch job submission failed: Invalid partition name specified (1)" "$(submit -H -p 'main*' --wrap true)"

in_slurm scontrol shutdown slurmctld
holds "4_1, which runs, while the controller is started anew" "failed, over" "$(over "$(state 4_1)")" # scontrol tries for 18 s
finish
