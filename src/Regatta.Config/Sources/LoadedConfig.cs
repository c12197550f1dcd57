namespace Regatta.Config;

/// <summary>A configuration as it was read: its content without the defaults list, its package header, its defaults list.</summary>
internal sealed record LoadedConfig(string Path, ContainerNode Content, string? Package, IReadOnlyList<DefaultItem> Defaults, OriginSource Source)
{
    private const int HeaderLength = 512;

    /// <summary>Whether it comes from a declaration rather than from a text.</summary>
    public bool IsSchema { get; init; }

    public static LoadedConfig FromText(string path, string text, string name)
    {
        var source = new OriginSource(OriginKind.File, name) { Text = text, ConfigPath = path };
        try
        {
            var package = Header(text, source);
            var content = YamlLoader.Load(text, source);
            SequenceNode? list = null;
            if (content is MappingNode mapping && mapping["defaults"] is { } defaults)
            {
                mapping.Remove("defaults");
                list = defaults as SequenceNode;
                if (list is null && !defaults.IsMissing)
                {
                    throw new NodeException("defaults-not-list", $"'{path}': the defaults list must be a list, not {Conversion.Describe(defaults is ScalarNode scalar ? scalar.Value : defaults)}")
                    {
                        Where = defaults.Origin,
                        Help = "write it as '- group: option' items under defaults:",
                    };
                }
            }

            return new LoadedConfig(path, content, package, DefaultsListReader.Read(path, list), source);
        }
        catch (NodeException e)
        {
            var summary = e.Path is null && e.Code == "interpolation-syntax" ? $"'{path}': {e.Message}" : e.Message;
            throw ConfigFault.Error(e.Code, summary, e.Where ?? new Origin(source), e.Help, cause: e);
        }
    }

    /// <summary>A text without a defaults list, as it stands.</summary>
    public static ContainerNode Whole(string text, string name)
    {
        var source = new OriginSource(OriginKind.File, name) { Text = text };
        try
        {
            return YamlLoader.Load(text, source);
        }
        catch (NodeException e)
        {
            throw ConfigFault.Error(e.Code, e.Message, e.Where ?? new Origin(source), e.Help, cause: e);
        }
    }

    private static string? Header(string text, OriginSource source)
    {
        string? package = null;
        var number = 0;
        foreach (var raw in text[..Math.Min(text.Length, HeaderLength)].Split('\n'))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0) continue;
            var rest = line.TrimStart('#');
            if (rest.Length == line.Length || !rest.TrimStart().StartsWith('@') || line.Length - rest.Length > 1) break;
            var parts = rest.Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length != 2)
            {
                throw new NodeException("package-header", parts.Length < 2 ? $"the header '{line}' names no package" : $"the header '{line}' has more than a keyword and a value")
                {
                    Where = new Origin(source, number, 1),
                    Help = "write '# @package some.path' or '# @package _global_'",
                };
            }

            if (parts[0] == "@package") package = parts[1];
        }

        return package;
    }

    internal DiagnosticException Fault(string code, string summary, Origin? where, string? help = null) =>
        ConfigFault.Error(code, summary, where ?? new Origin(Source), help);
}
