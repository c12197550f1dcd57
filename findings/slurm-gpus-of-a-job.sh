#!/usr/bin/env bash
# What a job may ask for of GPUs depends on the release, and whether it is refused or waits for ever as well.
# Slurm 22.05.8 (Debian 12), 24.11.5 (13), 26.05.5 (sid), two nodes of 8 processors: n1 has two GPUs of the model a100, n2 two of h100.
#   1. One GPU of each model for one job is refused by all of them, with two tasks as well; with -N2 "--gpus < -N", although that is 2 of 2.
#   2. Three GPUs of any model get two nodes, and so two processors. With one task (-n1, the default) said, 22.05 refuses them; later ones take the job and it waits for ever. With two tasks it runs.
#   3. Three GPUs on one node (-N1), which no node has, are refused by 22.05 and 24.11; 26.05 takes the job and it waits for ever.
#   4. A model is found by its exact case: A100 is refused where a100 is there.
# So who replays jobs with GPUs must look himself whether they can run, and must not count the processors that were asked for.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
before_slurmctld() {
    # shellcheck disable=SC2016 # of the inner shell
    in_slurm sh -c 'for i in 0 1; do mknod -m 666 /tmp/gpu$i c 1 3; done'
    printf '%s\n' AutoDetect=off 'NodeName=n1 Name=gpu Type=a100 File=/tmp/gpu[0-1]' 'NodeName=n2 Name=gpu Type=h100 File=/tmp/gpu[0-1]' >"$root/etc/slurm/gres.conf"
    sed -i 's/^NodeName=n\[1-2\].*/NodeName=n1 NodeHostname=finding NodeAddr=10.77.0.1 Port=20001 CPUs=8 RealMemory=1000 Gres=gpu:a100:2\nNodeName=n2 NodeHostname=finding NodeAddr=10.77.0.1 Port=20002 CPUs=8 RealMemory=1000 Gres=gpu:h100:2/' "$root/etc/slurm/slurm.conf"
}
# outcome ARGUMENT...: refused, or nodes and processors of the running job, or why it waits after five passes of the scheduler.
outcome() {
    local words
    words=$(submit -t 1 "$@" --wrap 'sleep 300')
    case $words in
    Submitted*) ;;
    *) echo "$words" && return ;;
    esac
    local id=${words##* } end=$((SECONDS + 8)) state=
    while [ "$SECONDS" -lt "$end" ]; do
        state=$(in_slurm squeue -h -j "$id" -o '%T %D %C')
        case $state in RUNNING*) break ;; esac
        sleep 0.2
    done
    case $state in PENDING*) state="waits: $(in_slurm squeue -h -j "$id" -o %r)" ;; esac
    in_slurm scancel "$id"
    until_true free
    echo "$state"
}
# shellcheck disable=SC2317 # called by until_true
free() { [ -z "$(in_slurm squeue -h)" ] && idle; }
refused="Batch job submission failed: Requested node configuration is not available (1)"
look() { # look RELEASE VERSION ONE_TASK ONE_NODE
    slurm "$1" "$2" GresTypes=gpu
    holds "$1: --gpus=a100:1" "RUNNING 1 1" "$(outcome --gpus=a100:1)"
    holds "$1: --gpus=A100:1" "$refused" "$(outcome --gpus=A100:1)"
    holds "$1: --gpus=a100:1,h100:1 -n2" "$refused" "$(outcome --gpus=a100:1,h100:1 -n2)"
    holds "$1: --gpus=a100:1,h100:1 -N2" "Failed to validate job spec, --gpus < -N Invalid generic resource (gres) specification (1)" "$(outcome --gpus=a100:1,h100:1 -N2)"
    holds "$1: --gpus=3" "RUNNING 2 2" "$(outcome --gpus=3)"
    holds "$1: --gpus=3 -n1" "$3" "$(outcome --gpus=3 -n1)"
    holds "$1: --gpus=3 -n2" "RUNNING 2 2" "$(outcome --gpus=3 -n2)"
    holds "$1: --gpus=3 -N1" "$4" "$(outcome --gpus=3 -N1)"
}
look bookworm 22.05.8-4+deb12u3 "$refused" "$refused"
look trixie 24.11.5-4+deb13u1 "waits: Resources" "$refused"
look sid 26.05.5-1 "waits: Resources" "waits: Resources"
finish
