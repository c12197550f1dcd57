namespace Regatta.Analysis;

/// <summary>What samples of a scheduler come to, in sentences: each says what, how much, and of how many.</summary>
internal static class InsideWords
{
    // What happened less often explains nothing.
    internal const double Notable = 0.05;

    private const double Busy = 0.9;

    public static IEnumerable<string> Of(Dictionary<(string Name, string Labels), IReadOnlyList<(long Time, double Value)>> all, long origin) =>
        [.. ControlPlaneWords.Of(all, origin), .. Exits(all, "slurm_bf_exit", "backfill", "cycles"), .. Exits(all, "slurm_schedule_exit", "the main scheduler", "passes"), .. Processes(all), .. Requests(all), .. Queues(all), .. Unanswered(all)];

    private static IEnumerable<string> Exits(Dictionary<(string Name, string Labels), IReadOnlyList<(long Time, double Value)>> all, string name, string who, string what)
    {
        var reasons = all.Where(s => s.Key.Name == name).Select(s => (Reason: Label(s.Key.Labels), Times: TrialInside.Growth(s.Value))).Where(r => r.Times > 0).ToList();
        var times = reasons.Sum(r => r.Times);
        foreach (var (reason, count) in reasons.Where(r => !IsWhole(r.Reason) && r.Times >= times * Notable).OrderByDescending(r => r.Times))
            yield return string.Create(CultureInfo.InvariantCulture, $"{Capital(who)} stopped at {reason} in {count / times * 100:0} % of its {what} ({count:0} of {times:0}).");
    }

    private static IEnumerable<string> Processes(Dictionary<(string Name, string Labels), IReadOnlyList<(long Time, double Value)>> all)
    {
        foreach (var (key, values) in all.Where(s => s.Key.Name == "process_cpu_seconds").OrderBy(s => s.Key.Labels, StringComparer.Ordinal))
        {
            var rates = TrialInside.Rates(values);
            var busy = rates.Count(r => r.Value >= Busy);
            if (rates.Count < 5 || busy < rates.Count * Notable) continue;
            yield return string.Create(CultureInfo.InvariantCulture, $"{Label(key.Labels)} used a core or more in {(double)busy / rates.Count * 100:0} % of the time: while it did, it may have been the limit, and not the nodes.");
        }
    }

    private static IEnumerable<string> Requests(Dictionary<(string Name, string Labels), IReadOnlyList<(long Time, double Value)>> all)
    {
        var requests = all.Where(s => s.Key.Name == "slurm_rpc_seconds")
            .Select(s => (Type: Label(s.Key.Labels), Seconds: TrialInside.Growth(s.Value), Count: all.TryGetValue(("slurm_rpc_count", s.Key.Labels), out var counts) ? TrialInside.Growth(counts) : 0))
            .Where(r => r is { Seconds: > 0, Count: > 0 }).OrderByDescending(r => r.Seconds).ToList();
        if (requests.Count == 0) yield break;
        var seconds = requests.Sum(r => r.Seconds);
        var (type, own, count) = requests[0];
        yield return string.Create(CultureInfo.InvariantCulture, $"Of the time that slurmctld spent on requests, {own / seconds * 100:0} % went into {type} ({count:0} of them, {own / count * 1e3:0.00} ms each).");
    }

    private static IEnumerable<string> Queues(Dictionary<(string Name, string Labels), IReadOnlyList<(long Time, double Value)>> all)
    {
        if (all.TryGetValue(("slurm_agent_queue_size", ""), out var agent) && agent.Max(v => v.Value) is >= 10 and var most)
            yield return string.Create(CultureInfo.InvariantCulture, $"Up to {most:0} messages to nodes waited in slurmctld.");
    }

    private static IEnumerable<string> Unanswered(Dictionary<(string Name, string Labels), IReadOnlyList<(long Time, double Value)>> all)
    {
        foreach (var (key, values) in all.Where(s => s.Key.Name == "sample_unanswered").OrderBy(s => s.Key.Labels, StringComparer.Ordinal))
            yield return string.Create(CultureInfo.InvariantCulture, $"{Label(key.Labels)} did not answer when it was asked for its counters {(values.Count == 1 ? "once" : $"{values.Count} times")}: its series have gaps there.");
    }

    // A pass that came to the end of the queue was stopped by nothing.
    private static bool IsWhole(string reason) => reason.Contains("end", StringComparison.Ordinal) && reason.Contains("queue", StringComparison.Ordinal);

    internal static string Label(string labels) => labels.Split('"') is [_, var text, ..] ? text : labels;

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
