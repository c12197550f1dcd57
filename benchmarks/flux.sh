#!/bin/bash
# The same jobs through the agent and through `flux submit --cc`, in turn, on one real Flux of its own on this host:
#   REGATTA_FLUX_PREFIX=/opt/flux benchmarks/flux.sh launch [jobs] [rounds]      real launches of an empty payload (1,000 jobs, 2 rounds)
#   REGATTA_FLUX_PREFIX=/opt/flux benchmarks/flux.sh emulated [jobs] [rounds]    one-second jobs on 1,024 emulated nodes (5,000 jobs, 2 rounds)
# AGENT is the agent. Every number is from Flux's own eventlogs, but the time that the command took. It fails when the agent submits more slowly
# than the command, or its jobs are done more than 5 % later.
set -euo pipefail
kind=${1:-launch} agent=${AGENT:-artifacts/agent/regatta-agent} flux=$REGATTA_FLUX_PREFIX/bin/flux
agent=$(realpath "$agent")
case $kind in
  launch) jobs=${2:-1000} rounds=${3:-2} start=() ;;
  emulated) jobs=${2:-5000} rounds=${3:-2} start=(--conf=fake-resources.nnodes=1024 --conf=fake-resources.cores-per-node=4 --conf=fake-resources.host-prefix=emulated) ;;
  *) echo "launch or emulated" >&2; exit 2 ;;
esac
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

cat > "$directory/race" <<'R'
set -euo pipefail
kind=$1 jobs=$2 rounds=$3 agent=$4 directory=$5 prefix=$6
flux=$prefix/bin/flux
by_hand() {
  local options=(--cc="1-$jobs" --quiet -n1 -t 10m --cwd=/ --env=-* --env=PATH=/usr/bin:/bin --job-name=hand-$1-{cc} --output=/dev/null --error=/dev/null -o cpu-affinity=off)
  [ "$kind" = emulated ] && options+=(--setattr=system.exec.test.run_duration=1s)
  local began=$(date +%s.%N)
  "$flux" submit "${options[@]}" "$agent" payload --job 1 --stamps "$directory/stamps" --first FLUX_TASK_RANK sleep 0
  echo "$began $(date +%s.%N)" > "$directory/hand-$1"
  "$flux" queue idle --quiet
}
by_agent() {
  local run=00:00:00 simulate=false
  [ "$kind" = emulated ] && run=00:00:01 simulate=true
  awk -v jobs="$jobs" -v trial="agent-$1" -v uri="$FLUX_URI" -v prefix="$prefix" -v payload="$agent" -v stamps="$directory/stamps" -v run=$run -v simulate=$simulate 'BEGIN {
    printf "{\"version\":1,\"trial\":\"%s\",\"scheduler\":\"flux\",\"jobs\":%d,\"startDelay\":\"00:00:00.1\",\"drainTimeout\":\"00:10:00\",\"connections\":96,\"options\":{\"uri\":\"%s\",\"prefix\":\"%s\",\"payload\":\"%s\",\"stamps\":\"%s\",\"simulate\":\"%s\"}}\n", trial, jobs, uri, prefix, payload, stamps, simulate
    for (i = 1; i <= jobs; i++) printf "{\"id\":%d,\"submit\":\"00:00:00\",\"processors\":1,\"runTime\":\"%s\",\"requestedTime\":\"00:10:00\",\"user\":-1,\"group\":-1,\"queue\":-1}\n", i, run
  }' > "$directory/schedule"
  "$agent" replay --directory "$directory/agent-$1" < "$directory/schedule" > /dev/null
}
for round in $(seq "$rounds"); do
  if [ $((round % 2)) = 1 ]; then by_hand "$round"; by_agent "$round"; else by_agent "$round"; by_hand "$round"; fi
done
"$flux" jobs -a --count=0 --json > "$directory/jobs.json"
R
"$flux" start "${start[@]}" bash "$directory/race" "$kind" "$jobs" "$rounds" "$agent" "$directory" "$REGATTA_FLUX_PREFIX"

python3 - "$directory" "$jobs" "$rounds" <<'P'
import json, os, sys
directory, jobs, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rows = json.load(open(directory + "/jobs.json"))["jobs"]
means = {}
print(f"{'':8} {'submitted':>16} {'all done':>16}   first submission to last, by Flux's eventlogs")
for r in range(1, rounds + 1):
    for side, prefix in (("hand", f"hand-{r}-"), ("agent", f"regatta-agent-{r}-")):
        own = [j for j in rows if j["name"].startswith(prefix)]
        good = sum(j["result"] == "COMPLETED" for j in own)
        assert len(own) == jobs and good == jobs, f"{side}: {len(own)} jobs, {good} completed"
        first = min(j["t_submit"] for j in own)
        submitted = max(j["t_submit"] for j in own) - first
        done = max(j["t_inactive"] for j in own) - first
        means.setdefault(side, []).append((submitted, done))
        note = ""
        if side == "agent":
            s = json.load(open(f"{directory}/agent-{r}/summary.json"))
            note = f"agent {s['cpuSeconds']:.2f} CPU s, {s['peakRss'] / 2**20:.0f} MiB; lateness p99 {s['lateness']['p99'] / 1000:.1f} ms, accept p50 {s['acceptLatency']['p50'] / 1000:.0f} ms"
        else:
            began, ended = map(float, open(f"{directory}/hand-{r}").read().split())
            note = f"command {ended - began:.2f} s"
        print(f"{side} {r:<3} {submitted:7.2f} s {jobs / submitted:6.0f}/s {done:7.2f} s {jobs / done:6.1f}/s   {note}")
# An instance grows slower with every job that it keeps: means over an even number of rounds give both sides the same places.
(hs, hd), (as_, ad) = ((sum(v[0] for v in means[s]) / rounds, sum(v[1] for v in means[s]) / rounds) for s in ("hand", "agent"))
print(f"agent against hand, means of the rounds: submission {hs / as_:.2f} times as fast, all done after {ad / hd:.3f} of the time; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
sys.exit(as_ > hs or ad > hd * 1.05)
P
