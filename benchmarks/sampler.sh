#!/usr/bin/env bash
# What the sampler costs on Slurm, and what it costs Slurm: jobs are started one after the other while many more wait in the queue, with and without sampling in turn.
# A head and two workers as containers. The waiting jobs are held, so that nothing but their number is in the way.
# usage: benchmarks/sampler.sh [QUEUED] [JOBS] [ROUNDS] [IMAGE]       as root; REGATTA_STATE says which state directory
set -euo pipefail
queued=${1:-5000} jobs=${2:-300} rounds=${3:-3} image=${4:-slurm@trixie}
# shellcheck source=benchmarks/lab.sh
. "$(dirname "$(readlink -f "$0")")/lab.sh"

echo "processors: $(nproc), load: $(cut -d' ' -f1-3 /proc/loadavg), $queued jobs in the queue, $jobs started, $rounds rounds"
lab 2 "$image"
on_head "queued=$queued jobs=$jobs rounds=$rounds bash -s" <<'HEAD'
set -euo pipefail
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd /tmp
seq "$queued" | xargs -P 8 -I @ sbatch -Q --hold -n 1 -J @ -o /dev/null --wrap true
echo "queued: $(squeue -h -r | wc -l)"
for worker in $(sinfo -h -N -o %N); do srun -Q -w "$worker" sh -c ': >/tmp/sampler.jsonl; chmod 666 /tmp/sampler.jsonl' </dev/null; done
replay() {
    rm -rf "$directory/replay"
    awk -v jobs="$jobs" -v trial="$1" -v sample="$2" 'BEGIN {
      printf "{\"version\":1,\"trial\":\"%s\",\"scheduler\":\"slurm\",\"jobs\":%d,\"startDelay\":\"00:00:01\",\"drainTimeout\":\"00:02:00\",\"connections\":16,%s\"options\":{\"payload\":\"/usr/local/lib/regatta/regatta-agent\",\"stamps\":\"/tmp/sampler.jsonl\"}}\n", trial, jobs, sample
      for (i = 1; i <= jobs; i++) printf "{\"id\":%d,\"submit\":\"00:00:00\",\"processors\":1,\"runTime\":\"00:00:00\",\"user\":-1,\"group\":-1,\"queue\":-1}\n", i
    }' >"$directory/schedule"
    /usr/local/lib/regatta/regatta-agent replay --directory "$directory/replay" <"$directory/schedule" >/dev/null
    python3 - "$directory/replay" "$1" <<'P'
import json, sys
sent, decided = [], []
for line in open(sys.argv[1] + "/events.jsonl"):
    event = json.loads(line)
    if event["kind"] == "Sent": sent.append(event["time"])
    if event["kind"] == "Decided": decided.append(event["time"])
sampling = json.load(open(sys.argv[1] + "/summary.json")).get("sampling")
cost = f"{sampling['cpuSeconds'] / sampling['samples'] * 100:.2f} % of a processor ({sampling['samples']} samples)" if sampling else ""
print(f"{sys.argv[2]:10} {len(decided) / (max(decided) - min(sent)) * 1e6:8.2f} {cost}")
P
}
printf '%-10s %8s %s\n' round starts/s sampling
for round in $(seq "$rounds"); do
    # In turned order each second round: a controller gets slower with what it has seen.
    ways=(with without)
    [ $((round % 2)) = 1 ] || ways=(without with)
    for way in "${ways[@]}"; do
        if [ "$way" = with ]; then replay "$way$round" '"sampleEvery":"00:00:01",'; else replay "$way$round" ''; fi
    done
done
HEAD
