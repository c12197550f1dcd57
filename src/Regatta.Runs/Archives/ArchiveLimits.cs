namespace Regatta.Runs.Archives;

/// <summary>What an archive may take at most. An archive is a stranger's file: what it says of its sizes is believed as little as what it really holds.</summary>
public sealed record ArchiveLimits
{
    /// <summary>The usual limits.</summary>
    public static ArchiveLimits Default { get; } = new();

    /// <summary>Most files.</summary>
    public int MostFiles { get; init; } = 200_000;

    /// <summary>Most bytes of all files together.</summary>
    public long MostBytes { get; init; } = 256L << 30;

    /// <summary>Most bytes of a file that describes the archive itself.</summary>
    public long MostOfIndex { get; init; } = 64L << 20;

    /// <summary>Longest name of a file, in characters.</summary>
    public int LongestName { get; init; } = 1024;
}
