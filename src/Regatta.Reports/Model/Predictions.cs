namespace Regatta.Reports.Model;

/// <summary>The waits of the ideal beside those that were measured, job by job.</summary>
internal static class Predictions
{
    /// <summary>Most jobs drawn for one point.</summary>
    private const int MostJobs = 2_000;

    /// <summary>One prediction a point: its first repetition that has an ideal.</summary>
    public static ImmutableArray<Prediction> Of(IReadOnlyList<RacedTrial> trials)
    {
        var predictions = ImmutableArray.CreateBuilder<Prediction>();
        foreach (var trial in trials.Where(t => t.Ideal is not null).DistinctBy(t => t.Measured.Record.Point))
        {
            var both = trial.Ideal!.Waits(trial.Trial).ToList();
            if (both.Count == 0) continue;
            var step = Math.Max(1, both.Count / MostJobs);
            var drawn = both.Where((_, i) => i % step == 0).ToList();
            predictions.Add(new Prediction(
                trial.Measured.Record.Point,
                trial.Measured.Record.Repetition,
                trial.Ideal.Reference.Record.Profile,
                [.. drawn.Select(j => Math.Round(j.Predicted, 3))],
                [.. drawn.Select(j => Math.Round(j.Measured, 3))]));
        }

        return predictions.ToImmutable();
    }
}
