using System.CommandLine;
using Regatta.Cli.Terminal;
using Regatta.Host;
using Regatta.Images;
using Regatta.Machines;
using Regatta.Machines.Provisioning;
using Regatta.Schedulers;
using Regatta.Workloads;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta cluster up</c>: a cluster that stays until it is taken down.</summary>
internal static class ClusterUpCommand
{
    private static readonly (string Name, MachineDriver Driver)[] Drivers =
    [
        ("auto", MachineDriver.Auto), ("lxc", MachineDriver.Lxc), ("qemu", MachineDriver.Qemu), ("qemu-tcg", MachineDriver.QemuTcg), ("ssh", MachineDriver.Ssh),
    ];

    public static Command Create(ITerminal terminal)
    {
        var name = new Argument<string>("name") { Description = "Name of the cluster.", DefaultValueFactory = _ => "lab" };
        var image = new Option<string>("--image") { Description = "Name of an image, a flake reference, or a directory that keeps the image contract.", HelpName = "IMAGE", DefaultValueFactory = _ => KnownSchedulers.Find("slurm").Image };
        var machines = new Option<string>("--machines", "-m") { Description = "Machine driver: auto, lxc, qemu, qemu-tcg or ssh.", HelpName = "DRIVER", DefaultValueFactory = _ => "auto" };
        machines.AcceptOnlyFromAmong([.. Drivers.Select(d => d.Name)]);
        var workers = new Option<int>("--workers", "-w") { Description = "Number of workers.", HelpName = "N", DefaultValueFactory = _ => 2 };
        var processors = new Option<int>("--processors") { Description = "Processors of a node.", HelpName = "N", DefaultValueFactory = _ => 2 };
        var memory = new Option<int>("--memory") { Description = "Memory of a node, in MiB.", HelpName = "MIB", DefaultValueFactory = _ => 1024 };
        var hosts = new Option<string[]>("--host") { Description = "With --machines ssh: a machine that exists, [USER@]HOST[:PORT]; the first is the head. Its key must stand in known_hosts.", HelpName = "HOST", AllowMultipleArgumentsPerToken = true };
        var identity = new Option<string?>("--identity", "-i") { Description = "With --machines ssh: the private key that the machines accept; your own keys if not given.", HelpName = "FILE" };
        var limit = new Option<int?>("--boot-timeout") { Description = "How long a node may take until it answers, in seconds.", HelpName = "SECONDS" };
        var command = new Command("up", "Brings up a head and workers; they stay until 'cluster down'.") { name, machines, workers, image, processors, memory, hosts, identity, limit };
        command.SetAction(async (parsed, cancellation) =>
        {
            var driver = Drivers.First(d => d.Name == parsed.GetRequiredValue(machines)).Driver;
            var nodes = driver == MachineDriver.Ssh
                ? Existing(parsed.GetValue(hosts) ?? [], parsed.GetValue(processors), (long)parsed.GetValue(memory) << 20)
                : New(parsed.GetValue(workers), parsed.GetValue(processors), (long)parsed.GetValue(memory) << 20);
            var chosen = parsed.GetRequiredValue(name);
            var spec = new ClusterSpec(chosen, "cluster-" + chosen, driver, nodes) { Kept = true, IdentityFile = parsed.GetValue(identity) };
            if (parsed.GetValue(limit) is { } seconds) spec = spec with { BootTimeout = TimeSpan.FromSeconds(seconds) };
            ClusterSpecCheck.Require(spec);
            using var providers = new MachineProviders(StateDirectory.OfProcess(), TimeProvider.System);
            var cluster = await terminal.WatchAsync(async monitor =>
                await providers.UpAsync(spec, driver == MachineDriver.Ssh ? null : await ImageAsync(parsed.GetRequiredValue(image), monitor, cancellation), monitor, cancellation));
            terminal.WriteJson("cluster", cluster, MachinesCliJson.Default.Cluster);
            terminal.WriteLine($"{cluster.Name} is up ({cluster.Machines.Name()}): {string.Join(", ", cluster.Nodes.Select(n => n.Name))}");
            terminal.WriteLine($"ssh -F {cluster.SshConfig} {cluster.Head.Name}");
            return (int)ExitCode.Done;
        });
        return command.WithExamples(
            "regatta cluster up                                  a head and two workers, as this host can have them",
            "regatta cluster up big --workers 8 --memory 512     more and smaller ones",
            "regatta cluster up vm --machines qemu-tcg --workers 1",
            "regatta cluster up real --machines ssh --host admin@192.0.2.10 192.0.2.11 192.0.2.12");
    }

    private static Task<Image> ImageAsync(string given, IActivityMonitor monitor, CancellationToken cancellation) =>
        Directory.Exists(given) && given.Contains('/', StringComparison.Ordinal)
            ? Task.FromResult(ImageContract.Read(Path.GetFullPath(given)))
            : ImageCommand.Builder().EnsureAsync(new ImageSpec(given), monitor, cancellation);

    private static ImmutableArray<NodeSpec> New(int workers, int processors, long memory) =>
    [
        new NodeSpec("head", NodeRole.Head, processors, memory),
        .. Enumerable.Range(1, Math.Max(workers, 0)).Select(i => new NodeSpec(string.Create(CultureInfo.InvariantCulture, $"worker{i}"), NodeRole.Worker, processors, memory)),
    ];

    private static ImmutableArray<NodeSpec> Existing(string[] hosts, int processors, long memory) =>
    [
        .. hosts.Select((given, i) =>
        {
            var user = given.Contains('@', StringComparison.Ordinal) ? given[..given.IndexOf('@', StringComparison.Ordinal)] : "root";
            var host = given[(given.IndexOf('@', StringComparison.Ordinal) + 1)..];
            var colon = host.LastIndexOf(':');
            var port = 22;
            if (colon > 0 && host.IndexOf(':', StringComparison.Ordinal) == colon && int.TryParse(host[(colon + 1)..], CultureInfo.InvariantCulture, out port)) host = host[..colon];
            else port = 22;
            return new NodeSpec(i == 0 ? "head" : string.Create(CultureInfo.InvariantCulture, $"worker{i}"), i == 0 ? NodeRole.Head : NodeRole.Worker, processors, memory)
            {
                Host = host,
                Port = port,
                User = user,
            };
        }),
    ];
}
