using Regatta.Ansible;
using Regatta.EndToEnd.Machines;
using Regatta.Host;
using Regatta.Machines;
using Regatta.Schedulers;
using Regatta.Schedulers.Slurm;

namespace Regatta.EndToEnd.Configuration;

/// <summary>One head (head) and two workers (worker1, worker2) that tests configure.</summary>
public sealed class ConfiguredNodes : IAsyncDisposable
{
    private readonly DirectoryInfo _logs = Directory.CreateTempSubdirectory("regatta-configuration-");
    private readonly SlurmScheduler _scheduler = new();
    private MachinesLab? _lab;
    private Cluster? _cluster;
    private string? _current;

    public Cluster Cluster => _cluster!;

    public string Playbooks { get; } = new Installation(RegattaProgram.Root).Playbooks;

    public ClusterConfigurator Configurator => new(Playbooks, new PlaybookRunner(TimeProvider.System));

    public Inventory LastInventory => ClusterConfigurator.InventoryOf(Request("fifo", "inventory"));

    /// <summary>Brings the nodes up before the first test; skips the test where there can be none.</summary>
    public async Task UpAsync()
    {
        if (_cluster is not null) return;
        if (HostTool.Find("ansible-playbook") is null) Assert.Skip("needs the real 'ansible-playbook': regatta doctor --fix");
        _lab = await MachinesLab.OpenAsync("configuration");
        _cluster = await _lab.Provider.UpAsync(MachinesLab.Spec("configuration"), _lab.Image, SilentMonitor.Instance, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_lab is not null) await _lab.DisposeAsync();
        _logs.Delete(recursive: true);
    }

    public string Logs(string name) => Path.Combine(_logs.FullName, name);

    public ConfigurationRequest Request(string profile, string name) =>
        new(Cluster, _scheduler, new SchedulerOptions(profile), Logs(name)) { AgentBinary = typeof(ConfiguredNodes).Assembly.Location };

    /// <summary>Configures the nodes, unless the test before left them as they are wanted.</summary>
    public async Task EnsureAsync(string profile)
    {
        if (_current != profile) await ConfigureAsync(profile);
    }

    public async Task<ConfiguredCluster> ConfigureAsync(ConfigurationRequest request)
    {
        _current = null;
        var configured = await Configurator.ConfigureAsync(request, SilentMonitor.Instance, TestContext.Current.CancellationToken);
        if (request.Options == new SchedulerOptions(request.Options.Profile)) _current = request.Options.Profile;
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
        _current = null;
        var configured = await Configurator.ResetAsync(Request(profile, "reset"), SilentMonitor.Instance, TestContext.Current.CancellationToken);
        _current = profile;
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
