#!/usr/bin/env bash
# sacct leaves out rows and shifts columns without a word.
# Slurm 22.05.8 with slurmdbd and MariaDB 10.11 (Debian 12).
#   1. -P does not quote: a job called "a|b" has one column more than its neighbours.
#   2. -s CD with -S and without -E gives nothing, although jobs completed since then; -E now brings them.
#   3. A held job that was cancelled before it could ever run has no row in a list by time (-S); asked for by its id (-j) it is there.
#   4. A requeued job is one row without -D. With it there are two, and the second says that the job was submitted when it was requeued.
# So a trace is asked for with a delimiter that no name has (or --json), with -D and -E and without -s, and the first row's Submit is the job's.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
debs mariadb-server-core slurmdbd=22.05.8-4+deb12u3 slurm-wlm-mysql-plugin=22.05.8-4+deb12u3 libmariadb3 libaio1 libcrypt1 libstdc++6 libgcc-s1 libssl3 libsystemd0 liburing2 zlib1g libbz2-1.0 liblzo2-2 liblzma5 libzstd1 libsnappy1v5 libgcrypt20 libgpg-error0
mkdir -p root/etc/slurm root/run/mysqld root/var/database
printf '%s\n' AuthType=auth/none DbdHost=finding SlurmUser=root StorageType=accounting_storage/mysql StorageHost=localhost StorageUser=root StorageLoc=accounts PidFile=/run/slurmdbd.pid LogFile=/var/log/slurmdbd.log >root/etc/slurm/slurmdbd.conf
chmod 600 root/etc/slurm/slurmdbd.conf
before_slurmctld() {
    in_slurm mariadbd --no-defaults --user=root --datadir=/var/database --socket=/run/mysqld/mysqld.sock --skip-networking --skip-grant-tables --innodb-buffer-pool-size=16M </dev/null >mariadb.log 2>&1 &
    until_true [ -S root/run/mysqld/mysqld.sock ] || { tail mariadb.log; exit 2; }
    in_slurm slurmdbd
    until_true answers || { tail root/var/log/slurmdbd.log; exit 2; }
    in_slurm sacctmgr -i add cluster finding >sacctmgr.log
}
# shellcheck disable=SC2317 # until_true calls it
answers() { in_slurm sacctmgr -n show cluster >answers.log 2>&1; }
# shellcheck disable=SC2317
state() { [ "$(in_slurm sacct -nPX -j "$1" -o State)" = "$2" ]; }
slurm bookworm 22.05.8-4+deb12u3 AccountingStorageType=accounting_storage/slurmdbd AccountingStorageHost=finding
today=$(date -u +%F)
submit -W -J 'a|b' --wrap true >jobs.log
submit -W -J plain --wrap true >>jobs.log
submit -H -J held --wrap true >>jobs.log
in_slurm scancel 3
submit -J again --requeue --wrap 'sleep 300' >>jobs.log
until_true state 4 RUNNING
sleep 2 # so that the two times of submission differ
in_slurm scontrol requeue 4
until_true state 4 PENDING
in_slurm scancel 4
until_true state 2 COMPLETED
until_true state 3 "CANCELLED by 0"
list() { in_slurm sacct -nPX "$@"; }
holds "columns of the first two jobs" "4 3" "$(list -j 1,2 -o JobID,JobName,State | awk -F'|' '{print NF}' | xargs)"
holds "-S and -s CD" "" "$(list -S "$today" -s CD -o JobID | xargs)"
holds "-S, -E and -s CD" "1 2" "$(list -S "$today" -E now -s CD -o JobID | xargs)"
holds "-S and -E" "1 2 4" "$(list -S "$today" -E now -o JobID | xargs)"
holds "-j 3" "3 CANCELLED by 0" "$(list -j 3 -o JobID,State | tr '|' ' ')"
holds "rows of the requeued job, without -D" 1 "$(list -j 4 -o JobID | wc -l)"
holds "with -D" "REQUEUED CANCELLED" "$(list -D -j 4 -o State | cut -d' ' -f1 | xargs)"
holds "are both submitted at the same time?" no "$(if [ "$(list -D -j 4 -o Submit | sort -u | wc -l)" = 1 ]; then echo yes; else echo no; fi)"
finish
