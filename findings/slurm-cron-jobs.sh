#!/usr/bin/env bash
# All runs of a line of scrontab, Slurm's own cron, are one requeued job in its accounting, which sacct shows the last of, and whether they ended well is not said.
# Slurm 24.11.5 (Debian 13) and 26.05.5 (sid) with slurmdbd and MariaDB 11.8.9, ScronParameters=enable; /bin/su, by which slurmd learns a user's environment, is a stand-in.
#   1. A run that completed is REQUEUED, and so is one that failed; its exit code is all that tells them apart. In JSON it is PENDING and REQUEUED, as of any requeued job: who takes the first has one that never began.
#   2. All runs have the number of the first: a job of every minute is one row a day for sacct, and 1,440 with -D (--duplicates), as of a job that the site requeued.
#   3. Each run was submitted at the end of the one before, and eligible at its minute. The time between is no wait.
#   4. A line does not begin again while it runs. To install the same list once more makes new jobs of its lines while the old ones run, so that it does then.
# So a trace without -D has none of these runs but the last, and a reader that joins rows of REQUEUED makes one long job of a year of short ones. They are known by their empty SubmitLine.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
before_slurmctld() {
    # shellcheck disable=SC2016 # of the stand-in
    printf '%s\n' '#!/bin/sh' 'for last; do :; done' 'exec /bin/sh -c "$last"' >"$root/usr/bin/su"
    chmod +x "$root/usr/bin/su"
    accounting "$version" "$mariadb"
}
rows() { in_slurm sacct -nPX -S now-1hour -n "$@"; }
ended() { rows -D -j "$1" -o End | grep -vc Unknown || true; }
# shellcheck disable=SC2317 # until_true calls these
ran() { [ "$(ended 2)" -ge "$1" ] && [ "$(ended 3)" -ge "$1" ]; }
# shellcheck disable=SC2317
running() { [ "$(in_slurm squeue -h -t R -n long | wc -l)" = "$1" ]; }
first() { rows -D -j "$1" -o "$2" | head -n 1; }
second() { rows -D -j "$1" -o "$2" | sed -n 2p; }
look() { # look RELEASE VERSION MARIADB
    version=$2 mariadb=$3
    slurm "$1" "$2" ScronParameters=enable AccountingStorageType=accounting_storage/slurmdbd AccountingStorageHost=finding
    printf '%s\n' '#SCRON -n1 --mem=100 -t 10 -J long' '* * * * * sleep 500' '#SCRON -n1 --mem=100 -t 10 -J well' '* * * * * true' '#SCRON -n1 --mem=100 -t 10 -J fails' '* * * * * exit 3' >"$root/tmp/list"
    in_slurm scrontab /tmp/list >made.log 2>&1
    until_true running 1
    until_true ran 1
    until_true ran 2
    holds "$1: state and exit code of a run that completed" "REQUEUED 0:0" "$(first 2 State,ExitCode | tr '|' ' ')"
    holds "$1: of one that failed" "REQUEUED 3:0" "$(first 3 State,ExitCode | tr '|' ' ')"
    holds "$1: state of the one that completed, in JSON" '"current":["PENDING","REQUEUED"]' "$(in_slurm sacct -XD -j 2 --json | tr -d ' \n' | grep -oE '"current":\[[^]]*\]' | head -n 1)"
    holds "$1: the job in between, in squeue" "PENDING BeginTime" "$(in_slurm squeue -h -j 2 -o '%T %r')"
    holds "$1: runs that have ended, with -D and without" "2 1" "$(ended 2) $(rows -j 2 -o JobID | wc -l)"
    holds "$1: the second run's submission is the end of the first" "$(first 2 End)" "$(second 2 Submit)"
    holds "$1: seconds of the minute in which it was eligible" 00 "$(second 2 Eligible | cut -d: -f3)"
    holds "$1: its SubmitLine" "" "$(second 2 SubmitLine)"
    in_slurm scrontab /tmp/list >>made.log 2>&1
    holds "$1: the long line, when the list is installed again" "PENDING RUNNING" "$(in_slurm squeue -h -n long -o %T | sort | xargs)"
    until_true running 2
    holds "$1: a minute later" "RUNNING RUNNING" "$(in_slurm squeue -h -n long -o %T | xargs)"
}
look trixie 24.11.5-4+deb13u1 1:11.8.9+ds-0+deb13u1
look sid 26.05.5-1 1:11.8.9+ds-4
finish
