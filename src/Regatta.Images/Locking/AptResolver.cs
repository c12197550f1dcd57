using System.ComponentModel;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using CliWrap;
using CliWrap.Buffered;
using Regatta.Images.Mirrors;
using Regatta.Images.Packages;

namespace Regatta.Images.Locking;

/// <summary>
/// Chooses versions with apt in a private directory: the machine's own package lists and installed packages play no part. apt checks the signatures
/// of the indices; the hashes are read from those.
/// </summary>
/// <param name="mirrors">Mirrors; the first that holds a repository is asked.</param>
/// <param name="time">Tells whether an index has expired.</param>
public sealed partial class AptResolver(MirrorList mirrors, TimeProvider time)
{
    private const string DebianKeyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

    /// <summary>Resolves a role into a lock without a seed.</summary>
    /// <param name="role">What is wanted.</param>
    /// <param name="folder">An empty directory for apt's state.</param>
    /// <param name="monitor">Told what happens.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiagnosticException">apt is missing, cannot reach a mirror, or cannot resolve.</exception>
    public async Task<PackageLock> ResolveAsync(ImageRole role, string folder, IActivityMonitor monitor, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(role);
        ArgumentNullException.ThrowIfNull(monitor);
        await PrepareAsync(role, folder, cancellation);
        monitor.Report(new Activity("image", role.Name, "reading the indices of " + string.Join(", ", role.Releases.Select(r => r.Suite))));
        await AptAsync(folder, "lock-indices", "apt could not read the indices", ["-q", "update", "-o", "APT::Update::Error-Mode=any"], cancellation);
        var (index, sources) = (new PackageIndex(), new SourceIndex());
        var lists = Path.Combine(folder, "lists");
        foreach (var release in role.Releases)
        {
            foreach (var file in Directory.EnumerateFiles(lists, "*_Packages").Where(f => IsOf(f, release)))
            {
                using var reader = new StreamReader(file, Encoding.UTF8);
                index.Add(release.Repo, reader);
            }

            foreach (var file in Directory.EnumerateFiles(lists, "*_Sources").Where(f => IsOf(f, release)))
            {
                using var reader = new StreamReader(file, Encoding.UTF8);
                sources.Add(release.Repo, reader);
            }
        }

        monitor.Report(new Activity("image", role.Name, "resolving dependencies"));
        // dpkg needs these and what they depend on before it can install anything; usr-is-merged spares the package that merges /usr.
        string[] basis = role.Bootable ? [.. index.Required, "usr-is-merged"] : [];
        var essential = basis.Length == 0 ? [] : (await ChooseAsync(folder, basis, index, cancellation)).Select(p => p.Name).ToHashSet();
        var chosen = await ChooseAsync(folder, [.. basis, .. role.Packages], index, cancellation);
        var build = ImmutableArray.CreateBuilder<LockedPackage>();
        foreach (var name in role.Build)
            build.Add((await ChooseAsync(folder, [name], index, cancellation)).First(p => p.Name == name));

        var toolchain = role.Toolchain.IsEmpty ? [] : await ChooseAsync(folder, role.Toolchain, index, cancellation);
        var files = ImmutableArray.CreateBuilder<LockedPackage>();
        foreach (var name in role.Sources)
            files.AddRange(await ChooseSourceAsync(folder, name, sources, cancellation));

        var releases = role.Releases.Select(r => Release(r, Directory.EnumerateFiles(lists, "*_InRelease").Single(f => IsOf(f, r)))).ToImmutableArray();
        var newest = releases.Max(r => r.Date);
        return new PackageLock
        {
            Name = role.Name,
            Architecture = "amd64",
            Snapshot = newest.AddDays(1).ToString("yyyyMMdd'T000000Z'", CultureInfo.InvariantCulture),
            SourceDateEpoch = newest.ToUnixTimeSeconds(),
            Roots = [.. role.Packages.Order(StringComparer.Ordinal)],
            Releases = releases,
            Packages = [.. chosen.Select(p => p with { Essential = essential.Contains(p.Name) })],
            Build = build.DrainToImmutable(),
            Toolchain = [.. toolchain],
            Sources = files.DrainToImmutable(),
        };
    }

    /// <summary>
    /// The packages that apt would install, out of what it prints when it simulates: <c>Inst dpkg (1.21.22 Debian:12.5/stable [amd64])</c>.
    /// </summary>
    public static IEnumerable<(string Name, string Version, string Architecture)> Installed(string simulation) =>
        InstallLine().Matches(simulation).Select(m => (m.Groups["name"].Value, m.Groups["version"].Value, m.Groups["architecture"].Value));

    /// <summary>The description that apt would fetch of a source package, out of the addresses it prints: <c>'http://mirror/pool/x_1.dsc' x_1.dsc 1973 SHA256:…</c>.</summary>
    public static string? Description(string addresses) =>
        DescriptionLine().Match(addresses) is { Success: true } match ? match.Groups["file"].Value : null;

    private static bool IsOf(string file, SuiteReference release)
    {
        var name = Path.GetFileName(file);
        return name.Contains($"_dists_{release.Suite.Replace('/', '_')}_", StringComparison.Ordinal);
    }

    private LockedRelease Release(SuiteReference reference, string file)
    {
        var content = File.ReadAllBytes(file);
        var text = Encoding.UTF8.GetString(content);
        var (published, until) = (Date(text, "Date") ?? throw new InvalidDataException($"'{file}' has no date"), Date(text, "Valid-Until"));
        return new LockedRelease(reference.Repo, reference.Suite, published, Convert.ToHexStringLower(SHA256.HashData(content)))
        {
            ExpiredAt = until < time.GetUtcNow() ? until : null,
        };
    }

    /// <summary>A date of an index, such as <c>Valid-Until</c>; null where it has none of that name.</summary>
    internal static DateTimeOffset? Date(string index, string name) =>
        ReleaseDates().Matches(index).FirstOrDefault(m => m.Groups["name"].ValueSpan.SequenceEqual(name)) is { } match
            ? DateTimeOffset.ParseExact(match.Groups["date"].ValueSpan, "ddd, d MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal)
            : null;

    private static async Task<List<LockedPackage>> ChooseAsync(string folder, IReadOnlyList<string> names, PackageIndex index, CancellationToken cancellation)
    {
        var simulation = await AptAsync(folder, "lock-unresolved", "apt could not resolve the packages", ["-s", "-q", "-y", "install", .. names], cancellation);
        var chosen = new List<LockedPackage>();
        foreach (var (name, version, architecture) in Installed(simulation))
        {
            chosen.Add(index.Find(name, version, architecture)
                ?? throw new DiagnosticException(Diagnostic.Error("lock-unresolved", $"apt chose '{name}' {version}, which no signed index holds")));
        }

        return chosen;
    }

    private static async Task<IReadOnlyList<LockedPackage>> ChooseSourceAsync(string folder, string name, SourceIndex index, CancellationToken cancellation)
    {
        var addresses = await AptAsync(folder, "lock-unresolved", $"apt could not find the source package '{name}'", ["-q", "source", "--print-uris", "--only-source", name], cancellation);
        return (Description(addresses) is { } description ? index.Find(description) : null)
            ?? throw new DiagnosticException(Diagnostic.Error("lock-unresolved", $"apt chose a version of the source package '{name}' that no signed index holds"));
    }

    private static async Task<string> AptAsync(string folder, string code, string summary, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var result = await RunAsync("apt-get", arguments, folder, cancellation);
        if (result.ExitCode == 0) return result.StandardOutput;
        throw new DiagnosticException(Diagnostic.Error(code, summary) with
        {
            Detail = string.Join('\n', $"{result.StandardError}\n{result.StandardOutput}".Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l.StartsWith("E:", StringComparison.Ordinal) || l.StartsWith("Err:", StringComparison.Ordinal) || l.StartsWith("  ", StringComparison.Ordinal)).TakeLast(20)),
            Help = code != "lock-indices" ? "check the names in images/roles and the suites they come from"
                : result.StandardError.Contains("is expired", StringComparison.Ordinal) ? "the mirror is behind: name another by REGATTA_MIRRORS, or say \"expires\": true of this suite in images/roles to take its index nevertheless"
                : "check the network, or name another mirror by REGATTA_MIRRORS",
        });
    }

    private static async Task<BufferedCommandResult> RunAsync(string program, IEnumerable<string> arguments, string? folder, CancellationToken cancellation)
    {
        try
        {
            return await Cli.Wrap(program).WithArguments(arguments)
                .WithEnvironmentVariables(e => e.Set("LC_ALL", "C.UTF-8").Set("APT_CONFIG", folder is null ? null : Path.Combine(folder, "apt.conf")))
                .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(Encoding.UTF8, cancellation);
        }
        catch (Win32Exception exception)
        {
            throw new DiagnosticException(
                Diagnostic.Error("apt-missing", $"'{program}' is not on this host: versions are chosen with Debian's apt") with
                {
                    Help = "make locks on a Debian machine; building from a lock needs no apt",
                },
                exception);
        }
    }

    private async Task PrepareAsync(ImageRole role, string folder, CancellationToken cancellation)
    {
        foreach (var directory in new[] { "lists/partial", "cache/archives/partial", "etc/parts", "dpkg" })
            Directory.CreateDirectory(Path.Combine(folder, directory));
        await File.WriteAllTextAsync(Path.Combine(folder, "dpkg", "status"), "", cancellation);
        var keyring = File.Exists(DebianKeyring) ? DebianKeyring : mirrors.Keyring;
        if (keyring is null)
        {
            throw new DiagnosticException(Diagnostic.Error("keyring-missing", "the keys of Debian's archive are not on this host") with
            {
                Help = "apt-get install debian-archive-keyring",
            });
        }

        var sources = role.Releases.Select(release =>
        {
            var address = mirrors.All.Select(m => m.Repository(release.Repo)).FirstOrDefault(a => a is not null)
                ?? throw new DiagnosticException(Diagnostic.Error("mirror-missing", $"no mirror of '{release.Repo}' is known") with
                {
                    Help = "set REGATTA_MIRRORS to the address of a mirror, under which 'debian' and 'debian-security' lie",
                });
            // The signature is checked whatever the date.
            var source = $"[signed-by={keyring}{(release.Expires ? " check-valid-until=no" : "")}] {address} {release.Suite} main\n";
            return role.Sources.IsEmpty ? $"deb {source}" : $"deb {source}deb-src {source}";
        });
        await File.WriteAllTextAsync(Path.Combine(folder, "etc", "sources.list"), string.Concat(sources), cancellation);

        // The way to the network is the machine's own; everything else is ours.
        var machine = await RunAsync("apt-config", ["dump", "--format", "%F \"%v\";%n", "Acquire"], null, cancellation);
        var network = machine.StandardOutput.Split('\n').Where(l => NetworkSetting().IsMatch(l));
        var settings = $"""
            Dir::State "{folder}";
            Dir::State::lists "{folder}/lists";
            Dir::State::status "{folder}/dpkg/status";
            Dir::Cache "{folder}/cache";
            Dir::Etc "{folder}/etc";
            Dir::Etc::main "/dev/null";
            Dir::Etc::parts "{folder}/etc/parts";
            Dir::Etc::sourcelist "{folder}/etc/sources.list";
            Dir::Etc::sourceparts "{folder}/etc/parts";
            Dir::Etc::preferences "/dev/null";
            Dir::Etc::preferencesparts "{folder}/etc/parts";
            Dir::Etc::trusted "/dev/null";
            Dir::Etc::trustedparts "{folder}/etc/parts";
            APT::Architecture "amd64";
            APT::Architectures "amd64";
            APT::Install-Recommends "false";
            APT::Install-Suggests "false";
            APT::Sandbox::User "root";
            Acquire::Languages "none";
            Acquire::GzipIndexes "false";
            Acquire::Retries "3";
            Acquire::http::Timeout "20";

            """;
        await File.WriteAllTextAsync(Path.Combine(folder, "apt.conf"), settings + string.Join('\n', network) + "\n", cancellation);
    }

    [GeneratedRegex(@"^Inst (?<name>[^\s:]+)(:\S+)? (\[\S+\] )?\((?<version>\S+) .*\[(?<architecture>\S+)\]\)", RegexOptions.Multiline)]
    private static partial Regex InstallLine();

    [GeneratedRegex(@"^'\S+' (?<file>\S+\.dsc) ", RegexOptions.Multiline)]
    private static partial Regex DescriptionLine();

    [GeneratedRegex("^(?<name>Date|Valid-Until): (?<date>.*?) UTC\\s*$", RegexOptions.Multiline)]
    private static partial Regex ReleaseDates();

    [GeneratedRegex("^Acquire::https?::[^\"]*(Proxy|Verify|CaInfo|CaPath|SslCert|SslKey)", RegexOptions.IgnoreCase)]
    private static partial Regex NetworkSetting();
}
