using System.Text.Json;

namespace Regatta.Config.Conformance;

/// <summary>Runs one case and says whether the engine did what is expected.</summary>
internal static class CaseRunner
{
    public static Verdict Run(Case test)
    {
        try
        {
            var reason = test.Mode switch
            {
                "compose" => Compose(test),
                "sweep" => SweepCase.Run(test),
                "override-parse" => ParseCase.Run(test),
                _ => CommandCase.Run(test),
            };
            return reason is null ? Verdict.Pass : Verdict.Fail(reason);
        }
        catch (Exception e) when (e is not DiagnosticException)
        {
            return new Verdict(false, $"unexpected {e}", Unexpected: true);
        }
        catch (DiagnosticException e)
        {
            return Verdict.Fail($"refused: {e.Message}");
        }
    }

    public static Composer Open(Case test)
    {
        var files = test.Files();
        var environment = test.Environment();
        return new Composer([new MemorySource(files, "main", "conf")], new ComposerOptions
        {
            Resolvers = BenchResolvers.Register(),
            Environment = name => environment.GetValueOrDefault(name),
            Schemas = CaseSchemas.Read(test),
            JobName = "app",
            OpenSource = (location, provider) => new MemorySource(files, provider, location.StartsWith("file://", StringComparison.Ordinal) ? location[7..] : location),
        });
    }

    private static string? Compose(Case test)
    {
        var expect = test.Expect;
        var stage = Stage(expect);
        Composition composition;
        try
        {
            composition = Open(test).Compose(test.ConfigName, test.Overrides);
        }
        catch (DiagnosticException e)
        {
            return stage is "parse" or "compose" ? Refused(test, e) : $"refused: {e.Message}";
        }

        if (stage is "parse" or "compose") return $"composed, expected {expect.GetProperty("error").GetString()}: {expect.GetProperty("hydra_message").GetString()}";
        if (expect.TryGetProperty("config_unresolved", out var unresolved) && Comparison.Difference(composition.Root, unresolved) is { } raw) return "unresolved " + raw;
        if (expect.TryGetProperty("yaml", out var yaml) && composition.ToYaml() != yaml.GetString()) return $"yaml: got {JsonSerializer.Serialize(composition.ToYaml())}, expected {yaml.GetRawText()}";
        if (expect.TryGetProperty("choices", out var choices) && Choices(composition, choices) is { } wrong) return wrong;
        if (expect.TryGetProperty("defaults_list", out var defaults) && Defaults(composition, defaults) is { } list) return list;
        var missing = expect.TryGetProperty("missing_keys", out var keys) ? keys.EnumerateArray().Select(k => k.GetString()!).ToList() : [];
        if (stage is null && !composition.MissingKeys().Order(StringComparer.Ordinal).SequenceEqual(missing.Order(StringComparer.Ordinal))) return $"missing keys: got [{string.Join(", ", composition.MissingKeys())}], expected [{string.Join(", ", missing)}]";
        try
        {
            var resolved = composition.Resolve();
            if (stage == "resolve") return $"resolved, expected {expect.GetProperty("error").GetString()}: {expect.GetProperty("hydra_message").GetString()}";
            if (expect.TryGetProperty("config", out var config) && Comparison.Difference(resolved, config) is { } difference) return "config " + difference;
        }
        catch (DiagnosticException e)
        {
            return stage == "resolve" ? Refused(test, e) : $"not resolved: {e.Message}";
        }

        return Hydra(test, composition);
    }

    public static string? Stage(JsonElement expect) => expect.TryGetProperty("stage", out var stage) ? stage.GetString() : null;

    public static string? Refused(Case test, DiagnosticException e)
    {
        var kind = test.Expect.GetProperty("error").GetString()!;
        var diagnostic = e.Diagnostics[0];
        var got = diagnostic.Code["config-".Length..].Replace('-', '_');
        // The cases have one name for all faults of YAML.
        if (got.StartsWith("yaml_", StringComparison.Ordinal)) got = "yaml_syntax";
        if (got != kind && !test.AnyError) return $"refused as {got}, expected {kind} ({test.Expect.GetProperty("hydra_message").GetString()}): {e.Message}";
        foreach (var part in test.Expect.GetProperty("message_contains").EnumerateArray())
        {
            if (!e.Message.Contains(part.GetString()!, StringComparison.Ordinal) && !test.AnyError) return $"the message does not name '{part.GetString()}': {e.Message}";
        }

        return null;
    }

    private static string? Choices(Composition composition, JsonElement expected)
    {
        var actual = composition.Choices;
        var wanted = expected.EnumerateObject().ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);
        if (actual.Count != wanted.Count || wanted.Keys.Any(k => !actual.ContainsKey(k))) return $"choices: got [{string.Join(", ", actual.Keys)}], expected [{string.Join(", ", wanted.Keys)}]";
        return actual.Select(c => Comparison.Difference(c.Value, wanted[c.Key], c.Key)).FirstOrDefault(d => d is not null) is { } difference ? "choices " + difference : null;
    }

    private static string? Defaults(Composition composition, JsonElement expected)
    {
        var actual = composition.Defaults.Select(d => $"{d.Config} @{d.Package} {(d.IsSelf ? "self" : "")} <{d.Parent}>").ToList();
        var wanted = expected.EnumerateArray().Select(d =>
            $"{d.GetProperty("config").GetString()} @{d.GetProperty("package").GetString()} {(d.GetProperty("self").GetBoolean() ? "self" : "")} <{d.GetProperty("parent").GetString()}>").ToList();
        return actual.SequenceEqual(wanted) ? null : $"defaults list: got [{string.Join("; ", actual)}], expected [{string.Join("; ", wanted)}]";
    }

    private static string? Hydra(Case test, Composition composition)
    {
        if (!test.Expect.TryGetProperty("hydra", out var expected)) return null;
        foreach (var item in expected.EnumerateObject())
        {
            if (Comparison.Difference(composition.Hydra(item.Name), item.Value, item.Name) is { } difference) return "hydra " + difference;
        }

        return null;
    }
}
