using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using CliWrap;
using CliWrap.Buffered;
using Regatta.Images;
using Regatta.Machines;

namespace Regatta.Experiments.Runs;

/// <summary>Gathers what a result depends on, for <c>provenance.json</c>.</summary>
public static class Provenance
{
    private static readonly (string Tool, string[] Arguments)[] Tools =
    [
        ("nix", ["--version"]),
        ("libvirtd", ["--version"]),
        ("qemu-system-x86_64", ["--version"]),
        ("ansible-playbook", ["--version"]),
        ("ssh", ["-V"]),
    ];

    /// <summary>The host, the program and its tools. Tools that are not there are left out.</summary>
    /// <param name="root">Directory of the program's checkout, for the git commit.</param>
    /// <param name="started">When the run began.</param>
    /// <param name="machinery">Whether the tools matter: a simulation uses none of them, and asking takes a second.</param>
    /// <param name="cancellation">Ends the look-ups.</param>
    public static async Task<JsonObject> GatherAsync(string root, DateTimeOffset started, bool machinery, CancellationToken cancellation)
    {
        var tools = new JsonObject();
        foreach (var (name, text) in await Task.WhenAll(Tools.Where(_ => machinery).Select(t => VersionAsync(t.Tool, t.Arguments, cancellation))).ConfigureAwait(false))
        {
            if (text is not null) tools[name] = text;
        }

        var memory = Field("/proc/meminfo", "MemTotal");
        return new JsonObject
        {
            ["regatta"] = new JsonObject
            {
                ["version"] = typeof(Provenance).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion,
                ["commit"] = await CommitAsync(root, cancellation).ConfigureAwait(false),
            },
            ["started"] = started.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["host"] = new JsonObject
            {
                ["os"] = RuntimeInformation.OSDescription,
                ["kernel"] = ReadFirstLine("/proc/sys/kernel/osrelease"),
                ["cpu"] = Field("/proc/cpuinfo", "model name"),
                ["cores"] = Environment.ProcessorCount,
                ["memory"] = memory,
                ["clockSource"] = ReadFirstLine("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
                ["load"] = ReadFirstLine("/proc/loadavg"),
                ["runtime"] = RuntimeInformation.FrameworkDescription,
            },
            ["tools"] = tools,
        };
    }

    /// <summary>What an image is, for the <c>images</c> part.</summary>
    public static JsonObject Of(Image image, string hash)
    {
        var facts = new JsonObject
        {
            ["hash"] = hash,
            ["lockHash"] = image.Manifest.LockHash,
            ["packages"] = image.Manifest.Packages.Length,
        };
        if (image.Manifest.Payloads.IsEmpty) return facts;
        facts["payloads"] = new JsonArray([.. image.Manifest.Payloads.Select(p => (JsonNode)new JsonObject
        {
            ["name"] = p.Name,
            ["version"] = p.Version,
            ["prefix"] = p.Prefix,
            ["sha256"] = p.Sha256,
        })]);
        return facts;
    }

    /// <summary>What a cluster is, for the <c>machines</c> part.</summary>
    public static JsonObject Of(Cluster cluster) => new()
    {
        ["driver"] = cluster.Machines,
        ["nodes"] = new JsonArray([.. cluster.Nodes.Select(n => (JsonNode)new JsonObject
        {
            ["name"] = n.Name,
            ["role"] = n.Role.ToString().ToLowerInvariant(),
            ["processors"] = n.Processors,
            ["memory"] = n.Memory,
        })]),
    };

    private static async Task<(string Tool, string? Version)> VersionAsync(string tool, string[] arguments, CancellationToken cancellation)
    {
        try
        {
            var result = await CliWrap.Cli.Wrap(tool).WithArguments(arguments).WithValidation(CommandResultValidation.None)
                .ExecuteBufferedAsync(cancellation).ConfigureAwait(false);
            var text = result.StandardOutput.Length > 0 ? result.StandardOutput : result.StandardError;
            return (tool, text.Split('\n')[0].Trim());
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (tool, null);
        }
    }

    private static async Task<string?> CommitAsync(string root, CancellationToken cancellation)
    {
        var (_, commit) = await VersionAsync("git", ["-C", root, "-c", "safe.directory=*", "describe", "--always", "--dirty", "--abbrev=40", "--match="], cancellation).ConfigureAwait(false);
        return commit is null or "" || commit.StartsWith("fatal", StringComparison.Ordinal) ? null : commit;
    }

    private static string? ReadFirstLine(string path) => File.Exists(path) ? File.ReadLines(path).FirstOrDefault()?.Trim() : null;

    private static string? Field(string path, string name) =>
        File.Exists(path)
            ? File.ReadLines(path).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
            : null;
}
