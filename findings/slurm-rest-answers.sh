#!/usr/bin/env bash
# slurmrestd answers 200 where nothing, or something else, was done: a misspelt field is left out, deleting a job that never was succeeds, and one refusal has another status in each release.
# slurmrestd 24.11.5 (Debian 13) and 26.05.5 (sid), both speaking v0.0.42 over a socket (needs curl).
#   1. A job with "time_limt" gets a job id and 200, without any limit: the one word about it is in "warnings".
#   2. DELETE of an unknown job is 200 with an empty "errors"; the error is in "status". GET of it is 404.
#   3. A refused submission (2014) is 500 in 24.11 and 422 in 26.05, by the same version of the API; a value that cannot be read is 500 in both.
#   4. An environment given as an object and a number of nodes given as a number break the schema and work all the same.
# So a client must read warnings and status in every answer of 200, and decide by error_number, never by the HTTP status.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
chmod 755 "$work"
api() { # api METHOD PATH [JSON]: the status; the answer is kept in "body". The client must be a process that slurmrestd can see, and not root's.
    local answer
    answer=$(nsenter -t "$(tr -d ' ' <"/proc/$keeper/task/$keeper/children")" -p -- setpriv --reuid 1000 --regid 1000 --clear-groups curl -s -w '\n%{http_code}' --unix-socket "$work/$root/tmp/rest.sock" \
        -X "$1" -H 'Content-Type: application/json' "http://slurm/slurm/v0.0.42/$2" ${3:+-d "$3"})
    echo "${answer%$'\n'*}" >body
    echo "${answer##*$'\n'}"
}
field() { python3 -c 'import functools, json, sys
answer = json.load(open("body"))
print(*(json.dumps(functools.reduce(lambda part, key: part[int(key) if key.isdigit() else key], path.split("."), answer)) for path in sys.argv[1:]))' "$@"; }
job() { printf '{"job": {"script": "#!/bin/sh\\ntrue\\n", "current_working_directory": "/tmp", %s}}' "$1"; }
look() { # look RELEASE VERSION REFUSED
    slurm "$1" "$2"
    in_slurm sh -c 'chroot --userspec=1000:1000 / slurmrestd -a rest_auth/local -s openapi/slurmctld -d v0.0.42 unix:/tmp/rest.sock >/tmp/rest.log 2>&1 &'
    until_true [ -S "$root/tmp/rest.sock" ]
    holds "$1: a misspelt time limit" "200 [] \"Ignoring unknown field \\\"time_limt\\\" of type 64 bit integer in DATA_PARSER_JOB_DESC_MSG\"" \
        "$(api POST job/submit "$(job '"environment": ["A=1"], "time_limt": 5, "hold": true')") $(field errors warnings.0.description)"
    holds "$1: the job's limit" UNLIMITED "$(in_slurm squeue -h -j "$(field job_id)" -o %l)"
    holds "$1: DELETE of an unknown job" "200 [] 2017" "$(api DELETE job/999999) $(field errors status.0.error.code)"
    holds "$1: GET of an unknown job" "404 2017 []" "$(api GET job/999999) $(field errors.0.error_number jobs)"
    holds "$1: too much memory" "$3 2014" "$(api POST job/submit "$(job '"environment": ["A=1"], "memory_per_node": 2000')") $(field errors.0.error_number)"
    holds "$1: a limit that is text" "500 9202" "$(api POST job/submit "$(job '"environment": ["A=1"], "time_limit": "1:30:00"')") $(field errors.0.error_number)"
    holds "$1: types that the schema does not know" "200 [] 1" "$(api POST job/submit "$(job '"environment": {"A": "1"}, "nodes": 1, "hold": true')") $(field errors) $(in_slurm squeue -h -j "$(field job_id)" -o %D)"
}
look trixie 24.11.5-4+deb13u1 500
look sid 26.05.5-1 422
finish
