#!/usr/bin/env bash
# The launcher slurm on a real Slurm (Debian 12's, accounting off, two nodes of 2 processors), as an ordinary user: how soon the prompt is back, how many submissions and questions it takes, and that
# a submitting program which is killed again and again loses nothing and runs nothing twice. Slurm runs in namespaces of its own from unpacked packages; needs root and apt.
#   benchmarks/slurm-launcher.sh                      PROGRAM=DIR: a published program instead of the checkout's
#   TRIALS=200 KILLS=20 POINTS=10000 benchmarks/slurm-launcher.sh       KILLS=0: only the POINTS
#   SUITE=trixie SLURM=24.11.5-4+deb13u1 benchmarks/slurm-launcher.sh           another Slurm of Debian
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
published=${PROGRAM:-$here/artifacts/regatta}
[ -n "${PROGRAM:-}" ] || "$here/regatta" --version >/dev/null
trials=${TRIALS:-60} kills=${KILLS:-10} points=${POINTS:-10000}
# The findings know how such a Slurm is set up, from where their own file lies.
BASH_ARGV0=$here/findings/slurm.sh
# shellcheck source=findings/slurm.sh
. "$here/findings/slurm.sh"

before_slurmctld() { :; }
suite=${SUITE:-bookworm}
# All of 10,000 tasks and the probe at once: Slurm's own MaxJobCount is 10,000.
slurm "$suite" "${SLURM:-22.05.8-4+deb12u3}" MinJobAge=300 MaxJobCount=20000
if [ "$suite" = bookworm ]; then ssl=libssl3; else ssl=libssl3t64; fi
debs tar sed grep findutils util-linux libstdc++6 "$ssl" zlib1g libzstd1 libmount1 libsmartcols1 libblkid1 libuuid1 libcrypt1 mawk
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
seen() { echo "$work/$root$1"; }
# shellcheck source=benchmarks/launcher-kills.sh
. "$here/benchmarks/launcher-kills.sh"
asked() { if [ -e "$root/home/asked-$1" ]; then wc -l <"$root/home/asked-$1"; else echo 0; fi; }
in_slurm scontrol --version
regatta --version

if [ "$kills" -gt 0 ]; then
    began=$SECONDS
    undisturbed /home/local "$trials"
    disturbed /home/slurm "$trials" "$kills" launcher=slurm launcher.slurm.memory=400MiB launcher.slurm.time=10m launcher.trials=3
    compared
    echo "submissions: $(asked sbatch), questions to the queue: $(asked squeue) in $((SECONDS - began)) s"
fi

echo "== $points points: the prompt, and what is submitted"
rm -f "$root"/home/asked-*
begun=$SECONDS
TIMEFORMAT='prompt after %R s'
time regatta run "${many[@]}" measure.repetitions=$((points / 2)) launcher=slurm launcher.slurm.memory=400MiB launcher.slurm.throttle=1 --runs /home/large --detach >detach.log 2>&1 || { cat detach.log; exit 1; }
large=/home/large/$(cd "$root/home/large" && echo 2*)
submitted() { [ "$(asked sbatch)" -gt $((points / 1001)) ] && [ -n "$(ls "$root$large"/launch/*.list 2>/dev/null)" ]; }
until_true submitted
sleep "${WATCHED:-65}"
echo "submissions: $(asked sbatch), questions to the queue: $(asked squeue) in $((SECONDS - begun)) s; tasks in the queue: $(in_slurm squeue -h -r | wc -l)"
in_slurm sdiag | grep -E 'Jobs submitted|Server thread|Last cycle|Mean cycle' || true
followers "$large" | kill_all
in_slurm scancel -u user
