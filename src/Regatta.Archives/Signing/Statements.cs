using System.Text.Json;
using System.Text.Json.Nodes;
using Regatta.Archives.Verification;
using Regatta.Reports;
using Regatta.Reports.Model;
using Regatta.Runs;
using Regatta.Runs.Archives;

namespace Regatta.Archives.Signing;

/// <summary>What signers vouch for, as in-toto statements v1.</summary>
internal static class Statements
{
    public const string Type = "https://in-toto.io/Statement/v1";
    public const string TestResult = "https://in-toto.io/attestation/test-result/v0.1";
    public const string Provenance = "https://slsa.dev/provenance/v1";

    /// <summary>That the report of an archive is what its events give: predicate <c>test-result</c>, with the verdicts beside it.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="outcome">Its verification, which holds.</param>
    /// <param name="runs">Its runs.</param>
    /// <param name="claimed">When the signer says that it is signed.</param>
    public static string OfResult(ArchiveReference archive, VerificationOutcome outcome, IReadOnlyList<RecordedRun> runs, DateTimeOffset claimed)
    {
        var verdicts = runs.Select(run => (run.Id, ReportBuilder.Build([run]).Verdict));
        JsonNode[] checks = [.. outcome.Items.Where(i => i.Result == VerificationResult.Passed).Select(i => (JsonNode)$"{i.Subject}: {i.Check}")];
        JsonNode[] skipped = [.. outcome.Items.Where(i => i.Result == VerificationResult.NotChecked).Select(i => (JsonNode)$"{i.Subject}: {i.Check}: {i.Text}")];
        return Statement([Subject(archive.Name, archive.Sha256)], TestResult, new JsonObject
        {
            ["result"] = skipped.Length == 0 ? "PASSED" : "WARNED",
            ["configuration"] = new JsonArray([.. runs.Select(r => (JsonNode)new JsonObject { ["name"] = $"runs/{r.Id}/experiment.yaml", ["mediaType"] = "application/yaml" })]),
            ["passedTests"] = new JsonArray(checks),
            ["warnedTests"] = new JsonArray(skipped),
            ["failedTests"] = new JsonArray(),
            ["verdicts"] = new JsonArray([.. verdicts.Select(v => (JsonNode)new JsonObject { ["run"] = v.Id, ["tone"] = v.Verdict.Tone.ToString(), ["headline"] = v.Verdict.Headline })]),
            ["verifier"] = new JsonObject { ["id"] = "regatta verify", ["version"] = ReportNumbers.ProgramVersion },
            ["claimedTime"] = claimed.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        });
    }

    /// <summary>What an image was built from: SLSA provenance v1.</summary>
    public static string OfImage(string name, ImageFacts image, ProgramFacts? program)
    {
        var dependencies = new JsonArray();
        if (image.LockHash is { } hash) dependencies.Add(Subject($"images/locks/{name}.lock.json", hash));
        foreach (var payload in (image.Payloads ?? []).Where(p => p.Sha256 is not null)) dependencies.Add(Subject($"{payload.Name} {payload.Version}".TrimEnd(), payload.Sha256!));
        return Statement([Subject($"{name}/rootfs.tar", image.Hash!)], Provenance, new JsonObject
        {
            ["buildDefinition"] = new JsonObject
            {
                ["buildType"] = "urn:regatta:build:image:v1",
                ["externalParameters"] = new JsonObject { ["image"] = name },
                ["resolvedDependencies"] = dependencies,
            },
            ["runDetails"] = new JsonObject
            {
                ["builder"] = new JsonObject { ["id"] = "urn:regatta:builder:nix", ["version"] = new JsonObject { ["regatta"] = program?.Version ?? "unknown" } },
            },
        });
    }

    /// <summary>What a statement says; null when it is none.</summary>
    public static (string Predicate, ImmutableArray<(string Name, string Sha256)> Subjects, JsonObject Content)? Read(string text)
    {
        try
        {
            if (JsonNode.Parse(text) is not JsonObject statement || (string?)statement["_type"] != Type || (string?)statement["predicateType"] is not { } predicate || statement["subject"] is not JsonArray subjects) return null;
            return (predicate, [.. subjects.OfType<JsonObject>().Select(s => ((string?)s["name"] ?? "", (string?)s["digest"]?["sha256"] ?? ""))], statement["predicate"] as JsonObject ?? []);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Statement(JsonNode[] subjects, string predicateType, JsonObject predicate) => new JsonObject
    {
        ["_type"] = Type,
        ["subject"] = new JsonArray(subjects),
        ["predicateType"] = predicateType,
        ["predicate"] = predicate,
    }.ToJsonString();

    private static JsonObject Subject(string name, string sha256) => new() { ["name"] = name, ["digest"] = new JsonObject { ["sha256"] = sha256 } };
}
