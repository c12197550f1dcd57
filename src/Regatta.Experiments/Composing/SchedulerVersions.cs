using Regatta.Experiments.Configuration;
using Regatta.Images;
using Regatta.Schedulers;
using Regatta.Schedulers.Slurm;
using Regatta.Workloads;

namespace Regatta.Experiments.Composing;

/// <summary>Which image of the checkout holds which version of a scheduler: told by the locks, never by a name.</summary>
/// <param name="catalog">The images.</param>
internal sealed class SchedulerVersions(ImageCatalog catalog)
{
    private readonly Dictionary<string, ImageContents?> _known = new(StringComparer.Ordinal);

    /// <summary>The version of an experiment's scheduler in its image; null where the checkout's locks do not tell.</summary>
    public string? Of(Experiment experiment)
    {
        if (experiment.Scheduler.IsReference || experiment.Machines.Driver == Machines.MachineDriver.Ssh) return null;
        return KnownSchedulers.TryFind(experiment.Scheduler.Name) is { } scheduler ? Of(scheduler, experiment.Scheduler.Image ?? scheduler.Image) : null;
    }

    /// <summary>The image that holds the version that an experiment wants: its own where that does, else the scheduler's own in another suite, else another one.</summary>
    /// <exception cref="DiagnosticException">None holds it (<c>scheduler-version-unknown</c>), or the experiment takes no image of the checkout (<c>scheduler-version-image</c>).</exception>
    public string ImageOf(Experiment experiment)
    {
        var (section, wanted) = (experiment.Scheduler, experiment.Scheduler.Version!);
        if (section.IsReference) throw Fault("the reference scheduler has no version", "leave scheduler.version out of its points");
        if (experiment.Machines.Driver == Machines.MachineDriver.Ssh) throw Fault("scheduler.version chooses an image, and machines that exist take none", "leave it out: the record names the version that they run");
        var scheduler = KnownSchedulers.Find(section.Name);
        var own = section.Image ?? scheduler.Image;
        if (Contents(own) is null) throw Fault($"scheduler.version chooses among the images of 'regatta image list', and scheduler.image is '{own}'", "leave one of the two out");
        return Holding(scheduler, wanted, own).Name;
    }

    /// <summary>The image that has an experiment's Slurm and what its accounting needs: its own where that has both, else one with the same version; null on machines that exist.</summary>
    /// <exception cref="DiagnosticException">None has both (<c>slurm-accounting-image</c>).</exception>
    public string? AccountingOf(Experiment experiment)
    {
        if (experiment.Machines.Driver == Machines.MachineDriver.Ssh) return null;
        var scheduler = KnownSchedulers.Find(experiment.Scheduler.Name);
        var own = experiment.Scheduler.Image ?? scheduler.Image;
        // What someone else's flake holds is seen on the nodes.
        if (Contents(own) is not { } contents || SlurmScheduler.Accounts(contents)) return own;
        var version = Of(scheduler, own);
        var accounting = catalog.Roles().Where(r => Contents(r.Name) is { } held && SlurmScheduler.Accounts(held)).Select(r => (r.Name, Version: Of(scheduler, r.Name))).ToList();
        return accounting.Where(i => i.Version == version).Select(i => i.Name).Order(StringComparer.Ordinal).FirstOrDefault() ?? throw new DiagnosticException(
            Diagnostic.Error("slurm-accounting-image", $"no image holds Slurm {version} together with slurmdbd and MariaDB") with
            {
                Detail = $"those that hold both: {string.Join(", ", accounting.Select(i => $"{i.Name} ({i.Version})"))}",
                Help = "take the version of one of them (scheduler.version), or leave scheduler.slurm.accounting out",
            });
    }

    /// <summary>The image that holds the version that an experiment's Slurm is upgraded to, and that version as a whole.</summary>
    /// <exception cref="DiagnosticException">None holds it (<c>scheduler-version-unknown</c>).</exception>
    public (string Image, string Version) UpgradeOf(Experiment experiment)
    {
        var (section, scheduler) = (experiment.Scheduler, KnownSchedulers.Find(experiment.Scheduler.Name));
        var wanted = section.Slurm.Upgrade!;
        return section.Slurm.UpgradeImage is { } named && Of(scheduler, named) is { } version && Matches(version, wanted) ? (named, version)
            : Holding(scheduler, wanted, section.Image ?? scheduler.Image);
    }

    /// <summary>The image that holds a version: the experiment's own where that does, else the scheduler's own in another suite, else another one.</summary>
    private (string Name, string Version) Holding(IScheduler scheduler, string wanted, string own)
    {
        // Accounting takes the image that it needs once the version is chosen.
        var there = catalog.Roles().Where(r => r.Name == own || Contents(r.Name) is not { } held || !SlurmScheduler.Accounts(held)).Select(r => (r.Name, Version: Of(scheduler, r.Name))).Where(i => i.Version is not null).Select(i => (i.Name, Version: i.Version!)).ToList();
        var holding = there.Where(i => Matches(i.Version, wanted)).ToList();
        if (holding.Count == 0) throw new DiagnosticException(Unknown(scheduler, wanted, there));
        return holding
            .OrderByDescending(i => i.Name == own || Contents(own) is not null && catalog.Role(own).Name == i.Name)
            // A build of one's own is named, or the only one.
            .ThenBy(i => catalog.Role(i.Name).OwnBuild is not null)
            .ThenByDescending(i => i.Name == scheduler.Image)
            .ThenByDescending(i => Role(i.Name) == Role(scheduler.Image))
            .ThenByDescending(i => i.Version, Comparer<string>.Create(Compare))
            .ThenBy(i => i.Name, StringComparer.Ordinal)
            .First();
    }

    /// <summary>Whether a version is the wanted one, or begins with its numbers: 24.11 is 24.11.5, and not 24.1.</summary>
    internal static bool Matches(string version, string wanted) => version == wanted || version.StartsWith(wanted + ".", StringComparison.Ordinal);

    private static Diagnostic Unknown(IScheduler scheduler, string wanted, List<(string Name, string Version)> there)
    {
        var sorted = there.OrderBy(i => i.Version, Comparer<string>.Create(Compare)).ToList();
        string[] nearest =
        [
            .. sorted.Where(i => Compare(i.Version, wanted) < 0).TakeLast(1).Concat(sorted.Where(i => Compare(i.Version, wanted) > 0).Take(1)).Select(i => $"{i.Version} ({i.Name})"),
        ];
        var role = Role(scheduler.Image);
        var how = scheduler.Name == "slurm" ? $"regatta image lock {role}@SUITE, with a suite of Debian that has it, or {role}+{wanted} --payload {scheduler.Name}=PREFIX" : $"regatta image lock {role}+{wanted} --payload {scheduler.Name}=SOURCE";
        return Diagnostic.Error("scheduler-version-unknown", $"no image holds {scheduler.Name} {wanted}") with
        {
            Detail = there.Count == 0 ? $"no lock tells of a version of {scheduler.Name}" : $"there {(there.Count == 1 ? "is" : "are")} {string.Join(", ", sorted.Select(i => $"{i.Version} ({i.Name})"))}",
            Help = (nearest.Length == 0 ? "" : $"nearest: {string.Join(", ", nearest)}\n") + $"to add it: {how}; docs/versions.md says what else",
        };
    }

    // What an image is made of, whichever suite its packages are of and whoever built it.
    private static string Role(string image) => image.Split('@', '+')[0];

    // By numbers, as far as there are some: 9 stands before 10.
    private static int Compare(string? first, string? second)
    {
        var (left, right) = (Numbers(first), Numbers(second));
        return left.Zip(right).Select(p => p.First.CompareTo(p.Second)).FirstOrDefault(c => c != 0) is not 0 and var different ? different : left.Length.CompareTo(right.Length);
    }

    private static int[] Numbers(string? version) =>
        [.. (version ?? "").Split('.').Select(p => int.TryParse(string.Concat(p.TakeWhile(char.IsAsciiDigit)), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)];

    private static DiagnosticException Fault(string summary, string help) => new(Diagnostic.Error("scheduler-version-image", summary) with { Help = help });

    private string? Of(IScheduler scheduler, string image) => Contents(image) is { } contents ? scheduler.VersionIn(contents) : null;

    private ImageContents? Contents(string image)
    {
        if (_known.TryGetValue(image, out var known)) return known;
        try
        {
            return _known[image] = ImageContents.Known(catalog, catalog.Role(image));
        }
        catch (DiagnosticException)
        {
            // An image of someone else's flake, or one whose lock is at fault, which is told when it is to be built.
            return _known[image] = null;
        }
    }
}
