#!/usr/bin/env bash
# Many simulated trials on this machine, files and report included: TRIALS trials of JOBS jobs, with each number of lanes in LANES.
#   benchmarks/local-trials.sh                                                  10,000 trials of 1,000 jobs, with 1 lane and with 2
#   TRIALS=1000 LANES=2 benchmarks/local-trials.sh                              a quick look
#   PROGRAM=/other/checkout/regatta LANES=none benchmarks/local-trials.sh       a program that does not know launcher.parallel
# The five policies of the reference scheduler replay the same jobs in each of TRIALS/5 blocks; each block has jobs of its own (Lublin and Feitelson, 256 processors).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=${PROGRAM:-$here/../regatta}
trials=${TRIALS:-10000}
work=$(mktemp -d "${TMPDIR:-/tmp}/regatta-local-trials.XXXXXX")
trap 'rm -rf "${work:?}"' EXIT
"$program" --version >/dev/null
for lanes in ${LANES:-1 2}; do
    options=()
    [ "$lanes" = none ] || options=("launcher.parallel=$lanes")
    # Seconds by the clock, and processor seconds of the program.
    TIMEFORMAT="$trials trials of ${JOBS:-1000} jobs, lanes $lanes: %R s, processors %U s user, %S s system"
    time "$program" run reference name=many workload=lublin workload.jobs="${JOBS:-1000}" cluster.workers=16 cluster.worker.processors=16 \
        scheduler.policy=fcfs,easy,conservative,sjf,sjf-easy measure.vary=true measure.repetitions=$((trials / 5)) \
        --runs "$work/runs-$lanes" ${options[@]+"${options[@]}"} >"$work/log-$lanes" 2>&1 || { tail -20 "$work/log-$lanes"; exit 1; }
    echo "  files: $(find "$work/runs-$lanes" -name trial.json | wc -l) trials, $(du -sh "$work/runs-$lanes" | cut -f1); report: $(stat -c %s "$work"/runs-"$lanes"/*/report/index.html) bytes"
    # When the trials had ended and the report began, by the program's own clock.
    grep -m1 -E 'report +.*computes' "$work/log-$lanes" || true
    rm -rf "${work:?}/runs-$lanes"
done
