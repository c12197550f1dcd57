#!/usr/bin/env bash
# How fast Slurm takes jobs, by version: through the agent and slurmrestd, and by sbatch, one process a job and 16 at once, which is the fastest way without a program of
# one's own. The partition is down meanwhile, so that no job starts. Both ways in turn, on a head and a worker as containers, one version after the other.
# usage: benchmarks/slurm-submit.sh [JOBS] [ROUNDS] [IMAGE...]       as root; REGATTA_STATE says which state directory
set -euo pipefail
jobs=${1:-1000} rounds=${2:-3}
[ "$#" -lt 3 ] && set -- x x slurm slurm@trixie slurm@sid
# shellcheck source=benchmarks/lab.sh
. "$(dirname "$(readlink -f "$0")")/lab.sh"

echo "processors: $(nproc), load: $(cut -d' ' -f1-3 /proc/loadavg), $jobs jobs, $rounds rounds"
printf '%-14s %-8s %-9s %5s %16s\n' image version by round 'jobs/s (taken)'
for image in "${@:3}"; do
    lab 1 "$image"
    for round in $(seq "$rounds"); do
        on_head "jobs=$jobs image=$image round=$round bash -s" <<'HEAD'
set -euo pipefail
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
empty() {
    for user in root regatta; do scancel -u "$user" 2>/dev/null || true; done
    while [ -n "$(squeue -h | head -n 1)" ]; do sleep 0.2; done
}
agent_rate() {
    awk -v jobs="$jobs" -v api="$1" 'BEGIN {
      printf "{\"version\":1,\"trial\":\"submit\",\"scheduler\":\"slurm\",\"jobs\":%d,\"startDelay\":\"00:00:01\",\"drainTimeout\":\"00:00:01\",\"connections\":16,\"options\":{\"api\":\"%s\",\"payload\":\"/usr/local/lib/regatta/regatta-agent\",\"stamps\":\"/tmp/submit.jsonl\"}}\n", jobs, api
      for (i = 1; i <= jobs; i++) printf "{\"id\":%d,\"submit\":\"00:00:00\",\"processors\":1,\"runTime\":\"00:00:00\",\"user\":-1,\"group\":-1,\"queue\":-1}\n", i
    }' >"$directory/schedule"
    /usr/local/lib/regatta/regatta-agent replay --directory "$directory/replay" <"$directory/schedule" >/dev/null 2>&1 || true
    python3 - "$directory/replay/events.jsonl" <<'P'
import json, sys
sent, taken = [], []
for line in open(sys.argv[1]):
    event = json.loads(line)
    if event["kind"] == "Sent": sent.append(event["time"])
    if event["kind"] == "Accepted": taken.append(event["time"])
print(f"{len(taken) / (max(taken) - min(sent)) * 1e6:.0f} ({len(taken)})")
P
}
sbatch_rate() {
    cd /tmp
    began=$(date +%s%N)
    seq "$jobs" | xargs -P 16 -I @ sbatch -Q -n 1 -J @ -o /dev/null --wrap true
    ended=$(date +%s%N)
    echo "$((jobs * 1000000000 / (ended - began))) ($(squeue -h -r | wc -l))"
}
# Which versions of the interface are served, of those that there is a dialect for.
served() {
    for api in v0.0.38 v0.0.42 v0.0.45; do
        python3 - "$api" <<'P' && echo "$api"
import socket, sys
with socket.socket(socket.AF_UNIX) as way:
    way.connect("/run/regatta/slurmrestd.sock")
    way.sendall(f"GET /slurm/{sys.argv[1]}/ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    sys.exit(b" 200 " not in way.recv(4096).splitlines()[0])
P
    done
}
row() { printf '%-14s %-8s %-9s %5s %16s\n' "$image" "$(scontrol -V | cut -d' ' -f2)" "$1" "$round" "$2"; }
scontrol update PartitionName=main State=DOWN
mapfile -t ways < <(served || true)
ways+=(sbatch)
# In turned order each second round: a controller gets slower with what it has seen.
[ $((round % 2)) = 1 ] || mapfile -t ways < <(printf '%s\n' "${ways[@]}" | tac)
for way in "${ways[@]}"; do
    empty
    rm -rf "$directory/replay"
    if [ "$way" = sbatch ]; then row sbatch "$(sbatch_rate)"; else row "$way" "$(agent_rate "$way")"; fi
done
empty
HEAD
    done
    "$program" cluster down "$name" >/dev/null 2>&1
done
