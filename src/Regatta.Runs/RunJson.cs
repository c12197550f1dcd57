using System.Text.Json;
using System.Text.Json.Serialization;

namespace Regatta.Runs;

/// <summary>JSON of the run directory's files.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    WriteIndented = true)]
[JsonSerializable(typeof(Plan)), JsonSerializable(typeof(Provenance)), JsonSerializable(typeof(FileVersion)), JsonSerializable(typeof(JournalEntry))]
[JsonSerializable(typeof(string)), JsonSerializable(typeof(Archives.ArchiveContent)), JsonSerializable(typeof(RunArchives)), JsonSerializable(typeof(TrialUnderWay))]
internal sealed partial class RunJson : JsonSerializerContext;

/// <summary>JSON of the files that hold one value a line.</summary>
internal static class RunJsonLines
{
    /// <summary>As in the other files, but without line breaks.</summary>
    public static RunJson Default { get; } = new(new JsonSerializerOptions(RunJson.Default.Options) { WriteIndented = false });
}
