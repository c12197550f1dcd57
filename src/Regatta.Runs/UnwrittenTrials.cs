using Regatta.Workloads;

namespace Regatta.Runs;

/// <summary>Trials that a program which died left in place without a word in the journal.</summary>
public static class UnwrittenTrials
{
    /// <summary>
    /// Writes those into the journal that are whole. Of simulated ones that are not, as a crash of the machine may leave them, the directory is removed: they are run again.
    /// </summary>
    /// <returns>How many were removed.</returns>
    /// <exception cref="DiagnosticException">A trial on machines is not whole: what it holds is not given up without being asked.</exception>
    public static async Task<int> SettleAsync(RunDirectory run, Plan plan, TimeProvider time, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(plan);
        var written = run.ReadJournal().Where(e => e.Kind == JournalKind.TrialFinished).Select(e => e.Subject).ToHashSet(StringComparer.Ordinal);
        var simulated = plan.Points.Where(p => p.Machines == MachineKind.Simulation).Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        var whole = new List<JournalEntry>();
        var removed = 0;
        foreach (var trial in plan.Trials.Where(t => !written.Contains(t.Id) && run.Has(t)))
        {
            var directory = Path.Combine(run.Path, trial.Directory);
            try
            {
                var head = await TrialFiles.ReadHeadAsync(directory, cancellation);
                // One that lies in the place of another is for the reader of the run to name.
                if (RunTrials.Mismatch(head.Record, trial.Id, trial) is null) whole.Add(new JournalEntry(time.GetUtcNow(), JournalKind.TrialFinished, trial.Id, "found in place") { Sha256 = TrialFiles.Hash(Path.Combine(directory, TrialFiles.Record)) });
            }
            catch (DiagnosticException) when (simulated.Contains(trial.Point))
            {
                Directory.Delete(directory, recursive: true);
                removed++;
            }
        }

        if (whole.Count == 0) return removed;
        using var journal = run.OpenJournal(time);
        journal.Write(whole);
        return removed;
    }
}
