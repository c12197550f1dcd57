using System.Collections.Immutable;

namespace Regatta.Reports.Model;

/// <summary>Waits that a simulation predicts, beside those that were measured: the point of the reference scheduler that ran the same jobs.</summary>
internal static class Predictions
{
    /// <summary>Most jobs drawn for one point.</summary>
    private const int MostJobs = 2_000;

    public static ImmutableArray<Prediction> Of(IReadOnlyList<RacedTrial> trials)
    {
        var references = trials.Where(t => t.Measured.Record.Scheduler == "reference").ToList();
        var predictions = ImmutableArray.CreateBuilder<Prediction>();
        foreach (var trial in trials.Where(t => t.Measured.Record.Scheduler != "reference" && t.Standing != TrialStanding.Invalid))
        {
            var record = trial.Measured.Record;
            if (predictions.Any(p => p.Point == record.Point)) continue;
            var ideal = references.FirstOrDefault(r => r.Measured.Record.Seed == record.Seed && r.Measured.Record.Workload == record.Workload && r.Measured.Record.Processors == record.Processors);
            if (ideal is null) continue;
            var waits = ideal.Trial.Jobs.Records.Where(j => j is { Start: not null, Sent: not null }).ToDictionary(j => j.Job, j => (j.Start!.Value - j.Sent!.Value) / 1e6);
            var both = trial.Trial.Jobs.Records.Where(j => j is { Start: not null, Sent: not null } && waits.ContainsKey(j.Job)).ToList();
            if (both.Count == 0) continue;
            var step = Math.Max(1, both.Count / MostJobs);
            var drawn = both.Where((_, i) => i % step == 0).ToList();
            predictions.Add(new Prediction(record.Point, record.Repetition, [.. drawn.Select(j => Math.Round(waits[j.Job], 3))], [.. drawn.Select(j => Math.Round((j.Start!.Value - j.Sent!.Value) / 1e6, 3))]));
        }

        return predictions.ToImmutable();
    }
}
