using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Reports.Checks;

/// <summary>Jobs that have something in common: <c>user=3</c>, <c>account=physics</c>, <c>processors=1..4</c>, <c>run-time=0..60s</c>, or several of these with commas between.</summary>
public sealed record JobClass
{
    private static readonly ImmutableArray<(string Name, Func<JobRecord, double> Value, bool Time)> Fields =
    [
        ("user", job => job.User, false), ("group", job => job.Group, false), ("queue", job => job.Queue, false), ("processors", job => job.Processors, false),
        ("run-time", job => job.RunTime / 1e6, true), ("gpus", job => job.Request?.Gpus ?? 0, false),
    ];

    private static readonly ImmutableArray<(string Name, Func<JobRequest, string?> Value)> Names =
    [
        ("user-name", request => request.User), ("account", request => request.Account), ("qos", request => request.Qos), ("partition", request => request.Partition),
        ("reservation", request => request.Reservation), ("gpu-type", request => request.GpuType),
    ];

    private readonly ImmutableArray<Func<JobRecord, bool>> _parts;

    private JobClass(string text, ImmutableArray<Func<JobRecord, bool>> parts) => (Text, _parts) = (text, parts);

    /// <summary>What was written.</summary>
    public string Text { get; }

    /// <summary>Whether a job is one of them.</summary>
    public bool Holds(JobRecord job) => _parts.All(part => part(job));

    /// <summary>The trial of these jobs alone. What concerns the machine as a whole means nothing there.</summary>
    public Trial Of(Trial trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        return trial with { Jobs = JobTable.From(trial.Jobs.Records.Where(Holds)) };
    }

    /// <summary>Reads a class.</summary>
    /// <exception cref="DiagnosticException">It is none (<c>check-bound</c>); without a place.</exception>
    public static JobClass Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new JobClass(text, [.. text.Split(',').Select(Part)]);
    }

    private static Func<JobRecord, bool> Part(string part)
    {
        var equals = part.IndexOf('=', StringComparison.Ordinal);
        var name = (equals < 0 ? part : part[..equals]).Trim();
        if (Names.FirstOrDefault(named => named.Name == name).Value is { } of)
        {
            var wanted = equals < 0 ? "" : part[(equals + 1)..].Trim();
            return wanted.Length > 0 ? job => job.Request is { } request && of(request) == wanted : throw Fault($"'{part.Trim()}' names no jobs", $"write {name}=NAME");
        }

        var field = Enumerable.Range(0, Fields.Length).FirstOrDefault(i => Fields[i].Name == name, -1);
        if (field < 0) throw Fault($"jobs have no class '{name}'", Suggestion.Help(name, [.. Fields.Select(f => f.Name), .. Names.Select(n => n.Name)]));
        var ends = equals < 0 ? [] : part[(equals + 1)..].Split("..");
        var least = ends.Length > 0 ? Number(ends[0], Fields[field].Time) : null;
        var most = ends.Length == 2 ? Number(ends[1], Fields[field].Time) : least;
        if (ends.Length is 1 or 2 && least <= most)
        {
            var (value, low, high) = (Fields[field].Value, least.Value, most!.Value);
            return job => value(job) is var found && found >= low && found <= high;
        }

        throw Fault($"'{part.Trim()}' names no jobs", $"write {name}=VALUE or {name}=FROM..TO, such as {(Fields[field].Time ? "run-time=0..60s" : name + "=1..4")}");
    }

    private static double? Number(string text, bool time)
    {
        if (time) return Durations.TrySeconds(text.Trim(), out var seconds) ? seconds : null;
        return int.TryParse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private static DiagnosticException Fault(string summary, string help) => new(Diagnostic.Error("check-bound", summary) with { Help = help });
}
