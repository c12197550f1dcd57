using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Regatta.Images.Packages;

/// <summary>Lock files: JSON with one package a line, sorted, so that a change of versions reads well as a difference.</summary>
public static partial class PackageLockFile
{
    /// <summary>Reads a lock file.</summary>
    /// <exception cref="DiagnosticException">It is not there or breaks the format; every fault is named.</exception>
    public static PackageLock Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(
                Diagnostic.Error("lock-missing", $"the lock file '{Path.GetFileName(path)}' cannot be read: {exception.Message}") with { Help = Mend(path) },
                exception);
        }

        return Parse(text, path);
    }

    /// <summary>Parses a lock.</summary>
    /// <param name="text">The text of the file.</param>
    /// <param name="source">Its path, for diagnostics.</param>
    /// <exception cref="DiagnosticException">It breaks the format; every fault is named.</exception>
    public static PackageLock Parse(string text, string source)
    {
        var shape = new JsonShape(source, "lock-malformed", Mend(source));
        var parsed = shape.Parse(text);
        shape.ThrowOnFaults();
        var root = parsed!.Value;
        var version = shape.Integer(root, "", "version");
        if (version != PackageLock.CurrentVersion)
        {
            throw new DiagnosticException(Diagnostic.Error(
                "lock-version",
                string.Create(CultureInfo.InvariantCulture, $"'{Path.GetFileName(source)}' has version {version}; this program reads version {PackageLock.CurrentVersion}")) with
            {
                Where = new SourceRange(source),
                Help = $"use the program that belongs to this checkout, or make the lock anew: {Mend(source)}",
            });
        }

        var read = new PackageLock
        {
            Name = shape.Text(root, "", "name"),
            Architecture = shape.Text(root, "", "architecture"),
            Snapshot = shape.Text(root, "", "snapshot", SnapshotStamp(), "a time stamp such as 20260131T000000Z"),
            SourceDateEpoch = shape.Integer(root, "", "sourceDateEpoch"),
            Roots = shape.Texts(root, "", "roots"),
            Releases = [.. shape.Objects(root, "", "releases").Select(o => Release(shape, o.Element, o.Path))],
            Packages = Packages(shape, root, "packages"),
            Build = root.TryGetProperty("build", out _) ? Packages(shape, root, "build") : [],
            Toolchain = root.TryGetProperty("toolchain", out _) ? Packages(shape, root, "toolchain") : [],
            Sources = root.TryGetProperty("sources", out _) ? Packages(shape, root, "sources") : [],
            Seed = root.TryGetProperty("seed", out _) && shape.Object(root, "", "seed") is { } seed ? Seed(shape, seed) : null,
        };

        foreach (var lacking in read.Roots.Where(r => read.Packages.All(p => p.Name != r)))
            shape.Fault("packages", $"'{lacking}' was asked for and is not among them");
        if (read.Seed is { } s && read.Packages.All(p => p.Name != s.Package))
            shape.Fault("seed.package", $"'{s.Package}' is not among the packages");
        shape.ThrowOnFaults();
        return read;
    }

    /// <summary>The text of a lock file; the same lock gives the same bytes.</summary>
    public static string Format(PackageLock value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{{\n  \"version\": {PackageLock.CurrentVersion},\n  \"name\": {Quote(value.Name)},\n  \"architecture\": {Quote(value.Architecture)},\n");
        text.Append(CultureInfo.InvariantCulture, $"  \"snapshot\": {Quote(value.Snapshot)},\n  \"sourceDateEpoch\": {value.SourceDateEpoch},\n");
        Rows(text, "roots", value.Roots.Order(StringComparer.Ordinal).Select(Quote));
        text.Append(",\n");
        Rows(text, "releases", value.Releases.Select(r =>
            $"{{ \"repo\": {Quote(r.Repo)}, \"suite\": {Quote(r.Suite)}, \"date\": {Quote(Time(r.Date))}, {(r.ExpiredAt is { } expired ? $"\"expiredAt\": {Quote(Time(expired))}, " : "")}\"inReleaseSha256\": {Quote(r.InReleaseSha256)} }}"));
        text.Append(",\n");
        Rows(text, "packages", Sorted(value.Packages).Select(Row));
        foreach (var (name, packages) in new[] { ("build", value.Build), ("toolchain", value.Toolchain), ("sources", value.Sources) })
        {
            if (packages.IsEmpty) continue;
            text.Append(",\n");
            Rows(text, name, Sorted(packages).Select(Row));
        }

        if (value.Seed is { } seed)
        {
            text.Append(CultureInfo.InvariantCulture, $",\n  \"seed\": {{ \"package\": {Quote(seed.Package)}, \"dataOffset\": {seed.DataOffset}, \"dataLength\": {seed.DataLength}, ");
            text.Append(CultureInfo.InvariantCulture, $"\"dataSha256\": {Quote(seed.DataSha256)}, \"narSha256\": {Quote(seed.NarSha256)} }}");
        }

        return text.Append("\n}\n").ToString();
    }

    /// <summary>The command that makes a lock file anew.</summary>
    internal static string Mend(string path)
    {
        var file = Path.GetFileName(path);
        return file.EndsWith(".lock.json", StringComparison.Ordinal) ? $"regatta image lock {file[..^".lock.json".Length]}" : "regatta image lock";
    }

    private static IEnumerable<LockedPackage> Sorted(IEnumerable<LockedPackage> packages) =>
        packages.OrderBy(p => p.Name, StringComparer.Ordinal).ThenBy(p => p.Version, StringComparer.Ordinal).ThenBy(p => p.Path, StringComparer.Ordinal);

    private static string Row(LockedPackage p) => string.Create(
        CultureInfo.InvariantCulture,
        $"{{ \"name\": {Quote(p.Name)}, \"version\": {Quote(p.Version)}, \"architecture\": {Quote(p.Architecture)}, \"repo\": {Quote(p.Repo)}, \"path\": {Quote(p.Path)}, \"size\": {p.Size}, \"sha256\": {Quote(p.Sha256)}{(p.Essential ? ", \"essential\": true" : "")} }}");

    private static void Rows(StringBuilder text, string name, IEnumerable<string> rows) =>
        text.Append(CultureInfo.InvariantCulture, $"  \"{name}\": [\n    {string.Join(",\n    ", rows)}\n  ]");

    private static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    private static ImmutableArray<LockedPackage> Packages(JsonShape shape, JsonElement root, string name)
    {
        var sources = name == "sources";
        var packages = ImmutableArray.CreateBuilder<LockedPackage>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (item, path) in shape.Objects(root, "", name))
        {
            var package = new LockedPackage(
                shape.Text(item, path, "name", PackageName(), "a package name"),
                shape.Text(item, path, "version", PackageVersion(), "a version"),
                sources ? shape.Text(item, path, "architecture", SourceArchitecture(), "'source'") : shape.Text(item, path, "architecture"),
                shape.Text(item, path, "repo"),
                sources ? shape.Text(item, path, "path", SourcePath(), "a path below a repository") : shape.Text(item, path, "path", PoolPath(), "a path below a repository that ends in .deb"),
                shape.Integer(item, path, "size", 1),
                shape.Sha256(item, path, "sha256"),
                item.TryGetProperty("essential", out var essential) && essential.ValueKind == JsonValueKind.True);
            if (package.Name.Length > 0 && !seen.Add(sources ? package.Path : package.Name)) shape.Fault(path.TrimEnd('.'), $"'{(sources ? package.Path : package.Name)}' stands there twice");
            packages.Add(package);
        }

        if (packages.Count == 0) shape.Fault(name, "there are none");
        return packages.DrainToImmutable();
    }

    private static LockedRelease Release(JsonShape shape, JsonElement item, string path)
    {
        return new LockedRelease(shape.Text(item, path, "repo"), shape.Text(item, path, "suite"), TimeOf("date"), shape.Sha256(item, path, "inReleaseSha256"))
        {
            ExpiredAt = item.TryGetProperty("expiredAt", out _) ? TimeOf("expiredAt") : null,
        };

        DateTimeOffset TimeOf(string name)
        {
            var text = shape.Text(item, path, name);
            if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && text.Length > 0)
                shape.Fault(path + name, $"'{text}' is not a time");
            return time;
        }
    }

    private static LockedSeed Seed(JsonShape shape, JsonElement seed) => new(
        shape.Text(seed, "seed.", "package"),
        shape.Integer(seed, "seed.", "dataOffset", 1),
        shape.Integer(seed, "seed.", "dataLength", 1),
        shape.Sha256(seed, "seed.", "dataSha256"),
        shape.Sha256(seed, "seed.", "narSha256"));

    [GeneratedRegex("^[0-9]{8}T[0-9]{6}Z$")]
    private static partial Regex SnapshotStamp();

    [GeneratedRegex("^[a-z0-9][a-z0-9.+-]+$")]
    private static partial Regex PackageName();

    [GeneratedRegex("^[0-9A-Za-z.+~:-]+$")]
    private static partial Regex PackageVersion();

    [GeneratedRegex(@"^(?!/)(?!.*\.\.)[!-~]+\.deb$")]
    private static partial Regex PoolPath();

    [GeneratedRegex(@"^(?!/)(?!.*\.\.)[!-~]+$")]
    private static partial Regex SourcePath();

    [GeneratedRegex("^source$")]
    private static partial Regex SourceArchitecture();
}
