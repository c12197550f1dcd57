namespace Regatta.Schedulers.Slurm;

/// <summary>What a version of Slurm knows of slurm.conf.</summary>
internal static class SlurmVersions
{
    /// <summary>True when the version in the project's image does not know something of these versions.</summary>
    public static bool Lacks(string versions) => !versions.StartsWith(SlurmManual.ImageVersion, StringComparison.Ordinal);

    /// <summary>Says that an image of the user's own is needed for something.</summary>
    public static Diagnostic Warning(string what, string versions) =>
        Diagnostic.Warning("slurm-version", $"{what} is known to Slurm {versions.Replace("-", " to ", StringComparison.Ordinal)}, not to {SlurmManual.ImageVersion}") with
        {
            Help = "scheduler.image names an image with a version that knows it",
        };
}
