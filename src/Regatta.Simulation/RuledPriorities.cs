using Regatta.Simulation.Priorities;
using Regatta.Workloads;

namespace Regatta.Simulation;

/// <summary>The priorities of jobs by several factors. What was used decays all the time; shares of it, and the priorities of those who wait, change at each beat alone.</summary>
internal sealed class RuledPriorities
{
    private readonly ReferencePriorities _settings;
    private readonly ReferenceRules _rules;
    private readonly RuledJobs _jobs;
    private readonly MachineSize _machine;
    private readonly double _largestFactor, _largestQos;
    private readonly Dictionary<(string Account, string User), int> _places = [];
    private readonly double[] _usage, _rates, _factors;
    private readonly Dictionary<int, long> _joined = [];
    private readonly long _every;
    private long _last;

    public RuledPriorities(ReferencePriorities settings, ReferenceRules rules, RuledJobs jobs, MachineSize machine)
    {
        (_settings, _rules, _jobs, _machine) = (settings, rules, jobs, machine);
        _largestFactor = Math.Max(1, jobs.Partitions.Max(partition => partition.Settings.JobFactor));
        _largestQos = Math.Max(1, rules.Qos.Select(qos => qos.Priority).DefaultIfEmpty().Max());
        for (var i = 0; i < rules.Associations.Count; i++) if (rules.Associations[i] is { User: { } user } own) _places.TryAdd((own.Account, user), i);
        (_usage, _rates, _factors) = (new double[rules.Associations.Count], new double[rules.Associations.Count], new double[rules.Associations.Count]);
        _every = Math.Max(1, Micros.From(settings.Every));
        Next = _every;
        Share();
    }

    /// <summary>When priorities are computed anew.</summary>
    public long Next { get; private set; }

    /// <summary>Gives a job that joins the queue its priority.</summary>
    public void Rate(RuledJob job, long joined, long now)
    {
        _joined[job.Row] = joined;
        Rate(job, now);
    }

    /// <summary>Computes priorities anew where it is time; true when it was.</summary>
    public bool Renew(long now, List<RuledJob> waiting)
    {
        if (now < Next) return false;
        Next = ((now / _every) + 1) * _every;
        Advance(now);
        Share();
        foreach (var job in waiting) Rate(job, now);
        return true;
    }

    /// <summary>A job started.</summary>
    public void Started(RuledRun run) => Change(run, run.Start, 1);

    /// <summary>A job ended.</summary>
    public void Ended(RuledRun run, long now) => Change(run, now, -1);

    private void Change(RuledRun run, long now, int sign)
    {
        if (!_places.TryGetValue((run.Job.Account, run.Job.User), out var place)) return;
        Advance(now);
        _rates[place] += sign * run.Job.Takes[0];
    }

    /// <summary>Lets what was used decay, and adds what is used, which decays as well.</summary>
    private void Advance(long now)
    {
        var seconds = (now - _last) / 1e6;
        _last = now;
        if (seconds <= 0) return;
        var halfLife = _settings.HalfLife.TotalSeconds;
        var left = halfLife > 0 ? Math.Pow(0.5, seconds / halfLife) : 1;
        var gained = halfLife > 0 ? (1 - left) * halfLife / Math.Log(2) : seconds;
        for (var i = 0; i < _usage.Length; i++) _usage[i] = (_usage[i] * left) + (_rates[i] * gained);
    }

    private void Share()
    {
        if (_usage.Length == 0) return;
        var all = new Dictionary<string, double>(StringComparer.Ordinal);
        var above = _rules.Associations.Where(a => a.User is null).DistinctBy(a => a.Account).ToDictionary(a => a.Account, a => a.Parent, StringComparer.Ordinal);
        for (var i = 0; i < _usage.Length; i++)
        {
            if (_rules.Associations[i] is not { User: not null } own) continue;
            for (var (account, steps) = ((string?)own.Account, 0); account is not null && steps <= above.Count; account = above.GetValueOrDefault(account), steps++)
                all[account] = all.GetValueOrDefault(account) + _usage[i];
        }

        ShareHolder[] holders = [.. _rules.Associations.Select((a, i) => new ShareHolder(a.Account, a.Parent, a.User, a.Shares, a.User is null ? all.GetValueOrDefault(a.Account) : _usage[i]))];
        var shares = _settings.FairTree ? FairShareTree.Fair(holders) : FairShareTree.Classic(holders);
        for (var i = 0; i < _factors.Length; i++) _factors[i] = shares[i].Factor;
    }

    private void Rate(RuledJob job, long now)
    {
        var weights = _settings.Weights;
        var factors = new PriorityFactors(
            Multifactor.AgeFactor(TimeSpan.FromMicroseconds(now - _joined[job.Row]), weights),
            _places.TryGetValue((job.Account, job.User), out var place) ? _factors[place] : 0,
            Multifactor.SizeFactor(job.Processors, job.Nodes, _machine.Processors, _machine.Nodes, weights),
            job.Partition.Settings.JobFactor / _largestFactor,
            job.Qos.Priority / _largestQos) { Nice = job.Nice };
        job.Priority = Multifactor.Priority(factors, weights);
    }
}
