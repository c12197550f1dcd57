using System.Formats.Tar;
using System.Text.RegularExpressions;
using Regatta.Host;

namespace Regatta.Images.Payloads;

/// <summary>Packs what a source has into the payload's tar: the same files give the same bytes, whenever they were installed and by whom.</summary>
internal static class PayloadPacker
{
    // Any fixed time will do; tools dislike the very beginning of 1970.
    private static readonly DateTimeOffset Time = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // A version may stand in a program.
    private const long LongestVersionFile = 1 << 26;

    private const UnixFileMode Read = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.UserWrite;
    private const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Packs a payload.</summary>
    /// <param name="tree">What the source has.</param>
    /// <param name="role">What is wanted of it.</param>
    /// <param name="version">The version, where the user says it.</param>
    /// <param name="folder">Directory for the tar, which gets the name that it has in the store.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The payload and the path of its tar.</returns>
    /// <exception cref="DiagnosticException">The source does not hold the payload, or its version or prefix is not known.</exception>
    public static async Task<(LockedPayload Payload, string File)> PackAsync(PayloadTree tree, PayloadRole role, string? version, string folder, CancellationToken cancellation)
    {
        var found = PrefixOf(tree, role);
        var said = VersionOf(tree, role, found);
        if (version is not null && said is not null && !version.StartsWith(said, StringComparison.Ordinal))
        {
            throw new DiagnosticException(Diagnostic.Error("payload-version-other", $"'{tree.Source}' says that it is {role.Name} {said}, not {version}") with
            {
                Help = $"leave the version out, or begin with what it says: --payload {role.Name}@{said}-mine={tree.Source}",
            });
        }

        var known = version ?? said ?? throw new DiagnosticException(Diagnostic.Error("payload-version", $"the version of payload '{role.Name}' cannot be read from '{tree.Source}'") with
        {
            Help = $"say it: --payload {role.Name}@VERSION={tree.Source}",
        });
        var prefix = role.Relocate ?? found;
        var chosen = tree.Files.Values
            .Select(f => (File: f, Below: Below(f.Path, found)))
            .Where(f => role.Takes(f.Below, f.File.Path))
            .Select(f => (f.File, Path: f.Below is null ? f.File.Path : $"{prefix}/{f.Below}"))
            .OrderBy(f => f.Path, StringComparer.Ordinal)
            .ToList();
        var temporary = Path.Combine(folder, "payload.tmp");
        try
        {
            await WriteAsync(chosen, temporary, cancellation);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException || (exception is IOException io && !DiskSpace.IsSpent(io)))
        {
            throw new DiagnosticException(Diagnostic.Error("payload-unreadable", $"'{tree.Source}' cannot be read whole: {exception.Message}") with { Help = "run it as a user who may read it" }, exception);
        }

        var digest = await OciImage.DigestAsync(temporary, cancellation);
        var payload = new LockedPayload(role.Name, prefix, known, tree.Kind, tree.Source, new FileInfo(temporary).Length, digest["sha256:".Length..]);
        var file = Path.Combine(folder, payload.StoreName);
        File.Move(temporary, file, overwrite: true);
        return (payload, file);
    }

    /// <summary>The prefix in the source under which all required files lie.</summary>
    private static string PrefixOf(PayloadTree tree, PayloadRole role)
    {
        var first = "/" + role.Requires[0];
        ImmutableArray<string> candidates = tree.Prefix is { } given
            ? [given]
            : [.. tree.Files.Keys.Where(p => p.EndsWith(first, StringComparison.Ordinal)).Select(p => p[..^first.Length]).Order(StringComparer.Ordinal)];
        var whole = candidates.Where(c => role.Requires.All(r => tree.Files.ContainsKey($"{c}/{r}"))).ToList();
        if (whole.Count == 1 && (whole[0].Length > 0 || role.Relocate is not null)) return whole[0];
        var (code, summary, detail) = whole.Count switch
        {
            0 => ("payload-incomplete", $"'{tree.Source}' does not hold {role.Summary}", Lacking(tree, role, candidates)),
            1 => ("payload-prefix", $"'{tree.Source}' does not say which prefix {role.Summary} was built for", "its files lie at the top: pack them from the root (tar -C / -cJf FILE.tar.xz opt/NAME)"),
            _ => ("payload-prefix", $"'{tree.Source}' holds {role.Summary} under several prefixes", string.Join('\n', whole)),
        };
        throw new DiagnosticException(Diagnostic.Error(code, summary) with { Detail = detail, Help = PayloadReference.Sources });
    }

    private static string Lacking(PayloadTree tree, PayloadRole role, ImmutableArray<string> candidates)
    {
        if (candidates.IsEmpty) return $"it lacks {string.Join(", ", role.Requires)}";
        return string.Join('\n', candidates.Select(c => $"{(c.Length == 0 ? "/" : c)} lacks {string.Join(", ", role.Requires.Where(r => !tree.Files.ContainsKey($"{c}/{r}")))}"));
    }

    private static string? VersionOf(PayloadTree tree, PayloadRole role, string prefix)
    {
        if (role.Version is not { } place) return null;
        var file = tree.Files.Values
            .Where(f => f.Target is null && Below(f.Path, prefix) is { } below && System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(place.File, below, ignoreCase: false))
            .OrderBy(f => f.Path, StringComparer.Ordinal).FirstOrDefault();
        if (file is null || file.Length > LongestVersionFile) return null;
        using var stream = file.Open();
        var bytes = new byte[file.Length];
        stream.ReadExactly(bytes);
        var match = Regex.Match(System.Text.Encoding.UTF8.GetString(bytes), place.Pattern, RegexOptions.Multiline | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        // 0.88.0-15-gabc is a version too; what the store does not know is left out.
        var text = match.Success ? new string([.. match.Groups[1].Value.Where(c => char.IsAsciiLetterOrDigit(c) || ".+_-".Contains(c, StringComparison.Ordinal))]) : "";
        return PayloadReference.VersionPattern().IsMatch(text) ? text : null;
    }

    private static string? Below(string path, string prefix) =>
        path.Length > prefix.Length && path[prefix.Length] == '/' && path.StartsWith(prefix, StringComparison.Ordinal) ? path[(prefix.Length + 1)..] : null;

    private static async Task WriteAsync(List<(PayloadFile File, string Path)> files, string target, CancellationToken cancellation)
    {
        var stream = File.Create(target);
        await using (stream)
        {
            var writer = new TarWriter(stream, TarEntryFormat.Gnu, leaveOpen: true);
            await using (writer)
            {
                foreach (var (file, path) in files)
                {
                    // Directories come by themselves, with the umask of the build.
                    var entry = new GnuTarEntry(file.Target is null ? TarEntryType.RegularFile : TarEntryType.SymbolicLink, path[1..])
                    {
                        Mode = file.Target is not null || file.Executable ? Read | Execute : Read,
                        ModificationTime = Time,
                        AccessTime = Time,
                        ChangeTime = Time,
                    };
                    if (file.Target is { } link)
                    {
                        entry.LinkName = link;
                        await writer.WriteEntryAsync(entry, cancellation);
                        continue;
                    }

                    var content = new LimitedStream(file.Open(), file.Length);
                    await using (content)
                    {
                        entry.DataStream = content;
                        await writer.WriteEntryAsync(entry, cancellation);
                    }
                }
            }
        }
    }
}
