#!/usr/bin/env bash
# What virtual time is worth on this host: how fast an idle twin goes, how fast one with jobs, how alike two runs of one plan are, and virtual time against real time.
# usage: benchmarks/virtual-time.sh [NODES] [JOBS] [RUNS]       as root; REGATTA_STATE says which state directory
set -euo pipefail
nodes=${1:-256} jobs=${2:-10000} runs=${3:-5}
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
"$here/regatta" --version >/dev/null
program=$here/artifacts/regatta/regatta
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
load() { echo "processors: $(nproc), load: $(cut -d' ' -f1-3 /proc/loadavg)"; }

# What the records of a run say of their clocks, and the sentences of its report on virtual time.
tell() {
    python3 - "$1"/* <<'P'
import glob, json, re, sys
for run in sys.argv[1:]:
    for path in sorted(glob.glob(f"{run}/trials/*/*/trial.json")):
        trial = json.load(open(path))
        seconds = (trial["ended"] - trial["started"]) / 1e6
        clock = trial.get("clock")
        if not clock:
            print(f"{trial['point']}/{trial['repetition']}: {seconds:.1f} s, real time")
            continue
        real = (clock["realEnded"] - clock["realStarted"]) / 1e6
        print(f"{trial['point']}/{trial['repetition']}: {clock['virtual'] / 1e6:.0f} s in {real:.1f} s, {clock['virtual'] / 1e6 / real:.1f} times as fast, {clock['jumps']} jumps, "
              f"{clock['busy'] / 1e6:.1f} s of it something computed, {trial['jobs']} jobs, {real / trial['jobs'] * 1000:.0f} ms a job")
    page = open(f"{run}/report/index.html").read()
    for sentence in re.findall(r"<(?:p|li)>([^<]*Kendall[^<]*)<", page):
        print("  " + sentence)
P
}

load
echo "an idle twin of $nodes nodes: one job that sleeps for six hours"
"$program" run what-if '~points.week' machines=lxc cluster.emulated="$nodes" workload=bag workload.jobs=1 workload.run_time=6h measure.repetitions=1 --yes --runs "$work/idle" >"$work/log" 2>&1 || { tail -20 "$work/log"; exit 1; }
tell "$work/idle"
load
echo "$jobs jobs on $nodes nodes, a week's mix: Lublin and Feitelson, backfill every 30 s"
"$program" run what-if '~points.week' machines=lxc cluster.emulated="$nodes" workload.jobs="$jobs" workload.time_scale=0.06 measure.repetitions=1 --yes --runs "$work/week" >"$work/log" 2>&1 || { tail -20 "$work/log"; exit 1; }
tell "$work/week"
load
echo "virtual time against real time, $runs runs each"
"$program" run warp-fidelity measure.repetitions="$runs" --yes --runs "$work/fidelity" >"$work/log" 2>&1 || { tail -20 "$work/log"; exit 1; }
tell "$work/fidelity"
load
