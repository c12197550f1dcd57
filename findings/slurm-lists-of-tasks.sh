#!/usr/bin/env bash
# The list of tasks of a waiting array is cut within a number, in text and in JSON, and what is left of the number is a task like any other.
# Slurm 24.11.5 (Debian 13), with slurmdbd and MariaDB 11.8.9, and 26.05.5 (sid). The manual: the field is limited to 64 bytes unless SLURM_BITSTR_LEN says more.
#   1. squeue -o %i, and squeue's own format, hold 31 characters and no sign of the cut: ...,36,138,140 comes out as ...,36,138,14, with the bracket open. %K of the same list is whole.
#   2. squeue --json, scontrol and sacct cut at 64 and put "..." behind what is left: ...,131,133,13... when the next task is 135.
#   3. With SLURM_BITSTR_LEN=0 in the environment all of them are whole, JSON too. slurmrestd has an environment of its own.
#   4. sacct --json writes the tasks as digits of a set of bits: 0xA are the tasks 1 and 3. What squeue and scontrol write there is a list.
# So tasks are asked for one a line (squeue -r), or with SLURM_BITSTR_LEN=0, in the unit of slurmrestd as well; a list without its bracket is not a list.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
# shellcheck disable=SC2317 # until_true runs it
daemon() { in_slurm sacctmgr -nP show cluster >daemon.log 2>&1; }
# shellcheck disable=SC2317
accounted() { [ -n "$(in_slurm sacct -nPX -j "$1" -o JobID)" ]; }
before_slurmctld() {
    [ "$release" = trixie ] || return 0
    database 24.11.5-4+deb13u1 1:11.8.9+ds-0+deb13u1
    sql 'create database slurm_acct_db'
    in_slurm sh -c 'slurmdbd -D >/tmp/out 2>&1 &'
    until_true daemon
    in_slurm sacctmgr -iQ add cluster finding >made.log
}
json() { sed -nE "s/.*\"$1\": \"(.*)\".*/\1/p"; }
look() { # look RELEASE VERSION [SETTING...]
    release=$1
    slurm "$@"
    short=1,3,5,7,9,20,22,24,36,138,140,142 long=$(seq -s, 1 2 9),$(seq -s, 111 2 199)
    submit -H --array="$short" --wrap true >jobs.log
    submit -H --array="$long" --wrap true >>jobs.log
    holds "$1: %i of $short" "1_[1,3,5,7,9,20,22,24,36,138,14" "$(in_slurm squeue -h -j 1 -o %i)"
    holds "$1: %K" "$short" "$(in_slurm squeue -h -j 1 -o %K)"
    holds "$1: %i of 1,3,5,7,9,111,113 to 199" "2_[1,3,5,7,9,111,113,115,117,11" "$(in_slurm squeue -h -j 2 -o %i)"
    cut="1,3,5,7,9,111,113,115,117,119,121,123,125,127,129,131,133,13..."
    holds "$1: squeue --json" "$cut" "$(in_slurm squeue -j 2 --json | json array_task_string)"
    holds "$1: scontrol" "$cut" "$(in_slurm scontrol show job 2 | sed -nE 's/.*ArrayTaskId=([^ ]*).*/\1/p')"
    holds "$1: squeue --json with SLURM_BITSTR_LEN=0" "$long" "$(in_slurm env SLURM_BITSTR_LEN=0 squeue -j 2 --json | json array_task_string)"
    holds "$1: %i with it" "2_[$long]" "$(in_slurm env SLURM_BITSTR_LEN=0 squeue -h -j 2 -o %i)"
    holds "$1: lines of squeue -r" 50 "$(in_slurm squeue -h -r -j 2 | wc -l)"
}
look trixie 24.11.5-4+deb13u1 AccountingStorageType=accounting_storage/slurmdbd AccountingStorageHost=finding
submit -H --array=1,3 --wrap true >>jobs.log
until_true accounted 3
holds "sacct of tasks 1 and 3" "3_[1,3]" "$(in_slurm sacct -nPX -j 3 -o JobID)"
holds "sacct --json of them" 0xA "$(in_slurm sacct -j 3 --json | json task)"
holds "sacct of the long list" "2_[$cut]" "$(in_slurm sacct -nPX -j 2 -o JobID)"
look sid 26.05.5-1
finish
