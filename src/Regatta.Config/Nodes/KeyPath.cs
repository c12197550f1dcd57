namespace Regatta.Config;

/// <summary>Dotted paths: <c>a.b[0].c</c>.</summary>
internal static class KeyPath
{
    /// <summary>The segments of a path; brackets and dots separate alike.</summary>
    public static IReadOnlyList<string> Split(string path)
    {
        if (!path.Contains('[', StringComparison.Ordinal)) return path.Contains('.', StringComparison.Ordinal) ? path.Split('.') : [path];
        var segments = new List<string>();
        var bracket = path.IndexOf('[', StringComparison.Ordinal);
        segments.AddRange(path[..bracket].Split('.'));
        if (segments[^1].Length == 0) segments.RemoveAt(segments.Count - 1);
        var at = bracket;
        while (at < path.Length)
        {
            if (path[at] == '.')
            {
                var end = path.IndexOfAny(['.', '['], at + 1);
                if (end < 0) end = path.Length;
                segments.Add(path[(at + 1)..end]);
                at = end;
            }
            else
            {
                var close = path.IndexOf(']', at);
                if (path[at] != '[' || close < 0) break;
                segments.Add(path[(at + 1)..close]);
                at = close + 1;
            }
        }

        return segments;
    }
}
