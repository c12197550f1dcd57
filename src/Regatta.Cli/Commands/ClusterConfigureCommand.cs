using System.CommandLine;
using System.Text.Json.Serialization;
using Regatta.Ansible;
using Regatta.Cli.Terminal;
using Regatta.Experiments.Running;
using Regatta.Host;
using Regatta.Images;
using Regatta.Machines;
using Regatta.Schedulers;
using Regatta.Workloads;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta cluster configure</c>: makes the nodes of a cluster run jobs.</summary>
internal static class ClusterConfigureCommand
{
    private const string DefaultScheduler = "slurm";
    private const string DefaultProfile = "backfill";
    private const string Null = "null";

    public static Command Create(ITerminal terminal)
    {
        var name = ClusterChoice.Argument();
        var scheduler = new Option<string?>("--scheduler") { Description = "The scheduler: the one that the cluster has, else that of its image.", HelpName = "NAME" };
        var profile = new Option<string?>("--profile", "-p") { Description = "Its profile: the one that the cluster has, else backfill.", HelpName = "NAME" };
        var settings = new Option<string[]>("--set") { Description = "Change a setting of the profile, such as MinJobAge=30; Slurm's comma lists option by option, such as SchedulerParameters=bf_interval=5. KEY=null leaves it to Slurm's own default.", HelpName = "KEY=VALUE" };
        var processors = new Option<int?>("--processors") { Description = "Processors that each worker offers; as many as it has if not given.", HelpName = "N" };
        var emulated = new Option<int?>("--emulated") { Description = "Emulated nodes that take the workers' place, each with the processors of a worker; 0 for the workers themselves; as the cluster has it if not given.", HelpName = "N" };
        var multiUser = new Option<bool?>("--multi-user") { Description = "Jobs run as those who submit them, where that makes a difference (flux: munge and the IMP); as the cluster has it if not given.", HelpName = "true|false" };
        var virtualTime = new Option<bool?>("--virtual-time") { Description = "Slurm and its emulated nodes, all on the head, go by a virtual clock; as the cluster has it if not given.", HelpName = "true|false" };
        var check = new Option<bool>("--check") { Description = "Only says what would change; exit code 1 when something would." };
        var command = new Command("configure", "Configures the nodes and the scheduler; done when a job has run on every node.") { name, scheduler, profile, settings, processors, emulated, multiUser, virtualTime, check };
        command.SetAction(async (parsed, cancellation) =>
        {
            var emulation = Emulation(parsed.GetValue(emulated));
            var store = ClusterChoice.Store();
            var chosen = ClusterChoice.Name(store, parsed.GetValue(name));
            var cluster = store.Require(chosen);
            var known = ClusterConfiguration.Of(cluster);
            var race = KnownSchedulers.Find(parsed.GetValue(scheduler) ?? known?.Scheduler ?? KnownSchedulers.OfImage(ClusterImage.Of(cluster))?.Name ?? DefaultScheduler);
            var same = known is not null && known.Scheduler == race.Name;
            var given = parsed.GetValue(settings) is { Length: > 0 } words ? Parse(words) : null;
            var options = new SchedulerOptions(parsed.GetValue(profile) ?? (same ? known!.Profile : DefaultProfile))
            {
                Settings = given is not null ? Changed(given) : same ? known!.Settings : ImmutableSortedDictionary<string, string>.Empty,
                Without = given is not null ? Without(given) : same ? known!.Options.Without : [],
                ProcessorsPerNode = parsed.GetValue(processors) ?? (same ? known!.ProcessorsPerNode : null),
                Emulated = (emulation ?? (same ? known!.Emulated : null)) is > 0 and var nodes ? nodes : null,
                Virtual = parsed.GetValue(virtualTime) is { } asked ? (asked ? new VirtualTime(0, 1) : null) : same ? known!.Virtual : null,
                MultiUser = parsed.GetValue(multiUser) ?? (same && known!.MultiUser),
                Restart = !same || known!.Restart,
                Version = ClusterImage.Of(cluster) is { } image ? race.VersionIn(ImageContents.Of(image)) : null,
            };
            var faults = race.Check(options).ToList();
            if (faults.Exists(f => f.Severity == Severity.Error)) throw new DiagnosticException(faults);
            foreach (var warning in faults) terminal.Report(warning);

            // Held while the nodes are changed, so that nothing takes the cluster down or configures it meanwhile.
            using var held = store.Lock(chosen);
            var installation = Installation.OfProcess();
            var configurator = new ClusterConfigurator(installation.Playbooks, new PlaybookRunner(TimeProvider.System));
            var request = new ConfigurationRequest(cluster, race, options, Path.Combine(cluster.Directory, "configuration"));
            return await terminal.WatchAsync(async monitor =>
            {
                request = request with { AgentBinary = await new AgentBinary(installation).EnsureAsync(monitor, cancellation) };
                if (options.Virtual is not null) request = request with { Clock = await new ClockBinary(installation).EnsureAsync(monitor, cancellation) };
                return parsed.GetValue(check)
                    ? Show(terminal, await configurator.CheckAsync(request, monitor, cancellation), cluster)
                    : Show(terminal, await configurator.ConfigureAsync(request, monitor, cancellation), request);
            });
        });
        return command.WithExamples(
            "regatta cluster configure                           with the profile it has, else backfill",
            "regatta cluster configure lab --profile fifo        strict first come, first served",
            "regatta cluster configure --set MinJobAge=30        with a setting of your own",
            "regatta cluster configure k8s --scheduler volcano   Volcano, on nodes of the kubernetes image",
            "regatta cluster configure --emulated 1000           a thousand nodes that are not there",
            "regatta cluster configure --check                   whether something would change");
    }

    private static int Show(ITerminal terminal, ImmutableArray<PlaybookChange> changes, Cluster cluster)
    {
        foreach (var change in changes)
        {
            terminal.WriteJson("change", change, ConfigureJson.Default.PlaybookChange);
            terminal.WriteLine($"would change {change}");
        }

        terminal.WriteLine(changes.IsEmpty ? $"{cluster.Name} is as it should be." : $"{cluster.Name}: {Count(changes.Length)} would be made; 'regatta cluster configure' makes them.");
        return (int)(changes.IsEmpty ? ExitCode.Done : ExitCode.Failed);
    }

    private static int Show(ITerminal terminal, ConfiguredCluster configured, ConfigurationRequest request)
    {
        var shown = new ShownConfiguration(
            request.Cluster.Name, request.Scheduler.Name, configured.Version, request.Options.Profile, configured.Capacity.Processors,
            configured.Changes, configured.Settings, Math.Round(configured.Elapsed.TotalSeconds, 3));
        // What the image told was said before anything was changed.
        if (configured.Untested is { } untested && request.Options.Version is null) terminal.Report(untested);
        terminal.WriteJson("configuration", shown, ConfigureJson.Default.ShownConfiguration);
        terminal.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{shown.Cluster} runs jobs on every node: {shown.Scheduler} {shown.Version}, profile {shown.Profile}, {shown.Processors} processors; {Count(configured.Changes.Length)} in {shown.Seconds:0.0} s."));
        return (int)ExitCode.Done;
    }

    private static string Count(int changes) => changes switch
    {
        0 => "no change",
        1 => "1 change",
        _ => string.Create(CultureInfo.InvariantCulture, $"{changes} changes"),
    };

    private static int? Emulation(int? nodes) =>
        nodes is < 0 or > SchedulerOptions.MostEmulated
            ? throw new DiagnosticException(Diagnostic.Error("emulated-nodes", $"{nodes} nodes cannot be emulated") with { Help = $"from 1 to {SchedulerOptions.MostEmulated}, or 0 for the workers themselves" })
            : nodes;

    private static ImmutableSortedDictionary<string, string> Changed(Dictionary<string, string> given) =>
        given.Where(s => s.Value != Null).ToImmutableSortedDictionary(StringComparer.Ordinal);

    private static ImmutableSortedSet<string> Without(Dictionary<string, string> given) =>
        given.Where(s => s.Value == Null).Select(s => s.Key).ToImmutableSortedSet(StringComparer.OrdinalIgnoreCase);

    private static Dictionary<string, string> Parse(string[] given)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var word in given)
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1) throw new DiagnosticException(Diagnostic.Error("setting-syntax", $"'{word}' is no setting") with { Help = "write KEY=VALUE, such as MinJobAge=30" });
            settings[word[..equals]] = word[(equals + 1)..];
        }

        return settings;
    }
}

/// <summary>A configured cluster, as <c>--json</c> shows it.</summary>
internal sealed record ShownConfiguration(
    string Cluster,
    string Scheduler,
    string Version,
    string Profile,
    int Processors,
    ImmutableArray<PlaybookChange> Changes,
    ImmutableSortedDictionary<string, string> Settings,
    double Seconds);

/// <summary>JSON of this command.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ShownConfiguration))]
[JsonSerializable(typeof(PlaybookChange))]
internal sealed partial class ConfigureJson : JsonSerializerContext;
