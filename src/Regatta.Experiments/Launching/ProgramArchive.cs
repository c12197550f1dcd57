using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using CliWrap;
using Regatta.Host;

namespace Regatta.Experiments.Launching;

/// <summary>
/// The program as it travels: itself, the runtime that it runs on, and the files that it reads. The other side needs neither SDK nor checkout. Its name is the hash of its content, so that
/// it is copied once, and two versions never mix.
/// </summary>
/// <param name="installation">The program's own files.</param>
/// <param name="machines">Whether trials on machines travel too: the agent and the virtual clock, which are built already, go along.</param>
public sealed class ProgramArchive(Installation installation, bool machines = false)
{
    private static readonly string[] Parts = ["conf", "images", "ansible", "workloads"];

    private static readonly string Start = """
        #!/bin/sh
        # Runs the program that lies beside this script, on the runtime that lies there.
        here=$(cd "$(dirname "$0")" && pwd)
        DOTNET_ROOT=$here/dotnet DOTNET_gcServer=0 exec "$here/program/regatta" "$@"

        """;

    /// <summary>What the other side must have.</summary>
    internal const string Needs = "it needs Linux on x86-64 with glibc 2.27 or newer, libstdc++ and OpenSSL's libssl";

    /// <summary>Lines of shell that fail where the program does not run: it makes a run and does not run it, which takes all that a trial takes of the system.</summary>
    internal static IEnumerable<string> Check(string program) => ["d=$(mktemp -d)", $"{program} run reference --prepare --runs \"$d\" >/dev/null", "rm -rf \"$d\""];

    /// <summary>sha256 of all its files and their names, hexadecimal, the first 16 digits.</summary>
    public string Hash { get; } = HashOf(Files(installation, machines));

    /// <summary>Lays the archive out in a directory that has one for each version; nothing is done where it is there.</summary>
    /// <param name="directory">The directory, such as one that nodes share.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The program to start.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    public async Task<string> InstallAsync(string directory, CancellationToken cancellation)
    {
        var place = Path.Combine(directory, Hash);
        var program = Path.Combine(place, "regatta");
        if (File.Exists(program)) return program;
        var draft = Directory.CreateDirectory(place + "." + Guid.NewGuid().ToString("N")[..8]).FullName;
        try
        {
            await SendAsync(Cli.Wrap("tar").WithArguments(["-x", "-C", draft]), cancellation);
            Directory.Move(draft, place);
        }
        catch (IOException) when (File.Exists(program))
        {
            // Another run was first.
            Directory.Delete(draft, recursive: true);
        }
        catch
        {
            if (Directory.Exists(draft)) Directory.Delete(draft, recursive: true);
            throw;
        }

        return program;
    }

    /// <summary>Gives the archive, as tar, to the standard input of a command.</summary>
    public async Task SendAsync(Command unpack, CancellationToken cancellation)
    {
        var stage = Directory.CreateTempSubdirectory("regatta-archive-").FullName;
        try
        {
            // The archive's own directory has this mode: another user of the shared directory runs the program as well.
            File.SetUnixFileMode(stage, (UnixFileMode)0b111_101_101);
            var start = Path.Combine(stage, "regatta");
            await File.WriteAllTextAsync(start, Start, cancellation);
            File.SetUnixFileMode(start, (UnixFileMode)0b111_101_101);
            foreach (var (name, from) in Files(installation, machines))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(stage, name))!);
                File.CreateSymbolicLink(Path.Combine(stage, name), from);
            }

            await (Cli.Wrap("tar").WithArguments(["-c", "-h", "-C", stage, "."]) | unpack).ExecuteAsync(cancellation);
        }
        finally
        {
            Directory.Delete(stage, recursive: true);
        }
    }

    // What is packed: the name in the archive, and the file or directory that it is.
    private static IEnumerable<(string Name, string From)> Files(Installation installation, bool machines)
    {
        yield return ("program", Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        if (machines)
        {
            yield return ("agent/" + Path.GetFileName(installation.AgentProgram), installation.AgentProgram);
            yield return ("clock", installation.Clock);
        }

        foreach (var part in Parts.Select(p => (Name: p, From: Path.Combine(installation.Root, p))).Where(p => Directory.Exists(p.From))) yield return part;
        // A release has its runtime beside the program.
        if (File.Exists(Path.Combine(AppContext.BaseDirectory, "libhostfxr.so"))) yield break;
        var runtime = Path.TrimEndingDirectorySeparator(RuntimeEnvironment.GetRuntimeDirectory());
        var version = Path.GetFileName(runtime);
        yield return ("dotnet/shared/Microsoft.NETCore.App/" + version, runtime);
        yield return ("dotnet/host/fxr/" + version, Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", "host", "fxr", version)));
    }

    private static string HashOf(IEnumerable<(string Name, string From)> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(Start));
        foreach (var (name, from) in files)
        {
            foreach (var file in File.Exists(from) ? Enumerable.Repeat(from, 1) : Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                hash.AppendData(Encoding.UTF8.GetBytes($"{name}/{Path.GetRelativePath(from, file)}\0"));
                using var stream = File.OpenRead(file);
                hash.AppendData(SHA256.HashData(stream));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
