namespace Regatta.Config;

/// <summary>An axis of a sweep: its values go one after the other. Axes that are zipped advance together.</summary>
/// <param name="Key">Prefix, key and package of the override.</param>
/// <param name="Texts">The override texts, in order.</param>
/// <param name="Count">How many there are.</param>
/// <param name="ZipGroup">The name of the group of axes that advance together; null for an axis of its own.</param>
public sealed record SweepAxis(string Key, IEnumerable<string> Texts, long Count, string? ZipGroup);

/// <summary>A point of a sweep.</summary>
/// <param name="Number">Its number, from 0.</param>
/// <param name="Name">Its name, when the configuration names its points; else null.</param>
/// <param name="Overrides">The overrides that make it.</param>
public sealed record SweepPoint(int Number, string? Name, IReadOnlyList<string> Overrides);

/// <summary>
/// A sweep before any of it is composed: how many points it has, and which. Points are made one at a time.
/// The product has the first axis as the slowest; axes tagged <c>zip</c> (or <c>zip-NAME</c>) advance together.
/// </summary>
public sealed class SweepPlan
{
    /// <summary>The most points of one sweep.</summary>
    public const int Limit = 1_000_000;

    private readonly Composer _composer;
    private readonly string? _primary;
    private readonly IReadOnlyList<Override> _hydraOverrides;
    private readonly IReadOnlyList<IReadOnlyList<SweepAxis>> _dimensions;
    private readonly IReadOnlyList<NamedPoint> _points;
    private readonly IReadOnlyList<Exclusion> _exclusions;
    private readonly Dictionary<string, Composer.BaseTree> _trees = new(StringComparer.Ordinal);
    private readonly ConfigRepository _repository;
    private long? _size;

    private SweepPlan(Composer composer, string? primary, Composition master, IReadOnlyList<Override> hydraOverrides,
        IReadOnlyList<IReadOnlyList<SweepAxis>> dimensions, IReadOnlyList<NamedPoint> points, IReadOnlyList<Exclusion> exclusions, ConfigRepository repository)
    {
        _composer = composer;
        _primary = primary;
        _hydraOverrides = hydraOverrides;
        _dimensions = dimensions;
        _points = points;
        _exclusions = exclusions;
        _repository = repository;
        Master = master;
    }

    /// <summary>The configuration that the sweep starts from, without the swept values.</summary>
    public Composition Master { get; }

    /// <summary>The axes, in order.</summary>
    public IReadOnlyList<SweepAxis> Axes => _dimensions.SelectMany(d => d).ToList();

    /// <summary>How many points there are: known before any of them is composed.</summary>
    public long Size => _size ??= _exclusions.Count == 0 ? Product() : Points().LongCount();

    /// <summary>How many jobs run in a batch; null when all of them do.</summary>
    public int? BatchSize => Master.HydraNode("hydra.sweeper.max_batch_size") is ScalarNode { Value: long size } ? (int)size : null;

    /// <summary>Plans a sweep.</summary>
    /// <param name="composer">The composer.</param>
    /// <param name="primary">The primary configuration.</param>
    /// <param name="overrides">The overrides, those with several values being the axes.</param>
    /// <exception cref="DiagnosticException">An override is wrong, a sweep is empty or too large.</exception>
    public static SweepPlan Create(Composer composer, string? primary, IReadOnlyList<string> overrides)
    {
        var parsed = OverrideParser.ParseAll(overrides);
        var master = composer.ComposeParsed(primary, parsed, ComposeMode.Sweep);
        var repository = composer.SearchPath(primary, parsed);
        var arguments = Parameters(master).Concat(parsed.Where(o => !o.IsHydra)).ToList();
        var axes = new Dictionary<string, Override>(StringComparer.Ordinal);
        var order = new List<string>();
        foreach (var entry in arguments)
        {
            if (axes.TryAdd(entry.Axis, entry)) order.Add(entry.Axis);
            else axes[entry.Axis] = entry;
        }

        var dimensions = Dimensions(order.Select(k => Axis(axes[k], repository)).ToList());
        var plan = new SweepPlan(composer, primary, master, parsed.Where(o => o.IsHydra).ToList(), dimensions,
            NamedPoint.Read(master), Exclusion.Read(master), repository);
        if (plan.BatchSize is <= 0)
            throw ConfigFault.Error("value-type-mismatch", "hydra.sweeper.max_batch_size must be above 0", master.HydraNode("hydra.sweeper.max_batch_size")!.Origin, "leave it out to run all jobs in one batch");
        if (plan.Product() > Limit)
            throw ConfigFault.Error("sweep-too-large", $"the sweep has {plan.Product()} points, more than {Limit}", help: "take fewer values on an axis, or zip axes that belong together");
        return plan;
    }

    /// <summary>The points, made one at a time; excluded ones are left out and do not count.</summary>
    /// <exception cref="DiagnosticException">Every point is excluded.</exception>
    public IEnumerable<SweepPoint> Points()
    {
        var number = 0;
        foreach (var (name, fixedOverrides) in _points.Count == 0 ? [new NamedPoint(null, [])] : _points)
        {
            foreach (var overrides in Product(0, []))
            {
                IReadOnlyList<string> all = fixedOverrides.Count == 0 ? overrides : [.. fixedOverrides, .. overrides];
                if (_exclusions.Any(e => e.Fits(all))) continue;
                yield return new SweepPoint(number++, name, all);
            }
        }

        if (number == 0)
            throw ConfigFault.Error("sweep-empty", "every point of the sweep is excluded", _exclusions.Count == 0 ? null : _exclusions[0].Origin, "exclude fewer points");
    }

    /// <summary>Composes a point. What its group choices make is composed once and shared.</summary>
    /// <exception cref="DiagnosticException">The point cannot be composed.</exception>
    public Composition Compose(SweepPoint point) => Compose(point, ComposeMode.Run);

    /// <summary>Composes a point. What its group choices make is composed once and shared.</summary>
    /// <param name="point">The point.</param>
    /// <param name="mode"><see cref="ComposeMode.Sweep"/> when named points of the configuration's own are still to change it.</param>
    /// <exception cref="DiagnosticException">The point cannot be composed.</exception>
    public Composition Compose(SweepPoint point, ComposeMode mode)
    {
        var overrides = _hydraOverrides.Concat(OverrideParser.ParseAll(point.Overrides, Size == 1 ? "command line" : $"point {point.Number}")).ToList();
        SweepRules.Check(overrides, ComposeMode.Run);
        var chosen = overrides.Where(o => _repository.HasGroup(o.Key) || _repository.HasConfig(o.Key)).ToList();
        var key = string.Join('\n', chosen.Select(o => o.Text));
        if (!_trees.TryGetValue(key, out var tree)) _trees[key] = tree = _composer.Plan(_repository, _primary, chosen, ComposeMode.Run);
        // A mapping given for a group's name is a value, and so is all that names no group.
        var values = overrides.Where(o => o.PlainValue is PlainMap || !_repository.HasGroup(o.Key))
            .Where(o => o.Kind != OverrideKind.Delete || !(_repository.HasGroup(o.Key) || _repository.HasConfig(o.Key))).ToList();
        return _composer.Finish(tree, overrides, new SweepJob(point.Number, values), mode, Master.Cache);
    }

    private long Product() => Math.Max(1, _points.Count) * _dimensions.Aggregate(1L, (product, axes) => checked(product * axes[0].Count));

    private IEnumerable<List<string>> Product(int dimension, List<string> head)
    {
        if (dimension == _dimensions.Count)
        {
            yield return [.. head];
            yield break;
        }

        foreach (var values in Rows(_dimensions[dimension]))
        {
            head.AddRange(values);
            foreach (var point in Product(dimension + 1, head)) yield return point;
            head.RemoveRange(head.Count - values.Count, values.Count);
        }
    }

    private static IEnumerable<List<string>> Rows(IReadOnlyList<SweepAxis> axes)
    {
        if (axes.Count == 1)
        {
            foreach (var text in axes[0].Texts) yield return [text];
            yield break;
        }

        var walkers = axes.Select(a => a.Texts.GetEnumerator()).ToList();
        while (walkers.TrueForAll(w => w.MoveNext())) yield return walkers.Select(w => w.Current).ToList();
        foreach (var walker in walkers) walker.Dispose();
    }

    private static SweepAxis Axis(Override entry, ConfigRepository repository)
    {
        if (entry.Sweep is not { } sweep) return new SweepAxis(entry.Axis, [entry.Canonical], 1, null);
        var count = SweepValues.Count(entry, repository.Options)
            ?? throw ConfigFault.Error("sweep-too-large", $"override '{entry.Text}' never ends", entry.Origin, "give the range an end");
        if (count == 0)
        {
            var options = sweep is GlobSweep ? repository.Options(entry.Key) : [];
            throw ConfigFault.Error("sweep-empty", $"override '{entry.Text}' is an empty sweep: it has no value", entry.Origin,
                sweep is GlobSweep ? options.Count == 0 ? $"'{entry.Key}' is no group with options" : $"the options of '{entry.Key}' are {string.Join(", ", options)}"
                : "check start, stop and the sign of the step");
        }

        if (count > Limit) throw ConfigFault.Error("sweep-too-large", $"override '{entry.Text}' has {count} values, more than {Limit}", entry.Origin, "take a larger step or fewer values");
        if (sweep is ChoiceSweep choice && repository.HasGroup(entry.Key)) CheckOptions(entry, choice, repository);
        var zip = sweep.Tags.FirstOrDefault(t => t == "zip" || t.StartsWith("zip-", StringComparison.Ordinal));
        return new SweepAxis(entry.Axis, SweepValues.Texts(entry, repository.Options).Select(v => $"{entry.Axis}={v}"), count, zip);
    }

    // A mistyped option is found before the first of a thousand points is composed.
    private static void CheckOptions(Override entry, ChoiceSweep choice, ConfigRepository repository)
    {
        var options = repository.Options(entry.Key);
        foreach (var value in choice.Values)
        {
            if (Override.Unquoted(value) is not string option || options.Contains(option) || option.Contains("${", StringComparison.Ordinal) || repository.HasConfig($"{entry.Key}/{option}")) continue;
            throw ConfigFault.Error("group-option-not-found", $"override '{entry.Text}': '{entry.Key}/{option}' does not exist", entry.Origin,
                Suggestion.Nearest(option, options) is { } near ? $"did you mean '{near}'? the options of '{entry.Key}' are: {string.Join(", ", options)}" : $"the options of '{entry.Key}' are: {string.Join(", ", options)}",
                "it is named in the configuration of the sweep");
        }
    }

    private static List<IReadOnlyList<SweepAxis>> Dimensions(List<SweepAxis> axes)
    {
        var dimensions = new List<IReadOnlyList<SweepAxis>>();
        foreach (var axis in axes)
        {
            if (axis.ZipGroup is null)
            {
                dimensions.Add([axis]);
                continue;
            }

            var at = dimensions.FindIndex(d => d[0].ZipGroup == axis.ZipGroup);
            if (at < 0)
            {
                dimensions.Add([axis]);
                continue;
            }

            var first = dimensions[at][0];
            if (first.Count != axis.Count)
            {
                throw ConfigFault.Error("sweep-zip-length", $"the axes '{first.Key}' and '{axis.Key}' are zipped but have {first.Count} and {axis.Count} values", help: "give zipped axes the same number of values");
            }

            dimensions[at] = [.. dimensions[at], axis];
        }

        return dimensions;
    }

    private static List<Override> Parameters(Composition master)
    {
        if (master.HydraNode("hydra.sweeper.params") is not MappingNode { State: ContainerState.Value } declared) return [];
        var resolved = (MappingNode)master.Hydra("hydra.sweeper.params")!;
        return resolved.Items.Zip(declared.Items).Select(p =>
            OverrideParser.Parse($"{ConfigNode.KeyText(p.First.Key!)}={ValueText.Of(p.First)}", p.Second.Origin.ToString())).ToList();
    }
}
