using System.Collections.Immutable;
using Regatta.Ansible;
using Regatta.Diagnostics;
using Regatta.EndToEnd.Machines;
using Regatta.Host;
using Regatta.Machines;
using Regatta.Schedulers;
using Regatta.Schedulers.Slurm;
using Xunit;

namespace Regatta.EndToEnd.Configuration;

/// <summary>One head (head) and two workers (worker1, worker2) that tests configure.</summary>
public sealed class ConfiguredNodes : IAsyncDisposable
{
    private readonly DirectoryInfo logs = Directory.CreateTempSubdirectory("regatta-configuration-");
    private readonly SlurmScheduler scheduler = new();
    private MachinesLab? lab;
    private Cluster? cluster;
    private string? current;

    public Cluster Cluster => cluster!;

    public string Playbooks { get; } = new Installation(RegattaProgram.Root).Playbooks;

    public ClusterConfigurator Configurator => new(Playbooks, new PlaybookRunner(TimeProvider.System));

    public Inventory LastInventory => ClusterConfigurator.InventoryOf(Request("fifo", "inventory"));

    /// <summary>Brings the nodes up before the first test; skips the test where there can be none.</summary>
    public async Task UpAsync()
    {
        if (cluster is not null) return;
        if (HostTool.Find("ansible-playbook") is null) Assert.Skip("needs the real 'ansible-playbook': regatta doctor --fix");
        lab = await MachinesLab.OpenAsync("configuration");
        cluster = await lab.Provider.UpAsync(MachinesLab.Spec("configuration"), lab.Image, SilentMonitor.Instance, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (lab is not null) await lab.DisposeAsync();
        logs.Delete(recursive: true);
    }

    public string Logs(string name) => Path.Combine(logs.FullName, name);

    public ConfigurationRequest Request(string profile, string name) =>
        new(Cluster, scheduler, new SchedulerOptions(profile), Logs(name)) { AgentBinary = typeof(ConfiguredNodes).Assembly.Location };

    /// <summary>Configures the nodes, unless the test before left them as they are wanted.</summary>
    public async Task EnsureAsync(string profile)
    {
        if (current != profile) await ConfigureAsync(profile);
    }

    public async Task<ConfiguredCluster> ConfigureAsync(ConfigurationRequest request)
    {
        current = null;
        var configured = await Configurator.ConfigureAsync(request, SilentMonitor.Instance, TestContext.Current.CancellationToken);
        if (request.Options == new SchedulerOptions(request.Options.Profile)) current = request.Options.Profile;
        return configured;
    }

    public Task<ConfiguredCluster> ConfigureAsync(string profile, params (string Key, string Value)[] settings)
    {
        var request = Request(profile, "configure");
        return ConfigureAsync(request with
        {
            Options = request.Options with { Settings = settings.ToImmutableSortedDictionary(s => s.Key, s => s.Value) },
        });
    }

    public async Task<ConfiguredCluster> ResetAsync(string profile)
    {
        current = null;
        var configured = await Configurator.ResetAsync(Request(profile, "reset"), SilentMonitor.Instance, TestContext.Current.CancellationToken);
        current = profile;
        return configured;
    }

    /// <summary>Standard output of a script on a node.</summary>
    public Task<string> RunAsync(string node, string script) => Cluster.RunAsync(node, script);

    /// <summary>Asks until the answer is as wanted, for a minute at most.</summary>
    public async Task WaitForAsync(string node, string script, Func<string, bool> wanted)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        while (!wanted(await RunAsync(node, script + " || true"))) await Task.Delay(100, limit.Token);
    }
}
