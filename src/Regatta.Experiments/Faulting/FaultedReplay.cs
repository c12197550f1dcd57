using Regatta.Analysis;
using Regatta.Experiments.Replay;

namespace Regatta.Experiments.Faulting;

/// <summary>What a replay gave in which faults were brought about on purpose.</summary>
internal static class FaultedReplay
{
    /// <summary>Measures the faults; what they bring about by themselves is no fault of the trial.</summary>
    /// <param name="outcome">What the replay gave.</param>
    /// <param name="campaign">What was done, and undone.</param>
    public static (ReplayResult Outcome, FaultInjection Injection) Of(ReplayResult outcome, FaultCampaign campaign)
    {
        var summary = outcome.Summary;
        var injection = FaultMeasurement.Of(campaign.Done, campaign.Missed, outcome.Jobs, outcome.Events, summary.Faults, summary.Ended);
        var told = summary.Faults.Where(f => injection.Explains(f.Time)).Select(f => new TrialFault(f.Time, f.Node, f.Text)).ToHashSet();
        return (outcome with
        {
            Faults = [.. outcome.Faults.Where(f => !told.Contains(f) && f.Code != "contradicting-stamps")],
            Mended = [.. outcome.Mended.Concat(told.Select(f => f with { Code = "injected" })).OrderBy(f => f.Time)],
        }, injection);
    }
}
