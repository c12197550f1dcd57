#!/usr/bin/env bash
# Slurm's records of completed jobs (JobCompType) hold jobs that wait, starts of jobs that never began, and no wait for what waited; the limit is in minutes in one and in seconds in the other.
# jobcomp/filetxt of Slurm 24.11.5 (Debian 13) and 26.05.5 (sid), jobcomp/elasticsearch of 24.11.5 with a stand-in that keeps what is sent to it.
#   1. A requeued job is a line with JobState=PENDING and an end. Cancelled while it waits to begin again it is a second one, submitted at the requeue and eligible two minutes later, after its end.
#   2. A job that was cancelled while it waited has a start, which is its end. What tells it from a job of no length is the missing list of nodes.
#   3. Four tasks of an array that were cancelled while they waited are one line, which says nothing of an array: 6 tasks, 3 lines.
#   4. A task that its array's own throttle (%1) kept back becomes eligible when the one before it has ended: start less eligible, the queue_wait of elasticsearch, is 0 after a wait of several seconds.
#   5. -t 5 is TimeLimit=5 in the file and time_limit 300 in elasticsearch.
# So these records are no trace. sacct -D tells all but the waits of throttled tasks; those are counted from the submission.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
# shellcheck disable=SC2317 # until_true calls these
begun() { [ "$(in_slurm squeue -h -t R -n "$1" | wc -l)" = "$2" ]; }
# shellcheck disable=SC2317
put_off() { [ "$(in_slurm squeue -h -t PD -n again -o %r)" = BeginTime ]; }
# shellcheck disable=SC2317
none() { [ -z "$(in_slurm squeue -h)" ]; }
# shellcheck disable=SC2317
written() { [ "$(of "$1" name | wc -l)" = "$2" ]; }
# The jobs, by their names: requeued and cancelled, cancelled while waiting, an array that is cancelled when two of six tasks run, and one whose three tasks run one after the other.
jobs() {
    {
        submit -J again --requeue -n1 --mem=100 -t 5 --wrap 'sleep 300'
        until_true begun again 1
        in_slurm scontrol requeue 1
        until_true put_off
        submit -J waits -b now+1hour -n1 --mem=100 -t 5 --wrap true
        in_slurm scancel 1 2
        submit -J array -a '1-6%2' -n1 --mem=100 -t 5 --wrap 'sleep 300'
        until_true begun array 2
        in_slurm scancel 3
        submit -J turns -a '1-3%1' -n1 --mem=100 -t 5 --wrap 'sleep 2'
        until_true none
    } >jobs.log
    until_true written turns 3
}
# of NAME COLUMN: a line for each record of the job.
of() { python3 read.py "$records" "$1" "$2"; }
cat >read.py <<'P'
import datetime, json, sys

def fields(line):  # of a line of the file, or of what elasticsearch was sent
    if line.startswith('{'):
        record = json.loads(line)
        return {key.lstrip('@'): value for key, value in record.items()} | {'name': record['job_name'], 'array': record.get('array_job_id'), 'limit': record.get('time_limit')}
    record = dict(word.split('=', 1) for word in line.split() if '=' in word)
    names = {'name': 'Name', 'state': 'JobState', 'submit': 'SubmitTime', 'eligible': 'EligibleTime', 'start': 'StartTime', 'end': 'EndTime', 'nodes': 'NodeList', 'array': 'ArrayJobId', 'limit': 'TimeLimit'}
    return {name: record.get(key) for name, key in names.items()}

path, name, column = sys.argv[1:]
for record in map(fields, open(path)):
    seconds = lambda key: datetime.datetime.fromisoformat(record[key])
    if record['name'] == name and '-' in column:
        later, earlier = column.split('-')
        print(int((seconds(later) - seconds(earlier)).total_seconds()))
    elif record['name'] == name:
        print({None: 'none', '(null)': 'none'}.get(record.get(column), record.get(column)))
P
line() { of "$@" | xargs; }
many() { if [ "$1" -ge "$2" ]; then echo "$2 or more"; else echo "$1"; fi; }
look() { # look RELEASE VERSION WHERE SETTINGS...: where the records are, and what is set for that
    local release=$1 version=$2 where="$3 of $1"
    shift 3
    slurm "$release" "$version" "$@"
    jobs
    holds "$where: the requeued job's records" "PENDING CANCELLED" "$(line again state)"
    holds "$where: eligible after its end, in s" "100 or more" "$(many "$(of again eligible-end | tail -n 1)" 100)"
    holds "$where: cancelled while it waited: end less start, nodes" "0 none" "$(line waits end-start) $(line waits nodes)"
    holds "$where: records of the array's six tasks, those with an array" "3 2" "$(of array name | wc -l) $(of array array | grep -vc none)"
    holds "$where: of the task that came last, start less eligible, less submission" "0, 3 or more" "$(of turns start-eligible | tail -n 1), $(many "$(of turns start-submit | tail -n 1)" 3)"
}
cat >keep.py <<'P'
import http.server, sys

class Keeper(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        with open(sys.argv[1], 'ab') as records:
            records.write(self.rfile.read(int(self.headers['Content-Length'])) + b'\n')
        self.send_response(201)
        self.send_header('Content-Length', '2')
        self.end_headers()
        self.wfile.write(b'{}')

    def log_message(self, *words): pass

http.server.HTTPServer(('10.77.0.1', 9200), Keeper).serve_forever()
P
records=$work/records
before_slurmctld() {
    rm -f "$records"
    touch "$root/var/log/jobs"
    ln -s "$work/$root/var/log/jobs" "$records"
}
for release in trixie\ 24.11.5-4+deb13u1 sid\ 26.05.5-1; do
    # shellcheck disable=SC2086 # release and version
    look $release file JobCompType=jobcomp/filetxt JobCompLoc=/var/log/jobs
    holds "file of ${release% *}: limit of -t 5" 5 "$(of array limit | tail -n 1)"
done
mv trixie trixie-with-file
before_slurmctld() {
    rm "$records"
    touch "$records"
    debs slurm-wlm-elasticsearch-plugin=24.11.5-4+deb13u1 libcurl4t64 libnghttp2-14 libnghttp3-9 libngtcp2-16 libngtcp2-crypto-gnutls8 libidn2-0 librtmp1 libssh2-1t64 libpsl5t64 libssl3t64 libgssapi-krb5-2 libkrb5-3 libk5crypto3 libkrb5support0 \
        libcom-err2 libkeyutils1 libldap2 libsasl2-2 libzstd1 libbrotli1 zlib1g libunistring5 libgnutls30t64 libp11-kit0 libtasn1-6 libhogweed6t64 libnettle8t64 libgmp10 libffi8
    nsenter -t "$(tr -d ' ' <"/proc/$keeper/task/$keeper/children")" -n python3 keep.py "$records" >keep.log 2>&1 &
    keepers+=($!)
}
look trixie 24.11.5-4+deb13u1 elasticsearch JobCompType=jobcomp/elasticsearch JobCompLoc=http://10.77.0.1:9200/slurm/_doc
holds "elasticsearch: limit of -t 5" 300 "$(of array limit | tail -n 1)"
holds "elasticsearch: queue_wait of the task that came last" 0 "$(of turns queue_wait | tail -n 1)"
finish
