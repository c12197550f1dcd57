#!/usr/bin/env bash
# Kills the program (kill -9) at random moments of real Slurm runs, half of the times with 'regatta reap' behind it, goes on with 'regatta resume',
# and counts the trials that were lost, changed or failed, and what the last 'reap' left on the host. Needs root, containers and the slurm image.
# usage: benchmarks/kills.sh [KILLS] [LONGEST] [SEED]        (50 kills, each up to 60 seconds after the program's start)
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
kills=${1:-50} longest=${2:-60} RANDOM=${3:-1} regatta=${PROGRAM:-$here/artifacts/regatta/regatta}
state=${REGATTA_STATE:-/var/lib/regatta} work=$(mktemp -d)
program='' run=''
leave() { [ -z "$program" ] || kill "$program" 2>/dev/null || true; wait; rm -rf "$work"; }
trap leave EXIT
cd "$work"
touch known claims

# Trials that ended stay as they are: the hash of each record is remembered at a kill, and compared when the run has ended.
remember() { [ -z "$run" ] || find "$run/trials" -name trial.json -exec sha256sum {} + 2>/dev/null | sort -u - known -o known || true; }
identities() { sed -n 's/.*"id": *"\([0-9a-f]*\)".*/\1/p' "$state"/clusters/*/claim.json 2>/dev/null | sort -u - claims -o claims || true; }

runs=0 done_kills=0 changed=0 failed=0 reaps=0 ends=()
while [ "$done_kills" -lt "$kills" ]; do
    if [ -z "$run" ]; then
        rm -rf runs && runs=$((runs + 1)) && : >known
        "$regatta" run quickstart --yes --json machines=lxc workload=bag workload.jobs=12 workload.run_time=1s measure.repetitions=2 >out 2>err &
    else
        "$regatta" resume "$run" --json >out 2>err &
    fi
    program=$!
    moment=$((RANDOM % (longest * 10)))
    for ((i = 0; i < moment; i++)); do kill -0 "$program" 2>/dev/null || break; sleep 0.1; done
    run=$(find runs -mindepth 1 -maxdepth 1 -name '2*' -print -quit 2>/dev/null || true)
    identities
    if kill -9 "$program" 2>/dev/null; then
        wait "$program" 2>/dev/null || true
        done_kills=$((done_kills + 1))
        remember
        echo "kill $done_kills after $((moment / 10)).$((moment % 10)) s: run $runs, $(wc -l <known) trials ended"
        if [ $((RANDOM % 2)) = 0 ]; then
            reaps=$((reaps + 1))
            "$regatta" reap >reaped 2>&1 || { echo "reap ended with $?:" && cat reaped && failed=$((failed + 1)); }
        fi
    else
        code=0 && wait "$program" || code=$?
        ends+=("$code")
        [ "$code" = 0 ] || { echo "run $runs ended with $code:" && tail -n 15 err; }
        while read -r hash record; do
            [ "$hash" = "$(sha256sum <"$record" | cut -d' ' -f1)" ] || { echo "changed: $record" && changed=$((changed + 1)); }
        done <known
        grep -hi '"kind":"trialfailed"' "$run/journal.jsonl" && failed=$((failed + 1))
        echo "run $runs ended: $(find "$run/trials" -name trial.json | wc -l) of 4 trials, $(grep -rlE '"verdict": *"valid"' "$run/trials" --include=audit.json -i | wc -l) valid"
        [ "$(find "$run/trials" -name trial.json | wc -l)" = 4 ] || failed=$((failed + 1))
        run=''
    fi
    program=''
done
"$regatta" reap

left=0
count() { # WHAT WORDS: lines of standard input that hold one of the words
    local lines
    lines=$(grep -F -f words || true)
    [ -z "$lines" ] || { echo "left, $1: $lines" && left=$((left + $(wc -l <<<"$lines"))); }
}
{ sed 's/^/rg/' claims && sed 's/.*/-&-/' claims && echo "$state/nodes/" && echo "$work/runs/"; } >words
count mount <<<"$(cut -d' ' -f2 /proc/mounts)"
count interface <<<"$(ls /sys/class/net)"
count 'control group' <<<"$(find /sys/fs/cgroup -type d)"
count rule <<<"$(iptables -w -S; ip6tables -w -S)"
count process <<<"$(for p in /proc/[0-9]*; do [ "${p#/proc/}" = $$ ] || tr '\0' ' ' <"$p/cmdline" 2>/dev/null || true; echo; done)"
count directory <<<"$(find "$state/clusters" "$state/nodes" -mindepth 1 -maxdepth 1 | sed "s|.*|& $work/runs/|" | grep -F -f claims || true)"
echo "$done_kills kills in $runs runs, $reaps followed by reap: $changed trials lost or changed, $failed failed, $left things left"
[ $((changed + failed + left)) = 0 ]
