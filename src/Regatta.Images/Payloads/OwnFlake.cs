using System.Text.Json.Nodes;

namespace Regatta.Images.Payloads;

/// <summary>
/// The checkout's flake as Nix evaluates it for an image. Where the image has payloads it is a copy that holds their lock: evaluation sees nothing
/// outside of a flake, and the lock is the user's and no part of the checkout.
/// </summary>
internal sealed class OwnFlake : IDisposable
{
    private readonly string? _copy;

    private OwnFlake(string directory, string? copy)
    {
        _copy = copy;
        Reference = "path:" + string.Join('/', directory.Split('/').Select(Uri.EscapeDataString));
    }

    /// <summary>The flake's reference.</summary>
    public string Reference { get; }

    /// <summary>The reference of an image, in quotes: Nix divides a bare name at its dots.</summary>
    public string Of(ImageRole role) => $"{Reference}#\"{role.Name}\"";

    /// <summary>The flake for an image.</summary>
    /// <param name="catalog">The checkout's flake.</param>
    /// <param name="role">The image.</param>
    /// <param name="folder">Directory for the copy.</param>
    public static OwnFlake Open(ImageCatalog catalog, ImageRole role, string folder)
    {
        var payloads = catalog.Payloads(role);
        if (payloads.IsEmpty) return new OwnFlake(catalog.Directory, null);
        var copy = Path.Combine(folder, $"flake-{Guid.NewGuid():N}");
        catalog.CopyTo(copy);
        // What the build depends on, and no more: the source is a matter of this machine.
        var locked = new JsonArray([.. payloads.Select(p => (JsonNode)new JsonObject
        {
            ["name"] = p.Name,
            ["prefix"] = p.Prefix,
            ["version"] = p.Version,
            ["kind"] = p.Kind.ToString().ToLowerInvariant(),
            ["sha256"] = p.Sha256,
        })]);
        File.WriteAllText(Path.Combine(copy, "locks", role.Name + ".payloads.json"), locked.ToJsonString());
        return new OwnFlake(copy, copy);
    }

    public void Dispose()
    {
        if (_copy is not null) Directory.Delete(_copy, recursive: true);
    }
}
