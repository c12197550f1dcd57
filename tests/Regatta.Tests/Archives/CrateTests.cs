using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Regatta.Tests.Archives;

/// <summary>
/// The metadata of an archive held to the rules of RO-Crate 1.3 and of Workflow Run Crate 0.6, as the specification and the profiles of rocrate-validator 0.11
/// have them (<c>ro-crate/1.2</c>, <c>workflow-ro-crate</c>, <c>process-run-crate</c>, <c>workflow-run-crate</c>: every rule of MUST, and of SHOULD all but the agent where no author was given).
/// </summary>
public sealed partial class CrateTests : ArchiveTests
{
    private static readonly string[] Profiles = ["https://w3id.org/ro/wfrun/process/0.6", "https://w3id.org/ro/wfrun/workflow/0.6", "https://w3id.org/workflowhub/workflow-ro-crate/1.1"];

    [Fact]
    public async Task The_descriptor_and_the_root_say_what_they_must()
    {
        var (crate, _) = await CrateAsync("--license", "CC-BY-4.0", "--author", "Ada Lovelace https://orcid.org/0000-0002-1825-0097");
        var descriptor = crate.Of("ro-crate-metadata.json");
        var root = crate.Of("./");

        Assert.Contains("https://w3id.org/ro/crate/1.3/context", crate.Context);
        Assert.Contains("CreativeWork", Crate.Types(descriptor));
        Assert.Equal("./", (string?)descriptor["about"]!["@id"]);
        Assert.Equal("https://w3id.org/ro/crate/1.3", (string?)descriptor["conformsTo"]!["@id"]);
        Assert.Contains("Dataset", Crate.Types(root));
        Assert.All(new[] { "name", "description", "datePublished", "license", "mainEntity" }, property => Assert.NotNull(root[property]));
        Assert.Matches(Time(), (string)root["datePublished"]!);
        Assert.Equal(Profiles, Crate.References(root["conformsTo"]));
        Assert.All(Profiles, id => Assert.Equal("CreativeWork", Assert.Single(Crate.Types(crate.Of(id)))));
        Assert.All(new[] { "name", "description" }, property => Assert.NotNull(crate.Of("https://spdx.org/licenses/CC-BY-4.0")[property]));
        Assert.Equal("Ada Lovelace", (string?)crate.Of("https://orcid.org/0000-0002-1825-0097")["name"]);
        Assert.All(crate.Typed("CreateAction"), action => Assert.Equal("https://orcid.org/0000-0002-1825-0097", (string?)action["agent"]!["@id"]));
    }

    [Fact]
    public async Task No_person_stands_in_it_who_was_not_named_and_no_licence_is_told_as_such()
    {
        var (crate, _) = await CrateAsync();

        Assert.Empty(crate.Typed("Person"));
        Assert.Contains("No licence was given", (string?)crate.Of("./")["license"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_identifier_stands_once_and_every_reference_leads_somewhere()
    {
        var (crate, _) = await CrateAsync();

        var twice = crate.Graph.GroupBy(e => (string)e["@id"]!).Where(g => g.Count() > 1).Select(g => g.Key);
        var nowhere = crate.Graph.SelectMany(e => e.Where(p => p.Key[0] != '@').SelectMany(p => Crate.References(p.Value)))
            .Where(id => crate.Find(id) is null && !id.StartsWith("https://w3id.org/ro/crate/", StringComparison.Ordinal));

        Assert.Empty(twice);
        Assert.Empty(nowhere);
    }

    [Fact]
    public async Task The_experiment_is_the_workflow()
    {
        var (crate, _) = await CrateAsync();
        var workflow = crate.Of((string)crate.Of("./")["mainEntity"]!["@id"]!);

        Assert.Equal(["File", "SoftwareSourceCode", "ComputationalWorkflow"], Crate.Types(workflow));
        Assert.All(new[] { "name", "version", "url" }, property => Assert.NotNull(workflow[property]));
        Assert.Contains("ComputerLanguage", Crate.Types(crate.Of((string)workflow["programmingLanguage"]!["@id"]!)));
        Assert.Null(workflow["input"]);
    }

    [Fact]
    public async Task The_run_and_every_trial_are_actions_with_all_that_they_should_say()
    {
        var (crate, _) = await CrateAsync();
        var actions = crate.Typed("CreateAction").ToList();

        Assert.Equal(13, actions.Count);
        Assert.Equal(actions.Select(a => (string)a["@id"]!), Crate.References(crate.Of("./")["mentions"]));
        foreach (var action in actions)
        {
            var instrument = Crate.Types(crate.Of((string)action["instrument"]!["@id"]!));
            Assert.Contains(instrument, type => type is "SoftwareApplication" or "ComputationalWorkflow");
            Assert.All(new[] { "name", "description", "object", "result" }, property => Assert.NotNull(action[property]));
            Assert.Matches(Time(), (string)action["startTime"]!);
            Assert.Matches(Time(), (string)action["endTime"]!);
            Assert.Equal("http://schema.org/CompletedActionStatus", (string?)action["actionStatus"]);
            Assert.Null(action["error"]);
            Assert.All(Crate.References(action["object"]).Concat(Crate.References(action["result"])), id => Assert.Contains(Crate.Types(crate.Of(id)), type => type is "File" or "Dataset" or "PropertyValue"));
        }

        var trial = crate.Of($"#trial-{Id}/fifo/1");
        Assert.Equal("slurm", (string?)crate.Of((string)trial["instrument"]!["@id"]!)["name"]);
        Assert.Contains($"runs/{Id}/trials/fifo/1/events.jsonl", Crate.References(trial["result"]));
        Assert.Contains(Crate.References(trial["object"]), id => id.StartsWith("workloads/", StringComparison.Ordinal));
        Assert.Contains("lxc, 2 workers, 8 processors", (string?)crate.Of($"#machines-{Id}/fifo/1")["value"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_program_and_language_has_a_name_a_page_and_one_version()
    {
        var (crate, _) = await CrateAsync();

        foreach (var program in crate.Typed("SoftwareApplication").Concat(crate.Typed("ComputerLanguage")))
        {
            Assert.All(new[] { "name", "url", "version" }, property => Assert.NotNull(program[property]));
            Assert.Null(program["softwareVersion"]);
        }
    }

    [Fact]
    public async Task Every_file_of_the_archive_stands_in_it_with_its_size_and_its_hash()
    {
        var (crate, directory) = await CrateAsync();
        var files = Directory.GetFiles(directory, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(directory, f))
            .Except(["ro-crate-metadata.json", "manifest-sha256.txt"]).Order(StringComparer.Ordinal).ToList();

        Assert.Equal(files, crate.Typed("File").Select(f => (string)f["@id"]!).Order(StringComparer.Ordinal));
        Assert.Equal(files, Crate.References(crate.Of("./")["hasPart"]));
        foreach (var file in crate.Typed("File"))
        {
            var bytes = await File.ReadAllBytesAsync(Path.Combine(directory, (string)file["@id"]!), Cancellation);
            Assert.Equal(bytes.Length.ToString(CultureInfo.InvariantCulture), (string?)file["contentSize"]);
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), (string?)file["sha256"]);
            Assert.NotNull(file["name"]);
            Assert.NotNull(file["encodingFormat"]);
        }
    }

    private async Task<(Crate Crate, string Directory)> CrateAsync(params string[] more)
    {
        var unpacked = Unpack(await ArchiveAsync(null, more));
        return (new Crate(JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(unpacked.Directory, "ro-crate-metadata.json"), Cancellation))!), unpacked.Directory);
    }

    [GeneratedRegex(@"^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}:\d{2}(\.\d{3})?\+\d{2}:\d{2})?$")]
    private static partial Regex Time();

    private sealed class Crate(JsonNode document)
    {
        public IEnumerable<string?> Context => document["@context"]!.AsArray().Select(c => (string?)c);

        public IReadOnlyList<JsonObject> Graph { get; } = [.. document["@graph"]!.AsArray().Select(e => e!.AsObject())];

        public JsonObject? Find(string id) => Graph.FirstOrDefault(e => (string?)e["@id"] == id);

        public JsonObject Of(string id) => Find(id) ?? throw new InvalidOperationException($"no entity is '{id}'");

        public IEnumerable<JsonObject> Typed(string type) => Graph.Where(e => Types(e).Contains(type));

        public static string[] Types(JsonObject entity) => entity["@type"] is JsonArray many ? [.. many.Select(t => (string)t!)] : [(string)entity["@type"]!];

        public static IEnumerable<string> References(JsonNode? value) => value switch
        {
            JsonArray many => many.SelectMany(References),
            JsonObject one when one["@id"] is { } id => [(string)id!],
            _ => [],
        };
    }
}
