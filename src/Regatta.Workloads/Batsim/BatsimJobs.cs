using System.Text.Json;

namespace Regatta.Workloads;

/// <summary>Makes a workload of the document of a Batsim workload.</summary>
/// <param name="name">Name of the file, for diagnostics.</param>
/// <param name="mode">Whether jobs that cannot be read are left out or refused.</param>
internal sealed class BatsimJobs(string name, SwfMode mode)
{
    /// <summary>What such a document looks like.</summary>
    public const string Shape = "a workload of Batsim is an object of 'nb_res', 'jobs' (id, subtime, res, profile, walltime) and 'profiles'";

    private readonly Dictionary<string, double?> _times = new(StringComparer.Ordinal);
    private readonly TraceCollector _jobs = new(name);

    /// <summary>The workload.</summary>
    /// <exception cref="DiagnosticException">It is no such document (<c>batsim-json</c>), or no job is left (<c>workload-no-jobs</c>).</exception>
    public Workload Read(JsonElement root, CancellationToken cancellationToken)
    {
        if (root.ValueKind != JsonValueKind.Object) throw Fault("it is no object");
        if (!root.TryGetProperty("jobs", out var jobs) || jobs.ValueKind != JsonValueKind.Array) throw Fault("it has no list 'jobs'");
        if (!root.TryGetProperty("profiles", out var profiles) || profiles.ValueKind != JsonValueKind.Object) throw Fault("it has no object 'profiles'");
        var numbers = new HashSet<long>();
        var place = 0L;
        foreach (var job in jobs.EnumerateArray())
        {
            cancellationToken.ThrowIfCancellationRequested();
            place++;
            if (Take(job, profiles, numbers) is not { } fault) continue;
            if (mode == SwfMode.Strict) throw Fault($"job {place} of its list {fault}");
            _jobs.Unread(place, fault);
        }

        var read = _jobs.Numbered(_ => true);
        var notes = Notes().ToImmutableArray();
        if (read.Count == 0)
            throw new DiagnosticException([Diagnostic.Error("workload-no-jobs", $"{name} holds no job that could be run") with { Where = new SourceRange(name), Help = "a job needs a profile that says how long it runs: delay, or a sequence of such" }, .. notes]);
        int? machine = root.TryGetProperty("nb_res", out var size) && size.ValueKind == JsonValueKind.Number && size.TryGetInt32(out var count) && count > 0 ? count : null;
        return new Workload
        {
            Name = name, Description = $"Read from {name}, a workload of Batsim.", Jobs = Workload.Sort(read), SourceProcessors = machine is { } stated ? Math.Max(stated, read.Max(job => job.Processors)) : null, Diagnostics = notes,
        };
    }

    private static double? Number(JsonElement job, string key) =>
        job.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) && Math.Abs(number) <= JobValidation.Longest.TotalSeconds ? number : null;

    /// <summary>Takes a job; what is wrong with it, or null.</summary>
    private string? Take(JsonElement job, JsonElement profiles, HashSet<long> numbers)
    {
        if (job.ValueKind != JsonValueKind.Object) return "is no object";
        if (Number(job, "subtime") is not (>= 0 and var submit)) return "has no 'subtime'";
        if (Number(job, "res") is not (>= 1 and <= int.MaxValue and var processors)) return "has no 'res' of at least 1";
        if (!job.TryGetProperty("profile", out var named) || named.ValueKind != JsonValueKind.String) return "has no 'profile'";
        var profile = named.GetString()!;
        if (!profiles.TryGetProperty(profile, out var found)) return $"has the profile '{profile}', which is not among the profiles";
        if (Time(profile, profiles, []) is not { } seconds)
        {
            var kind = found.ValueKind == JsonValueKind.Object && found.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString()! : "unknown";
            _jobs.LeaveOut($"jobs of profiles of type '{kind}', which say no time");
            return null;
        }

        var limit = Number(job, "walltime");
        _jobs.Add(new Job { Id = Id(job, numbers), Submit = TimeSpan.FromSeconds(submit), Processors = (int)processors, RunTime = TimeSpan.FromSeconds(seconds), RequestedTime = limit > 0 ? TimeSpan.FromSeconds(limit.Value) : null });
        return null;
    }

    /// <summary>The number of a job: its id where that is one, perhaps behind the workload's name (<c>w0!12</c>); 0 for one that is to be made.</summary>
    private static long Id(JsonElement job, HashSet<long> numbers)
    {
        if (!job.TryGetProperty("id", out var id)) return 0;
        var text = id.ValueKind == JsonValueKind.String ? id.GetString()! : id.GetRawText();
        return long.TryParse(text[(text.LastIndexOf('!') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 && numbers.Add(number) ? number : 0;
    }

    /// <summary>How long a profile takes, in seconds; null when it does not say, or is a part of itself.</summary>
    private double? Time(string profile, JsonElement profiles, HashSet<string> within)
    {
        if (_times.TryGetValue(profile, out var known)) return known;
        if (!within.Add(profile) || within.Count > 100 || !profiles.TryGetProperty(profile, out var body) || body.ValueKind != JsonValueKind.Object) return null;
        double? time = body.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString() switch
        {
            "delay" or "DelayProfile" => Number(body, "delay") is >= 0 and var delay ? delay : null,
            "composed" or "SequentialCompositionProfile" when body.TryGetProperty("seq", out var parts) && parts.ValueKind == JsonValueKind.Array =>
                Sum(parts, profiles, within) * (Number(body, "repeat") ?? 1),
            _ => null,
        } : null;
        within.Remove(profile);
        if (time is not (>= 0 and var seconds) || seconds > JobValidation.Longest.TotalSeconds) time = null;
        return _times[profile] = time;
    }

    private double? Sum(JsonElement parts, JsonElement profiles, HashSet<string> within)
    {
        double sum = 0;
        foreach (var part in parts.EnumerateArray())
        {
            if (part.ValueKind != JsonValueKind.String || Time(part.GetString()!, profiles, within) is not { } seconds) return null;
            sum += seconds;
        }

        return sum;
    }

    private IEnumerable<Diagnostic> Notes()
    {
        if (_jobs.Unreadable > 0)
            yield return Diagnostic.Warning("trace-row", string.Create(CultureInfo.InvariantCulture, $"{name}: {_jobs.Unreadable:#,0} jobs cannot be read and are left out; job {_jobs.FirstUnreadable} of its list {_jobs.Fault}")) with { Where = new SourceRange(name), Help = Shape };
        foreach (var note in _jobs.Notes(Severity.Warning, "run them through Batsim, and take the times of its _jobs.csv")) yield return note;
    }

    private DiagnosticException Fault(string fault) => new(Diagnostic.Error("batsim-json", $"{name} is no workload of Batsim: {fault}") with { Where = new SourceRange(name), Help = Shape });
}
