using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Regatta.Images;
using Regatta.Images.Packages;
using Regatta.Images.Payloads;

namespace Regatta.Cli.Commands;

internal sealed record ListedImage(string Name, IReadOnlyList<string> Aliases, int Packages, DateTimeOffset Released, string? Directory)
{
    /// <summary>Versions of the schedulers in it, by their names, as far as the lock tells.</summary>
    public SortedDictionary<string, string> Versions { get; init; } = [];
}

internal sealed record BuiltImage(string Name, string Directory, string LockHash, SortedDictionary<string, string> Files);

internal sealed record VerifiedImage(string Name, string Directory, bool Identical, IReadOnlyList<ChangedFile> Changed, IReadOnlyList<FileDifference> Differences);

internal sealed record FetchedImage(string Name, int Packages, int Fetched, long Bytes);

internal sealed record LockedImage(string Name, string File, int Packages, IReadOnlyList<LockChange> Changes);

internal sealed record LockedPayloadView(string Image, string File, LockedPayload Payload);

internal sealed record RebuiltImage(string Name, string? Sha256, string? Original, bool Same, bool BuiltTwiceAlike);

/// <summary>JSON of the commands about images.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ListedImage)), JsonSerializable(typeof(BuiltImage)), JsonSerializable(typeof(VerifiedImage))]
[JsonSerializable(typeof(FetchedImage)), JsonSerializable(typeof(LockedImage)), JsonSerializable(typeof(LockedPayloadView))]
[JsonSerializable(typeof(RebuiltImage)), JsonSerializable(typeof(ImageContents)), JsonSerializable(typeof(JsonObject))]
internal sealed partial class ImageJson : JsonSerializerContext;
