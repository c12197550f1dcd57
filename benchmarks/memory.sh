#!/usr/bin/env bash
# Peak memory of the program itself (VmHWM) over a command; what it starts is not counted.
# usage: benchmarks/memory.sh [ARGUMENTS...]        (default: run quickstart --yes)
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
[ $# -gt 0 ] || set -- run quickstart --yes
"$here/regatta" --version >/dev/null
"$here/artifacts/regatta/regatta" "$@" &
pid=$! peak=0
while [ -r "/proc/$pid/status" ]; do
    now=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null || true)
    [ "${now:-0}" -gt "$peak" ] && peak=$now
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
done
code=0
wait "$pid" || code=$?
printf 'peak memory of the program: %.1f MB, exit code %d\n' "$(echo "$peak" | awk '{ print $1 * 1024 / 1e6 }')" "$code"
