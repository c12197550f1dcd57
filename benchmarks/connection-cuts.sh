#!/usr/bin/env bash
# Cuts the connections of a run to its nodes while a replay goes on: kills every ssh of the run, and each third time the head cannot be
# reached for a while as well. Then counts what was lost, doubled, or taken for a fault. Needs root, containers and the slurm image.
# usage: benchmarks/connection-cuts.sh [CUTS] [LONGEST] [JOBS]        (20 cuts, up to 30 seconds, 240 jobs of 1 s)
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
cuts=${1:-20} longest=${2:-30} jobs=${3:-240} regatta=${PROGRAM:-$here/artifacts/regatta/regatta}
state=${REGATTA_STATE:-/var/lib/regatta} work=$(mktemp -d)
# Jobs arrive, one after another, for as long as the cuts take on average; a burst would be a fault of the client's pace instead.
rate=$(awk -v c="$cuts" -v l="$longest" -v j="$jobs" 'BEGIN { printf "%.3f", j / (c * (2 * 2 + l / 2) / 3) }')
bridge='' run=''
unblock() { [ -z "$bridge" ] || while iptables -w -D OUTPUT -o "$bridge" -p tcp --dport 22 -j DROP 2> /dev/null; do :; done; }
leave() {
  local code=$?
  unblock
  [ -z "$run" ] || kill "$run" 2> /dev/null || true
  wait
  if [ "$code" = 0 ]; then rm -rf "$work"; else echo "the run is kept in $work" >&2; fi
}
trap leave EXIT
cd "$work"
"$regatta" run quickstart --yes --json machines=lxc workload=bag workload.jobs="$jobs" workload.run_time=1s workload.arrivals=uniform:"$rate" measure.repetitions=1 measure.order=blocks > out 2> err &
run=$!
until grep -q '"fifo/1".* 1 ended' out err 2> /dev/null; do kill -0 $run || { cat err; exit 1; }; sleep 0.2; done
cluster=$(find "$state/clusters" -mindepth 1 -maxdepth 1 -name 'r*' -printf '%T@ %f\n' | sort -n | tail -1 | cut -d' ' -f2)
bridge=rg$(sed -n 's/.*"id": *"\([0-9a-f]*\)".*/\1/p' "$state/clusters/$cluster/claim.json" | head -1)
cut() { # every ssh of this run: the shared ones call themselves by their sockets
  for process in $(pgrep -x ssh); do
    if tr '\0' ' ' < "/proc/$process/cmdline" 2> /dev/null | grep -qE "$cluster/ssh_config|/ssh/${bridge#rg}/"; then kill -9 "$process" 2> /dev/null && killed=$((killed + 1)); fi
  done
}
done_cuts=0 killed=0
for i in $(seq "$cuts"); do
  grep -q '"fifo/1".*jobs completed' out err && break
  if [ $((i % 3)) = 0 ]; then
    iptables -w -I OUTPUT -o "$bridge" -p tcp --dport 22 -j DROP
    cut
    sleep $((1 + RANDOM % longest))
    unblock
  else
    cut
    sleep 2
  fi
  done_cuts=$i
done
wait $run || true
run=''
python3 - "$work"/runs/2* "$jobs" "$done_cuts" "$killed" << 'EOF'
import collections, json, pathlib, sys

trial = pathlib.Path(sys.argv[1]) / "trials/fifo/1"
jobs, cuts, killed = map(int, sys.argv[2:])
events = [json.loads(line) for line in (trial / "events.jsonl").open()]
seen = collections.Counter((e["job"], e["kind"]) for e in events)
record, audit = (json.loads((trial / name).read_text()) for name in ("trial.json", "audit.json"))
kinds = ["Sent", "Accepted", "Eligible", "Decided", "Started", "Finished", "Ended", "Released"]
lost = sum((job, kind) not in seen for job in range(1, jobs + 1) for kind in kinds)
print(f"{cuts} cuts, {killed} connections killed, {len(record.get('mended', []))} mended as the program saw it")
print(f"{len(events)} events of {jobs} jobs: {lost} lost, {sum(n - 1 for n in seen.values())} doubled; {len(record.get('faults', []))} faults; {audit['verdict']}")
for finding in audit.get("findings", []):
    if finding["weight"] != "Note":
        print(f"  {finding['weight']} {finding['code']}: {finding['text']}")
EOF
