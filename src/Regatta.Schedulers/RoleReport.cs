using System.Text.Json.Nodes;

namespace Regatta.Schedulers;

/// <summary>What a scheduler's role returns when a job has run on every node, as <c>regatta</c> in the result of its last task.</summary>
/// <param name="Version">The scheduler's version, as it says itself.</param>
/// <param name="Settings">The scheduler's own settings as they read back.</param>
/// <param name="Enforcement">What control groups hold jobs to: words with plus signs between them, or <c>none</c>.</param>
internal sealed record RoleReport(string Version, ImmutableSortedDictionary<string, string> Settings, string Enforcement)
{
    /// <summary>Reads it from what the tasks of a playbook reported.</summary>
    /// <param name="role">The role, for the diagnostic.</param>
    /// <param name="values">What was reported.</param>
    /// <exception cref="DiagnosticException">The role returned something else (<c>ansible-role-report</c>).</exception>
    public static RoleReport Read(string role, JsonObject values)
    {
        if (values["settings"] is not JsonObject settings) throw Fault(role, "settings", "a map of texts");
        return new RoleReport(
            Text(values["version"]) ?? throw Fault(role, "version", "a text"),
            settings.ToImmutableSortedDictionary(s => s.Key, s => Text(s.Value) ?? throw Fault(role, $"settings.{s.Key}", "a text")),
            Text(values["enforcement"]) ?? throw Fault(role, "enforcement", "a text"));
    }

    private static string? Text(JsonNode? value) => value is JsonValue scalar && scalar.TryGetValue<string>(out var text) ? text : null;

    private static DiagnosticException Fault(string role, string name, string expected) =>
        new(Diagnostic.Error("ansible-role-report", $"the role '{role}' did not report regatta.{name} as {expected}") with
        {
            Where = new SourceRange(Path.Combine("ansible", "ansible_collections", "regatta", "cluster", "roles", role)),
            Help = "its last task returns regatta: {version: text, settings: map of texts, enforcement: text}",
        });
}
