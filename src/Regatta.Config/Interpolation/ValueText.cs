namespace Regatta.Config;

/// <summary>Values as text inside a text.</summary>
internal static class ValueText
{
    private const int DepthLimit = 120;

    /// <summary>A value as Python's <c>str</c> writes it.</summary>
    public static string Of(object? value) => value switch
    {
        ScalarNode scalar => PythonText.Str(scalar.Value),
        ContainerNode { IsNull: true } => "None",
        ContainerNode { IsSpecial: true } special => $"'{special.SpecialValue}'",
        ContainerNode or List<object?> or PlainMap => ReprOf(value, 0),
        _ => PythonText.Str(value),
    };

    private static string ReprOf(object? value, int level)
    {
        if (level > DepthLimit) return "...";
        return value switch
        {
            ScalarNode scalar => PythonText.ReprOf(scalar.Value),
            ContainerNode { IsNull: true } => "None",
            ContainerNode { IsSpecial: true } special => $"'{special.SpecialValue}'",
            MappingNode map => $"{{{string.Join(", ", map.Items.Select(i => $"{PythonText.ReprOf(i.Key)}: {ReprOf(i, level + 1)}"))}}}",
            SequenceNode list => $"[{string.Join(", ", list.Items.Select(i => ReprOf(i, level + 1)))}]",
            PlainMap map => $"{{{string.Join(", ", map.Items.Select(i => $"{PythonText.ReprOf(i.Key)}: {ReprOf(i.Value, level + 1)}"))}}}",
            List<object?> list => $"[{string.Join(", ", list.Select(i => ReprOf(i, level + 1)))}]",
            _ => PythonText.ReprOf(value),
        };
    }
}
