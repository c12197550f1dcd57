# shellcheck shell=bash
# What the benchmarks of launchers share: a run whose submitting program, tasks and trials are killed at random moments, and what became of it. Sourced, not run.
# Whoever sources it defines regatta ARGUMENT..., which runs the program where the launcher is, and seen PATH, which is where a path of that place lies on this host.

# The experiment: TRIALS trials of JOBS jobs.
many=(reference name=many workload=lublin "workload.jobs=${JOBS:-200}" cluster.workers=16 cluster.worker.processors=16 'scheduler.policy=fcfs,easy' measure.vary=true)

# Processes of a run that began with these words, by the run's own path: whoever goes on with it, its tasks, their trials.
followers() { pgrep -f "regatta resume [^ ]*$(basename "$1")" || true; }
workers() { { pgrep -f "task.sh [^ ]*$(basename "$1")/launch" || true; pgrep -f "regatta trial [^ ]*$(basename "$1")/launch" || true; }; }
kill_all() { while read -r pid; do kill -KILL "$pid" 2>/dev/null || true; done; }

# undisturbed DIRECTORY TRIALS: the run on this machine that the other is compared with.
undisturbed() {
    echo "== an undisturbed run on this machine, $2 trials"
    regatta run "${many[@]}" measure.repetitions=$(($2 / 2)) --runs "$1" >local.log 2>&1 || { tail -20 local.log; exit 1; }
    # shellcheck disable=SC2034 # compared reads it by its name
    alone=$1/$(cd "$(seen "$1")" && echo 2*)
}

# disturbed DIRECTORY TRIALS KILLS OPTION...: the run by a launcher, its submitting program killed so often, and about as many of its tasks.
disturbed() {
    local directory=$1 trials=$2 kills=$3 began=$SECONDS resumed
    shift 3
    echo "== the same by a launcher, its submitting program killed $kills times"
    regatta run "${many[@]}" measure.repetitions=$((trials / 2)) "$@" --runs "$directory" --detach >detach.log 2>&1 || { cat detach.log; exit 1; }
    run=$directory/$(cd "$(seen "$directory")" && echo 2*)
    until_true [ -e "$(seen "$run")/launch/task.sh" ]
    : >killed
    for _ in $(seq "$kills"); do
        sleep "0.$((RANDOM % 90 + 10))"
        followers "$run" | kill_all
        regatta resume "$run" >resume.log 2>&1 &
        resumed=$!
        sleep "$((RANDOM % ${LONGEST:-8})).$((RANDOM % 10))"
        followers "$run" | kill_all
        wait "$resumed" || true
        # A task or its program as well: what it had not finished is run again.
        workers "$run" | shuf -n 1 | tee -a killed | kill_all
    done
    # What failed because its task was killed is run again by the next one.
    for _ in 1 2 3 4 5; do
        if regatta resume "$run" >resume.log 2>&1; then break; fi
    done
    there=$(find "$(seen "$run")/trials" -name trial.json | wc -l)
    [ "$there" = "$trials" ] || { tail -30 resume.log; regatta status "$run"; exit 1; }
    echo "$there of $trials trials in $((SECONDS - began)) s; $(wc -l <killed) tasks or their programs killed; begun again: $(cut -d' ' -f4 "$(seen "$run")/launch/begun" | sort | uniq -d | wc -l)"
    echo "finished in the journal: $(grep -c '"TrialFinished"' "$(seen "$run")/journal.jsonl"), twice: $(grep -o '"TrialFinished","subject":"[^"]*"' "$(seen "$run")/journal.jsonl" | sort | uniq -d | wc -l)"
}

# compared: whether both runs say the same of each trial and of their points.
compared() {
    local which
    for which in alone run; do
        regatta query 'select point, repetition, metric, value from metrics order by all' --run "${!which}" --format csv >"$which.metrics"
        regatta compare "${!which}" >"$which.verdict" 2>"$which.err" || { cat "$which.err"; exit 1; }
        # What differs is what the runs are called.
        sed -i "s/$(basename "${!which}")/RUN/g" "$which.verdict"
    done
    if cmp alone.metrics run.metrics && diff alone.verdict run.verdict; then echo "the report is that of the undisturbed run: $(wc -l <run.metrics) values, $(wc -l <run.verdict) lines of comparison"; else exit 1; fi
}
