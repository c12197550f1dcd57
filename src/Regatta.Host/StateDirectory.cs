using System.Security.Cryptography;
using System.Text;

namespace Regatta.Host;

/// <summary>Where the program keeps what outlives it: clusters, unpacked root file systems, its own libvirt.</summary>
/// <param name="Root">Absolute path.</param>
public sealed record StateDirectory(string Root)
{
    // A socket's path has 107 bytes at most; OpenSSH appends 17 while it binds, and its sockets lie in /ssh/CLUSTER/NUMBER.
    private const int LongestRuntime = 107 - 17 - 17;

    /// <summary>One directory a cluster, mode 0700: keys, <c>cluster.json</c>, console logs.</summary>
    public string Clusters => Path.Combine(Root, "clusters");

    /// <summary>Root file systems of images, unpacked once and only read afterwards.</summary>
    public string Roots => Path.Combine(Root, "roots");

    /// <summary>What nodes write: overlays of containers, disks of virtual machines.</summary>
    public string Nodes => Path.Combine(Root, "nodes");

    /// <summary>What the user brought for images: the locks of payloads, and links that keep them in the Nix store.</summary>
    public string Payloads => Path.Combine(Root, "payloads");

    /// <summary>Lock files; they stay when nobody holds them.</summary>
    public string Locks => Path.Combine(Root, "locks");

    /// <summary>Configuration, state and logs of the private libvirt daemons.</summary>
    public string Libvirt => Path.Combine(Root, "libvirt");

    /// <summary>Eight hexadecimal digits that tell this state directory from others on the host.</summary>
    public string Id { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Root)))[..8];

    /// <summary>Sockets and process ids; a short path, because a socket's path may have 107 bytes.</summary>
    public string Runtime { get; init; } = "";

    /// <summary>
    /// The state directory of this process: <c>REGATTA_STATE</c>, else <c>/var/lib/regatta</c> for root, else
    /// <c>regatta</c> under <c>XDG_STATE_HOME</c> (<c>~/.local/state</c>).
    /// </summary>
    public static StateDirectory OfProcess() => Choose(Environment.GetEnvironmentVariable, HostUser.IsRoot);

    /// <summary>Chooses the state directory from the environment.</summary>
    /// <exception cref="DiagnosticException"><c>REGATTA_STATE</c> is not an absolute path, or holds a character that mount options cannot.</exception>
    public static StateDirectory Choose(Func<string, string?> environment, bool root)
    {
        ArgumentNullException.ThrowIfNull(environment);
        var home = environment("HOME") is { Length: > 0 } given ? given : "/";
        var path = environment("REGATTA_STATE") is { Length: > 0 } state ? state
            : root ? "/var/lib/regatta"
            : Path.Combine(environment("XDG_STATE_HOME") is { Length: > 0 } xdg ? xdg : Path.Combine(home, ".local", "state"), "regatta");
        if (!Path.IsPathFullyQualified(path) || path.AsSpan().IndexOfAny(",:\\\n\"") >= 0)
        {
            throw new DiagnosticException(Diagnostic.Error("state-directory", $"REGATTA_STATE is '{path}', which cannot be a state directory") with
            {
                Help = "give an absolute path without comma, colon, quote or backslash",
            });
        }

        var directory = new StateDirectory(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        // Never below /tmp: whoever makes a directory of a known name there first can replace what is in it.
        var runtime = root ? "/run/regatta" : environment("XDG_RUNTIME_DIR") is { Length: > 0 } run ? Path.Combine(run, "regatta") : Path.Combine(directory.Root, "run");
        runtime = Path.Combine(runtime, directory.Id);
        if (runtime.Length > LongestRuntime)
        {
            throw new DiagnosticException(Diagnostic.Error("state-directory", $"the directory of sockets '{runtime}' has a path of {runtime.Length} bytes, and sockets allow {LongestRuntime}") with
            {
                Help = "set XDG_RUNTIME_DIR to a directory of your own with a shorter path, such as /run/user/UID, or REGATTA_STATE",
            });
        }

        return directory with { Runtime = runtime };
    }

    /// <summary>Makes the directories; nobody but their owner enters those that hold secrets, nodes or sockets.</summary>
    /// <exception cref="DiagnosticException">One cannot be made, or another user could replace what is in it.</exception>
    public void Create()
    {
        const UnixFileMode Pass = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        try
        {
            OwnDirectory.Make(Root, Pass);
            // Nodes write their root file systems there: whoever passes reads their files, and runs their setuid programs. libvirt's are root's.
            foreach (var directory in new[] { Clusters, Nodes, Roots, Locks, Libvirt }) OwnDirectory.Make(directory, Own);
            OwnDirectory.Make(Path.GetDirectoryName(Runtime)!, Pass);
            OwnDirectory.Make(Runtime, Own);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(
                Diagnostic.Error("state-directory", $"cannot make the state directory '{Root}': {exception.Message}") with
                {
                    Help = "set REGATTA_STATE to a directory that can be written, or run as root",
                },
                exception);
        }
    }
}

/// <summary>Who runs the program.</summary>
public static class HostUser
{
    /// <summary>True for root.</summary>
    public static bool IsRoot => Posix.EffectiveUser() == 0;

    /// <summary>Keeps others from writing what this process makes from now on, however open the mask is that it was started with.</summary>
    public static void KeepOthersFromWriting()
    {
        const uint othersWrite = 0b000_010_010;
        Posix.SetMask(Posix.SetMask(othersWrite) | othersWrite);
    }

    /// <summary>Refuses anybody but root.</summary>
    /// <param name="what">What needs it, such as <c>machines of the driver lxc</c>.</param>
    /// <exception cref="DiagnosticException">Not root.</exception>
    public static void RequireRoot(string what)
    {
        if (IsRoot) return;
        throw new DiagnosticException(Diagnostic.Error("not-root", $"{what} need root") with
        {
            Help = "run the same command with sudo",
        });
    }
}
