# shellcheck shell=bash
# What ./test counts with. A program that dies, hangs, says nothing or runs nothing is a failure with its name:
# tests/Regatta.Tests/Checks/TestScriptTests.cs proves it with programs that do.
#
# The caller sets 'results' (an existing directory for the logs) and calls run_tests, run_check and skip_check in any
# order, then 'conclude', whose last line is: N passed, N failed, N skipped
#
# REGATTA_TEST_LIMIT (90s, 20m, 2h) overrides the time limit of every program.

if ! [[ ${REGATTA_TEST_LIMIT-1s} =~ ^[1-9][0-9]*[smhd]?$ ]]; then
    echo "error[test-limit]: REGATTA_TEST_LIMIT is '$REGATTA_TEST_LIMIT', and must be a whole number of s, m, h or d, such as 90s, 20m or 2h" >&2
    exit 2
fi
: "${results:?the directory for the logs}"

passed=0 failed=0 skipped=0
failures=() durations=()
running=

# fail NAME WHAT: one failure that no test has counted.
fail() {
    failed=$((failed + 1))
    failures+=("$1: $2")
    echo "FAILED $1: $2"
}

# limited LIMIT LOG COMMAND…: runs a command in a process group of its own, its output shown and kept in LOG.
# Sets 'code' to its exit code, 'took' to its seconds, and 'ended' to what ended it, if it did not end by itself.
limited() {
    local limit=${REGATTA_TEST_LIMIT:-$1} log=$2 started=$SECONDS follower
    shift 2
    : >"$log"
    # Job control, so that SIGINT reaches the program: other background commands of a script ignore it.
    set -m
    timeout --kill-after="${REGATTA_TEST_KILL_AFTER:-20s}" "$limit" "$@" >"$log" 2>&1 </dev/null &
    running=$!
    set +m
    # A file is followed, for a pipe would be held open by whatever a killed program leaves behind.
    { tail -n +1 -f -s 0.2 --pid="$running" "$log" | grep --line-buffered -v '^$'; } &
    follower=$!
    wait "$running" 2>/dev/null
    code=$? took=$((SECONDS - started)) ended=
    # 124: TERM at the limit was enough; 137: it was not, and 'timeout' dies of its own KILL.
    if [[ $code =~ ^(124|137)$ ]] && [ "$took" -ge "$(seconds "$limit")" ]; then
        ended="ran longer than $limit and was ended (REGATTA_TEST_LIMIT sets another limit)"
    elif [ "$code" -gt 128 ]; then
        ended="died of signal $((code - 128)) ($(kill -l "$((code - 128))"))"
    fi
    # What it started may have outlived it.
    if [ -n "$ended" ]; then kill -KILL -- "-$running" 2>/dev/null; fi
    running=
    wait "$follower"
}

# seconds TIME: 90, 90s, 20m, 2h or 1d in seconds.
seconds() {
    case $1 in
        *m) echo $((${1%m} * 60)) ;;
        *h) echo $((${1%h} * 3600)) ;;
        *d) echo $((${1%d} * 86400)) ;;
        *) echo "${1%s}" ;;
    esac
}

# run_tests NAME LIMIT FILTERED PROGRAM…: a test program of Microsoft's testing platform. FILTERED is 'filtered' when
# the caller chose tests, of which this program may have none.
run_tests() {
    local name=$1 limit=$2 filtered=$3 log=$results/$1.log total p f s
    shift 3
    echo "== $name"
    limited "$limit" "$log" "$@"
    durations+=("$took $name")
    total=$(count total) p=$(count succeeded) f=$(count failed) s=$(count skipped)
    passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0})) skipped=$((skipped + ${s:-0}))
    if [ "${f:-0}" != 0 ]; then failures+=("$name: $f of its tests failed"); fi
    if [ -n "$ended" ]; then
        fail "$name" "$ended"
    elif [ -z "$total" ] || [ -z "$p" ] || [ -z "$f" ] || [ -z "$s" ]; then
        fail "$name" "ended with $code and without a summary of its tests"
    elif [ "$total" != $((p + f + s)) ]; then
        fail "$name" "says $total tests, but counts $p passed, $f failed, $s skipped"
    elif [ "$total" = 0 ] && [ "$filtered" = filtered ]; then
        echo "none of the chosen tests is in $name"
    elif [ "$total" = 0 ]; then
        fail "$name" "ran no test"
    elif [ "$p" = 0 ] && [ "$f" = 0 ]; then
        fail "$name" "skipped all of its $s tests"
    elif [ "$code" != 0 ] && [ "$f" = 0 ]; then
        fail "$name" "ended with $code, though none of its tests failed"
    elif [ "$code" = 0 ] && [ "$f" != 0 ]; then
        fail "$name" "ended with 0, though $f of its tests failed"
    fi
}

# count WORD: what the summary at the end of the log says of it; nothing where it does not.
count() {
    awk -v word="$1:" '/^Test run summary: / { inside = 1; found = "" } inside && $1 == word && $2 ~ /^[0-9]+$/ { found = $2 } END { print found }' "$log"
}

# run_check NAME LIMIT COMMAND…: a check that passes or fails as a whole; its output is shown when it fails.
run_check() {
    local name=$1 log=$results/${1//[^A-Za-z0-9.-]/-}.log
    shift
    limited "$1" "$log" "${@:2}" >/dev/null
    durations+=("$took $name")
    if [ "$code" = 0 ]; then
        passed=$((passed + 1))
        echo "passed $name"
    else
        tail -n 60 "$log"
        fail "$name" "${ended:-ended with $code; its whole output is in $log}"
    fi
}

# skip_check NAME REASON
skip_check() {
    skipped=$((skipped + 1))
    echo "skipped $1: $2"
}

# prepare NAME LIMIT COMMAND…: what the tests need first. When it fails, its errors are shown and the run ends.
prepare() {
    local name=$1 log=$results/${1//[^A-Za-z0-9.-]/-}.log
    echo "== $name"
    limited "$2" "$log" "${@:3}" >/dev/null
    durations+=("$took $name")
    if [ "$code" = 0 ]; then return; fi
    awk '!said[$0]++' "$log" | head -n 40
    fail "$name" "${ended:-ended with $code; its whole output is in $log}"
    conclude
    exit
}

# conclude: durations, failures and the line that counts; its status is that of the whole run.
conclude() {
    echo "== durations"
    local line
    for line in "${durations[@]}"; do printf '%6d s  %s\n' "${line%% *}" "${line#* }"; done
    if [ "$passed" = 0 ] && [ "$failed" = 0 ]; then fail "the whole run" "nothing passed"; fi
    if [ "${#failures[@]}" != 0 ]; then
        echo "== failures"
        printf '%s\n' "${failures[@]}"
    fi
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" = 0 ]
}

# An interrupted run ends what it started.
interrupted() {
    if [ -n "$running" ]; then
        kill -TERM -- "-$running" 2>/dev/null
        wait "$running" 2>/dev/null
    fi
    fail "the whole run" "was interrupted"
    conclude
    exit 130
}
trap interrupted INT TERM HUP
