#!/usr/bin/env bash
# What sacctmgr dump writes is not always what sacctmgr load takes, and not what sacctmgr show says.
# Slurm 24.11.5 (Debian 13) and 26.05.5 (sid) with slurmdbd and MariaDB 11.8.9. The manual has a dump to be a file that load, and an administrator, can take up again.
#   1. A limit on GPUs of a model (GrpTRES=gres/gpu:a100=2) is written without quotes, and 24.11 itself ends at its colon: no account is made, but the cluster is, with its root alone. 26.05 loads it.
#   2. With quotes around it 24.11 loads it, too.
#   3. fairshare=parent is "parent" for show and sshare, 2147483647 in a dump and in the JSON of both (there as a set number, not as an infinite one): whoever adds shares up gives such an account everything.
#   4. The dump of 24.11 has no qualities of service, that of 26.05 has; a description comes back in small letters, its apostrophe as a backtick.
# So a dump that is kept as a backup is tried, quoted and completed by show qos, and its shares are read with that number in mind.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
before_slurmctld() { accounting "$version" "$mariadb"; }
dumped() { grep -v '^#' "$root/tmp/$1.cfg"; }
load() { # load NAME: the file of that name as the cluster of that name; its exit code and the associations
    local code=0
    in_slurm sacctmgr -iQ load "/tmp/$1.cfg" >load.log 2>&1 || code=$?
    echo "$code" "$(in_slurm sacctmgr -nP show assoc where cluster="$1" format=account,user,share,grptres | tr '\n' ' ')" | sed 's/ $//'
}
look() { # look RELEASE VERSION MARIADB LOADED QOS
    version=$2 mariadb=$3
    slurm "$1" "$2" AccountingStorageType=accounting_storage/slurmdbd AccountingStorageHost=finding AccountingStorageTRES=gres/gpu,gres/gpu:a100 GresTypes=gpu
    {
        in_slurm sacctmgr -iQ add account one fairshare=10 description="Paul's Group"
        in_slurm sacctmgr -iQ add account below parent=one fairshare=parent
        in_slurm sacctmgr -iQ add user user account=below fairshare=1 GrpTRES=cpu=4,gres/gpu:a100=2
        in_slurm sacctmgr dump finding file=/tmp/finding.cfg
    } >>made.log 2>&1
    sed "s/'finding'/'plain'/" "$root/tmp/finding.cfg" >"$root/tmp/plain.cfg"
    sed "s/'finding'/'quoted'/; s/GrpTRES=\(.*\)$/GrpTRES='\1'/" "$root/tmp/finding.cfg" >"$root/tmp/quoted.cfg"
    all="root||1| root|root|1| one||10| below||parent| below|user|1|cpu=4,gres/gpu:a100=2"
    holds "$1: the user's line" "User - 'user':DefaultAccount='below':Fairshare=1:GrpTRES=cpu=4,gres/gpu:a100=2" "$(dumped finding | grep "'user'")"
    holds "$1: its dump, loaded" "$4" "$(load plain)"
    holds "$1: with quotes" "0 $all" "$(load quoted)"
    holds "$1: fairshare=parent, show" parent "$(in_slurm sacctmgr -nP show assoc where cluster=finding account=below format=user,share | sed -n 's/^|//p')"
    holds "$1: dump" "Account - 'below':Description='below':Organization='one':Fairshare=2147483647" "$(dumped finding | grep "^Account - 'below'")"
    holds "$1: JSON of sacctmgr" 2147483647 "$(in_slurm sacctmgr --json show assoc where cluster=finding account=below | sed -nE 's/.*"shares_raw": ([0-9]*).*/\1/p' | sort -un | tail -n 1)"
    holds "$1: the description Paul's Group" "paul\`s group" "$(dumped finding | sed -n "s/^Account - 'one':Description='\(.*\)':Organization.*/\1/p")"
    holds "$1: lines of qualities of service" "$5" "$(dumped finding | grep -c ^QOS || true)"
}
look trixie 24.11.5-4+deb13u1 1:11.8.9+ds-0+deb13u1 "1 root||1| root|root|1|" 0
look sid 26.05.5-1 1:11.8.9+ds-4 "0 root||1| root|root|1| one||10| below||parent| below|user|1|cpu=4,gres/gpu:a100=2" 1
finish
