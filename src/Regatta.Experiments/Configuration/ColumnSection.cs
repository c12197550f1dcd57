using Regatta.Config;
using Regatta.Workloads;

namespace Regatta.Experiments.Configuration;

/// <summary>What the columns of a table of jobs mean.</summary>
[ConfigSchema("What the columns of a table of jobs mean, for 'regatta workload convert --columns'.")]
public sealed record ColumnSection
{
    /// <summary>Fields and their columns.</summary>
    [ConfigKey("The column of each field of a job; '=4' is the value 4 for every row. docs/workloads.md lists the fields.")]
    public required IReadOnlyDictionary<string, string> Columns { get; init; }

    /// <summary>Units.</summary>
    [ConfigKey("Units of fields that are times (us, ms, s, min, h, d) or memory (B, KiB, MiB, GiB, KB, MB, GB).")]
    public IReadOnlyDictionary<string, string> Units { get; init; } = new Dictionary<string, string>();

    /// <summary>States.</summary>
    [ConfigKey("How jobs ended, by the words of the table.")]
    public IReadOnlyDictionary<string, RecordedState> States { get; init; } = new Dictionary<string, RecordedState>();

    /// <summary>Values for nothing.</summary>
    [ConfigKey("Values that stand for nothing, besides the empty one.")]
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>Names of the columns.</summary>
    [ConfigKey("Names of the columns of a CSV file that does not name them in its first line.")]
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Query.</summary>
    [ConfigKey("SQL (DuckDB) over the file, whose table is called 'source', where rows have to be chosen, joined or made; null for the table as it is.")]
    public string? Query { get; init; }

    /// <summary>Zone.</summary>
    [ConfigKey("Time zone of times that name none; null for UTC. --zone says another.")]
    public TraceZone? Zone { get; init; }

    /// <summary>The map for reading.</summary>
    public TableMap Map() => new()
    {
        Columns = Columns.ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal), Units = Units.ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal),
        States = States.ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal), Missing = [.. Missing],
    };
}
