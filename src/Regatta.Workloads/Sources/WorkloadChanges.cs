namespace Regatta.Workloads;

/// <summary>
/// The changes that can be made to any workload, in the order in which they act: users, flurries, window, first, estimates, scale, memory, load, time scale, shaking, payload.
/// </summary>
public sealed record WorkloadChanges
{
    /// <summary>The only users whose jobs stay; null for all.</summary>
    public UserList? Users { get; init; }

    /// <summary>Users whose jobs go.</summary>
    public UserList? ExcludedUsers { get; init; }

    /// <summary>The most jobs of a user within <see cref="FlurryWindow"/>, at least 1; those beyond go. Null for any number.</summary>
    public int? Flurry { get; init; }

    /// <summary>The time within which the jobs of a flurry are counted.</summary>
    public TimeSpan FlurryWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The submit times that stay; null for all.</summary>
    public SubmitWindow? Window { get; init; }

    /// <summary>How many jobs stay, from the first on; at least 1, null for all.</summary>
    public int? First { get; init; }

    /// <summary>How requested times are made; null leaves those of the jobs.</summary>
    public EstimateRule? Estimates { get; init; }

    /// <summary>Parameters of estimates by the model of Tsafrir, Etsion and Feitelson.</summary>
    public TsafrirEstimates EstimateModel { get; init; } = new();

    /// <summary>How sizes are brought to the machine.</summary>
    public SizeScale Scale { get; init; }

    /// <summary>What becomes of the memory that jobs ask for.</summary>
    public MemoryScale Memory { get; init; }

    /// <summary>Offered load above 0; null leaves it.</summary>
    public double? Load { get; init; }

    /// <summary>Factor above 0 on all times; null leaves them.</summary>
    public double? TimeScale { get; init; }

    /// <summary>The most by which submit times are moved either way; null leaves them.</summary>
    public TimeSpan? Shake { get; init; }

    /// <summary>Seed of shaking.</summary>
    public long ShakeSeed { get; init; } = 1;

    /// <summary>What jobs do; null leaves it.</summary>
    public Payload? Payload { get; init; }

    /// <summary>Makes the changes. Sizes are checked against the machine when there is one.</summary>
    /// <exception cref="DiagnosticException">A change cannot be made, or a job is larger than the machine.</exception>
    public Workload Apply(Workload workload, MachineSize? machine)
    {
        ArgumentNullException.ThrowIfNull(workload);
        var original = workload;
        if (Users is not null) workload = workload.Users(Users.Numbers);
        if (ExcludedUsers is not null) workload = workload.Users(ExcludedUsers.Numbers, exclude: true);
        if (Flurry is { } most) workload = workload.WithoutFlurries(most, FlurryWindow);
        // Without its first jobs a workload would begin with a wait; a window says itself where it begins.
        var later = workload.Jobs[0].Submit - original.Jobs[0].Submit;
        if (Window is { } window) workload = workload.Window(window.From, window.To);
        else if (later > TimeSpan.Zero) workload = workload.StartingAt(later).Note(string.Create(CultureInfo.InvariantCulture, $"Submit times count from {later.TotalSeconds:0.###} s later."));
        if (First is { } first && first < workload.Jobs.Length) workload = workload.First(first);
        if (Estimates is not null) workload = Estimates.Apply(workload, EstimateModel);
        if (machine is { } size) workload = Scale.Apply(workload, size);
        else if (Scale.Kind == SizeScaleKind.Factor) workload = Scale.Apply(workload, new MachineSize(int.MaxValue));
        else if (Scale.Kind != SizeScaleKind.None) throw new DiagnosticException(Diagnostic.Error("workload-scale-machine", "there is no machine that sizes could be brought to") with { Help = "name the machine with --machine, such as --machine 4x16, or give scale a factor" });
        workload = MemoryDemand.Apply(workload, Memory, machine);
        if (Load is { } load) workload = workload.Load(load, machine?.Processors ?? workload.SourceProcessors ?? workload.Jobs.Max(job => job.Processors));
        if (TimeScale is { } factor) workload = workload.Time(factor);
        if (Shake is { } shake) workload = workload.Shake(shake, ShakeSeed);
        if (Payload is not null) workload = workload.WithPayload(Payload);
        return workload.Note("", RecordsDropped(original, workload));
    }

    /// <summary>A warning for recorded values that the changes made untrue; none when all are kept.</summary>
    private static IEnumerable<Diagnostic> RecordsDropped(Workload original, Workload changed)
    {
        var recorded = original.Jobs.Where(job => job.Recorded is not null).ToDictionary(job => job.Id, job => job.Recorded!);
        if (recorded.Count == 0) yield break;
        var pairs = changed.Jobs.Where(job => recorded.ContainsKey(job.Id)).Select(job => (Before: recorded[job.Id], After: job.Recorded)).ToList();
        var lost = RecordedJob.Fields.Select(field => (field.Name, Count: pairs.Count(pair => field.Known(pair.Before) && !(pair.After is { } after && field.Known(after)))))
            .Where(field => field.Count > 0).Select(field => $"{field.Name} of {field.Count} jobs").ToList();
        if (lost.Count > 0) yield return Diagnostic.Warning("workload-records", $"{original.Name}: recorded values that do not hold for the changed jobs were dropped: {string.Join(", ", lost)}");
    }
}
