using System.Text.RegularExpressions;

namespace Regatta.Runs;

/// <summary>Names of experiments and points: they are parts of paths in a run directory.</summary>
public static partial class PathName
{
    /// <summary>What a name may be made of, in words.</summary>
    public const string Rule = "use letters, digits, '.', '_', '=', ',', '+' and '-', at most 100, the first of them a letter or a digit";

    /// <summary>True when a name can be a part of a path.</summary>
    public static bool Fits(string name) => Whole().IsMatch(name);

    /// <summary>A text with every character that a name may not have replaced by <c>_</c>.</summary>
    public static string Fitted(string text) => Unfit().Replace(text, "_");

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._=,+-]{0,99}\z")]
    private static partial Regex Whole();

    [GeneratedRegex("[^A-Za-z0-9._=,+-]")]
    private static partial Regex Unfit();
}
