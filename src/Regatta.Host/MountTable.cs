namespace Regatta.Host;

/// <summary>A mount of this process's namespace.</summary>
/// <param name="Target">Where it is mounted.</param>
/// <param name="Type">Type of the file system.</param>
/// <param name="Root">The part of the file system that is mounted.</param>
public sealed record Mount(string Target, string Type, string Root);

/// <summary>What is mounted, as <c>/proc/self/mountinfo</c> has it.</summary>
public static class MountTable
{
    /// <summary>Reads the table, in the order of mounting.</summary>
    public static IReadOnlyList<Mount> Read() => Parse(File.ReadAllText("/proc/self/mountinfo"));

    /// <summary>Reads the text of a table: <c>36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw</c>.</summary>
    public static IReadOnlyList<Mount> Parse(string text)
    {
        var mounts = new List<Mount>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = line.Split(' ');
            var dash = Array.IndexOf(fields, "-", 6);
            mounts.Add(new Mount(Unescape(fields[4]), fields[dash + 1], Unescape(fields[3])));
        }

        return mounts;
    }

    private static string Unescape(string path) =>
        path.Replace(@"\040", " ", StringComparison.Ordinal).Replace(@"\011", "\t", StringComparison.Ordinal)
            .Replace(@"\012", "\n", StringComparison.Ordinal).Replace(@"\134", @"\", StringComparison.Ordinal);
}
