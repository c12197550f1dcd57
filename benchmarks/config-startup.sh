#!/usr/bin/env bash
# Time of the whole process until a composed configuration is printed: median of 20 runs.
# usage: benchmarks/config-startup.sh [PROGRAM] [ARGUMENTS...]     (default: the built program, 'config show quickstart')
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
program=${1:-$here/artifacts/regatta/regatta}
shift || true
[ $# -gt 0 ] || set -- config show quickstart
"$program" "$@" >/dev/null
for _ in $(seq 20); do
    start=$(date +%s%N)
    "$program" "$@" >/dev/null
    echo $((($(date +%s%N) - start) / 1000))
done | sort -n | awk '{ t[NR] = $1 } END { printf "median %.1f ms, least %.1f ms, most %.1f ms\n", t[int((NR + 1) / 2)] / 1000, t[1] / 1000, t[NR] / 1000 }'
