namespace Regatta.Config;

/// <summary>YAML that is no part of a configuration, such as a file that a command takes: no defaults list, no references.</summary>
public static class YamlText
{
    /// <summary>The tree of a text, in which every value knows its place.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">Name of its file, for diagnostics.</param>
    /// <exception cref="DiagnosticException">It is no YAML.</exception>
    public static ContainerNode Read(string text, string name) => LoadedConfig.Whole(text, name);
}
