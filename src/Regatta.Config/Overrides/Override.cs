namespace Regatta.Config;

/// <summary>What an override does.</summary>
public enum OverrideKind
{
    /// <summary><c>key=value</c>: changes what is there.</summary>
    Change,

    /// <summary><c>+key=value</c>: adds what is not there.</summary>
    Add,

    /// <summary><c>++key=value</c>: changes or adds.</summary>
    ForceAdd,

    /// <summary><c>~key</c> or <c>~key=value</c>: deletes.</summary>
    Delete,
}

/// <summary>One override as it was parsed.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Key">The dotted key, or the group with slashes.</param>
/// <param name="Text">The override as it was written.</param>
public sealed record Override(OverrideKind Kind, string Key, string Text)
{
    /// <summary>The package after <c>@</c>; empty when there is an <c>@</c> with nothing after it, null without.</summary>
    public string? Package { get; init; }

    /// <summary>Whether there is an <c>=</c>.</summary>
    public bool HasValue { get; init; }

    /// <summary>The value: null, text, bool, long, double, <see cref="QuotedText"/>, a list, a <see cref="PlainMap"/> or a <see cref="Sweep"/>.</summary>
    public object? Value { get; init; }

    /// <summary>Where the value starts in <see cref="Text"/>, from 1.</summary>
    public int ValueColumn { get; init; }

    /// <summary>Where the override came from.</summary>
    public OriginSource Source { get; init; } = new(OriginKind.Override, "command line");

    /// <summary>The sweep, when the value is one.</summary>
    public Sweep? Sweep => Value as Sweep;

    /// <summary>Whether it is about the engine's own node.</summary>
    public bool IsHydra => Key.StartsWith("hydra.", StringComparison.Ordinal) || Key.StartsWith("hydra/", StringComparison.Ordinal);

    /// <summary>Key and package, as the choices are named.</summary>
    public string GroupKey => Package is null ? Key : $"{Key}@{Package}";

    /// <summary>Prefix, key and package: two overrides with the same one are the same axis of a sweep.</summary>
    public string Axis => Prefix + GroupKey;

    /// <summary>The value without quotes: what goes into the tree.</summary>
    public object? PlainValue => Unquoted(Value);

    /// <summary>The override as a sweep writes it into its jobs.</summary>
    public string Canonical => $"{Axis}={OverrideText.Of(Value)}";

    internal Origin Origin => new(Source, 1, ValueColumn);

    internal Origin KeyOrigin => new(Source, 1, Prefix.Length + 1);

    private string Prefix => Kind switch
    {
        OverrideKind.Add => "+",
        OverrideKind.ForceAdd => "++",
        OverrideKind.Delete => "~",
        _ => "",
    };

    internal static object? Unquoted(object? value)
    {
        switch (value)
        {
            case QuotedText quoted:
                return quoted.Text;
            case IReadOnlyList<object?> items:
                return items.Select(Unquoted).ToList();
            case PlainMap map:
                var plain = new PlainMap();
                foreach (var (key, item) in map.Items) plain.Set(key, Unquoted(item));
                return plain;
            default:
                return value;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>Text in quotes: it stays text, whatever it looks like.</summary>
/// <param name="Text">What is between the quotes, without escapes.</param>
/// <param name="Quote">The quote: <c>'</c> or <c>"</c>.</param>
public sealed record QuotedText(string Text, char Quote);

/// <summary>Several values for one key.</summary>
public abstract record Sweep
{
    /// <summary>Words that say how to walk through it, such as <c>log</c> or <c>zip</c>.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Whether the values come in a shuffled order.</summary>
    public bool Shuffled { get; init; }
}

/// <summary><c>a,b</c> or <c>choice(a,b)</c>.</summary>
/// <param name="Values">The values.</param>
/// <param name="IsSimple">Whether it was written with commas alone.</param>
public sealed record ChoiceSweep(IReadOnlyList<object?> Values, bool IsSimple) : Sweep;

/// <summary><c>range(start,stop,step)</c>: long or double each.</summary>
/// <param name="Start">The first value.</param>
/// <param name="Stop">The end, which is left out.</param>
/// <param name="Step">The distance; negative to count down.</param>
public sealed record RangeSweep(object Start, object Stop, object Step) : Sweep;

/// <summary><c>interval(start,end)</c>: cannot be enumerated.</summary>
/// <param name="Start">The lower end.</param>
/// <param name="End">The upper end.</param>
public sealed record IntervalSweep(object Start, object End) : Sweep;

/// <summary><c>glob(include,exclude)</c>: the options of a group.</summary>
/// <param name="Include">Patterns, one of which must fit.</param>
/// <param name="Exclude">Patterns, none of which may fit.</param>
public sealed record GlobSweep(IReadOnlyList<string> Include, IReadOnlyList<string> Exclude) : Sweep;
