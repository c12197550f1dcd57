#!/usr/bin/env bash
# The reader of Prometheus' text format that most JavaScript programs use (240,000 downloads a month) keeps one histogram of a metric, the last, and does not say which.
# npm: parse-prometheus-text-format 1.1.1 (needs node and npm), beside prometheus-client 0.16.0 (Debian 12); metrics of kube-scheduler in the form in which it prints them, and a summary.
#   1. Of a histogram with labels, one series for each, the last one's buckets are all that there is, without its labels: attempts that placed a pod took as long as those that did not.
#   2. Its sum and count, which are there when it has no labels, are dropped, so that no mean can be had either.
#   3. Of a summary it is the same, while gauges and counters keep labels and all series.
# So a percentile of attempts is that of the result that comes last in the alphabet: of "unschedulable", not "scheduled", as soon as one pod had to wait.
# shellcheck source=findings/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
debs python3-prometheus-client=0.16.0-0.1 python3-decorator
npm install --silent --no-fund --no-audit --ignore-scripts parse-prometheus-text-format@1.1.1 >npm.log 2>&1 || { cat npm.log; exit 2; }
attempts=scheduler_scheduling_attempt_duration_seconds
series() { # series RESULT BELOW_2MS BELOW_4MS ALL SUM
    local labels="profile=\"default-scheduler\",result=\"$1\""
    printf '%s\n' "${attempts}_bucket{$labels,le=\"0.002\"} $2" "${attempts}_bucket{$labels,le=\"0.004\"} $3" "${attempts}_bucket{$labels,le=\"+Inf\"} $4" "${attempts}_sum{$labels} $5" "${attempts}_count{$labels} $4"
}
{
    echo "# HELP $attempts [STABLE] Scheduling attempt latency in seconds (scheduling algorithm + binding)"
    echo "# TYPE $attempts histogram"
    series scheduled 5 990 1000 3.2
} >scheduled.txt
{ cat scheduled.txt; series unschedulable 0 0 2 0.9; } >both.txt
printf '%s\n' '# TYPE scheduler_pending_pods gauge' 'scheduler_pending_pods{queue="active"} 3' 'scheduler_pending_pods{queue="unschedulable"} 2' >pending.txt
printf '%s\n' '# TYPE took summary' 'took{who="a",quantile="0.5"} 1' 'took_sum{who="a"} 10' 'took_count{who="a"} 10' 'took{who="b",quantile="0.5"} 7' 'took_sum{who="b"} 70' 'took_count{who="b"} 10' >summary.txt
cat >read.mjs <<'X'
import parse from 'parse-prometheus-text-format';
import { readFileSync } from 'node:fs';
for (const metric of (parse.default ?? parse)(readFileSync(process.argv[2], 'utf8'))) console.log(metric.type, JSON.stringify(metric.metrics));
X
javascript() { node read.mjs "$1"; }
python() { # how many samples, and how many series of labels without the bucket's
    PYTHONPATH=root/usr/lib/python3/dist-packages /usr/bin/python3 -c '
import sys
from prometheus_client.parser import text_string_to_metric_families as parse
samples = [sample for family in parse(open(sys.argv[1]).read()) for sample in family.samples]
print(len(samples), len({tuple(pair for pair in sorted(sample.labels.items()) if pair[0] not in ("le", "quantile")) for sample in samples}))' "$1"
}
sed -E 's/profile="[^"]*",result="scheduled",?//; s/\{\}//' scheduled.txt >plain.txt
holds "attempts without labels" 'HISTOGRAM [{"buckets":{"0.002":"5","0.004":"990","+Inf":"1000"},"count":"1000","sum":"3.2"}]' "$(javascript plain.txt)"
holds "attempts that placed a pod, alone" 'HISTOGRAM [{"buckets":{"0.002":"5","0.004":"990","+Inf":"1000"}}]' "$(javascript scheduled.txt)"
holds "with two that did not" 'HISTOGRAM [{"buckets":{"0.002":"0","0.004":"0","+Inf":"2"}}]' "$(javascript both.txt)"
holds "samples and series that Python reads there" "10 2" "$(python both.txt)"
holds "a summary of two" 'SUMMARY [{"quantiles":{"0.5":"7"}}]' "$(javascript summary.txt)"
holds "samples and series that Python reads there" "6 2" "$(python summary.txt)"
holds "a gauge of two" 'GAUGE [{"value":"3","labels":{"queue":"active"}},{"value":"2","labels":{"queue":"unschedulable"}}]' "$(javascript pending.txt)"
finish
