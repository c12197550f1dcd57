using System.Net;
using Regatta.Ansible;
using Regatta.Machines;
using Regatta.Schedulers;
using Regatta.Schedulers.Slurm;
using Regatta.Tests.Ansible;
using Regatta.Workloads;

namespace Regatta.Tests.Schedulers;

/// <summary>What a scheduler's role must return, told by a program in the place of ansible-playbook.</summary>
public sealed class RoleReportTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("regatta-report-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("""{"version": "22.05", "settings": {}}""", "regatta.enforcement as a text")]
    [InlineData("""{"settings": {}, "enforcement": "none"}""", "regatta.version as a text")]
    [InlineData("""{"version": "22.05", "enforcement": "none"}""", "regatta.settings as a map of texts")]
    [InlineData("""{"version": "22.05", "settings": {"MinJobAge": 33}, "enforcement": "none"}""", "regatta.settings.MinJobAge as a text")]
    public async Task A_role_that_returns_something_else_is_named(string values, string missing)
    {
        var exception = await Assert.ThrowsAsync<DiagnosticException>(() => ConfigureAsync(values));

        Assert.Equal(
            $$"""
            error[ansible-role-report]: the role 'slurm' did not report {{missing}}
              at ansible/ansible_collections/regatta/cluster/roles/slurm
              help: its last task returns regatta: {version: text, settings: map of texts, enforcement: text}
            """,
            exception.Message);
    }

    [Fact]
    public async Task What_it_returns_goes_into_the_record()
    {
        var configured = await ConfigureAsync("""{"version": "22.05", "settings": {"MinJobAge": "33 sec"}, "enforcement": "memory"}""");

        Assert.Equal(("22.05", "33 sec", "memory"), (configured.Version, configured.Settings["slurm.MinJobAge"], configured.Settings["cgroup-enforcement"]));
    }

    [Fact]
    public async Task Daemons_that_were_replaced_are_told_in_the_order_of_time()
    {
        var steps = await ReplayAsync((configurator, request) => configurator.UpgradeAsync(request, SilentMonitor.Instance, TestContext.Current.CancellationToken), """
            {"upgrade worker1 slurmd": {"node": "worker1", "daemon": "slurmd", "began": 30, "ready": 40, "version": "26.05.5"},
             "upgrade head slurmctld": {"node": "head", "daemon": "slurmctld", "began": 10, "ready": 20, "version": "26.05.5"}}
            """.ReplaceLineEndings(""));

        Assert.Equal([new UpgradeStep("head", "slurmctld", 10, 20, "26.05.5"), new UpgradeStep("worker1", "slurmd", 30, 40, "26.05.5")], steps);
    }

    [Fact]
    public async Task An_upgrade_that_replaced_nothing_is_a_fault()
    {
        var exception = await Assert.ThrowsAsync<DiagnosticException>(() => ReplayAsync((configurator, request) => configurator.UpgradeAsync(request, SilentMonitor.Instance, TestContext.Current.CancellationToken), "{}"));

        Assert.Equal("error[upgrade-nothing]: the upgrade of race replaced no daemon\n  help: its log is among those of the trial: upgrade.log", exception.Message);
    }

    private Task<ConfiguredCluster> ConfigureAsync(string values) =>
        ReplayAsync((configurator, request) => configurator.ConfigureAsync(request, SilentMonitor.Instance, TestContext.Current.CancellationToken), values);

    private Task<T> ReplayAsync<T>(Func<ClusterConfigurator, ConfigurationRequest, Task<T>> use, string values)
    {
        var program = Path.Combine(_directory, "ansible-playbook");
        File.WriteAllText(program, $$$$"""
            #!/bin/sh
            echo '{"event": "ok", "time": 1, "host": "head", "task": "regatta.cluster.slurm : Run a job on every node", "values": {{{{values}}}} }'
            echo '{"event": "recap", "time": 2, "hosts": {"head": {"ok": 1, "changed": 0, "failed": 0, "unreachable": 0}}}'

            """);
        AnsibleDirectory.Make(_directory);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var cluster = new Cluster
        {
            Name = "race", RunId = "run", Machines = MachineKind.Ssh, Directory = _directory,
            Nodes =
            [
                new Node("head", NodeRole.Head, IPAddress.Loopback, 22, "root", "ssh-ed25519 AAAA", 2, 4L << 30),
                new Node("worker1", NodeRole.Worker, IPAddress.Loopback, 22, "root", "ssh-ed25519 AAAA", 2, 4L << 30),
            ],
        };
        var request = new ConfigurationRequest(cluster, new SlurmScheduler(), new SchedulerOptions("fifo"), Path.Combine(_directory, "logs"));
        return use(new ClusterConfigurator(_directory, new PlaybookRunner(TimeProvider.System, program)), request);
    }
}
