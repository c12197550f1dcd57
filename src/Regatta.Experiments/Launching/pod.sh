#!/bin/sh
# Runs trials of a run in a pod: pod.sh LAUNCH PROGRAM RUN-ID JOB RETRIES HOST POD [INDEX]
# LAUNCH/JOB.list has the trials of a task on each line. With INDEX, the pod runs the task of that index. Without it the pods share the list: each takes what no other runs, and then waits for
# those that are under way, so that it goes on with one whose pod is gone. A trial that was begun more than RETRIES times before by pods of the job is left alone, and it has no exit.json.
launch=$1 program=$2 run=$3 job=$4 retries=$5 host=$6 pod=$7 index=${8:-}
list=$launch/$job.list

# Those trials that are still to be run. One that has been taken into the run has no folder any more.
missing() {
    for id; do
        folder=$launch/tasks/$id
        if [ ! -e "$folder/plan.json" ] || [ -e "$folder/exit.json" ]; then continue; fi
        tries=$(grep -c " $job/" "$folder/begun" 2>/dev/null)
        [ "${tries:-0}" -gt "$retries" ] || echo "$id"
    done
}

task() {
    ids=$(missing "$@")
    [ -n "$ids" ] || return 0
    # shellcheck disable=SC2086 # Ids of trials have no spaces.
    sh "$launch/task.sh" "$launch" "$program" "$run" "$host" "$job/$pod" $ids
    # A trial that failed has told so in its exit file; a directory that cannot be written is the pod's failure.
    [ $? != 74 ] || exit 74
}

if [ -n "$index" ]; then
    # shellcheck disable=SC2046 # Ids of trials have no spaces.
    task $(sed -n "$((index + 1))p" "$list")
    exit 0
fi
for wait in -n ' '; do
    export REGATTA_WAIT="$wait"
    while read -r ids; do
        # shellcheck disable=SC2086 # Ids of trials have no spaces.
        task $ids
    done <"$list"
done
