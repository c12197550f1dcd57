using System.Text.RegularExpressions;
using Regatta.Config;
using Regatta.Experiments.Configuration;
using Regatta.Experiments.Planning;
using Regatta.Host;
using Regatta.Images;
using Regatta.Runs;

namespace Regatta.Experiments.Composing;

/// <summary>An experiment as a user asked for it, composed.</summary>
/// <param name="Yaml">Composed and resolved, as YAML.</param>
/// <param name="Overrides">The overrides, as given.</param>
/// <param name="Experiment">The experiment itself.</param>
/// <param name="Points">Its points, at least one.</param>
public sealed record ComposedExperiment(string Yaml, IReadOnlyList<string> Overrides, Experiment Experiment, IReadOnlyList<ComposedPoint> Points);

/// <summary>Composes experiments out of <c>conf/</c> and overrides.</summary>
public sealed partial class ExperimentComposer
{
    /// <summary>Name of the primary configuration.</summary>
    public const string Primary = "config";

    private const int MostPoints = 1000;
    private readonly Composer _composer;
    private readonly SchedulerVersions _versions;

    /// <summary>A composer over the project's configuration, and over <c>conf/</c> of the working directory where there is one.</summary>
    public ExperimentComposer(Installation installation, string workingDirectory)
    {
        ArgumentNullException.ThrowIfNull(installation);
        _composer = Over(installation, workingDirectory);
        _versions = new SchedulerVersions(new ImageCatalog(installation.Images) { PayloadLocks = StateDirectory.OfProcess().Payloads });
    }

    /// <summary>The composer of the project's configuration: what every command that composes uses.</summary>
    public static Composer Over(Installation installation, string workingDirectory)
    {
        var own = Path.GetFullPath(Path.Combine(workingDirectory, "conf"));
        List<ConfigSource> sources = [new DirectorySource(installation.Configuration)];
        if (own != Path.GetFullPath(installation.Configuration) && Directory.Exists(own)) sources.Add(new DirectorySource(own, "conf"));
        return new Composer(sources, new ComposerOptions { Root = RecordSchema.Of<Experiment>(), PointsKey = "points", WithHydra = false, WorkingDirectory = workingDirectory });
    }

    /// <summary>A first word without <c>=</c> names the experiment: <c>quickstart seed=7</c> is <c>experiment=quickstart seed=7</c>.</summary>
    public static IReadOnlyList<string> Overrides(IReadOnlyList<string> words)
    {
        if (words.Count == 0 || words[0].Contains('=', StringComparison.Ordinal) || words[0].StartsWith('~')) return words;
        return [$"experiment={words[0]}", .. words.Skip(1)];
    }

    /// <summary>Composes an experiment and its points: the named ones, times the sweeps of the overrides.</summary>
    /// <exception cref="DiagnosticException">It cannot be composed.</exception>
    public ComposedExperiment Compose(IReadOnlyList<string> overrides)
    {
        var sweep = SweepPlan.Create(_composer, Primary, overrides);
        var named = Left(PointsOf(sweep.Master), overrides);
        if (Math.Max(1, named.Count) * sweep.Size > MostPoints)
        {
            throw new DiagnosticException(Diagnostic.Error("experiment-points", $"the experiment has {Math.Max(1, named.Count) * sweep.Size} points, more than {MostPoints}") with
            {
                Help = "take fewer values on an axis",
            });
        }

        var swept = sweep.Axes.Where(a => a.Count > 1).Select(a => a.Key).ToList();
        var points = new List<ComposedPoint>();
        Composition? first = null;
        foreach (var point in sweep.Points())
        {
            foreach (var (name, own) in named.Count == 0 ? [new KeyValuePair<string, IReadOnlyList<string>>("", [])] : named)
            {
                var (composition, experiment) = Bound(overrides => sweep.Compose(point with { Overrides = overrides }), [.. point.Overrides, .. own]);
                first ??= composition;
                var values = point.Overrides.Where(o => swept.Exists(axis => o.StartsWith(axis + "=", StringComparison.Ordinal))).ToList();
                // Beside the axes a point of the sweep may have overrides of its own, and a name.
                var fixedOnes = point.Overrides.Where(o => !sweep.Axes.Any(axis => o.StartsWith(axis.Key + "=", StringComparison.Ordinal)));
                points.Add(new ComposedPoint(NameOf([point.Name ?? "", name], values, experiment), [.. fixedOnes, .. values, .. own], experiment, Yaml(composition)));
            }
        }

        foreach (var twin in points.GroupBy(p => p.Name).Where(g => g.Count() > 1))
        {
            throw new DiagnosticException(Diagnostic.Error("point-name", $"two points are called '{twin.Key}'") with
            {
                Help = "name them: points.NAME=['key=value', …]",
            });
        }

        if (swept.Count > 0) return new ComposedExperiment(Yaml(first!), overrides, RecordBinder.Bind<Experiment>(first!.Resolve()), points);
        var (itself, whole) = Bound(all => _composer.Compose(Primary, all), overrides);
        return new ComposedExperiment(Yaml(itself), overrides, whole, points);
    }

    /// <summary>What overrides compose, with the image that holds the version of the scheduler that they ask for.</summary>
    private (Composition Composition, Experiment Experiment) Bound(Func<IReadOnlyList<string>, Composition> compose, IReadOnlyList<string> overrides)
    {
        var composition = compose(overrides);
        var experiment = RecordBinder.Bind<Experiment>(composition.Resolve());
        if (experiment.Scheduler.Version is not null && _versions.ImageOf(experiment) is var image && image != experiment.Scheduler.Image)
        {
            composition = compose([.. overrides, $"scheduler.image='{image}'"]);
            experiment = RecordBinder.Bind<Experiment>(composition.Resolve());
        }

        if (experiment.Scheduler is { Name: "slurm", Slurm.Accounting: true } && _versions.AccountingOf(experiment) is { } accounting && accounting != (experiment.Scheduler.Image ?? ""))
        {
            overrides = [.. overrides, $"scheduler.image='{accounting}'"];
            composition = compose(overrides);
            experiment = RecordBinder.Bind<Experiment>(composition.Resolve());
        }

        var slurm = experiment.Scheduler.Slurm;
        if (experiment.Upgrades())
        {
            var newer = _versions.UpgradeOf(experiment);
            if (newer.Image != slurm.UpgradeImage)
            {
                composition = compose([.. overrides, .. Chosen("scheduler.image", experiment.Scheduler.Image), .. Chosen("scheduler.slurm.upgrade_image", newer.Image)]);
                experiment = RecordBinder.Bind<Experiment>(composition.Resolve());
            }

            slurm = experiment.Scheduler.Slurm with { UpgradeVersion = newer.Version };
        }

        return (composition, experiment with { Scheduler = experiment.Scheduler with { ImageVersion = _versions.Of(experiment), Slurm = slurm } });
    }

    private static string[] Chosen(string key, string? image) => image is null ? [] : [$"{key}='{image}'"];

    /// <summary>Reads back an experiment that was composed before, such as that of a run directory.</summary>
    /// <exception cref="DiagnosticException">It is not an experiment that this version can read.</exception>
    public static Experiment Read(string yaml, string source) => ReadWith(yaml, source, []).Experiment;

    /// <summary>Reads back an experiment that was composed before, with changes.</summary>
    /// <param name="yaml">The experiment, composed and resolved.</param>
    /// <param name="source">Where it is from, for diagnostics.</param>
    /// <param name="overrides">The changes; none of them chooses a file of a group.</param>
    /// <returns>The experiment, and the same as YAML.</returns>
    /// <exception cref="DiagnosticException">It is not an experiment that this version can read, or a change is wrong.</exception>
    public static (Experiment Experiment, string Yaml) ReadWith(string yaml, string source, IReadOnlyList<string> overrides)
    {
        var current = FormerMultiUser().Replace(yaml, "  flux:\n    multi_user: ${value}");
        var files = new MemorySource(new Dictionary<string, string>(StringComparer.Ordinal) { ["recorded.yaml"] = current }, location: source);
        var reader = new Composer([files], new ComposerOptions { Root = RecordSchema.Of<Experiment>(), WithHydra = false });
        // Runs of earlier programs have the keys of every kind of workload.
        var composition = reader.Compose("recorded", overrides, ComposeMode.Sweep);
        return (RecordBinder.Bind<Experiment>(composition.Resolve()), Yaml(composition));
    }

    // Runs of earlier programs have scheduler.multi_user, as the dumper wrote it.
    [GeneratedRegex(@"^  multi_user: (?<value>true|false)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex FormerMultiUser();

    private static string Yaml(Composition composition) => YamlDumper.Dump(composition.Resolve());

    private static List<KeyValuePair<string, IReadOnlyList<string>>> PointsOf(Composition composition)
    {
        if (composition.Resolve("points") is not MappingNode { State: ContainerState.Value } points) return [];
        return [.. RecordBinder.Bind<Dictionary<string, IReadOnlyList<string>>>(points)];
    }

    /// <summary>
    /// The named points that the command line leaves. What a person types outweighs a file: where it sets all that the points differ in, they are
    /// no longer asked for; where it sets a part of that, nobody can know what is meant.
    /// </summary>
    private static List<KeyValuePair<string, IReadOnlyList<string>>> Left(List<KeyValuePair<string, IReadOnlyList<string>>> named, IReadOnlyList<string> overrides)
    {
        var typed = overrides.Select(KeyOf).ToHashSet(StringComparer.Ordinal);
        var own = named.SelectMany(p => p.Value).Select(KeyOf).Distinct(StringComparer.Ordinal).ToList();
        var both = own.Where(typed.Contains).ToList();
        if (both.Count == 0) return named;
        if (both.Count == own.Count) return [];
        throw new DiagnosticException(Diagnostic.Error("point-override", $"'{both[0]}' is set by the points of the experiment as well: {string.Join(", ", named.Where(p => p.Value.Any(o => KeyOf(o) == both[0])).Select(p => p.Key))}") with
        {
            Help = $"set all that the points differ in ({string.Join(", ", own)}), leave them out with ~points, or change one of them: points.{named[0].Key}=[{string.Join(", ", named[0].Value.Select(o => $"'{o}'"))}]",
        });
    }

    private static string KeyOf(string text) => text.TrimStart('+', '~').Split('=', 2)[0];

    private static string NameOf(IEnumerable<string> names, List<string> values, Experiment experiment)
    {
        var parts = names.Where(n => n.Length > 0).Concat(values.Select(v => v[(v.LastIndexOf('=') + 1)..].Trim('\'', '"'))).ToList();
        if (parts.Count == 0)
            return experiment.Scheduler.Name + "-" + (experiment.Scheduler.IsReference ? experiment.Scheduler.Policy : experiment.Scheduler.Profile);
        return PathName.Fitted(string.Join('-', parts));
    }
}
