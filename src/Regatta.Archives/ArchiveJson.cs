using System.Text.Json.Serialization;
using Regatta.Archives.Repeating;
using Regatta.Archives.Verification;
using Regatta.Runs.Archives;

namespace Regatta.Archives;

/// <summary>JSON of what commands about archives print.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(VerificationOutcome))]
[JsonSerializable(typeof(RepeatedRun))]
[JsonSerializable(typeof(ArchiveReference))]
public sealed partial class ArchiveJson : JsonSerializerContext;
