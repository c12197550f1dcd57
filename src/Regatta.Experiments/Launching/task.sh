#!/bin/sh
# Runs trials of a run, one after the other: task.sh LAUNCH PROGRAM RUN-ID HOST JOB POINT/REPETITION…
# LAUNCH/begun has a line for each that is begun. Each has a folder LAUNCH/tasks/POINT/REPETITION with plan.json. What it leaves there: log, trial/ and, last and by a rename, exit.json.
# A trial that has an exit.json is not run again, and one that runs elsewhere is left to whoever runs it.
launch=$1 program=$2 run=$3 host=$4 job=$5
shift 5
failed=0
for id; do
    folder=$launch/tasks/$id
    if command -v flock >/dev/null; then
        exec 9>"$folder/.lock" || exit 74
        # shellcheck disable=SC2086 # Who waits gives no option.
        flock ${REGATTA_WAIT:--n} 9
        # 1: another has it. Other codes are those of a file system without locks, where a queue that gives each task out once must do.
        [ $? != 1 ] || continue
    fi
    [ ! -e "$folder/exit.json" ] || continue
    began=$(date -u +%Y-%m-%dT%H:%M:%SZ)
    code=0
    if [ ! -e "$folder/trial/trial.json" ]; then
        # What a task that was killed left.
        rm -rf "$folder/trial" "$folder"/.trial.*
        echo "$began $host $job $id" | tee -a "$folder/begun" >>"$launch/begun" || exit 74
        "$program" trial "$folder" "$id" --owner "$run" --host "$host" --output "$folder/trial" </dev/null >>"$folder/log" 2>&1 || code=$?
    fi
    printf '{"code":%d,"host":"%s","job":"%s","began":"%s","ended":"%s"}\n' "$code" "$host" "$job" "$began" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$folder/.exit.$$" || exit 74
    mv -f "$folder/.exit.$$" "$folder/exit.json" || exit 74
    : >"$launch/ended/$(printf %s "$id" | tr / :)"
    [ "$code" = 0 ] || failed=1
done
exit $failed
