using System.Text.Json;
using System.Text.Json.Serialization;
using CliWrap.Buffered;
using Regatta.Host.Checks;

namespace Regatta.Experiments.Launching;

/// <summary>Whether a host can run trials on machines, as the program that was carried there finds it; and what it does about it.</summary>
/// <param name="shell">The host's shell.</param>
/// <param name="program">The program there, as a word of the shell.</param>
internal sealed class SshReadiness(SshShell shell, string program)
{
    /// <summary>Looks at the host, and mends it where that is asked for, after saying so.</summary>
    /// <param name="fix">Whether <c>doctor --fix</c> may change it.</param>
    /// <param name="tell">Takes what is done, in words.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>What the host lacks (<c>ssh-lacks</c>, <c>ssh-fix</c>); null when it has all.</returns>
    /// <exception cref="DiagnosticException">The host cannot be reached.</exception>
    public async Task<Diagnostic?> EnsureAsync(bool fix, Action<string> tell, CancellationToken cancellation)
    {
        var missing = await MissingAsync(cancellation);
        if (missing.Count > 0 && fix && Doctor.Commands(missing, refresh: true) is { Count: > 0 } commands)
        {
            tell($"lacks {Names(missing)}; 'regatta doctor --fix' runs there: {string.Join("; ", commands.Select(c => string.Join(' ', c)))}");
            var mended = await shell.RunAsync($"{program} doctor --fix </dev/null", cancellation);
            missing = await MissingAsync(cancellation);
            if (missing.Count > 0)
            {
                return Lacks(shell.Name, missing) with
                {
                    Code = "ssh-fix", Summary = $"{shell.Name} still lacks {Names(missing)} after 'regatta doctor --fix'", Detail = Last(mended),
                };
            }
        }

        return missing.Count == 0 ? null : Lacks(shell.Name, missing);
    }

    /// <summary>Removes what programs that are gone left on the host: clusters, networks, mounts.</summary>
    /// <returns>What was removed; empty for nothing.</returns>
    /// <exception cref="DiagnosticException">The host cannot be reached, or it cannot be removed (<c>ssh-reap</c>).</exception>
    public async Task<IReadOnlyList<string>> ReapAsync(CancellationToken cancellation)
    {
        var ended = await shell.RunAsync($"{program} reap --json </dev/null", cancellation);
        if (ended.ExitCode == 0) return [.. Lines(ended.StandardOutput, "reaped").SelectMany(r => r.GetProperty("removed").EnumerateArray()).Select(r => r.GetString()!)];
        throw new DiagnosticException(Diagnostic.Error("ssh-reap", $"what earlier trials left on {shell.Name} cannot be removed") with
        {
            Detail = Last(ended), Help = $"on {shell.Name}: {program} reap",
        });
    }

    /// <summary>What is missing, in what <c>doctor --json</c> printed.</summary>
    internal static IReadOnlyList<HostCheck> Missing(string printed) =>
        [.. Lines(printed, "check").Select(c => c.Deserialize(ReadinessJson.Default.HostCheck)!).Where(c => c.State == HostCheckState.Missing)];

    /// <summary>That a host lacks something, and what to do.</summary>
    internal static Diagnostic Lacks(string host, IReadOnlyList<HostCheck> missing)
    {
        var commands = Doctor.Commands(missing, refresh: true).Select(c => "  " + string.Join(' ', c)).ToList();
        var help = new List<string>();
        if (missing.Any(c => c.Name == "root")) help.Add("log in as root there: launcher.ssh.hosts=[{address: …, user: root}]");
        if (commands.Count > 0) help.Add($"launcher.ssh.fix=true lets Regatta run these commands there, else run them as root:\n{string.Join('\n', commands)}");
        help.AddRange(missing.Where(c => c is { Fixable: false, Name: not "root", Mend: not null }).Select(c => $"{c.Name}: {c.Mend}"));
        return Diagnostic.Error("ssh-lacks", $"{host} lacks what trials on machines need: {Names(missing)}") with
        {
            Detail = string.Join('\n', missing.Select(c => $"{c.Name} ({c.Purpose}): {c.Found}")), Help = string.Join('\n', help),
        };
    }

    private async Task<IReadOnlyList<HostCheck>> MissingAsync(CancellationToken cancellation)
    {
        var ended = await shell.RunAsync($"{program} doctor --json </dev/null", cancellation);
        if (Lines(ended.StandardOutput, "check").Any()) return Missing(ended.StandardOutput);
        throw new DiagnosticException(Diagnostic.Error("launch-program", $"the program cannot look at {shell.Name}") with { Detail = Last(ended), Help = ProgramArchive.Needs });
    }

    private static IEnumerable<JsonElement> Lines(string printed, string type) =>
        printed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l.StartsWith('{')).Select(l => JsonDocument.Parse(l).RootElement)
            .Where(l => l.GetProperty("type").GetString() == type).Select(l => l.GetProperty("data"));

    private static string Names(IEnumerable<HostCheck> checks) => string.Join(", ", checks.Select(c => c.Name));

    private static string Last(BufferedCommandResult ended) => string.Join('\n', (ended.StandardOutput + ended.StandardError).Trim().Split('\n').TakeLast(12));
}

/// <summary>JSON of what a host says of itself.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(HostCheck))]
internal sealed partial class ReadinessJson : JsonSerializerContext;
