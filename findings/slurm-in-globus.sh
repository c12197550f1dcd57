#!/usr/bin/env bash
# The job manager for Slurm of Globus GRAM drops the time limit that was asked for, starts more tasks than were, and calls jobs done that failed.
# globus-gram-job-manager-slurm 3.0, Grid Community Toolkit (Debian 12), with the sbatch and scontrol of Slurm 24.11.5 (Debian 13); states that such a small Slurm does not come to are a stand-in's, in the form of scontrol.
#   1. maxWallTime is not read: the module asks for an attribute wall_time, which the list of attributes of GRAM does not have. The job has no limit.
#   2. count=2 on hostCount=2, two processes on two nodes, becomes two on each: four tasks, and twice the processors. maxMemory, for one process, is then for all of a node.
#   3. A job that ran out of time is DONE. So is every job that the controller has forgotten, five minutes after its end by default, whatever became of it.
#   4. Of one that ran out of memory, was preempted, missed its deadline or whose node did not boot nothing is known while it is there, and then it is DONE as well.
# So what came through a grid is known by Slurm's accounting only, and neither its limits nor its processors are what the user asked for.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
debs globus-gram-job-manager-slurm=3.0-3 globus-gram-job-manager=15.8-2 globus-gram-job-manager-scripts=7.3-1 libglobus-common0=18.13-2 libglobus-gram-protocol3=13.6-2
grid=$work/root/usr/share
slurm trixie 24.11.5-4+deb13u1
cat >gram.pl <<'P'
use strict;
use Globus::GRAM::JobDescription;
use Globus::GRAM::JobManager::slurm;
use Globus::GRAM::JobState;

# The module without GRAM around it: ATTRIBUTE VALUE..., as its description of a job has them.
my ($what, %attributes) = @ARGV;
my $description = Globus::GRAM::DefaultHandlingJobDescription->new({ map { (lc($_) => [$attributes{$_}]) } keys %attributes });
*Globus::GRAM::JobManager::log = sub { };
my $manager = bless { JobDescription => $description }, 'Globus::GRAM::JobManager::slurm';
if ($what eq 'script') {
    print join("\n", @{ $manager->create_prologue() }, 'sleep 300'), "\n";
} else {
    my %names = map { (Globus::GRAM::JobState->can($_)->() => $_) } qw(PENDING ACTIVE FAILED DONE SUSPENDED);
    print $names{ $manager->poll()->{JOB_STATE} // '' } // 'nothing', "\n";
}
P
gram() { perl -I "$grid/perl5" gram.pl "$@"; }
# script ATTRIBUTE VALUE...: the lines for sbatch, and the job that it makes of them.
script() {
    gram script directory /tmp "$@" >"$root/tmp/script.sh"
    lines=$(sed -n 's/^#SBATCH //p' "$root/tmp/script.sh" | paste -sd ' ')
    job=$(submit -H /tmp/script.sh)
    job=${job##* }
}
of() { in_slurm scontrol show job "$job" | sed -nE "s/.*[ ]$1=([^ ]*).*/\1/p"; }
mkdir bin
# shellcheck disable=SC2016 # the stand-in's own
printf '%s\n' '#!/bin/sh' 'echo "JobId=1 JobName=job"' 'echo "   JobState=$STATE Reason=None Dependency=(null)"' >bin/scontrol
chmod +x bin/scontrol
state() { STATE=$1 PATH=$work/bin:$PATH gram poll jobid 1; }

known() { sed -n 's/^Attribute: //p' "$grid"/globus/globus_gram_job_manager/*.rvf | grep -cx "$1" || true; }
holds "attributes of GRAM, max_wall_time and wall_time" "1 0" "$(known max_wall_time) $(known wall_time)"
script count 2 maxwalltime 90
holds "count 2, maxWallTime 90, for sbatch" "-n 2" "$lines"
holds "its limit" UNLIMITED "$(of TimeLimit)"
script count 2 hostcount 2 maxmemory 100
holds "count 2, hostCount 2, maxMemory 100, for sbatch" "-N 2 --tasks-per-node=2 --mem=100" "$lines"
holds "its processors, tasks, and memory of a node" "4 4 100M" "$(of NumCPUs) $(of NumTasks) $(of MinMemoryNode)"
script count 2 maxmemory 100
holds "count 2, maxMemory 100, processors, tasks, and memory of a processor" "2 2 100M" "$(of NumCPUs) $(of NumTasks) $(of MinMemoryCPU)"

holds "failed, node failed, cancelled" "FAILED FAILED FAILED" "$(state FAILED) $(state NODE_FAIL) $(state CANCELLED)"
holds "out of time" DONE "$(state TIMEOUT)"
holds "out of memory, preempted, deadline missed, not booted" "nothing nothing nothing nothing" "$(state OUT_OF_MEMORY) $(state PREEMPTED) $(state DEADLINE) $(state BOOT_FAIL)"
words=$(in_slurm scontrol show job 99 2>&1) || true
holds "scontrol, of a job that it does not know (any more)" "slurm_load_jobs error: Invalid job id specified" "$words"
printf '%s\n' '#!/bin/sh' "echo '$words'" 'exit 1' >bin/scontrol
holds "such a job" DONE "$(state -)"
finish
