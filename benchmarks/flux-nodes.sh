#!/usr/bin/env bash
# From the command to a job on every node: one head and two workers as containers of the flux image, which must be there
# (regatta image build flux). Rounds of: up, configure, configure again, and (SUBMIT=1) what multi-user costs for each of 300 jobs.
# usage: benchmarks/flux-nodes.sh [ROUNDS] [PROFILE]        (3, fifo)
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
rounds=${1:-3} profile=${2:-fifo} regatta=${PROGRAM:-$here/artifacts/regatta/regatta} name=bench-flux
trap '"$regatta" cluster down $name > /dev/null 2>&1 || true' EXIT
seconds() { awk -v from="$1" -v to="$2" 'BEGIN { printf "%.1f s", to - from }'; }
now() { date +%s.%N; }
for round in $(seq "$rounds"); do
  began=$(now)
  "$regatta" cluster up $name --image flux --workers 2 > /dev/null
  up=$(now)
  "$regatta" cluster configure $name --scheduler flux --profile "$profile" > /dev/null
  ready=$(now)
  "$regatta" cluster configure $name > /dev/null
  again=$(now)
  echo "round $round: up $(seconds "$began" "$up"), configured $(seconds "$up" "$ready"), from the command to a job on every node $(seconds "$began" "$ready"), configured again $(seconds "$ready" "$again")"
  [ "$round" = "$rounds" ] || "$regatta" cluster down $name > /dev/null
done
[ "${SUBMIT:-0}" = 1 ] || exit 0
state=${REGATTA_STATE:-/var/lib/regatta}
rate() { # USER: 300 jobs of one processor, from the first submission to the last end
  ssh -F "$state/clusters/$name/ssh_config" head "cd /; export FLUX_URI=local:///run/flux/local; setpriv --reuid $1 --regid $1 --init-groups env -u SHELL flux submit --cc=1-300 --quiet --wait --env=-* --output=/dev/null true; \
    setpriv --reuid $1 --regid $1 --init-groups flux jobs -a -n --count=300 -o '{t_submit} {t_inactive}'" |
    awk '{ if (!a || $1 < a) a = $1; if ($2 > b) b = $2; n++ } END { printf "%d jobs, %.1f jobs/s\n", n, n / (b - a) }'
}
echo "owner:      $(rate flux)"
"$regatta" cluster configure $name --multi-user true > /dev/null
echo "multi-user: $(rate regatta)"
