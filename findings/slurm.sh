# shellcheck shell=bash
# A Slurm of a stated version with emulated nodes, for findings. Nothing is installed: the unpacked packages run in namespaces of their own (root needed). Sourced, not run.
# shellcheck source=findings/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

# slurm SUITE VERSION [SETTING...]: unpacks this Slurm and starts it with the nodes n1 and n2 of 2 processors and 1000 MB each; the settings go into slurm.conf.
# A finding may define before_slurmctld, which is run when the namespaces are there.
slurm() {
    local release=$1 version=$2 node readline=libreadline8
    shift 2
    [ "$release" = bookworm ] || { suite "$release" && readline=libreadline8t64; }
    debs slurmctld="$version" slurmd="$version" slurm-client="$version" slurm-wlm-basic-plugins="$version" slurmrestd="$version" libmunge2 libhwloc15 libjson-c5 libyaml-0-2 liblz4-1 libnuma1 libpam0g libaudit1 libcap-ng0 libcap2 \
        libudev1 libxxhash0 libhttp-parser2.9 libselinux1 libpcre2-8-0 libgcc-s1 libc6 "$readline" libtinfo6 libacl1 libattr1 dash coreutils
    mkdir -p "$root"/{etc/slurm,tmp,run,proc,dev,root,var/log,var/state,var/spool-n1,var/spool-n2}
    chmod 1777 "$root/tmp"
    for node in bin sbin lib lib64; do [ -e "$root/$node" ] || ln -s "usr/$node" "$root/$node"; done
    for node in slurmctld slurmd slurmstepd; do ln -s "$node-wlm" "$root/usr/sbin/$node"; done
    printf '%s\n' 'root:x:0:0::/root:/bin/sh' 'user:x:1000:1000::/tmp:/bin/sh' >"${root:?}/etc/passwd"
    printf '%s\n' 'root:x:0:' 'user:x:1000:' >"${root:?}/etc/group"
    echo '10.77.0.1 finding' >"$root/etc/hosts"
    if [ "$release" = bookworm ]; then echo CgroupPlugin=cgroup/v1; else echo CgroupPlugin=disabled; fi >"$root/etc/slurm/cgroup.conf"
    printf '%s\n' ClusterName=finding SlurmctldHost=finding SlurmUser=root AuthType=auth/none CredType=cred/none ProctrackType=proctrack/linuxproc TaskPlugin=task/none MpiDefault=none SelectType=select/cons_tres \
        SelectTypeParameters=CR_Core_Memory StateSaveLocation=/var/state 'SlurmdSpoolDir=/var/spool-%n' 'SlurmdPidFile=/run/slurmd-%n.pid' SlurmctldPidFile=/run/slurmctld.pid SlurmctldLogFile=/var/log/slurmctld.log \
        'SlurmdLogFile=/var/log/slurmd-%n.log' SlurmdParameters=config_overrides SlurmctldDebug=debug2 Epilog=/bin/true SchedulerParameters=batch_sched_delay=0,bf_interval=1,bf_resolution=1 \
        "$@" 'NodeName=n[1-2] NodeHostname=finding NodeAddr=10.77.0.1 Port=[20001-20002] CPUs=2 RealMemory=1000' 'PartitionName=main Nodes=ALL Default=YES State=UP' >"$root/etc/slurm/slurm.conf"
    # The network needs an address that is not a loopback's own, or Slurm finds none to listen on.
    # shellcheck disable=SC2016 # $0 is the inner shell's: the root
    unshare -m -p -n -u -i -f --kill-child sh -c 'hostname finding && ip link set lo up && ip address add 10.77.0.1/32 dev lo && mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && touch "$0/up" && exec sleep infinity' "$root" \
        </dev/null >namespace.log 2>&1 &
    keeper=$!
    keepers+=("$keeper")
    until_true [ -e "$root/up" ]
    if declare -F before_slurmctld >start.log; then before_slurmctld; fi
    in_slurm slurmctld >start.log 2>&1
    for node in n1 n2; do in_slurm slurmd -N "$node" >>start.log 2>&1; done
    until_true idle || { cat start.log; tail -n 5 "$root"/var/log/slurm*.log; exit 2; }
}

# database VERSION MARIADB: unpacks slurmdbd of Slurm's version and this MariaDB of Debian 13 and starts MariaDB, once the namespaces are there. sql STATEMENT asks it.
database() {
    debs slurmdbd="$1" slurm-wlm-mysql-plugin="$1" libmariadb3="$2" mariadb-server-core="$2" mariadb-client-core="$2" mariadb-common="$2" libaio1t64 liburing2 libncurses6 libedit2 libbsd0 libmd0 \
        libssl3t64 zlib1g libzstd1 libcrypt1 liblzma5 libsystemd0 libstdc++6 libgcc-s1 libsnappy1v5 sed grep
    mkdir -p "$root/run/mysqld"
    printf '%s\n' AuthType=auth/none DbdHost=finding SlurmUser=root StorageType=accounting_storage/mysql StorageHost=localhost StorageUser=root LogFile=/var/log/slurmdbd.log PidFile=/run/slurmdbd.pid >"$root/etc/slurm/slurmdbd.conf"
    chmod 600 "$root/etc/slurm/slurmdbd.conf"
    in_slurm mariadb-install-db --no-defaults --user=root --datadir=/var/maria --auth-root-authentication-method=socket --skip-test-db --skip-name-resolve >install.log 2>&1 || { tail -n 5 install.log; exit 2; }
    in_slurm sh -c 'mariadbd --no-defaults --user=root --datadir=/var/maria --socket=/run/mysqld/mysqld.sock --skip-networking --innodb-snapshot-isolation=OFF >/tmp/maria.log 2>&1 &'
    until_true answers || { cat sql.log; tail -n 5 "$root/tmp/maria.log"; exit 2; }
}
sql() { in_slurm mariadb --no-defaults --socket=/run/mysqld/mysqld.sock -Nse "$1"; }
answers() { sql 'select 1' >sql.log 2>&1; }

# accounting VERSION MARIADB: the database of 24.11 and newer, slurmdbd and the cluster in it, for a before_slurmctld.
accounting() {
    mkdir -p "$root/run/mysqld" && ln -s mysqld "$root/run/mariadbd" # where the plugin looks for it, by its release
    database "$1" "$2"
    sql 'create database slurm_acct_db'
    in_slurm sh -c 'slurmdbd -D >/tmp/out 2>&1 &'
    until_true slurmdbd_answers
    in_slurm sacctmgr -iQ add cluster finding >made.log
}
slurmdbd_answers() { in_slurm sacctmgr -nP show cluster >daemon.log 2>&1; }

# in_slurm COMMAND...: runs there, in the newest one.
in_slurm() { nsenter -t "$(tr -d ' ' <"/proc/$keeper/task/$keeper/children")" -m -n -u -i -p -- chroot "$work/$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C TZ=UTC "$@"; }
idle() { [ "$(in_slurm sinfo -h -o '%D %T' 2>/dev/null)" = "2 idle" ]; }

# until_true COMMAND...: waits for a condition, two minutes at most.
until_true() {
    local end=$((SECONDS + 120))
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || { echo "waited in vain for: $*"; return 1; }
        sleep 0.2
    done
}

# submit ARGUMENT...: sbatch's words on one line, with its exit code where it failed.
submit() {
    local code=0 words
    words=$(in_slurm sbatch -o /dev/null "$@" 2>&1) || code=$?
    words=$(printf %s "${words//$'\n'/ }" | sed 's/sbatch: error: //g')
    if [ "$code" = 0 ]; then echo "$words"; else echo "$words ($code)"; fi
}
