using Regatta.Analysis;
using Regatta.Runs;

namespace Regatta.Experiments.Running;

/// <summary>
/// Which trials are run a second time because the client, and not the scheduler, was their limit, as happens when other work comes up on the machine. Lateness says nothing of how a
/// scheduler did, so that to repeat for it prefers no result. Where a repetition is limited as well the workload is beyond the client, and its point is not repeated again.
/// </summary>
/// <param name="journal">What the journal says so far.</param>
internal sealed class LimitedTrials(IEnumerable<JournalEntry> journal)
{
    private readonly HashSet<string> _repeated = [.. journal.Where(e => e.Kind == JournalKind.TrialRepeated).Select(e => e.Subject!)];
    private readonly Lock _gate = new();
    private readonly HashSet<string> _beyond = new(StringComparer.Ordinal);

    /// <summary>Why a trial is to be repeated; null when what was measured is kept.</summary>
    public string? Repeats(PlannedTrial trial, PlanPoint point, TrialAudit audit)
    {
        if (audit.Verdict != TrialVerdict.ClientLimited) return null;
        lock (_gate) return !_beyond.Contains(point.Name) && _repeated.Add(trial.Id) ? audit.Findings.First(f => f.Weight == AuditWeight.ClientLimit).Text : null;
    }

    /// <summary>Takes what a repetition was worth.</summary>
    public void Repeated(PlannedTrial trial, TrialAudit audit)
    {
        if (audit.Verdict != TrialVerdict.ClientLimited) return;
        lock (_gate) _beyond.Add(trial.Point);
    }
}
