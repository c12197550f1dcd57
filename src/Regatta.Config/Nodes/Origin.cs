namespace Regatta.Config;

/// <summary>What kind of text set a value.</summary>
public enum OriginKind
{
    /// <summary>A configuration file.</summary>
    File,

    /// <summary>An override on the command line, in a sweep, or in an experiment.</summary>
    Override,

    /// <summary>A default that a schema declares.</summary>
    Schema,

    /// <summary>The engine itself, such as the run-time facts under <c>hydra</c>.</summary>
    Engine,
}

/// <summary>The text that values come from: one file, one override, one schema.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">The file's path, <c>command line</c>, or the schema's name.</param>
public sealed record OriginSource(OriginKind Kind, string Name)
{
    /// <summary>The text itself, to show the line that is meant; null when it is not kept.</summary>
    public string? Text { get; init; }

    /// <summary>Path of the configuration in its group, such as <c>scheduler/slurm</c>; null for what is not a file.</summary>
    public string? ConfigPath { get; init; }

    internal static OriginSource Engine { get; } = new(OriginKind.Engine, "regatta");

    /// <summary>A line of the text, counted from 1; null when it has no such line.</summary>
    public string? Line(int number)
    {
        if (Text is null || number < 1) return null;
        var start = 0;
        for (var i = 1; i < number; i++)
        {
            var end = Text.IndexOf('\n', start);
            if (end < 0) return null;
            start = end + 1;
        }

        var stop = Text.IndexOf('\n', start);
        var line = (stop < 0 ? Text[start..] : Text[start..stop]).TrimEnd('\r');
        return line.Length > 200 ? line[..200] : line;
    }
}

/// <summary>Where a value was written.</summary>
/// <param name="Source">The text.</param>
/// <param name="LineNumber">Its line, from 1; 0 when unknown.</param>
/// <param name="Column">Its column, from 1; 0 when unknown.</param>
public readonly record struct Origin(OriginSource Source, int LineNumber = 0, int Column = 0)
{
    /// <summary>Where something stands that no text wrote.</summary>
    internal static Origin Engine { get; } = new(OriginSource.Engine);

    /// <summary>The place as diagnostics show it.</summary>
    public SourceRange Range => new(Source.Name, LineNumber, Column);

    /// <summary>The line of text, to be shown with a caret.</summary>
    public string? Excerpt => Source.Line(LineNumber);

    /// <inheritdoc/>
    public override string ToString() => Source.Kind switch
    {
        OriginKind.Override => $"override {Source.Text}",
        OriginKind.Schema => $"default of {Source.Name}",
        OriginKind.Engine => "computed",
        _ => Range.ToString(),
    };
}

/// <summary>A value that a later one replaced.</summary>
public sealed class Replaced
{
    private readonly object? _held;

    internal Replaced(ConfigNode node)
        : this(node.Origin, node is ScalarNode scalar ? scalar.Value : node, node.History)
    {
    }

    internal Replaced(Origin origin, object? held, Replaced? earlier)
    {
        Origin = origin;
        _held = held;
        Earlier = earlier;
    }

    /// <summary>Where the replaced value was written.</summary>
    public Origin Origin { get; }

    /// <summary>What it had itself replaced.</summary>
    public Replaced? Earlier { get; }

    /// <summary>The same story with another beginning, where it begins with a schema's default.</summary>
    internal Replaced Beginning(ConfigNode value) =>
        Earlier is not null ? new Replaced(Origin, _held, Earlier.Beginning(value))
        : Origin.Source.Kind == OriginKind.Schema ? new Replaced(value) : this;

    /// <summary>The replaced value, in short.</summary>
    public string Value => _held is ConfigNode node ? node.Summary() : new ScalarNode(_held).Summary();
}
