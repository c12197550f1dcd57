using Regatta.Host;
using Regatta.Machines;

namespace Regatta.EndToEnd.Machines;

/// <summary>What the kernel knows of a state directory's clusters: mounts, bridges, firewall rules, cgroups, and processes that name them.</summary>
public static class KernelTraces
{
    public static IReadOnlyList<string> Of(StateDirectory state, IEnumerable<ClusterClaim> claims)
    {
        var words = claims.SelectMany(c => new[] { c.Bridge, c.Cgroup("") }).Append(state.Nodes + "/").Append(Path.Combine(state.Runtime, "ssh") + "/").ToList();
        var found = new List<string>();
        found.AddRange(MountTable.Read().Select(m => "mount " + m.Target));
        found.AddRange(Directory.EnumerateFileSystemEntries("/sys/class/net").Select(p => "interface " + Path.GetFileName(p)));
        foreach (var hierarchy in MountTable.Read().Where(m => m.Type is "cgroup2" or "cgroup"))
            found.AddRange(Directory.EnumerateDirectories(hierarchy.Target, "*", SearchOption.AllDirectories).Select(p => "cgroup " + p));
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(p => int.TryParse(Path.GetFileName(p), out _)))
        {
            try
            {
                found.Add($"process {Path.GetFileName(process)} {File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ')}");
            }
            catch (IOException)
            {
                // It ended while it was looked at.
            }
        }

        foreach (var tool in new[] { "iptables", "ip6tables" })
            found.AddRange(HostTool.TryAsync(tool, ["-w", "-S"], CancellationToken.None).GetAwaiter().GetResult().Output.Split('\n').Select(r => "rule " + r));
        return [.. found.Where(f => words.Any(w => f.Contains(w, StringComparison.Ordinal)))];
    }
}
