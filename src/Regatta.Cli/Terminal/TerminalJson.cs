using System.Text.Json.Serialization;
using Regatta.Diagnostics;

namespace Regatta.Cli.Terminal;

/// <summary>JSON of what every command may print.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(Diagnostic))]
[JsonSerializable(typeof(Activity))]
internal sealed partial class TerminalJson : JsonSerializerContext;
