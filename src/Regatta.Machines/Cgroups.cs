using Regatta.Host;

namespace Regatta.Machines;

/// <summary>The cgroups that containers make for themselves where libvirt gives them none: of v2, and of the v1 controller <c>pids</c>.</summary>
internal static class Cgroups
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Removes those at the top of their hierarchies that a condition picks by name.</summary>
    /// <returns>Their names.</returns>
    public static async Task<IReadOnlyList<string>> RemoveAsync(Func<string, bool> pick, TimeProvider time)
    {
        var removed = new List<string>();
        var hierarchies = MountTable.Read().Where(m => m is { Type: "cgroup2", Root: "/" } || (m is { Type: "cgroup", Root: "/" } && Path.GetFileName(m.Target) == "pids"));
        foreach (var cgroup in hierarchies.SelectMany(h => Directory.EnumerateDirectories(h.Target)).Where(d => pick(Path.GetFileName(d))).ToList())
        {
            var start = time.GetTimestamp();
            // The kernel refuses while the last processes are ending.
            while (!TryRemove(cgroup) && time.GetElapsedTime(start) < Patience)
                await Task.Delay(TimeSpan.FromMilliseconds(20), time);
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
