#!/bin/bash
# Replays 1,000 jobs of `sleep 0` at 20 a second through a running Slurm, and prints how late they were sent and what that cost.
# Run on the head of a configured cluster, or anywhere slurmrestd's socket and slurmctld's log can be reached:
#   benchmarks/replay.sh [jobs] [jobs a second]
# AGENT, SOCKET, LOG, PAYLOAD and STAMPS say where things are; PAYLOAD is the agent on the nodes that run the jobs.
set -euo pipefail
jobs=${1:-1000} rate=${2:-20}
agent=${AGENT:-/usr/local/lib/regatta/regatta-agent}
socket=${SOCKET:-/run/regatta/slurmrestd.sock}
log=${LOG:-/var/log/slurm/slurmctld.log}
payload=${PAYLOAD:-$agent}
stamps=${STAMPS:-/tmp/regatta-replay-benchmark.jsonl}
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

awk -v jobs="$jobs" -v rate="$rate" -v socket="$socket" -v log_file="$log" -v payload="$payload" -v stamps="$stamps" 'BEGIN {
  printf "{\"version\":1,\"trial\":\"benchmark\",\"scheduler\":\"slurm\",\"jobs\":%d,\"startDelay\":\"00:00:01\",\"drainTimeout\":\"00:10:00\",\"connections\":96,\"options\":{\"socket\":\"%s\",\"log\":\"%s\",\"payload\":\"%s\",\"stamps\":\"%s\"}}\n", jobs, socket, log_file, payload, stamps
  for (i = 0; i < jobs; i++) {
    t = i / rate
    printf "{\"id\":%d,\"submit\":\"%02d:%02d:%010.7f\",\"processors\":1,\"runTime\":\"00:00:00\",\"user\":-1,\"group\":-1,\"queue\":-1}\n", i + 1, t / 3600, int(t / 60) % 60, t % 60
  }
}' > "$directory/schedule"

"$agent" replay --directory "$directory/replay" < "$directory/schedule" > /dev/null
python3 - "$directory/replay/summary.json" <<'P'
import json, os, sys
s = json.load(open(sys.argv[1]))
late, accept = s["lateness"], s["acceptLatency"]
print("jobs            ", ", ".join(f"{v} {k}" for k, v in s["states"].items()))
print(f"lateness        p50 {late['p50'] / 1000:.2f} ms, p99 {late['p99'] / 1000:.2f} ms, max {late['max'] / 1000:.2f} ms")
print(f"accept latency  p50 {accept['p50'] / 1000:.2f} ms, p99 {accept['p99'] / 1000:.2f} ms, max {accept['max'] / 1000:.2f} ms")
print(f"agent           {s['cpuSeconds']:.2f} CPU s, {s['peakRss'] / 2**20:.0f} MiB")
for d in s["daemons"]:
    print(f"{d['process']:<15} {d['cpuSeconds']:.2f} CPU s, {d['peakRss'] / 2**20:.0f} MiB{' (client side)' if d['client'] else ''}")
print(f"load            {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
sys.exit(late["p99"] > 10_000)
P
