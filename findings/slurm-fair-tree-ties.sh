#!/usr/bin/env bash
# Two accounts that are alike in everything, and their users are not: fair tree puts the users of one before those of the other.
# Slurm 24.11.5 with slurmdbd and MariaDB 11.8.9 (Debian 13).
#   1. one and two have the same share and no usage, and so the same LevelFS. Each has a user with a share of 1 and one with a share of 0.
#   2. The manual (Fair Tree, ties): "sibling accounts with the same level_fs have their children lists merged". Both first users would then rank first.
#   3. They do not: the first user of the second account has the factor of the last user of the first one. The order in which they were made decides.
# The loop that counts tied accounts stops at the first account, so none is ever merged. New accounts without usage are always tied.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
# shellcheck disable=SC2317 # until_true runs it
daemon() { in_slurm sacctmgr -nP show cluster >daemon.log 2>&1; }
before_slurmctld() {
    database 24.11.5-4+deb13u1 1:11.8.9+ds-0+deb13u1
    sql 'create database slurm_acct_db'
    in_slurm sh -c 'slurmdbd -D >/tmp/out 2>&1 &'
    until_true daemon
    in_slurm sacctmgr -iQ add cluster finding >made.log
    local account
    for account in one two; do
        {
            in_slurm sacctmgr -iQ add account "$account" fairshare=1
            in_slurm sacctmgr -iQ add user "$account-first" account="$account" fairshare=1
            in_slurm sacctmgr -iQ add user "$account-last" account="$account" fairshare=0
        } >>made.log
    done
}
slurm trixie 24.11.5-4+deb13u1 AccountingStorageType=accounting_storage/slurmdbd AccountingStorageHost=finding PriorityType=priority/multifactor PriorityWeightFairshare=1000
level() { in_slurm sshare -ahP -A "$1" -o User,LevelFS | sed -n 's/^|//p' | head -n 1; }
factor() { in_slurm sshare -ahP -o User,FairShare | sed -n "s/^$1|//p"; }
holds "what both accounts have" "inf inf" "$(level one) $(level two)"
holds "users of the first account" "1.000000 0.600000" "$(factor one-first) $(factor one-last)"
holds "users of the second account" "0.600000 0.200000" "$(factor two-first) $(factor two-last)"
finish
