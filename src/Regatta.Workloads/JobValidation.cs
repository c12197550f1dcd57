namespace Regatta.Workloads;

/// <summary>Checks jobs before anything is done with them.</summary>
public static class JobValidation
{
    /// <summary>The longest time that a job may have: later ones would not fit into stamps together.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromSeconds(100_000_000_000);

    // In seconds.
    private const double LongestRuns = 2e11, LongestEstimates = 4e12;

    /// <summary>
    /// Faults of a workload: numbers below 1 or used twice, sizes below 1, negative times, dependencies on itself, on missing jobs or in a
    /// circle, gangs larger than their job. Empty when all is well. At most 20 are listed, then how many more there are.
    /// </summary>
    /// <param name="jobs">The jobs, in any order.</param>
    /// <param name="source">Where they come from, for people.</param>
    public static ImmutableArray<Diagnostic> Check(IReadOnlyList<Job> jobs, string source)
    {
        const int Shown = 20;
        ArgumentNullException.ThrowIfNull(jobs);
        if (jobs.Count == 0) return [Diagnostic.Error("workload-no-jobs", $"{source} holds no job")];
        // Nearly every workload is sound, and is looked at before each simulation of it: what is wrong with one that is not is found out afterwards.
        var sound = AreSound(jobs, out var waiting);
        if (sound && waiting.Count == 0) return [];
        var numbers = new HashSet<long>(jobs.Count);
        var twice = jobs.Where(job => !numbers.Add(job.Id)).Select(job => job.Id).ToHashSet();
        var faults = (sound ? waiting : jobs).SelectMany(job => Faults(job, numbers, twice)).ToList();
        if (faults.Count == 0) faults.AddRange(Circles(jobs));
        if (faults.Count == 0) faults.AddRange(TooLongTogether(jobs));
        var shown = faults.Take(Shown).Select(fault => fault with { Where = new SourceRange(source) }).ToList();
        if (faults.Count > Shown) shown.Add(Diagnostic.Error("workload-more-faults", $"{source} has {faults.Count - Shown} more faults"));
        return [.. shown];
    }

    /// <summary>Whether jobs with numbers that differ have no fault but in their dependencies; false where that takes a closer look.</summary>
    /// <param name="jobs">The jobs.</param>
    /// <param name="waiting">Those with dependencies, when all are sound.</param>
    private static bool AreSound(IReadOnlyList<Job> jobs, out List<Job> waiting)
    {
        waiting = [];
        var requests = new HashSet<JobRequest>(ReferenceEqualityComparer.Instance);
        HashSet<long>? numbers = null;
        long highest = 0;
        TimeSpan last = default;
        double runs = 0, estimates = 0;
        for (var i = 0; i < jobs.Count; i++)
        {
            var job = jobs[i];
            if (!HasSoundNumbers(job)) return false;
            if (!job.Dependencies.IsEmpty) waiting.Add(job);
            else if (job.Request is { } request && requests.Add(request) && Faults(job, [], []).Any()) return false;
            // Most are in order; a set of all numbers is made from the first that is not.
            if (job.Id <= highest && numbers is null) numbers = [.. jobs.Take(i).Select(earlier => earlier.Id)];
            if (numbers?.Add(job.Id) == false) return false;
            (highest, last) = (Math.Max(highest, job.Id), job.Submit > last ? job.Submit : last);
            (runs, estimates) = (runs + job.EffectiveRunTime().TotalSeconds, estimates + job.Estimate().TotalSeconds);
        }

        return !AreTooLong(last.TotalSeconds, runs, estimates);
    }

    /// <summary>As <see cref="Faults"/>, for all but requests and dependencies.</summary>
    private static bool HasSoundNumbers(Job job) => job.Id >= 1 && job.Submit >= TimeSpan.Zero && job.Submit <= Longest && job.Processors >= 1 && job.Nodes >= 0 && job.Nodes <= job.Processors
        && job.RunTime >= TimeSpan.Zero && job.RunTime <= Longest && (job.RequestedTime is not { } limit || (limit > TimeSpan.Zero && limit <= Longest)) && !(job.MemoryPerProcessor < 0)
        && job.GangMinimum >= 0 && job.GangMinimum <= job.Processors && (job.Payload.Kind != PayloadKind.Exec || !job.Payload.Command.IsDefaultOrEmpty) && !(job.Request?.MostNodes < Math.Max(1, job.Nodes));

    private static IEnumerable<Diagnostic> Faults(Job job, HashSet<long> numbers, HashSet<long> twice)
    {
        if (job.Id < 1) yield return Diagnostic.Error("job-number", $"job number {job.Id} is below 1");
        if (twice.Remove(job.Id)) yield return Diagnostic.Error("job-number", $"job number {job.Id} is used twice");
        if (job.Submit < TimeSpan.Zero) yield return Diagnostic.Error("job-submit", $"job {job.Id} is submitted before the workload starts");
        if (job.Processors < 1) yield return Diagnostic.Error("job-processors", $"job {job.Id} asks for {job.Processors} processors");
        if (job.Nodes < 0 || job.Nodes > Math.Max(1, job.Processors)) yield return Diagnostic.Error("job-nodes", $"job {job.Id} asks for {job.Nodes} nodes with {job.Processors} processors");
        if (job.RunTime < TimeSpan.Zero) yield return Diagnostic.Error("job-run-time", $"job {job.Id} has a negative run time");
        if (new[] { job.Submit, job.RunTime, job.RequestedTime ?? default }.Concat(job.Dependencies.Select(d => d.ThinkTime)).Any(time => time > Longest))
            yield return Diagnostic.Error("job-time", $"job {job.Id} has a time above {Longest.TotalSeconds:#,0} s");
        if (job.RequestedTime <= TimeSpan.Zero) yield return Diagnostic.Error("job-requested-time", $"job {job.Id} asks for no time at all") with { Help = "leave the requested time out where it is not known" };
        if (job.MemoryPerProcessor < 0) yield return Diagnostic.Error("job-memory", $"job {job.Id} asks for negative memory");
        if (job.GangMinimum < 0 || job.GangMinimum > job.Processors) yield return Diagnostic.Error("job-gang", $"job {job.Id} needs {job.GangMinimum} members at once but has {job.Processors}");
        if (job.Payload.Kind == PayloadKind.Exec && job.Payload.Command.IsDefaultOrEmpty) yield return Diagnostic.Error("job-payload", $"job {job.Id} runs a command but names none");
        if (job.Request is { } request)
        {
            if (new[] { request.Gres, request.Licenses }.FirstOrDefault(list => list is not null && !GenericResource.IsList(list)) is { } list)
                yield return Diagnostic.Error("job-gres", $"job {job.Id} asks for '{list}', which is no list of resources") with { Help = "a list is NAME:COUNT or NAME:TYPE:COUNT with commas between, such as gpu:a100:4" };
            if (request.MemoryPerNode < 0) yield return Diagnostic.Error("job-memory", $"job {job.Id} asks for negative memory");
            if (request.MostNodes < Math.Max(1, job.Nodes)) yield return Diagnostic.Error("job-nodes", $"job {job.Id} asks for {job.Nodes} nodes, and for {request.MostNodes} at most");
        }

        foreach (var dependency in job.Dependencies)
        {
            if (dependency.Job == job.Id) yield return Diagnostic.Error("job-dependency", $"job {job.Id} waits for itself");
            else if (!numbers.Contains(dependency.Job)) yield return Diagnostic.Error("job-dependency", $"job {job.Id} waits for job {dependency.Job}, which is not in the workload");
            if (dependency.ThinkTime < TimeSpan.Zero) yield return Diagnostic.Error("job-dependency", $"job {job.Id} has a negative think time");
        }
    }

    private static bool AreTooLong(double last, double runs, double estimates) => last + runs > LongestRuns || last + estimates > LongestEstimates;

    /// <summary>One after the other, as on one processor, jobs must end before the clocks of a schedule do: 64 bits of microseconds, and half a TimeSpan.</summary>
    private static IEnumerable<Diagnostic> TooLongTogether(IReadOnlyList<Job> jobs)
    {
        double runs = 0, estimates = 0;
        foreach (var job in jobs)
        {
            runs += job.EffectiveRunTime().TotalSeconds + (job.Dependencies.IsEmpty ? 0 : job.Dependencies.Sum(d => d.ThinkTime.TotalSeconds));
            estimates += job.Estimate().TotalSeconds;
        }

        var last = jobs.Max(job => job.Submit).TotalSeconds;
        if (AreTooLong(last, runs, estimates))
        {
            yield return Diagnostic.Error("workload-time-sum", string.Create(CultureInfo.InvariantCulture, $"the jobs are too long together to be scheduled: run times of {runs:G3} s (at most {LongestRuns:G3}) and requested times of {estimates:G3} s (at most {LongestEstimates:G3})")) with
            {
                Help = "scale their times down, or take fewer jobs",
            };
        }
    }

    /// <summary>Jobs that wait for each other: what is left when every job without an open dependency is taken away, again and again.</summary>
    private static IEnumerable<Diagnostic> Circles(IReadOnlyList<Job> jobs)
    {
        var open = jobs.Where(job => !job.Dependencies.IsEmpty).ToDictionary(job => job.Id, job => job.Dependencies.Length);
        if (open.Count == 0) yield break;
        var followers = jobs.Where(job => !job.Dependencies.IsEmpty).SelectMany(job => job.Dependencies.Select(d => (d.Job, job.Id))).ToLookup(pair => pair.Job, pair => pair.Id);
        var ready = new Queue<long>(jobs.Where(job => job.Dependencies.IsEmpty).Select(job => job.Id));
        while (ready.TryDequeue(out var job))
        {
            foreach (var follower in followers[job])
            {
                if (--open[follower] > 0) continue;
                open.Remove(follower);
                ready.Enqueue(follower);
            }
        }

        if (open.Count > 0)
        {
            yield return Diagnostic.Error("job-dependency-circle",
                $"{open.Count} jobs can never start because they wait for each other: {string.Join(", ", open.Keys.Order().Take(10))}{(open.Count > 10 ? ", …" : "")}");
        }
    }
}
