namespace Regatta.Analysis;

/// <summary>Every metric there is, in the order in which tables show them. Tables, documentation and comparisons are made from this one list.</summary>
public static class MetricCatalogue
{
    private const string Started = "jobs with a submit and a start stamp, of any state";
    private const string Ended = "jobs with submit, start and finish stamps, of any state";
    private const string EndedPositive = "jobs with submit, start and finish stamps and a run time above 0, of any state";
    private const string Occupying = "every job that started, of any state, in the cut or not; a job without a finish stamp occupies until its release, or else until the window ends";
    private const string FairlyStarted = Ended + ", or a sample of them evenly spaced, by re-simulation with the policy nearest to the trial's; of trials of at most 100,000 jobs";
    private const string Measured = "all jobs in the cut";
    private const string Preempting = "the whole trial, of trials in which something was preempted";
    private const string Foretold = "jobs that waited when the queue was looked at, every 20 s, and had a start foretold (squeue --start)";
    private const string Recorded = "all jobs of a trace that has their waits, submitted at the times that it recorded";
    private const string Hit = "all jobs of a trial with planned faults, by the stamps of their payloads";

    /// <summary>All metrics.</summary>
    public static ImmutableArray<Metric> All { get; } =
    [
        .. Distribution("wait", "Wait time", Unit.Seconds, "w = s - r", "SWF 2.2, field 3", Started, Direction.Lower, headline: true),
        .. Distribution("turnaround", "Turnaround", Unit.Seconds, "f - r", "", Ended, Direction.Lower),
        .. Distribution("slowdown", "Slowdown", Unit.Ratio, "(w + p) / p", "", EndedPositive, Direction.Lower, weighted: true),
        .. Distribution("bounded-slowdown", "Bounded slowdown", Unit.Ratio, "max((w + p) / max(p, tau), 1), tau = 10 s unless set",
            "Feitelson et al. 1997; Feitelson, JSSPP 2001", Ended, Direction.Lower, weighted: true, headline: true),
        .. Distribution("per-processor-bounded-slowdown", "Per-processor bounded slowdown", Unit.Ratio, "max((w + p) / (q * max(p, tau)), 1)",
            "Zotkin and Keleher 1999", Ended, Direction.Lower, weighted: true),
        One("utilisation", "Utilisation", Unit.Share, "sum of q * |[s, f] ∩ [t0, t1]| / (P * (t1 - t0))", "", Occupying, Direction.Higher, headline: true),
        One("loss-of-capacity", "Loss of capacity", Unit.Share, "sum of min(n_i, W_i) * (t_{i+1} - t_i) / (P * (t_m - t_1)), n_i idle processors, W_i processors wanted by eligible waiting jobs",
            "Zhang et al. 2001/2003", Occupying + "; eligible jobs wait until they start, or end without a start", Direction.Lower, headline: true),
        One("loss-of-capacity-fitting", "Loss of capacity while a job fits", Unit.Share,
            "sum of n_i * (t_{i+1} - t_i) / (P * (t_m - t_1)) over the steps in which at least one eligible waiting job has q <= n_i",
            "Leung et al. 2010", Occupying + "; eligible jobs wait until they start, or end without a start", Direction.Lower),
        One("makespan", "Makespan", Unit.Seconds, "max f - min r", "", "submit stamps of all jobs in the cut; finish stamps of those that have one, of any state", Direction.Lower, headline: true),
        One("makespan-lower-bound", "Lower bound of the makespan", Unit.Seconds, "max(sum of q * p / P, max(r + p) - min r)", "", Ended, Direction.Neither),
        One("makespan-ratio", "Makespan over its lower bound", Unit.Ratio, "makespan / makespan-lower-bound", "", Ended, Direction.Lower),
        One("queue-length", "Mean queue length", Unit.Jobs, "time average over [t0, t1] of the number of eligible waiting jobs", "", "every job, in the cut or not; a job waits from when it is eligible until it starts, or ends without a start", Direction.Lower),
        .. Rate("submitted", "Submitted", "sent", "jobs in the cut that were sent", Direction.Neither),
        .. Rate("started", "Started", "start", "jobs in the cut that started, of any state", Direction.Higher),
        .. Rate("released", "Released", "release", "jobs in the cut whose release was seen, of any state", Direction.Higher),
        .. Distribution("accept", "Accept stage", Unit.Seconds, "queued - sent", "", "jobs with both stamps, of any state", Direction.Lower),
        .. Distribution("queue", "Queue stage", Unit.Seconds, "d - e", "", "jobs with both stamps, of any state", Direction.Lower),
        .. Distribution("launch", "Launch stage", Unit.Seconds, "s - d", "", "jobs with both stamps, of any state", Direction.Lower),
        .. Distribution("release", "Release stage", Unit.Seconds, "x - f", "", "jobs with both stamps, of any state", Direction.Lower),
        One("fairness-jain", "Jain's index over users", Unit.Ratio, "(sum of b_u)^2 / (n * sum of b_u^2), b_u a user's mean bounded slowdown, n users; 1 is even",
            "Jain, Chiu and Hawe 1984", Ended + ", of known users, when there are at least two", Direction.Higher),
        One("share-error", "Share error", Unit.Share,
            $"mean, over {ShareError.Instants:0} evenly spaced instants of [t0, t1] at which something was used, of sum over accounts of |U_a / U - s_a| / 2; U_a processor time used until then by an account's jobs, U by all of them, s_a its share; 0 is as promised",
            "", "accounts with a share that have jobs, where there are at least two; their jobs of any state, in the cut or not", Direction.Lower),
        One("gpu-utilisation", "GPU utilisation", Unit.Share, "sum of g * |[s, f] ∩ [t0, t1]| / (G * (t1 - t0)), g the GPUs that a job asked for, G those of all nodes", "", Occupying + "; of clusters with GPUs", Direction.Higher),
        One("gpu-fragmentation", "GPU fragmentation", Unit.Share,
            "sum of u_i * (t_{i+1} - t_i) / (G * (t1 - t0)) over the steps in which a job waits for GPUs, u_i free GPUs that no waiting job could have: one that fits, where as few nodes as could hold it have its GPUs and processors free, could have those of such nodes",
            "after Weng et al., USENIX ATC 2023", Occupying + "; of clusters with GPUs, and of trials of at most 100,000 jobs", Direction.Lower),
        .. Summary("recorded-wait", "Recorded wait", "the waits that the trace recorded of the jobs", "SWF 2.2, field 3", Recorded, Direction.Neither),
        One("wait-over-recorded", "Wait over the recorded one", Unit.Ratio, "wait-mean / recorded-wait-mean; 1 is a twin", "", Recorded + "; jobs in the cut", Direction.Neither),
        One("preemption-victims", "Jobs preempted", Unit.Jobs, "number of times that a job lost what it held to another", "", Preempting, Direction.Lower),
        One("preemption-needless", "Jobs preempted in vain", Unit.Jobs,
            "number of those times that freed nothing which a preemptor took; each, in the order of their starts, takes on each of its nodes the largest of what was freed there and not taken, until it has its share", "", Preempting, Direction.Lower),
        One("preemption-work-lost", "Work lost to preemption", Unit.CpuSeconds, "sum of q * (time of preemption - start of the run that it ended), in processor-seconds", "", Preempting, Direction.Lower),
        One("preemption-start", "Time to the start of a preemptor", Unit.Seconds, "mean over jobs that others were preempted for of s - time of the first preemption for it", "", Preempting + "; preemptors that started", Direction.Lower),
        One("reservation-drain", "Drained before reservations", Unit.CpuSeconds,
            "sum over reservations of the integral, until it begins, of min(idle processors of its nodes, processors wanted by eligible waiting jobs whose limit reaches into it), in processor-seconds", "",
            "the whole trial, from its start; of trials with reservations; jobs without a limit always reach into it, those that ask for a reservation never", Direction.Lower),
        .. Summary("predicted-start-error", "Error of predicted starts", "|d - p|, p the first start that the scheduler foretold while the job waited", "", Foretold, Direction.Lower),
        One("predicted-start-bias", "Bias of predicted starts", Unit.Seconds, "mean of d - p; above 0 where jobs start later than foretold", "", Foretold, Direction.Neither),
        One("fair-start-misses", "Fair-start misses", Unit.Share, "share of jobs that started more than a tolerance (1 s unless set) after their fair start: when they would have started had no job arrived after them",
            "Sabin, Kochhar and Sadayappan 2004", FairlyStarted, Direction.Lower),
        One("fair-start-delay", "Delay beyond the fair start, mean", Unit.Seconds, "mean of max(s - fair start, 0)", "Sabin, Kochhar and Sadayappan 2004", FairlyStarted, Direction.Lower),
        One("recovery-time", "Recovery time", Unit.Seconds, "mean over faults of the time from the fault to the first job start after it", "", "all jobs with a start stamp", Direction.Lower),
        One("jobs-lost", "Jobs lost", Unit.Jobs, "number of jobs that ended by the loss of a node or that the scheduler forgot", "", Measured, Direction.Lower),
        One("jobs-requeued", "Requeues", Unit.Jobs, "number of times that a job was put back into the queue", "", Measured, Direction.Lower),
        One("fault-first-start", "Time to the first start after a planned fault", Unit.Seconds, "mean over planned faults of the time from the fault to the first start of a payload", "", Hit, Direction.Lower),
        One("fault-full-throughput", "Time to full throughput after a planned fault", Unit.Seconds,
            "mean over planned faults of the time until within 10 s nine tenths as many payloads began as in the 10 s before the fault; of faults with at least 5 starts before", "", Hit, Direction.Lower),
        One("fault-jobs-lost", "Jobs lost under planned faults", Unit.Jobs, "number of jobs that were accepted and whose payload never ended with exit code 0", "", Hit, Direction.Lower),
        One("fault-jobs-run-twice", "Jobs run twice under planned faults", Unit.Jobs, "number of jobs whose payload began more often than 1 + requeues, or ended with exit code 0 more than once", "", Hit, Direction.Lower),
        One("fault-falsely-completed", "Jobs called completed without having run", Unit.Jobs, "number of jobs that the scheduler calls completed and whose payload never ended with exit code 0", "", Hit, Direction.Lower),
        One("fault-falsely-failed", "Jobs called failed after having run", Unit.Jobs, "number of jobs that the scheduler does not call completed and whose payload ended with exit code 0", "", Hit, Direction.Lower),
        One("fault-work-lost", "Work lost under planned faults", Unit.CpuSeconds, "sum of q * time of the runs of payloads that came to nothing, in processor-seconds", "", Hit, Direction.Lower),
        One("fault-refused", "Time without submissions under planned faults", Unit.Seconds, "sum of the times from a submission that was not taken to the first that was again", "", Hit, Direction.Lower),
        One("fault-delayed", "Submissions delayed under planned faults", Unit.Jobs, "number of jobs sent in such a time and taken after it", "", Hit, Direction.Lower),
        One("control-plane-cpu", "Control plane CPU", Unit.CpuSeconds, "CPU seconds of the scheduler's daemons over the trial", "", "the whole trial", Direction.Lower),
        One("control-plane-cpu-per-1000-jobs", "Control plane CPU per 1,000 jobs", Unit.CpuSeconds, "1000 * control-plane-cpu / jobs sent", "", "the whole trial; all jobs that were sent", Direction.Lower),
        One("control-plane-rss", "Control plane peak memory", Unit.Bytes, "sum over the scheduler's daemons of their peak resident memory", "", "the whole trial", Direction.Lower),
        One("control-plane-rss-per-1000-jobs", "Control plane peak memory per 1,000 jobs", Unit.Bytes, "1000 * control-plane-rss / jobs sent", "", "the whole trial; all jobs that were sent", Direction.Lower),
        .. Passes("main", "Main scheduling", "passes that start what fits in the order of the queue"),
        .. Passes("backfill", "Backfill", "passes that fill gaps"),
        One("backfilled-share", "Share of jobs that backfill started", Unit.Share, "jobs that backfill started / jobs sent", "", "the whole trial, as the scheduler counts them; all jobs that were sent", Direction.Neither),
        .. Clients("queue", "who look at the queue"),
        .. Clients("nodes", "who look at the nodes"),
        .. Clients("history", "who look at jobs that have ended"),
        .. Clients("job", "who look at one job"),
        .. Clients("step", "who make steps"),
        .. Clients("submit", "who submit from scripts"),
        One("esp-efficiency", "ESP efficiency", Unit.Share, "AMT / makespan, AMT = sum of q * p / P with the run times of the workload", "ESP-2", "all jobs; only of workloads whose name begins with esp, without a cut", Direction.Higher),
        .. Distribution("lateness", "Lateness of the client", Unit.Seconds, "sent - planned", "", "jobs in the cut with both stamps", Direction.Neither),
        One("harness-cpu", "CPU of the harness", Unit.CpuSeconds, "CPU seconds of the agent and of what it started to submit", "", "the whole trial", Direction.Neither),
        One("harness-rss", "Peak memory of the harness", Unit.Bytes, "peak resident memory of the agent", "", "the whole trial", Direction.Neither),
        One("jobs", "Jobs", Unit.Jobs, "jobs in the cut", "", Measured, Direction.Neither),
        One("jobs-completed", "Jobs completed", Unit.Jobs, "jobs in the cut that ended with exit code 0", "", "completed jobs in the cut", Direction.Neither),
        One("jobs-not-completed", "Jobs not completed", Unit.Jobs, "jobs in the cut that ended otherwise, or whose end was not seen", "", "jobs in the cut of any state but completed", Direction.Lower),
    ];

    private static readonly ImmutableDictionary<string, Metric> ByName = All.ToImmutableDictionary(m => m.Name, StringComparer.Ordinal);

    /// <summary>The metric of this name; null when there is none.</summary>
    public static Metric? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The catalogue as a Markdown table, as <c>docs/measurement.md</c> holds it.</summary>
    public static string Markdown()
    {
        var text = new System.Text.StringBuilder();
        text.Append("| Metric | Unit | Definition | Covers | Better | Source |\n|---|---|---|---|---|---|\n");
        foreach (var metric in All)
        {
            var unit = metric.Unit switch { Unit.Share => "share", Unit.Ratio => "1", _ => metric.UnitSymbol };
            var better = metric.Direction switch { Direction.Lower => "lower", Direction.Higher => "higher", _ => "" };
            var definition = metric.Definition.Replace("|", "\\|", StringComparison.Ordinal);
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"| `{metric.Name}` | {unit} | {definition} | {metric.Covers} | {better} | {metric.Source} |\n");
        }

        return text.ToString();
    }

    private static Metric One(
        string name, string title, Unit unit, string definition, string source, string covers, Direction direction, bool headline = false, bool judgeable = true, string? family = null) =>
        new()
        {
            Name = name,
            Title = title,
            Family = family ?? name,
            Unit = unit,
            Definition = definition,
            Source = source,
            Covers = covers,
            Direction = direction,
            Headline = headline,
            Judgeable = judgeable && direction != Direction.Neither,
        };

    private static IEnumerable<Metric> Distribution(
        string family, string title, Unit unit, string definition, string source, string covers, Direction direction, bool weighted = false, bool headline = false)
    {
        yield return One($"{family}-mean", $"{title}, mean", unit, $"mean of {definition}", source, covers, direction, headline, family: family);
        if (weighted)
            yield return One($"{family}-weighted-mean", $"{title}, mean weighted by q * p", unit, $"mean, weighted by q * p, of {definition}", source, covers, direction, family: family);
        yield return One($"{family}-p50", $"{title}, median", unit, $"50th percentile of {definition}", source, covers, direction, family: family);
        yield return One($"{family}-p90", $"{title}, 90th percentile", unit, $"90th percentile of {definition}", source, covers, direction, headline && family == "wait", family: family);
        yield return One($"{family}-p99", $"{title}, 99th percentile", unit, $"99th percentile of {definition}", source, covers, direction, family: family);
        yield return One($"{family}-max", $"{title}, maximum", unit, $"maximum of {definition}", source, covers, direction, judgeable: false, family: family);
    }

    // What a record holds of many times.
    private static IEnumerable<Metric> Summary(string family, string title, string definition, string source, string covers, Direction direction)
    {
        foreach (var (name, which) in new[] { ("mean", "mean"), ("p50", "median"), ("p90", "90th percentile") })
            yield return One($"{family}-{name}", $"{title}, {which}", Unit.Seconds, $"{which} of {definition}", source, covers, direction, family: family);
    }

    private static IEnumerable<Metric> Passes(string kind, string title, string what)
    {
        var covers = $"{what}, over the whole trial, as the scheduler counts them";
        yield return One($"{kind}-passes", $"{title}, passes", Unit.Ratio, "number of passes over the queue", "", covers, Direction.Neither);
        yield return One($"{kind}-pass-mean", $"{title}, time of a pass", Unit.Seconds, "time of all passes / passes", "", covers, Direction.Lower);
        yield return One($"{kind}-pass-per-job", $"{title}, time a job looked at", Unit.Seconds, "time of all passes / jobs that they looked at", "", covers, Direction.Lower);
    }

    private static IEnumerable<Metric> Clients(string kind, string who)
    {
        var (family, covers) = ($"client-{kind}", $"calls of clients {who} that were answered or timed out, over the whole trial; one that timed out took as long as it might");
        foreach (var (name, title) in new[] { ("p50", "median"), ("p90", "90th percentile"), ("p99", "99th percentile") })
            yield return One($"{family}-{name}", $"Latency of clients {who}, {title}", Unit.Seconds, $"{title} (nearest rank) of the time from the start of a client's process to its end", "", covers, Direction.Lower, family: family);
        yield return One($"{family}-timeouts", $"Clients {who} that had no answer", Unit.Share, "(calls that timed out + calls not begun since too many were under way) / calls", "", $"calls of clients {who}, but those that the end of the trial cut", Direction.Lower, family: family);
    }

    private static IEnumerable<Metric> Rate(string family, string title, string stamp, string covers, Direction direction)
    {
        yield return One($"{family}-rate", $"{title} per second, mean", Unit.JobsPerSecond, $"(n - 1) / (last - first {stamp} stamp)", "", covers, direction, family: $"{family}-rate");
        foreach (var (name, title2) in new[] { ("p50", "median"), ("p90", "90th percentile"), ("p99", "99th percentile") })
        {
            yield return One($"{family}-rate-{name}", $"{title} per second, {title2} of 1-second samples", Unit.JobsPerSecond,
                $"{title2} of the number of {stamp} stamps in each whole second from the first to the last", "", covers, direction, family: $"{family}-rate");
        }
    }
}
