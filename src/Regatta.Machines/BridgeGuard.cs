using System.Text.RegularExpressions;
using Regatta.Host;

namespace Regatta.Machines;

/// <summary>
/// Keeps the other users of this host away from the nodes' ports: what a process of anybody but root sends into a cluster's bridge is refused.
/// Packets without a process, such as answers of the kernel, pass.
/// </summary>
internal static partial class BridgeGuard
{
    private static readonly string[] Tools = ["iptables", "ip6tables"];

    /// <summary>Refuses the other users; the bridge exists.</summary>
    /// <returns>Null when they are refused; else why that could not be done.</returns>
    public static async Task<string?> CloseAsync(string bridge, CancellationToken cancellation)
    {
        if (!HostUser.IsRoot) return "only root can refuse them";
        if (!Directory.Exists($"/sys/class/net/{bridge}")) return "the bridge is not on this host";
        foreach (var tool in Tools)
        {
            if (HostTool.Find(tool) is null) return $"the program '{tool}' is not on this host";
            var result = await HostTool.TryAsync(tool, ["-w", "-I", "OUTPUT", .. Rule(bridge)], cancellation);
            if (result.ExitCode != 0) return HostTool.LastLines(result.Error, 1);
        }

        return null;
    }

    /// <summary>Takes the rules of a bridge away.</summary>
    public static Task OpenAsync(string bridge) => RemoveAsync(name => name == bridge);

    /// <summary>Takes away the rules of clusters' bridges that are gone, of whatever state directory: a rule is made after its bridge.</summary>
    /// <returns>The names of the bridges.</returns>
    public static Task<IReadOnlyList<string>> RemoveStaleAsync() => RemoveAsync(name => !Directory.Exists($"/sys/class/net/{name}"));

    /// <summary>The bridges that rules stand for, in the words of <c>iptables -S OUTPUT</c>, one entry a rule.</summary>
    internal static IEnumerable<string> Bridges(string rules) => GuardLine().Matches(rules).Select(m => m.Groups[1].Value);

    private static async Task<IReadOnlyList<string>> RemoveAsync(Func<string, bool> pick)
    {
        var removed = new SortedSet<string>(StringComparer.Ordinal);
        if (!HostUser.IsRoot) return [];
        foreach (var tool in Tools.Where(t => HostTool.Find(t) is not null))
        {
            var rules = await HostTool.TryAsync(tool, ["-w", "-S", "OUTPUT"], CancellationToken.None);
            foreach (var bridge in Bridges(rules.Output).Where(pick))
            {
                // Another program may have taken it away since the look.
                var result = await HostTool.TryAsync(tool, ["-w", "-D", "OUTPUT", .. Rule(bridge)], CancellationToken.None);
                if (result.ExitCode == 0) removed.Add(bridge);
            }
        }

        return [.. removed];
    }

    // A range and no negation: a negated match would hold for packets that belong to no process as well.
    private static string[] Rule(string bridge) => ["-o", bridge, "-m", "owner", "--uid-owner", "1-4294967294", "-j", "REJECT"];

    [GeneratedRegex(@"^-A OUTPUT -o (rg[0-9a-f]{8}) -m owner --uid-owner 1-4294967294 -j REJECT", RegexOptions.Multiline)]
    private static partial Regex GuardLine();
}
