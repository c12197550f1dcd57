using System.Net;
using System.Net.Sockets;
using Regatta.Host;
using Regatta.Images;
using Regatta.Machines.Ssh;
using Regatta.Workloads;

namespace Regatta.Machines.Provisioning;

/// <summary>
/// Machines that exist, over SSH. Nothing on them is changed by bringing the cluster up or down. Each must be known by its host key:
/// the one that is given, or the one in the user's <c>known_hosts</c>; a machine is never believed at its first word.
/// </summary>
public sealed class ExistingMachines : IMachineProvider, IDisposable
{
    private readonly StateDirectory _state;
    private readonly TimeProvider _time;
    private readonly ClusterStore _store;
    private readonly OwnedClusters _owned;

    /// <summary>A provider whose clusters are kept in a state directory.</summary>
    public ExistingMachines(StateDirectory state, TimeProvider time)
    {
        _state = state;
        _time = time;
        _store = new ClusterStore(state);
        _owned = new OwnedClusters(state, _store, time);
    }

    /// <summary>Where the user's known hosts are looked for.</summary>
    public string KnownHosts { get; init; } =
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".ssh", "known_hosts");

    /// <inheritdoc/>
    public async Task<Cluster> UpAsync(ClusterSpec spec, Image? image, IActivityMonitor monitor, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(monitor);
        ClusterSpecCheck.Require(spec);
        _state.Create();
        var held = _store.Lock(spec.Name);
        var claim = _owned.Claim(spec, MachineDriver.Ssh);
        try
        {
            _owned.Left(spec.Name);
        }
        catch
        {
            held.Dispose();
            throw;
        }

        try
        {
            await RemoveAsync(spec.Name);
            _store.Write(claim);
            var cluster = await ReachAsync(spec, claim, monitor, cancellation);
            ClusterStore.Write(cluster);
            _owned.Add(spec, claim, held);
            return cluster;
        }
        catch
        {
            await RemoveAsync(spec.Name);
            held.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task DownAsync(Cluster cluster, IActivityMonitor monitor, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return DownAsync(cluster.Name, monitor);
    }

    /// <summary>Forgets a cluster by name; its machines stay as they are.</summary>
    /// <exception cref="DiagnosticException">Another process owns it.</exception>
    public async Task DownAsync(string name, IActivityMonitor monitor)
    {
        ArgumentNullException.ThrowIfNull(monitor);
        using var held = _owned.Take(name);
        await RemoveAsync(name);
        monitor.Report(new Activity("cluster", name, "released; the machines keep running", ActivityState.Done));
    }

    /// <summary>Lets go of the clusters that this process owns.</summary>
    public void Dispose() => _owned.Dispose();

    private async Task<Cluster> ReachAsync(ClusterSpec spec, ClusterClaim claim, IActivityMonitor monitor, CancellationToken cancellation)
    {
        var nodes = await Task.WhenAll(spec.Nodes.OrderBy(n => n.Role).Select(n => ResolveAsync(n, cancellation)));
        var faults = nodes.SelectMany(n => n.Faults).ToList();
        if (faults.Count > 0) throw new DiagnosticException(faults);

        var cluster = new Cluster
        {
            Name = spec.Name,
            RunId = spec.RunId,
            Machines = MachineKind.Ssh,
            Directory = _store.Directory(spec.Name),
            Nodes = [.. nodes.Select(n => n.Node!)],
        };
        var control = _store.ControlDirectory(claim);
        Directory.CreateDirectory(control, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var known = Path.Combine(cluster.Directory, "known_hosts");
        DurableFile.Write(known, SshFiles.KnownHosts(cluster.Nodes), DurableFile.Private);
        DurableFile.Write(cluster.SshConfig, SshFiles.Config(cluster.Nodes, known, spec.IdentityFile, control), DurableFile.Private);

        var readiness = new SshReadiness(cluster.SshConfig, _time);
        var answers = await Task.WhenAll(cluster.Nodes.Select(async node =>
        {
            monitor.Report(new Activity("cluster", $"{cluster.Name}/{node.Name}", $"connecting to {node.Address}"));
            var fault = await readiness.WaitAsync(node, spec.BootTimeout, () => false, cancellation);
            monitor.Report(fault is null
                ? new Activity("cluster", $"{cluster.Name}/{node.Name}", $"answers at {node.Address}", ActivityState.Done)
                : new Activity("cluster", $"{cluster.Name}/{node.Name}", fault.Summary, ActivityState.Failed));
            return fault is null ? null : Unreachable(node, fault);
        }));
        var unreachable = answers.OfType<Diagnostic>().ToList();
        return unreachable.Count == 0 ? cluster : throw new DiagnosticException(unreachable);
    }

    private async Task<(Node? Node, List<Diagnostic> Faults)> ResolveAsync(NodeSpec spec, CancellationToken cancellation)
    {
        var faults = new List<Diagnostic>();
        var host = spec.Host!;
        var key = spec.HostKey is { } given ? CheckedKey(spec, given, faults) : await KnownKeyAsync(spec, host, faults, cancellation);
        IPAddress? address = null;
        try
        {
            var all = await Dns.GetHostAddressesAsync(host, cancellation);
            address = all.OrderBy(a => a.AddressFamily == AddressFamily.InterNetwork ? 0 : 1).First();
        }
        catch (SocketException exception)
        {
            faults.Add(Diagnostic.Error("node-host", $"the host '{host}' of node '{spec.Name}' has no address: {exception.Message}") with
            {
                Help = "check the name, or give the address",
            });
        }

        return faults.Count > 0 ? (null, faults)
            : (new Node(spec.Name, spec.Role, address!, spec.Port, spec.User, key!, spec.Processors, spec.Memory), faults);
    }

    private static string? CheckedKey(NodeSpec spec, string given, List<Diagnostic> faults)
    {
        var words = given.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var buffer = new byte[given.Length];
        if (words.Length >= 2 && Convert.TryFromBase64String(words[1], buffer, out _)) return $"{words[0]} {words[1]}";
        faults.Add(Diagnostic.Error("host-key", $"the host key of node '{spec.Name}' is not a public key: '{given}'") with
        {
            Help = "give it as /etc/ssh/ssh_host_ed25519_key.pub on that machine has it: ssh-ed25519 AAAA…",
        });
        return null;
    }

    private async Task<string?> KnownKeyAsync(NodeSpec spec, string host, List<Diagnostic> faults, CancellationToken cancellation)
    {
        var name = spec.Port == 22 ? host : string.Create(CultureInfo.InvariantCulture, $"[{host}]:{spec.Port}");
        var found = File.Exists(KnownHosts)
            ? await HostTool.TryAsync("ssh-keygen", ["-F", name, "-f", KnownHosts], cancellation)
            : new ToolResult(1, "", "");
        var keys = found.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith('#') && !line.StartsWith('@'))
            .Select(line => line.Split(' '))
            .Where(words => words.Length >= 3)
            .Select(words => $"{words[1]} {words[2]}")
            .OrderBy(key => key.StartsWith("ssh-ed25519", StringComparison.Ordinal) ? 0 : 1)
            .ToList();
        if (keys.Count > 0) return keys[0];
        faults.Add(Diagnostic.Error("host-key-unknown", $"the host key of node '{spec.Name}' ({host}) is not known") with
        {
            Help = $"give it with the node (host_key), or connect once by 'ssh {host}' and check the fingerprint, so that it stands in {KnownHosts}",
        });
        return null;
    }

    private static Diagnostic Unreachable(Node node, NotReady fault) =>
        Diagnostic.Error("node-unreachable", $"node '{node.Name}' ({node.Address}) {fault.Summary}") with
        {
            Detail = fault.Words is { Length: > 0 } words ? "ssh says: " + words : null,
            Help = $"try: ssh -p {node.Port} {node.User}@{node.Address}",
        };

    private async Task RemoveAsync(string name)
    {
        if (_store.Find(name) is { } found) await ClusterRemoval.CloseConnectionsAsync(_store.ControlDirectory(found.Claim));
        await ClusterRemoval.RemoveDirectoryAsync(_store.Directory(name));
    }
}
