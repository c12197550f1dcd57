#!/usr/bin/env bash
# The launcher flux in a real instance of two brokers on this machine: that a submitting program and tasks which are killed again and again lose nothing and run nothing twice, and how soon the prompt
# is back with POINTS points. Needs a Flux: REGATTA_FLUX_PREFIX=DIR of one.
#   REGATTA_FLUX_PREFIX=/opt/flux benchmarks/flux-launcher.sh          PROGRAM=DIR: a published program instead of the checkout's
#   TRIALS=200 KILLS=20 POINTS=10000 benchmarks/flux-launcher.sh
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
program=${PROGRAM:-$here/artifacts/regatta}/regatta
[ -n "${PROGRAM:-}" ] || "$here/regatta" --version >/dev/null
export REGATTA_HOME=$here PATH=${REGATTA_FLUX_PREFIX:?a directory with bin/flux}/bin:$PATH
trials=${TRIALS:-60} points=${POINTS:-10000}
work=$(mktemp -d)
cd "$work"
# The instance ends with its first program, and all of its jobs with it.
mkfifo open
# shellcheck disable=SC2016 # the inner shell's
flux start -s 2 sh -c 'echo "$FLUX_URI" >uri && exec cat open' >instance.log 2>&1 &
instance=$!
exec 7>open
leave() { exec 7>&-; wait "$instance" || true; rm -rf "$work"; }
trap leave EXIT
until [ -s uri ]; do kill -0 "$instance" || { cat instance.log; exit 1; }; sleep 0.1; done
FLUX_URI=$(cat uri)
export FLUX_URI
mkdir path
# Commands that are counted on the way.
# shellcheck disable=SC2016 # the script's own
printf '#!/bin/sh\necho "$1" >>%s/asked\nexec %s/bin/flux "$@"\n' "$work" "$REGATTA_FLUX_PREFIX" >path/flux
chmod 755 path/flux
asked() { if [ -e asked ]; then grep -c "^$1$" asked || true; else echo 0; fi; }
regatta() { PATH=$work/path:$PATH "$program" "$@"; }
seen() { echo "$1"; }
until_true() { until "$@"; do sleep 0.2; done; }
# shellcheck source=benchmarks/launcher-kills.sh
. "$here/benchmarks/launcher-kills.sh"

flux version | sed -n 2p
began=$SECONDS
undisturbed "$work/local" "$trials"
disturbed "$work/flux" "$trials" "${KILLS:-10}" launcher=flux launcher.flux.time=10m launcher.trials=3
compared
echo "submissions: $(asked submit), questions to the queue: $(asked jobs) in $((SECONDS - began)) s"

echo "== $points points: the prompt, and what is submitted"
rm -f asked
TIMEFORMAT='prompt after %R s'
time regatta run "${many[@]}" measure.repetitions=$((points / 2)) launcher=flux --runs "$work/large" --detach >detach.log 2>&1 || { cat detach.log; exit 1; }
large=$(echo "$work"/large/2*)
submitted() { grep -q 'looks at the nodes first' "$large/detached.log"; }
until_true submitted
echo "submissions: $(asked submit), questions to the queue: $(asked jobs); jobs in the instance: $(flux jobs -a --count=0 --no-header | wc -l)"
followers "$large" | kill_all
flux cancel --all >/dev/null 2>&1 || true
