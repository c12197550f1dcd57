using Regatta.Images;
using Regatta.Machines;

namespace Regatta.Tests.Machines;

/// <summary>A cluster of a head and a worker, on paper.</summary>
internal static class MachinesFixture
{
    public static readonly ClusterClaim Claim = new("0a1b2c3d", "lab", "run-7", "89abcdef", MachineDriver.Lxc, DateTimeOffset.UnixEpoch) { Subnet = 42 };

    public static readonly NodeSpec Head = new("head", NodeRole.Head, 1, 1L << 30);

    public static readonly NodeSpec Worker = new("worker1", NodeRole.Worker, 2, 512L << 20);

    public static readonly Image Image = new("slurm", "/images/slurm", new ImageManifest
    {
        Version = 1,
        Name = "slurm",
        KernelCommandLine = "root=/dev/vda console=ttyS0",
        SourceDateEpoch = 0,
        LockHash = new string('0', 64),
        Packages = [],
        Files = ImmutableSortedDictionary<string, string>.Empty,
    });

    public static ClusterSpec Spec(params NodeSpec[] nodes) => new("lab", "run-7", MachineDriver.Lxc, [.. nodes]);

    public static NodeBuild Build(NodeSpec spec, int index) => new(
        Claim, spec, index, "/state/nodes/lab/" + spec.Name, $"/state/clusters/lab/{spec.Name}.console.log", "127.0.0.1 localhost\n", "ssh-ed25519 AUTHORIZED",
        new KeyPair("/state/clusters/lab/key", "PRIVATE KEY", "ssh-ed25519 HOSTKEY comment\n"));
}
