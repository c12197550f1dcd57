using Regatta.Workloads;

namespace Regatta.Simulation;

/// <summary>Whose each job is, and the limits that hold for it: those of its quality of service, and of its user and accounts as far as the quality of service says nothing of the same.</summary>
internal sealed class RuledLimits
{
    private const string Root = "root", Normal = "normal";
    private static readonly ImmutableArray<string> First = ["cpu", "node", "gres/gpu"];

    private readonly ReferenceRules _rules;
    private readonly ImmutableArray<string> _resources;
    private readonly Dictionary<string, Ledger> _ledgers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ReferenceAssociation> _accounts;
    private readonly Dictionary<(string Account, string User), ReferenceAssociation> _users;
    private readonly Dictionary<string, string> _usualAccounts;
    private readonly Dictionary<string, ReferenceQos> _qos;

    public RuledLimits(ReferenceRules rules)
    {
        _rules = rules;
        _resources = [.. First, .. rules.Gpus.Select(g => g.Model).Distinct(StringComparer.Ordinal).Select(model => "gres/gpu:" + model), .. rules.Licenses.Select(l => l.Name)];
        _accounts = rules.Associations.Where(a => a.User is null).DistinctBy(a => a.Account).ToDictionary(a => a.Account, StringComparer.Ordinal);
        _users = rules.Associations.Where(a => a.User is not null).DistinctBy(a => (a.Account, a.User)).ToDictionary(a => (a.Account, a.User!));
        _usualAccounts = rules.Associations.Where(a => a.User is not null).GroupBy(a => a.User!, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First().Account, StringComparer.Ordinal);
        _qos = rules.Qos.ToDictionary(q => q.Name, StringComparer.Ordinal);
        _qos.TryAdd(Normal, new ReferenceQos(Normal));
    }

    /// <summary>The account that a job is charged to; empty for none.</summary>
    public string AccountOf(JobRequest? request) => request?.Account ?? (request?.User is { } user ? _usualAccounts.GetValueOrDefault(user) : null) ?? "";

    /// <summary>The quality of service of a job; null for one that is not there, or that its account may not have.</summary>
    public ReferenceQos? QosOf(JobRequest? request)
    {
        var way = Way(AccountOf(request), request?.User ?? "").ToList();
        if (_qos.GetValueOrDefault(request?.Qos ?? way.Select(a => a.DefaultQos).FirstOrDefault(name => name is not null) ?? Normal) is not { } qos) return null;
        return way.Find(a => a.Qos.Count > 0) is { } said && !said.Qos.Contains(qos.Name) ? null : qos;
    }

    /// <summary>What a job takes of what is counted.</summary>
    public long[] Takes(Job job, int nodes)
    {
        var takes = new long[_resources.Length];
        (takes[0], takes[1]) = (job.Processors, nodes);
        foreach (var gpus in GenericResource.Gpus(job.Request?.Gres))
        {
            takes[2] += gpus.Count;
            if (gpus.Type is not null && _resources.IndexOf("gres/gpu:" + gpus.Type) is >= 0 and var at) takes[at] += gpus.Count;
        }

        foreach (var license in GenericResource.Parse(job.Request?.Licenses))
        {
            if (_resources.IndexOf("license/" + license.Name) is >= 0 and var at) takes[at] += license.Count;
        }

        return takes;
    }

    /// <summary>The limits that a job counts against, and what it asks for that no job may have; null for nothing.</summary>
    public (Limit[] Limits, string? Over) Of(JobRequest? request, ReferenceQos qos, long[] takes, TimeSpan? asked)
    {
        var (user, account) = (request?.User ?? "", AccountOf(request));
        var limits = new List<Limit>();
        if (_rules.Licenses.Count > 0) limits.Add(Made("licenses", new RunningLimits { Resources = _rules.Licenses }, null));
        Add(limits, "qos " + qos.Name, qos.All, null);
        Add(limits, $"qos {qos.Name} user {user}", qos.PerUser, null);
        Add(limits, $"qos {qos.Name} account {account}", qos.PerAccount, null);
        var each = new RunningLimits
        {
            Jobs = qos.PerUser.Jobs ?? qos.PerAccount.Jobs, Submits = qos.PerUser.Submits ?? qos.PerAccount.Submits,
        };
        var way = Way(account, user).ToList();
        foreach (var association in way) Add(limits, $"account {association.Account} {association.User}", association.All, qos.All);
        // Of the limits of each user, the nearest counts.
        var own = new RunningLimits
        {
            Jobs = way.Select(a => a.PerUser.Jobs).FirstOrDefault(jobs => jobs is not null), Submits = way.Select(a => a.PerUser.Submits).FirstOrDefault(jobs => jobs is not null),
        };
        Add(limits, $"user {user} of {account}", own, each);
        var over = limits.Exists(limit => !limit.Holds(takes)) ? "limit" : null;
        var wall = qos.PerJob.Wall ?? way.Select(a => a.PerJob.Wall).FirstOrDefault(time => time is not null);
        if (asked > wall) over = "time";
        var most = MostOf(way.AsEnumerable().Reverse().Select(a => a.PerJob.Resources).Append(qos.PerJob.Resources));
        for (var i = 0; i < most.Length; i++) if (most[i] >= 0 && takes[i] > most[i]) over = "limit";
        return ([.. limits], over);
    }

    private void Add(List<Limit> limits, string name, RunningLimits own, RunningLimits? instead)
    {
        var limit = Made(name, own, instead);
        if (limit.Jobs is not null || limit.Submits is not null || Array.Exists(limit.Most, most => most >= 0)) limits.Add(limit);
    }

    // What the quality of service limits, the association does not.
    private Limit Made(string name, RunningLimits own, RunningLimits? instead)
    {
        if (!_ledgers.TryGetValue(name, out var ledger)) _ledgers[name] = ledger = new Ledger(_resources.Length);
        var most = MostOf([own.Resources]);
        if (instead is not null) foreach (var other in instead.Resources) if (_resources.IndexOf(other.Name) is >= 0 and var at) most[at] = -1;
        return new Limit(ledger, instead?.Jobs is null ? own.Jobs : null, instead?.Submits is null ? own.Submits : null, most);
    }

    /// <summary>Of each resource the last that is said.</summary>
    private long[] MostOf(IEnumerable<Sequence<ResourceLimit>> said)
    {
        var most = new long[_resources.Length];
        Array.Fill(most, -1);
        foreach (var limit in said.SelectMany(limits => limits)) if (_resources.IndexOf(limit.Name) is >= 0 and var at) most[at] = limit.Count;
        return most;
    }

    /// <summary>A user's place in an account, the account, and those above it.</summary>
    private IEnumerable<ReferenceAssociation> Way(string account, string user)
    {
        if (_users.TryGetValue((account, user), out var own)) yield return own;
        for (var (next, steps) = ((string?)account, 0); next is not null && steps <= _accounts.Count && _accounts.TryGetValue(next, out var above); steps++)
        {
            yield return above;
            next = above.Account == Root ? null : above.Parent ?? Root;
        }
    }
}
