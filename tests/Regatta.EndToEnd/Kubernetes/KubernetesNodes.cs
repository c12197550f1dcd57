using System.Diagnostics;
using CliWrap;
using CliWrap.Buffered;
using Regatta.Ansible;
using Regatta.Diagnostics;
using Regatta.EndToEnd.Machines;
using Regatta.Host;
using Regatta.Images;
using Regatta.Machines;
using Regatta.Schedulers;
using Xunit;

namespace Regatta.EndToEnd.Kubernetes;

/// <summary>A cluster of containers from the image <c>kubernetes</c>, which one test makes and takes down.</summary>
internal sealed class KubernetesNodes : IAsyncDisposable
{
    /// <summary>Set to anything, it makes tests build the image where it is not there.</summary>
    public const string Variable = "REGATTA_KUBERNETES_TESTS";

    private readonly DirectoryInfo logs = Directory.CreateTempSubdirectory("regatta-kubernetes-");
    private readonly MachinesLab lab;
    private readonly IScheduler scheduler;

    private KubernetesNodes(MachinesLab lab, Cluster cluster, IScheduler scheduler) => (this.lab, Cluster, this.scheduler) = (lab, cluster, scheduler);

    public Cluster Cluster { get; }

    public MachinesLab Lab => lab;

    public string Playbooks { get; } = new Installation(RegattaProgram.Root).Playbooks;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ClusterConfigurator Configurator => new(Playbooks, new PlaybookRunner(TimeProvider.System));

    /// <summary>Brings a head and workers up; skips the test where there can be none.</summary>
    public static async Task<KubernetesNodes> UpAsync(string name, string scheduler, int workers)
    {
        if (HostTool.Find("ansible-playbook") is null) Assert.Skip("needs the real 'ansible-playbook': regatta doctor --fix");
        var image = await ImageAsync();
        var lab = await MachinesLab.OpenAsync(name);
        var spec = MachinesLab.Spec(name) with
        {
            Nodes =
            [
                new NodeSpec("head", NodeRole.Head, 2, 2L << 30),
                .. Enumerable.Range(1, workers).Select(i => new NodeSpec($"worker{i}", NodeRole.Worker, 2, 1L << 30)),
            ],
        };
        try
        {
            return new KubernetesNodes(lab, await lab.Provider.UpAsync(spec, image, SilentMonitor.Instance, Cancellation), KnownSchedulers.Find(scheduler));
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await lab.DisposeAsync();
        logs.Delete(recursive: true);
    }

    public string Logs(string name) => Path.Combine(logs.FullName, name);

    public ConfigurationRequest Request(string profile, string name) => new(Cluster, scheduler, new SchedulerOptions(profile), Logs(name));

    public Task<ConfiguredCluster> ConfigureAsync(string profile = "backfill") => Configurator.ConfigureAsync(Request(profile, "configure"), SilentMonitor.Instance, Cancellation);

    public Task<ConfiguredCluster> ResetAsync(string profile = "backfill") => Configurator.ResetAsync(Request(profile, "reset"), SilentMonitor.Instance, Cancellation);

    public async Task<IReadOnlyList<PlaybookChange>> CheckAsync(string profile = "backfill") => await Configurator.CheckAsync(Request(profile, "check"), SilentMonitor.Instance, Cancellation);

    /// <summary>Standard output of a script on a node.</summary>
    public async Task<string> RunAsync(string node, string script)
    {
        var result = await new SshTarget(Cluster.SshConfig, node).Run(script).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(Cancellation);
        Assert.True(result.ExitCode == 0, $"{script}\n{result.StandardOutput}{result.StandardError}");
        return result.StandardOutput;
    }

    /// <summary>Standard output of <c>kubectl</c> on the head, in the namespace of jobs.</summary>
    public Task<string> KubectlAsync(string arguments, string? input = null) =>
        RunAsync("head", input is null ? $"kubectl --kubeconfig /etc/kubernetes/admin.conf -n regatta {arguments}" : $"kubectl --kubeconfig /etc/kubernetes/admin.conf -n regatta {arguments} <<'Y'\n{input}\nY");

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

    private static async Task<Image> ImageAsync()
    {
        var installation = new Installation(RegattaProgram.Root);
        var builder = NixImageBuilder.OfProcess(installation.Images, Path.Combine(installation.Artifacts, "images"), StateDirectory.OfProcess().Payloads);
        if (builder.Find(builder.Catalog.Role("kubernetes")) is { } image) return image;
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable(Variable) is { Length: > 0 },
            $"the image 'kubernetes' is not built here: compiling Kubernetes takes two processors about ten minutes, which only pays once a machine. Build it by 'regatta image build kubernetes', or set {Variable}=1");
        return await builder.EnsureAsync(new ImageSpec("kubernetes"), SilentMonitor.Instance, Cancellation);
    }
}
