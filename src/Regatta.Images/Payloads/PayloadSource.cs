using System.Text.RegularExpressions;

namespace Regatta.Images.Payloads;

/// <summary>Reads what a payload comes from, whatever form it has.</summary>
/// <param name="client">Makes the client to fetch with, once something has to be fetched.</param>
/// <param name="environment">Reads an environment variable.</param>
internal sealed partial class PayloadSource(Func<HttpClient> client, Func<string, string?> environment)
{
    /// <summary>Variable with the registry of references that name none.</summary>
    public const string RegistryVariable = "REGATTA_REGISTRY";

    private const string Docker = "docker://";

    /// <summary>Reads a source.</summary>
    /// <param name="source">What the user gave.</param>
    /// <param name="role">What is looked for.</param>
    /// <param name="folder">An empty directory for what is on its way; must outlive the tree.</param>
    /// <param name="monitor">Told what happens.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiagnosticException">It is not there or cannot be read.</exception>
    public async Task<PayloadTree> ReadAsync(string source, PayloadRole role, string folder, IActivityMonitor monitor, CancellationToken cancellation)
    {
        if (SourcePackageFile.Of(source) is { } package) return await package.CompileAsync(role, folder, monitor, cancellation);
        if (source.StartsWith(Docker, StringComparison.Ordinal))
        {
            var (host, repository, digest) = Registry(source);
            monitor.Report(new Activity("image", role.Name, $"fetching {source}"));
            var tree = await new RegistryClient(client(), host, repository, source).ReadAsync(digest, folder, monitor, cancellation);
            return new PayloadTree(PayloadKind.Image, source, tree.Files, null);
        }

        if (source.Contains("://", StringComparison.Ordinal))
        {
            if (!Uri.TryCreate(source, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
                throw new DiagnosticException(Diagnostic.Error("payload-source", $"'{source}' is no address that a payload can be fetched from") with { Help = PayloadReference.Sources });
            monitor.Report(new Activity("image", role.Name, $"fetching {source}"));
            var file = Path.Combine(folder, "download");
            await PayloadDownload.FetchAsync(client(), address, file, cancellation);
            return await ArchiveAsync(file, source, source, folder, cancellation);
        }

        var path = Path.GetFullPath(source);
        if (File.Exists(path)) return await ArchiveAsync(path, path, path, folder, cancellation);
        if (!Directory.Exists(path)) throw new DiagnosticException(Diagnostic.Error("payload-source", $"'{source}' is not there") with { Help = PayloadReference.Sources });
        if (!ContainerImageFile.IsLayout(path)) return DirectoryReader.Read(Path.TrimEndingDirectorySeparator(path), role);
        return new PayloadTree(PayloadKind.Image, path, (await ContainerImageFile.ReadLayoutAsync(path, source, folder, cancellation)).Files, null);
    }

    private static async Task<PayloadTree> ArchiveAsync(string file, string source, string name, string folder, CancellationToken cancellation)
    {
        string plain;
        try
        {
            plain = await ArchiveFile.PlainAsync(file, name, folder, cancellation);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException)
        {
            throw new DiagnosticException(Diagnostic.Error("payload-unreadable", $"'{name}' cannot be read: {exception.Message}") with { Help = "run it as a user who may read it" }, exception);
        }

        if (await ContainerImageFile.TryReadAsync(plain, name, folder, cancellation) is { } image)
            return new PayloadTree(PayloadKind.Image, source, image.Files, null);
        var tree = new LayeredTree();
        await tree.AddAsync(plain, name, cancellation);
        return new PayloadTree(PayloadKind.Archive, source, tree.Files, null);
    }

    private (string Host, string Repository, string Digest) Registry(string source)
    {
        var match = Reference().Match(source[Docker.Length..]);
        if (!match.Success)
        {
            throw new DiagnosticException(Diagnostic.Error("payload-source", $"'{source}' does not name an image by its digest") with
            {
                Help = "docker://HOST/REPOSITORY@sha256:DIGEST; a tag can mean something else tomorrow\n('docker buildx imagetools inspect IMAGE' or 'skopeo inspect docker://IMAGE' shows the digest)",
            });
        }

        var name = match.Groups["name"].Value;
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? "" : name[..slash];
        // As everywhere, the first part is a host when it looks like one.
        if (first.Contains('.', StringComparison.Ordinal) || first.Contains(':', StringComparison.Ordinal) || first == "localhost")
            return (first, name[(slash + 1)..], match.Groups["digest"].Value);
        return environment(RegistryVariable) is { Length: > 0 } registry
            ? (registry, name, match.Groups["digest"].Value)
            : throw new DiagnosticException(Diagnostic.Error("payload-source", $"'{source}' names no registry") with { Help = $"docker://HOST/{name}@…, or set {RegistryVariable} to the host of the registry" });
    }

    [GeneratedRegex("^sha256:[0-9a-f]{64}$")]
    internal static partial Regex Digest();

    [GeneratedRegex("^(?<name>[A-Za-z0-9][A-Za-z0-9._:/-]*?)(:[A-Za-z0-9._-]+)?@(?<digest>sha256:[0-9a-f]{64})$")]
    private static partial Regex Reference();
}
