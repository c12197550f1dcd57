using System.Diagnostics;
using Regatta.Ansible;
using Regatta.Host;
using Regatta.Machines;
using Regatta.Schedulers;
using Regatta.Schedulers.Slurm;
using Regatta.Workloads;

namespace Regatta.EndToEnd.Machines;

/// <summary>A real virtual machine, emulated.</summary>
public sealed class VirtualMachineTests(ITestOutputHelper output)
{
    [Fact]
    public async Task The_image_boots_in_an_emulated_machine_runs_a_job_and_no_key_is_seen()
    {
        await using var lab = await MachinesLab.OpenAsync();
        foreach (var program in new[] { "qemu-system-x86_64", "ansible-playbook" })
            Assert.SkipWhen(HostTool.Find(program) is null, $"needs the real '{program}': regatta doctor --fix");
        var spec = MachinesLab.Spec("vm", workers: 1, MachineDriver.QemuTcg) with { BootTimeout = TimeSpan.FromMinutes(8) };
        var began = Stopwatch.GetTimestamp();
        var cluster = await lab.Provider.UpAsync(spec, lab.Image, SilentMonitor.Instance, MachinesLab.Cancellation);
        output.WriteLine($"two machines up in {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s");
        Assert.Equal(MachineKind.QemuTcg, cluster.Machines);
        foreach (var node in cluster.Nodes)
        {
            var said = await MachinesLab.SshAsync(cluster, node.Name, "hostname; cat /proc/sys/kernel/osrelease; ip -4 -o addr show eth0 | wc -l; getent ahostsv4 worker1");
            var lines = said.Split('\n');
            Assert.Equal(node.Name, lines[0]);
            Assert.Contains("cloud-amd64", lines[1], StringComparison.Ordinal);
            Assert.Equal("1", lines[2]);
            Assert.StartsWith(cluster.Workers.First().Address.ToString(), lines[3], StringComparison.Ordinal);
        }

        began = Stopwatch.GetTimestamp();
        var logs = Path.Combine(lab.State.Root, "configuration");
        var configurator = new ClusterConfigurator(new Installation(RegattaProgram.Root).Playbooks, new PlaybookRunner(TimeProvider.System));
        var request = new ConfigurationRequest(cluster, new SlurmScheduler(), new SchedulerOptions("backfill"), logs) { AgentBinary = typeof(VirtualMachineTests).Assembly.Location };
        await configurator.ConfigureAsync(request, SilentMonitor.Instance, MachinesLab.Cancellation);
        output.WriteLine($"configured in {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s");
        var job = await MachinesLab.SshAsync(cluster, "head", "srun -N1 -n1 sh -c 'hostname; nproc; cat /proc/self/cgroup'");
        Assert.StartsWith("worker1\n1\n", job, StringComparison.Ordinal);
        Assert.Matches(@"slurmstepd\.scope/job_\d+/step_\d+/", job);

        // The secret part of a key, as it would look encoded or not.
        var key = (await File.ReadAllLinesAsync(Path.Combine(cluster.Directory, "head.host_ed25519"), MachinesLab.Cancellation))[3];
        var consoles = Directory.EnumerateFiles(lab.Libvirt.LogDirectory, "*", SearchOption.AllDirectories).Select(File.ReadAllText);
        var commands = Directory.EnumerateDirectories("/proc").Where(p => int.TryParse(Path.GetFileName(p), out _)).Select(p => Path.Combine(p, "cmdline")).Where(File.Exists)
            .Select(p => { try { return File.ReadAllText(p); } catch (IOException) { return ""; } }).ToList();
        Assert.Contains(commands, c => c.Contains("regatta-vm-head", StringComparison.Ordinal));
        Assert.All(commands.Concat(consoles), text =>
        {
            Assert.DoesNotContain(key, text, StringComparison.Ordinal);
            Assert.DoesNotContain("io.systemd.credential", text, StringComparison.Ordinal);
        });
        Assert.Empty(Directory.EnumerateFiles(lab.State.Nodes, "*.credential", SearchOption.AllDirectories));

        var claim = lab.Store.Find("vm")!.Claim;
        await lab.Provider.DownAsync(cluster, SilentMonitor.Instance, MachinesLab.Cancellation);
        Assert.Empty(lab.Traces([claim]));
    }
}
