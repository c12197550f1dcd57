# shellcheck shell=bash
# A cluster of its own for a benchmark, taken down when it ends. Sourced, not run.
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
# Builds the program where it is stale.
"$here/regatta" --version >/dev/null
program=$here/artifacts/regatta/regatta
name=bench$$
log=$(mktemp)
trap '"$program" cluster down "$name" >/dev/null 2>&1 || true; rm -f "$log"' EXIT

# lab WORKERS IMAGE: brings it up as containers and configures it under the profile throughput; says what went wrong.
lab() {
    "$program" cluster up "$name" --machines lxc --workers "$1" --image "$2" >"$log" 2>&1 || { cat "$log"; exit 1; }
    config=$(sed -n 's/^ssh -F \(.*\) head$/\1/p' "$log")
    "$program" cluster configure "$name" --profile throughput >"$log" 2>&1 || { cat "$log"; exit 1; }
}

# on_head COMMAND...: runs there.
on_head() { ssh -F "$config" -o BatchMode=yes head "$@"; }
