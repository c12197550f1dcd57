using System.Text.Json;
using Regatta.Diagnostics;
using Regatta.Host;
using Regatta.Host.Libvirt;
using Regatta.Images;
using Regatta.Machines;
using Xunit;

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
        Store = new ClusterStore(state);
    }

    public StateDirectory State { get; }

    public Image Image { get; }

    public LocalLibvirt Libvirt { get; }

    public LibvirtProvider Provider { get; }

    public ClusterStore Store { get; }

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static MachinesLab Open([System.Runtime.CompilerServices.CallerMemberName] string test = "")
    {
        Assert.SkipUnless(HostUser.IsRoot, "needs root: containers and a libvirt of its own");
        foreach (var program in new[] { "libvirtd", "virtlogd", "tini", "ssh", "ssh-keygen" })
            Assert.SkipWhen(HostTool.Find(program) is null, $"needs the real '{program}': regatta doctor --fix");
        var directory = Environment.GetEnvironmentVariable("REGATTA_TEST_IMAGE");
        Assert.SkipWhen(directory is null, "needs the built image: REGATTA_TEST_IMAGE names its directory");
        var path = Path.Combine(AppContext.BaseDirectory, $"lab-{test}");
        var state = StateDirectory.Choose(name => name == "REGATTA_STATE" ? path : null, root: true);
        return new MachinesLab(state, ReadImage(directory!));
    }

    public static Image ReadImage(string directory)
    {
        using var file = File.OpenRead(Path.Combine(directory, "manifest.json"));
        var manifest = JsonSerializer.Deserialize<ImageManifest>(file, JsonSerializerOptions.Web)!;
        return new Image(manifest.Name, Path.GetFullPath(directory), manifest);
    }

    public static ClusterSpec Spec(string name, int workers = 2, MachineDriver driver = MachineDriver.Lxc) => new(
        name, "run-" + name, driver,
        [
            new NodeSpec("head", NodeRole.Head, 1, 512L << 20),
            .. Enumerable.Range(1, workers).Select(i => new NodeSpec($"worker{i}", NodeRole.Worker, 2, 512L << 20)),
        ])
    {
        BootTimeout = TimeSpan.FromSeconds(60),
    };

    public static Task<string> SshAsync(Cluster cluster, string node, string script) =>
        HostTool.RunAsync("ssh", ["-F", cluster.SshConfig, "-o", "BatchMode=yes", node, script], Cancellation);

    public async ValueTask DisposeAsync()
    {
        foreach (var cluster in Store.List()) await Provider.DownAsync(cluster.Claim.Name, SilentMonitor.Instance);
        await Libvirt.StopAsync(CancellationToken.None);
        Directory.Delete(State.Root, recursive: true);
        Directory.Delete(State.Runtime, recursive: true);
    }
}
