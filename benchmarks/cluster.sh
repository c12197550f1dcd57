#!/usr/bin/env bash
# How long a cluster takes: 'cluster up' and 'cluster configure' of one head and two workers as containers, from the command to a job
# that ran on both workers; a second 'configure'; what the program itself needs. The image and the agent are at hand.
# usage: benchmarks/cluster.sh [ROUNDS]        as root; REGATTA_STATE says which state directory
set -euo pipefail
rounds=${1:-3}
# shellcheck source=benchmarks/lab.sh
. "$(dirname "$(readlink -f "$0")")/lab.sh"

milliseconds() { echo $(($(date +%s%N) / 1000000)); }
measure() {
    local what=$1 begin
    shift
    begin=$(milliseconds)
    "$@" >"$log" 2>&1 || { cat "$log"; exit 1; }
    took=$(($(milliseconds) - begin))
    printf '%-32s %7d ms\n' "$what" "$took"
}

echo "processors: $(nproc), load: $(cut -d' ' -f1-3 /proc/loadavg)"
"$program" image build slurm@trixie >/dev/null
for _ in 1 2 3 4 5; do measure "--version" "$program" --version; done
# The agent is built, and the root file system unpacked, by a cluster that does not count.
measure "a first cluster, not counted" "$program" cluster up "$name" --machines lxc --workers 1
"$program" cluster configure "$name" >/dev/null
"$program" cluster down "$name" >/dev/null
for round in $(seq "$rounds"); do
    measure "up, round $round" "$program" cluster up "$name" --machines lxc --workers 2
    up=$took
    measure "configure to a job on each" "$program" cluster configure "$name"
    printf '%-32s %7d ms\n' "  from the command to the job" $((up + took))
    measure "configure again" "$program" cluster configure "$name"
    measure "down" "$program" cluster down "$name"
done
