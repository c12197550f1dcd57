using System.Text.RegularExpressions;
using CliWrap;
using Regatta.Host;

namespace Regatta.Images.Payloads;

/// <summary>A Debian source package on disk and patches of one's own for it, compiled on this host as the role of the payload says.</summary>
/// <param name="package">Absolute path of the <c>.dsc</c>; the files that it names lie beside it.</param>
/// <param name="patches">Absolute path of a directory of patches; null for none.</param>
internal sealed partial class SourcePackageFile(string package, string? patches)
{
    private const int DetailLines = 25;

    /// <summary>The package that a source names, <c>FILE.dsc</c> or <c>FILE.dsc+PATCHES</c>; null where it names something else.</summary>
    public static SourcePackageFile? Of(string source)
    {
        var match = Form().Match(source);
        if (!match.Success) return null;
        return new SourcePackageFile(Path.GetFullPath(match.Groups["package"].Value), match.Groups["patches"] is { Success: true } patches ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(patches.Value)) : null);
    }

    /// <summary>What it is called in a lock: its paths, made absolute.</summary>
    public string Source => patches is null ? package : $"{package}+{patches}";

    /// <summary>Unpacks, patches and compiles it.</summary>
    /// <param name="role">What is looked for.</param>
    /// <param name="folder">An empty directory for the tree and what it installs; must outlive the files that are returned.</param>
    /// <param name="monitor">Told what happens.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What was installed, by absolute paths.</returns>
    /// <exception cref="DiagnosticException">
    /// The role compiles nothing or a file is not there (<c>payload-source</c>), this host lacks packages (<c>payload-build-needs</c>), the package is damaged
    /// (<c>payload-archive</c>), a patch does not fit (<c>payload-patch</c>), or it does not compile (<c>payload-build</c>).
    /// </exception>
    public async Task<PayloadTree> CompileAsync(PayloadRole role, string folder, IActivityMonitor monitor, CancellationToken cancellation)
    {
        var build = role.Source ?? throw Fault("payload-source", $"'{package}' is a source package, and how payload '{role.Name}' is compiled is not known", null, PayloadReference.Sources);
        if (!File.Exists(package)) throw Fault("payload-source", $"'{package}' is not there", null, "apt-get source --download-only PACKAGE fetches a .dsc and the files that it names");
        var wanted = Patches();
        await RequireAsync(build, cancellation);
        var (tree, destination) = (Path.Combine(folder, "tree"), Directory.CreateDirectory(Path.Combine(folder, "installed")).FullName);
        monitor.Report(new Activity("image", role.Name, $"unpacking {Path.GetFileName(package)}"));
        // It checks the hashes of all files itself.
        var unpacked = await HostTool.TryAsync("dpkg-source", ["-x", package, tree], cancellation);
        if (unpacked.ExitCode != 0) throw Fault("payload-archive", $"'{package}' cannot be unpacked", HostTool.LastLines(unpacked.Error + unpacked.Output, DetailLines), "it and the files that it names must lie side by side, as apt-get source --download-only leaves them");
        foreach (var (patch, strip) in wanted)
        {
            // As dpkg itself applies patches: one that fits only nearby changes something else than its author meant.
            var applied = await HostTool.TryAsync("patch", ["-d", tree, string.Create(CultureInfo.InvariantCulture, $"-p{strip}"), "-N", "-F0", "--reject-file=-", "-i", patch], cancellation);
            if (applied.ExitCode != 0) throw Fault("payload-patch", $"patch '{patch}' does not fit '{Path.GetFileName(package)}'", HostTool.LastLines(applied.Output + applied.Error, DetailLines), "make it against the tree that 'dpkg-source -x' unpacks, with Debian's own patches in it");
        }

        monitor.Report(new Activity("image", role.Name, string.Create(CultureInfo.InvariantCulture, $"compiling {Path.GetFileName(package)}, patches: {wanted.Count}")));
        await RunAsync(build, role.Name, tree, destination, folder, cancellation);
        return DirectoryReader.Read(destination, role) with { Kind = PayloadKind.Source, Source = Source };
    }

    /// <summary>The patches, in the order in which they are applied, and how many parts of their paths are left out.</summary>
    private List<(string Patch, int Strip)> Patches()
    {
        if (patches is null) return [];
        if (!Directory.Exists(patches)) throw Fault("payload-source", $"'{patches}' is no directory of patches", null, PayloadReference.Sources);
        var series = Path.Combine(patches, "series");
        List<(string Patch, int Strip)> found = File.Exists(series)
            ? [.. File.ReadLines(series).Select(l => l.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Where(w => w.Length > 0).Select(w => (Path.Combine(patches, w[0]), Strip(w, series)))]
            : Directory.GetFiles(patches).Where(f => Path.GetExtension(f) is ".patch" or ".diff").Order(StringComparer.Ordinal).Select(f => (f, 1)).ToList();
        if (found.Count == 0) throw Fault("payload-patch", $"'{patches}' holds no patches", null, "*.patch and *.diff are applied in the order of their names, or those that a file 'series' names");
        if (found.Select(f => f.Patch).FirstOrDefault(f => !File.Exists(f)) is { } lacking) throw Fault("payload-patch", $"'{series}' names '{Path.GetFileName(lacking)}', which is not there", null, null);
        return found;
    }

    private static int Strip(string[] words, string series) =>
        words.Length == 1 ? 1
        : words.Length == 2 && Level().Match(words[1]) is { Success: true } level ? level.Groups[1].Value[0] - '0'
        : throw Fault("payload-patch", $"'{series}' says '{string.Join(' ', words)}', which is not understood", null, "NAME, or NAME -p0");

    private static async Task RequireAsync(SourceBuild build, CancellationToken cancellation)
    {
        // The tools of the steps above belong to what every build needs.
        string[] needs = ["dpkg-dev", "patch", .. build.Needs];
        var known = await HostTool.TryAsync("dpkg-query", ["-W", "-f", "${Package} ${db:Status-Status}\n", .. needs], cancellation);
        var there = known.Output.Split('\n').Where(l => l.EndsWith(" installed", StringComparison.Ordinal)).Select(l => l.Split(' ')[0]).ToHashSet(StringComparer.Ordinal);
        if (needs.Where(n => !there.Contains(n)).ToList() is { Count: > 0 } lacking)
            throw Fault("payload-build-needs", $"this host lacks what a source package is compiled with: {string.Join(", ", lacking)}", null, $"apt-get install --no-install-recommends {string.Join(' ', lacking)}");
    }

    private async Task RunAsync(SourceBuild build, string name, string tree, string destination, string folder, CancellationToken cancellation)
    {
        var epoch = (await HostTool.RunAsync("dpkg-parsechangelog", ["-l", Path.Combine(tree, "debian", "changelog"), "-S", "Timestamp"], cancellation)).Trim();
        // Beside the folder, which goes away.
        var log = Path.Combine(Path.GetDirectoryName(folder)!, $"compiling-{name}.log");
        CommandResult result;
        var stream = File.Create(log);
        await using (stream)
        {
            result = await CliWrap.Cli.Wrap("sh").WithArguments(["-ec", "exec 2>&1; set -x\n" + string.Join('\n', build.Steps)])
                .WithWorkingDirectory(tree)
                .WithEnvironmentVariables(e => e.Set("DESTDIR", destination).Set("SOURCE_DATE_EPOCH", epoch).Set("LC_ALL", "C.UTF-8"))
                .WithStandardOutputPipe(PipeTarget.ToStream(stream))
                .WithValidation(CommandResultValidation.None)
                .ExecuteAsync(cancellation);
        }

        if (result.ExitCode != 0) throw Fault("payload-build", $"'{Path.GetFileName(package)}' does not compile", HostTool.LastLines(await File.ReadAllTextAsync(log, cancellation), DetailLines), $"the whole log lies in {log}");
        File.Delete(log);
    }

    private static DiagnosticException Fault(string code, string summary, string? detail, string? help) => new(Diagnostic.Error(code, summary) with { Detail = detail, Help = help });

    [GeneratedRegex(@"^(?<package>(?!.*://).+?\.dsc)(\+(?<patches>.+))?$")]
    private static partial Regex Form();

    [GeneratedRegex("^-p([0-9])$")]
    private static partial Regex Level();
}
