#!/usr/bin/env bash
# ARC, which takes in a grid's jobs for Slurm, counts the processors of a job's first node only, and waits for jobs that ran out of memory until Slurm has forgotten them, or for ever.
# nordugrid-arc-arex 7.0.0 (Debian 13): its scan-SLURM-job and SLURMmod.pm on Slurm 24.11.5 (Debian 13) with slurmdbd and MariaDB 11.8.9. The configuration, which another package reads, is a stand-in's, and so are states that such a small Slurm does not come to.
#   1. With slurm_use_sacct=yes, a job of two processors on each of two nodes had 2, which is what is billed: the row that is asked for is that of its batch step, on the first node. Without, it had 4.
#   2. OUT_OF_MEMORY, PREEMPTED, DEADLINE and BOOT_FAIL are no ends: nothing is done. TIMEOUT, NODE_FAIL and FAILED are.
#   3. Jobs that Slurm has forgotten are missing, and so failed, but one that is ARC's only one is never over: squeue -j is an error for one such number, and not for two, and the scan ends.
#   4. Of the partition "main" it counts the jobs of "domain" too, whose name has the other in it, and five waiting tasks of an array as one.
# So what a grid accounts of wide jobs is too little, and its queue lengths are not Slurm's.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
before_slurmctld() { accounting 24.11.5-4+deb13u1 1:11.8.9+ds-0+deb13u1; }
slurm trixie 24.11.5-4+deb13u1 AccountingStorageType=accounting_storage/slurmdbd AccountingStorageHost=finding
debs nordugrid-arc-arex=7.0.0-3
arc=$work/arc
mkdir -p "$arc"/{share,lib/arc,bin,tmp}
cp -r "$root/usr/share/arc" "$arc/share/"
inside="exec nsenter -t $(tr -d ' ' <"/proc/$keeper/task/$keeper/children") -m -n -u -i -p -- chroot $work/$root /usr/bin/env -i PATH=/usr/bin:/bin LC_ALL=C TZ=UTC"
for name in sinfo scontrol sacct; do printf '%s\n' '#!/bin/sh' "$inside $name \"\$@\"" >"$arc/bin/$name"; done
printf '%s\n' '#!/bin/sh' "[ \"\$STATE\" ] && echo \"1:\$STATE\" && exit" "$inside squeue \"\$@\"" >"$arc/bin/squeue"
printf '%s\n' '#!/bin/sh' "echo CONFIG_slurm_bin_path=$arc/bin CONFIG_slurm_use_sacct=\$USE_SACCT CONFIG_slurm_wakeupperiod=0" >"$arc/lib/arc/arcconfig-parser"
printf '%s\n' '#!/bin/sh' >"$arc/lib/arc/gm-kick"
chmod +x "$arc"/bin/* "$arc"/lib/arc/*
export STATE='' USE_SACCT=yes
# scan JOB...: one look of ARC at these jobs of Slurm, all of which it takes to be in the queue. What it made of each: ended, with its words, or nothing.
scan() {
    local job
    rm -rf "$arc/control" "$arc/session"
    mkdir -p "$arc/control/processing" "$arc/session"
    for job in "$@"; do
        mkdir -p "$arc/control/jobs/$job"
        echo INLRMS >"$arc/control/processing/$job.status"
        printf '%s\n' "localid=$job" "sessiondir=$arc/session/$job" >"$arc/control/jobs/$job/local"
        echo nodename=n1 >"$arc/session/$job.diag"
    done
    TMPDIR=$arc/tmp TZ=UTC ARC_LOCATION=$arc ARC_CONFIG=$arc/none bash "$arc/share/arc/scan-SLURM-job" "$arc/control" >scan.log 2>&1 || true
    for job in "$@"; do
        if [ -f "$arc/control/jobs/$job/lrms_done" ]; then echo "ended, $(cat "$arc/control/jobs/$job/lrms_done")"; else echo nothing; fi
    done
}
accounted() { sed -n 's/^Processors=//p' "$arc/session/1.diag"; }
# shellcheck disable=SC2317 # until_true calls it
ended() { in_slurm sacct -nPX -j 1 -o State | grep -q COMPLETED; }
submit -N2 -n4 -t 5 --wrap true >jobs.log
until_true ended
holds "the job and its batch step, processors" "1 4, 1.batch 2" "$(in_slurm sacct -nP -j 1 -o JobID,NCPUS | tr '|' ' ' | paste -sd , | sed 's/,/, /g')"
holds "ended, as ARC sees it" "ended, 0" "$(scan 1 | xargs)"
holds "processors, by sacct" 2 "$(accounted)"
USE_SACCT=no scan 1 >scanned.log
holds "processors, by scontrol" 4 "$(accounted)"

for STATE in TIMEOUT NODE_FAIL FAILED; do holds "$STATE" ended "$(scan 1 | cut -d, -f1)"; done
for STATE in OUT_OF_MEMORY PREEMPTED DEADLINE BOOT_FAIL; do holds "$STATE" nothing "$(scan 1)"; done
STATE=
holds "a job that Slurm has forgotten, beside one that it knows" "ended, -1 Job missing from SLURM" "$(scan 98 1 | head -n 1)"
holds "two such jobs" "ended ended" "$(scan 98 99 | cut -d, -f1 | xargs)"
holds "one alone" nothing "$(scan 98)"

in_slurm scontrol create partition=domain nodes=n1
for name in 1 2 3; do submit -H -J "$name" -p domain --wrap true; done >>jobs.log
submit -H -a 1-5 --wrap true >>jobs.log
queued() { perl -I "$arc/share/arc" -e 'use SLURMmod; print SLURMmod::get_lrms_info({ slurm_bin_path => $ARGV[0], queues => { $ARGV[1] => { users => [] } }, jobs => [] })->{queues}{ $ARGV[1] }{queued}' "$arc/bin" "$1" 2>perl.log; }
holds "waiting in main and domain, Slurm" "5 3" "$(in_slurm squeue -h -r -p main | wc -l) $(in_slurm squeue -h -r -p domain | wc -l)"
holds "waiting in main and domain, ARC" "4 3" "$(queued main) $(queued domain)"
finish
