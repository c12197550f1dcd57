using System.Runtime.CompilerServices;
using System.Text.Json;
using Regatta.EndToEnd.Machines;
using Regatta.Host;
using Regatta.Host.Libvirt;
using Regatta.Machines;
using Regatta.Machines.Provisioning;
using Regatta.Runs;

namespace Regatta.EndToEnd.Experiments;

/// <summary>A state directory with a libvirt of its own and a working directory, for the program as a user starts it; both are gone when the test ends.</summary>
public sealed class ProgramLab : IAsyncDisposable
{
    private readonly StateDirectory _state;
    private readonly LocalLibvirt _libvirt;

    private ProgramLab(string name)
    {
        RegattaProgram.RequireRoot();
        foreach (var program in new[] { "libvirtd", "virtlogd", "tini", "ssh", "nix", "ansible-playbook" })
            Assert.SkipWhen(HostTool.Find(program) is null, $"needs the real '{program}': regatta doctor --fix");
        var path = Path.Combine(Path.GetTempPath(), $"regatta-lab-{System.Environment.ProcessId}-{name}");
        _state = StateDirectory.Choose(variable => variable == "REGATTA_STATE" ? path : null, root: true);
        _libvirt = new LocalLibvirt(_state, TimeProvider.System) { IsPrivate = true };
        Work = Directory.CreateTempSubdirectory("regatta-e2e-").FullName;
        Environment = new Dictionary<string, string?> { ["REGATTA_STATE"] = path, ["REGATTA_LIBVIRT"] = "private" };
    }

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Where the program is started.</summary>
    public string Work { get; }

    public IReadOnlyDictionary<string, string?> Environment { get; }

    public ClusterStore Store => new(_state);

    /// <summary>The one run directory.</summary>
    public string Run => Assert.Single(Directory.GetDirectories(Path.Combine(Work, "runs")));

    public IReadOnlyList<JournalEntry> Journal => Regatta.Runs.Journal.Read(Path.Combine(Run, "journal.jsonl"));

    public static ProgramLab Open([CallerMemberName] string test = "") => new($"p{test.Length}{Math.Abs(test.GetHashCode(StringComparison.Ordinal)) % 10000}");

    /// <summary>Runs the program to its end and expects an exit code.</summary>
    public Task<ProgramResult> ExpectAsync(int code, params string[] arguments) => RegattaProgram.ExpectAsync(code, arguments, Work, Environment);

    /// <summary>Starts the program.</summary>
    public RunningProgram Start(params string[] arguments) => new(arguments, Work, Environment);

    /// <summary>The record of a trial.</summary>
    public JsonElement Trial(string id)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(Run, "trials", id, "trial.json")));
        return file.RootElement.Clone();
    }

    /// <summary>The verdict on a trial, and why.</summary>
    public (string Verdict, string Why) Audit(string id)
    {
        var text = File.ReadAllText(Path.Combine(Run, "trials", id, "audit.json"));
        using var file = JsonDocument.Parse(text);
        return (file.RootElement.GetProperty("verdict").GetString()!, text);
    }

    /// <summary>Pulls the plug of a node, as libvirt sees it.</summary>
    public async Task KillNodeAsync(string cluster, string node)
    {
        using var connection = Regatta.Machines.Libvirt.LibvirtConnection.Open((await _libvirt.FindAsync(Cancellation))!.LxcUri);
        connection.DestroyDomain(Store.Find(cluster)!.Claim.Domain(node));
    }

    /// <summary>Kills every connection to the nodes, shared ones too, as a network that resets them does.</summary>
    /// <returns>How many there were.</returns>
    public int CutConnections()
    {
        var cut = 0;
        foreach (var process in System.Diagnostics.Process.GetProcessesByName("ssh"))
        {
            using (process)
            {
                try
                {
                    // A shared connection calls itself by its socket, the others name their configuration.
                    var command = File.ReadAllText($"/proc/{process.Id}/cmdline");
                    if (!command.Contains(_state.Root, StringComparison.Ordinal) && !command.Contains(_state.Runtime, StringComparison.Ordinal)) continue;
                    process.Kill();
                    cut++;
                }
                catch (Exception exception) when (exception is IOException or InvalidOperationException or System.ComponentModel.Win32Exception)
                {
                    // It ended at this moment.
                }
            }
        }

        return cut;
    }

    /// <summary>Runs a script on a node of the cluster that is up.</summary>
    public async Task<string> OnNodeAsync(string node, string script) =>
        await HostTool.RunAsync("ssh", ["-F", Store.List().Single(c => c.Cluster is not null).Cluster!.SshConfig, "-o", "BatchMode=yes", node, script], Cancellation);

    /// <summary>A log of a trial; fails when it is not there.</summary>
    public string Log(string trial, string name)
    {
        var path = Path.Combine(Run, "trials", trial, "logs", name);
        // Large ones are compressed.
        if (File.Exists(path + ".gz")) return string.Join('\n', LogFiles.Lines(path + ".gz"));
        Assert.True(File.Exists(path), $"there is no {path}; there are: {string.Join(", ", Directory.EnumerateFiles(Path.Combine(Run, "trials"), "*", SearchOption.AllDirectories))}");
        return File.ReadAllText(path);
    }

    /// <summary>Asserts that the kernel knows nothing of clusters and the state directory holds none.</summary>
    public void AssertNothingLeft(params IEnumerable<ClusterClaim> claims)
    {
        Assert.Empty(KernelTraces.Of(_state, claims));
        Assert.Empty(Directory.GetFileSystemEntries(_state.Clusters));
        Assert.Empty(Directory.GetFileSystemEntries(_state.Nodes));
    }

    public async ValueTask DisposeAsync()
    {
        if (Directory.Exists(_state.Root))
        {
            await new Reaper(_state, _libvirt, TimeProvider.System).RunAsync(kept: true, SilentMonitor.Instance, CancellationToken.None);
            await _libvirt.StopAsync(CancellationToken.None);
            Directory.Delete(_state.Root, recursive: true);
            Directory.Delete(_state.Runtime, recursive: true);
        }

        Directory.Delete(Work, recursive: true);
    }
}
