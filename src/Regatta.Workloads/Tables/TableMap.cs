namespace Regatta.Workloads;

/// <summary>What the columns of a table of jobs mean.</summary>
public sealed record TableMap
{
    /// <summary>What a column can be: <c>submit</c> is needed, and <c>run_time</c> or both <c>start</c> and <c>end</c>.</summary>
    public static ImmutableArray<string> Fields { get; } =
    [
        "id", "submit", "eligible", "start", "end", "wait", "run_time", "suspended", "limit", "processors", "requested_processors", "nodes", "memory", "gpus", "gpu_type",
        "user", "group", "account", "qos", "partition", "reservation", "constraint", "state", "array", "array_task",
    ];

    /// <summary>Units of times, with the seconds of each; <c>text</c> is a date and a time of day.</summary>
    public static ImmutableSortedDictionary<string, double> TimeUnits { get; } = new Dictionary<string, double> { ["us"] = 1e-6, ["ms"] = 1e-3, ["s"] = 1, ["min"] = 60, ["h"] = 3600, ["d"] = 86_400 }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>Units of memory, with the bytes of each.</summary>
    public static ImmutableSortedDictionary<string, double> MemoryUnits { get; } = new Dictionary<string, double> { ["B"] = 1, ["KiB"] = 1L << 10, ["MiB"] = 1L << 20, ["GiB"] = 1L << 30, ["KB"] = 1e3, ["MB"] = 1e6, ["GB"] = 1e9 }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>Fields that hold a time, or a span of it.</summary>
    public static ImmutableArray<string> Times { get; } = ["submit", "eligible", "start", "end", "wait", "run_time", "suspended", "limit"];

    /// <summary>The column of each field; <c>=4</c> is the value 4 for every row.</summary>
    public required ImmutableSortedDictionary<string, string> Columns { get; init; }

    /// <summary>The unit of fields that hold a time (else seconds, or a date) or memory (else bytes), which is that of the whole job.</summary>
    public ImmutableSortedDictionary<string, string> Units { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>How a job ended, by the words of the table; words that it lacks are read as Slurm's.</summary>
    public ImmutableSortedDictionary<string, RecordedState> States { get; init; } = ImmutableSortedDictionary<string, RecordedState>.Empty;

    /// <summary>Values that stand for nothing, besides the empty one.</summary>
    public ImmutableArray<string> Missing { get; init; } = [];

    /// <summary>What is wrong with it: fields and units that are not known, and fields that lack.</summary>
    public IEnumerable<Diagnostic> Faults()
    {
        foreach (var field in Columns.Keys.Where(field => !Fields.Contains(field))) yield return Fault($"a job has no field '{field}'", Suggestion.Help(field, [.. Fields]));
        foreach (var (field, unit) in Units)
        {
            var known = Times.Contains(field) ? TimeUnits.Keys : field == "memory" ? MemoryUnits.Keys : [];
            if (!known.Contains(unit)) yield return Fault($"{field} has no unit '{unit}'", known.Any() ? $"one of {string.Join(", ", known)}" : $"units are for {string.Join(", ", Times)} and memory");
        }

        if (!Columns.ContainsKey("submit")) yield return Fault("no column is the submission", "give columns.submit; for a table that has none, take start, and read waits as unknown");
        if (!Columns.ContainsKey("run_time") && !(Columns.ContainsKey("start") && Columns.ContainsKey("end"))) yield return Fault("no column says how long a job ran", "give columns.run_time, or columns.start and columns.end");
    }

    private static Diagnostic Fault(string summary, string help) => Diagnostic.Error("table-map", summary) with { Help = help };
}
