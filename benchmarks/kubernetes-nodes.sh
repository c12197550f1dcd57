#!/usr/bin/env bash
# From the command to a pod on every node: one head and two workers as containers of the kubernetes image, which must be there
# (regatta image build kubernetes). Rounds of: up, configure, configure again. Then emulated nodes on the last of these clusters.
# usage: benchmarks/kubernetes-nodes.sh [ROUNDS] [SCHEDULER] [PROFILE] [NODES]        (3, kubernetes, backfill, 1000)
# KEEP=1 leaves the last cluster, bench-kubernetes, with its emulated nodes: benchmarks/kubernetes.sh runs on its head.
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
rounds=${1:-3} scheduler=${2:-kubernetes} profile=${3:-backfill} nodes=${4:-1000} regatta=${PROGRAM:-$here/artifacts/regatta/regatta} name=bench-kubernetes
down() { "$regatta" cluster down $name > /dev/null 2>&1 || true; }
trap '[ "${KEEP:-0}" = 1 ] || down' EXIT
seconds() { awk -v from="$1" -v to="$2" 'BEGIN { printf "%.1f s", to - from }'; }
now() { date +%s.%N; }
for round in $(seq "$rounds"); do
  began=$(now)
  "$regatta" cluster up $name --image kubernetes --workers 2 --processors 4 --memory 6144 > /dev/null
  up=$(now)
  "$regatta" cluster configure $name --scheduler "$scheduler" --profile "$profile" > /dev/null
  ready=$(now)
  "$regatta" cluster configure $name > /dev/null
  again=$(now)
  echo "round $round: up $(seconds "$began" "$up"), configured $(seconds "$up" "$ready"), from the command to a pod on every node $(seconds "$began" "$ready"), configured again $(seconds "$ready" "$again")"
  [ "$round" = "$rounds" ] || down
done
began=$(now)
"$regatta" cluster configure $name --emulated "$nodes" > /dev/null
ready=$(now)
echo "$nodes emulated nodes ready $(seconds "$began" "$ready") after the command on a running cluster; $("$regatta" cluster exec -c $name --on head -- journalctl --no-pager -o cat -u regatta-emulated-nodes 2>/dev/null | grep 'emulated nodes are there' | tail -1)"
