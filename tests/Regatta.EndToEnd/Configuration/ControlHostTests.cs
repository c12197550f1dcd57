using CliWrap;
using CliWrap.Buffered;
using Regatta.Ansible;
using Regatta.EndToEnd.Machines;
using Regatta.Host;
using Regatta.Images;
using Regatta.Machines;
using Regatta.Schedulers;
using Regatta.Schedulers.Slurm;

namespace Regatta.EndToEnd.Configuration;

/// <summary>Debian 13 as the host that Ansible runs on: a container of Debian 13 with that release's Ansible and Python configures itself and another node.</summary>
public sealed class ControlHostTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Playbooks_configure_nodes_from_a_host_of_debian_13()
    {
        await using var lab = await MachinesLab.OpenAsync("control", ImageAsync);
        var cluster = await lab.Provider.UpAsync(MachinesLab.Spec("control", workers: 1), lab.Image, SilentMonitor.Instance, Cancellation);
        var control = cluster.Head.Name;
        Assert.StartsWith("13.", await cluster.RunAsync(control, "cat /etc/debian_version"), StringComparison.Ordinal);

        // Its packages as they are unpacked; what the image has of them already stays.
        await SendAsync(cluster, control, Path.Combine(await AnsibleAsync(), "root"), "/", "--skip-old-files --keep-directory-symlink");
        Assert.Contains("core 2.19.", await cluster.RunAsync(control, "ansible-playbook --version"), StringComparison.Ordinal);
        var playbooks = new Installation(RegattaProgram.Root).Playbooks;
        await SendAsync(cluster, control, playbooks, "/root/ansible");
        // The keys to the nodes lie where they lie here.
        var request = new ConfigurationRequest(cluster, new SlurmScheduler(), new SchedulerOptions("backfill") { Version = "24.11.5" }, Path.Combine(cluster.Directory, "configuration"));
        var inventory = ClusterConfigurator.InventoryOf(request);
        await File.WriteAllTextAsync(Path.Combine(cluster.Directory, "inventory.json"), inventory.ToJson(), Cancellation);
        await SendAsync(cluster, control, cluster.Directory, cluster.Directory);
        var sockets = Path.GetDirectoryName((await File.ReadAllLinesAsync(cluster.SshConfig, Cancellation)).Select(l => l.Trim()).First(l => l.StartsWith("ControlPath ", StringComparison.Ordinal))["ControlPath ".Length..].Trim('"'))!;
        await cluster.RunAsync(control, $"mkdir -p -m 0700 {sockets}");

        Assert.Contains(await PlayAsync(cluster, control), e => e.Event == PlaybookEventKind.Changed);
        Assert.Equal("worker1\n", await cluster.RunAsync(control, "srun -N1 hostname"));

        // A second time there is nothing to do.
        Assert.DoesNotContain(await PlayAsync(cluster, control), e => e.Event == PlaybookEventKind.Changed);
    }

    private static async Task<IReadOnlyList<PlaybookEvent>> PlayAsync(Cluster cluster, string control)
    {
        var printed = await cluster.RunAsync(control,
            $"cd /root/ansible && LC_ALL=C.UTF-8 ANSIBLE_STDOUT_CALLBACK=regatta.cluster.events ansible-playbook -i {cluster.Directory}/inventory.json configure-slurm.yml 2>&1");
        List<PlaybookEvent> events = [.. printed.Split('\n').Select(PlaybookEvent.Parse).OfType<PlaybookEvent>()];
        var recap = Assert.Single(events, e => e.Hosts is not null).Hosts!;
        Assert.Equal(["head", "worker1"], recap.Keys);
        Assert.All(recap.Values, host => Assert.Equal((0, 0), (host.Failed, host.Unreachable)));
        return events;
    }

    /// <summary>Brings a directory onto a node.</summary>
    private static async Task SendAsync(Cluster cluster, string node, string from, string to, string options = "")
    {
        var result = await (CliWrap.Cli.Wrap("tar").WithArguments(["-C", from, "--exclude=./*.console.log", "-c", "."])
            | new SshTarget(cluster.SshConfig, node).Run($"mkdir -p {to} && tar -C {to} -x --no-same-owner {options}")).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(Cancellation);
        Assert.True(result.ExitCode == 0, result.StandardError);
    }

    private static async Task<string> AnsibleAsync()
    {
        var folder = Path.Combine(RegattaProgram.Root, "artifacts", "ansible-core", "trixie");
        var result = await CliWrap.Cli.Wrap(Path.Combine(RegattaProgram.Root, "tests", "ansible-core.sh")).WithArguments(["trixie", folder]).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(Cancellation);
        Assert.SkipWhen(result.ExitCode != 0, $"the ansible-core of Debian's trixie cannot be fetched: {result.StandardError.Trim().Split('\n')[^1]}");
        return folder;
    }

    private static async Task<Image> ImageAsync()
    {
        var built = await RegattaProgram.RunAsync(["image", "build", "slurm@trixie", "--json"]);
        Assert.SkipWhen(
            built.Code != 0 && built.Json("diagnostic").Any(d => d.GetProperty("code").GetString() is "package-fetch" or "mirror-missing"),
            "no mirror has the locked packages of slurm@trixie any more: regatta image lock slurm@trixie, or REGATTA_SNAPSHOT");
        return ImageContract.Read(built.Json("image").Single().GetProperty("directory").GetString()!);
    }
}
