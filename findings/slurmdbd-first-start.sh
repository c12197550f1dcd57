#!/usr/bin/env bash
# slurmdbd ends at its first start on an empty MariaDB, with an error about columns, and starts where somebody has made its database before.
# slurmdbd 24.11.5 with libmariadb and MariaDB 11.8.9 (Debian 13; sid's 26.05.5 the same).
#   1. Slurm's guide has the user granted and lets slurmdbd make the database. It then ends: "5027 Number of columns in result (=1) set execeeds maxmimum allowed number of columns (=0)", "fatal: _check_mysql_concat_is_sane".
#   2. The database is there after that, and the second start is a good one.
#   3. After CREATE DATABASE by hand the first start is a good one as well.
# The first connection fails for want of the database, the library forgets its options with it, and has 0 columns allowed when slurmdbd uses it again. So make the database yourself.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
start() { # start: how slurmdbd began
    rm -f "$root/var/log/slurmdbd.log"
    in_slurm sh -c 'slurmdbd -D >/tmp/out 2>&1 & echo $! >/tmp/pid'
    until_true grep -qsE 'fatal: |slurmdbd version [0-9.]+ started' "$root/var/log/slurmdbd.log"
    grep -oE 'mysql_query failed: 5027|slurmdbd version [0-9.]+ started' "$root/var/log/slurmdbd.log" | head -n 1
    # shellcheck disable=SC2016 # the inner shell's own
    in_slurm sh -c 'kill "$(cat /tmp/pid)" 2>/dev/null; for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$(cat /tmp/pid)" 2>/dev/null || break; sleep 0.3; done'
}
slurm trixie 24.11.5-4+deb13u1
database 24.11.5-4+deb13u1 1:11.8.9+ds-0+deb13u1
holds "no database yet" "mysql_query failed: 5027" "$(start)"
holds "the database after that" slurm_acct_db "$(sql "show databases like 'slurm%'")"
holds "a second start" "slurmdbd version 24.11.5 started" "$(start)"
sql 'drop database slurm_acct_db; create database slurm_acct_db'
holds "a database that was made by hand" "slurmdbd version 24.11.5 started" "$(start)"
finish
