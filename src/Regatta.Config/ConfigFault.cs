namespace Regatta.Config;

/// <summary>Thrown inside the engine where a node cannot be read or set; the composer adds which file or override did it.</summary>
internal sealed class NodeException(string code, string message, string? path = null, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The diagnostic's code without its prefix, such as <c>value-type-mismatch</c>.</summary>
    public string Code { get; } = code;

    /// <summary>The path of the node, where known.</summary>
    public string? Path { get; } = path;

    /// <summary>Where the wrong value stands.</summary>
    public Origin? Where { get; init; }

    /// <summary>What to do.</summary>
    public string? Help { get; init; }
}

/// <summary>Makes the engine's diagnostics; every code begins with <c>config-</c>.</summary>
internal static class ConfigFault
{
    public static DiagnosticException Error(string code, string summary, Origin? where = null, string? help = null, string? detail = null, Exception? cause = null)
    {
        var diagnostic = Diagnostic.Error("config-" + code, summary) with { Help = help, Detail = detail };
        if (where is { Source.Kind: not OriginKind.Engine } origin) diagnostic = At(diagnostic, origin);
        return new DiagnosticException(diagnostic, cause);
    }

    public static Diagnostic At(Diagnostic diagnostic, Origin origin) =>
        diagnostic with { Where = origin.Range, Excerpt = origin.Excerpt };
}
