using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Reports.Model;

/// <summary>What must be known of trials on emulated nodes.</summary>
internal static class Emulation
{
    /// <summary>How the nodes of a trial are emulated, such as <c>1024 nodes: many slurmd on each worker</c>; null for real ones.</summary>
    public static string? Of(TrialRecord record) => record.Trait(Trait.Emulation);

    /// <summary>One sentence for each way of emulating that the trials used.</summary>
    public static IEnumerable<string> Sentences(IReadOnlyList<RacedTrial> trials) =>
        from record in trials.Select(t => t.Measured.Record)
        let how = Of(record)
        where how is not null
        group record.Point by (how, Without: record.Trait(Trait.EmulationLeavesOut) ?? "something that is not recorded") into same
        select $"The nodes of {VerdictWords.Listed([.. same.Distinct(StringComparer.Ordinal)])} are emulated ({same.Key.how}), without {same.Key.Without}.";

    /// <summary>One note for each way of emulating that the trials used.</summary>
    public static IEnumerable<Diagnostic> Notes(IReadOnlyList<RacedTrial> trials) =>
        from record in trials.Select(t => t.Measured.Record)
        let how = Of(record)
        where how is not null
        group record.Point by (record.Scheduler, how, Without: record.Trait(Trait.EmulationLeavesOut) ?? "not recorded") into same
        select Diagnostic.Warning("emulated", $"{same.Key.Scheduler} ran on emulated nodes ({same.Key.how})") with
        {
            Detail = $"Left out: {same.Key.Without}. It concerns {string.Join(", ", same.Distinct())}.",
            Help = "experiment=emulation-fidelity compares emulated with real nodes at a size that both can do",
        };
}
