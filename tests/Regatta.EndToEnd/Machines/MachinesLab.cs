using System.Runtime.CompilerServices;
using Regatta.Host;
using Regatta.Host.Libvirt;
using Regatta.Images;
using Regatta.Machines;
using Regatta.Machines.Provisioning;

namespace Regatta.EndToEnd.Machines;

/// <summary>A state directory with a libvirt of its own, both gone when the test ends.</summary>
public sealed class MachinesLab : IAsyncDisposable
{
    private MachinesLab(StateDirectory state, Image image)
    {
        State = state;
        Image = image;
        Libvirt = new LocalLibvirt(state, TimeProvider.System) { IsPrivate = true };
        Provider = new LibvirtProvider(state, Libvirt, TimeProvider.System);
        Reaper = new Reaper(state, Libvirt, TimeProvider.System);
        Store = new ClusterStore(state);
    }

    public StateDirectory State { get; }

    public Image Image { get; }

    public LocalLibvirt Libvirt { get; }

    public LibvirtProvider Provider { get; }

    public Reaper Reaper { get; }

    public ClusterStore Store { get; }

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Opens a lab with the Slurm image, which is built when it is not there.</summary>
    public static Task<MachinesLab> OpenAsync([CallerMemberName] string test = "") => OpenAsync(test, ImageAsync);

    /// <summary>Opens a lab with an image.</summary>
    public static async Task<MachinesLab> OpenAsync(string test, Func<Task<Image>> image)
    {
        RegattaProgram.RequireRoot();
        foreach (var program in new[] { "libvirtd", "virtlogd", "tini", "ssh", "ssh-keygen", "nix" })
            Assert.SkipWhen(HostTool.Find(program) is null, $"needs the real '{program}': regatta doctor --fix");
        var path = Path.Combine(Path.GetTempPath(), $"regatta-lab-{Environment.ProcessId}-{test.Length}-{Math.Abs(test.GetHashCode(StringComparison.Ordinal))}");
        var state = StateDirectory.Choose(name => name == "REGATTA_STATE" ? path : null, root: true);
        return new MachinesLab(state, await image());
    }

    public static ClusterSpec Spec(string name, int workers = 2, MachineDriver driver = MachineDriver.Lxc) => new(
        name, "run-" + name, driver,
        [
            new NodeSpec("head", NodeRole.Head, 1, 512L << 20),
            .. Enumerable.Range(1, workers).Select(i => new NodeSpec($"worker{i}", NodeRole.Worker, 2, 512L << 20)),
        ])
    {
        BootTimeout = TimeSpan.FromMinutes(2),
    };

    public static Task<string> SshAsync(Cluster cluster, string node, string script) =>
        HostTool.RunAsync("ssh", ["-F", cluster.SshConfig, "-o", "BatchMode=yes", node, script], Cancellation);

    /// <summary>Everything of this lab that the kernel knows.</summary>
    public IReadOnlyList<string> Traces(params IEnumerable<ClusterClaim> claims) => KernelTraces.Of(State, claims);

    public async ValueTask DisposeAsync()
    {
        Provider.Dispose();
        await Reaper.RunAsync(kept: true, SilentMonitor.Instance, CancellationToken.None);
        await Libvirt.StopAsync(CancellationToken.None);
        Directory.Delete(State.Root, recursive: true);
        Directory.Delete(State.Runtime, recursive: true);
    }

    private static Task<Image> ImageAsync()
    {
        if (Environment.GetEnvironmentVariable("REGATTA_TEST_IMAGE") is { } directory) return Task.FromResult(ImageContract.Read(directory));
        var installation = new Installation(RegattaProgram.Root);
        return NixImageBuilder.OfProcess(installation.Images, Path.Combine(installation.Artifacts, "images"), StateDirectory.OfProcess().Payloads)
            .EnsureAsync(new ImageSpec("slurm"), SilentMonitor.Instance, Cancellation);
    }
}

/// <summary>Keeps what was said.</summary>
public sealed class Recorder : IActivityMonitor
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<Activity> _all = new();

    public IReadOnlyCollection<Activity> All => _all;

    public void Report(Activity activity) => _all.Enqueue(activity);
}
