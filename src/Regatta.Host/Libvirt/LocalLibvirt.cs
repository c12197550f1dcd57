using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Regatta.Host.Libvirt;

/// <summary>
/// libvirt on this host: the system's where systemd runs it, else daemons of Regatta's own. Those live in a mount namespace in which
/// <c>/etc/libvirt</c>, <c>/run/libvirt</c> and libvirt's directories under <c>/var</c> are the state directory's, so that nothing of
/// the system's libvirt, nor of another state directory's, is touched.
/// </summary>
/// <param name="state">The state directory that owns the private daemons.</param>
/// <param name="time">Clock for time limits.</param>
public sealed class LocalLibvirt(StateDirectory state, TimeProvider time)
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(15);

    /// <summary>True where Regatta runs libvirt itself: no systemd, or <c>REGATTA_LIBVIRT=private</c>.</summary>
    public bool IsPrivate { get; init; } =
        Environment.GetEnvironmentVariable("REGATTA_LIBVIRT") switch
        {
            "private" => true,
            "system" => false,
            _ => !Directory.Exists("/run/systemd/system"),
        };

    /// <summary>Logs of the private daemons.</summary>
    public string LogDirectory => Path.Combine(state.Libvirt, "log");

    private string Socket => Path.Combine(state.Runtime, "libvirt", "libvirt-sock");

    private string RunDirectory => Path.Combine(state.Runtime, "libvirt");

    private string DaemonLog => Path.Combine(LogDirectory, "daemons.log");

    private string Identities => Path.Combine(RunDirectory, "regatta.json");

    private LibvirtEndpoint Endpoint => IsPrivate ? LibvirtEndpoint.AtSocket(Socket) : LibvirtEndpoint.System;

    /// <summary>Makes sure that libvirt answers, starting the private daemons where they do not run.</summary>
    /// <exception cref="DiagnosticException">It is not installed, or does not answer.</exception>
    public async Task<LibvirtEndpoint> EnsureAsync(IActivityMonitor monitor, CancellationToken cancellation)
    {
        if (!IsPrivate)
        {
            if (SystemSocket() is { } socket && await AnswersAsync(socket, cancellation)) return Endpoint;
            throw new DiagnosticException(Diagnostic.Error("libvirt-absent", "the system's libvirt does not answer") with
            {
                Help = "systemctl enable --now libvirtd\nor set REGATTA_LIBVIRT=private to let Regatta run its own",
            });
        }

        HostUser.RequireRoot("libvirt daemons of Regatta's own");
        state.Create();
        using var held = await FileLock.AcquireAsync(Path.Combine(state.Locks, "libvirt.lock"), cancellation);
        // The mount of the nodes lives on in this namespace when the daemons end; they see later mounts only if it is shared before they start.
        if (await AnswersAsync(Socket, cancellation)) return Endpoint;
        monitor.Report(new Activity("host", "libvirt", "starting Regatta's own daemons"));
        await StartAsync(cancellation);
        monitor.Report(new Activity("host", "libvirt", "daemons answer", ActivityState.Done));
        return Endpoint;
    }

    /// <summary>The endpoint when libvirt answers now; null when it does not. Starts nothing.</summary>
    public async Task<LibvirtEndpoint?> FindAsync(CancellationToken cancellation) =>
        (IsPrivate ? Socket : SystemSocket()) is { } socket && await AnswersAsync(socket, cancellation) ? Endpoint : null;

    /// <summary>What runs now.</summary>
    public async Task<LibvirtStatus> StatusAsync(CancellationToken cancellation)
    {
        var socket = IsPrivate ? Socket : SystemSocket() ?? "/run/libvirt/libvirt-sock";
        var running = await AnswersAsync(socket, cancellation);
        var daemons = IsPrivate ? Recorded() : null;
        return new LibvirtStatus(
            IsPrivate ? "private" : "system", running, socket,
            daemons?.Libvirtd is { IsAlive: true } libvirtd ? libvirtd.Pid : null,
            daemons?.Virtlogd is { IsAlive: true } virtlogd ? virtlogd.Pid : null);
    }

    /// <summary>Ends the private daemons and takes away their mount; what runs on the system's libvirt is left alone. Nodes must be down.</summary>
    /// <returns>True when something was ended.</returns>
    public async Task<bool> StopAsync(CancellationToken cancellation)
    {
        if (!IsPrivate) return false;
        HostUser.RequireRoot("libvirt daemons of Regatta's own");
        state.Create();
        using var held = await FileLock.AcquireAsync(Path.Combine(state.Locks, "libvirt.lock"), cancellation);
        var ended = await EndDaemonsAsync();
        // What the daemons remember of nodes that still run stays, so that the next ones find them again.
        if (Directory.Exists(RunDirectory)) PrivateLibvirtFiles.RemoveSockets(RunDirectory);
        // Nodes that still run keep the mount.
        var mounts = MountTable.Read();
        if (mounts.Any(m => m.Target == state.Nodes) && !mounts.Any(m => m.Target.StartsWith(state.Nodes + "/", StringComparison.Ordinal)))
            await HostTool.RunAsync("umount", [state.Nodes], cancellation);
        await LibvirtChains.RemoveAsync(cancellation);
        return ended;
    }

    private async Task<bool> EndDaemonsAsync()
    {
        if (Recorded() is not { } daemons) return false;
        foreach (var daemon in new[] { daemons.Libvirtd, daemons.Virtlogd })
        {
            if (daemon is not null) await daemon.EndAsync(StopPatience, time, CancellationToken.None);
        }

        return true;
    }

    private async Task StartAsync(CancellationToken cancellation)
    {
        foreach (var program in new[] { "libvirtd", "virtlogd", "tini", "unshare", "setsid" })
        {
            if (HostTool.Find(program) is not null) continue;
            throw new DiagnosticException(Diagnostic.Error("libvirt-absent", $"libvirt cannot be started: the program '{program}' is not on this host") with
            {
                Help = "regatta doctor --fix",
            });
        }

        // A daemon that lost its socket still holds its process id file.
        await EndDaemonsAsync();
        if (Directory.Exists(RunDirectory)) PrivateLibvirtFiles.RemoveSockets(RunDirectory);
        PrivateLibvirtFiles.Write(state.Libvirt, RunDirectory);
        if (MountTable.Read().All(m => m.Target != state.Nodes))
        {
            await HostTool.RunAsync("mount", ["--bind", state.Nodes, state.Nodes], cancellation);
            await HostTool.RunAsync("mount", ["--make-private", state.Nodes], cancellation);
            await HostTool.RunAsync("mount", ["--make-shared", state.Nodes], cancellation);
        }

        await HostTool.RunAsync("bash", ["-c", PrivateLibvirtFiles.StartScript, "regatta-libvirt", state.Libvirt, RunDirectory, DaemonLog], cancellation);
        var start = time.GetTimestamp();
        while (!await AnswersAsync(Socket, cancellation) || Identity("libvirtd.pid") is null || Identity("virtlogd.pid") is null)
        {
            if (time.GetElapsedTime(start) > StartLimit)
            {
                await EndDaemonsAsync();
                throw new DiagnosticException(NotStarted());
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), time, cancellation);
        }

        var daemons = new Daemons(Identity("libvirtd.pid"), Identity("virtlogd.pid"));
        DurableFile.Write(Identities, JsonSerializer.Serialize(daemons, DaemonsJson.Default.Daemons), DurableFile.Private);
    }

    private Diagnostic NotStarted() =>
        Diagnostic.Error("libvirt-start", $"libvirtd does not answer {StartLimit.TotalSeconds:F0} s after it was started") with
        {
            Detail = File.Exists(DaemonLog) ? HostTool.LastLines(File.ReadAllText(DaemonLog), 20) : null,
            Help = $"the log is {DaemonLog}; 'regatta host down' ends what is left",
        };

    private ProcessIdentity? Identity(string file)
    {
        var path = Path.Combine(RunDirectory, file);
        if (!File.Exists(path) || !int.TryParse(File.ReadAllText(path), out var pid) || ProcessIdentity.Of(pid) is not { } identity) return null;
        // The number may have gone to another process since the file was written.
        var program = Path.GetFileName(File.ResolveLinkTarget($"/proc/{pid}/exe", returnFinalTarget: false)?.FullName);
        return program == Path.GetFileNameWithoutExtension(file) ? identity : null;
    }

    private Daemons? Recorded()
    {
        if (File.Exists(Identities)) return JsonSerializer.Deserialize(File.ReadAllText(Identities), DaemonsJson.Default.Daemons);
        // The program was killed between starting the daemons and writing down who they are.
        var found = new Daemons(Identity("libvirtd.pid"), Identity("virtlogd.pid"));
        return found is { Libvirtd: null, Virtlogd: null } ? null : found;
    }

    private static string? SystemSocket() =>
        new[] { "/run/libvirt/libvirt-sock", "/run/libvirt/virtqemud-sock" }.FirstOrDefault(File.Exists);

    private static async Task<bool> AnswersAsync(string socket, CancellationToken cancellation)
    {
        if (!File.Exists(socket)) return false;
        using var connection = new System.Net.Sockets.Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

/// <summary>Who the private daemons are.</summary>
/// <param name="Libvirtd">libvirtd.</param>
/// <param name="Virtlogd">virtlogd.</param>
internal sealed record Daemons(ProcessIdentity? Libvirtd, ProcessIdentity? Virtlogd);

/// <summary>JSON of <see cref="Daemons"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(Daemons))]
internal sealed partial class DaemonsJson : JsonSerializerContext;
