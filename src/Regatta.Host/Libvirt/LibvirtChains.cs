using System.Text;

namespace Regatta.Host.Libvirt;

/// <summary>The chains that libvirt makes for its networks' rules and leaves when the networks are gone.</summary>
internal static class LibvirtChains
{
    /// <summary>
    /// What <c>iptables-restore --noflush</c> must read to take away the chains that <c>iptables-save</c> shows; null when there are
    /// none, or when a rule stands in one: then a network uses them.
    /// </summary>
    public static string? Removal(string saved)
    {
        var text = new StringBuilder();
        string? table = null;
        var jumps = new List<string>();
        var chains = new List<string>();
        foreach (var line in saved.Split('\n'))
        {
            if (line.StartsWith('*')) table = line;
            else if (line.StartsWith(":LIBVIRT_", StringComparison.Ordinal)) chains.Add(line[1..line.IndexOf(' ', StringComparison.Ordinal)]);
            else if (line.StartsWith("-A LIBVIRT_", StringComparison.Ordinal)) return null;
            else if (line.StartsWith("-A ", StringComparison.Ordinal) && line.Contains(" -j LIBVIRT_", StringComparison.Ordinal)) jumps.Add("-D" + line[2..]);
            else if (line == "COMMIT" && chains.Count > 0)
            {
                text.Append(table).Append('\n');
                foreach (var jump in jumps) text.Append(jump).Append('\n');
                foreach (var chain in chains) text.Append("-X ").Append(chain).Append('\n');
                text.Append("COMMIT\n");
                (jumps, chains) = ([], []);
            }
        }

        return text.Length == 0 ? null : text.ToString();
    }

    /// <summary>Takes away empty chains where no libvirt runs that would miss them.</summary>
    /// <exception cref="DiagnosticException">The kernel refused.</exception>
    public static async Task RemoveAsync(CancellationToken cancellation)
    {
        if (AnyDaemon()) return;
        foreach (var family in new[] { "iptables", "ip6tables" })
        {
            if (HostTool.Find(family + "-save") is not { } save) continue;
            var saved = await HostTool.TryAsync(save, [], cancellation);
            if (saved.ExitCode != 0 || Removal(saved.Output) is not { } rules) continue;
            await HostTool.RunAsync(family + "-restore", ["--noflush"], cancellation, rules);
        }
    }

    private static bool AnyDaemon()
    {
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(process, "comm")).Trim() is "libvirtd" or "virtnetworkd") return true;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // No process, or one that ended at this moment.
            }
        }

        return false;
    }
}
