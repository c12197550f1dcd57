#!/usr/bin/env bash
# Toil and Parsl, which send workflows to Slurm, give it other limits than were written, and take one state of a job for opposite things.
# Toil 8.0.0 and Parsl 2025.01.13 (Debian 13) on the Python 3.11 of Debian 12; sbatch, sacct and squeue are stand-ins that print one job in the form of Slurm's own. What Slurm makes of the limits: slurm-times-and-sizes.sh.
#   1. Toil's --slurmTime takes Slurm's words and counts them from the right: 1-0, a day to Slurm, is 60 seconds, 1-12 is 72 seconds, and 90, which is 90 minutes, is 90 seconds.
#   2. Parsl drops the seconds of a walltime: 00:00:59 is --time=0, which is no limit to Slurm. 1-00:00:00 is refused; it is 24:00:00.
#   3. A suspended job is HELD to Parsl with accounting and UNKNOWN without, a preempted one over (TIMEOUT) with it and UNKNOWN without; so is one that ran out of memory, and UNKNOWN is never over.
#   4. A job that squeue no longer prints is COMPLETED to Parsl without accounting, whatever became of it.
#   5. A preempted job is over for Toil too (killed), also where Slurm is to requeue it; REQUEUED, a moment later, is not over for either.
# So a run's record is Slurm's accounting, not that of the system that sent the jobs.
# shellcheck source=findings/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
debs python3-typeguard python3-typing-extensions python3-dill python3-psutil python3-requests python3-urllib3 python3-idna python3-chardet python3-certifi python3-zmq python3-tblib python3-setproctitle python3-filelock libzmq5 libsodium23 \
    libpgm-5.3-0 libnorm1 python3-docker python3-pubsub python3-dateutil python3-six python3-pkg-resources python3-boto3 python3-botocore python3-jmespath python3-s3transfer python3-ruamel.yaml python3-ruamel.yaml.clib \
    python3-configargparse python3-websocket cwltool python3-kubernetes
suite trixie
debs toil=8.0.0-5+deb13u1 python3-parsl=2025.01.13+ds-1+deb13u1
mkdir bin
printf '%s\n' '#!/bin/sh' 'echo Submitted batch job 1' >bin/sbatch
# shellcheck disable=SC2016 # the stand-ins' own variables
printf '%s\n' '#!/bin/sh' '[ "$STATE" ] || exit 1' 'case "$*" in -X) ;; *JobIDRaw*) echo "1|$STATE|0:0" ;; *) printf "1 %20s \n" "$STATE" ;; esac' >bin/sacct
# shellcheck disable=SC2016
printf '%s\n' '#!/bin/sh' '[ -z "$SHORT" ] || echo "1 $SHORT"' >bin/squeue
chmod +x bin/*
cat >ask.py <<'Y'
import argparse, logging, os, sys, tempfile, types
logging.disable(logging.CRITICAL)
from parsl.jobs.states import JobState, JobStatus
from parsl.providers import SlurmProvider
from toil.batchSystems.slurm import SlurmBatchSystem

# The part of Toil that talks to Slurm, without the workflow around it.
def toil(options=()):
    parser = argparse.ArgumentParser()
    SlurmBatchSystem.add_options(parser)
    thread = object.__new__(SlurmBatchSystem.GridEngineThread)
    thread.boss = types.SimpleNamespace(environment={}, config=parser.parse_args(options), partitions=types.SimpleNamespace(get_partition=lambda limit: None), format_std_out_err_path=lambda *names: 'out')
    return thread

def toil_limit(text):
    return next(word for word in toil(['--slurmTime', text]).prepareSbatch(1, 2**30, 1, 'job', None, None) if word.startswith('--time'))

def toil_state():
    end = toil().getJobExitCode('1')
    return 'goes on' if end is None else f'over, {end[1].name}'

def parsl_limit(text):
    try:
        provider = SlurmProvider(walltime=text)
        provider.script_dir = tempfile.mkdtemp(dir='.')
        provider.submit('true', 1)
    except ValueError:
        return 'refused'
    script, = os.listdir(provider.script_dir)
    return next(line.split()[1] for line in open(os.path.join(provider.script_dir, script)) if '--time' in line)

def parsl_state():
    provider = SlurmProvider()
    provider.resources['1'] = {'status': JobStatus(JobState.RUNNING), 'job_stdout_path': None, 'job_stderr_path': None}
    provider._status()
    status = provider.resources['1']['status']
    return f'over, {status.state.name}' if status.terminal else f'goes on, {status.state.name}'

print(globals()[sys.argv[1]](*sys.argv[2:]))
Y
ask() {
    PATH=$work/bin:$PATH HOME=$work PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$root/usr/lib/python3/dist-packages:root/usr/lib/python3/dist-packages LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu \
        /usr/bin/python3 -W ignore ask.py "$@"
}
accounting() { STATE=$2 ask "$1"; } # a job in this state, as sacct names it
queue() { STATE='' SHORT=$1 ask parsl_state; } # as squeue shortens it, without accounting

holds "Toil, 1-00:00:00" --time=0:86400 "$(ask toil_limit 1-00:00:00)"
holds "Toil, 1-0" --time=0:60 "$(ask toil_limit 1-0)"
holds "Toil, 1-12" --time=0:72 "$(ask toil_limit 1-12)"
holds "Toil, 90" --time=0:90 "$(ask toil_limit 90)"
export STATE=RUNNING
holds "Parsl, 01:30:00" --time=90 "$(ask parsl_limit 01:30:00)"
holds "Parsl, 00:00:59" --time=0 "$(ask parsl_limit 00:00:59)"
holds "Parsl, 1-00:00:00" refused "$(ask parsl_limit 1-00:00:00)"

holds "suspended, Parsl with accounting" "goes on, HELD" "$(accounting parsl_state SUSPENDED)"
holds "suspended, Parsl without" "goes on, UNKNOWN" "$(queue S)"
holds "preempted, Parsl with accounting" "over, TIMEOUT" "$(accounting parsl_state PREEMPTED)"
holds "preempted, Parsl without" "goes on, UNKNOWN" "$(queue PR)"
holds "out of memory, Parsl with accounting" "over, FAILED" "$(accounting parsl_state OUT_OF_MEMORY)"
holds "out of memory, Parsl without" "goes on, UNKNOWN" "$(queue OOM)"
holds "gone from the queue, Parsl without" "over, COMPLETED" "$(queue '')"
holds "preempted, Toil" "over, KILLED" "$(accounting toil_state PREEMPTED)"
holds "requeued, Toil" "goes on" "$(accounting toil_state REQUEUED)"
holds "requeued, Parsl" "goes on, PENDING" "$(accounting parsl_state REQUEUED)"
finish
