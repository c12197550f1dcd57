using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Regatta.Analysis;
using Regatta.Runs;
using Regatta.Runs.Archives;
using Regatta.Workloads;
using static Regatta.Archives.Writing.CrateEntity;

namespace Regatta.Archives.Writing;

/// <summary>
/// The metadata of an archive as an RO-Crate 1.3 of the profile Workflow Run Crate 0.6: the experiment is a workflow, the run and each trial are actions with what they
/// used, took in and gave, every file stands with its size and its sha256.
/// </summary>
/// <param name="runs">The runs, at least one.</param>
/// <param name="content">What the archive says of itself.</param>
/// <param name="terms">Licence and author.</param>
internal sealed class CrateMetadata(IReadOnlyList<RecordedRun> runs, ArchiveContent content, ArchiveTerms terms)
{
    public const string FileName = "ro-crate-metadata.json";

    private const string Crate = "https://w3id.org/ro/crate/1.3", Language = "#experiment-language", Program = "#regatta";
    private const string FormatOfExperiments = "docs/configuration.md", FormatOfRuns = "docs/contracts.md";

    private static readonly JsonSerializerOptions Written = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly (string Id, string Name, string Version, string Description)[] Profiles =
    [
        ("https://w3id.org/ro/wfrun/process/0.6", "Process Run Crate", "0.6", "What was run, with what, from what and to what"),
        ("https://w3id.org/ro/wfrun/workflow/0.6", "Workflow Run Crate", "0.6", "The run of a workflow"),
        ("https://w3id.org/workflowhub/workflow-ro-crate/1.1", "Workflow RO-Crate", "1.1", "A crate around one workflow"),
    ];

    private static readonly (string Id, string Name, string Version, string Description) WorkflowProfile =
        ("https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE", "Bioschemas ComputationalWorkflow", "1.0-RELEASE", "What is said of a workflow");

    private static readonly Dictionary<string, string> Homepages = new(StringComparer.Ordinal)
    {
        ["slurm"] = "https://slurm.schedmd.com/",
        ["flux"] = "https://flux-framework.org/",
        ["kubernetes"] = "https://kubernetes.io/",
        ["volcano"] = "https://volcano.sh/",
    };

    private readonly List<JsonObject> _graph = [];
    private readonly List<string> _actions = [];

    /// <summary>The document.</summary>
    /// <param name="files">Every file of the archive that the crate describes, by name.</param>
    public string Document(IReadOnlyDictionary<string, ArchiveSource> files)
    {
        // A work and a profile: the profiles of runs ask for the one, the specification for the other.
        foreach (var (id, name, version, description) in Profiles.Append(WorkflowProfile)) _graph.Add(Of(id, ["CreativeWork", "Profile"], ("name", name), ("version", version), ("description", description)));
        _graph.Add(Of(Program, ["SoftwareApplication"], ("name", "Regatta"), ("url", To(ArchiveContent.FileName)), ("version", content.Program.Version ?? "unknown"), ("description", "Benchmarks batch schedulers on identical, reproducible clusters")));
        _graph.Add(Of(Language, ["ComputerLanguage"], ("name", "Regatta experiment (YAML)"), ("url", To(ArchiveContent.FileName)), ("version", content.Program.Version ?? "unknown"), ("description", $"The program's {FormatOfExperiments} describes it")));
        var schedulers = runs.SelectMany(r => r.Trials).Select(t => t.Trial.Record).Select(r => (r.Scheduler, r.SchedulerVersion)).Distinct().Order();
        foreach (var (scheduler, version) in schedulers)
        {
            _graph.Add(Of(SchedulerId(scheduler, version), ["SoftwareApplication"],
                ("name", scheduler == "reference" ? "Regatta's reference scheduler" : scheduler),
                ("url", Homepages.TryGetValue(scheduler, out var page) ? page : To(ArchiveContent.FileName)),
                ("version", version ?? content.Program.Version ?? "unknown"),
                ("description", scheduler == "reference" ? "Simulates a batch scheduler without overhead" : "The batch scheduler that was measured")));
        }

        foreach (var run in runs) AddRun(run, files);
        var workflows = runs.Select(r => Place(r, "experiment.yaml")).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, source) in files.Where(f => !workflows.Contains(f.Key))) _graph.Add(File(name, source, ["File"]));
        AddTerms();
        var root = Root(files.Keys.Concat(workflows).Distinct(StringComparer.Ordinal));
        var descriptor = Of(FileName, ["CreativeWork"], ("about", To("./")), ("conformsTo", To(Crate)));
        var document = new JsonObject
        {
            ["@context"] = new JsonArray("https://w3id.org/ro/crate/1.3/context", "https://w3id.org/ro/terms/workflow-run/context"),
            ["@graph"] = new JsonArray([descriptor, root, .. _graph]),
        };
        return document.ToJsonString(Written) + "\n";
    }

    private JsonObject Root(IEnumerable<string> files)
    {
        var names = string.Join(", ", runs.Select(r => r.Name).Distinct(StringComparer.Ordinal));
        var last = runs.SelectMany(r => r.Trials).Max(t => t.Trial.Record.Ended);
        return Of("./", ["Dataset"],
            ("name", $"Benchmark of batch schedulers: {names} ({string.Join(", ", runs.Select(r => r.Id))})"),
            ("description", $"{(runs.Count == 1 ? "A run" : $"{runs.Count} runs")} of Regatta with every event of every job, the jobs, the plan, the environment and the report. 'regatta verify' recomputes the report from the events; {FormatOfRuns} of the program describes the files."),
            ("datePublished", Time(last)),
            ("license", terms.License is null ? ArchiveTerms.NoLicense : To(terms.LicenseId!)),
            ("author", terms.Author is null ? null : To(terms.AuthorId!)),
            ("publisher", terms.Author is null ? null : To(terms.AuthorId!)),
            ("conformsTo", To(Profiles.Select(p => p.Id))),
            ("mainEntity", To(Id(Place(runs[0], "experiment.yaml")))),
            ("mentions", To(_actions)),
            ("hasPart", To(files.Order(StringComparer.Ordinal).Select(Id))));
    }

    private void AddRun(RecordedRun run, IReadOnlyDictionary<string, ArchiveSource> files)
    {
        var experiment = Place(run, "experiment.yaml");
        var records = run.Trials.Select(t => t.Trial.Record).ToList();
        if (files.TryGetValue(experiment, out var source))
        {
            var workflow = File(experiment, source, ["File", "SoftwareSourceCode", "ComputationalWorkflow"]);
            workflow["name"] = $"Experiment {run.Name}";
            workflow["description"] = "Composed and resolved: every value that the run depends on";
            workflow["version"] = content.Program.Version ?? "unknown";
            workflow["url"] = To(ArchiveContent.FileName);
            workflow["programmingLanguage"] = To(Language);
            workflow["conformsTo"] = To(WorkflowProfile.Id);
            workflow["hasPart"] = To(records.Select(r => SchedulerId(r.Scheduler, r.SchedulerVersion)).Prepend(Program).Distinct(StringComparer.Ordinal));
            _graph.Add(workflow);
        }

        AddAction(Of(LocalId($"run-{run.Id}"), ["CreateAction"],
            ("name", $"Run {run.Id}"),
            ("description", $"{records.Count} trials of {run.Points.Length} points{(run.Overrides.IsEmpty ? "" : ", started with " + string.Join(' ', run.Overrides))}"),
            ("instrument", To(Id(experiment))),
            ("agent", terms.Author is null ? null : To(terms.AuthorId!)),
            ("startTime", Time(records.Min(r => r.Started))),
            ("endTime", Time(records.Max(r => r.Ended))),
            ("actionStatus", "http://schema.org/CompletedActionStatus"),
            ("object", To(content.Workloads.Where(w => w.Run == run.Id).Select(w => w.File).Concat(content.Locks.Select(l => l.File)).Append(Place(run, "plan.json")).Distinct(StringComparer.Ordinal).Where(files.ContainsKey).Select(Id))),
            ("result", To(files.Keys.Where(f => f.StartsWith(Place(run, "report/"), StringComparison.Ordinal)).Select(Id)))));
        foreach (var trial in run.Trials) AddTrial(run, trial, files);
    }

    private void AddTrial(RecordedRun run, RecordedTrial trial, IReadOnlyDictionary<string, ArchiveSource> files)
    {
        var record = trial.Trial.Record;
        var id = string.Create(CultureInfo.InvariantCulture, $"{record.Point}/{record.Repetition}");
        var machines = LocalId($"machines-{run.Id}/{id}");
        var nodes = record.Workers.IsEmpty ? "" : $": {string.Join(", ", record.Workers.Take(20))}{(record.Workers.Length > 20 ? ", …" : "")}";
        _graph.Add(Of(machines, ["PropertyValue"], ("name", "machines"),
            ("value", string.Create(CultureInfo.InvariantCulture, $"{record.Machines.Name()}, {record.Workers.Length} workers, {record.Processors} processors{nodes}{(record.Image is { } image ? "; image sha256 " + image : "")}")),
            ("description", "The machines that the trial ran on")));
        var place = Place(run, $"trials/{id}/");
        var workload = content.Workloads.FirstOrDefault(w => w.Run == run.Id && w.Point == record.Point && w.Seed == record.Seed)?.File;
        AddAction(Of(LocalId($"trial-{run.Id}/{id}"), ["CreateAction"],
            ("name", $"Trial {id} of {run.Id}"),
            ("description", $"{record.Scheduler} {record.SchedulerVersion}, profile {record.Profile}, on {record.Workload}; {trial.Audit.Verdict switch { TrialVerdict.Valid => "valid", TrialVerdict.ClientLimited => "limited by the client", _ => "invalid" }}".Replace("  ", " ", StringComparison.Ordinal)),
            ("instrument", To(SchedulerId(record.Scheduler, record.SchedulerVersion))),
            ("agent", terms.Author is null ? null : To(terms.AuthorId!)),
            ("startTime", Time(record.Started)),
            ("endTime", Time(record.Ended)),
            ("actionStatus", "http://schema.org/CompletedActionStatus"),
            ("object", To([.. workload is null ? Array.Empty<string>() : [Id(workload)], machines])),
            ("result", To(files.Keys.Where(f => f.StartsWith(place, StringComparison.Ordinal) && !f[place.Length..].Contains('/', StringComparison.Ordinal)).Select(Id)))));
    }

    private void AddAction(JsonObject action)
    {
        _actions.Add((string)action["@id"]!);
        _graph.Add(action);
    }

    private void AddTerms()
    {
        if (terms.License is { } license) _graph.Add(Of(terms.LicenseId!, ["CreativeWork"], ("name", license), ("description", "The licence of this archive"), ("url", terms.LicenseId)));
        if (terms.Author is { } author) _graph.Add(Of(terms.AuthorId!, ["Person"], ("name", author), ("description", "Named by whoever wrote this archive")));
    }

    private static JsonObject File(string name, ArchiveSource source, string[] types) => Of(Id(name), types,
        ("name", name), ("description", Description(name)), ("contentSize", source.Size.ToString(CultureInfo.InvariantCulture)), ("sha256", source.Sha256), ("encodingFormat", Format(name)));

    private static string Description(string name) => name.Split('/') switch
    {
        ["workloads", ..] => "Jobs that trials replayed, one a line",
        ["locks", ..] => "Lock file of an image: its packages with their versions and hashes",
        ["images", "packages", ..] => "A package that an image is built from",
        ["images", "payloads", ..] => "What is not in Debian and an image is built from",
        ["images", ..] => "How images are built",
        ["runs", _, "report", ..] => "The report",
        ["runs", _, "trials", _, _, TrialFiles.Events] => "Every event of every job of a trial",
        ["runs", _, "trials", _, _, TrialFiles.Jobs] => "The jobs of a trial, one a row",
        ["runs", _, "trials", _, _, TrialFiles.Audit] => "Whether a trial may be compared, and why not",
        ["runs", _, "trials", _, _, TrialFiles.Record] => "What a trial was",
        ["runs", _, "trials", ..] => "Log of a trial",
        ["runs", _, "plan.json"] => "The points and trials of a run",
        ["runs", _, "provenance.json"] => "Host, tools and images of a run",
        ["runs", _, "journal.jsonl"] => "What happened during a run",
        ["runs", ..] => "Part of a run directory",
        _ => "What this archive holds",
    };

    private static string LocalId(string name) => "#" + Id(name);

    private static string Format(string name) => Path.GetExtension(name) switch
    {
        ".json" => "application/json",
        ".jsonl" => "application/jsonl",
        ".yaml" or ".yml" => "application/yaml",
        ".parquet" => "application/vnd.apache.parquet",
        ".html" => "text/html",
        ".deb" => "application/vnd.debian.binary-package",
        ".tar" => "application/x-tar",
        _ => "text/plain",
    };

    private static string Place(RecordedRun run, string name) => $"runs/{run.Id}/{name}";

    private static string SchedulerId(string scheduler, string? version) => version is null ? $"#{scheduler}" : $"#{scheduler}-{Uri.EscapeDataString(version)}";
}
