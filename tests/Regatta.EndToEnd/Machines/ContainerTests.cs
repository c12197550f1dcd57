using System.Diagnostics;
using Regatta.Host;
using Regatta.Machines;
using Regatta.Machines.Containers;
using Regatta.Workloads;

namespace Regatta.EndToEnd.Machines;

/// <summary>Real containers on a real libvirt of the test's own.</summary>
public sealed class ContainerTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_head_and_two_workers_come_up_know_each_other_and_go()
    {
        await using var lab = await MachinesLab.OpenAsync();
        var began = Stopwatch.GetTimestamp();
        var cluster = await lab.Provider.UpAsync(MachinesLab.Spec("one"), lab.Image, SilentMonitor.Instance, MachinesLab.Cancellation);
        output.WriteLine($"up in {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s, root file system unpacked and libvirt started");
        var claim = lab.Store.Find("one")!.Claim;
        Assert.Equal(MachineKind.Lxc, cluster.Machines);
        Assert.Equal(["head", "worker1", "worker2"], cluster.Nodes.Select(n => n.Name));

        var answers = await Task.WhenAll(cluster.Nodes.Select(async node => new
        {
            node.Name,
            Host = (await MachinesLab.SshAsync(cluster, node.Name, "hostname")).Trim(),
            System = (await MachinesLab.SshAsync(cluster, node.Name, "systemctl is-system-running --wait")).Trim(),
            Hears = await MachinesLab.SshAsync(cluster, node.Name, string.Join(" && ", cluster.Nodes.Select(n => $"ping -c1 -W5 -q {n.Name} >/dev/null"))),
            Memory = await MachinesLab.SshAsync(cluster, node.Name, "if [ -d /cg ]; then cat /cg/memory/memory.limit_in_bytes; else cat /sys/fs/cgroup/memory.max; fi"),
            Cgroup = await MachinesLab.SshAsync(cluster, node.Name, "cat /proc/1/cgroup | grep ^0::"),
        }));
        Assert.All(answers, a =>
        {
            Assert.Equal(a.Name, a.Host);
            Assert.Equal("running", a.System);
            Assert.Equal(512L << 20, long.Parse(a.Memory));
            Assert.Equal("0::/init.scope", a.Cgroup.Trim());
        });
        Assert.Contains("Hostname set to <head>", await File.ReadAllTextAsync(Path.Combine(cluster.Directory, "head.console.log"), MachinesLab.Cancellation), StringComparison.Ordinal);

        // No secret is readable for others, and the image's files were not written to.
        Assert.All(Directory.EnumerateFiles(cluster.Directory), f => Assert.False(File.GetUnixFileMode(f).HasFlag(UnixFileMode.OtherRead) && !f.EndsWith(".pub", StringComparison.Ordinal), f));
        Assert.False(File.Exists(Path.Combine(new RootStore(lab.State).PathOf(lab.Image.Manifest.Files["rootfs.tar"]), "etc/ssh/ssh_host_ed25519_key")));

        Assert.NotEmpty(lab.Traces([claim]));
        await lab.Provider.DownAsync(cluster, SilentMonitor.Instance, MachinesLab.Cancellation);
        Assert.Empty(lab.Traces([claim]));
        Assert.Empty(Directory.GetFileSystemEntries(lab.State.Clusters));

        began = Stopwatch.GetTimestamp();
        var again = await lab.Provider.UpAsync(MachinesLab.Spec("one"), lab.Image, SilentMonitor.Instance, MachinesLab.Cancellation);
        output.WriteLine($"up again in {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s");
        Assert.NotEqual(cluster.Head.HostKey, again.Head.HostKey);
    }

    [Fact]
    public async Task Two_clusters_at_once_do_not_touch_each_other()
    {
        await using var lab = await MachinesLab.OpenAsync();
        var clusters = await Task.WhenAll(new[] { "first", "second" }.Select(name =>
            lab.Provider.UpAsync(MachinesLab.Spec(name, workers: 1), lab.Image, SilentMonitor.Instance, MachinesLab.Cancellation)));
        Assert.Empty(clusters[0].Nodes.Select(n => n.Address).Intersect(clusters[1].Nodes.Select(n => n.Address)));
        await Assert.ThrowsAsync<DiagnosticException>(() => MachinesLab.SshAsync(clusters[0], "head", $"ping -c1 -W2 -q {clusters[1].Head.Address}"));

        // Reaping removes neither, and taking one down leaves the other.
        var reaped = await lab.Reaper.RunAsync(kept: true, SilentMonitor.Instance, MachinesLab.Cancellation);
        Assert.Empty(reaped.Removed);
        await lab.Provider.DownAsync(clusters[0], SilentMonitor.Instance, MachinesLab.Cancellation);
        Assert.Equal("worker1", (await MachinesLab.SshAsync(clusters[1], "worker1", "hostname")).Trim());
        var refused = await Assert.ThrowsAsync<DiagnosticException>(() => lab.Provider.UpAsync(MachinesLab.Spec("second"), lab.Image, SilentMonitor.Instance, MachinesLab.Cancellation));
        Assert.Equal($"error[in-use]: the cluster 'second' is in use by process {Environment.ProcessId}", refused.Diagnostics[0].ToString().Split('\n')[0]);
    }

    [Theory]
    [InlineData("/head: starting")]
    [InlineData("/head: booting")]
    [InlineData("/head: answers")]
    public async Task Killed_at_any_point_reap_leaves_nothing(string moment)
    {
        await using var lab = await MachinesLab.OpenAsync("killed" + moment.Length);
        using var program = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "regatta"), ["cluster", "up", "doomed", "--machines", "lxc", "--image", lab.Image.Directory + "/"])
        {
            RedirectStandardOutput = true,
            Environment = { ["REGATTA_STATE"] = lab.State.Root, ["REGATTA_LIBVIRT"] = "private", ["REGATTA_HOME"] = RegattaProgram.Root },
        })!;
        var said = new List<string>();
        while (await program.StandardOutput.ReadLineAsync(MachinesLab.Cancellation) is { } line)
        {
            said.Add(line);
            if (!line.Contains(moment, StringComparison.Ordinal)) continue;
            program.Kill();
            break;
        }

        await program.WaitForExitAsync(MachinesLab.Cancellation);
        Assert.True(program.ExitCode == 137, string.Join('\n', said));
        var left = lab.Store.Find("doomed")!;
        Assert.Equal(ClusterState.Abandoned, left.State);
        Assert.NotEmpty(lab.Traces([left.Claim]));

        var reaped = await lab.Reaper.RunAsync(kept: false, SilentMonitor.Instance, MachinesLab.Cancellation);
        Assert.Contains("cluster doomed", reaped.Removed);
        Assert.Empty(lab.Traces([left.Claim]));
        Assert.Empty(Directory.GetFileSystemEntries(lab.State.Clusters));
        Assert.Empty(Directory.GetFileSystemEntries(lab.State.Nodes));
        using var libvirt = Regatta.Machines.Libvirt.LibvirtConnection.Open((await lab.Libvirt.FindAsync(MachinesLab.Cancellation))!.LxcUri);
        Assert.Empty(libvirt.Domains());
        Assert.Empty(libvirt.Networks());
    }

    [Fact]
    public async Task A_kept_cluster_outlives_its_program_until_it_is_taken_down()
    {
        await using var lab = await MachinesLab.OpenAsync();
        var cluster = await lab.Provider.UpAsync(MachinesLab.Spec("kept", workers: 1) with { Kept = true }, lab.Image, SilentMonitor.Instance, MachinesLab.Cancellation);
        lab.Provider.Dispose();
        var reaped = await lab.Reaper.RunAsync(kept: false, SilentMonitor.Instance, MachinesLab.Cancellation);
        Assert.Equal("cluster kept: kept; 'regatta cluster down kept' removes it", Assert.Single(reaped.Left));
        Assert.Equal("head", (await MachinesLab.SshAsync(lab.Store.Require("kept"), "head", "hostname")).Trim());
        var twice = await Assert.ThrowsAsync<DiagnosticException>(() => lab.Provider.UpAsync(MachinesLab.Spec("kept"), lab.Image, SilentMonitor.Instance, MachinesLab.Cancellation));
        Assert.Equal("cluster-exists", twice.Diagnostics[0].Code);

        // It survives an end of the daemons as well: they find it again.
        await lab.Libvirt.StopAsync(MachinesLab.Cancellation);
        Assert.Equal("head", (await MachinesLab.SshAsync(cluster, "head", "hostname")).Trim());
        var claim = lab.Store.Find("kept")!.Claim;
        await lab.Provider.DownAsync(cluster, SilentMonitor.Instance, MachinesLab.Cancellation);
        Assert.Empty(lab.Traces([claim]));
    }

    [Fact]
    public async Task A_node_that_never_answers_is_shown_with_its_console()
    {
        await using var lab = await MachinesLab.OpenAsync();
        var image = await BrokenAsync(lab, "#!/bin/sh\necho 'the ship has no rudder'\nexec sleep 1000\n");
        var spec = MachinesLab.Spec("mute", workers: 1) with { BootTimeout = TimeSpan.FromSeconds(3) };
        var thrown = await Assert.ThrowsAsync<DiagnosticException>(() => lab.Provider.UpAsync(spec, image, SilentMonitor.Instance, MachinesLab.Cancellation));
        Assert.Equal("node-unreachable", thrown.Diagnostics[0].Code);
        Assert.Matches("^node '(head|worker1)' did not answer SSH within 3 s$", thrown.Diagnostics[0].Summary);
        Assert.Contains("the ship has no rudder", thrown.Diagnostics[0].Detail, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(lab.State.Clusters));
        Assert.Empty(lab.Traces());
    }

    [Fact]
    public async Task An_init_that_fails_at_once_is_not_waited_for()
    {
        await using var lab = await MachinesLab.OpenAsync();
        var image = await BrokenAsync(lab, "#!/bin/sh\nexit 3\n");
        var thrown = await Assert.ThrowsAsync<DiagnosticException>(() => lab.Provider.UpAsync(MachinesLab.Spec("dead", workers: 1), image, SilentMonitor.Instance, MachinesLab.Cancellation));
        Assert.Matches("^node '(head|worker1)' ended before it answered SSH$", thrown.Diagnostics[0].Summary);
        Assert.Empty(lab.Traces());
    }

    [Fact]
    public async Task Cancelling_leaves_nothing()
    {
        await using var lab = await MachinesLab.OpenAsync();
        using var cancelled = new CancellationTokenSource();
        var monitor = new Canceller(cancelled);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lab.Provider.UpAsync(MachinesLab.Spec("stopped"), lab.Image, monitor, cancelled.Token));
        Assert.Empty(Directory.GetFileSystemEntries(lab.State.Clusters));
        Assert.Empty(Directory.GetFileSystemEntries(lab.State.Nodes));
        Assert.Empty(lab.Traces());
    }

    /// <summary>An image whose root file system is unpacked already and has another init.</summary>
    private static async Task<Regatta.Images.Image> BrokenAsync(MachinesLab lab, string init)
    {
        lab.State.Create();
        var hash = new string('b', 64);
        var root = new RootStore(lab.State).PathOf(hash);
        Directory.CreateDirectory(root);
        await HostTool.RunAsync("tar", ["--extract", "--file", lab.Image.RootTar, "--directory", root, "--numeric-owner"], MachinesLab.Cancellation);
        var file = Path.Combine(root, "usr/sbin/init");
        File.Delete(file);
        await File.WriteAllTextAsync(file, init, MachinesLab.Cancellation);
        File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
        return lab.Image with { Manifest = lab.Image.Manifest with { Files = lab.Image.Manifest.Files.SetItem("rootfs.tar", hash) } };
    }

    private sealed class Canceller(CancellationTokenSource source) : IActivityMonitor
    {
        public void Report(Regatta.Diagnostics.Activity activity)
        {
            if (activity.Text == "booting") source.Cancel();
        }
    }
}
