using Regatta.Host;
using Regatta.Machines;

namespace Regatta.EndToEnd.Machines;

/// <summary>Another user of the host, with a user id of its own, against a cluster that runs: reads, writes, connects to and starts nothing.</summary>
public sealed class SecondUserTests
{
    private const string Stranger = "64999";

    [Fact]
    public async Task Another_user_of_the_host_reads_writes_reaches_and_starts_nothing()
    {
        await using var lab = await MachinesLab.OpenAsync();
        Assert.SkipWhen(HostTool.Find("setpriv") is null || HostTool.Find("python3") is null, "needs setpriv and python3");
        var cluster = await lab.Provider.UpAsync(MachinesLab.Spec("shared"), lab.Image, SilentMonitor.Instance, MachinesLab.Cancellation);
        var claim = lab.Store.Find("shared")!.Claim;
        // A port of a scheduler's daemon, and a file as an earlier version left it: open to all.
        await MachinesLab.SshAsync(cluster, "worker1", "systemd-run --quiet python3 -m http.server 6817; install -d -m 1777 /var/lib/regatta/stamps; for i in $(seq 100); do (</dev/tcp/127.0.0.1/6817) 2>/dev/null && exit; sleep 0.1; done; exit 1");
        var node = Path.Combine(lab.Store.NodeDirectory("shared"), "worker1");
        var control = Directory.EnumerateFiles(lab.Store.ControlDirectory(claim)).First();
        var mounted = MountTable.Read().Last(m => m.Target.StartsWith(lab.State.Nodes + "/", StringComparison.Ordinal)).Target;
        var init = Directory.EnumerateDirectories("/proc").First(p => Mounts(p).Contains($"upperdir={node}/upper", StringComparison.Ordinal));

        // What root can do shows that each attempt is one.
        (string Name, string Script)[] attempts =
        [
            ("list the nodes", $"ls {lab.State.Nodes}"),
            ("list a node", $"ls {node}/root"),
            ("read a node's file", $"cat {node}/root/etc/hostname"),
            ("read what a node wrote", $"ls {node}/upper"),
            ("follow the mount table", $"ls {mounted}"),
            ("forge stamps", $"echo forged >{node}/root/var/lib/regatta/stamps/t.jsonl"),
            ("write to a node's /tmp", $"touch {node}/root/tmp/mine"),
            ("start a node's setuid program", $"{node}/root/usr/bin/su --version"),
            ("read the key", $"cat {cluster.Directory}/id_ed25519"),
            ("read a console", $"cat {cluster.Directory}/worker1.console.log"),
            ("list the clusters", $"ls {lab.State.Clusters}"),
            ("list the sockets", $"ls {lab.State.Runtime}"),
            ("use libvirt", $"python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"{lab.State.Runtime}/libvirt/libvirt-sock\")'"),
            ("use a shared connection", $"python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"{control}\")'"),
            ("enter a node by its processes", $"ls {init}/root/"),
            ("reach SSH of the head", Reach(cluster.Head, 22)),
            ("reach a daemon of a worker", Reach(cluster.Workers.First(), 6817)),
        ];
        foreach (var (name, script) in attempts)
        {
            var root = await HostTool.TryAsync("bash", ["-c", script], MachinesLab.Cancellation);
            Assert.True(root.ExitCode == 0, $"root cannot {name}: {root.Error}");
            var other = await HostTool.TryAsync("setpriv", ["--reuid", Stranger, "--regid", Stranger, "--clear-groups", "bash", "-c", script], MachinesLab.Cancellation);
            Assert.True(other.ExitCode != 0, $"another user can {name}: {other.Output}");
            // Refused, and not merely gone.
            Assert.True(other.Error.Contains("denied", StringComparison.Ordinal) || other.Error.Contains("refused", StringComparison.Ordinal), $"{name}: {other.Error}");
        }

        await lab.Provider.DownAsync(cluster, SilentMonitor.Instance, MachinesLab.Cancellation);
        Assert.Empty(lab.Traces([claim]));
    }

    [Fact]
    public async Task Rules_that_a_killed_program_left_are_reaped()
    {
        await using var lab = await MachinesLab.OpenAsync();
        const string bridge = "rgdeadbeef";
        string[] rule = ["OUTPUT", "-o", bridge, "-m", "owner", "--uid-owner", "1-4294967294", "-j", "REJECT"];
        await HostTool.RunAsync("iptables", ["-w", "-I", .. rule], MachinesLab.Cancellation);
        var reaped = await lab.Reaper.RunAsync(kept: false, SilentMonitor.Instance, MachinesLab.Cancellation);
        Assert.Contains($"firewall rule of {bridge}", reaped.Removed);
        Assert.DoesNotContain(bridge, await HostTool.RunAsync("iptables", ["-w", "-S"], MachinesLab.Cancellation), StringComparison.Ordinal);
    }

    private static string Mounts(string process)
    {
        try
        {
            return File.ReadLines(process + "/mountinfo").FirstOrDefault(l => l.Contains(" / / ", StringComparison.Ordinal)) ?? "";
        }
        catch (IOException)
        {
            // No process, or one that ended at this moment.
            return "";
        }
    }

    private static string Reach(Node node, int port) => string.Create(CultureInfo.InvariantCulture, $"timeout 10 bash -c '</dev/tcp/{node.Address}/{port}'");
}
