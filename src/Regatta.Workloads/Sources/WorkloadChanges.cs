namespace Regatta.Workloads;

/// <summary>
/// The settings that every kind of workload knows, in the order in which they act: users, flurries, window, first, estimates, scale, memory, load, time scale, shaking, payload.
/// </summary>
public sealed record WorkloadChanges
{
    private static readonly string[] Payloads = ["sleep", "cpu", "exec"];
    private static readonly string[] Memories = ["keep", "none", "fit"];

    private ImmutableHashSet<int>? Users { get; init; }

    private ImmutableHashSet<int>? ExcludedUsers { get; init; }

    private int? Flurry { get; init; }

    private TimeSpan FlurryWindow { get; init; }

    private (TimeSpan From, TimeSpan To)? Window { get; init; }

    private Func<Workload, Workload>? Estimates { get; init; }

    private SizeScale Scale { get; init; }

    private MemoryScale Memory { get; init; }

    private double? Load { get; init; }

    private double? TimeScale { get; init; }

    private TimeSpan? Shake { get; init; }

    private long ShakeSeed { get; init; }

    private Payload? Payload { get; init; }

    private int? First { get; init; }

    /// <summary>Reads the settings; their faults are gathered by <paramref name="parameters"/>.</summary>
    /// <param name="parameters">The settings.</param>
    /// <param name="ownLoad">The generator makes the load itself.</param>
    /// <param name="ownTimeScale">The generator scales its times itself.</param>
    public static WorkloadChanges Read(WorkloadParameters parameters, bool ownLoad = false, bool ownTimeScale = false)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var kind = (PayloadKind)parameters.Choice("payload", Payloads);
        var command = parameters.Text("command");
        if (kind == PayloadKind.Exec && command is null) parameters.Missing("command", "the command that payload=exec runs, such as command=/usr/bin/true");
        var maximum = parameters.Duration("estimates.maximum");
        var share = parameters.Positive("estimates.share");
        return new WorkloadChanges
        {
            Users = parameters.With("users", text => Numbers("users", text)),
            ExcludedUsers = parameters.With("exclude-users", text => Numbers("exclude-users", text)),
            Flurry = parameters.Whole("flurry", 1), FlurryWindow = parameters.Duration("flurry-window") ?? TimeSpan.FromMinutes(10),
            Window = parameters.With("window", Range) is { } range ? (range[0], range[1]) : null,
            First = parameters.Whole("first", 1),
            Estimates = parameters.With("estimates", text => Estimate(text, maximum, share, parameters.Long("estimates.seed") ?? parameters.Long("seed") ?? 1)),
            Scale = (parameters.With("scale", text => new Boxed(SizeScale.Parse(text)))?.Scale ?? default) with { Source = parameters.Whole("scale.source", 1) },
            Memory = (MemoryScale)parameters.Choice("memory", Memories),
            Load = ownLoad ? null : parameters.Positive("load"), TimeScale = ownTimeScale ? null : parameters.Positive("time-scale"), Shake = parameters.Duration("shake"),
            ShakeSeed = parameters.Long("shake.seed") ?? parameters.Long("seed") ?? 1,
            Payload = parameters.Has("payload") ? new Payload(kind, kind == PayloadKind.Exec ? [.. (command ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)] : []) : null,
        };
    }

    /// <summary>Makes the changes. Sizes are checked against the machine when there is one.</summary>
    /// <exception cref="DiagnosticException">A change cannot be made, or a job is larger than the machine.</exception>
    public Workload Apply(Workload workload, MachineSize? machine)
    {
        ArgumentNullException.ThrowIfNull(workload);
        var original = workload;
        if (Users is not null) workload = workload.Users(Users);
        if (ExcludedUsers is not null) workload = workload.Users(ExcludedUsers, exclude: true);
        if (Flurry is { } most) workload = workload.WithoutFlurries(most, FlurryWindow);
        // Without its first jobs a workload would begin with a wait; a window says itself where it begins.
        var later = workload.Jobs[0].Submit - original.Jobs[0].Submit;
        if (Window is { } window) workload = workload.Window(window.From, window.To);
        else if (later > TimeSpan.Zero) workload = workload.StartingAt(later).Note(string.Create(CultureInfo.InvariantCulture, $"Submit times count from {later.TotalSeconds:0.###} s later."));
        if (First is { } first && first < workload.Jobs.Length) workload = workload.First(first);
        if (Estimates is not null) workload = Estimates(workload);
        if (machine is { } size) workload = Scale.Apply(workload, size);
        else if (Scale.Kind == SizeScaleKind.Factor) workload = Scale.Apply(workload, new MachineSize(int.MaxValue));
        else if (Scale.Kind != SizeScaleKind.None) throw new DiagnosticException(Diagnostic.Error("workload-scale", "there is no machine that sizes could be brought to") with { Help = "name the machine with --machine, such as --machine 4x16, or give scale a factor" });
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

    private static ImmutableHashSet<int> Numbers(string key, string text)
    {
        var users = new List<int>();
        foreach (var part in text.Split(','))
        {
            if (!int.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var user))
                throw new DiagnosticException(Diagnostic.Error("workload-parameter", $"{key}={text}: '{part}' is no user number") with { Help = $"such as {key}=3,17" });
            users.Add(user);
        }

        return [.. users];
    }

    private static TimeSpan[] Range(string text)
    {
        var dots = text.IndexOf("..", StringComparison.Ordinal);
        var (from, to) = (TimeSpan.Zero, TimeSpan.MaxValue);
        if (dots >= 0 && (dots == 0 || Durations.TryParse(text[..dots], out from)) && (dots + 2 == text.Length || Durations.TryParse(text[(dots + 2)..], out to)) && from < to) return [from, to];
        throw new DiagnosticException(Diagnostic.Error("workload-parameter", $"window={text} is no span of time") with { Help = "FROM..TO, each a duration or left out, such as 2h..26h" });
    }

    private static Func<Workload, Workload> Estimate(string text, TimeSpan? maximum, double? share, long seed) => text switch
    {
        "none" => workload => workload.Estimates(null),
        "exact" => workload => workload.Estimates(1),
        "at-least" => workload => workload.LimitsLifted(),
        "cut" => workload => workload.CutAtLimits(),
        "tsafrir" => new TsafrirEstimates { Maximum = maximum, MaximumShare = share, Seed = seed }.Apply,
        _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var factor) && factor > 0 && double.IsFinite(factor) => workload => workload.Estimates(factor),
        _ => throw new DiagnosticException(Diagnostic.Error("workload-parameter", $"estimates={text} is not known") with { Help = "none, exact, at-least, cut, tsafrir, or a factor on the run time such as 2" }),
    };

    private sealed record Boxed(SizeScale Scale);
}
