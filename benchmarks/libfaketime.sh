#!/usr/bin/env bash
# The clock of `cluster.time=virtual` against libfaketime at fixed factors: the same jobs by sbatch, on one cluster of emulated nodes, in real time (three times), by the
# governed clock, and by libfaketime at each factor. Prints how long each took and how far it is from real time.
# usage: benchmarks/libfaketime.sh [JOBS] [NODES] [FACTOR...]      as root, on Debian; the package libfaketime is loaded for it
set -euo pipefail
jobs=${1:-50} nodes=${2:-16}
shift $(($# < 2 ? $# : 2))
factors=("${@:-5}")
[ $# -gt 0 ] || factors=(2 5 10 20)
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
program=${REGATTA:-$here/artifacts/regatta/regatta}
[ -x "$program" ] || "$here/regatta" --version >/dev/null
work=$(mktemp -d) cluster=clocks$$
trap '"$program" cluster down "$cluster" >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
on_head() { "$program" cluster ssh head -c "$cluster" "$1"; }

(cd "$work" && apt-get download -qq libfaketime faketime >/dev/null 2>&1 && for package in *.deb; do dpkg -x "$package" unpacked; done)
"$program" workload generate lublin jobs="$jobs" processors=$((nodes * 4)) load=0.9 time-scale=0.0005 seed=1 --output "$work/jobs.jsonl" >/dev/null 2>&1
python3 - "$work/jobs.jsonl" >"$work/jobs" <<'P'
import json, sys
for line in open(sys.argv[1]):
    job = json.loads(line)
    if "submit" in job: print(job["id"], job["submit"], job.get("processors", 1), job["runTime"])
P

"$program" cluster up "$cluster" --machines lxc --workers 1 --processors 4 >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
on_head 'mkdir -p /opt/clocks && cat > /opt/clocks/jobs' <"$work/jobs"
for file in faketime libfaketimeMT.so.1; do on_head "cat > /opt/clocks/$file && chmod 755 /opt/clocks/$file" <"$(find "$work/unpacked" -name "$file" -type f | sed -n 1p)"; done
# All jobs wait for their own moment at once, so that none is late for another; what became of them is asked of slurmctld.
on_head 'cat > /opt/clocks/replay && chmod 755 /opt/clocks/replay' <<'R'
#!/bin/sh
# Half a minute and half a second after a whole minute of the controller, by its clock: what it does by itself meets the same moments.
boot=$(date -d "$(scontrol show config | sed -n 's/^BOOT_TIME *= *//p')" +%s)
sleep "$(date +%s.%N | awk -v boot="$boot" '{ left = boot + 30.5 - $1; while (left < 0) left += 60; printf "%.6f", left }')"
began=$(date +%s.%N)
# The kernel's own seconds, whatever clock goes by.
read -r before _ </proc/uptime
while read -r id at processors run; do
  (sleep "$at"; exec sbatch -Q -J "$id" -n "$processors" -t 10 -o /dev/null --wrap "sleep $run") &
done </opt/clocks/jobs
wait
while squeue -h -o %i | grep -q .; do sleep 1; done
read -r after _ </proc/uptime
echo "began $began"
echo "real $before $after"
scontrol -o show jobs
R

replay() { # name, environment
  on_head "env $2 /opt/clocks/replay" </dev/null >"$work/$1.jobs"
}
# The controller and the nodes are on the head, where all share one clock; without a name of it they go by the kernel's. What is remembered of another clock is of the
# past or of the future, and goes.
begin() { # what the daemons are given beside their own environment
  on_head "systemctl daemon-reload; systemctl stop slurmctld regatta-slurmrestd regatta-slurmd-emulated; find \$(sed -n 's/^StateSaveLocation=//p' /etc/slurm/slurm.conf) -mindepth 1 -delete
    for unit in slurmctld regatta-slurmd-emulated; do
      mkdir -p /run/systemd/system/\$unit.service.d; printf '[Service]\n%s\n' '${1:+Environment=$1}' > /run/systemd/system/\$unit.service.d/zz-clocks.conf
    done
    systemctl daemon-reload; systemctl start slurmctld regatta-slurmd-emulated
    until [ \"\$(sinfo -h -t idle -o %D)\" = $nodes ]; do sleep 0.5; done" </dev/null
}

echo "processors: $(nproc), load: $(cut -d' ' -f1-3 /proc/loadavg), $jobs jobs on $nodes emulated nodes, $(on_head 'slurmctld -V' </dev/null), libfaketime $(cd "$work" && for p in libfaketime_*.deb; do dpkg-deb -f "$p" Version; done)"
"$program" cluster configure "$cluster" --emulated "$nodes" --virtual-time true --set SlurmdTimeout=0 --set MessageTimeout=100 --set TCPTimeout=40 --set BatchStartTimeout=200 --set KillWait=300 --set MinJobAge=3600 >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
for run in 1 2 3; do begin '"LD_PRELOAD=" "REGATTA_CLOCK="'; replay "real-$run" ""; done
for factor in "${factors[@]}"; do
  # One moment of start for all that go by it.
  on_head "if [ -s /run/clocks.pid ]; then kill \$(cat /run/clocks.pid); fi; rm -f /run/faketime
    setsid /opt/clocks/faketime -m -f '+0 x$factor' /bin/sh -c 'echo \$\$ > /run/clocks.pid; echo \"\$FAKETIME_SHARED\" > /run/faketime; exec sleep infinity' </dev/null >/dev/null 2>&1 &
    until [ -s /run/faketime ]; do sleep 0.1; done" </dev/null
  shared=$(on_head 'cat /run/faketime' </dev/null)
  clock="\"LD_PRELOAD=/opt/clocks/libfaketimeMT.so.1\" \"FAKETIME=+0 x$factor\" \"FAKETIME_SHARED=$shared\""
  begin "\"REGATTA_CLOCK=\" $clock"
  replay "libfaketime-$factor" "$clock"
done
on_head "systemctl restart regatta-clock" </dev/null
for run in 1 2; do
  begin ""
  on_head '/usr/local/lib/regatta/regatta-clock speed 0' </dev/null
  replay "governed-$run" "LD_PRELOAD=/usr/local/lib/regatta/regatta-clock.so REGATTA_CLOCK=/dev/shm/regatta/clock"
  on_head '/usr/local/lib/regatta/regatta-clock speed 1' </dev/null
done
echo "load: $(cut -d' ' -f1-3 /proc/loadavg)"

python3 - "$work" <<'P'
import calendar, glob, os, re, sys, time
work = sys.argv[1]
planned = {line.split()[0]: float(line.split()[1]) for line in open(f"{work}/jobs")}
def moment(text): return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%S"))
runs = {}
for path in glob.glob(f"{work}/*.jobs"):
    name, text = os.path.basename(path)[:-5], open(path).read()
    began = float(re.search(r"^began ([0-9.]+)", text, re.M).group(1))
    rows = [dict(word.split("=", 1) for word in line.split() if "=" in word) for line in text.splitlines() if line.startswith("JobId=")]
    rows = [row for row in rows if moment(row["SubmitTime"]) >= began - 2]
    assert {row["JobName"] for row in rows} == set(planned), f"{name}: {len(rows)} of {len(planned)} jobs"
    starts = {row["JobName"]: moment(row["StartTime"]) - began for row in rows}
    ends = max(moment(row["EndTime"]) - began for row in rows)
    lost = sum(row["JobState"] != "COMPLETED" for row in rows)
    before, after = re.search(r"^real ([0-9.]+) ([0-9.]+)", text, re.M).groups()
    runs[name] = (starts, ends, sum(starts[job] - planned[job] for job in planned) / len(planned), lost, float(after) - float(before))
def tau(a, b):
    jobs = sorted(planned)
    same = other = 0
    for i, x in enumerate(jobs):
        for y in jobs[:i]:
            sign = (a[x] - a[y]) * (b[x] - b[y])
            same, other = same + (sign > 0), other + (sign < 0)
    return (same - other) / max(same + other, 1)
real = [run for name, run in runs.items() if name.startswith("real-")]
print(f"{'clock':16} {'real s':>7} {'times':>6} {'makespan':>9} {'mean wait':>10} {'starts apart':>13} {'tau':>6} {'not completed':>14}")
for name in sorted(runs, key=lambda n: (n.split("-")[0] != "real", n.split("-")[0], int(n.split("-")[1]))):
    starts, ends, wait, lost, took = runs[name]
    # Against each run in real time but itself.
    others = [run for run in real if run is not runs[name]]
    apart = sum(abs(starts[job] - other[0][job]) for other in others for job in planned) / len(planned) / len(others)
    alike = sum(tau(starts, other[0]) for other in others) / len(others)
    print(f"{name:16} {took:7.1f} {ends / took:6.1f} {ends:9.1f} {wait:10.2f} {apart:13.2f} {alike:6.3f} {lost:14}")
P
