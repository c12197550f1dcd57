namespace Regatta.Analysis;

/// <summary>What went wrong on the way.</summary>
internal static class FaultAudit
{
    public static void Check(Trial trial, List<AuditFinding> findings)
    {
        foreach (var fault in trial.Record.Faults)
        {
            findings.Add(new(
                AuditWeight.Invalidates,
                fault.Code ?? (fault.Node is null ? "fault" : "node-fault"),
                $"Fault{Place(trial, fault)}: {fault.Text.TrimEnd('.')}."));
        }

        foreach (var mended in trial.Record.Mended)
            findings.Add(new(AuditWeight.Note, mended.Code ?? "mended", $"Without a loss{Place(trial, mended)}: {mended.Text.TrimEnd('.')}."));
        if (trial.Record.Upgrade is { } upgrade)
        {
            findings.Add(new(AuditWeight.Note, "upgraded", upgrade.ToString()));
            // What came after the last job tells nothing of jobs.
            if (upgrade.Ended > trial.Record.Ended)
                findings.Add(new(AuditWeight.Invalidates, "upgrade-late", "The last job had ended before the last daemon was upgraded: more jobs are needed, or an earlier scheduler.slurm.upgrade_after."));
        }

        foreach (var note in trial.Record.Notes) findings.Add(new(AuditWeight.Note, "left-out", note));

        var lost = new Offenders();
        for (var row = 0; row < trial.Jobs.Count; row++)
        {
            if (trial.Jobs.State(row) == Workloads.JobState.NodeFailed) lost.Add(trial.Jobs.Job[row]);
        }

        lost.Report(findings, AuditWeight.Invalidates, "node-lost", "{0} ended because a node was lost.");
    }

    private static string Place(Trial trial, TrialFault fault) => string.Create(CultureInfo.InvariantCulture,
        $"{(fault.Node is null ? "" : $" on {fault.Node}")}, {(fault.Time - trial.Record.Started) / 1e6:0.0} s after the start");
}
