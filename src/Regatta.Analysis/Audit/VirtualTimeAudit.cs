namespace Regatta.Analysis;

/// <summary>All stamps of a trial in virtual time are of the one clock. What the clock itself says that it did not carry along is a fault of the trial.</summary>
internal static class VirtualTimeAudit
{
    /// <summary>How far outside of the trial a stamp of its clock may be, in microseconds.</summary>
    private const long Beside = 60_000_000;

    /// <summary>Adds what was found; nothing in real time.</summary>
    public static void Check(Trial trial, List<AuditFinding> findings)
    {
        if (trial.Record.Clock is not { } clock) return;
        var went = clock.WentOn == 0 ? "" : FormattableString.Invariant($"; {(clock.WentOn == 1 ? "once" : $"{clock.WentOn} times")} the clock went on while something computed, which comes out otherwise in another run");
        var took = clock.Computed == 0 ? "" : FormattableString.Invariant($", for which it took {clock.Computed / 1e6:0.0} s of a processor and the clock {clock.Governed / 1e6:0.0} s{(trial.Jobs.Count == 0 ? "" : FormattableString.Invariant($", {(clock.Computed + clock.Governed) / 1e6 / trial.Jobs.Count:0.00} s a job"))}");
        findings.Add(new(AuditWeight.Note, "virtual-time", FormattableString.Invariant(
            $"Virtual time: {clock.Virtual / 1e6:0} s in {(clock.RealEnded - clock.RealStarted) / 1e6:0.0} s, {clock.Factor:0.0} times as fast; in {clock.Busy / 1e6:0.0} s something computed{took}; {clock.Jumps} jumps passed over {clock.Jumped / 1e6:0} s in which all waited{went}.")));
        var jobs = trial.Jobs;
        var stamps = new (string Name, StampColumn Column)[]
        {
            ("sent", jobs => jobs.Sent), ("accepted", jobs => jobs.Accepted), ("eligible", jobs => jobs.Eligible), ("decided", jobs => jobs.Decided),
            ("started", jobs => jobs.Start), ("finished", jobs => jobs.Finish), ("released", jobs => jobs.Released),
        };
        foreach (var (name, read) in stamps)
        {
            var column = read(jobs);
            var offenders = new Offenders();
            long worst = 0;
            for (var row = 0; row < jobs.Count; row++)
            {
                if (column[row] == JobTable.Missing) continue;
                var outside = Math.Max(trial.Record.Started - column[row], column[row] - trial.Record.Ended);
                if (outside <= Beside) continue;
                offenders.Add(jobs.Job[row]);
                worst = Math.Max(worst, outside);
            }

            // Real time is ages behind: whoever stamped it did not go by the clock.
            offenders.Report(findings, AuditWeight.Invalidates, "clock-escaped", FormattableString.Invariant($"{{0}}: {name} up to {worst / 1e6:0} s outside of the trial's virtual time, by a clock that is another."));
        }
    }
}
