namespace Regatta.Runs;

/// <summary>Whether a plan that was read can be one: what a file that was damaged or written by hand may break.</summary>
internal static class PlanCheck
{
    /// <summary>The first thing that is wrong; null when nothing is.</summary>
    public static string? Fault(Plan plan)
    {
        if (plan.Points.IsDefault || plan.Trials.IsDefault) return "it has no points or no trials";
        var points = new HashSet<string>(StringComparer.Ordinal);
        foreach (var point in plan.Points)
        {
            if (!PathName.Fits(point.Name)) return $"the point's name '{point.Name}' does not fit a directory";
            if (!points.Add(point.Name)) return $"the point '{point.Name}' is there twice";
            if (point.Overrides.IsDefault) return $"the point '{point.Name}' has no overrides";
        }

        var trials = new HashSet<string>(StringComparer.Ordinal);
        foreach (var trial in plan.Trials)
        {
            if (!points.Contains(trial.Point)) return $"a trial is of the point '{trial.Point}', which the plan does not have";
            if (trial.Order < 1 || trial.Repetition < 1 || trial.Block < 1) return $"the trial {trial.Id} has an order, a repetition or a block below 1";
            if (!trials.Add(trial.Id)) return $"the trial {trial.Id} is there twice";
        }

        return plan.Measure is { } measure && (measure.WarmUp < TimeSpan.Zero || measure.CoolDown < TimeSpan.Zero || measure.Tau <= TimeSpan.Zero)
            ? string.Create(CultureInfo.InvariantCulture, $"it measures with a warm-up of {measure.WarmUp}, a cool-down of {measure.CoolDown} and a tau of {measure.Tau}")
            : null;
    }
}
