using System.Runtime.InteropServices;
using CliWrap;
using CliWrap.Buffered;
using Regatta.Host;
using Regatta.Machines;

namespace Regatta.EndToEnd.Experiments;

/// <summary>An ordinary user of a cluster of containers, who has the program on its nodes and neither SDK nor checkout.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="claim">What it is called by.</param>
internal sealed class ClusterUser(Cluster cluster, ClusterClaim claim)
{
    /// <summary>The user's home, which each node has of its own.</summary>
    public const string Home = "/home/sim";

    /// <summary>The directory that nodes share.</summary>
    public const string Shared = "/scratch";

    // A directory of the host becomes one of the container: a tree of mounts is made here and put into place there.
    private const string Mount = """
        import ctypes, os, sys
        libc = ctypes.CDLL(None, use_errno=True)
        pid, source, target = sys.argv[1:]
        def done(code):
            if code < 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
            return code
        tree = done(libc.syscall(428, -100, source.encode(), 1))  # open_tree(AT_FDCWD, source, OPEN_TREE_CLONE)
        done(libc.setns(os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY), 0))
        done(libc.syscall(429, tree, b"", -100, target.encode(), 4))  # move_mount(tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH)
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Makes the user on nodes, and brings the program there.</summary>
    public async Task InstallAsync(params IEnumerable<string> nodes)
    {
        await RegattaProgram.ExpectAsync(0, ["--version"]);
        var stage = Directory.CreateTempSubdirectory("regatta-far-").FullName;
        try
        {
            var runtime = Path.TrimEndingDirectorySeparator(RuntimeEnvironment.GetRuntimeDirectory());
            var version = Path.GetFileName(runtime);
            var parts = new[] { "conf", "images", "ansible", "workloads" }.Select(part => (Name: part, From: Path.Combine(RegattaProgram.Root, part))).Concat(
            [
                ("program", Path.Combine(RegattaProgram.Root, "artifacts", "regatta")),
                ("dotnet/shared/Microsoft.NETCore.App/" + version, runtime),
                ("dotnet/host/fxr/" + version, Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", "host", "fxr", version))),
            ]);
            foreach (var (name, from) in parts)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(stage, name))!);
                Directory.CreateSymbolicLink(Path.Combine(stage, name), from);
            }

            await Task.WhenAll(nodes.Select(async node =>
            {
                const string Start = "#!/bin/sh\\ncd " + Home + " && DOTNET_ROOT=/opt/regatta/dotnet exec /opt/regatta/program/regatta \"$@\"\\n";
                var script = $"useradd --create-home --home-dir {Home} --uid 4242 sim && mkdir /opt/regatta && tar -x -C /opt/regatta && printf '{Start}' >/usr/local/bin/regatta && chmod 755 /opt/regatta /usr/local/bin/regatta";
                await (CliWrap.Cli.Wrap("tar").WithArguments(["-c", "-h", "-C", stage, "."]) | Ssh(node, script)).ExecuteAsync(Cancellation);
            }));
        }
        finally
        {
            Directory.Delete(stage, recursive: true);
        }
    }

    /// <summary>Lets nodes share a directory of this host.</summary>
    public async Task ShareAsync(string directory, params IEnumerable<string> nodes)
    {
        File.SetUnixFileMode(directory, (UnixFileMode)0b001_111_111_111);
        foreach (var node in nodes)
        {
            await Ssh(node, "mkdir " + Shared).ExecuteAsync(Cancellation);
            var outside = await HostTool.RunAsync("pgrep", ["-f", $"libvirt_lxc --name {claim.Domain(node)} "], Cancellation);
            var inside = await HostTool.RunAsync("pgrep", ["-P", outside.Trim()], Cancellation);
            await HostTool.RunAsync("python3", ["-c", Mount, inside.Trim(), directory, Shared], Cancellation);
            // Where there are pods, their runtime sees mounts of its own.
            var runtime = await HostTool.TryAsync("pgrep", ["--ns", inside.Trim(), "--nslist", "pid", "-x", "containerd"], Cancellation);
            if (runtime.ExitCode == 0) await HostTool.RunAsync("python3", ["-c", Mount, runtime.Output.Trim(), directory, Shared], Cancellation);
        }
    }

    /// <summary>Runs a line of shell as the user.</summary>
    public async Task<ProgramResult> RunAsync(string node, string line)
    {
        var result = await (line | Ssh(node, "runuser -u sim -- sh")).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(Cancellation);
        return new ProgramResult(result.ExitCode, result.StandardOutput, result.StandardError);
    }

    private Command Ssh(string node, string script) => CliWrap.Cli.Wrap("ssh").WithArguments(["-F", cluster.SshConfig, "-o", "BatchMode=yes", node, script]);
}
