using System.Diagnostics;
using CliWrap;
using CliWrap.Buffered;
using Regatta.Ansible;
using Regatta.EndToEnd.Machines;
using Regatta.Experiments.Replay;
using Regatta.Experiments.Running;
using Regatta.Host;
using Regatta.Machines;
using Regatta.Schedulers;
using Regatta.Workloads;

namespace Regatta.EndToEnd.Kubernetes;

/// <summary>A cluster of containers from the image <c>kubernetes</c>, which one test makes and takes down.</summary>
internal sealed class KubernetesNodes : IAsyncDisposable
{
    private readonly DirectoryInfo _logs = Directory.CreateTempSubdirectory("regatta-kubernetes-");
    private readonly MachinesLab _lab;
    private readonly IScheduler _scheduler;
    private readonly string _agent;

    private KubernetesNodes(MachinesLab lab, Cluster cluster, IScheduler scheduler, string agent) => (_lab, Cluster, _scheduler, _agent) = (lab, cluster, scheduler, agent);

    public Cluster Cluster { get; }

    public MachinesLab Lab => _lab;

    public string Playbooks { get; } = new Installation(RegattaProgram.Root).Playbooks;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ClusterConfigurator Configurator => new(Playbooks, new PlaybookRunner(TimeProvider.System));

    /// <summary>Brings a head and workers up; skips the test where there can be none.</summary>
    public static async Task<KubernetesNodes> UpAsync(string name, string scheduler, int workers, Func<Task<Regatta.Images.Image>>? image = null)
    {
        if (HostTool.Find("ansible-playbook") is null) Assert.Skip("needs the real 'ansible-playbook': regatta doctor --fix");
        var lab = await MachinesLab.OpenAsync(name, image ?? KubernetesImage.BuildAsync);
        var spec = MachinesLab.Spec(name) with
        {
            Nodes =
            [
                new NodeSpec("head", NodeRole.Head, 2, 3L << 30),
                .. Enumerable.Range(1, workers).Select(i => new NodeSpec($"worker{i}", NodeRole.Worker, 2, 1L << 30)),
            ],
        };
        try
        {
            var agent = await new AgentBinary(new Installation(RegattaProgram.Root)).EnsureAsync(SilentMonitor.Instance, Cancellation);
            return new KubernetesNodes(lab, await lab.Provider.UpAsync(spec, lab.Image, SilentMonitor.Instance, Cancellation), KnownSchedulers.Find(scheduler), agent);
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _lab.DisposeAsync();
        _logs.Delete(recursive: true);
    }

    public string Logs(string name) => Path.Combine(_logs.FullName, name);

    public ConfigurationRequest Request(string profile, string name, int? emulated = null, params (string Key, string Value)[] settings) =>
        new(Cluster, _scheduler, new SchedulerOptions(profile) { Emulated = emulated, Settings = settings.ToImmutableSortedDictionary(s => s.Key, s => s.Value, StringComparer.Ordinal) }, Logs(name)) { AgentBinary = _agent };

    public Task<ConfiguredCluster> ConfigureAsync(string profile = "backfill", int? emulated = null, params (string Key, string Value)[] settings) =>
        Configurator.ConfigureAsync(Request(profile, "configure", emulated, settings), SilentMonitor.Instance, Cancellation);

    public Task<ConfiguredCluster> ResetAsync(string profile = "backfill") => Configurator.ResetAsync(Request(profile, "reset"), SilentMonitor.Instance, Cancellation);

    public async Task<IReadOnlyList<PlaybookChange>> CheckAsync(string profile = "backfill") => await Configurator.CheckAsync(Request(profile, "check"), SilentMonitor.Instance, Cancellation);

    /// <summary>Standard output of a script on a node.</summary>
    public Task<string> RunAsync(string node, string script) => Cluster.RunAsync(node, script);

    /// <summary>Standard output of <c>kubectl</c> on the head, in the namespace of jobs.</summary>
    public Task<string> KubectlAsync(string arguments, string? input = null) =>
        RunAsync("head", input is null ? $"kubectl --kubeconfig /etc/kubernetes/admin.conf -n regatta {arguments}" : $"kubectl --kubeconfig /etc/kubernetes/admin.conf -n regatta {arguments} <<'Y'\n{input}\nY");

    /// <summary>Replays jobs through the agent on the head, as a trial does; <paramref name="happened"/> sees every event as it arrives.</summary>
    public async Task<ReplayResult> ReplayAsync(string trial, IReadOnlyList<Job> jobs, Action<JobEvent> happened, int? emulated = null, string profile = "backfill", string? version = null)
    {
        var header = new ReplayHeader { Trial = trial, Scheduler = _scheduler.Name, Jobs = jobs.Count, Options = _scheduler.AgentOptions(Cluster, Request(profile, "replay", emulated).Options with { Version = version }) };
        var request = new ReplayRequest(header, jobs, Cluster.Head.Name, [.. Cluster.Workers.Select(w => w.Name)], Directory.CreateDirectory(Logs(trial)).FullName);
        return await new AgentReplay(Cluster, TimeProvider.System).RunAsync(request, happened, Cancellation);
    }

    /// <summary>Asks until the answer is as wanted, for two minutes at most.</summary>
    public static async Task WaitForAsync(Func<Task<string>> ask, Func<string, bool> wanted)
    {
        var began = Stopwatch.StartNew();
        string answer;
        while (!wanted(answer = await ask()))
        {
            Assert.True(began.Elapsed < TimeSpan.FromMinutes(2), $"it does not become as wanted: {answer}");
            await Task.Delay(200, Cancellation);
        }
    }

    /// <summary>Runs tasks of one's own on the nodes, as the playbooks do; returns the exit code and all that was printed.</summary>
    public async Task<(int Code, string Output)> PlayAsync(string play)
    {
        var (inventory, playbook) = (Logs("inventory.json"), Logs("play.yml"));
        await File.WriteAllTextAsync(inventory, ClusterConfigurator.InventoryOf(Request("backfill", "play")).ToJson(), Cancellation);
        await File.WriteAllTextAsync(playbook, play, Cancellation);
        var result = await CliWrap.Cli.Wrap("ansible-playbook").WithArguments(["-v", "-i", inventory, playbook]).WithWorkingDirectory(Playbooks)
            .WithEnvironmentVariables(e => e.Set("ANSIBLE_CONFIG", Path.Combine(Playbooks, "ansible.cfg")))
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(Cancellation);
        return (result.ExitCode, result.StandardOutput + result.StandardError);
    }
}
