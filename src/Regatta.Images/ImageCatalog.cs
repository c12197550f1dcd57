using System.Security.Cryptography;
using System.Text;
using Regatta.Images.Packages;
using Regatta.Images.Payloads;

namespace Regatta.Images;

/// <summary>The flake of the checkout: which images it has, and what they are built from.</summary>
/// <param name="Directory">Absolute path of the directory that holds <c>flake.nix</c>.</param>
public sealed record ImageCatalog(string Directory)
{
    /// <summary>Directory of the locks of payloads, the user's own; made when it is first written.</summary>
    public string? PayloadLocks { get; init; }

    private const string LockEnding = ".lock.json";

    /// <summary>Name of the lock of the build tools, which no image is.</summary>
    public const string Tools = "tools";

    /// <summary>The roles that are images, sorted by name: each in its own suite, in every other one that it has a lock for, and with each build that this machine has locked.</summary>
    public ImmutableArray<ImageRole> Roles()
    {
        var ofDebian = OfDebian();
        return [.. ofDebian.Concat(ofDebian.SelectMany(r => OwnBuilds(r).Select(r.With))).OrderBy(r => r.Name, StringComparer.Ordinal)];
    }

    /// <summary>The role with a name or alias; with a suite (<c>NAME@SUITE</c>), a build of the user's own (<c>NAME+BUILD</c>), or both (<c>NAME@SUITE+BUILD</c>).</summary>
    /// <exception cref="DiagnosticException">There is none; the nearest name is suggested.</exception>
    public ImageRole Role(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Split('+', 2) is not [var image, var build]) return RoleOfDebian(name);
        var role = RoleOfDebian(image);
        if (role.Payloads.IsEmpty) throw Unknown($"image '{role.Name}' takes no payload, so it has no builds of one's own", name, [role.Name]);
        if (ImageRole.BuildName().IsMatch(build)) return role.With(build);
        throw new DiagnosticException(Diagnostic.Error("image-build-name", $"'{build}' cannot be the name of a build") with { Help = $"small letters, digits, dots and hyphens, such as {role.Name}+dev" });
    }

    private ImageRole RoleOfDebian(string name)
    {
        var roles = OfDebian();
        if (Find(name) is { } exact) return exact;
        if (name.Split('@') is [var plain, var suite] && Find(plain) is { } usual)
        {
            return usual.Suite == suite ? usual
                : usual.Suites.Contains(suite) ? In(usual, suite)
                : throw Unknown($"image '{usual.Name}' is not described for the suite '{suite}'", suite, usual.Suites);
        }

        throw Unknown($"there is no image '{name}'", name, [.. roles.SelectMany(r => r.Aliases.Prepend(r.Name))]);

        ImageRole? Find(string wanted) => roles.FirstOrDefault(r => r.Name == wanted || r.Aliases.Contains(wanted));
    }

    /// <summary>The role of an image, or what the tools are.</summary>
    /// <exception cref="DiagnosticException">There is none.</exception>
    public ImageRole RoleOrTools(string name) => name == Tools ? ImageRole.Read(Path.Combine(Directory, "tools.json")) : Role(name);

    /// <summary>Path of a lock file.</summary>
    public string LockPath(string name) => Path.Combine(Directory, "locks", name + LockEnding);

    /// <summary>The lock of a role, checked against it.</summary>
    /// <exception cref="DiagnosticException">It is missing, malformed, or was made for other packages.</exception>
    public PackageLock Lock(ImageRole role)
    {
        ArgumentNullException.ThrowIfNull(role);
        var path = LockPath(role.PackagesName);
        var read = PackageLockFile.Read(path);
        var differences = Differences("packages", role.Packages, read.Roots)
            .Concat(Differences("build packages", role.Build, read.Build.Select(p => p.Name)))
            .Concat(Differences("toolchain packages", role.Toolchain, read.Toolchain.Select(p => p.Name), extraAllowed: true))
            .Concat(Differences("source packages", role.Sources, read.Sources.Select(p => p.Name)))
            .Concat(Differences("suites", role.Releases.Select(r => $"{r.Repo}/{r.Suite}"), read.Releases.Select(r => $"{r.Repo}/{r.Suite}")))
            .ToList();
        if (read.Name != role.PackagesName) differences.Insert(0, $"it is the lock of '{read.Name}'");
        if (differences.Count == 0) return read;
        throw new DiagnosticException(Diagnostic.Error("lock-stale", $"'{Path.GetFileName(path)}' does not belong to what '{role.Name}' asks for") with
        {
            Where = new SourceRange(path),
            Detail = string.Join('\n', differences),
            Help = PackageLockFile.Mend(path),
        });
    }

    /// <summary>Path of the lock of an image's payloads.</summary>
    public string PayloadLockPath(string name) => Path.Combine(PayloadFolder(), name + LockEnding);

    /// <summary>The payloads that this machine has locked for an image, whether it wants them or not; sorted by name.</summary>
    /// <exception cref="DiagnosticException">The lock is malformed.</exception>
    internal ImmutableArray<LockedPayload> Locked(ImageRole role) =>
        role.Payloads.IsEmpty || PayloadLocks is null ? [] : PayloadLockFile.Read(PayloadLockPath(role.Name), role.Name).Payloads;

    /// <summary>The locked payloads of a role: all that it needs, and those it can do without that are there.</summary>
    /// <exception cref="DiagnosticException">One is not locked on this machine, or the lock is malformed.</exception>
    public ImmutableArray<LockedPayload> Payloads(ImageRole role)
    {
        ArgumentNullException.ThrowIfNull(role);
        if (role.Payloads.IsEmpty) return [];
        var locked = Locked(role);
        if (role.OwnBuild is not null && locked.IsEmpty) throw new DiagnosticException(NotLocked(role));
        var lacking = role.Payloads.Where(p => role.Needs(p) && locked.All(l => l.Name != p.Name)).ToList();
        if (lacking.Count == 0) return [.. locked.Where(l => role.Payloads.Any(p => p.Name == l.Name)).OrderBy(p => p.Name, StringComparer.Ordinal)];
        throw new DiagnosticException([.. lacking.Select(p => Diagnostic.Error("payload-missing", $"image '{role.Name}' needs {p.Summary}, which Debian lacks and this machine has not locked") with
        {
            Help = $"regatta image lock {role.Name} --payload {p.Name}={Hint(p.Name)}\n{PayloadReference.Sources}",
        })]);
    }

    /// <summary>sha256 (hex) over everything that an image is built from: the flake, and the locks of its payloads.</summary>
    /// <exception cref="DiagnosticException">A payload is not locked.</exception>
    public string InputHash(ImageRole role)
    {
        var payloads = Payloads(role);
        if (payloads.IsEmpty) return InputHash();
        var text = InputHash() + string.Concat(payloads.Select(p => $"\n{p.Name} {p.Version} {p.Prefix} {p.Kind} {p.Sha256}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>sha256 (hex) over the names and contents of all files that images are built from.</summary>
    public string InputHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in System.IO.Directory.EnumerateFiles(Directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var content = File.ReadAllBytes(file);
            hash.AppendData(Encoding.UTF8.GetBytes($"{Path.GetRelativePath(Directory, file)}\n{content.Length}\n"));
            hash.AppendData(content);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Copies all files that images are built from.</summary>
    /// <param name="directory">Where to; has none of them yet.</param>
    public void CopyTo(string directory)
    {
        foreach (var file in System.IO.Directory.EnumerateFiles(Directory, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(directory, Path.GetRelativePath(Directory, file));
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private ImmutableArray<ImageRole> OfDebian() =>
    [
        .. System.IO.Directory.EnumerateFiles(Path.Combine(Directory, "roles"), "*.json").Select(file => ImageRole.Read(file)).Where(r => !r.IsAbstract)
            .SelectMany(r => r.Suites.Where(s => s != r.Suite && File.Exists(LockPath($"{r.Name}@{s}"))).Select(s => In(r, s)).Prepend(r))
            .OrderBy(r => r.Name, StringComparer.Ordinal),
    ];

    // The names of the builds of an image that this machine has locked.
    private IEnumerable<string> OwnBuilds(ImageRole role)
    {
        if (PayloadLocks is null || !System.IO.Directory.Exists(PayloadLocks)) return [];
        var before = role.Name + "+";
        return System.IO.Directory.EnumerateFiles(PayloadLocks, "*" + LockEnding).Select(f => Path.GetFileName(f)[..^LockEnding.Length])
            .Where(n => n.StartsWith(before, StringComparison.Ordinal)).Select(n => n[before.Length..]).Where(b => ImageRole.BuildName().IsMatch(b));
    }

    private Diagnostic NotLocked(ImageRole role)
    {
        var payload = role.Payloads[0].Name;
        var others = OwnBuilds(role with { Name = role.PackagesName }).Select(b => $"{role.PackagesName}+{b}").ToList();
        return Diagnostic.Error("payload-missing", $"this machine has locked no build '{role.OwnBuild}' of image '{role.PackagesName}'") with
        {
            Help = (others.Count == 0 ? "" : Suggestion.Help(role.Name, others) + "\n") + $"regatta image lock {role.Name} --payload {payload}={Hint(payload)}\n{PayloadReference.Sources}",
        };
    }

    private ImageRole In(ImageRole role, string suite) => ImageRole.Read(Path.Combine(Directory, "roles", role.Name + ".json"), suite);

    private static DiagnosticException Unknown(string summary, string name, IReadOnlyCollection<string> known) =>
        new(Diagnostic.Error("image-unknown", summary) with { Help = Suggestion.Help(name, known) });

    internal string PayloadFolder() =>
        System.IO.Directory.CreateDirectory(PayloadLocks ?? throw new InvalidOperationException("this catalog has no directory for the locks of payloads")).FullName;

    // Who has set REGATTA_FLUX_PREFIX has the payload already, and is told the whole command.
    private static string Hint(string payload) =>
        Environment.GetEnvironmentVariable($"REGATTA_{payload.ToUpperInvariant().Replace('-', '_')}_PREFIX") is { Length: > 0 } prefix ? prefix : "SOURCE";

    private static IEnumerable<string> Differences(string what, IEnumerable<string> wanted, IEnumerable<string> locked, bool extraAllowed = false)
    {
        var (w, l) = (wanted.ToHashSet(), locked.ToHashSet());
        var lacking = w.Except(l).Order(StringComparer.Ordinal).ToList();
        var extra = l.Except(w).Order(StringComparer.Ordinal).ToList();
        if (lacking.Count > 0) yield return $"{what} it lacks: {string.Join(", ", lacking)}";
        if (extra.Count > 0 && !extraAllowed) yield return $"{what} that nobody asks for: {string.Join(", ", extra)}";
    }
}
