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

        if (trial.Record.Injection is { } injection) Check(trial.Record, injection, findings);
        if (trial.Record.Sampling is { Failure: { } failure } sampling)
            findings.Add(new(AuditWeight.Note, "sampling-ended", string.Create(CultureInfo.InvariantCulture, $"Sampling ended by itself after {sampling.Samples} samples: {failure.TrimEnd('.')}.")));
        foreach (var note in trial.Record.Notes) findings.Add(new(AuditWeight.Note, "left-out", note));

        var lost = new Offenders();
        for (var row = 0; row < trial.Jobs.Count; row++)
        {
            if (trial.Jobs.State(row) == Workloads.JobState.NodeFailed) lost.Add(trial.Jobs.Job[row]);
        }

        // What a fault that was meant did to jobs is what the trial measures.
        lost.Report(findings, trial.Record.Injection is null ? AuditWeight.Invalidates : AuditWeight.Note, "node-lost", "{0} ended because a node was lost.");
    }

    /// <summary>A trial tells what planned faults did when all of them came about as planned, while there were jobs.</summary>
    private static void Check(TrialRecord record, FaultInjection injection, List<AuditFinding> findings)
    {
        findings.Add(new(AuditWeight.Note, "injected", injection.ToString()));
        foreach (var missed in injection.Missed)
            findings.Add(new(AuditWeight.Invalidates, "fault-missed", $"The planned fault {missed} did not come about: the trial had ended before what it waited for."));
        foreach (var fault in injection.Faults)
        {
            if (fault.Failure is { } failure)
                findings.Add(new(AuditWeight.Invalidates, "fault-failed", $"The planned fault {fault.Name} did not go as planned: {failure.TrimEnd('.')}."));
            else if (fault.Began > record.Ended)
                findings.Add(new(AuditWeight.Invalidates, "fault-late", $"The last job had ended before the planned fault {fault.Name}: more jobs are needed, or an earlier fault."));
        }

        if (injection.Effects.FalselyCompleted is > 0 and var falsely)
            findings.Add(new(AuditWeight.Note, "falsely-completed", $"The scheduler calls {falsely} {(falsely == 1 ? "job" : "jobs")} completed whose payload did not do its work.") { Jobs = falsely });
    }

    private static string Place(Trial trial, TrialFault fault) => string.Create(CultureInfo.InvariantCulture,
        $"{(fault.Node is null ? "" : $" on {fault.Node}")}, {(fault.Time - trial.Record.Started) / 1e6:0.0} s after the start");
}
