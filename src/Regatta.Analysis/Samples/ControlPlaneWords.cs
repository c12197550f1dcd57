using Sampled = System.Collections.Generic.Dictionary<(string Name, string Labels), System.Collections.Generic.IReadOnlyList<(long Time, double Value)>>;

namespace Regatta.Analysis;

/// <summary>What samples of a Kubernetes control plane come to, in sentences; above all which part of it was the limit, and when.</summary>
internal static class ControlPlaneWords
{
    // The loop of the default scheduler places one pod after the other: the share of the time that it is at work is how busy it is.
    private const double BusyLoop = 0.8;

    // A request that takes longer than this on average to get its turn, or a queue that has somebody in it, is a queue that matters.
    private const double NotableWait = 0.005;

    // Objects that wait for the controller of jobs.
    private const double NotableDepth = 10;

    private const int LeastSpans = 2;

    private static readonly string[] Changing = ["POST", "PUT", "PATCH", "DELETE"];

    private enum Limit
    {
        None,
        Scheduler,
        Server,
        Jobs,
    }

    /// <summary>The sentences.</summary>
    /// <param name="all">The series.</param>
    /// <param name="origin">Start of the trial, UTC microseconds.</param>
    public static IEnumerable<string> Of(Sampled all, long origin) => [.. Limits(all, origin), .. Attempts(all), .. Requests(all), .. Waits(all)];

    private static IEnumerable<string> Limits(Sampled all, long origin)
    {
        // The API server is asked less often than the others: its samples are where spans meet.
        var times = all.Where(s => s.Key.Name == "apiserver_current_inflight_requests").SelectMany(s => s.Value).Select(v => v.Time).Distinct().Order().ToList();
        var spans = times.Zip(times.Skip(1), (from, to) => Look(all, from, to)).ToList();
        for (var at = 0; at < spans.Count;)
        {
            var length = spans.Skip(at).TakeWhile(s => s.Limit == spans[at].Limit).Count();
            if (spans[at].Limit != Limit.None && length >= LeastSpans) yield return Words(spans.GetRange(at, length), origin, at + length == spans.Count);
            at += length;
        }
    }

    private static string Words(List<Span> spans, long origin, bool last)
    {
        var (from, to) = ((spans[0].From - origin) / 1e6, (spans[^1].To - origin) / 1e6);
        var when = string.Create(CultureInfo.InvariantCulture, $"from {from:0} s {(last ? "on" : $"to {to:0} s")}");
        var (busy, waiting, queued, wait, depth) = (spans.Average(s => s.Busy), spans.Average(s => s.Pods), spans.Max(s => s.Queued), spans.Average(s => s.Wait), spans.Average(s => s.Depth));
        return spans[0].Limit switch
        {
            Limit.Scheduler => string.Create(CultureInfo.InvariantCulture, $"The scheduler was the limit {when}: it was at work {busy * 100:0} % of the time, and {waiting:0} pods waited for it on average."),
            Limit.Server => string.Create(CultureInfo.InvariantCulture, $"The API server's queue, not the scheduler, was the limit {when}: up to {queued:0} requests waited in it, {wait * 1e3:0.0} ms each on average, while the scheduler was at work {busy * 100:0} % of the time."),
            _ => string.Create(CultureInfo.InvariantCulture, $"The controller of jobs, not the scheduler, was the limit {when}: {depth:0} jobs waited for it on average, while the scheduler was at work {busy * 100:0} % of the time."),
        };
    }

    private static Span Look(Sampled all, long from, long to)
    {
        var seconds = (to - from) / 1e6;
        var busy = Grown(all, "scheduler_scheduling_algorithm_duration_seconds_sum", from, to) / seconds;
        var pods = Mean(all, "scheduler_pending_pods", "queue=\"active\"", from, to);
        // With the sample at the end of the span: gauges say what is at that moment.
        var queued = all.Where(s => s.Key.Name == "apiserver_flowcontrol_current_inqueue_requests").Sum(s => s.Value.LastOrDefault(v => v.Time <= to && v.Time > from).Value);
        var turns = Grown(all, "apiserver_flowcontrol_request_wait_duration_seconds_count", from, to);
        var wait = turns > 0 ? Grown(all, "apiserver_flowcontrol_request_wait_duration_seconds_sum", from, to) / turns : 0;
        var depth = Mean(all, "workqueue_depth", "name=\"job\"", from, to);
        var limit = busy >= BusyLoop && pods >= 1 ? Limit.Scheduler : queued >= 1 || wait >= NotableWait ? Limit.Server : depth >= NotableDepth ? Limit.Jobs : Limit.None;
        return new Span(from, to, limit, busy, pods, queued, wait, depth);
    }

    private static IEnumerable<string> Attempts(Sampled all)
    {
        var results = all.Where(s => s.Key.Name == "scheduler_schedule_attempts_total").Select(s => (Result: InsideWords.Label(s.Key.Labels), Times: TrialInside.Growth(s.Value))).Where(r => r.Times > 0).ToList();
        var tries = results.Sum(r => r.Times);
        if (tries > 0 && tries - results.Where(r => r.Result == "scheduled").Sum(r => r.Times) is var vain && vain >= tries * InsideWords.Notable)
            yield return string.Create(CultureInfo.InvariantCulture, $"The scheduler tried {tries:0} times to place a pod, and {vain / tries * 100:0} % of the tries found no place.");
        var (decided, count) = MeanTime(all, "scheduler_scheduling_algorithm_duration_seconds");
        if (count == 0) yield break;
        var whole = MeanTime(all, "scheduler_e2e_scheduling_duration_seconds") is { Count: > 0 } before ? before : MeanTime(all, "scheduler_scheduling_attempt_duration_seconds");
        yield return string.Create(CultureInfo.InvariantCulture, $"The scheduler decided on a pod in {decided * 1e3:0.00} ms{(whole.Count > 0 ? $", and had it bound after {whole.Seconds * 1e3:0.0} ms" : "")}, on average of {count:0}.");
    }

    private static IEnumerable<string> Requests(Sampled all)
    {
        var requests = all.Where(s => s.Key.Name == "apiserver_request_duration_seconds_sum")
            .Select(s => (What: Request(s.Key.Labels), Seconds: TrialInside.Growth(s.Value), Count: all.TryGetValue(("apiserver_request_duration_seconds_count", s.Key.Labels), out var counts) ? TrialInside.Growth(counts) : 0))
            .Where(r => r is { Seconds: > 0, Count: > 0 }).OrderByDescending(r => r.Seconds).ToList();
        if (requests.Count == 0) yield break;
        var (what, own, count) = requests[0];
        yield return string.Create(CultureInfo.InvariantCulture, $"Of the time that the API server spent on requests, {own / requests.Sum(r => r.Seconds) * 100:0} % went into {what} ({count:0} of them, {own / count * 1e3:0.0} ms each).");
        var changes = requests.Where(r => Changing.Contains(r.What.Split(' ')[0])).ToList();
        var stored = MeanTime(all, "etcd_request_duration_seconds");
        if (changes.Sum(r => r.Count) is > 0 and var changed && stored.Count > 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"A request that changed something took {changes.Sum(r => r.Seconds) / changed * 1e3:0.0} ms on average ({changed:0} of them), and one from the API server to etcd {stored.Seconds * 1e3:0.0} ms.");
    }

    private static IEnumerable<string> Waits(Sampled all)
    {
        if (MeanTime(all, "workqueue_queue_duration_seconds", "name=\"job\"") is { Count: > 0, Seconds: >= 0.1 } jobs)
            yield return string.Create(CultureInfo.InvariantCulture, $"The controller of jobs looked at a job {jobs.Seconds:0.0} s after something had become of it, on average of {jobs.Count:0}.");
        if (MeanTime(all, "etcd_disk_wal_fsync_duration_seconds") is { Count: > 0, Seconds: >= 0.01 } disk)
            yield return string.Create(CultureInfo.InvariantCulture, $"etcd waited {disk.Seconds * 1e3:0} ms for its disk each time that it wrote ({disk.Count:0} times): all that changes something waits for that.");
        foreach (var key in all.Keys.Where(k => k.Name == "rest_client_rate_limiter_duration_seconds_sum").OrderBy(k => k.Labels, StringComparer.Ordinal))
        {
            if (MeanTime(all, "rest_client_rate_limiter_duration_seconds", key.Labels) is { Count: > 0, Seconds: >= 0.001 } held)
                yield return string.Create(CultureInfo.InvariantCulture, $"{InsideWords.Label(key.Labels)} held its own requests back by {held.Seconds * 1e3:0.0} ms each ({held.Count:0} of them): its rate as a client was a limit.");
        }
    }

    private static string Request(string labels) => labels.Split('"') is [_, var verb, _, var resource, ..] ? $"{verb} {resource}".TrimEnd() : labels;

    private static (double Seconds, double Count) MeanTime(Sampled all, string name, string? labels = null)
    {
        double Of(string part) => all.Where(s => s.Key.Name == name + part && (labels is null || s.Key.Labels == labels)).Sum(s => TrialInside.Growth(s.Value));
        return Of("_count") is > 0 and var count ? (Of("_sum") / count, count) : (0, 0);
    }

    private static double Grown(Sampled all, string name, long from, long to) =>
        all.Where(s => s.Key.Name == name).Sum(s => TrialInside.Growth([.. s.Value.Where(v => v.Time >= from && v.Time <= to)]));

    private static double Mean(Sampled all, string name, string labels, long from, long to) =>
        all.TryGetValue((name, labels), out var values) ? values.Where(v => v.Time > from && v.Time <= to).Select(v => v.Value).DefaultIfEmpty(0).Average() : 0;

    private readonly record struct Span(long From, long To, Limit Limit, double Busy, double Pods, double Queued, double Wait, double Depth);
}
