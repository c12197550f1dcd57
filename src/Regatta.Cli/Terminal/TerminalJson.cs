using System.Text.Json.Serialization;
using Regatta.Cli.Catalogue;

namespace Regatta.Cli.Terminal;

/// <summary>JSON of what every command may print.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(DiagnosticLine))]
[JsonSerializable(typeof(Activity))]
internal sealed partial class TerminalJson : JsonSerializerContext;

/// <summary>A diagnostic as a JSON line.</summary>
/// <param name="Severity">How much it weighs.</param>
/// <param name="Code">Its code.</param>
/// <param name="Summary">What is wrong.</param>
/// <param name="Detail">More about the cause.</param>
/// <param name="Where">Where it stands.</param>
/// <param name="Excerpt">The line it stands on.</param>
/// <param name="Help">What to do.</param>
/// <param name="ExitCode">What the program ends with when this stops it; null when its code stops nothing.</param>
internal sealed record DiagnosticLine(Severity Severity, string Code, string Summary, string? Detail, SourceRange? Where, string? Excerpt, string? Help, ExitCode? ExitCode)
{
    public static DiagnosticLine Of(Diagnostic diagnostic) => new(
        diagnostic.Severity, diagnostic.Code, diagnostic.Summary, diagnostic.Detail, diagnostic.Where, diagnostic.Excerpt, diagnostic.Help, DiagnosticCatalogue.ExitCodeOf(diagnostic.Code));
}
