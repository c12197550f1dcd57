#!/usr/bin/env bash
# How often 'regatta check' finds a build of Slurm that is slower, and how often it cries wolf: rounds of the experiment slurm-gate with three
# points in each block, the build before, the same build under another name, and the build after. Each round is checked twice against the first.
#   regatta image lock slurm+before --payload slurm=BEFORE      the build before: a prefix, or FILE.dsc
#   regatta image lock slurm+again --payload slurm=BEFORE       the same once more (…/payloads/slurm+before-slurm.tar is it as well, compiled already)
#   regatta image lock slurm+after --payload slurm=AFTER        the build that is slower: a prefix, or FILE.dsc+PATCHES
# usage: benchmarks/upgrade-gate.sh [ROUNDS] [BLOCKS] [OVERRIDE…]        (20, 8)
# METRIC is what is judged (main-pass-per-job); RUNS is where the runs go (runs/gate). Exit code 1: found in less than 19 of 20 rounds, or wolf in more than 1.
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
rounds=${1:-20} blocks=${2:-8} regatta=${PROGRAM:-$here/artifacts/regatta/regatta} metric=${METRIC:-main-pass-per-job} runs=${RUNS:-runs/gate}
shift $(($# < 2 ? $# : 2))
found=0 wolf=0
for round in $(seq "$rounds"); do
  "$regatta" run slurm-gate --yes scheduler.image=slurm+before,slurm+again,slurm+after "measure.repetitions=$blocks" "measure.judge=[$metric]" "seed=$round" --runs "$runs" "$@" > /dev/null || true
  failed=$("$regatta" check latest --against slurm+before --judge "$metric" --runs "$runs" --json 2> /dev/null |
    python3 -c 'import json, sys
for line in sys.stdin:
    for item in json.loads(line).get("items", []):
        print(item["point"], item["result"], item["text"], sep="\t")') || true
  echo "round $round"
  while IFS=$'\t' read -r point result text; do echo "  $point: $result ($text)"; done <<< "$failed"
  if grep -qP '^slurm\+after\tRegressed' <<< "$failed"; then found=$((found + 1)); fi
  if grep -qP '^slurm\+again\tRegressed' <<< "$failed"; then wolf=$((wolf + 1)); fi
done
echo "found in $found of $rounds rounds, cried wolf in $wolf of $rounds ($metric, $blocks blocks)"
[ $((found * 20)) -ge $((rounds * 19)) ] && [ $((wolf * 20)) -le "$rounds" ]
