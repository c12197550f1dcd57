#!/usr/bin/env bash
# One word for a day is another day to each of Slurm's commands, and "from today to tomorrow" is refused by sacct as running backwards.
# Slurm 24.11.5 (Debian 13) with slurmdbd and MariaDB 11.8.9. The manual of sacct lists MM/DD, HH:MM, today, midnight and noon as times, and says nothing of the year or day that is added.
#   1. sbatch --begin takes the next day of that name: today's is in a year (so its manual), midnight is tonight. sacct takes the last one: tomorrow's was a year ago.
#   2. So sacct -S TODAY -E TOMORROW, both as MM/DD, is an error about the start being after the end; with the year in both it works.
#   3. A time of day without a date is the next one for sbatch, and always today's for sacct, also when it is still to come: -E midnight is the midnight behind us, and gives nothing, with exit code 0.
#   4. today is a time for all of them, but no reservation can begin today: it means 0:00, which has passed. --begin=today is now.
# So times go to Slurm with their year, or as now+N.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
# shellcheck disable=SC2317 # until_true runs it
daemon() { in_slurm sacctmgr -nP show cluster >daemon.log 2>&1; }
# shellcheck disable=SC2317
state() { in_slurm sacct -nPX -j "$1" -o State | grep -q "^$2"; }
before_slurmctld() {
    database 24.11.5-4+deb13u1 1:11.8.9+ds-0+deb13u1
    sql 'create database slurm_acct_db'
    in_slurm sh -c 'slurmdbd -D >/tmp/out 2>&1 &'
    until_true daemon
    in_slurm sacctmgr -iQ add cluster finding >made.log
}
slurm trixie 24.11.5-4+deb13u1 AccountingStorageType=accounting_storage/slurmdbd AccountingStorageHost=finding
submit -W --wrap true >jobs.log
until_true state 1 COMPLETED
day() { date -u -d "$1" "+$2"; }
begins() { local words; words=$(submit -b "$1" --wrap 'sleep 60'); in_slurm scontrol show job "${words##* }" | sed -nE 's/.*EligibleTime=([^ ]*).*/\1/p'; }
jobs() { local code=0 words; words=$(in_slurm sacct -nPX -o JobID "$@" 2>&1) || code=$?; sed -nE 's/^sacct: error: (.*) \(.*\) requested is after end time.*/\1 is after the end/; /./p' <<<"$words" | head -n 1; [ "$code" = 0 ] || echo "($code)"; }
today=$(day now %m/%d) tomorrow=$(day tomorrow %m/%d)
holds "sbatch --begin=$tomorrow" "$(day tomorrow %F)T00:00:00" "$(begins "$tomorrow")"
holds "sbatch --begin=$today" "$(day 'next year' %F)T00:00:00" "$(begins "$today")"
holds "sbatch --begin=midnight" "$(day tomorrow %F)T00:00:00" "$(begins midnight)"
holds "sbatch --begin=00:00" "$(day tomorrow %F)T00:00:00" "$(begins 00:00)"
holds "sacct -S $today" 1 "$(jobs -S "$today")"
holds "sacct -S $today -E $tomorrow" "Start time is after the end (1)" "$(jobs -S "$today" -E "$tomorrow" | xargs)"
holds "sacct -S and -E with the year" 1 "$(jobs -S "$(day now %F)" -E "$(day tomorrow %F)")"
holds "sacct -S today -E midnight" "" "$(jobs -S today -E midnight)"
holds "sacct -S today -E 23:59:59" 1 "$(jobs -S today -E 23:59:59)"
holds "a reservation that begins today" "Error creating the reservation: Invalid time specified" "$(in_slurm scontrol create reservation reservationname=r starttime=today duration=10 users=root nodes=n1 2>&1 || true)"
job=$(submit -b today --wrap true)
holds "does a job with --begin=today wait for it?" no "$(if in_slurm squeue -h -j "${job##* }" -o %r | grep -q BeginTime; then echo yes; else echo no; fi)"
finish
