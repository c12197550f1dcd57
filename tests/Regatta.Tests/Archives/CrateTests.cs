using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Regatta.Tests.Archives;

/// <summary>
/// The metadata of an archive held to the rules of RO-Crate 1.3 and of Workflow Run Crate 0.6, as the specification and the profiles of rocrate-validator
/// have them (<c>ro-crate/1.2</c>, <c>workflow-ro-crate</c>, <c>process-run-crate</c>, <c>workflow-run-crate</c>): every rule of MUST and SHOULD that speaks of what an archive has. Left out are
/// those of web pages, places, organizations, formal parameters and containers, of which there are none, a person's affiliation and contact, and the address of the 1.2 context, since ours is 1.3.
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
        Assert.All(Profiles, id => Assert.Equal(["CreativeWork", "Profile"], Crate.Types(crate.Of(id))));
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

    /// <summary>The further rules, by the words of the validator's messages: which entities break each.</summary>
    private static readonly (string Rule, Func<Crate, IEnumerable<JsonObject>> Broken)[] Rules =
    [
        // ro-crate/1.2, must
        ("the file descriptor is flattened", c => c.Graph.Where(e => !e.Where(p => p.Key[0] != '@').All(p => IsFlat(p.Value)))),
        ("an entity has an @id and a @type", c => c.Graph.Where(e => e["@id"] is null || e["@type"] is null)),
        ("conformsTo of the root references Profile entities", c => Crate.References(c.Of("./")["conformsTo"]).Select(c.Of).Where(e => !Crate.Types(e).Contains("Profile"))),
        ("publisher of the root is an Organization or a Person", c => Crate.References(c.Of("./")["publisher"]).Select(c.Of).Where(e => !Crate.Types(e).Any(t => t is "Organization" or "Person"))),
        ("a data entity is linked to the root through hasPart", c => c.Typed("File").Where(e => !Crate.References(c.Of("./")["hasPart"]).Contains((string)e["@id"]!))),
        ("a data entity of a payload file has a relative @id without a leading slash", c => c.Typed("File").Where(e => ((string)e["@id"]!)[0] == '/' || ((string)e["@id"]!).Contains("://", StringComparison.Ordinal))),
        ("a SoftwareApplication or ComputerLanguage has name, url and version", c => c.Typed("SoftwareApplication").Concat(c.Typed("ComputerLanguage")).Where(e => Lacks(e, "name", "url", "version"))),
        ("a workflow is a File and SoftwareSourceCode and has a name", c => c.Typed("ComputationalWorkflow").Where(e => !Crate.Types(e).Contains("File") || !Crate.Types(e).Contains("SoftwareSourceCode") || Lacks(e, "name"))),
        ("a contextual entity has a name", c => c.Graph.Where(e => (string)e["@id"]! != "ro-crate-metadata.json" && Lacks(e, "name"))),
        // ro-crate/1.2, should
        ("the descriptor has a single conformsTo that begins with the specification's address", c => c.Graph.Where(e => (string)e["@id"]! == "ro-crate-metadata.json" && ((string?)e["conformsTo"]?["@id"])?.StartsWith("https://w3id.org/ro/crate/", StringComparison.Ordinal) != true)),
        ("an @id has no ../ and no encoded letters beyond ASCII", c => c.Graph.Where(e => ((string)e["@id"]!).Contains("../", StringComparison.Ordinal) || EncodedLetter().IsMatch((string)e["@id"]!))),
        ("the @id of a contextual entity is absolute or begins with #", c => c.Graph.Where(e => !Crate.Types(e).Contains("File") && !AbsoluteOrLocal().IsMatch((string)e["@id"]!))),
        ("datePublished is as precise as a day", c => c.Graph.Where(e => (string)e["@id"]! == "./" && !Day().IsMatch((string)e["datePublished"]!))),
        ("a data entity has a description and a contentSize", c => c.Typed("File").Where(e => Lacks(e, "description", "contentSize"))),
        ("an encodingFormat is a media type", c => c.Typed("File").Where(e => !MediaType().IsMatch((string)e["encodingFormat"]!))),
        ("a contextual entity has a description", c => c.Graph.Where(e => (string)e["@id"]! != "ro-crate-metadata.json" && Lacks(e, "description"))),
        ("a contextual entity is referenced by others", c => c.Graph.Where(e => !c.Graph.Any(o => o != e && o.Any(p => Crate.References(p.Value).Contains((string)e["@id"]!))) && (string)e["@id"]! != "ro-crate-metadata.json")),
        ("a license is a CreativeWork with an absolute address, a name and a description", c => Crate.References(c.Of("./")["license"]).Select(c.Of).Where(e => !Crate.Types(e).Contains("CreativeWork") || !((string)e["@id"]!).StartsWith("https://", StringComparison.Ordinal) || Lacks(e, "name", "description"))),
        ("the root has a publisher, a Person with an ORCID and a name", c => Crate.References(c.Of("./")["publisher"]).DefaultIfEmpty("./").Select(c.Of).Where(e => !((string)e["@id"]!).StartsWith("https://orcid.org/", StringComparison.Ordinal) || Lacks(e, "name"))),
        ("programmingLanguage references a ComputerLanguage", c => c.Typed("SoftwareSourceCode").Where(e => !Crate.Types(c.Of((string)e["programmingLanguage"]!["@id"]!)).Contains("ComputerLanguage"))),
        ("a workflow conforms to a versioned profile of Bioschemas", c => c.Typed("ComputationalWorkflow").Where(e => !Bioschemas().IsMatch((string?)e["conformsTo"]?["@id"] ?? ""))),
        // workflow-ro-crate, must
        ("mainEntity of the root is the main workflow", c => c.Graph.Where(e => (string)e["@id"]! == "./" && !Crate.Types(c.Of((string)e["mainEntity"]!["@id"]!)).Contains("ComputationalWorkflow"))),
        // process-run-crate and workflow-run-crate, must
        ("the root conforms to Process Run Crate and Workflow Run Crate by versioned addresses", c => c.Graph.Where(e => (string)e["@id"]! == "./" && !(References(e, "https://w3id.org/ro/wfrun/process/") && References(e, "https://w3id.org/ro/wfrun/workflow/")))),
        ("profiles of runs are CreativeWorks", c => Crate.References(c.Of("./")["conformsTo"]).Select(c.Of).Where(e => !Crate.Types(e).Contains("CreativeWork"))),
        ("an action has an instrument that is a program or a workflow", c => c.Typed("CreateAction").Where(e => !Crate.Types(c.Of((string)e["instrument"]!["@id"]!)).Any(t => t is "SoftwareApplication" or "SoftwareSourceCode" or "ComputationalWorkflow"))),
        ("input and output of a workflow are FormalParameters", c => c.Typed("ComputationalWorkflow").SelectMany(e => Crate.References(e["input"]).Concat(Crate.References(e["output"]))).Select(c.Of).Where(e => !Crate.Types(e).Contains("FormalParameter"))),
        // process-run-crate, should
        ("the root conforms to Workflow RO-Crate, too", c => c.Graph.Where(e => (string)e["@id"]! == "./" && !References(e, "https://w3id.org/workflowhub/workflow-ro-crate/"))),
        ("an application has one of version and softwareVersion", c => c.Typed("SoftwareApplication").Where(e => e["version"] is null == e["softwareVersion"] is null)),
        ("an action is mentioned by the root, and has name, description, endTime and result", c => c.Typed("CreateAction").Where(e => !Crate.References(c.Of("./")["mentions"]).Contains((string)e["@id"]!) || Lacks(e, "name", "description", "endTime", "result"))),
        ("times of an action are ISO 8601 as the profile has it", c => c.Typed("CreateAction").Where(e => !Time().IsMatch((string)e["endTime"]!) || !Time().IsMatch((string)e["startTime"]!))),
        ("an action has an agent that is a Person or an Organization", c => c.Typed("CreateAction").Where(e => e["agent"] is not { } agent || !Crate.Types(c.Of((string)agent["@id"]!)).Contains("Person"))),
        ("an action that did not fail names no error", c => c.Typed("CreateAction").Where(e => (string)e["actionStatus"]! != "http://schema.org/CompletedActionStatus" || e["error"] is not null)),
        ("object and result are files, datasets, works or values", c => c.Typed("CreateAction").Where(e => Crate.References(e["object"]).Concat(Crate.References(e["result"])).Any(id => !Crate.Types(c.Of(id)).Any(t => t is "File" or "Dataset" or "CreativeWork" or "Collection" or "PropertyValue")))),
    ];

    public static TheoryData<string> RuleNames => [.. Rules.Select(r => r.Rule)];

    [Theory]
    [MemberData(nameof(RuleNames))]
    public async Task Holds_the_rule(string rule)
    {
        var (crate, _) = await CrateAsync("--license", "CC-BY-4.0", "--author", "Ada Lovelace https://orcid.org/0000-0002-1825-0097");

        Assert.Empty(Rules.Single(r => r.Rule == rule).Broken(crate).Select(e => (string?)e["@id"]));
    }

    [Fact]
    public void A_rule_that_is_broken_is_noticed()
    {
        var crate = new Crate(JsonNode.Parse("""
            {"@context": [], "@graph": [
              {"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"}},
              {"@id": "./", "@type": "Dataset", "datePublished": "2026", "conformsTo": {"@id": "https://example.org/p"}, "publisher": {"@id": "#x"}, "license": {"@id": "#x"}, "mainEntity": {"@id": "a/../b"}},
              {"@id": "https://example.org/p", "@type": "Thing"}, {"@id": "#x", "@type": "Thing", "more": {"deep": 1}},
              {"@id": "a/../b", "@type": ["File", "SoftwareSourceCode"], "programmingLanguage": {"@id": "#x"}, "encodingFormat": "json"},
              {"@id": "w%C3%A4", "@type": "ComputationalWorkflow", "input": {"@id": "#x"}}, {"@id": "s", "@type": "SoftwareApplication"}, {"@id": "/f", "@type": "File", "encodingFormat": "x"},
              {"@id": "#a", "@type": "CreateAction", "instrument": {"@id": "#x"}, "object": {"@id": "#x"}, "startTime": "now", "endTime": "then", "actionStatus": "Failed", "error": "no"}
            ]}
            """)!);

        Assert.All(Rules.Where(r => r.Rule != "an entity has an @id and a @type"), rule => Assert.NotEmpty(rule.Broken(crate)));
    }

    private static bool Lacks(JsonObject entity, params string[] properties) => properties.Any(p => entity[p] is null);

    private static bool References(JsonObject root, string profile) => Crate.References(root["conformsTo"]).Any(id => id.StartsWith(profile, StringComparison.Ordinal));

    private static bool IsFlat(JsonNode? value) => value switch
    {
        JsonArray many => many.All(IsFlat),
        JsonObject one => one.Count == 1 && one["@id"] is not null,
        _ => true,
    };

    private async Task<(Crate Crate, string Directory)> CrateAsync(params string[] more)
    {
        var unpacked = Unpack(await ArchiveAsync(null, more));
        return (new Crate(JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(unpacked.Directory, "ro-crate-metadata.json"), Cancellation))!), unpacked.Directory);
    }

    [GeneratedRegex(@"^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}:\d{2}(\.\d{3})?\+\d{2}:\d{2})?$")]
    private static partial Regex Time();

    [GeneratedRegex(@"%[89A-F][0-9A-F]")]
    private static partial Regex EncodedLetter();

    [GeneratedRegex(@"^(#|_:|[a-z][a-z0-9+.-]*:|\./$|ro-crate-metadata\.json$)")]
    private static partial Regex AbsoluteOrLocal();

    [GeneratedRegex(@"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")]
    private static partial Regex Day();

    [GeneratedRegex(@"^(\w*)\/(\w[\w\.-]*)(?:\+(\w[\w\.-]*))?(?:;(\w+=[^;]+))*$")]
    private static partial Regex MediaType();

    [GeneratedRegex(@"^https://bioschemas\.org/profiles/ComputationalWorkflow/[1-9]")]
    private static partial Regex Bioschemas();

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
