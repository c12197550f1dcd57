#!/usr/bin/env bash
# Many simulated trials on this machine, files and report included: TRIALS trials of JOBS jobs, with each number of lanes in LANES.
#   benchmarks/local-trials.sh                                                  10,000 trials of 1,000 jobs, with 1 lane and with 2
#   TRIALS=1000 LANES=2 benchmarks/local-trials.sh                              a quick look
#   JOBS=1 LANES=1 benchmarks/local-trials.sh                                   what a trial costs beside its jobs
#   PROGRAM=/other/checkout/regatta LANES=none benchmarks/local-trials.sh       a program that does not know launcher.parallel
# The five policies of the reference scheduler replay the same jobs in each of TRIALS/5 blocks; each block has jobs of its own (Lublin and Feitelson, 256 processors).
# Seconds are those of the clock, and processor seconds of the program and of the kernel for it; those of the trials are taken when the report begins.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=${PROGRAM:-$here/../regatta}
trials=${TRIALS:-10000}
work=$(mktemp -d "${TMPDIR:-/tmp}/regatta-local-trials.XXXXXX")
trap 'rm -rf "${work:?}"' EXIT
"$program" --version >/dev/null
ticks=$(getconf CLK_TCK)
spent() { awk -v ticks="$ticks" -v began="$began" '{ sub(/.*\) /, ""); printf "%.1f s, processors %.1f s", systime() - began, ($12 + $13) / ticks }' "/proc/$1/stat"; }
for lanes in ${LANES:-1 2}; do
    options=()
    [ "$lanes" = none ] || options=("launcher.parallel=$lanes")
    began=$(date +%s)
    : >"$work/log-$lanes"
    TIMEFORMAT="$trials trials of ${JOBS:-1000} jobs, lanes $lanes: %R s, processors %U s user, %S s system"
    time {
        "$program" run reference name=many workload=lublin workload.jobs="${JOBS:-1000}" cluster.workers=16 cluster.worker.processors=16 \
            scheduler.policy=fcfs,easy,conservative,sjf,sjf-easy measure.vary=true measure.repetitions=$((trials / 5)) \
            --runs "$work/runs-$lanes" ${options[@]+"${options[@]}"} >"$work/log-$lanes" 2>&1 &
        running=$!
        until grep -q 'computes metrics' "$work/log-$lanes" || ! kill -0 "$running" 2>/dev/null; do sleep 0.05; done
        simulated=$(spent "$running" || echo ended)
        wait "$running" || { tail -20 "$work/log-$lanes"; exit 1; }
    }
    echo "  trials: $simulated; $(find "$work/runs-$lanes" -name trial.json | wc -l) of them, $(du -sh "$work/runs-$lanes" | cut -f1); report: $(stat -c %s "$work"/runs-"$lanes"/*/report/index.html) bytes"
    rm -rf "${work:?}/runs-$lanes"
done
