using System.Text;
using System.Text.RegularExpressions;

namespace Regatta.Schedulers.Slurm.Sites;

/// <summary>One line of a configuration file of Slurm, joined with those that continue it.</summary>
/// <param name="Where">Where it begins.</param>
/// <param name="Pairs">Its keys with their values, in order; a key may come twice.</param>
internal sealed record SlurmConfLine(SourceRange Where, ImmutableArray<(string Key, string Value)> Pairs)
{
    /// <summary>The first key.</summary>
    public string First => Pairs[0].Key;

    /// <summary>The last value of a key, however it is spelt; null when it is not there.</summary>
    public string? this[string key] => Pairs.LastOrDefault(pair => pair.Key.Equals(key, StringComparison.OrdinalIgnoreCase)).Value;
}

/// <summary>Reads slurm.conf, gres.conf and topology.conf as Slurm's own parser does: comments, quotes, continued lines, and files that are included.</summary>
internal static partial class SlurmConf
{
    private const int Deepest = 16;

    /// <summary>The lines of a file and of those that it includes, in order.</summary>
    /// <param name="path">The file; what it includes is relative to its directory.</param>
    /// <param name="open">Opens a file.</param>
    /// <param name="cluster">Name of the cluster, for <c>%c</c> in names of files.</param>
    /// <exception cref="DiagnosticException">A line cannot be read (<c>site-line</c>), or a file cannot be included (<c>site-include</c>).</exception>
    public static List<SlurmConfLine> Read(string path, Func<string, TextReader> open, string? cluster = null)
    {
        var lines = new List<SlurmConfLine>();
        using var reader = Open(path, open);
        Read(path, reader, open, cluster, [], lines, Path.GetDirectoryName(path) ?? "");
        return lines;
    }

    /// <summary>Opens a file of a site.</summary>
    /// <exception cref="DiagnosticException">It cannot be opened (<c>site-file</c>).</exception>
    public static TextReader Open(string path, Func<string, TextReader> open)
    {
        try
        {
            return open(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new DiagnosticException(Diagnostic.Error("site-file", $"{path} cannot be opened") with { Where = new SourceRange(path), Detail = e.Message, Help = "check its path" }, e);
        }
    }

    private static void Read(string path, TextReader reader, Func<string, TextReader> open, string? cluster, ImmutableList<string> within, List<SlurmConfLine> lines, string directory)
    {
        var number = 0;
        while (Next(reader, ref number, out var begun) is { } text)
        {
            if (text.AsSpan().Trim().IsEmpty) continue;
            var where = new SourceRange(path, begun);
            if (Include().Match(text) is { Success: true } include)
            {
                var name = include.Groups[1].Value.Replace("%c", cluster ?? "", StringComparison.Ordinal);
                var target = Path.IsPathRooted(name) ? name : Path.Combine(directory, name);
                if (within.Count >= Deepest || within.Contains(target) || target == path) throw Fault("site-include", $"{name} includes itself", where, "take the Include line out of one of the files");
                using var included = Included(name, target, open, where);
                Read(target, included, open, cluster, within.Add(path), lines, directory);
                continue;
            }

            lines.Add(new SlurmConfLine(where, Pairs(text, where)));
            cluster ??= lines[^1]["ClusterName"];
        }
    }

    private static TextReader Included(string name, string target, Func<string, TextReader> open, SourceRange where)
    {
        try
        {
            return open(target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Fault("site-include", $"{name}, which is included here, cannot be read", where, "put the file beside slurm.conf as it lies at the site, or take the Include line out", e);
        }
    }

    /// <summary>The next line without its comment, joined with those that continue it; null at the end.</summary>
    private static string? Next(TextReader reader, ref int number, out int begun)
    {
        begun = number + 1;
        if (reader.ReadLine() is not { } line) return null;
        number++;
        var whole = new StringBuilder();
        while (true)
        {
            line = WithoutComment(line);
            var trimmed = line.AsSpan().TrimEnd();
            if (trimmed is not [.., '\\']) return whole.Append(line).ToString();
            whole.Append(trimmed[..^1]);
            if (reader.ReadLine() is not { } more) return whole.ToString();
            number++;
            line = more;
        }
    }

    private static string WithoutComment(string line)
    {
        for (var i = line.IndexOf('#', StringComparison.Ordinal); i >= 0; i = line.IndexOf('#', i + 1))
        {
            if (i == 0 || line[i - 1] != '\\') return line[..i].Replace("\\#", "#", StringComparison.Ordinal);
        }

        return line.Replace("\\#", "#", StringComparison.Ordinal);
    }

    private static ImmutableArray<(string Key, string Value)> Pairs(string text, SourceRange where)
    {
        var pairs = ImmutableArray.CreateBuilder<(string, string)>();
        var at = 0;
        while (at < text.Length && Pair().Match(text, at) is { Success: true } pair && pair.Index == at)
        {
            pairs.Add((pair.Groups[1].Value, pair.Groups[3].Success ? pair.Groups[3].Value : pair.Groups[2].Value));
            at = pair.Index + pair.Length;
        }

        if (pairs.Count == 0 || !text.AsSpan(at).Trim().IsEmpty)
            throw Fault("site-line", $"'{(text.Length > at + 40 ? text[at..(at + 40)].Trim() + "…" : text[at..].Trim())}' is no setting", where, "a line is KEY=VALUE, or several with blanks between; a value with blanks stands in double quotes");
        return pairs.ToImmutable();
    }

    internal static DiagnosticException Fault(string code, string summary, SourceRange? where, string help, Exception? cause = null) => new(Diagnostic.Error(code, summary) with { Where = where, Help = help }, cause);

    [GeneratedRegex("""^\s*include\s+(\S+)\s*$""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Include();

    // The operators of newer releases (+= and so on) mean = where a key comes once.
    [GeneratedRegex("""\G\s*([A-Za-z0-9_.]+)\s*[-*+/]?=\s*(?:"([^"]*)"|([^\s"]\S*))(?=\s|$)""", RegexOptions.CultureInvariant)]
    private static partial Regex Pair();
}
