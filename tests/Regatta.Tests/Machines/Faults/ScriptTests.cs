using CliWrap.Buffered;
using Regatta.Machines.Faults;

namespace Regatta.Tests.Machines.Faults;

/// <summary>The scripts that slow daemons and links and fill disks, on real control groups, devices and file systems of this host.</summary>
public sealed class ScriptTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("regatta-test-").FullName;
    private readonly string _name = $"rgt{Environment.ProcessId % 100000}s{Random.Shared.Next(1000)}";
    private readonly List<string> _clearing = [];

    [Fact]
    public async Task A_daemon_gets_a_quota_and_goes_back_to_its_own_group()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/sys/fs/cgroup/cpu/cpu.shares") && !Directory.Exists("/cg"), "needs root and control groups of version 1");
        File.Copy("/bin/sleep", Path.Combine(_folder, _name));
        using var victim = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("sh", ["-c", $"exec '{Path.Combine(_folder, _name)}' 60 > /dev/null 2>&1"]))!;
        while (File.ReadAllText($"/proc/{victim.Id}/comm").Trim() != _name) Thread.Yield();
        try
        {
            var before = GroupOf(victim.Id);
            var act = DaemonFaults.Slow(_name, "here", new NodeDaemon(_name, null), 0.5);
            await DoneAsync(act.Do);
            var group = $"/sys/fs/cgroup/cpu/regatta-fault-{_name}";
            Assert.Equal($"/regatta-fault-{_name}", GroupOf(victim.Id));
            Assert.Equal(("50000", "100000"), (File.ReadAllText(Path.Combine(group, "cpu.cfs_quota_us")).Trim(), File.ReadAllText(Path.Combine(group, "cpu.cfs_period_us")).Trim()));

            await UndoneAsync(act.Undo);
            Assert.Equal(before, GroupOf(victim.Id));
            Assert.False(Directory.Exists(group));
            await UndoneAsync(act.Undo);
        }
        finally
        {
            victim.Kill();
        }
    }

    [Fact]
    public async Task A_link_is_slowed_in_both_directions_and_nothing_stays()
    {
        var at = await NetworkAsync();
        var act = HostFaults.Slow("far", "worker1", null, null, 65536);
        await DoneAsync(at(act.Do));
        Assert.Contains("tbf", (await ShAsync(at("tc qdisc show dev va"))).StandardOutput, StringComparison.Ordinal);
        Assert.Contains("rate 524288bit", (await ShAsync(at("tc qdisc show dev fva"))).StandardOutput.Replace("524Kbit", "524288bit", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("fva", (await ShAsync(at("tc filter show dev va parent ffff:"))).StandardOutput, StringComparison.Ordinal);

        await UndoneAsync(at(act.Undo));
        Assert.DoesNotMatch("tbf|ingress", (await ShAsync(at("tc qdisc show dev va"))).StandardOutput);
        Assert.NotEqual(0, (await ShAsync(at("ip link show fva"))).ExitCode);
        await UndoneAsync(at(act.Undo));
    }

    [Fact]
    public async Task A_link_is_cut_and_mended()
    {
        var at = await NetworkAsync();
        var act = HostFaults.Cut("cut", "worker1");
        await DoneAsync(at(act.Do));
        Assert.Contains("state DOWN", (await ShAsync(at("ip link show va"))).StandardOutput, StringComparison.Ordinal);

        await UndoneAsync(at(act.Undo));
        Assert.DoesNotContain("state DOWN", (await ShAsync(at("ip link show va"))).StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public void Delay_and_loss_are_held_by_netem()
    {
        Assert.Contains("netem limit 10000 delay 50000us loss 1% rate 8000000bit", HostFaults.Slow("far", "w", TimeSpan.FromMilliseconds(50), 0.01, 1_000_000).Do, StringComparison.Ordinal);
        Assert.DoesNotContain("netem", HostFaults.Slow("far", "w", null, null, 1_000_000).Do, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_that_is_switched_on_again_may_have_what_it_had_before_and_twice_does_no_harm(bool runs)
    {
        // What libvirt says is played: the container is there or is made, and is this process; a group of devices of the same name takes the rules.
        await File.WriteAllTextAsync(Path.Combine(_folder, "virsh"), $"#!/bin/sh\ncase \"$*\" in *domid*) echo {Environment.ProcessId} ;; *domstate*) {(runs ? "true" : $"[ -e {_folder}/made ]")} ;; *create*) touch {_folder}/made ;; esac\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder, "ssh"), "#!/bin/sh\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder, "awk"), $"#!/bin/sh\necho {_folder}/devices\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder, "sed"), "#!/bin/sh\necho /machine\n", TestContext.Current.CancellationToken);
        foreach (var tool in (string[])["virsh", "ssh", "awk", "sed"]) File.SetUnixFileMode(Path.Combine(_folder, tool), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "faults")).FullName, "worker1.xml"), "", TestContext.Current.CancellationToken);
        var rules = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "devices", "machine")).FullName, "devices.allow");
        var undo = $"PATH='{_folder}':$PATH; node=worker1; uri=lxc:///; domain=d; config=c; place='{_folder}/faults'\n{HostFaults.Power("off", "worker1", reboots: false).Undo}";

        await UndoneAsync(undo);
        Assert.Equal(!runs, File.Exists(Path.Combine(_folder, "made")));
        // The last rule is what a file keeps of them; a real one adds each.
        Assert.Equal("c 10:200 rwm\n", await File.ReadAllTextAsync(rules, TestContext.Current.CancellationToken));
        await UndoneAsync(undo);
        // Rights that cannot be given are a node that is not back.
        File.Delete(rules);
        Directory.CreateDirectory(rules);
        await File.WriteAllTextAsync(Path.Combine(_folder, "faults", "worker1.xml"), "", TestContext.Current.CancellationToken);
        Assert.NotEqual(0, (await ShAsync(undo)).ExitCode);
    }

    [Fact]
    public async Task A_disk_is_filled_to_its_last_block_and_freed()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: a file system of its own is mounted");
        await ShAsync($"mount -t tmpfs -o size=1m tmpfs '{_folder}'");
        _clearing.Add($"umount '{_folder}'");
        var act = NodeFaults.Fill("full", "here", _folder);
        await DoneAsync(act.Do);
        Assert.Equal(0, new DriveInfo(_folder).AvailableFreeSpace);

        await UndoneAsync(act.Undo);
        Assert.Equal(1 << 20, new DriveInfo(_folder).AvailableFreeSpace);
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(-7200.5)]
    public async Task A_clock_is_set_by_so_much_and_back_to_what_it_was_however_often(double seconds)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: notes are kept below /run");
        // The clock of this host is left alone: Python reads and sets one that is kept in a file, as far apart from the host's as that says.
        await File.WriteAllTextAsync(Path.Combine(_folder, "sitecustomize.py"), $"""
            import time
            apart, real = '{_folder}/apart', time.clock_gettime_ns
            def read(clock):
                return real(clock) + (int(open(apart).read()) if clock == time.CLOCK_REALTIME else 0)
            def write(clock, to):
                print(to - real(clock), file=open(apart, 'w'))
            time.clock_gettime_ns, time.clock_settime_ns = read, write
            """, TestContext.Current.CancellationToken);
        var file = Path.Combine(_folder, "apart");
        await File.WriteAllTextAsync(file, "0", TestContext.Current.CancellationToken);
        var act = NodeFaults.Skew(_name, "here", TimeSpan.FromSeconds(seconds));
        Assert.True(await ApartAsync() is 0);

        await DoneAsync(At(act.Do));
        Assert.InRange(await ApartAsync() - seconds, -60, 60);
        // Set back twice, as by a program that was killed and by reap.
        var note = await File.ReadAllTextAsync($"/run/regatta-fault-{_name}", TestContext.Current.CancellationToken);
        await UndoneAsync(At(act.Undo));
        await File.WriteAllTextAsync($"/run/regatta-fault-{_name}", note, TestContext.Current.CancellationToken);
        await UndoneAsync(At(act.Undo));

        Assert.InRange(await ApartAsync(), -60, 60);
        Assert.False(File.Exists($"/run/regatta-fault-{_name}"));
        await File.WriteAllTextAsync(file, "7", TestContext.Current.CancellationToken);
        await UndoneAsync(At(act.Undo));
        Assert.Equal("7", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));

        string At(string script) => $"export PYTHONPATH='{_folder}'\n{script}";
        async Task<double> ApartAsync() => double.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), CultureInfo.InvariantCulture) / 1e9;
    }

    [Fact]
    public async Task A_clock_that_cannot_be_set_back_is_tried_again()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: notes are kept below /run");
        var note = $"/run/regatta-fault-{_name}";
        _clearing.Add($"rm -f {note}");
        await File.WriteAllTextAsync(note, "no number", TestContext.Current.CancellationToken);

        Assert.NotEqual(0, (await ShAsync(NodeFaults.Skew(_name, "here", TimeSpan.FromSeconds(1)).Undo)).ExitCode);
        Assert.True(File.Exists(note));
    }

    [Fact]
    public async Task A_command_that_fails_is_a_fault_that_did_not_come_about()
    {
        Assert.NotEqual(0, (await ShAsync(NodeFaults.Command("drain", "head", "echo no such node >&2; exit 3", "true").Do)).ExitCode);
        await DoneAsync(NodeFaults.Command("drain", "head", "true", "true").Do);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var script in _clearing) await ShAsync(script);
        Directory.Delete(_folder, recursive: true);
    }

    private static string GroupOf(int process) => File.ReadAllLines($"/proc/{process}/cgroup").Select(l => l.Split(':', 3)).First(l => l[1].Split(',').Contains("cpu"))[2];

    /// <summary>A network of its own with a bridge and a device on it; gives scripts that run there as those of a cluster's host.</summary>
    private async Task<Func<string, string>> NetworkAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: a network is made");
        _clearing.Add($"ip netns del {_name}");
        var made = await ShAsync($"ip netns add {_name} && ip netns exec {_name} sh -c 'ip link add br0 type bridge && ip link add va type veth peer name vb && ip link set va master br0 up && ip link set vb up && ip link set br0 up && bridge fdb add 02:00:00:00:00:07 dev va master static'");
        Assert.SkipUnless(made.ExitCode == 0, $"networks cannot be made here: {made.StandardError}");
        var file = Path.Combine(_folder, "script");
        return script =>
        {
            File.WriteAllText(file, $"node=worker1; bridge=br0; probe=02:00:00:00:00:07; place='{_folder}/faults'\n{script}");
            return $"ip netns exec {_name} sh '{file}'";
        };
    }

    private static async Task DoneAsync(string script)
    {
        var result = await ShAsync(script);
        Assert.True(result.ExitCode == 0, result.StandardError);
        Assert.Equal(2, result.StandardOutput.Trim().Split('\n')[^1].Split(' ').Select(w => long.Parse(w, CultureInfo.InvariantCulture)).Count());
    }

    private static async Task UndoneAsync(string script)
    {
        var result = await ShAsync(script);
        Assert.True(result.ExitCode == 0, result.StandardError);
    }

    private static Task<BufferedCommandResult> ShAsync(string script) =>
        CliWrap.Cli.Wrap("sh").WithArguments(["-c", script]).WithValidation(CliWrap.CommandResultValidation.None).ExecuteBufferedAsync(TestContext.Current.CancellationToken);
}
