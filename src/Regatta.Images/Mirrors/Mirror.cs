using Regatta.Images.Packages;

namespace Regatta.Images.Mirrors;

/// <summary>How a mirror is laid out.</summary>
public enum MirrorLayout
{
    /// <summary>The address is the repository itself, as apt's sources name it.</summary>
    Repository,

    /// <summary>The repositories lie under the address by their names.</summary>
    Parent,

    /// <summary>A snapshot archive: repositories by name and time stamp under <c>archive/</c>.</summary>
    Snapshot,
}

/// <summary>A place that packages are fetched from.</summary>
/// <param name="Address">Base address without a slash at the end.</param>
/// <param name="Layout">How it is laid out.</param>
/// <param name="Repo">The repository it holds, for <see cref="MirrorLayout.Repository"/>.</param>
public sealed record Mirror(string Address, MirrorLayout Layout, string? Repo = null)
{
    /// <summary>Address of a package there; null when the mirror does not hold its repository.</summary>
    /// <param name="package">The package.</param>
    /// <param name="snapshot">Time stamp of the lock.</param>
    public Uri? AddressOf(LockedPackage package, string snapshot)
    {
        ArgumentNullException.ThrowIfNull(package);
        var path = string.Join('/', package.Path.Split('/').Select(Uri.EscapeDataString));
        return Layout switch
        {
            MirrorLayout.Repository when package.Repo == Repo => new Uri($"{Address}/{path}"),
            MirrorLayout.Parent => new Uri($"{Address}/{package.Repo}/{path}"),
            MirrorLayout.Snapshot => new Uri($"{Address}/archive/{package.Repo}/{snapshot}/{path}"),
            _ => null,
        };
    }

    /// <summary>Base address of a repository there; null when the mirror does not hold it or is an archive.</summary>
    public string? Repository(string repo) => Layout switch
    {
        MirrorLayout.Repository when repo == Repo => Address,
        MirrorLayout.Parent => $"{Address}/{repo}",
        _ => null,
    };
}

/// <summary>The mirrors of this machine, in the order they are tried.</summary>
/// <param name="All">The mirrors; a snapshot archive comes last.</param>
/// <param name="Keyring">The keyring that apt trusts Debian's archive by, where a source names one.</param>
public sealed record MirrorList(ImmutableArray<Mirror> All, string? Keyring)
{
    /// <summary>Variable with further mirrors, separated by blanks or commas; <c>debian</c> and <c>debian-security</c> lie under each.</summary>
    public const string MirrorsVariable = "REGATTA_MIRRORS";

    /// <summary>Variable with the address of a snapshot archive, asked only for what no mirror holds any more.</summary>
    public const string SnapshotVariable = "REGATTA_SNAPSHOT";

    /// <summary>The mirrors that a person named, then those of apt, then the snapshot archive.</summary>
    /// <param name="sources">The machine's apt sources.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="first">One that is asked before all others; null for none.</param>
    /// <exception cref="DiagnosticException">An address is none, or there is no mirror at all.</exception>
    public static MirrorList Choose(ImmutableArray<AptSource> sources, Func<string, string?> environment, Mirror? first = null)
    {
        ArgumentNullException.ThrowIfNull(environment);
        var named = Addresses(environment(MirrorsVariable), MirrorsVariable).Select(a => new Mirror(a, MirrorLayout.Parent));
        var debian = sources.Where(s => s.Repo is not null && IsAddress(s.Address)).ToList();
        var apt = debian.Select(s => new Mirror(s.Address, MirrorLayout.Repository, s.Repo));
        var archive = Addresses(environment(SnapshotVariable), SnapshotVariable).Select(a => new Mirror(a, MirrorLayout.Snapshot));
        ImmutableArray<Mirror> all = [.. new[] { first }.OfType<Mirror>().Concat(named).Concat(apt).Concat(archive).Distinct()];
        if (!all.IsEmpty) return new MirrorList(all, debian.Select(s => s.Keyring).FirstOrDefault(k => k is not null));
        throw new DiagnosticException(Diagnostic.Error("mirror-missing", "this machine names no mirror of Debian") with
        {
            Detail = "neither apt's sources nor " + MirrorsVariable + " do",
            Help = $"set {MirrorsVariable} to the address of a mirror, under which 'debian' and 'debian-security' lie",
        });
    }

    /// <summary>The mirrors of the machine that this process runs on.</summary>
    public static MirrorList OfMachine() => OfMachine(null);

    /// <summary>The mirrors of the machine that this process runs on, behind one that is asked first.</summary>
    public static MirrorList OfMachine(Mirror? first) => Choose(AptSources.Read("/etc/apt"), Environment.GetEnvironmentVariable, first);

    private static IEnumerable<string> Addresses(string? text, string variable)
    {
        foreach (var word in (text ?? "").Split([' ', ',', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (!IsAddress(word))
            {
                throw new DiagnosticException(Diagnostic.Error("mirror-address", $"'{word}' in {variable} is not an address of http, https or file") with
                {
                    Where = new SourceRange(variable),
                });
            }

            yield return word.TrimEnd('/');
        }
    }

    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" or "file";
}
