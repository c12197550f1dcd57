using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Regatta.Images.Payloads;

/// <summary>Lock files of payloads. They are the user's own: paths of a machine stand in them, so none belongs into a checkout.</summary>
public static partial class PayloadLockFile
{
    /// <summary>Reads a lock file; an empty lock when it is not there.</summary>
    /// <exception cref="DiagnosticException">It breaks the format; every fault is named.</exception>
    public static PayloadLock Read(string path, string image) =>
        File.Exists(path) ? Parse(File.ReadAllText(path), path, image) : new PayloadLock(image, []);

    /// <summary>Parses a lock.</summary>
    /// <exception cref="DiagnosticException">It breaks the format; every fault is named.</exception>
    public static PayloadLock Parse(string text, string source, string image)
    {
        var shape = new JsonShape(source, "payload-lock-malformed", $"remove '{source}' and lock again: regatta image lock {image} --payload NAME=SOURCE");
        var parsed = shape.Parse(text);
        shape.ThrowOnFaults();
        var root = parsed!.Value;
        if (shape.Integer(root, "", "version") != PayloadLock.CurrentVersion) shape.Fault("version", $"this program reads version {PayloadLock.CurrentVersion}");
        if (shape.Text(root, "", "image") is { Length: > 0 } of && of != image) shape.Fault("image", $"it is the lock of '{of}'");
        var payloads = shape.Objects(root, "", "payloads").Select(o => Payload(shape, o.Element, o.Path)).ToList();
        foreach (var twice in payloads.GroupBy(p => p.Name).Where(g => g.Count() > 1)) shape.Fault("payloads", $"'{twice.Key}' stands there twice");
        shape.ThrowOnFaults();
        return new PayloadLock(image, [.. payloads.OrderBy(p => p.Name, StringComparer.Ordinal)]);
    }

    /// <summary>The text of a lock file; the same lock gives the same bytes.</summary>
    public static string Format(PayloadLock value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return JsonSerializer.Serialize(new Document(PayloadLock.CurrentVersion, value.Image, value.Payloads), PayloadJson.Default.Document) + "\n";
    }

    private static LockedPayload Payload(JsonShape shape, JsonElement item, string path)
    {
        var kind = shape.Text(item, path, "kind");
        if (!Enum.TryParse<PayloadKind>(kind, ignoreCase: true, out var known)) shape.Fault(path + "kind", $"'{kind}' is not directory, archive, image or source");
        return new LockedPayload(
            shape.Text(item, path, "name", PayloadReference.NamePattern(), "a name of small letters, digits and hyphens"),
            shape.Text(item, path, "prefix", Prefix(), "an absolute path"),
            shape.Text(item, path, "version", PayloadReference.VersionPattern(), "a version"),
            known,
            shape.Text(item, path, "source"),
            shape.Integer(item, path, "size", 1),
            shape.Sha256(item, path, "sha256"));
    }

    [GeneratedRegex(@"^(/[A-Za-z0-9._+-]+)+$")]
    private static partial Regex Prefix();

    internal sealed record Document(int Version, string Image, IReadOnlyList<LockedPayload> Payloads);
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(PayloadLockFile.Document))]
internal sealed partial class PayloadJson : JsonSerializerContext;
