namespace Regatta.Experiments.Launching;

/// <summary>Words of a POSIX shell.</summary>
internal static class ShellWord
{
    /// <summary>A text as one word, whatever stands in it.</summary>
    public static string Quoted(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
