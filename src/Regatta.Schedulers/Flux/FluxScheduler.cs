using System.Text.Json;
using System.Text.Json.Nodes;
using Regatta.Images;
using Regatta.Machines;
using Regatta.Workloads;

namespace Regatta.Schedulers.Flux;

/// <summary>Flux: one instance over all workers, led by the head, processors as resources, jobs of the instance's owner.</summary>
public sealed class FluxScheduler : IScheduler
{
    /// <inheritdoc/>
    public string Name => "flux";

    /// <inheritdoc/>
    public string Role => "flux";

    /// <inheritdoc/>
    public string Image => "flux";

    /// <inheritdoc/>
    public bool IsIn(ImageManifest image) => image.Holds("flux");

    /// <inheritdoc/>
    public string? VersionIn(ImageContents image) => image.PayloadVersion("flux");

    /// <inheritdoc/>
    public ImmutableArray<SchedulerProfile> Profiles => FluxProfiles.All;

    /// <inheritdoc/>
    public ImmutableArray<SchedulerSetting> CommonSettings => FluxProfiles.Common;

    /// <inheritdoc/>
    public ImmutableArray<string> Logs(NodeRole role) => [NodeLayout.FluxLog];

    /// <inheritdoc/>
    public ImmutableArray<SchedulerDaemon> Daemons(SchedulerOptions options) =>
        [new(DaemonRole.Controller, NodeRole.Head, "flux-broker-0", "flux"), new(DaemonRole.Node, NodeRole.Worker, "flux-broker", "flux")];

    /// <inheritdoc/>
    public string JobUser(SchedulerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        // Without signatures by munge, jobs are the instance owner's.
        return options.MultiUser ? NodeLayout.JobUser : "flux";
    }

    /// <inheritdoc/>
    public IEnumerable<Diagnostic> Check(SchedulerOptions options)
    {
        if (Profiles.All(p => p.Name != options.Profile)) yield return this.UnknownProfile(options.Profile);
        if (options.ProcessorsPerNode is < 1)
            yield return Diagnostic.Error("scheduler-processors", $"a node cannot offer {options.ProcessorsPerNode} processors") with { Help = "give at least 1, or nothing for as many as it has" };
        foreach (var fault in this.NeedsAll(options)) yield return fault;
        foreach (var (key, value) in options.Settings)
        {
            var table = key.Split('.')[0];
            if (FluxKeys.Made.Contains(key) || FluxKeys.Made.Contains(table))
                yield return Diagnostic.Error("flux-setting-made", $"Flux's {key} is made from the cluster and cannot be set");
            else if (!FluxKeys.Tables.Contains(table))
                yield return Diagnostic.Error("flux-setting-unknown", $"Flux's configuration has no table '{table}'") with { Help = Suggestion.Help(table, [.. FluxKeys.Tables.Order(StringComparer.Ordinal)]) };
            else if (table == key || key.EndsWith('.') || !key.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
                yield return Diagnostic.Error("flux-setting-key", $"'{key}' is not a key of Flux's configuration") with { Help = $"name a key of the table, such as {FluxProfiles.QueuePolicy}" };
            else if (value.Length == 0 || value.Any(char.IsControl) || Literal(value) is null)
                yield return Diagnostic.Error("flux-setting-value", $"Flux's {key} cannot be '{value.ReplaceLineEndings("\\n")}'") with { Help = "a value is a text, a number, true, false, or a list such as [\"queue-depth=8\"]" };
            else if (key == FluxProfiles.Scheduler && !FluxKeys.Schedulers.Contains(value))
                yield return Diagnostic.Error("flux-scheduler", $"Flux has no scheduler '{value}'") with { Help = Suggestion.Help(value, [.. FluxKeys.Schedulers.Order(StringComparer.Ordinal)]) };
            else if (key == FluxProfiles.QueuePolicy && !FluxKeys.Policies.ContainsKey(value))
                yield return Diagnostic.Error("flux-queue-policy", $"Fluxion has no queue policy '{value}'") with { Help = Suggestion.Help(value, [.. FluxKeys.Policies.Keys.Order(StringComparer.Ordinal)]) };
        }
    }

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, string> Settings(SchedulerOptions options)
    {
        Require(options);
        var settings = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var setting in CommonSettings.Concat(this.Profile(options).Settings)) settings[setting.Key] = setting.Value;
        foreach (var (key, value) in options.Settings) settings[key] = value;
        return settings.ToImmutable();
    }

    /// <inheritdoc/>
    public SchedulerTraits Traits(SchedulerOptions options)
    {
        Require(options);
        var settings = Settings(options);
        // What the user set decides, not what the profile meant.
        var profile = this.Profile(options).Traits;
        return profile with
        {
            Backfill = settings[FluxProfiles.Scheduler] switch
            {
                "sched-backfill" => Backfill.Easy,
                "sched-fluxion-qmanager" => FluxKeys.Policies[settings.GetValueOrDefault(FluxProfiles.QueuePolicy, "fcfs")],
                _ => Backfill.None,
            },
            TaskLaunch = options.MultiUser ? TaskLaunch.FluxShellByImp : profile.TaskLaunch,
            MungeSignature = options.MultiUser,
            VirtualTime = options.Virtual,
            Emulation = options.Emulated is { } nodes ? new NodeEmulation(nodes, EmulationKind.FakeResources) : null,
        };
    }

    /// <inheritdoc/>
    public Capacity Capacity(IEnumerable<(int Processors, long Memory)> workers, SchedulerOptions options) =>
        Schedulers.Capacity.Of(workers, options, (memory, processors) => memory / processors);

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, JsonNode?> Variables(Cluster cluster, SchedulerOptions options) =>
        ImmutableSortedDictionary<string, JsonNode?>.Empty
            .Add("flux_settings", new JsonObject(Settings(options).Select(s => KeyValuePair.Create(s.Key, (JsonNode?)Literal(s.Value)!))))
            .Add("flux_emulated_nodes", options.Emulated ?? 0)
            .Add("flux_emulated_processors", options.ProcessorsPerNode ?? cluster.Workers.Select(w => w.Processors).DefaultIfEmpty(1).Min())
            .Add("flux_multi_user", options.MultiUser)
            .AddRange(ClockVariables.Of(options))
            .Add("munge_key_file", ClusterSecret.FileOf(cluster, "munge.key"))
            .Add("flux_ready_timeout", cluster.ReadyTimeout(60, emulated: 240));

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, JsonNode?> Variables(Node node, SchedulerOptions options) =>
        node.Role == NodeRole.Head
            ? ImmutableSortedDictionary<string, JsonNode?>.Empty
            : ImmutableSortedDictionary<string, JsonNode?>.Empty.Add("flux_cores", options.ProcessorsPerNode ?? node.Processors);

    /// <inheritdoc/>
    public ImmutableArray<string>? Client(ClientKind kind, SchedulerOptions options) => kind switch
    {
        ClientKind.Queue => ["flux", "jobs", "-A"],
        ClientKind.Nodes => ["flux", "resource", "list"],
        ClientKind.History => ["flux", "jobs", "-A", "-a"],
        ClientKind.Job => ["flux", "job", "eventlog", ClientStream.JobWord],
        ClientKind.Submit => ["flux", "submit", "--urgency=hold", "--nslots=1", "--job-name=regatta-clients", "true"],
        // A step is a job of an instance of its own, which jobs of a workload do not start.
        _ => null,
    };

    /// <inheritdoc/>
    public ImmutableArray<string> UndoClients => ["flux", "pkill", "name:regatta-clients"];

    /// <inheritdoc/>
    public string? ClientUser(SchedulerOptions options) => JobUser(options);

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, string> AgentOptions(Cluster cluster, SchedulerOptions options)
    {
        var agent = ImmutableSortedDictionary<string, string>.Empty;
        if (options.Emulated is not null) agent = agent.Add("simulate", "true");
        // A payload is where it was built for.
        if (ClusterImage.Of(cluster)?.Payloads.FirstOrDefault(p => p.Name == "flux") is { } payload) agent = agent.Add("prefix", payload.Prefix);
        return options.MultiUser ? agent.Add("user", "regatta") : agent;
    }

    /// <summary>A value as TOML writes it: a text that is none of TOML's other values is quoted; null for a list that cannot be read.</summary>
    private static string? Literal(string text)
    {
        if (text is "true" or "false" || double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _)) return text;
        if (!text.StartsWith('[')) return JsonValue.Create(text).ToJsonString();
        try
        {
            return JsonNode.Parse(text)!.ToJsonString();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void Require(SchedulerOptions options)
    {
        var faults = Check(options).ToList();
        if (faults.Count > 0) throw new DiagnosticException(faults);
    }
}
