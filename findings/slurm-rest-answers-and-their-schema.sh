#!/usr/bin/env bash
# slurmrestd's own answers do not fit the OpenAPI document that it makes of itself, and part of that document no answer could ever fit.
# slurmrestd 24.11.5 (Debian 13, v0.0.42) and 26.05.5 (sid, v0.0.45): slurmrestd --generate-openapi-spec, python3-jsonschema 4.10.3 (Debian 12; needs curl).
#   1. job_resources is an object, by the schema; of a job that waits it is null. A client that is generated from the schema ends at the first waiting job.
#   2. Of a running job the schema requires keys called "nodes/count" and "cpus/used", with the stroke in the name; the answer has "count" within "nodes", as the schema's own list of properties does.
#   3. jobs/state is said to give what jobs/ gives. It has "state", which the schema does not know, and job_id is text there ("1", "2_0"), not a number.
# So a client is written by hand, or its generator is told to require nothing.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
chmod 755 "$work"
debs python3-jsonschema=4.10.3-1 python3-attr python3-pyrsistent
reader=$work/root/usr/lib/python3/dist-packages
cat >check.py <<'P'
import json, re, sys
import jsonschema
_, schema, path, answer = sys.argv
document, answer = json.load(open(schema)), json.load(open(answer))
operation = next(o for p, o in document["paths"].items() if p.rstrip("/") == path)["get"]
def strict(part):
    for value in part.values() if isinstance(part, dict) else part if isinstance(part, list) else []:
        strict(value)
    if isinstance(part, dict) and part.get("type") == "object" and "properties" in part:
        part.setdefault("additionalProperties", False)
strict(document["components"]["schemas"])
whole = dict(operation["responses"]["200"]["content"]["application/json"]["schema"], components=document["components"])
seen = {re.sub(r"^ ", "", re.sub(r"[0-9]+", "N", "/".join(map(str, e.absolute_path))) + " " + e.message) for e in jsonschema.Draft4Validator(whole).iter_errors(answer)}
print("; ".join(sorted(seen)))
P
get() { # get PATH [JOB]: what does not fit
    nsenter -t "$(tr -d ' ' <"/proc/$keeper/task/$keeper/children")" -p -- setpriv --reuid 1000 --regid 1000 --clear-groups curl -s --unix-socket "$work/$root/tmp/rest.sock" "http://slurm/${1/\{job_id\}/${2-}}" >answer.json
    PYTHONPATH=$reader PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -W ignore check.py schema.json "/$1" answer.json
}
# shellcheck disable=SC2317 # until_true calls it
running() { [ -n "$(in_slurm squeue -h -t R)" ]; }
look() { # look RELEASE VERSION API
    slurm "$1" "$2"
    in_slurm sh -c "chroot --userspec=1000:1000 / slurmrestd --generate-openapi-spec -s slurmctld,slurmdbd -d $3" >schema.json 2>schema.log
    in_slurm sh -c "chroot --userspec=1000:1000 / slurmrestd -a rest_auth/local -s openapi/slurmctld -d $3 unix:/tmp/rest.sock >/tmp/rest.log 2>&1 &"
    until_true [ -S "$root/tmp/rest.sock" ]
    holds "$1: partitions" "" "$(get "slurm/$3/partitions")"
    submit -H --wrap true >job.log
    submit -H --array=0-1 --wrap true >>job.log
    holds "$1: jobs that wait" "jobs/N/job_resources None is not of type 'object'" "$(get "slurm/$3/jobs")"
    holds "$1: their states" "'last_backfill' is a required property; 'last_update' is a required property; jobs/N Additional properties are not allowed ('state' was unexpected); jobs/N/job_id '1' is not of type 'integer'; jobs/N/job_id '2_0' is not of type 'integer'; jobs/N/job_id '2_1' is not of type 'integer'" "$(get "slurm/$3/jobs/state")"
    in_slurm scancel 1 2
    submit --wrap 'sleep 300' >>job.log
    until_true running
    get "slurm/$3/job/{job_id}" 3 >seen.txt
    holds "$1: keys of a job that runs which are required and are not there" "cpus/count cpus/used memory/allocated memory/used nodes/allocation nodes/count nodes/list nodes/select_type nodes/whole" "$(grep -oE "'[a-z_]+/[a-z_]+' is a required" seen.txt | cut -d"'" -f2 | sort | tr '\n' ' ' | sed 's/ $//')"
    holds "$1: where its nodes are counted" 1 "$(/usr/bin/python3 -c 'import json; print(json.load(open("answer.json"))["jobs"][0]["job_resources"]["nodes"]["count"])')"
}
look trixie 24.11.5-4+deb13u1 v0.0.42
look sid 26.05.5-1 v0.0.45
finish
