using System.Text.Json;
using System.Text.Json.Serialization;
using Regatta.Host.Checks;

namespace Regatta.Tests.Experiments;

/// <summary>
/// Stands for ssh and for the program on hosts. Each host is a directory, its home; scripts are run there. What hosts do is asked of files: <c>down-HOST</c> for one that does not answer and whose
/// connections break, <c>lacks-HOST</c> for one that lacks something, <c>stays-HOST</c> where no <c>doctor --fix</c> helps.
/// </summary>
internal sealed class PlayedHosts
{
    private const string Shell = """
        #!/bin/sh
        here=$(cd "$(dirname "$0")" && pwd)
        while [ "$1" != -- ]; do shift; done
        [ ! -e "$here/down-$2" ] || exit 255
        cd "$here/$2" || exit 255
        kept=$(mktemp -p "$here")
        PLAYED=$here HOST=$2 sh -c "$3" >"$kept"
        code=$?
        # What came after the connection broke reaches nobody.
        [ ! -e "$here/down-$2" ] || exit 255
        cat "$kept"
        exit $code

        """;

    private const string Program = """
        #!/bin/sh
        echo "$HOST $1 $2" >>"$PLAYED/asked"
        case $1 in
        doctor)
            if [ "$2" = --fix ]; then [ -e "$PLAYED/stays-$HOST" ] || rm "$PLAYED/lacks-$HOST"; echo "E: no such package"; exit 4
            elif [ -e "$PLAYED/lacks-$HOST" ]; then cat "$PLAYED/missing"; exit 3
            else cat "$PLAYED/good"; fi ;;
        reap)
            if [ -e "$PLAYED/stuck-$HOST" ]; then echo "error[libvirt-absent]: the system's libvirt does not answer" >&2; exit 3; fi
            cat "$PLAYED/reaped-$HOST" 2>/dev/null; rm -f "$PLAYED/reaped-$HOST" ;;
        trial)
            mkdir "$PLAYED/busy-$HOST" 2>/dev/null || echo "two at once on $HOST" >>"$PLAYED/faults"
            echo "$HOST $3" >>"$PLAYED/ran"
            [ ! -e "$PLAYED/hook" ] || . "$PLAYED/hook"
            cp -r "$PLAYED/../made/$3" "$9"
            rmdir "$PLAYED/busy-$HOST" ;;
        esac

        """;

    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Converters = { new JsonStringEnumConverter() } };

    private readonly string _directory;

    /// <summary>Makes hosts in a directory.</summary>
    /// <param name="scratch">The directory; <c>made</c> in it holds the trials that the program gives.</param>
    /// <param name="program">Hash of the program's archive, which is on the hosts already.</param>
    /// <param name="hosts">Their names.</param>
    public PlayedHosts(string scratch, string program, params string[] hosts)
    {
        _directory = Directory.CreateDirectory(Path.Combine(scratch, "hosts")).FullName;
        Write("ssh", Shell);
        foreach (var host in hosts)
        {
            Directory.CreateDirectory(Path.Combine(_directory, host, ".cache", "regatta", "programs", program));
            Write(Path.Combine(host, ".cache", "regatta", "programs", program, "regatta"), Program);
        }

        Write("good", Line("check", new HostCheck("nix", "building images", HostCheckState.Good, "is there")));
        Write("missing", Line("check", new HostCheck("nix", "building images", HostCheckState.Missing, "is not there") { Mend = "apt-get install --no-install-recommends nix-bin", Fixable = true, Packages = ["nix-bin"] })
            + Line("check", new HostCheck("root", "containers and networks", HostCheckState.Missing, "runs as an ordinary user") { Mend = "sudo regatta …" }));
    }

    /// <summary>What stands for ssh.</summary>
    public string Ssh => Path.Combine(_directory, "ssh");

    /// <summary>The trials in the order in which they ran, <c>HOST POINT/REPETITION</c>.</summary>
    public IReadOnlyList<string> Ran => Lines("ran");

    /// <summary>What was asked of programs, <c>HOST COMMAND WORD</c>.</summary>
    public IReadOnlyList<string> Asked => Lines("asked");

    /// <summary>What should not have been.</summary>
    public IReadOnlyList<string> Faults => Lines("faults");

    /// <summary>Sets a file of the directory.</summary>
    public void Write(string file, string content = "")
    {
        File.WriteAllText(Path.Combine(_directory, file), content);
        File.SetUnixFileMode(Path.Combine(_directory, file), (UnixFileMode)0b111_101_101);
    }

    /// <summary>Has a trial of a run begun on a host.</summary>
    public void Begin(string host, string run, string trial)
    {
        var folder = Path.Combine(host, ".cache", "regatta", "runs", run, "tasks", trial);
        Directory.CreateDirectory(Path.Combine(_directory, folder));
        Write(Path.Combine(folder, "begun"), "2026-03-01T12:00:00Z n2\n");
    }

    /// <summary>A line as the program prints it.</summary>
    public static string Line<T>(string type, T data) =>
        JsonSerializer.Serialize(new { type, data }, Options) + "\n";

    private string[] Lines(string file) => File.Exists(Path.Combine(_directory, file)) ? File.ReadAllLines(Path.Combine(_directory, file)) : [];
}
