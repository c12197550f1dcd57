#!/usr/bin/env bash
# The launcher slurm on a real Slurm (Debian 12's, accounting off, two nodes of 2 processors), as an ordinary user: how soon the prompt is back, how many submissions and questions it takes, and that
# a submitting program which is killed again and again loses nothing and runs nothing twice. Slurm runs in namespaces of its own from unpacked packages; needs root and apt.
#   benchmarks/slurm-launcher.sh                      PROGRAM=DIR: a published program instead of the checkout's
#   TRIALS=200 KILLS=20 POINTS=10000 benchmarks/slurm-launcher.sh
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
published=${PROGRAM:-$here/artifacts/regatta}
[ -n "${PROGRAM:-}" ] || "$here/regatta" --version >/dev/null
trials=${TRIALS:-60} kills=${KILLS:-10} points=${POINTS:-10000}
# The findings know how such a Slurm is set up, from where their own file lies.
BASH_ARGV0=$here/findings/slurm.sh
# shellcheck source=findings/slurm.sh
. "$here/findings/slurm.sh"

debs tar sed grep findutils util-linux libstdc++6 libssl3 zlib1g libmount1 libsmartcols1 libblkid1 libuuid1 libcrypt1 gawk mawk
before_slurmctld() { :; }
slurm bookworm "${SLURM:-22.05.8-4+deb12u3}" MinJobAge=300
runtime=$(dirname "$(readlink -f "$(command -v dotnet)")")
mkdir -p "$root"/opt/regatta/dotnet/{host,shared} "$root/home"
cp -r "$runtime/host/fxr" "$root/opt/regatta/dotnet/host/"
cp -r "$runtime/shared/Microsoft.NETCore.App" "$root/opt/regatta/dotnet/shared/"
cp -r "$published" "$root/opt/regatta/program"
cp -r "$here"/{conf,images,ansible,workloads} "$root/opt/regatta/"
chown 1000:1000 "$root/home"
# The user's shell on the login node, which counts what is asked of Slurm.
mkdir -p "$root/usr/local/bin"
for command in sbatch squeue; do
    printf '#!/bin/sh\necho >>/home/asked-%s\nexec /usr/bin/%s "$@"\n' "$command" "$command" >"$root/usr/local/bin/$command"
    chmod 755 "$root/usr/local/bin/$command"
done
regatta() { in_slurm setpriv --reuid 1000 --regid 1000 --clear-groups env HOME=/home PATH=/usr/local/bin:/usr/bin:/bin DOTNET_ROOT=/opt/regatta/dotnet sh -c 'cd /home && exec /opt/regatta/program/regatta "$@"' regatta "$@"; }
asked() { if [ -e "$root/home/asked-$1" ]; then wc -l <"$root/home/asked-$1"; else echo 0; fi; }
many=(reference name=many workload=lublin workload.jobs=200 cluster.workers=16 cluster.worker.processors=16 'scheduler.policy=fcfs,easy' measure.vary=true)
regatta --version

echo "== an undisturbed run on this machine, $trials trials"
regatta run "${many[@]}" measure.repetitions=$((trials / 2)) --runs /home/local >local.log 2>&1 || { tail -20 local.log; exit 1; }
echo "== the same by Slurm, its submitting program killed $kills times"
began=$SECONDS
regatta run "${many[@]}" measure.repetitions=$((trials / 2)) launcher=slurm launcher.slurm.memory=400MiB launcher.slurm.time=10m launcher.trials=3 --runs /home/slurm --detach >detach.log 2>&1 || { cat detach.log; exit 1; }
run=$(cd "$root" && echo home/slurm/2*)
follower() { pgrep -f "regatta resume /$run" || pgrep -f "regatta resume $run" || pgrep -f "resume.*$(basename "$run")" || true; }
until_true [ -e "$root/$run/launch/task.sh" ]
for _ in $(seq "$kills"); do
    sleep "0.$((RANDOM % 90 + 10))"
    follower | while read -r pid; do kill -KILL "$pid" 2>/dev/null || true; done
    regatta resume "/$run" >resume.log 2>&1 &
    resumed=$!
    sleep "$((RANDOM % ${LONGEST:-8})).$((RANDOM % 10))"
    follower | while read -r pid; do kill -KILL "$pid" 2>/dev/null || true; done
    wait "$resumed" || true
    # A task or its program as well: what it had not finished is run again.
    { pgrep -f "task.sh /$run/launch" || true; pgrep -f "regatta trial /$run/launch" || true; } | shuf -n 1 | while read -r pid; do if kill -KILL "$pid" 2>/dev/null; then echo "$pid" >>tasks-killed; fi; done
done
# What failed because its task was killed is run again by the next one.
for _ in 1 2 3 4 5; do
    if regatta resume "/$run" >resume.log 2>&1; then break; fi
done
[ "$(find "$root/$run/trials" -name trial.json | wc -l)" = "$trials" ] || { tail -30 resume.log; regatta status "/$run"; exit 1; }
killed=$(if [ -e tasks-killed ]; then wc -l <tasks-killed; else echo 0; fi)
echo "$(find "$root/$run/trials" -name trial.json | wc -l) of $trials trials in $((SECONDS - began)) s; $killed tasks or their programs killed; begun again: $(cut -d' ' -f4 "$root/$run/launch/begun" | sort | uniq -d | wc -l)"
echo "finished in the journal: $(grep -c '"TrialFinished"' "$root/$run/journal.jsonl"), twice: $(grep -o '"TrialFinished","subject":"[^"]*"' "$root/$run/journal.jsonl" | sort | uniq -d | wc -l)"
verdict() { grep -E '^(Makespan|.*better|  ·)' "$1" | sort; }
if diff <(verdict local.log) <(verdict resume.log) >diff.log; then echo "the verdict is that of the undisturbed run"; else echo "the verdicts differ:"; cat diff.log; fi
echo "submissions: $(asked sbatch), questions to the queue: $(asked squeue) in $((SECONDS - began)) s"

echo "== $points points: the prompt, and what is submitted"
rm -f "$root"/home/asked-*
TIMEFORMAT='prompt after %R s'
time regatta run "${many[@]}" measure.repetitions=$((points / 2)) launcher=slurm launcher.slurm.memory=400MiB launcher.slurm.throttle=1 --runs /home/large --detach >detach.log 2>&1 || { cat detach.log; exit 1; }
large=$(cd "$root" && echo home/large/2*)
submitted() { [ "$(asked sbatch)" -gt $((points / 1001)) ] && [ -n "$(ls "$root/$large"/launch/*.list 2>/dev/null)" ]; }
until_true submitted
sleep 5
echo "submissions: $(asked sbatch), questions to the queue: $(asked squeue); tasks in the queue: $(in_slurm squeue -h -r | wc -l)"
in_slurm sdiag | grep -E 'Jobs submitted|Server thread|Last cycle|Mean cycle' || true
pgrep -f "resume.*$(basename "$large")" | while read -r pid; do kill -KILL "$pid"; done
in_slurm scancel -u user
