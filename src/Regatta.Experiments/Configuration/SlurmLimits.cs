using System.Collections.Frozen;
using Regatta.Schedulers.Slurm;
using Regatta.Schedulers.Slurm.Sites;
using Regatta.Simulation;

namespace Regatta.Experiments.Configuration;

/// <summary>Limits of qualities of service and of associations, by the names of sacctmgr, as they are simulated.</summary>
internal static class SlurmLimits
{
    // The names of sacctmgr, of its dumps and of its listings.
    private static readonly string[] GrpJobs = ["GrpJobs"], GrpSubmits = ["GrpSubmitJobs", "GrpSubmit"], GrpTres = ["GrpTRES"], JobsPerUser = ["MaxJobsPerUser", "MaxJobsPU"],
        SubmitsPerUser = ["MaxSubmitJobsPerUser", "MaxSubmitPU", "MaxSubmitJobsPU"], TresPerUser = ["MaxTRESPerUser", "MaxTRESPU"], JobsPerAccount = ["MaxJobsPerAccount", "MaxJobsPA"],
        SubmitsPerAccount = ["MaxSubmitJobsPerAccount", "MaxSubmitPA", "MaxSubmitJobsPA"], TresPerAccount = ["MaxTRESPerAccount", "MaxTRESPA"], TresPerJob = ["MaxTRESPerJob", "MaxTRES", "MaxTRESPJ"],
        Wall = ["MaxWallDurationPerJob", "MaxWall"], Jobs = ["MaxJobs"], Submits = ["MaxSubmitJobs", "MaxSubmit"];

    private static readonly FrozenSet<string> OfQos = Names([GrpJobs, GrpSubmits, GrpTres, JobsPerUser, SubmitsPerUser, TresPerUser, JobsPerAccount, SubmitsPerAccount, TresPerAccount, TresPerJob, Wall], "Priority", "Preempt", "PreemptMode", "Description");

    private static readonly FrozenSet<string> OfAssociation = Names([GrpJobs, GrpSubmits, GrpTres, TresPerJob, Wall, Jobs, Submits], "Fairshare", "QOS", "DefaultQOS", "Description", "Organization", "DefaultAccount", "AdminLevel");

    /// <summary>A quality of service.</summary>
    /// <param name="qos">As it is configured.</param>
    /// <param name="limited">Whether limits hold.</param>
    /// <exception cref="DiagnosticException">A limit cannot be read.</exception>
    public static ReferenceQos Quality(SiteQos qos, bool limited)
    {
        var settings = qos.Settings;
        var made = new ReferenceQos(qos.Name)
        {
            Priority = Number(settings, ["Priority"]) ?? 0,
            Preempts = new(List(Said(settings, ["Preempt"]))),
            Mode = SimulatedRules.Mode(Said(settings, ["PreemptMode"])),
        };
        return !limited ? made : made with
        {
            All = Running(settings, GrpJobs, GrpSubmits, GrpTres),
            PerUser = Running(settings, JobsPerUser, SubmitsPerUser, TresPerUser),
            PerAccount = Running(settings, JobsPerAccount, SubmitsPerAccount, TresPerAccount),
            PerJob = Each(settings),
            Denies = List(Said(settings, ["Flags"])).Contains("DenyOnLimit", StringComparer.OrdinalIgnoreCase),
        };
    }

    /// <summary>An account, or a user in one.</summary>
    /// <param name="association">As it is configured.</param>
    /// <param name="limited">Whether limits hold.</param>
    /// <exception cref="DiagnosticException">A limit cannot be read.</exception>
    public static ReferenceAssociation Association(SiteAssociation association, bool limited)
    {
        var settings = association.Settings;
        var made = new ReferenceAssociation(association.Account, association.Parent, association.User)
        {
            Shares = settings.GetValueOrDefault("Fairshare") is not { } text ? 1 : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var shares) ? shares : null,
            Qos = new(List(Said(settings, ["QOS"])).Where(name => !name.Equals("all", StringComparison.OrdinalIgnoreCase))),
            DefaultQos = Said(settings, ["DefaultQOS"]),
        };
        return !limited ? made : made with { All = Running(settings, GrpJobs, GrpSubmits, GrpTres), PerUser = Running(settings, Jobs, Submits, []), PerJob = Each(settings) };
    }

    /// <summary>The licences of <c>Licenses=matlab:4,ansys</c>.</summary>
    /// <exception cref="DiagnosticException">It is no such list.</exception>
    public static IEnumerable<ResourceLimit> Licenses(string text) => List(text).Select(part =>
    {
        var colon = part.IndexOf(':', StringComparison.Ordinal);
        var count = colon < 0 ? 1 : long.TryParse(part.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Value("Licenses", text, "write NAME:COUNT with commas between them");
        return new ResourceLimit("license/" + (colon < 0 ? part : part[..colon]), count);
    });

    /// <summary>What of qualities of service and associations is not simulated, by its name.</summary>
    public static IEnumerable<string> LeftOut(IEnumerable<SiteQos> qos, IEnumerable<SiteAssociation> associations) =>
        qos.SelectMany(q => q.Settings.SelectMany(s => s.Key.Equals("Flags", StringComparison.OrdinalIgnoreCase) ? List(s.Value).Where(flag => !flag.Equals("DenyOnLimit", StringComparison.OrdinalIgnoreCase)) : OfQos.Contains(s.Key) ? Others(s) : [s.Key]))
            .Concat(associations.SelectMany(a => a.Settings.SelectMany(s => OfAssociation.Contains(s.Key) ? Others(s) : [s.Key])));

    /// <summary>A setting that cannot be read.</summary>
    public static DiagnosticException Value(string key, string text, string help) => new(Diagnostic.Error("slurm-setting-value", $"{key} cannot be '{text.ReplaceLineEndings("\\n")}'") with { Help = help });

    // Resources of a limit that nothing here counts.
    private static IEnumerable<string> Others(KeyValuePair<string, string> setting) => setting.Key.Contains("TRES", StringComparison.OrdinalIgnoreCase)
        ? List(setting.Value).Select(part => part.Split('=')[0]).Where(name => !Counted(name)).Select(name => $"{setting.Key} of {name}") : [];

    private static bool Counted(string name) => name is "cpu" or "node" || name.StartsWith("gres/gpu", StringComparison.Ordinal) || name.StartsWith("license/", StringComparison.Ordinal);

    private static RunningLimits Running(ImmutableSortedDictionary<string, string> settings, string[] jobs, string[] submits, string[] tres) =>
        new() { Jobs = (int?)Number(settings, jobs), Submits = (int?)Number(settings, submits), Resources = Resources(settings, tres) };

    private static JobLimits Each(ImmutableSortedDictionary<string, string> settings) => new()
    {
        Wall = Said(settings, Wall) is { } text ? SlurmTime.Of(text) ?? throw Value(Wall[0], text, "a time is minutes, hours:minutes:seconds, or days-hours, such as 7-0") : null,
        Resources = Resources(settings, TresPerJob),
    };

    private static Sequence<ResourceLimit> Resources(ImmutableSortedDictionary<string, string> settings, string[] names) => new(List(Said(settings, names)).Select(part =>
        part.Split('=') is [var name, var count] && long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var most) ? new ResourceLimit(name, most)
            : part.Split('=') is [var other, _] && !Counted(other) ? null : throw Value(names[0], part, "write NAME=COUNT with commas between them, such as cpu=64,gres/gpu=8")).OfType<ResourceLimit>().Where(limit => Counted(limit.Name)));

    private static long? Number(ImmutableSortedDictionary<string, string> settings, string[] names) => Said(settings, names) is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Value(names[0], text, "it is a whole number, not negative; -1 takes a limit away");

    // -1 is how sacctmgr takes a limit away.
    private static string? Said(ImmutableSortedDictionary<string, string> settings, string[] names) =>
        settings.FirstOrDefault(s => names.Contains(s.Key, StringComparer.OrdinalIgnoreCase)).Value is { Length: > 0 } text && text != "-1" ? text : null;

    private static string[] List(string? text) => text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static FrozenSet<string> Names(string[][] limits, params string[] others) => limits.SelectMany(names => names).Concat(others).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
