using System.Text.RegularExpressions;
using Regatta.Workloads;

namespace Regatta.Schedulers.Slurm.Policy;

/// <summary>Finds what contradicts itself in a policy, and between it and the jobs, before anything starts: slurmctld would ignore some of it and let jobs wait for ever.</summary>
public static partial class SlurmPolicyCheck
{
    private const string Accounts = "scheduler.slurm.accounts";
    private static readonly string[] PartitionQos = ["AllowQos", "DenyQos", "QOS"];

    /// <summary>What is wrong with the policy by itself.</summary>
    public static IEnumerable<Diagnostic> Policy(SlurmPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        if (!policy.Accounting)
        {
            if (!policy.Associations.IsEmpty || !policy.Qos.IsEmpty)
            {
                yield return Diagnostic.Warning("slurm-policy-unaccounted", "accounts and qualities of service have no effect without an accounting database") with
                {
                    Help = "scheduler.slurm.accounting=true makes one",
                };
            }
        }
        else
        {
            foreach (var fault in Names(policy).Concat(Tree(policy)).Concat(Qualities(policy))) yield return fault;
        }

        foreach (var (what, _) in Numbered(policy).Where(n => n.Nodes is null))
        {
            yield return Diagnostic.Error("slurm-node-numbers", $"{what} names its nodes by neither 'all' nor numbers from 1 on") with { Help = "write nodes: 1-2,4" };
        }

        foreach (var reservation in policy.Reservations.Where(r => r.Duration != TimeSpan.FromMinutes(r.Minutes)))
        {
            yield return Diagnostic.Warning("slurm-reservation-minutes", string.Create(CultureInfo.InvariantCulture, $"the reservation '{reservation.Name}' lasts {reservation.Minutes} min, and not {reservation.Duration.TotalSeconds:0.###} s: Slurm counts whole minutes")) with
            {
                Help = $"write duration: {reservation.Minutes}m",
            };
        }
    }

    /// <summary>Settings of preemption that slurmctld refuses, or that make something else of it than they say.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="settings">The settings of slurm.conf as they result.</param>
    public static IEnumerable<Diagnostic> Preemption(SlurmPolicy policy, IReadOnlyDictionary<string, string> settings)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(settings);
        var type = settings.GetValueOrDefault("PreemptType", "preempt/none");
        var mode = settings.GetValueOrDefault("PreemptMode", "OFF").ToUpperInvariant().Split(',');
        var preempts = type != "preempt/none";
        var suspends = preempts && mode.Contains("SUSPEND");
        if (suspends)
            yield return Shared("jobs that Slurm suspends hold their processors in the records, and their run times go on meanwhile", "judge by waits alone, and expect trials that are called overcommitted; CANCEL and REQUEUE are measured in full");
        var forced = policy.Partitions.Where(p => p.Settings.GetValueOrDefault("OverSubscribe")?.StartsWith("FORCE", StringComparison.OrdinalIgnoreCase) == true).Select(p => $"'{p.Name}'").ToList();
        if (!suspends && forced.Count > 0 && policy.Partitions.Length > 1)
            yield return Shared($"OverSubscribe=FORCE of {string.Join(" and ", forced)} gives the processors of running jobs to those of other partitions, which then preempt nobody", "leave OverSubscribe out, or take PreemptMode=SUSPEND,GANG, which needs it");
        if (!preempts && mode.Any(m => m is not ("OFF" or "GANG")))
            yield return Preempt($"PreemptMode={settings["PreemptMode"]} needs a PreemptType, and there is none", "set PreemptType to preempt/qos or preempt/partition_prio as well");
        if (!preempts) yield break;
        if (mode.Contains("OFF") || mode is ["GANG"])
            yield return Preempt($"PreemptType={type} needs a PreemptMode, and it is {settings.GetValueOrDefault("PreemptMode", "OFF")}", "set PreemptMode to CANCEL, REQUEUE or SUSPEND,GANG as well");
        if (mode.Contains("SUSPEND") && !mode.Contains("GANG"))
            yield return Preempt("PreemptMode=SUSPEND needs GANG, which resumes what was suspended", "write PreemptMode: SUSPEND,GANG");
        if (type == "preempt/qos" && !policy.Accounting)
            yield return Preempt("PreemptType=preempt/qos needs qualities of service, and there is no accounting database", "set scheduler.slurm.accounting=true, or take preempt/partition_prio");
        var requeues = mode.Contains("REQUEUE") || policy.Qos.Any(q => q.Settings.Any(s => s.Key.Equals("PreemptMode", StringComparison.OrdinalIgnoreCase) && s.Value.Equals("requeue", StringComparison.OrdinalIgnoreCase)));
        if (requeues && settings.GetValueOrDefault("JobRequeue", "1") == "0")
            yield return Preempt("PreemptMode=REQUEUE under JobRequeue=0 cancels the jobs that it preempts", "set JobRequeue to 1 as well");
    }

    private static Diagnostic Shared(string text, string help) => Diagnostic.Warning("slurm-shared-processors", text) with { Help = help };

    /// <summary>Partitions and reservations that have none of the nodes, and nodes that no partition has.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="nodes">How many nodes there are.</param>
    public static IEnumerable<Diagnostic> Nodes(SlurmPolicy policy, int nodes)
    {
        ArgumentNullException.ThrowIfNull(policy);
        foreach (var (what, numbers) in Numbered(policy))
        {
            if (numbers is null || numbers.Ranges.IsEmpty || numbers.Ranges.Any(range => range.First <= nodes)) continue;
            yield return Diagnostic.Error("slurm-partition-empty", $"{what} has no nodes: it begins at number {numbers.Ranges.Min(range => range.First)}, and there are {nodes}") with
            {
                Help = "name numbers up to that of cluster.workers or cluster.emulated, or all",
            };
        }

        if (policy.Partitions.IsEmpty || policy.Partitions.Any(p => p.Nodes is null)) yield break;
        if (Enumerable.Range(0, nodes).Where(place => !policy.Partitions.Any(p => p.Nodes!.Holds(place))).ToList() is { Count: > 0 } idle)
        {
            yield return Diagnostic.Warning("slurm-nodes-idle", $"{idle.Count} of {nodes} nodes are in no partition and run no job, from number {idle[0] + 1} on") with
            {
                Help = "name them in a partition; those of a site cover the nodes that 'regatta site import --nodes' made",
            };
        }
    }

    /// <summary>Jobs that Slurm would refuse, or keep waiting for ever.</summary>
    public static IEnumerable<Diagnostic> Jobs(SlurmPolicy policy, IReadOnlyCollection<Job> jobs)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(jobs);
        if (!policy.Partitions.IsEmpty)
        {
            var partitions = policy.Partitions.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var name in Missing(jobs, r => r.Partition?.Split(','), partitions))
                yield return Unknown("slurm-partition-unknown", $"jobs ask for a partition '{name}' that is not there", name, partitions, "scheduler.slurm.partitions");
        }

        if (!policy.HasUsers) yield break;
        var pairs = policy.Associations.Where(a => a.User is not null).Select(a => (a.Account, User: a.User!)).ToHashSet();
        var users = policy.Users.ToHashSet(StringComparer.Ordinal);
        if (jobs.Count(j => j.Request?.User is null) is > 0 and var without)
        {
            yield return Diagnostic.Error("slurm-job-user", $"{without} of {jobs.Count} jobs name no user, and every job of an accounted Slurm is a user's") with
            {
                Help = "take a workload whose jobs have users (request.user in JSON lines, sacct), or leave scheduler.slurm.accounts out",
            };
        }

        foreach (var name in Missing(jobs, r => r.User is null ? null : [r.User], users))
            yield return Unknown("slurm-user-unknown", $"jobs are of a user '{name}' who has no association", name, users, Accounts + ".NAME.users");
        foreach (var (user, account) in jobs.Select(j => j.Request).OfType<JobRequest>().Where(r => r is { User: not null, Account: not null }).Select(r => (r.User!, r.Account!)).Distinct()
            .Where(p => users.Contains(p.Item1) && !pairs.Contains((p.Item2, p.Item1))))
        {
            yield return Diagnostic.Error("slurm-user-account", $"jobs of user '{user}' are charged to '{account}', where the user has no association") with { Help = $"add the user to {Accounts}.{account}.users" };
        }

        var qualities = policy.QosNames.ToHashSet(StringComparer.Ordinal);
        foreach (var name in Missing(jobs, r => r.Qos is null ? null : [r.Qos], qualities))
            yield return Unknown("slurm-qos-unknown", $"jobs ask for a quality of service '{name}' that is not there", name, qualities, "scheduler.slurm.qos");
    }

    private static IEnumerable<Diagnostic> Names(SlurmPolicy policy)
    {
        var named = policy.Associations.Select(a => a.Account).Distinct().Select(n => ("account", n))
            .Concat(policy.Users.Select(n => ("user", n))).Concat(policy.Qos.Select(q => ("quality of service", q.Name)));
        foreach (var (what, name) in named.Where(n => !Name().IsMatch(n.Item2)))
        {
            yield return Diagnostic.Error("slurm-policy-name", $"'{name}' cannot name {(what[0] == 'a' ? "an" : "a")} {what}") with
            {
                Help = "a name has small letters, digits, '-', '_' and '.', begins with a letter, and has at most 32 of them: sacctmgr changes others",
            };
        }

        if (policy.Users.Length > SlurmPolicy.MostUsers)
            yield return Diagnostic.Error("slurm-policy-name", $"there are {policy.Users.Length} users, more than {SlurmPolicy.MostUsers}") with { Help = "take fewer users" };
        foreach (var value in policy.Associations.SelectMany(a => a.Settings.Values).Concat(policy.Qos.SelectMany(q => q.Settings.Values)).Where(v => v.Any(c => c is '\'' or '"' || char.IsControl(c))))
            yield return Diagnostic.Error("slurm-policy-name", $"a setting of an account or a quality of service cannot be '{value.ReplaceLineEndings("\\n")}'") with { Help = "it is one line without quotes" };
    }

    private static IEnumerable<Diagnostic> Tree(SlurmPolicy policy)
    {
        var accounts = policy.Associations.Where(a => a.User is null).ToList();
        var above = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var account in accounts.Where(a => a.Parent is not null)) above.TryAdd(account.Account, account.Parent!);
        foreach (var (account, parent) in above.Where(a => a.Value != SlurmPolicy.Root && !above.ContainsKey(a.Value)))
            yield return Unknown("slurm-account-unknown", $"the account '{account}' is below '{parent}', which is not there", parent, above.Keys, Accounts);
        foreach (var user in policy.Associations.Where(a => a.User is not null && a.Account != SlurmPolicy.Root && !above.ContainsKey(a.Account)))
            yield return Unknown("slurm-account-unknown", $"the user '{user.User}' is in the account '{user.Account}', which is not there", user.Account, above.Keys, Accounts);
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var start in above.Keys.Order(StringComparer.Ordinal))
        {
            var way = new List<string> { start };
            var next = above[start];
            while (next is not null && !way.Contains(next))
            {
                way.Add(next);
                next = above.GetValueOrDefault(next);
            }

            if (next is null || way.Exists(told.Contains)) continue;
            told.UnionWith(way);
            yield return Diagnostic.Error("slurm-account-circle", $"accounts are above each other: {string.Join(" in ", way.SkipWhile(a => a != next).Append(next))}") with { Help = "each account must lead to root: change the parent of one" };
        }
    }

    private static IEnumerable<Diagnostic> Qualities(SlurmPolicy policy)
    {
        var there = policy.QosNames.ToHashSet(StringComparer.Ordinal);
        var named = policy.Qos.SelectMany(q => List(q.Settings, "Preempt").Select(name => ($"the quality of service '{q.Name}' preempts", name)))
            .Concat(policy.Associations.SelectMany(a => List(a.Settings, "QOS").Concat(List(a.Settings, "DefaultQOS")).Select(name => ($"{(a.User is null ? $"the account '{a.Account}'" : $"the user '{a.User}'")} may use", name))))
            .Concat(policy.Partitions.SelectMany(p => PartitionQos.SelectMany(key => List(p.Settings, key)).Select(name => ($"the partition '{p.Name}' names", name))));
        foreach (var (who, name) in named.Where(n => !there.Contains(n.name) && !n.name.Equals("all", StringComparison.OrdinalIgnoreCase)).Distinct())
            yield return Unknown("slurm-qos-unknown", $"{who} the quality of service '{name}', which is not there", name, there, "scheduler.slurm.qos");
    }

    private static IEnumerable<(string What, NodeNumbers? Nodes)> Numbered(SlurmPolicy policy) =>
        policy.Partitions.Select(p => ($"the partition '{p.Name}'", p.Nodes)).Concat(policy.Reservations.Select(r => ($"the reservation '{r.Name}'", r.Nodes)));

    private static IEnumerable<string> Missing(IEnumerable<Job> jobs, Func<JobRequest, IEnumerable<string>?> names, HashSet<string> there) =>
        jobs.Select(j => j.Request).OfType<JobRequest>().Distinct().SelectMany(r => names(r) ?? []).Where(n => !there.Contains(n)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static string[] List(ImmutableSortedDictionary<string, string> settings, string key) =>
        settings.FirstOrDefault(s => s.Key.Equals(key, StringComparison.OrdinalIgnoreCase)).Value?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static Diagnostic Unknown(string code, string summary, string name, IEnumerable<string> there, string where) => Diagnostic.Error(code, summary) with
    {
        Help = Suggestion.Nearest(name, there.Order(StringComparer.Ordinal)) is { } near ? $"did you mean '{near}'?" : $"add it to {where}",
    };

    private static Diagnostic Preempt(string summary, string help) => Diagnostic.Error("slurm-preemption", summary) with { Help = help };

    [GeneratedRegex("^[a-z][a-z0-9_.-]{0,31}$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
