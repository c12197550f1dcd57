using Regatta.Workloads;

namespace Regatta.Schedulers.Slurm;

/// <summary>What a version of Slurm knows of slurm.conf.</summary>
internal static class SlurmVersions
{
    /// <summary>True when a version does not know something of these versions; where only the nodes know theirs, what the project's own image has counts.</summary>
    /// <param name="version">Slurm's version, such as <c>24.11.5</c>, or null.</param>
    /// <param name="versions">The versions that know it, such as <c>22.05-26.05</c> or <c>22.05</c>.</param>
    public static bool Lacks(string? version, string versions)
    {
        // What is newer than all that was looked at is taken to be like the newest.
        var release = SlurmDialect.ReleaseOf(version) ?? SlurmManual.ImageVersion;
        if (string.CompareOrdinal(release, SlurmDialect.Newest.Release) > 0) release = SlurmDialect.Newest.Release;
        return string.CompareOrdinal(release, versions.Split('-')[0]) < 0 || string.CompareOrdinal(release, versions.Split('-')[^1]) > 0;
    }

    /// <summary>Says that another version is needed for something: an error where the version is known, since Slurm would do something else than is meant.</summary>
    public static Diagnostic Fault(string what, string versions, string? version)
    {
        var known = SlurmDialect.ReleaseOf(version);
        var summary = $"{what} is known to Slurm {versions.Replace("-", " to ", StringComparison.Ordinal)}, not to {known ?? SlurmManual.ImageVersion}";
        return (known is null ? Diagnostic.Warning("slurm-version", summary) : Diagnostic.Error("slurm-version-setting", summary)) with
        {
            Help = known is null ? "scheduler.image names an image with a version that knows it" : "leave it out, or name a version that knows it: scheduler.version=" + versions.Split('-')[0],
        };
    }
}
