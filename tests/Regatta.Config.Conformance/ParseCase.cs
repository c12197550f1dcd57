using System.Text.Json;

namespace Regatta.Config.Conformance;

/// <summary>Cases that only parse overrides.</summary>
internal static class ParseCase
{
    private const int CanonicalLimit = 200;

    public static string? Run(Case test)
    {
        var expect = test.Expect;
        IReadOnlyList<Override> parsed;
        try
        {
            parsed = OverrideParser.ParseAll(test.Overrides);
        }
        catch (DiagnosticException e)
        {
            return CaseRunner.Stage(expect) is not null ? CaseRunner.Refused(test, e) : $"refused: {e.Message}";
        }

        if (CaseRunner.Stage(expect) is not null) return $"parsed, expected {expect.GetProperty("error").GetString()}: {expect.GetProperty("hydra_message").GetString()}";
        var index = 0;
        foreach (var wanted in expect.GetProperty("parsed").EnumerateArray())
        {
            if (Difference(parsed[index++], wanted) is { } difference) return difference;
        }

        return null;
    }

    private static string? Difference(Override actual, JsonElement wanted)
    {
        var kind = actual.Kind switch { OverrideKind.Change => "CHANGE", OverrideKind.Add => "ADD", OverrideKind.ForceAdd => "FORCE_ADD", _ => "DEL" };
        if (kind != wanted.GetProperty("type").GetString()) return $"type {kind}";
        if (actual.Key != wanted.GetProperty("key").GetString()) return $"key {actual.Key}";
        if (actual.Package != wanted.GetProperty("package").GetString()) return $"package {actual.Package}";
        var type = !actual.HasValue ? null : actual.Sweep switch
        {
            null => "ELEMENT",
            ChoiceSweep { IsSimple: true } => "SIMPLE_CHOICE_SWEEP",
            ChoiceSweep => "CHOICE_SWEEP",
            RangeSweep => "RANGE_SWEEP",
            IntervalSweep => "INTERVAL_SWEEP",
            _ => "GLOB_CHOICE_SWEEP",
        };
        if (wanted.TryGetProperty("value_type", out var valueType) && valueType.GetString() != type) return $"value type {type}, expected {valueType.GetString()}";
        if (wanted.TryGetProperty("value", out var value) && ValueDifference(actual.Value, value) is { } difference) return "value " + difference;
        return Canonical(actual, wanted);
    }

    private static string? Canonical(Override actual, JsonElement wanted)
    {
        try
        {
            if (!wanted.TryGetProperty("canonical", out var canonical))
            {
                if (!wanted.TryGetProperty("expand_error", out var error)) return null;
                _ = SweepValues.Texts(actual, _ => []).Take(CanonicalLimit).ToList();
                return $"expanded, expected {error.GetProperty("error").GetString()}";
            }

            if (actual.Sweep is null) return actual.Canonical == canonical.GetString() ? null : $"canonical {actual.Canonical}, expected {canonical.GetString()}";
            var texts = SweepValues.Texts(actual, _ => []).Take(CanonicalLimit).Select(t => $"{actual.Axis}={t}").ToList();
            return Comparison.Difference(texts, canonical, "canonical");
        }
        catch (DiagnosticException e) when (wanted.TryGetProperty("expand_error", out var error))
        {
            var got = e.Diagnostics[0].Code["config-".Length..].Replace('-', '_');
            return got == error.GetProperty("error").GetString() ? null : $"expansion refused as {got}, expected {error.GetProperty("error").GetString()}";
        }
    }

    private static string? ValueDifference(object? actual, JsonElement wanted)
    {
        if (wanted.ValueKind == JsonValueKind.Array && actual is IReadOnlyList<object?> items) return Items(items, wanted);
        if (wanted.ValueKind != JsonValueKind.Object) return Comparison.Difference(actual, wanted);
        if (wanted.TryGetProperty("$quoted", out var quoted))
        {
            var quote = wanted.GetProperty("quote").GetString() == "single" ? '\'' : '"';
            return actual is QuotedText text && text.Text == quoted.GetString() && text.Quote == quote ? null : $"{actual} is not {wanted.GetRawText()}";
        }

        if (wanted.TryGetProperty("$dict", out var pairs))
        {
            if (actual is not PlainMap map || map.Items.Count != pairs.GetArrayLength()) return $"{actual} is not {wanted.GetRawText()}";
            return map.Items.Zip(pairs.EnumerateArray()).Select(p => ValueDifference(p.First.Key, p.Second[0]) ?? ValueDifference(p.First.Value, p.Second[1])).FirstOrDefault(d => d is not null);
        }

        return actual is Sweep sweep ? SweepDifference(sweep, wanted) : Comparison.Difference(actual, wanted);
    }

    private static string? SweepDifference(Sweep sweep, JsonElement wanted)
    {
        var tags = wanted.TryGetProperty("tags", out var list) ? list.EnumerateArray().Select(t => t.GetString()).Order(StringComparer.Ordinal).ToList() : [];
        if (!sweep.Tags.Order(StringComparer.Ordinal).SequenceEqual(tags)) return $"tags [{string.Join(", ", sweep.Tags)}]";
        if (sweep.Shuffled != wanted.TryGetProperty("shuffle", out _)) return $"shuffled {sweep.Shuffled}";
        switch (sweep)
        {
            case ChoiceSweep choice:
                return choice.IsSimple != wanted.GetProperty("simple").GetBoolean() ? $"simple {choice.IsSimple}" : Items(choice.Values, wanted.GetProperty("$choice"));
            case RangeSweep range:
                return Items([range.Start, range.Stop, range.Step], wanted.GetProperty("$range"));
            case IntervalSweep interval:
                return Items([interval.Start, interval.End], wanted.GetProperty("$interval"));
            default:
                var glob = (GlobSweep)sweep;
                return Comparison.Difference(glob.Include, wanted.GetProperty("$glob").GetProperty("include")) ?? Comparison.Difference(glob.Exclude, wanted.GetProperty("$glob").GetProperty("exclude"));
        }
    }

    private static string? Items(IReadOnlyList<object?> items, JsonElement wanted)
    {
        if (items.Count != wanted.GetArrayLength()) return $"{items.Count} items, expected {wanted.GetRawText()}";
        return items.Zip(wanted.EnumerateArray()).Select(p => ValueDifference(p.First, p.Second)).FirstOrDefault(d => d is not null);
    }
}
