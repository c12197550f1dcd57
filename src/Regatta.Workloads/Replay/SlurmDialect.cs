using System.Text.RegularExpressions;

namespace Regatta.Workloads;

/// <summary>
/// What a release of Slurm takes and says that others do not: the one table of it, for the program and its agent. Which one a node speaks is found there, by
/// the version that its slurmctld and slurmrestd tell, and never by a name.
/// </summary>
/// <param name="Release">The release that it begins with, such as <c>24.11</c>; it counts until the next one of the table.</param>
/// <param name="Interface">The newest version of slurmrestd's interface in that release, such as <c>v0.0.42</c>.</param>
public sealed partial record SlurmDialect(string Release, string Interface)
{
    /// <summary>The releases, the oldest first.</summary>
    public static ImmutableArray<SlurmDialect> All { get; } =
    [
        new("22.05", "v0.0.38") { IsTested = true, IsTestedInVirtualTime = true },
        new("23.02", "v0.0.39") { WritesLists = true },
        new("23.11", "v0.0.40") { WritesLists = true },
        new("24.05", "v0.0.41") { WritesLists = true },
        new("24.11", "v0.0.42") { WritesLists = true, IsTested = true, IsTestedInVirtualTime = true, Reads = 3 },
        new("25.05", "v0.0.43") { WritesLists = true, Reads = 3 },
        new("25.11", "v0.0.44") { WritesLists = true, Reads = 3 },
        new("26.05", "v0.0.45") { WritesLists = true, StartsFlag = "HetJob", IsTested = true, IsTestedInVirtualTime = true, Reads = 3 },
    ];

    /// <summary>The newest release of the table.</summary>
    public static SlurmDialect Newest => All[^1];

    /// <summary>All calls of its daemons that wait or ask for the time are known to go by a virtual clock: it was run in virtual time, and nothing that it did escaped the clock.</summary>
    public bool IsTestedInVirtualTime { get; private init; }

    /// <summary>It was run, and its recorded answers and logs are among the tests. The others are taken to be like the tested one before them.</summary>
    public bool IsTested { get; private init; }

    /// <summary>The interface takes and gives lists, texts and objects where the first one had objects, numbers and texts: an environment is a list, a number of nodes a text.</summary>
    public bool WritesLists { get; private init; }

    /// <summary>The flag of <c>DebugFlags</c> without which slurmctld's log does not tell of jobs that backfill starts; null where it tells of them always.</summary>
    public string? StartsFlag { get; private init; }

    /// <summary>
    /// State files, messages and jobs of so many releases before it are understood, so that a cluster can be upgraded from them with its jobs: two, and three from
    /// 24.11 on (Slurm's Upgrade Guide, and the release notes of each).
    /// </summary>
    public int Reads { get; private init; } = 2;

    /// <summary>The dialect of a version, such as <c>24.11.5</c> or <c>24.11.5-4+deb13u1</c>: that of its release or of the one before; the newest where the version is null or no version.</summary>
    public static SlurmDialect Of(string? version) =>
        Number(version) is { } number ? All.LastOrDefault(d => Number(d.Release) <= number) ?? All[0] : Newest;

    /// <summary>The dialect of a version of slurmrestd's interface, such as <c>v0.0.42</c>; the newest where it is a newer one.</summary>
    public static SlurmDialect OfInterface(string version) => All.FirstOrDefault(d => d.Interface == version) ?? Newest;

    /// <summary>The release of a version: <c>24.11</c> of <c>24.11.5-4+deb13u1</c>; null for what is no version.</summary>
    public static string? ReleaseOf(string? version) => Number(version) is { } number ? string.Create(CultureInfo.InvariantCulture, $"{number / 100}.{number % 100:00}") : null;

    /// <summary>
    /// The releases that an upgrade goes by, the last one included, in as few steps as Slurm allows: one where it can be done at once, also within a release.
    /// Null where the wanted version is an older release, or one of the two is no version.
    /// </summary>
    public static ImmutableArray<string>? Way(string? from, string? to)
    {
        if (Place(from) is not { } start || Place(to) is not { } end || end < start) return null;
        var steps = new Stack<string>([ReleaseOf(to)!]);
        for (var at = end; at - start > ReadsAt(at); steps.Push(All[at].Release)) at -= ReadsAt(at);
        return [.. steps];
    }

    /// <summary>Says that a version is none of those that were tested; null for one that was, and for what is no version.</summary>
    public static Diagnostic? Untested(string? version)
    {
        if (Number(version) is not { } number || All.Any(d => d.IsTested && Number(d.Release) == number)) return null;
        var like = All.LastOrDefault(d => d.IsTested && Number(d.Release) <= number) ?? All[0];
        return Diagnostic.Warning("slurm-untested", $"Slurm {version} was not tested: it is taken to speak like {like.Release}") with
        {
            Help = $"tested were {string.Join(", ", All.Where(d => d.IsTested).Select(d => d.Release))}; a trial of which its log or slurmrestd does not tell all is invalid, and says what was missing",
        };
    }

    // What is newer than the table is taken to be the one after it.
    private static int? Place(string? version) => Number(version) is not { } number ? null
        : number > Number(Newest.Release) ? All.Length : All.Count(d => Number(d.Release) <= number) - 1;

    private static int ReadsAt(int place) => All[Math.Clamp(place, 0, All.Length - 1)].Reads;

    private static int? Number(string? version) =>
        version is not null && Version().Match(version) is { Success: true } match
            ? (int.Parse(match.Groups["year"].ValueSpan, CultureInfo.InvariantCulture) * 100) + int.Parse(match.Groups["month"].ValueSpan, CultureInfo.InvariantCulture)
            : null;

    [GeneratedRegex(@"^(?<year>\d{2})\.(?<month>\d{2})(?!\d)", RegexOptions.ExplicitCapture)]
    private static partial Regex Version();
}
