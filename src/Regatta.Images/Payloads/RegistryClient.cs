using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Regatta.Images.Payloads;

/// <summary>Gets images from a container registry (OCI distribution specification), anonymously where the registry wants a token.</summary>
/// <param name="client">Client to ask with.</param>
/// <param name="host">Host and port of the registry.</param>
/// <param name="repository">The repository.</param>
/// <param name="name">What a person calls the image.</param>
internal sealed partial class RegistryClient(HttpClient client, string host, string repository, string name)
{
    private static readonly string[] ManifestTypes =
    [
        "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.docker.distribution.manifest.v2+json",
    ];

    private AuthenticationHeaderValue? _authorization;

    /// <summary>Reads the image of a digest.</summary>
    /// <param name="digest"><c>sha256:…</c> of its index or manifest.</param>
    /// <param name="folder">Where its parts are kept meanwhile.</param>
    /// <param name="monitor">Told what is fetched.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiagnosticException">The registry refuses, is not there, or gives other bytes.</exception>
    public async Task<LayeredTree> ReadAsync(string digest, string folder, IActivityMonitor monitor, CancellationToken cancellation)
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal) { [digest] = await GetAsync($"manifests/{digest}", digest, folder, cancellation) };
        var image = new OciImage(name, async (wanted, token) =>
        {
            if (known.TryGetValue(wanted, out var file)) return file;
            monitor.Report(new Activity("image", name, $"fetching {wanted[..19]}"));
            // An index names manifests, a manifest names layers: the first kind of address that knows the digest is right.
            var manifest = known.Count == 1 && IsIndex(known[digest]);
            return known[wanted] = await GetAsync($"{(manifest ? "manifests" : "blobs")}/{wanted}", wanted, folder, token);
        });
        var found = await OciImage.DigestAsync(known[digest], cancellation);
        if (found != digest) throw OciImage.OtherDigest(name, digest, found);
        var text = await File.ReadAllTextAsync(known[digest], Encoding.UTF8, cancellation);
        return await image.LayersAsync(OciImage.Document(text, name), folder, cancellation);
    }

    private bool IsIndex(string file) => OciImage.Document(File.ReadAllText(file), name).TryGetProperty("manifests", out _);

    private async Task<string> GetAsync(string path, string digest, string folder, CancellationToken cancellation)
    {
        // A registry on this machine speaks HTTP, as for other clients.
        var scheme = host.Split(':')[0] is "127.0.0.1" or "localhost" ? "http" : "https";
        var address = new Uri($"{scheme}://{host}/v2/{repository}/{path}");
        var file = Path.Combine(folder, digest.Replace(':', '-'));
        try
        {
            using var first = await AskAsync(address, cancellation);
            if (first.StatusCode == HttpStatusCode.Unauthorized && first.Headers.WwwAuthenticate.FirstOrDefault() is { Scheme: "Bearer", Parameter: { } challenge })
            {
                _authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(challenge, cancellation));
                using var second = await AskAsync(address, cancellation);
                await PayloadDownload.SaveAsync(second, file, name, cancellation);
                return file;
            }

            await PayloadDownload.SaveAsync(first, file, name, cancellation);
            return file;
        }
        catch (HttpRequestException exception)
        {
            throw PayloadDownload.Unreachable(name, exception);
        }
    }

    private async Task<HttpResponseMessage> AskAsync(Uri address, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Authorization = _authorization } };
        foreach (var type in ManifestTypes) request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*", 0.5));
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    // Bearer realm="https://auth.example/token",service="registry.example",scope="repository:flux:pull"
    private async Task<string> TokenAsync(string challenge, CancellationToken cancellation)
    {
        var fields = ChallengeField().Matches(challenge).ToDictionary(m => m.Groups["key"].Value, m => m.Groups["value"].Value, StringComparer.OrdinalIgnoreCase);
        if (!fields.TryGetValue("realm", out var realm) || !Uri.TryCreate(realm, UriKind.Absolute, out var address)) throw OciImage.Malformed(name, "the registry says not where its tokens are");
        var query = fields.Where(f => f.Key is "service" or "scope").Select(f => $"{f.Key}={Uri.EscapeDataString(f.Value)}");
        using var response = await client.GetAsync(new Uri(address + "?" + string.Join('&', query)), cancellation);
        if (!response.IsSuccessStatusCode) throw PayloadDownload.Refused(name, response);
        var document = OciImage.Document(await response.Content.ReadAsStringAsync(cancellation), name);
        foreach (var key in new[] { "token", "access_token" })
        {
            if (document.ValueKind == JsonValueKind.Object && document.TryGetProperty(key, out var token) && token.GetString() is { } text) return text;
        }

        throw OciImage.Malformed(name, "the registry gives no token");
    }

    [GeneratedRegex("(?<key>[a-z_]+)=\"(?<value>[^\"]*)\"", RegexOptions.IgnoreCase)]
    private static partial Regex ChallengeField();
}
