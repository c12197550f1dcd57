using System.Numerics;

namespace Regatta.Config;

/// <summary>Thrown when a value does not fit its type.</summary>
internal sealed class ConversionException(string message) : Exception(message)
{
    public string? Help { get; init; }
}

/// <summary>Turns a scalar into what its type asks for, as OmegaConf's typed nodes do.</summary>
internal static class Conversion
{
    /// <summary>The value as the type has it; <c>???</c> and references pass as they are.</summary>
    /// <exception cref="ConversionException">It does not fit.</exception>
    public static object? Convert(object? value, TypeHint hint)
    {
        if (value is null) return hint.Optional ? null : throw new ConversionException($"null is no {hint.Name}");
        if (value is string text && (text == "???" || text.Contains("${", StringComparison.Ordinal))) return value;
        return hint switch
        {
            IntHint => Int(value),
            FloatHint => Float(value),
            BoolHint => Bool(value),
            StringHint => Text(value),
            EnumHint type => Member(value, type),
            UnionHint union => Union(value, union),
            QuantityHint quantity => quantity.Quantity.Check(value),
            AnyHint => value,
            _ => throw Mismatch(value, hint),
        };
    }

    public static ConversionException Mismatch(object? value, TypeHint hint) =>
        new($"{Describe(value)} is no {hint.Name}");

    public static string Describe(object? value) => value switch
    {
        null => "null",
        string text => $"'{Short(text)}' (text)",
        bool flag => $"'{(flag ? "true" : "false")}' (bool)",
        long or BigInteger => $"'{PythonText.Str(value)}' (int)",
        double => $"'{PythonText.Str(value)}' (float)",
        ICompositeValue composite => composite.Description,
        _ => $"'{PythonText.Str(value)}'",
    };

    private static string Short(string text) => text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 57), "...");

    private static object Int(object value) => value switch
    {
        long or BigInteger => value,
        string text when PythonText.TryInt(text, out var number) => number,
        _ => throw Mismatch(value, new IntHint()),
    };

    private static object Float(object value) => value switch
    {
        double => value,
        long number => (double)number,
        BigInteger number => (double)number,
        string text when PythonText.TryFloat(text, out var number) => number,
        _ => throw Mismatch(value, new FloatHint()),
    };

    private static object Bool(object value)
    {
        switch (value)
        {
            case bool: return value;
            case long number: return number != 0;
            case BigInteger number: return !number.IsZero;
            case string text:
                if (PythonText.TryInt(text, out var whole)) return Bool(whole);
                if (text.ToUpperInvariant() is "YES" or "Y" or "ON" or "TRUE") return true;
                if (text.ToUpperInvariant() is "NO" or "N" or "OFF" or "FALSE") return false;
                break;
        }

        throw Mismatch(value, new BoolHint());
    }

    private static string Text(object value) => value is ICompositeValue or byte[] ? throw Mismatch(value, new StringHint()) : PythonText.Str(value);

    private static EnumMember Member(object value, EnumHint type)
    {
        switch (value)
        {
            case EnumMember member when member.Type.TypeName == type.TypeName:
                return member;
            case long number when !type.IgnoreCase && number >= 1 && number <= type.Members.Count:
                return new EnumMember(type, type.Members[(int)number - 1]);
            case string text:
                if (text.StartsWith(type.TypeName + ".", StringComparison.Ordinal)) text = text[(type.TypeName.Length + 1)..];
                if (type.Former.TryGetValue(text, out var current)) return new EnumMember(type, current);
                foreach (var name in type.Members)
                {
                    if (name == text || (type.IgnoreCase && Plain(name).Equals(Plain(text), StringComparison.OrdinalIgnoreCase))) return new EnumMember(type, name);
                }

                break;
        }

        var given = value as string ?? PythonText.Str(value);
        throw new ConversionException($"{Describe(value)} is none of {string.Join(", ", type.Members)}") { Help = Suggestion.Help(given, type.Members.ToList()) };
    }

    private static string Plain(string name) => name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);

    private static object Union(object value, UnionHint union)
    {
        foreach (var alternative in union.Alternatives)
        {
            var fits = alternative switch
            {
                IntHint => value is long or BigInteger,
                FloatHint => value is double,
                BoolHint => value is bool,
                StringHint => value is string,
                EnumHint type => value is EnumMember member && member.Type.TypeName == type.TypeName,
                _ => false,
            };
            if (fits) return value;
        }

        throw Mismatch(value, union);
    }
}
