using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>What it cost to run the trial, and what faults did to it.</summary>
internal static class TrialCosts
{
    public static void Compute(Trial trial, Cut cut, MetricValues values)
    {
        var (record, jobs) = trial;
        Recovery(trial, values);
        int sent = 0, lost = 0, requeues = 0;
        for (var row = 0; row < jobs.Count; row++)
        {
            if (jobs.Sent[row] != JobTable.Missing) sent++;
            if (!cut.Holds(jobs, row)) continue;
            if (jobs.State(row) is JobState.NodeFailed or JobState.Lost) lost++;
            requeues += jobs.Requeues(row);
        }

        values.Add("jobs-lost", lost);
        values.Add("jobs-requeued", requeues);
        values.Add("reservation-drain", ReservationDrain.Of(trial));
        if (record.Predictions is { } predictions)
        {
            values.Add("predicted-start-error-mean", predictions.MeanOff / 1e6);
            values.Add("predicted-start-error-p50", predictions.P50 / 1e6);
            values.Add("predicted-start-error-p90", predictions.P90 / 1e6);
            values.Add("predicted-start-bias", predictions.Bias / 1e6);
        }

        if (record.Preemptions is { } preemptions)
        {
            values.Add("preemption-victims", preemptions.Victims);
            values.Add("preemption-needless", preemptions.Needless);
            values.Add("preemption-work-lost", preemptions.WorkLost);
            if (!preemptions.Starts.IsEmpty) values.Add("preemption-start", preemptions.Starts.Average() / 1e6);
        }

        if (record.Injection is { } injection) Injected(injection, values);
        if (!record.ControlPlane.IsDefaultOrEmpty)
        {
            var cpu = record.ControlPlane.Sum(p => p.CpuSeconds);
            var rss = record.ControlPlane.Sum(p => (double)p.PeakRss);
            values.Add("control-plane-cpu", cpu);
            values.Add("control-plane-cpu-per-1000-jobs", cpu * 1000 / sent);
            values.Add("control-plane-rss", rss);
            values.Add("control-plane-rss-per-1000-jobs", rss * 1000 / sent);
        }

        if (!record.Passes.IsDefault && sent > 0 && record.Passes.FirstOrDefault(p => p.Kind == SchedulingPasses.Backfill)?.Started is { } backfilled) values.Add("backfilled-share", (double)backfilled / sent);
        foreach (var (kind, passes, seconds, looked) in record.Passes.IsDefault ? [] : record.Passes.Where(p => p.Kind is SchedulingPasses.Main or SchedulingPasses.Backfill).DistinctBy(p => p.Kind))
        {
            values.Add($"{kind}-passes", passes);
            if (passes > 0) values.Add($"{kind}-pass-mean", seconds / passes);
            if (looked > 0) values.Add($"{kind}-pass-per-job", seconds / looked);
        }

        foreach (var client in record.Clients.IsDefault ? [] : record.Clients.DistinctBy(c => c.Kind))
        {
            var family = $"client-{client.Kind.Name()}";
            if (client.P50 is { } p50) values.Add($"{family}-p50", p50 / 1e6);
            if (client.P90 is { } p90) values.Add($"{family}-p90", p90 / 1e6);
            if (client.P99 is { } p99) values.Add($"{family}-p99", p99 / 1e6);
            if (client.Calls > 0) values.Add($"{family}-timeouts", (double)(client.TimedOut + client.LeftOut) / client.Calls);
        }

        if (record.Harness is { } harness)
        {
            values.Add("harness-cpu", harness.CpuSeconds);
            values.Add("harness-rss", harness.PeakRss);
        }
    }

    private static void Injected(FaultInjection injection, MetricValues values)
    {
        var (faults, effects) = (injection.Faults, injection.Effects);
        Mean("fault-first-start", faults.Select(f => f.FirstStart));
        Mean("fault-full-throughput", faults.Select(f => f.FullThroughput));
        values.Add("fault-jobs-lost", effects.Lost);
        values.Add("fault-jobs-run-twice", effects.RunTwice);
        values.Add("fault-falsely-completed", effects.FalselyCompleted);
        values.Add("fault-falsely-failed", effects.FalselyFailed);
        values.Add("fault-work-lost", effects.WorkLost);
        values.Add("fault-refused", effects.Refused / 1e6);
        values.Add("fault-delayed", effects.Delayed);

        void Mean(string name, IEnumerable<long?> times)
        {
            long[] known = [.. times.OfType<long>()];
            if (known.Length > 0) values.Add(name, known.Average() / 1e6);
        }
    }

    private static void Recovery(Trial trial, MetricValues values)
    {
        var times = FaultRecovery.Of(trial).Where(r => r.Recovery is not null).Select(r => r.Recovery!.Value.TotalSeconds).ToArray();
        if (times.Length > 0) values.Add("recovery-time", times.Average());
    }
}

/// <summary>How a scheduler came back from one fault.</summary>
/// <param name="Fault">The fault.</param>
/// <param name="Recovery">From the fault to the first job start after it; null when no job started after it.</param>
public sealed record FaultRecovery(TrialFault Fault, TimeSpan? Recovery)
{
    /// <summary>The recovery from each fault of <paramref name="trial"/>.</summary>
    public static ImmutableArray<FaultRecovery> Of(Trial trial)
    {
        if (trial.Record.Faults.IsDefaultOrEmpty) return [];
        var recoveries = ImmutableArray.CreateBuilder<FaultRecovery>();
        foreach (var fault in trial.Record.Faults)
        {
            var first = long.MaxValue;
            foreach (var start in trial.Jobs.Start)
            {
                if (start != JobTable.Missing && start >= fault.Time) first = Math.Min(first, start);
            }

            recoveries.Add(new(fault, first == long.MaxValue ? null : TimeSpan.FromMicroseconds(first - fault.Time)));
        }

        return recoveries.ToImmutable();
    }
}
