#!/usr/bin/env bash
# What Slurm answers when it is asked when a job would start: sbatch --test-only, and squeue --start.
# Slurm 22.05.8 (Debian 12), 24.11.5 (Debian 13) and 26.05.5 (Debian sid), two nodes that a job of 10 minutes has taken.
#   1. Each --test-only uses a job number up, as long as it is not refused at once: after six of them the next job is number 9 and not 3. Who samples predictions makes gaps in the numbers of the trace.
#   2. A job that waits for another that begins in two hours is told to start in twelve minutes, and so is one that is held: neither is looked at. squeue --start says N/A of both.
#   3. 22.05 tells a start behind the job's own deadline; 24.11 and 26.05 refuse the job, in words about its time limit.
#   4. 26.05 writes a lone "a" behind the time: "to start at 2026-01-01T00:00:00 a using 1 processors".
#   5. The prediction for a job that waits for nodes alone goes from 10 to 12 minutes when a small job that begins in two hours is in the queue.
#   6. Words of success go to standard error as well, with exit code 0.
# So a predicted start is compared with the real one only for jobs that wait for nothing but nodes, and its line is read by the time in it, not by what stands behind.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
# shellcheck disable=SC2317 # until_true calls it
running() { [ -n "$(in_slurm squeue -h -t R -n A)" ]; }
# shellcheck disable=SC2317
reasons() { [ "$(in_slurm squeue -h -t PD -o %r | sort | tr '\n' ' ')" = "BeginTime Dependency JobHeldUser " ]; }
would() { # WORD...: in how many minutes from the start of job A, and the words around the time
    local words start
    words=$(in_slurm sbatch --test-only -N1 -n1 -t 5 "$@" --wrap true 2>&1 >output.log) || { echo "${words#allocation failure: }"; return; }
    [ ! -s output.log ] || echo "(on standard output: $(cat output.log))"
    start=$(grep -oE '[0-9]{4}(-[0-9]{2}){2}T[0-9:]{8}' <<<"$words")
    echo "$((($(date -u -d "${start}Z" +%s) - $(date -u -d "$(in_slurm squeue -h -n A -o %S)Z" +%s)) / 60))$(sed -nE 's/.*T[0-9:]{8}( .*) using.*/\1/p' <<<"$words")"
}

look() { # SUITE VERSION, and what differs by version: behind the time, for a deadline, the next number
    slurm "$1" "$2"
    submit -J A -N2 -n4 -t 10 --wrap 'sleep 600' >jobs.log
    until_true running
    holds "$2, minutes to the start of a job that waits for nodes" "10$3" "$(would)"
    submit -J B -N1 -n1 -t 5 -b now+2hours --wrap true >>jobs.log
    holds "$2, with a job in the queue that begins in 120" "12$3" "$(would)"
    holds "$2, of one that waits for a job which begins in 120" "12$3" "$(would -d afterok:3)"
    holds "$2, of one that is held" "12$3" "$(would -H)"
    holds "$2, of one that begins in 121" "121$3" "$(would -b now+121minutes)"
    holds "$2, of one whose deadline is in 2" "$4" "$(would --deadline=now+2minutes)"
    holds "$2, number of the next job, the last was 3" "Submitted batch job $5" "$(submit -J C -N1 -n1 -t 5 -d afterok:3 --wrap true)"
    submit -J D -N1 -n1 -t 5 -H --wrap true >>jobs.log
    until_true reasons
    holds "$2, squeue --start of those that wait for a job and are held" "N/A N/A" "$(in_slurm squeue -h --start -n C,D -o %S | tr '\n' ' ' | sed 's/ $//')"
    kill -KILL "$keeper"
    wait "$keeper" 2>killed.log || true
}

limit="Requested time limit is invalid (missing or exceeds some limit)"
look bookworm 22.05.8-4+deb12u3 "" 12 9
look trixie 24.11.5-4+deb13u1 "" "$limit" 8
look sid 26.05.5-1 " a" "$limit" 8
finish
