using Regatta.Host;

namespace Regatta.Machines;

/// <summary>The v2 cgroups that containers make for themselves where libvirt gives them none.</summary>
internal static class Cgroups
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Removes those at the top of the v2 hierarchy that a condition picks by name.</summary>
    /// <returns>Their names.</returns>
    public static async Task<IReadOnlyList<string>> RemoveAsync(Func<string, bool> pick, TimeProvider time)
    {
        var removed = new List<string>();
        if (MountTable.Read().FirstOrDefault(m => m is { Type: "cgroup2", Root: "/" }) is not { } hierarchy) return removed;
        foreach (var cgroup in Directory.EnumerateDirectories(hierarchy.Target).Where(d => pick(Path.GetFileName(d))).ToList())
        {
            var start = time.GetTimestamp();
            // The kernel refuses while the last processes are ending.
            while (!TryRemove(cgroup) && time.GetElapsedTime(start) < Patience)
                await Task.Delay(TimeSpan.FromMilliseconds(20), time).ConfigureAwait(false);
            if (!Directory.Exists(cgroup)) removed.Add(Path.GetFileName(cgroup));
        }

        return removed;
    }

    private static bool TryRemove(string cgroup)
    {
        try
        {
            foreach (var child in Directory.EnumerateDirectories(cgroup)) TryRemove(child);
            // Its files are the kernel's and go with it.
            return Posix.RemoveDirectory(cgroup) || !Directory.Exists(cgroup);
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
    }
}
