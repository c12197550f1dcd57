namespace Regatta.Analysis;

/// <summary>Jobs that were started against the priorities that the scheduler itself reports.</summary>
internal static class StartOrderAudit
{
    /// <summary>Adds what was found.</summary>
    public static void Check(TrialRecord record, List<AuditFinding> findings)
    {
        if (record.StartOrder is not { OutOfOrder: > 0 and var wrong, Passed: [var first, ..] } order) return;
        findings.Add(new(AuditWeight.Note, "started-out-of-order", FormattableString.Invariant(
            $"{wrong} of {order.Starts} starts in the order of priorities passed over a job of their partition that waited for resources with a higher priority, by the scheduler's own word, before the start and after it; the first: job {first.Job} (priority {first.Priority}) before job {first.Before} (priority {first.BeforePriority})."))
        {
            Jobs = wrong,
            Examples = [.. order.Passed.Take(10).Select(p => p.Job)],
        });
    }
}
