using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>The client sent the jobs when it was to send them.</summary>
internal static class ClientAudit
{
    /// <summary>Adds what was found; returns the 99th percentile of lateness in microseconds, or null when no job has both stamps.</summary>
    public static double? Check(Trial trial, List<AuditFinding> findings)
    {
        var jobs = trial.Jobs;
        using var rented = new Rented<double>(jobs.Count);
        var lateness = rented.Items;
        var n = 0;
        var unsent = new Offenders();
        for (var row = 0; row < jobs.Count; row++)
        {
            if (jobs.Sent[row] == JobTable.Missing) unsent.Add(jobs.Job[row]);
            else if (jobs.Planned[row] != JobTable.Missing) lateness[n++] = jobs.Sent[row] - jobs.Planned[row];
        }

        unsent.Report(findings, AuditWeight.Invalidates, "unsent-jobs", "{0} were never sent.");
        if (n == 0) return null;
        var p99 = OrderStatistics.Quantiles(lateness[..n], 0.99)[0];
        // A simulated client is never late; what is sent later than planned there waited for another job.
        if (p99 > trial.Record.LatenessBound && trial.Record.Machines != MachineKind.Simulation)
        {
            findings.Add(new(AuditWeight.ClientLimit, "client-late",
                $"The client, not the scheduler, was the limit: 99 % of the jobs were sent within {ClockAudit.Milliseconds(p99)} of their time, and the bound is {ClockAudit.Milliseconds(trial.Record.LatenessBound)}."));
        }

        return p99;
    }
}
