namespace Regatta.Analysis;

/// <summary>What a trial is worth.</summary>
public enum TrialVerdict
{
    /// <summary>It may be compared.</summary>
    Valid,

    /// <summary>It may not be compared; the findings say why.</summary>
    Invalid,

    /// <summary>The client was late: what was measured is the client, not the scheduler.</summary>
    ClientLimited,
}

/// <summary>How much a finding weighs.</summary>
public enum AuditWeight
{
    /// <summary>Worth knowing.</summary>
    Note,

    /// <summary>The client was the limit.</summary>
    ClientLimit,

    /// <summary>The trial is invalid.</summary>
    Invalidates,
}

/// <summary>One thing that the audit found.</summary>
/// <param name="Weight">How much it weighs.</param>
/// <param name="Code">Stable name in kebab case, such as <c>negative-stage</c>.</param>
/// <param name="Text">What was found, in a sentence with its numbers.</param>
public sealed record AuditFinding(AuditWeight Weight, string Code, string Text)
{
    /// <summary>How many jobs it concerns; 0 when it concerns none in particular.</summary>
    public int Jobs { get; init; }

    /// <summary>The first few of them.</summary>
    public ImmutableArray<long> Examples { get; init; } = [];
}

/// <summary>What <c>audit.json</c> holds: whether a trial may be compared, and why not.</summary>
public sealed record TrialAudit
{
    /// <summary>Version of this contract.</summary>
    public int Version { get; init; } = 1;

    /// <summary>What the trial is worth.</summary>
    public required TrialVerdict Verdict { get; init; }

    /// <summary>What was found, the weightiest first.</summary>
    public ImmutableArray<AuditFinding> Findings { get; init; } = [];

    /// <summary>99th percentile of lateness, in microseconds; null when no job has both stamps.</summary>
    public double? LatenessP99 { get; init; }

    /// <summary>The largest change of a node's clock offset over the trial, in microseconds; null when it was not measured.</summary>
    public long? LargestOffsetChange { get; init; }

    /// <summary>The most processors that were busy at once, as far as the clocks can tell.</summary>
    public long PeakProcessors { get; init; }

    /// <summary>The texts of the findings that keep it from being compared.</summary>
    public IEnumerable<string> Reasons => Findings.Where(f => f.Weight != AuditWeight.Note).Select(f => f.Text);

    /// <summary>Audits <paramref name="trial"/>.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="expected">The job numbers of the workload; null when they are not known.</param>
    public static TrialAudit Of(Trial trial, IReadOnlyCollection<long>? expected = null)
    {
        // Each check writes into a list of its own, so that the findings stand in one order whichever check ends first.
        List<AuditFinding> jobs = [], clocks = [], stages = [], occupancy = [], client = [], faults = [];
        var change = ClockAudit.Check(trial.Record, clocks);
        long peak = 0;
        double? lateness = null;
        AtOnce.Do(
            trial.Jobs.Count,
            () =>
            {
                peak = OccupancyAudit.Check(trial, occupancy);
                GpuAudit.Check(trial, occupancy);
            },
            () =>
            {
                JobAudit.Check(trial, expected, jobs);
                VirtualTimeAudit.Check(trial, jobs);
                StageAudit.Check(trial, stages);
                StartOrderAudit.Check(trial.Record, stages);
                lateness = ClientAudit.Check(trial, client);
                FaultAudit.Check(trial, faults);
                PressureAudit.Check(trial.Record, faults);
            });
        List<AuditFinding> findings = [.. jobs, .. clocks, .. stages, .. occupancy, .. client, .. faults];
        return new()
        {
            Verdict = findings.Any(f => f.Weight == AuditWeight.Invalidates) ? TrialVerdict.Invalid
                : findings.Any(f => f.Weight == AuditWeight.ClientLimit) ? TrialVerdict.ClientLimited
                : TrialVerdict.Valid,
            Findings = [.. findings.OrderByDescending(f => f.Weight)],
            LatenessP99 = lateness,
            LargestOffsetChange = change,
            PeakProcessors = peak,
        };
    }
}
