using System.Text.RegularExpressions;

namespace Regatta.Workloads;

/// <summary>
/// What a release of Kubernetes has that those before it have not, as far as an experiment must know: the one table of it. What a role does differently on
/// the nodes follows from the version that it finds there, and what the agent sends from what the API server says that it serves.
/// </summary>
/// <param name="Minor">The release that it begins with, such as 36 for 1.36; it counts until the next one of the table.</param>
public sealed partial record KubernetesRelease(int Minor)
{
    /// <summary>The releases, the oldest first.</summary>
    public static ImmutableArray<KubernetesRelease> All { get; } =
    [
        new(20) { IsTested = true },
        new(24) { IsTested = true },
        // 1.35 has gangs as well, whose members hold what they got for five minutes: two of them still block each other.
        new(36) { IsTested = true, GangApi = "scheduling.k8s.io/v1alpha2", GangGates = "GenericWorkload=true,GangScheduling=true" },
        new(37) { GangApi = "scheduling.k8s.io/v1beta1", GangGates = "GenericWorkload=true" },
    ];

    /// <summary>The newest release of the table.</summary>
    public static KubernetesRelease Newest => All[^1];

    /// <summary>It was run. The others are taken to be like the one before them.</summary>
    public bool IsTested { get; private init; }

    /// <summary>The version of the API that has PodGroups which kube-scheduler places whole; null for none.</summary>
    public string? GangApi { get; private init; }

    /// <summary>The feature gates that they need in the API server, the controllers and the scheduler; null where there are none.</summary>
    public string? GangGates { get; private init; }

    /// <summary>The release of a version, such as <c>1.36.2</c> or <c>v1.36.2</c>; the oldest where the version is null or no version, as in an image that compiles its own.</summary>
    public static KubernetesRelease Of(string? version) => Number(version) is { } minor ? All.LastOrDefault(r => r.Minor <= minor) ?? All[0] : All[0];

    /// <summary>Says that a version is none of those that were tested; null for one that was, and for what is no version.</summary>
    public static Diagnostic? Untested(string? version)
    {
        if (Number(version) is not { } minor || All.Any(r => r.IsTested && r.Minor == minor)) return null;
        return Diagnostic.Warning("kubernetes-untested", $"Kubernetes {version} was not tested: it is taken to be like 1.{Of(version).Minor}") with
        {
            Help = $"tested were {string.Join(", ", All.Where(r => r.IsTested).Select(r => $"1.{r.Minor}"))}; what its API server does not tell makes a trial invalid, and docs/versions.md says what differs",
        };
    }

    private static int? Number(string? version) =>
        version is not null && Version().Match(version) is { Success: true } match ? int.Parse(match.Groups["minor"].ValueSpan, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"^v?1\.(?<minor>\d{1,4})(?!\d)", RegexOptions.ExplicitCapture)]
    private static partial Regex Version();
}
