#!/usr/bin/env bash
# The launcher ssh on two hosts, of which one goes away in the middle: that its trials go to the other, that the submitting program may be killed, and that nothing is lost or run twice.
# The hosts are namespaces with Debian's sshd from unpacked packages; needs root and apt.
#   benchmarks/ssh-launcher.sh                        PROGRAM=DIR: a published program instead of the checkout's
#   TRIALS=200 benchmarks/ssh-launcher.sh
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
program=${PROGRAM:-$here/artifacts/regatta}/regatta
[ -n "${PROGRAM:-}" ] || "$here/regatta" --version >/dev/null
export REGATTA_HOME=$here
trials=${TRIALS:-40}
BASH_ARGV0=$here/findings/slurm.sh
# shellcheck source=findings/lib.sh
. "$here/findings/lib.sh"
ssh-keygen -q -t ed25519 -N '' -f key
root=one
debs openssh-server openssh-client libc6 libgcc-s1 libstdc++6 zlib1g libssl3 libcrypt1 libpam0g libaudit1 libcap-ng0 libselinux1 libpcre2-8-0 libgssapi-krb5-2 libkrb5-3 libk5crypto3 libkrb5support0 libcom-err2 libkeyutils1 \
    libwrap0 libnsl2 libtirpc3 libsystemd0 liblzma5 libzstd1 liblz4-1 libcap2 libgcrypt20 libgpg-error0 dash coreutils libacl1 libattr1 libgmp10 tar util-linux libmount1 libsmartcols1 libblkid1 libuuid1 libudev1 libtinfo6 libreadline8 sed grep findutils
mkdir -p one/{etc/ssh,tmp,run/sshd,proc,dev,home/.ssh,var/empty}
chmod 1777 one/tmp
for link in bin sbin lib lib64; do [ -e "one/$link" ] || ln -s "usr/$link" "one/$link"; done
[ -e one/bin/sh ] || ln -s dash one/bin/sh
printf '%s\n' 'root:x:0:0::/root:/bin/sh' 'sshd:x:101:65534::/run/sshd:/bin/sh' 'user:*:1000:1000::/home:/bin/sh' >one/etc/passwd
printf '%s\n' 'root:x:0:' 'nogroup:x:65534:' 'user:x:1000:' >one/etc/group
cp key.pub one/home/.ssh/authorized_keys
cp key one/etc/ssh/host
chown -R 1000:1000 one/home
chmod 700 one/home one/home/.ssh
cp -a one two
hosts=()
for host in one:22701 two:22702; do
    # shellcheck disable=SC2016 # the inner shell's
    unshare -m -p -f --kill-child sh -c 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" /usr/sbin/sshd -D -e -f /dev/null -p "$1" -o ListenAddress=127.0.0.1 -h /etc/ssh/host -o UsePAM=no -o StrictModes=no' "$work/${host%:*}" "${host#*:}" </dev/null >"sshd-${host%:*}.log" 2>&1 &
    keepers+=("$!")
    hosts+=("$!")
done
mkdir -p "$HOME/.ssh"
config=$work/known
for port in 22701 22702; do printf '[127.0.0.1]:%s %s\n' "$port" "$(cut -d' ' -f1,2 key.pub)"; done >"$config"
# The user's own configuration knows the hosts' keys; here a program that stands before ssh does.
mkdir -p path
printf '#!/bin/sh\nexec /usr/bin/ssh -F /dev/null -o UserKnownHostsFile=%s "$@"\n' "$config" >path/ssh
chmod 755 path/ssh
export PATH=$work/path:$PATH
for port in 22701 22702; do
    end=$((SECONDS + 60))
    until ssh -i key -p "$port" user@127.0.0.1 true 2>ssh.log; do [ "$SECONDS" -lt "$end" ] || { cat ssh.log sshd-*.log; exit 2; }; sleep 0.2; done
done
many=(reference name=many workload=lublin workload.jobs=200 cluster.workers=16 cluster.worker.processors=16 'scheduler.policy=fcfs,easy' measure.vary=true "measure.repetitions=$((trials / 2))")
echo "== an undisturbed run on this machine, $trials trials"
"$program" run "${many[@]}" --runs local >local.log 2>&1 || { tail -20 local.log; exit 1; }
echo "== the same on two hosts; the program is killed, then one host goes away"
"$program" run "${many[@]}" launcher=ssh "launcher.ssh.identity=$work/key" launcher.trials=2 \
    'launcher.ssh.hosts=[{address: 127.0.0.1, port: 22701, user: user, name: one}, {address: 127.0.0.1, port: 22702, user: user, name: two}]' --runs ssh >first.log 2>&1 &
first=$!
some() { [ "$(find ssh/2*/trials -name trial.json 2>/dev/null | wc -l)" -ge "$1" ]; }
end=$((SECONDS + 300))
until some 3 || [ "$SECONDS" -ge "$end" ]; do sleep 0.1; done
kill -KILL "$first" && { wait "$first" || true; }
run=$(echo ssh/2*)
"$program" status "$run"
"$program" resume "$run" >second.log 2>&1 &
second=$!
until some 8 || [ "$SECONDS" -ge "$end" ]; do sleep 0.1; done
kill -KILL "${hosts[0]}"
wait "$second" || { tail -30 second.log; exit 1; }
grep -E 'left out' second.log || true
echo "$(find "$run/trials" -name trial.json | wc -l) of $trials trials; finished in the journal twice: $(grep -o '"subject":"[^"]*","sha256"' "$run/journal.jsonl" | sort | uniq -d | wc -l)"
grep -ho '"host": *"[^"]*"' "$run"/trials/*/*/trial.json | sort | uniq -c
verdict() { grep -E '^(Makespan|.*better|  ·)' "$1" | sort; }
if diff <(verdict local.log) <(verdict second.log); then echo "the verdict is that of the undisturbed run"; else exit 1; fi
