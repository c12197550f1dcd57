using Regatta.Experiments.Configuration;
using Regatta.Schedulers;

namespace Regatta.Experiments.Planning;

/// <summary>Finds points that are one: what tells them apart is not read by their scheduler, and comparing them shows chance only.</summary>
internal static class PointsAlike
{
    // What only the reference scheduler reads, and what it does not.
    private static readonly ImmutableArray<string> OfReference = ["policy", "allocation"];
    private static readonly ImmutableArray<string> NotOfReference = ["profile", "image", "version"];

    /// <summary>A warning for each set of points that are the same.</summary>
    public static IEnumerable<Diagnostic> Warnings(IReadOnlyList<ComposedPoint> points)
    {
        if (points.Count < 2) yield break;
        // Settings are asked for only where the rest is the same: a site's are read from files.
        var sets = points.GroupBy(Read, StringComparer.Ordinal).Where(g => g.Skip(1).Any()).SelectMany(g => g.GroupBy(Settings, StringComparer.Ordinal).Where(same => same.Skip(1).Any()));
        foreach (var same in sets.Select(set => set.ToList()))
        {
            var common = same.Select(p => p.Overrides.AsEnumerable()).Aggregate((a, b) => a.Intersect(b, StringComparer.Ordinal)).ToHashSet(StringComparer.Ordinal);
            var keys = same.SelectMany(p => p.Overrides).Where(o => !common.Contains(o)).Select(o => o.Split('=')[0].TrimStart('+', '~')).Distinct(StringComparer.Ordinal).ToList();
            var scheduler = same[0].Experiment.Scheduler.Name;
            yield return Diagnostic.Warning("points-alike", $"the points {string.Join(", ", same.SkipLast(1).Select(p => p.Name))} and {same[^1].Name} are the same for {scheduler}{(keys.Count == 0 ? "" : $": {string.Join(" and ", keys)} {(keys.Count == 1 ? "changes" : "change")} nothing there")}") with
            {
                Help = $"what their comparison shows is chance: change what {scheduler} reads, such as {(same[0].Experiment.Scheduler.IsReference ? "scheduler.policy" : "scheduler.profile")}, or leave all but one out",
            };
        }
    }

    /// <summary>The point's configuration without what its scheduler does not read, and without its settings.</summary>
    private static string Read(ComposedPoint point)
    {
        var reference = point.Experiment.Scheduler.IsReference;
        var unread = reference ? NotOfReference : OfReference.Add("settings");
        var text = new System.Text.StringBuilder();
        var (section, left) = ("", false);
        foreach (var line in point.Yaml.Split('\n'))
        {
            if (line.Length > 0 && !char.IsWhiteSpace(line[0]) && line[0] != '-') section = line;
            // What belongs to a key is indented more, or a list below it.
            if (line.StartsWith("  ", StringComparison.Ordinal) && line.Length > 2 && line[2] is not (' ' or '-'))
                left = section == "scheduler:" && unread.Contains(line[2..].Split(':')[0]);
            else if (line.Length > 0 && line[0] != ' ')
                left = false;
            if (!left) text.Append(line).Append('\n');
        }

        return text.ToString();
    }

    private static string Settings(ComposedPoint point)
    {
        var experiment = point.Experiment;
        if (experiment.Scheduler.IsReference) return "";
        return string.Join('\n', KnownSchedulers.Find(experiment.Scheduler.Name).Settings(experiment.Options()).Select(s => $"{s.Key}={s.Value.ReplaceLineEndings("\\n")}"));
    }
}
