using System.Collections.Frozen;

namespace Regatta.Schedulers.Slurm;

/// <summary>What the value of a setting of slurm.conf is.</summary>
internal enum SlurmValue
{
    /// <summary>A text.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>Yes or no.</summary>
    Boolean,

    /// <summary>A time in Slurm's form, such as <c>7-0</c>; a number alone is minutes.</summary>
    Time,

    /// <summary>Options, divided by commas.</summary>
    List,
}

/// <summary>An option of a comma list of slurm.conf.</summary>
/// <param name="Name">Its name, as the manual spells it.</param>
/// <param name="TakesValue">Whether it is written <c>name=value</c>.</param>
/// <param name="Versions">Versions of Slurm that know it, such as <c>22.05-26.05</c>.</param>
internal sealed record SlurmOption(string Name, bool TakesValue, string Versions);

/// <summary>A setting of slurm.conf.</summary>
/// <param name="Name">Its name, as the manual spells it.</param>
/// <param name="Kind">What its value is.</param>
/// <param name="Versions">Versions of Slurm that know it, such as <c>22.05-26.05</c>.</param>
/// <param name="Options">The options that it may hold; empty for what is no list.</param>
internal sealed record SlurmSetting(string Name, SlurmValue Kind, string Versions, ImmutableArray<SlurmOption> Options);

/// <summary>The settings of slurm.conf by name, however it is spelt; <c>slurm.conf.data</c> beside this file holds them, with the sources.</summary>
internal static class SlurmManual
{
    /// <summary>The version of Slurm in <see cref="SlurmScheduler.Image"/>, the image that is taken where none is named.</summary>
    public const string ImageVersion = "24.11";

    private static readonly Lazy<FrozenDictionary<string, SlurmSetting>> Manual = new(Read);

    /// <summary>The settings.</summary>
    public static FrozenDictionary<string, SlurmSetting> Settings => Manual.Value;

    private static FrozenDictionary<string, SlurmSetting> Read()
    {
        using var reader = new StreamReader(typeof(SlurmManual).Assembly.GetManifestResourceStream("slurm.conf.data")!);
        var settings = new List<SlurmSetting>();
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#')) continue;
            if (line.TrimStart().Split(' ') is [var option, var known] && line.StartsWith(' '))
                settings[^1] = settings[^1] with { Options = settings[^1].Options.Add(new SlurmOption(option.TrimEnd('='), option.EndsWith('='), known)) };
            else if (line.Split(' ') is [var name, var kind, var versions])
                settings.Add(new SlurmSetting(name, Enum.Parse<SlurmValue>(kind, ignoreCase: true), versions, []));
            else
                throw new InvalidDataException($"slurm.conf.data: {line}");
        }

        return settings.ToFrozenDictionary(s => s.Name, StringComparer.OrdinalIgnoreCase);
    }
}
