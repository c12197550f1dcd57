namespace Regatta.Agent.Platform;

/// <summary>What <c>/proc/PID/stat</c> says of a process.</summary>
/// <param name="Name">Its name, at most 15 bytes.</param>
/// <param name="Fields">The fields behind the name; the first is the state, number 3 of proc(5).</param>
internal readonly record struct ProcessStat(string Name, string[] Fields)
{
    /// <summary>Units of processor time in a second.</summary>
    public const double TicksPerSecond = 100;

    /// <summary>Processor time in user and in system mode, in ticks (fields 14 and 15).</summary>
    public long Ticks => this[14] + this[15];

    /// <summary>When it was started, in ticks since the machine was (field 22).</summary>
    public long Started => this[22];

    /// <summary>A field as a number, by its number in proc(5), from 4 on.</summary>
    public long this[int field] => Number(Fields[field - 3]);

    /// <summary>A name as the kernel keeps it: its first 15 bytes.</summary>
    public static string Comm(string name) => name.Length <= 15 ? name : name[..15];

    /// <summary>Reads it.</summary>
    /// <param name="directory">The process's directory.</param>
    /// <exception cref="IOException">The process has ended.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be looked at.</exception>
    public static ProcessStat Read(string directory)
    {
        // PID (NAME) STATE …: the name may hold blanks and brackets, so fields count from its last bracket.
        var text = File.ReadAllText(Path.Combine(directory, "stat"));
        var close = text.LastIndexOf(')');
        return new ProcessStat(text[(text.IndexOf('(', StringComparison.Ordinal) + 1)..close], text[(close + 2)..].Split(' '));
    }

    /// <summary>The processes that there are, each with its directory.</summary>
    /// <param name="proc">The kernel's directory of processes.</param>
    public static IEnumerable<(int Process, string Directory)> All(string proc)
    {
        foreach (var directory in Directory.EnumerateDirectories(proc))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var process)) yield return (process, directory);
        }
    }

    /// <summary>Reads it; null where the process has ended or may not be looked at.</summary>
    /// <param name="directory">The process's directory.</param>
    public static ProcessStat? TryRead(string directory)
    {
        try
        {
            return Read(directory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A number of <c>/proc</c>.</summary>
    public static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
