#!/usr/bin/env bash
# Slurm and ClusterShell write and read lists of nodes in one notation, and each refuses lists of the other.
# Slurm 22.05.8 (scontrol show hostlist, hostnames), ClusterShell 1.9.1 (nodeset -f, -e), Debian 12.
#   1. A range whose bounds have different widths, which Slurm writes itself for n001 to n1000, is a parse error for ClusterShell.
#   2. A name that goes on after the brackets, which is what ClusterShell folds n1-ib,n2-ib into, is invalid for Slurm.
#   3. Slurm folds the last number of a name only, ClusterShell each of them; both read what either writes.
#   4. Slurm keeps a node that is named twice, twice; ClusterShell's lists are sets.
# So a reader of Slurm's lists cannot be ClusterShell's, nor the other way round.
# shellcheck source=findings/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
slurm=22.05.8-4+deb12u3
debs "slurm-client=$slurm" "slurm-wlm-basic-plugins=$slurm" libmunge2=0.5.15-2+deb12u1 python3-clustershell=1.9.1-1 clustershell=1.9.1-1
libraries=$work/root/usr/lib/x86_64-linux-gnu
printf '%s\n' ClusterName=finding SlurmctldHost=localhost AuthType=auth/none CredType=cred/none "PluginDir=$libraries/slurm-wlm" NodeName=n1 "PartitionName=p Nodes=n1" >slurm.conf
scontrol() { SLURM_CONF=$work/slurm.conf LD_LIBRARY_PATH=$libraries/slurm-wlm:$libraries root/usr/bin/scontrol "$@" 2>&1 | tr '\n' ' ' | sed 's/ $//' || true; }
nodeset() { PYTHONPATH=root/usr/lib/python3/dist-packages python3 root/usr/bin/nodeset "$@" 2>&1 || true; }

wide=$(seq -f 'n%03g' -s, 1 1000)
holds "Slurm folds n001 to n1000" "n[001-1000]" "$(scontrol show hostlist "$wide")"
holds "Slurm reads that" 1000 "$(scontrol show hostnames 'n[001-1000]' | wc -w)"
holds "ClusterShell reads that" 'nodeset: Parse error: bad range: "padding length mismatch : "001-1000""' "$(nodeset -e 'n[001-1000]')"

holds "ClusterShell folds n1-ib,n2-ib" "n[1-2]-ib" "$(nodeset -f n1-ib,n2-ib)"
holds "Slurm reads that" "Invalid hostlist: n[1-2]-ib" "$(scontrol show hostnames 'n[1-2]-ib')"

holds "Slurm folds racks" "r1n[1-2],r2n[1-2]" "$(scontrol show hostlist r1n1,r1n2,r2n1,r2n2)"
holds "ClusterShell folds racks" "r[1-2]n[1-2]" "$(nodeset -f r1n1,r1n2,r2n1,r2n2)"
holds "Slurm reads ClusterShell's" "r1n1 r1n2 r2n1 r2n2" "$(scontrol show hostnames 'r[1-2]n[1-2]')"

holds "Slurm folds a node named twice" "b[2,1-2]" "$(scontrol show hostlist b2,b1,b2)"
holds "ClusterShell folds a node named twice" "b[1-2]" "$(nodeset -f b2,b1,b2)"
finish
