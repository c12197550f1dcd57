#!/usr/bin/env bash
# What slurmctld's own metrics (MetricsType=metrics/openmetrics, new since 25.11) say, and the counts of jobs in sdiag beside them.
# Slurm 26.05.5 (Debian sid), read by prometheus-client 0.16.0 (Debian 12).
#   1. What is called slurm_node_memory_bytes counts megabytes: 1000 for a node with RealMemory=1000, and so do memory_alloc, _free and _effective.
#   2. The plugin is called openmetrics; what it serves is the text format of Prometheus. It has no "# EOF", and a reader of OpenMetrics refuses it.
#   3. All is of type gauge, also what only grows (cycles, exits, jobs submitted), and sdiag -r sets it to 0.
#   4. Jobs pending and running, in sdiag and as slurm_sdiag_jobs_*, are a count that is made every 30 s: after a job has started, none runs. /metrics/jobs counts when it is asked.
#   5. HEAD is answered with 404 where GET is with 200, so that a look whether it is there says no.
# So who samples a scheduler from inside multiplies memory by 1048576, treats gauges as counters that may go back, and takes counts of jobs from /metrics/jobs.
# shellcheck source=findings/slurm.sh
. "$(dirname "$(readlink -f "$0")")/slurm.sh"
# shellcheck disable=SC2317 # until_true calls it
running() { [ -n "$(in_slurm squeue -h -t R)" ]; }
page() { nsenter -t "$(tr -d ' ' <"/proc/$keeper/task/$keeper/children")" -n curl -s --max-time 20 "$@"; }
of() { page "http://10.77.0.1:6817/metrics/$1" | sed -n "s/^$2 //p"; }

debs python3-prometheus-client=0.16.0-0.1 python3-decorator
reader=$work/root/usr/lib/python3/dist-packages
slurm sid 26.05.5-1 MetricsType=metrics/openmetrics
submit -J A -N1 -n2 -t 10 --wrap 'sleep 300' >jobs.log
submit -J B -N2 -n4 -t 10 --wrap true >>jobs.log
until_true running

holds "RealMemory=1000 as slurm_node_memory_bytes" 1000 "$(of nodes 'slurm_node_memory_bytes{node="n1"}')"
holds "memory of the job that has a node of 1000 MB" 1000 "$(of jobs slurm_jobs_memory_alloc)"
holds "what is said of a unit" "Total memory in bytes of the node" "$(page http://10.77.0.1:6817/metrics/nodes | sed -n 's/^# HELP slurm_node_memory_bytes //p' | sort -u)"

page http://10.77.0.1:6817/metrics/jobs >jobs.txt
holds "its media type" "text/plain" "$(page -o page.txt -w '%{content_type}' http://10.77.0.1:6817/metrics/jobs)"
parse() { PYTHONPATH=$reader /usr/bin/python3 -c "import sys; from prometheus_client$1 import text_string_to_metric_families as parse; print(len(list(parse(sys.stdin.read()))) > 20)" <jobs.txt 2>&1 | tail -n 1; }
holds "as text of Prometheus, more than 20 metrics" True "$(parse .parser)"
holds "as OpenMetrics" "ValueError: Missing # EOF at end" "$(parse .openmetrics.parser)"
holds "types of the metrics of the scheduler" "gauge" "$(page http://10.77.0.1:6817/metrics/scheduler | awk '/^# TYPE/ { print $4 }' | sort -u | tr '\n' ' ' | sed 's/ $//')"

holds "squeue, running and pending" "1 1" "$(in_slurm squeue -h -t R | wc -l) $(in_slurm squeue -h -t PD | wc -l)"
holds "sdiag, running" 0 "$(in_slurm sdiag | sed -n 's/^Jobs running: *//p')"
holds "slurm_sdiag_jobs_running" 0 "$(of scheduler slurm_sdiag_jobs_running)"
holds "slurm_jobs_running and _pending" "1 1" "$(of jobs slurm_jobs_running) $(of jobs slurm_jobs_pending)"

holds "jobs submitted" 2 "$(of scheduler slurm_sdiag_jobs_submitted)"
in_slurm sdiag -r >reset.log
holds "jobs submitted, after sdiag -r" 0 "$(of scheduler slurm_sdiag_jobs_submitted)"
holds "jobs started, after sdiag -r" 1 "$(of jobs slurm_jobs_started)"

holds "GET and HEAD" "200 404" "$(page -o page.txt -w '%{http_code}' http://10.77.0.1:6817/metrics/jobs) $(page -I -o page.txt -w '%{http_code}' http://10.77.0.1:6817/metrics/jobs)"
finish
