using Regatta.Host;
using Regatta.Host.Checks;
using Regatta.Host.Libvirt;
using Regatta.Images;
using Regatta.Machines.Containers;
using Regatta.Machines.Libvirt;
using Regatta.Machines.Ssh;
using Regatta.Machines.VirtualMachines;

namespace Regatta.Machines.Provisioning;

/// <summary>Makes a cluster whose claim is written. What it made when it fails is for the caller to remove.</summary>
internal sealed class ClusterBuild(StateDirectory state, ClusterStore store, LocalLibvirt libvirt, TimeProvider time, IActivityMonitor monitor)
{
    /// <summary>Makes the cluster; returns when every node answers SSH.</summary>
    /// <param name="spec">What is wanted.</param>
    /// <param name="claim">Its claim.</param>
    /// <param name="image">What the nodes boot.</param>
    /// <param name="claimed">Told of the claim whenever more is known, once it is written.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<Cluster> MakeAsync(ClusterSpec spec, ClusterClaim claim, Image image, Action<ClusterClaim> claimed, CancellationToken cancellation)
    {
        var directory = store.Directory(spec.Name);
        var nodes = spec.Nodes.OrderBy(n => n.Role).ToImmutableArray();
        var keys = MakeKeysAsync(directory, nodes, cancellation);
        var (kind, uri) = await ChooseAsync(spec, image, cancellation);
        using var connection = await Task.Run(() => LibvirtConnection.Open(uri), cancellation);
        claim = await MakeNetworkAsync(connection, claim with { LibvirtUri = uri }, claimed, cancellation);

        var (user, hosts) = await keys;
        var made = nodes.Select((n, i) => new Node(n.Name, n.Role, claim.NodeAddress(i), 22, "root", hosts[i].PublicKey, n.Processors, n.Memory)).ToImmutableArray();
        var cluster = new Cluster
        {
            Name = spec.Name,
            RunId = spec.RunId,
            Machines = kind.Machines,
            Directory = directory,
            ImageHash = image.Manifest.Files.GetValueOrDefault("rootfs.tar"),
            Nodes = made,
        };
        WriteSshFiles(cluster, claim, user.File);
        ClusterImage.Keep(cluster, image);

        OwnDirectory.Make(store.NodeDirectory(spec.Name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var etcHosts = SshFiles.Hosts(made.Select(n => (n.Name, n.Address)));
        var builds = nodes.Select((n, i) => new NodeBuild(
            claim, n, i, Path.Combine(store.NodeDirectory(spec.Name), n.Name), Path.Combine(directory, n.Name + ".console.log"), etcHosts, user.Public, hosts[i])).ToList();
        await StartAsync(connection, kind, builds, cluster, spec.BootTimeout, cancellation);
        ClusterStore.Write(cluster);
        return cluster;
    }

    private async Task<(INodeKind Kind, string Uri)> ChooseAsync(ClusterSpec spec, Image image, CancellationToken cancellation)
    {
        var driver = spec.Driver;
        // Only containers can have a second root file system beside their own.
        if (driver == MachineDriver.Auto && image.Beside is not null) driver = MachineDriver.Lxc;
        var kvm = driver is MachineDriver.Auto or MachineDriver.Qemu && await new KvmProbe(state).WorksAsync(image, monitor, cancellation);
        if (driver == MachineDriver.Auto) driver = kvm ? MachineDriver.Qemu : MachineDriver.Lxc;
        if (driver != MachineDriver.Lxc)
        {
            Doctor.Require(HostFacts.Read(state), "libvirt", "libvirt-qemu", "qemu", "qemu-img", "ssh");
            var uri = spec.LibvirtUri ?? (await libvirt.EnsureAsync(monitor, cancellation)).QemuUri;
            return (new VirtualMachineKind(image, kvm, libvirt.IsPrivate && spec.LibvirtUri is null), uri);
        }

        Doctor.Require(HostFacts.Read(state), "root", "libvirt", "libvirt-lxc", "tini", "ssh", "namespaces", "inotify");
        if (spec.LibvirtUri is { } given)
        {
            throw new DiagnosticException(Diagnostic.Error("libvirt-uri", $"containers run on this host's libvirt, not on '{given}'") with
            {
                Help = "leave the address of libvirt out, or use machines=qemu",
            });
        }

        var roots = new RootStore(state);
        var root = roots.EnsureAsync(image, monitor, cancellation);
        var endpoint = await libvirt.EnsureAsync(monitor, cancellation);
        return (new ContainerKind(await root, image.Beside is { } beside ? await roots.EnsureAsync(beside, monitor, cancellation) : null), endpoint.LxcUri);
    }

    private static async Task<(KeyPair User, KeyPair[] Hosts)> MakeKeysAsync(string directory, ImmutableArray<NodeSpec> nodes, CancellationToken cancellation)
    {
        var user = KeyPair.MakeAsync(Path.Combine(directory, "id_ed25519"), "regatta", cancellation);
        var hosts = await Task.WhenAll(nodes.Select(n => KeyPair.MakeAsync(Path.Combine(directory, $"{n.Name}.host_ed25519"), n.Name, cancellation)));
        return (await user, hosts);
    }

    /// <summary>Chooses a free network and makes it, one program at a time on this host, so that no two choose the same.</summary>
    private async Task<ClusterClaim> MakeNetworkAsync(LibvirtConnection connection, ClusterClaim claim, Action<ClusterClaim> claimed, CancellationToken cancellation)
    {
        using var held = await FileLock.AcquireAsync(Path.Combine(Path.GetDirectoryName(state.Runtime)!, "subnets.lock"), cancellation);
        var taken = Subnets.Routes(await File.ReadAllTextAsync("/proc/net/route", cancellation))
            .Concat(connection.Networks().SelectMany(n => Subnets.Of(n.Xml))).ToList();
        claim = claim with { Subnet = Subnets.Choose(claim.Id, taken) };
        store.Write(claim);
        claimed(claim);
        await Task.Run(() => connection.CreateNetwork(ClusterNetwork.Describe(claim)), cancellation);
        if (await BridgeGuard.CloseAsync(claim.Bridge, cancellation) is { } why)
            monitor.Report(new Activity("cluster", claim.Name, "other users of this host can reach its ports", ActivityState.Done) { Detail = why });
        // A node that comes up between two questions for its hardware address is otherwise found up to a second late.
        var retry = $"/proc/sys/net/ipv4/neigh/{claim.Bridge}/retrans_time_ms";
        if (File.Exists(retry)) await File.WriteAllTextAsync(retry, "50", cancellation);
        return claim;
    }

    private void WriteSshFiles(Cluster cluster, ClusterClaim claim, string identity)
    {
        var control = store.ControlDirectory(claim);
        Directory.CreateDirectory(control, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var known = Path.Combine(cluster.Directory, "known_hosts");
        DurableFile.Write(known, SshFiles.KnownHosts(cluster.Nodes), DurableFile.Private);
        DurableFile.Write(cluster.SshConfig, SshFiles.Config(cluster.Nodes, known, identity, control), DurableFile.Private);
    }

    private async Task StartAsync(LibvirtConnection connection, INodeKind kind, List<NodeBuild> builds, Cluster cluster, TimeSpan limit, CancellationToken cancellation)
    {
        // The first node that fails ends the wait for the others: the cluster cannot be any more.
        using var all = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var nodes = builds.Select(async (build, i) =>
        {
            try
            {
                await StartAsync(connection, kind, build, cluster, cluster.Nodes[i], limit, all.Token);
            }
            catch
            {
                await all.CancelAsync();
                throw;
            }
        }).ToList();
        try
        {
            await Task.WhenAll(nodes);
        }
        catch (Exception) when (nodes.SelectMany(n => n.Exception?.InnerExceptions ?? Enumerable.Empty<Exception>()).OfType<DiagnosticException>().ToList() is { Count: > 0 } failures)
        {
            throw new DiagnosticException([.. failures.SelectMany(f => f.Diagnostics)], failures[0]);
        }
    }

    private async Task StartAsync(LibvirtConnection connection, INodeKind kind, NodeBuild build, Cluster cluster, Node node, TimeSpan limit, CancellationToken cancellation)
    {
        Activity News(string text, ActivityState activity = ActivityState.Running) => new("cluster", $"{cluster.Name}/{node.Name}", text, activity);

        var start = time.GetTimestamp();
        monitor.Report(News("starting"));
        Directory.CreateDirectory(build.Directory);
        var domain = await kind.PrepareAsync(build, cancellation);
        await Task.Run(() => connection.CreateDomain(domain), cancellation);
        var name = build.Claim.Domain(node.Name);
        if (connection.FindDomain(name) is { } running) kind.Started(build, running);
        monitor.Report(News("booting"));
        var fault = await new SshReadiness(cluster.SshConfig, time).WaitAsync(node, limit, () => connection.FindDomain(name) is null, cancellation);
        if (fault is null)
        {
            monitor.Report(News($"answers at {node.Address}", ActivityState.Done) with { Elapsed = time.GetElapsedTime(start) });
            return;
        }

        var detail = Detail(fault, build, name);
        monitor.Report(News(fault.Summary, ActivityState.Failed) with { Detail = detail });
        throw new DiagnosticException(Diagnostic.Error("node-unreachable", $"node '{node.Name}' {fault.Summary}") with
        {
            Detail = detail,
            Help = "the lines above are the end of its console; a slow host may need longer: machines.boot_timeout",
        });
    }

    private string Detail(NotReady fault, NodeBuild build, string domain)
    {
        var lines = new List<string>();
        if (fault.Words is { Length: > 0 } words) lines.Add("ssh says: " + words);
        var console = File.Exists(build.Console) ? HostTool.LastLines(File.ReadAllText(build.Console), 20) : "";
        lines.Add(console.Length > 0 ? "console:\n" + console : "its console is empty");
        // What libvirt's side of a container said, such as an init that is not there.
        var log = Path.Combine(libvirt.LogDirectory, "lxc", domain + ".log");
        if (console.Length == 0 && libvirt.IsPrivate && File.Exists(log)) lines.Add("libvirt's log:\n" + HostTool.LastLines(File.ReadAllText(log), 20));
        return string.Join('\n', lines);
    }
}
