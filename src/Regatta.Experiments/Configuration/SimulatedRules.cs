using Regatta.Schedulers.Slurm;
using Regatta.Schedulers.Slurm.Policy;
using Regatta.Simulation;
using Regatta.Simulation.Priorities;

namespace Regatta.Experiments.Configuration;

/// <summary>
/// The policy of an experiment as the reference scheduler simulates it. That of a site counts as a whole where <c>scheduler.slurm.accounting</c> is set, and otherwise its partitions alone,
/// as on Slurm; without any of it there are no rules.
/// </summary>
internal static class SimulatedRules
{
    private const string PreemptType = "PreemptType", PreemptMode = "PreemptMode", PriorityType = "PriorityType", Licenses = "Licenses";

    /// <summary>Whether a policy beyond partitions is simulated.</summary>
    public static bool There(Experiment experiment)
    {
        var section = experiment.Scheduler.Slurm;
        if (section.Accounting || section.Reservations.Count > 0 || experiment.Cluster.Gpus.Count > 0) return true;
        if (experiment.Site is not null) return false;
        var settings = Settings(experiment, SlurmPolicy.None);
        return settings.GetValueOrDefault(PreemptType, "preempt/none") != "preempt/none" || settings.GetValueOrDefault(PriorityType) == "priority/multifactor" || settings.ContainsKey(Licenses)
            || (SimulatedPartitions.Of(experiment) is { } partitions && partitions.Shared(experiment.Machine().Nodes).Length > 0);
    }

    /// <summary>The rules; null for none.</summary>
    /// <exception cref="DiagnosticException">Something of the policy cannot be read.</exception>
    public static ReferenceRules? Of(Experiment experiment)
    {
        if (!There(experiment)) return null;
        var policy = SlurmPolicies.Of(experiment);
        var settings = Settings(experiment, policy);
        var accounted = policy.Accounting;
        // Whoever takes the limits out has none, and accounts and priorities all the same.
        var limited = !settings.GetValueOrDefault("AccountingStorageEnforce", "").Split(',').Contains("-limits", StringComparer.OrdinalIgnoreCase);
        return new ReferenceRules
        {
            Gpus = new(experiment.Gpus()),
            Licenses = new(SlurmLimits.Licenses(settings.GetValueOrDefault(Licenses, ""))),
            Reservations = new(policy.Reservations.Select(Reservation)),
            Qos = new(accounted ? policy.Qos.Select(qos => SlurmLimits.Quality(qos, limited)) : []),
            Associations = new(accounted ? policy.Associations.Select(association => SlurmLimits.Association(association, limited)) : []),
            Preemption = settings.GetValueOrDefault(PreemptType) switch { "preempt/qos" => PreemptionBy.Qos, "preempt/partition_prio" => PreemptionBy.Partition, _ => PreemptionBy.None },
            Mode = Mode(settings.GetValueOrDefault(PreemptMode)) ?? PreemptionMode.Off,
            Requeues = settings.GetValueOrDefault("JobRequeue", "1") != "0",
            Priorities = settings.GetValueOrDefault(PriorityType) == "priority/multifactor" ? Priorities(settings) : null,
            Told = new(Told(policy, settings)),
        };
    }

    /// <summary>The settings of slurm.conf that decide, as far as the profile sets none of them: those of the site that need a database, then the user's own.</summary>
    public static ImmutableSortedDictionary<string, string> Settings(Experiment experiment, SlurmPolicy policy) =>
        policy.Settings.WithComparers(StringComparer.OrdinalIgnoreCase).SetItems(experiment.Scheduler.Settings.Where(s => s.Value is not null).Select(s => KeyValuePair.Create(s.Key, s.Value!)));

    /// <summary>What becomes of who is preempted; null where nothing is said, or what cannot be simulated.</summary>
    public static PreemptionMode? Mode(string? text) => text?.ToUpperInvariant().Split(',') is not { } words ? null
        : words.Contains("REQUEUE") ? PreemptionMode.Requeue : words.Contains("CANCEL") ? PreemptionMode.Cancel : words.Contains("OFF") ? PreemptionMode.Off : null;

    /// <summary>Nodes of jobs that are stopped are not simulated.</summary>
    public static Diagnostic? Suspension(Experiment experiment)
    {
        var policy = SlurmPolicies.Of(experiment);
        var settings = Settings(experiment, policy);
        if (settings.GetValueOrDefault(PreemptType, "preempt/none") == "preempt/none") return null;
        var modes = policy.Qos.Select(q => q.Settings.GetValueOrDefault(PreemptMode)).Concat(policy.Partitions.Select(p => p.Setting(PreemptMode))).Append(settings.GetValueOrDefault(PreemptMode));
        return modes.OfType<string>().Any(mode => mode.Contains("SUSPEND", StringComparison.OrdinalIgnoreCase))
            ? Diagnostic.Error("reference-suspend", "the reference scheduler cannot suspend jobs that are preempted") with { Help = "take PreemptMode CANCEL or REQUEUE, or scheduler=slurm" } : null;
    }

    private static IEnumerable<(string Name, string Value)> Told(SlurmPolicy policy, ImmutableSortedDictionary<string, string> settings)
    {
        foreach (var (key, value) in settings.Where(s => s.Key.StartsWith("Preempt", StringComparison.OrdinalIgnoreCase) || s.Key.StartsWith("Priority", StringComparison.OrdinalIgnoreCase) || s.Key.Equals(Licenses, StringComparison.OrdinalIgnoreCase))) yield return (key, value);
        if (policy.Accounting)
        {
            foreach (var qos in policy.Qos) yield return ("Qos." + qos.Name, Words(qos.Settings));
            foreach (var account in policy.Associations.Where(a => a.User is null)) yield return ("Account." + account.Account, Words(account.Settings));
        }

        foreach (var window in policy.Reservations) yield return ("Reservation." + window.Name, string.Create(CultureInfo.InvariantCulture, $"{Durations.Format(window.Start.TotalSeconds)} to {Durations.Format((window.Start + TimeSpan.FromMinutes(window.Minutes)).TotalSeconds)} on {window.Nodes}"));

        static string Words(ImmutableSortedDictionary<string, string> own) => string.Join(' ', own.Select(s => $"{s.Key}={s.Value}"));
    }

    private static ReferenceReservation Reservation(SlurmReservation reservation) =>
        new(reservation.Name, reservation.Start, reservation.Start + TimeSpan.FromMinutes(reservation.Minutes), reservation.Nodes?.ToString() ?? "") { Users = new(reservation.Users), Accounts = new(reservation.Accounts) };

    private static ReferencePriorities Priorities(ImmutableSortedDictionary<string, string> settings)
    {
        uint Weight(string factor) => settings.GetValueOrDefault("PriorityWeight" + factor) is { } text
            ? uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var weight) ? weight : throw SlurmLimits.Value("PriorityWeight" + factor, text, "it is a whole number, not negative") : 0;
        TimeSpan Time(string key, TimeSpan usual) => settings.GetValueOrDefault(key) is { } text ? SlurmTime.Of(text) ?? throw SlurmLimits.Value(key, text, "a time is minutes, hours:minutes:seconds, or days-hours, such as 7-0") : usual;
        // Slurm takes no less than a minute of either.
        TimeSpan Least(TimeSpan time) => time < TimeSpan.FromMinutes(1) ? TimeSpan.FromMinutes(1) : time;
        var halfLife = Time("PriorityDecayHalfLife", TimeSpan.FromDays(7));
        return new ReferencePriorities(
            new PriorityWeights
            {
                Age = Weight("Age"), Fairshare = Weight("Fairshare"), JobSize = Weight("JobSize"), Partition = Weight("Partition"), Qos = Weight("QOS"), MaxAge = Least(Time("PriorityMaxAge", TimeSpan.FromDays(7))),
                FavorSmall = new SlurmPartition("", null, settings).Is("PriorityFavorSmall"),
            },
            Least(Time("PriorityCalcPeriod", TimeSpan.FromMinutes(5))),
            halfLife == TimeSpan.Zero ? halfLife : Least(halfLife),
            !settings.GetValueOrDefault("PriorityFlags", "").Contains("NO_FAIR_TREE", StringComparison.OrdinalIgnoreCase));
    }
}
