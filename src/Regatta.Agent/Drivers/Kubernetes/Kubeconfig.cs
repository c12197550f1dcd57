using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>What a kubeconfig says of its current context: where the API server is, whom to trust, and who one is.</summary>
/// <param name="Server">The API server.</param>
/// <param name="Authority">The certificate that the server's must come from; null trusts the system's.</param>
/// <param name="Client">The client's certificate with its key; null when there is none.</param>
/// <param name="Token">A bearer token; null when there is none.</param>
internal sealed record Kubeconfig(Uri Server, X509Certificate2? Authority, X509Certificate2? Client, string? Token) : IDisposable
{
    /// <summary>Reads a kubeconfig.</summary>
    /// <exception cref="DiagnosticException">It cannot be read, or says not enough.</exception>
    public static Kubeconfig Read(string path)
    {
        try
        {
            using var text = new StreamReader(path);
            var yaml = new YamlStream();
            yaml.Load(text);
            if (yaml.Documents.Count == 0 || yaml.Documents[0].RootNode is not YamlMappingNode root) throw Fault(path, "it is empty");
            var context = Named(root, "contexts", Text(root, "current-context") ?? throw Fault(path, "it names no current-context"), "context", path);
            var cluster = Named(root, "clusters", Text(context, "cluster") ?? "", "cluster", path);
            var user = Named(root, "users", Text(context, "user") ?? "", "user", path);
            var server = Text(cluster, "server");
            if (!Uri.TryCreate(server, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http")) throw Fault(path, $"its server '{server}' is no address");
            var authority = Pem(cluster, "certificate-authority", path);
            var (certificate, key) = (Pem(user, "client-certificate", path), Pem(user, "client-key", path));
            return new Kubeconfig(
                uri,
                authority is null ? null : X509Certificate2.CreateFromPem(authority),
                certificate is null || key is null ? null : X509Certificate2.CreateFromPem(certificate, key),
                Text(user, "token"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or YamlException or CryptographicException or FormatException)
        {
            throw Fault(path, exception.Message, exception);
        }
    }

    public void Dispose()
    {
        Authority?.Dispose();
        Client?.Dispose();
    }

    private static YamlMappingNode Named(YamlMappingNode root, string list, string name, string part, string path)
    {
        var found = (Child(root, list) as YamlSequenceNode)?.Children.OfType<YamlMappingNode>().FirstOrDefault(n => Text(n, "name") == name);
        return found is null ? throw Fault(path, $"its {list} have no '{name}'") : Child(found, part) as YamlMappingNode ?? throw Fault(path, $"its {part} '{name}' is empty");
    }

    /// <summary>PEM text that stands in the file as base64 (<c>NAME-data</c>), or in a file of its own.</summary>
    private static string? Pem(YamlMappingNode node, string name, string path) =>
        Text(node, name + "-data") is { } data ? Encoding.UTF8.GetString(Convert.FromBase64String(data))
        : Text(node, name) is { } file ? File.ReadAllText(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, file))
        : null;

    private static YamlNode? Child(YamlMappingNode node, string key) => node.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;

    private static string? Text(YamlMappingNode node, string key) => Child(node, key) is YamlScalarNode { Value.Length: > 0 } scalar ? scalar.Value : null;

    private static DiagnosticException Fault(string path, string detail, Exception? cause = null) =>
        new(Diagnostic.Error("replay-kubeconfig", $"the kubeconfig {path} cannot be used") with { Detail = detail, Help = "the driver's option kubeconfig names it" }, cause);
}
