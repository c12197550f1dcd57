using Stopwatch = System.Diagnostics.Stopwatch;
using Regatta.Diagnostics;
using Xunit;

namespace Regatta.EndToEnd.Machines;

public sealed class ContainerTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_head_and_two_workers_come_up_answer_and_go()
    {
        await using var lab = MachinesLab.Open();
        var news = new Recorder();
        var watch = Stopwatch.StartNew();
        var cluster = await lab.Provider.UpAsync(MachinesLab.Spec("one"), lab.Image, news, MachinesLab.Cancellation);
        output.WriteLine($"up in {watch.Elapsed}");
        foreach (var a in news.All) output.WriteLine($"{a.Stage} {a.Subject} {a.Text} {a.Elapsed}");

        foreach (var node in cluster.Nodes)
        {
            Assert.Equal(node.Name, (await MachinesLab.SshAsync(cluster, node.Name, "hostname")).Trim());
            output.WriteLine(await MachinesLab.SshAsync(cluster, node.Name, "systemctl is-system-running --wait; systemctl --failed; ip -br a; cat /proc/self/cgroup; ls /cg; free -m; nproc; cat /etc/hosts; networkctl --no-pager; systemd-analyze"));
        }

        output.WriteLine(string.Join("\n", Directory.EnumerateFileSystemEntries(cluster.Directory)));
        output.WriteLine(File.ReadAllText(Path.Combine(cluster.Directory, "head.console.log")));
        watch.Restart();
        await lab.Provider.DownAsync(cluster, SilentMonitor.Instance, MachinesLab.Cancellation);
        output.WriteLine($"down in {watch.Elapsed}");
        watch.Restart();
        var second = await lab.Provider.UpAsync(MachinesLab.Spec("one"), lab.Image, SilentMonitor.Instance, MachinesLab.Cancellation);
        output.WriteLine($"second up in {watch.Elapsed}");
        await lab.Provider.DownAsync(second, SilentMonitor.Instance, MachinesLab.Cancellation);
    }
}

/// <summary>Keeps what was said.</summary>
public sealed class Recorder : IActivityMonitor
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<Activity> all = new();

    public IReadOnlyCollection<Activity> All => all;

    public void Report(Activity activity) => all.Enqueue(activity);
}
