using Regatta.Runs;

namespace Regatta.Experiments.Running;

/// <summary>How long the rest of a run will take: what the plan expects, corrected by how long the trials of this sitting took.</summary>
/// <param name="plan">The plan.</param>
/// <param name="virtually">How many trials in virtual time run at once, at least 1.</param>
internal sealed class TimeLeft(Plan plan, int virtually = 1)
{
    private int _trials;
    private TimeSpan _expected;
    private TimeSpan _took;

    /// <summary>Takes how long a trial took. The first one tells nothing: images and clusters are made in its time.</summary>
    public void Took(PlannedTrial trial, TimeSpan took)
    {
        if (_trials++ == 0) return;
        _expected = ExpectedTime.Sum(_expected, ExpectedTime.Of([trial], plan.Points));
        _took += took;
    }

    /// <summary>Such as <c>about 3 min left</c>; null where trials are simulated.</summary>
    /// <param name="rest">The trials that are still to run.</param>
    public string? Words(IReadOnlyList<PlannedTrial> rest)
    {
        var expected = ExpectedTime.Of([.. rest], plan.Points, virtually);
        if (expected == TimeSpan.Zero) return null;
        return $"about {Durations.Rounded(_expected > TimeSpan.Zero ? expected * (_took / _expected) : expected)} left";
    }
}
