using System.Text.Json.Nodes;
using Regatta.Images;
using Regatta.Machines;
using Regatta.Schedulers.Slurm.Policy;
using Regatta.Workloads;

namespace Regatta.Schedulers;

/// <summary>What a scheduler is to an experiment. Adding one is one implementation, one Ansible role, one image and one driver of the agent.</summary>
public interface IScheduler
{
    /// <summary>Its name, as configurations and results call it: <c>slurm</c>.</summary>
    string Name { get; }

    /// <summary>The Ansible role that configures it, which has the playbooks <c>configure-ROLE.yml</c> and <c>reset-ROLE.yml</c>.</summary>
    string Role { get; }

    /// <summary>Name of the checkout's image that is taken where none is named; others may hold it as well.</summary>
    string Image { get; }

    /// <summary>Whether an image holds it, by the packages and payloads of its manifest.</summary>
    bool IsIn(ImageManifest image);

    /// <summary>Its version in an image, such as <c>24.11.5</c>, by the packages and payloads of its lock or manifest; null where they do not tell.</summary>
    string? VersionIn(ImageContents image);

    /// <summary>Says that a version was not tested; null for one that was, and where that makes no difference.</summary>
    Diagnostic? Untested(string version) => null;

    /// <summary>What is wrong with a build of the user's own in an image; null when nothing is.</summary>
    Diagnostic? Unfit(ImageContents image) => null;

    /// <summary>Its profiles.</summary>
    ImmutableArray<SchedulerProfile> Profiles { get; }

    /// <summary>The settings that all profiles share.</summary>
    ImmutableArray<SchedulerSetting> CommonSettings { get; }

    /// <summary>The scheduler's logs on a node, as absolute paths: they belong to the record of a trial.</summary>
    ImmutableArray<string> Logs(NodeRole role);

    /// <summary>Its daemons, by which faults name them.</summary>
    ImmutableArray<SchedulerDaemon> Daemons(SchedulerOptions options);

    /// <summary>Commands for a shell of root on the head that let a node take no new jobs, and take some again; null where that is not known.</summary>
    /// <param name="node">The node.</param>
    /// <param name="evict">What runs on it is put back into the queue as well.</param>
    (string Drain, string Resume)? Drain(string node, bool evict) => null;

    /// <summary>The user, and the group, that jobs run as on the nodes: only they may append to the stamps.</summary>
    string JobUser(SchedulerOptions options) => NodeLayout.JobUser;

    /// <summary>What is wrong with the options: an unknown profile or setting, a value that cannot be.</summary>
    IEnumerable<Diagnostic> Check(SchedulerOptions options);

    /// <summary>Memory that the head needs for the scheduler's daemons, in bytes.</summary>
    long HeadMemory(SchedulerOptions options) => 0;

    /// <summary>The scheduler's own settings under the options: the common ones, the profile's, then the user's.</summary>
    /// <exception cref="DiagnosticException">The options are wrong.</exception>
    ImmutableSortedDictionary<string, string> Settings(SchedulerOptions options);

    /// <summary>What matters in a comparison, under the names that all schedulers share.</summary>
    /// <exception cref="DiagnosticException">The options are wrong.</exception>
    SchedulerTraits Traits(SchedulerOptions options);

    /// <summary>What workers can run at once.</summary>
    /// <param name="workers">Processors and memory (bytes) of each worker.</param>
    /// <param name="options">How the scheduler is wanted.</param>
    Capacity Capacity(IEnumerable<(int Processors, long Memory)> workers, SchedulerOptions options);

    /// <summary>Ansible variables of all hosts.</summary>
    ImmutableSortedDictionary<string, JsonNode?> Variables(Cluster cluster, SchedulerOptions options);

    /// <summary>Ansible variables of one node.</summary>
    ImmutableSortedDictionary<string, JsonNode?> Variables(Node node, SchedulerOptions options);

    /// <summary>The command of a kind of clients; null where the scheduler has none, or not as it is wanted.</summary>
    ImmutableArray<string>? Client(ClientKind kind, SchedulerOptions options) => null;

    /// <summary>What takes back the jobs that clients submitted, which never ran; empty for nothing.</summary>
    ImmutableArray<string> UndoClients => [];

    /// <summary>The user that clients run as; null for root.</summary>
    string? ClientUser(SchedulerOptions options) => NodeLayout.JobUser;

    /// <summary>Options of the agent's driver, beyond what it assumes by itself.</summary>
    ImmutableSortedDictionary<string, string> AgentOptions(Cluster cluster, SchedulerOptions options) => ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>What every scheduler can be asked.</summary>
public static class SchedulerExtensions
{
    private const long MiB = 1024 * 1024;

    /// <summary>What a running cluster can run at once; of emulated nodes, as many as there are to be, each like the smallest worker.</summary>
    public static Capacity Capacity(this IScheduler scheduler, Cluster cluster, SchedulerOptions options) =>
        scheduler.Capacity(Emulated(cluster.Workers.Select(w => (w.Processors, w.Memory)), options), options);

    /// <summary>What a cluster that is wanted could run at once.</summary>
    public static Capacity Capacity(this IScheduler scheduler, ClusterSpec cluster, SchedulerOptions options) =>
        scheduler.Capacity(Emulated(cluster.Nodes.Where(n => n.Role == NodeRole.Worker).Select(w => (w.Processors, w.Memory)), options), options);

    /// <summary>What is wrong with a head of so many bytes; null when nothing is. One that is too small does not fail: it reads its own programs from the disk over and over.</summary>
    public static Diagnostic? CheckHead(this IScheduler scheduler, long memory, SchedulerOptions options)
    {
        var needed = scheduler.HeadMemory(options) / MiB;
        return memory / MiB >= needed ? null : Diagnostic.Error("cluster-head-memory", string.Create(CultureInfo.InvariantCulture, $"the head has {memory / MiB} MiB of memory, and {scheduler.Name} needs {needed} MiB there")) with
        {
            Help = string.Create(CultureInfo.InvariantCulture, $"cluster.head.memory={needed}MiB in an experiment, or regatta cluster up --memory {needed}"),
        };
    }

    /// <summary>Seconds that a scheduler may take until it runs jobs: on processors that are emulated everything takes several times as long.</summary>
    internal static int ReadyTimeout(this Cluster cluster, int seconds, int emulated) => cluster.Machines == MachineKind.QemuTcg ? emulated : seconds;

    /// <summary>The names of the nodes that jobs run on: the workers, or the emulated nodes.</summary>
    public static ImmutableArray<string> NodeNames(this Cluster cluster, SchedulerOptions options) =>
        options.Emulated is { } nodes ? EmulatedNames(nodes) : [.. cluster.Workers.Select(w => w.Name)];

    /// <summary>Schedulable processors of each worker where they differ; empty where all have the same, as emulated nodes do.</summary>
    public static ImmutableSortedDictionary<string, int> NodeProcessors(this Cluster cluster, SchedulerOptions options) =>
        options.Emulated is not null || options.ProcessorsPerNode is not null || cluster.Workers.DistinctBy(w => w.Processors).Take(2).Count() < 2
            ? ImmutableSortedDictionary<string, int>.Empty
            : cluster.Workers.ToImmutableSortedDictionary(w => w.Name, w => w.Processors, StringComparer.Ordinal);

    /// <summary>The names of emulated nodes, from <c>emulated0</c> on, on every scheduler.</summary>
    public static ImmutableArray<string> EmulatedNames(int nodes) =>
        [.. Enumerable.Range(0, nodes).Select(i => string.Create(CultureInfo.InvariantCulture, $"emulated{i}"))];

    private static IEnumerable<(int Processors, long Memory)> Emulated(IEnumerable<(int Processors, long Memory)> workers, SchedulerOptions options) =>
        options.Emulated is { } nodes && workers.OrderBy(w => w.Processors).Take(1).ToList() is [var smallest] ? Enumerable.Repeat(smallest, nodes) : workers;

    /// <summary>The profile of the options.</summary>
    /// <exception cref="DiagnosticException">There is none of that name.</exception>
    public static SchedulerProfile Profile(this IScheduler scheduler, SchedulerOptions options) =>
        scheduler.Profiles.FirstOrDefault(p => p.Name == options.Profile)
        ?? throw new DiagnosticException(UnknownProfile(scheduler, options.Profile));

    /// <summary>The settings that the options change in their profile, as they result; an empty text for one that is left to the scheduler's own default.</summary>
    /// <exception cref="DiagnosticException">The options are wrong.</exception>
    public static ImmutableSortedDictionary<string, string> Changes(this IScheduler scheduler, SchedulerOptions options)
    {
        var (profile, changed) = (scheduler.Settings(options with { Settings = ImmutableSortedDictionary<string, string>.Empty, Without = [], Policy = SlurmPolicy.None }), scheduler.Settings(options));
        return profile.Keys.Union(changed.Keys).Where(k => profile.GetValueOrDefault(k) != changed.GetValueOrDefault(k))
            .ToImmutableSortedDictionary(k => k, k => changed.GetValueOrDefault(k, ""), StringComparer.Ordinal);
    }

    /// <summary>Faults for settings that are to be left to the scheduler's own defaults, on a scheduler whose profile needs each of its settings.</summary>
    internal static IEnumerable<Diagnostic> NeedsAll(this IScheduler scheduler, SchedulerOptions options) => options.Without.Select(key =>
        Diagnostic.Error("scheduler-setting-null", $"{scheduler.Name}'s setting {key} cannot be null") with { Help = "give it a value, or leave it out for the profile's" });

    /// <summary>A profile that there is not.</summary>
    public static Diagnostic UnknownProfile(this IScheduler scheduler, string profile) =>
        Diagnostic.Error("scheduler-profile", $"{scheduler.Name} has no profile '{profile}'") with
        {
            Help = Suggestion.Help(profile, [.. scheduler.Profiles.Select(p => p.Name)]),
        };
}
