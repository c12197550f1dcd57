using System.Reflection;
using System.Runtime.InteropServices;
using CliWrap;
using CliWrap.Buffered;
using Regatta.Images;
using Regatta.Machines;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Experiments.Running;

/// <summary>Gathers what a result depends on, for <c>provenance.json</c>.</summary>
public static class ProvenanceSource
{
    private static readonly (string Tool, string[] Arguments)[] Tools =
    [
        ("nix", ["--version"]),
        ("libvirtd", ["--version"]),
        ("qemu-system-x86_64", ["--version"]),
        ("ansible-playbook", ["--version"]),
        ("ssh", ["-V"]),
    ];

    /// <summary>Version of this program, with the commit that it was made from.</summary>
    public static string? ProgramVersion { get; } = typeof(ProvenanceSource).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

    /// <summary>The host, the program and its tools. Tools that are not there are left out.</summary>
    /// <param name="root">Directory of the program's checkout, for the git commit.</param>
    /// <param name="started">When the run began.</param>
    /// <param name="machinery">Whether the tools matter: a simulation uses none of them, and asking takes a second.</param>
    /// <param name="cancellation">Ends the look-ups.</param>
    public static async Task<Provenance> GatherAsync(string root, DateTimeOffset started, bool machinery, CancellationToken cancellation)
    {
        var versions = await Task.WhenAll(Tools.Where(_ => machinery).Select(t => VersionAsync(t.Tool, t.Arguments, cancellation)));
        return new Provenance
        {
            Regatta = new ProgramFacts(ProgramVersion, await CommitAsync(root, cancellation)),
            Started = started.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            Host = new HostDescription
            {
                Os = RuntimeInformation.OSDescription,
                Kernel = ReadFirstLine("/proc/sys/kernel/osrelease"),
                Cpu = Field("/proc/cpuinfo", "model name"),
                Cores = Environment.ProcessorCount,
                Memory = Field("/proc/meminfo", "MemTotal"),
                ClockSource = ReadFirstLine("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
                Load = ReadFirstLine("/proc/loadavg"),
                Runtime = RuntimeInformation.FrameworkDescription,
            },
            Tools = versions.Where(v => v.Version is not null).ToImmutableSortedDictionary(v => v.Tool, v => v.Version!, StringComparer.Ordinal),
        };
    }

    /// <summary>What an image is.</summary>
    /// <param name="image">The image.</param>
    /// <param name="hash">sha256 of its root file system; null when it is not known.</param>
    public static ImageFacts Of(Image image, string? hash)
    {
        ArgumentNullException.ThrowIfNull(image);
        return new ImageFacts
        {
            Hash = hash,
            LockHash = image.Manifest.LockHash,
            Packages = image.Manifest.Packages.Length,
            Payloads = image.Manifest.Payloads.IsEmpty ? null : [.. image.Manifest.Payloads.Select(p => new PayloadFacts(p.Name, p.Version, p.Prefix, p.Sha256))],
        };
    }

    /// <summary>What a cluster is.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="scheduler">The scheduler that it was made for.</param>
    public static ClusterFacts Of(Cluster cluster, string scheduler)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return new ClusterFacts(cluster.Machines.Name(), scheduler, [.. cluster.Nodes.Select(n => new NodeFacts(n.Name, n.Role.ToString().ToLowerInvariant(), n.Processors, n.Memory))]);
    }

    private static async Task<(string Tool, string? Version)> VersionAsync(string tool, string[] arguments, CancellationToken cancellation)
    {
        try
        {
            var result = await CliWrap.Cli.Wrap(tool).WithArguments(arguments).WithValidation(CommandResultValidation.None)
                .ExecuteBufferedAsync(cancellation);
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
        var (_, commit) = await VersionAsync("git", ["-C", root, "-c", "safe.directory=*", "describe", "--always", "--dirty", "--abbrev=40", "--match="], cancellation);
        return commit is null or "" || commit.StartsWith("fatal", StringComparison.Ordinal) ? null : commit;
    }

    private static string? ReadFirstLine(string path) => File.Exists(path) ? File.ReadLines(path).FirstOrDefault()?.Trim() : null;

    private static string? Field(string path, string name) =>
        File.Exists(path)
            ? File.ReadLines(path).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
            : null;
}
