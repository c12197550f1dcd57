using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Regatta.Schedulers.Slurm.Policy;

/// <summary>What the value of a partition's setting is.</summary>
internal enum SlurmPartitionValue
{
    /// <summary>A text.</summary>
    Text,

    /// <summary>Yes or no.</summary>
    Boolean,

    /// <summary>A time in Slurm's form, or without a limit.</summary>
    Time,

    /// <summary>A number of 16 bits, or without a limit.</summary>
    Short,

    /// <summary>A number of 32 bits, or without a limit; <c>k</c> behind it is times 1024.</summary>
    Number,

    /// <summary>A number of 64 bits, or without a limit; <c>k</c> behind it is times 1024.</summary>
    Long,

    /// <summary>Some of a few words.</summary>
    Choice,

    /// <summary>What the program writes itself.</summary>
    Made,
}

/// <summary>A setting that a partition of slurm.conf may have.</summary>
/// <param name="Name">Its name, as the manual spells it.</param>
/// <param name="Kind">What its value is.</param>
/// <param name="Versions">Versions of Slurm that know it, such as <c>22.05-26.05</c>.</param>
/// <param name="Choices">The words of a choice; behind one that ends with a colon comes a number.</param>
internal sealed partial record SlurmPartitionKey(string Name, SlurmPartitionValue Kind, string Versions, ImmutableArray<string> Choices)
{
    /// <summary>Why a value cannot be; null for one that can.</summary>
    public string? Fault(string value)
    {
        if (value.Length == 0 || value.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '#' or '"' or '\'')) return "a value is one word without '#' and quotes";
        var unlimited = value.Equals("UNLIMITED", StringComparison.OrdinalIgnoreCase) || value.Equals("INFINITE", StringComparison.OrdinalIgnoreCase);
        return Kind switch
        {
            SlurmPartitionValue.Boolean when SlurmSettings.Truth(value) is null => "it is YES or NO",
            SlurmPartitionValue.Time when !unlimited && value != "-1" && SlurmTime.Printed(value) is null => "a time is minutes, hours:minutes:seconds, or days-hours, such as 7-0, or UNLIMITED",
            SlurmPartitionValue.Short when !unlimited && !ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _) => "it is a whole number from 0 to 65535, or UNLIMITED",
            SlurmPartitionValue.Number when !unlimited && !(Count().IsMatch(value) && ulong.TryParse(value.TrimEnd('k', 'K'), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= uint.MaxValue) => "it is a whole number, not negative, or UNLIMITED",
            SlurmPartitionValue.Long when !unlimited && !(Count().IsMatch(value) && ulong.TryParse(value.TrimEnd('k', 'K'), NumberStyles.None, CultureInfo.InvariantCulture, out _)) => "it is a whole number, not negative, or UNLIMITED",
            SlurmPartitionValue.Choice when !value.Split(',').All(Chosen) => $"it is one of {string.Join(", ", Choices.Select(c => c.EndsWith(':') ? c + "NUMBER" : c))}",
            _ => null,
        };
    }

    private bool Chosen(string word) => Choices.Any(choice => choice.EndsWith(':')
        ? word.StartsWith(choice, StringComparison.OrdinalIgnoreCase) && int.TryParse(word.AsSpan(choice.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
        : word.Equals(choice, StringComparison.OrdinalIgnoreCase));

    [GeneratedRegex("^[0-9]{1,19}[kK]?$", RegexOptions.CultureInvariant)]
    private static partial Regex Count();
}

/// <summary>The settings of a partition by name, however it is spelt; <c>slurm.partitions.data</c> holds them, with the sources.</summary>
internal static class SlurmPartitionKeys
{
    private static readonly Lazy<FrozenDictionary<string, SlurmPartitionKey>> Table = new(Read);

    /// <summary>The settings.</summary>
    public static FrozenDictionary<string, SlurmPartitionKey> All => Table.Value;

    private static FrozenDictionary<string, SlurmPartitionKey> Read()
    {
        using var reader = new StreamReader(typeof(SlurmPartitionKeys).Assembly.GetManifestResourceStream("slurm.partitions.data")!);
        var keys = new List<SlurmPartitionKey>();
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#')) continue;
            if (line.Split(' ') is not [var name, var kind, var versions, .. var choices]) throw new InvalidDataException($"slurm.partitions.data: {line}");
            keys.Add(new SlurmPartitionKey(name, Enum.Parse<SlurmPartitionValue>(kind, ignoreCase: true), versions, [.. choices.SelectMany(c => c.Split('|'))]));
        }

        return keys.ToFrozenDictionary(key => key.Name, StringComparer.OrdinalIgnoreCase);
    }
}
