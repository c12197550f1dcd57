#!/usr/bin/env bash
# The launcher ssh with trials on machines: two hosts, each with a state directory, a libvirt and a home of its own, run Slurm in containers, one trial at a time each. The submitting program is
# killed in the middle of the first two trials, and 'regatta resume' goes on with those that run. Then one host goes away in a trial: that goes to the other, and what it left is removed when it answers again.
# Both hosts are this machine, in mount namespaces, reached by Debian's sshd out of its unpacked package. Needs root, apt and what 'regatta doctor' wants.
#   benchmarks/ssh-machines.sh                        PROGRAM=DIR: a published program instead of the checkout's
#   LOSE=no KILL=no benchmarks/ssh-machines.sh        no host goes away, nor is the program killed
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
program=${PROGRAM:-$here/artifacts/regatta}/regatta
[ -n "${PROGRAM:-}" ] || "$here/regatta" --version >/dev/null
export REGATTA_HOME=$here
BASH_ARGV0=$here/findings/slurm.sh
# shellcheck source=findings/lib.sh
. "$here/findings/lib.sh"
debs openssh-server libwrap0
libraries=$work/root/usr/lib/x86_64-linux-gnu:$work/root/lib/x86_64-linux-gnu
ssh-keygen -q -t ed25519 -N '' -f key
ssh-keygen -q -t ed25519 -N '' -f host
cp /etc/passwd passwd
grep -q '^sshd:' passwd || echo 'sshd:x:101:65534::/run/sshd:/usr/sbin/nologin' >>passwd
[ -d /run/sshd ] || { mkdir /run/sshd && trap 'rmdir /run/sshd; clean_up' EXIT; }
export REGATTA_LIBVIRT=private
declare -A listens
# up NAME PORT: a host's sshd. The namespace stays with what runs in it.
up() {
    local home=$work/home-$1
    mkdir -p "$home"
    printf '%s\n' "Port $2" 'ListenAddress 127.0.0.1' "HostKey $work/host" "AuthorizedKeysFile $work/key.pub" 'PermitRootLogin yes' 'StrictModes no' 'UsePAM no' "PidFile $work/sshd-$1.pid" \
        "SetEnv REGATTA_STATE=$work/state-$1 REGATTA_LIBVIRT=private LC_ALL=C.UTF-8${SSL_CERT_FILE:+ SSL_CERT_FILE=$SSL_CERT_FILE NIX_SSL_CERT_FILE=$SSL_CERT_FILE}" >"sshd-$1.conf"
    if [ ! -e "ns-$1/mnt" ]; then
        mkdir -p "ns-$1"
        touch "ns-$1/mnt" "ns-$1/uts"
        mountpoint -q "ns-$1" || { mount --bind "ns-$1" "ns-$1" && mount --make-private "ns-$1"; }
        # shellcheck disable=SC2016 # the inner shell's
        unshare --mount="$work/ns-$1/mnt" --uts="$work/ns-$1/uts" --propagation private sh -c 'hostname "$0" && mount --bind "$1" /root && mount --bind "$2" /etc/passwd' "$1" "$home" "$work/passwd"
    fi
    LD_LIBRARY_PATH=$libraries nsenter --mount="$work/ns-$1/mnt" --uts="$work/ns-$1/uts" "$work/root/usr/sbin/sshd" -D -e -f "$work/sshd-$1.conf" </dev/null >>"sshd-$1.log" 2>&1 &
    listens[$1]=$!
    keepers+=("$!")
    local end=$((SECONDS + 30))
    until ssh -i key -p "$2" root@127.0.0.1 true 2>ssh.log; do [ "$SECONDS" -lt "$end" ] || { cat ssh.log "sshd-$1.log"; exit 2; }; sleep 0.2; done
}
for port in 22711 22712; do printf '[127.0.0.1]:%s %s\n' "$port" "$(cut -d' ' -f1,2 host.pub)"; done >known
mkdir -p path
printf '#!/bin/sh\nexec /usr/bin/ssh -F /dev/null -o UserKnownHostsFile=%s "$@"\n' "$work/known" >path/ssh
chmod 755 path/ssh
# What the program itself does goes to the nodes by the real one.
on() { "$work/path/ssh" -i key -p "$1" root@127.0.0.1 "$2"; }
down() {
    local port name
    for name in one two; do
        port=$([ "$name" = one ] && echo 22711 || echo 22712)
        # shellcheck disable=SC2016 # the host's shell
        on "$port" 'set -- .cache/regatta/programs/*/regatta; [ ! -x "$1" ] || "$1" host down --all' || true
        kill "${listens[$name]}" 2>/dev/null || true
        umount -l "$work/ns-$name/mnt" "$work/ns-$name/uts" "$work/ns-$name" 2>/dev/null || true
        # The directory of sockets, named after the state directory.
        rm -rf "/run/regatta/$(printf %s "$work/state-$name" | sha256sum | cut -c1-8)"
    done
}
export PATH=$work/path:$PATH
up one 22711
up two 22712
trap 'down; [ -z "$(ls -A /run/sshd)" ] && rmdir /run/sshd; clean_up' EXIT
real=(quickstart name=hosts machines=lxc cluster.workers=1 workload=bag workload.jobs=6 workload.run_time=1s measure.repetitions=2 launcher=ssh "launcher.ssh.identity=$work/key"
    'launcher.ssh.hosts=[{address: 127.0.0.1, port: 22711, user: root, name: one}, {address: 127.0.0.1, port: 22712, user: root, name: two}]' "${@}")
"$program" plan "${real[@]}" | tail -5
"$program" run "${real[@]}" --runs runs >run.log 2>&1 &
run=$!
# What one has of clusters, by their directories' inodes; the name may be that of the one before.
clusters() { find "$work/state-$1/clusters" -name cluster.json -printf '%i ' 2>/dev/null || true; }
# another HOST BEFORE: waits until the host has a cluster that it had not.
another() {
    local end=$((SECONDS + 300))
    until { [ -n "$(clusters "$1")" ] && [ "$(clusters "$1")" != "$2" ]; } || [ "$SECONDS" -ge "$end" ] || ! kill -0 "$run" 2>/dev/null; do sleep 0.2; done
}
before=
if [ "${KILL:-yes}" = yes ]; then
    another one ""
    another two ""
    before=$(clusters one)
    kill -KILL "$run" && { wait "$run" || true; }
    "$program" status runs/2*
    "$program" resume runs/2* >>run.log 2>&1 &
    run=$!
fi
if [ "${LOSE:-yes}" = yes ]; then
    # A host whose program and connections end at once, in a trial: its nodes stay.
    another one "$before"
    echo "begun so far: $(cut -d' ' -f2,4 home-*/.cache/regatta/runs/*/begun | sort | uniq -c | tr -s ' \n' ' ')"
    kill -KILL "${listens[one]}"
    inside=$(nsenter --uts="$work/ns-one/uts" readlink /proc/self/ns/uts)
    for process in /proc/[0-9]*; do
        [ "$(readlink "$process/ns/uts" 2>/dev/null)" = "$inside" ] || continue
        case $(tr '\0' ' ' <"$process/cmdline" 2>/dev/null) in *libvirt* | *virtlogd* | *dnsmasq*) ;; *) kill -KILL "${process#/proc/}" 2>/dev/null || true ;; esac
    done
    echo "host one is gone; its nodes stay: $(find "$work/state-one/clusters" -name cluster.json | wc -l) cluster"
    end=$((SECONDS + 200))
    until grep -q 'is left out' run.log || [ "$SECONDS" -ge "$end" ] || ! kill -0 "$run" 2>/dev/null; do sleep 0.2; done
    up one 22711
fi
wait "$run" || { cat run.log; exit 1; }
cat run.log
grep -ho '"host": *"[^"]*"' runs/2*/trials/*/*/trial.json | sort | uniq -c
echo "finished in the journal twice: $(grep -o '"kind":"TrialFinished","subject":"[^"]*"' runs/2*/journal.jsonl | sort | uniq -d | wc -l)"
grep -ho '"kind": *"[^"]*"' runs/2*/journal.jsonl | sort | uniq -c
for name in one two; do echo "clusters left on $name: $(find "$work/state-$name/clusters" -name cluster.json 2>/dev/null | wc -l)"; done
