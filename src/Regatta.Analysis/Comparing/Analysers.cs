namespace Regatta.Analysis;

/// <summary>Conclusions after the runs: what a reader must know before believing the numbers.</summary>
public static class Analysers
{
    /// <summary>Analyses <paramref name="trials"/>; the order is errors, warnings, hints.</summary>
    public static ImmutableArray<Diagnostic> Analyse(IReadOnlyList<MeasuredTrial> trials, ComparisonSettings settings, ImmutableArray<Asymmetry> asymmetries)
    {
        var found = new List<Diagnostic>();
        found.AddRange(Audits(trials));
        found.AddRange(asymmetries.Where(a => !a.Explained).Select(a =>
            Diagnostic.Warning("asymmetry", $"the points differ in {a.Name}, which is not what is compared") with
            {
                Detail = string.Join('\n', a.Values.Select(v => $"{v.Key}: {v.Value}").Append(a.Why)),
                Help = $"make it the same on all sides, or name it as a factor of the comparison",
            }));
        found.AddRange(HostShape.Confounded(trials));
        var valid = trials.Where(t => t.Audit.Verdict == TrialVerdict.Valid).ToList();
        foreach (var metric in settings.Judged)
        {
            foreach (var point in valid.GroupBy(t => t.Record.Point, StringComparer.Ordinal))
            {
                var runs = point.Where(t => t.Metrics[metric] is not null).Select(t => (t.Record, Value: t.Metrics[metric]!.Value)).ToList();
                found.AddRange(RunShape.Outliers(metric, point.Key, runs));
                found.AddRange(RunShape.TwoGroups(metric, point.Key, [.. runs.Select(r => r.Value)]));
            }

            found.AddRange(RunShape.Drift(metric, valid));
            found.AddRange(HostShape.Effect(metric, valid));
        }

        return [.. found.OrderByDescending(d => d.Severity)];
    }

    private static IEnumerable<Diagnostic> Audits(IReadOnlyList<MeasuredTrial> trials)
    {
        foreach (var trial in trials)
        {
            var name = $"{trial.Record.Point}, repetition {trial.Record.Repetition}";
            if (trial.Audit.Verdict == TrialVerdict.Invalid)
            {
                yield return Diagnostic.Warning("trial-invalid", $"{name} is invalid and is not compared") with { Detail = string.Join('\n', trial.Audit.Reasons) };
            }
            else if (trial.Audit.Verdict == TrialVerdict.ClientLimited)
            {
                yield return Diagnostic.Warning("client-limited", $"{name} was limited by the client and is not compared") with
                {
                    Detail = string.Join('\n', trial.Audit.Reasons),
                    Help = "submit more slowly, or free the head of other work",
                };
            }
        }

        foreach (var point in trials.GroupBy(t => t.Record.Point, StringComparer.Ordinal).Where(g => g.All(t => t.Audit.Verdict != TrialVerdict.Valid)))
            yield return Diagnostic.Error("no-valid-trial", $"no trial of {point.Key} is valid; it cannot be compared");
    }
}
