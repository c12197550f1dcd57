namespace Regatta.Analysis;

/// <summary>A value of a scheduler's inside over time, for a chart.</summary>
/// <param name="Title">What it is, such as <c>processor time of slurmctld</c>.</param>
/// <param name="Unit">Its unit: <c>cores</c>, <c>MiB</c>, <c>s</c>, <c>1/s</c> or empty.</param>
/// <param name="Times">Seconds from the start of the trial, rising.</param>
/// <param name="Values">One value a time.</param>
public sealed record InsideSeries(string Title, string Unit, ImmutableArray<double> Times, ImmutableArray<double> Values);

/// <summary>A scheduler from inside over one trial: what charts draw of it, and what it comes to in sentences.</summary>
/// <param name="Series">The series.</param>
/// <param name="Words">The sentences.</param>
public sealed record TrialInside(ImmutableArray<InsideSeries> Series, ImmutableArray<string> Words)
{
    private const int Most = 300;

    /// <summary>Reads what was sampled in a trial.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="record">The trial.</param>
    public static TrialInside Of(SampleTable samples, TrialRecord record)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(record);
        var all = samples.All.ToDictionary(s => s.Key, s => (IReadOnlyList<(long Time, double Value)>)[.. s]);
        var series = ImmutableArray.CreateBuilder<InsideSeries>();
        foreach (var ((name, labels), values) in all.OrderBy(s => s.Key.Name, StringComparer.Ordinal).ThenBy(s => s.Key.Labels, StringComparer.Ordinal))
        {
            if (Drawn(name, labels, values) is { } drawn) series.Add(Fitted(drawn.Title, drawn.Unit, drawn.Values, record.Started));
        }

        if (Summed(all, "slurm_rpc_count") is { Count: > 1 } requests) series.Add(Fitted("requests answered by slurmctld", "1/s", Rates(requests), record.Started));
        return new TrialInside(series.ToImmutable(), [.. InsideWords.Of(all, record.Started)]);
    }

    /// <summary>How much a counter grew, over every time that it began anew.</summary>
    internal static double Growth(IReadOnlyList<(long Time, double Value)> values)
    {
        var grown = 0.0;
        for (var i = 1; i < values.Count; i++) grown += values[i].Value >= values[i - 1].Value ? values[i].Value - values[i - 1].Value : values[i].Value;
        return grown;
    }

    /// <summary>A counter's growth per second, from each sample to the next.</summary>
    internal static List<(long Time, double Value)> Rates(IReadOnlyList<(long Time, double Value)> values)
    {
        var rates = new List<(long, double)>(values.Count);
        for (var i = 1; i < values.Count; i++)
        {
            var seconds = (values[i].Time - values[i - 1].Time) / 1e6;
            var grown = values[i].Value >= values[i - 1].Value ? values[i].Value - values[i - 1].Value : values[i].Value;
            if (seconds > 0) rates.Add((values[i].Time, grown / seconds));
        }

        return rates;
    }

    private static (string Title, string Unit, IEnumerable<(long Time, double Value)> Values)? Drawn(string name, string labels, IReadOnlyList<(long Time, double Value)> values)
    {
        var of = labels.Split('"') is [_, var text, ..] ? text : "";
        return name switch
        {
            "process_cpu_seconds" => ($"processor time of {of}", "cores", Rates(values)),
            "process_resident_bytes" => ($"memory of {of}", "MiB", values.Select(v => (v.Time, v.Value / (1 << 20)))),
            "slurm_schedule_queue_length" => ("jobs that the main scheduler looks at", "", values),
            "slurm_schedule_cycle_last" => ("last pass of the main scheduler", "s", values.Select(v => (v.Time, v.Value / 1e6))),
            "slurm_bf_cycle_last" => ("last pass of backfill", "s", values.Select(v => (v.Time, v.Value / 1e6))),
            "slurm_bf_last_depth" => ("jobs that backfill looked at", "", values),
            "slurm_server_thread_count" => ("threads that answer requests", "", values),
            "slurm_agent_queue_size" => ("messages to nodes that wait", "", values),
            "slurm_dbd_agent_queue_size" => ("records for the database that wait", "", values),
            "scheduler_pending_pods" when of is "active" or "unschedulable" or "backoff" => ($"pods that wait, {of}", "", values),
            "scheduler_schedule_attempts_total" when of == "scheduled" => ("pods scheduled", "1/s", Rates(values)),
            "apiserver_current_inflight_requests" => ($"requests under way in the API server, {(of == "mutating" ? "that change something" : "that read")}", "", values),
            "apiserver_flowcontrol_current_inqueue_requests" => ($"requests that wait in the API server, {of}", "", values),
            "workqueue_depth" when of is "job" => ("jobs that wait for their controller", "", values),
            "etcd_mvcc_db_total_size_in_bytes" => ("size of etcd's database", "MiB", values.Select(v => (v.Time, v.Value / (1 << 20)))),
            _ => null,
        };
    }

    private static List<(long Time, double Value)> Summed(Dictionary<(string Name, string Labels), IReadOnlyList<(long Time, double Value)>> all, string name) =>
        [.. all.Where(s => s.Key.Name == name).SelectMany(s => s.Value).GroupBy(v => v.Time).OrderBy(g => g.Key).Select(g => (g.Key, g.Sum(v => v.Value)))];

    // A picture tells no more than so many values apart: each stands for the mean of its span.
    private static InsideSeries Fitted(string title, string unit, IEnumerable<(long Time, double Value)> values, long origin)
    {
        var points = values.ToList();
        var step = Math.Max(1, (points.Count + Most - 1) / Most);
        var spans = points.Chunk(step).ToList();
        return new InsideSeries(title, unit, [.. spans.Select(s => Math.Round((s[0].Time - origin) / 1e6, 2))], [.. spans.Select(s => Math.Round(s.Average(v => v.Value), 4))]);
    }
}
