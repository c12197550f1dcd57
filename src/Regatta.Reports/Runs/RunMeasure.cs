using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Regatta.Analysis;
using Regatta.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Regatta.Reports.Runs;

/// <summary>What a run's own files say about how it is to be measured and compared.</summary>
public static class RunMeasure
{
    private static readonly ImmutableDictionary<string, string[]> FactorsOf = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["scheduler"] = ["scheduler", "profile"],
        ["cluster"] = ["workers", "processors", "emulation", "emulation-leaves-out"],
        ["scheduler.multi_user"] = ["task-launch", "admission"],
        ["machines"] = ["machines"],
        ["workload"] = ["workload"],
        ["image"] = ["image"],
    }.ToImmutableDictionary(StringComparer.Ordinal);

    /// <summary>The cuts and tau of the experiment's <c>measure</c> group; the usual ones where it says nothing.</summary>
    /// <exception cref="DiagnosticException">The experiment is not YAML, or a duration in it is none.</exception>
    public static MeasureSettings Of(string? experiment, string file)
    {
        var settings = MeasureSettings.Default;
        if (experiment is null) return settings;
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(experiment));
        }
        catch (YamlException exception)
        {
            throw new DiagnosticException(Diagnostic.Error("run-file", "experiment.yaml of the run cannot be read") with
            {
                Where = new SourceRange(file, (int)exception.Start.Line, (int)exception.Start.Column),
                Detail = exception.Message,
            });
        }

        if (stream.Documents is not [{ RootNode: YamlMappingNode root }, ..] || Child(root, "measure") is not YamlMappingNode measure) return settings;
        if (Duration(measure, "warmup", file) is { } warm) settings = settings with { WarmUp = warm };
        if (Duration(measure, "cooldown", file) is { } cool) settings = settings with { CoolDown = cool };
        if (Duration(measure, "tau", file) is { } tau && tau > TimeSpan.Zero) settings = settings with { Tau = tau };
        return settings;
    }

    /// <summary>What the points of a plan differ in by intention, read off their overrides.</summary>
    public static ImmutableArray<string> Factors(JsonObject? plan)
    {
        var factors = new List<string> { "scheduler", "profile" };
        if (plan?["points"] is not JsonArray points) return [.. factors];
        foreach (var text in points.SelectMany(p => p?["overrides"] as JsonArray ?? []).OfType<JsonValue>().Select(v => v.ToString()))
        {
            var key = text.TrimStart('+', '~').Split('=', 2)[0];
            factors.AddRange(FactorsOf.GetValueOrDefault(key.Split('.', '@', '/')[0], []));
            factors.AddRange(FactorsOf.GetValueOrDefault(key, []));
            // A setting that is varied on its own is a factor under its own name, such as slurm.SchedulerParameters.
            if (key.Split(".settings.", 2) is [_, var setting]) factors.Add(setting);
        }

        return [.. factors.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>A duration such as <c>250ms</c>, <c>10s</c>, <c>1.5h</c>; null when the text is none.</summary>
    public static TimeSpan? Duration(string text)
    {
        var digits = text.Trim().TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
        if (!double.TryParse(text.Trim()[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)) return null;
        double? seconds = text.Trim()[digits..].Trim() switch
        {
            "us" or "µs" => value / 1e6,
            "ms" => value / 1e3,
            "s" or "" => value,
            "m" or "min" => value * 60,
            "h" => value * 3600,
            "d" => value * 86_400,
            _ => null,
        };
        return seconds is { } s and < 1e9 ? TimeSpan.FromSeconds(s) : null;
    }

    private static TimeSpan? Duration(YamlMappingNode measure, string name, string file)
    {
        if (Child(measure, name) is not YamlScalarNode { Value: { } text } node) return null;
        return Duration(text) ?? throw new DiagnosticException(Diagnostic.Error("run-duration", $"measure.{name} of the run is '{text}', which is no duration") with
        {
            Where = new SourceRange(file, (int)node.Start.Line, (int)node.Start.Column),
            Help = "write it as 250ms, 10s, 5m or 1h",
        });
    }

    private static YamlNode? Child(YamlMappingNode node, string name) => node.Children.TryGetValue(new YamlScalarNode(name), out var child) ? child : null;
}
