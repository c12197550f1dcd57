namespace Regatta.Workloads;

/// <summary>Changes to a workload. Each gives a new one whose description says what was done. Sizes are changed by <see cref="SizeScale"/>.</summary>
public static class Transform
{
    /// <summary>Multiplies every time (submit, run, requested, think) by a factor above 0, rounded to milliseconds.</summary>
    public static Workload Time(this Workload workload, double factor)
    {
        ArgumentNullException.ThrowIfNull(workload);
        Positive(factor, nameof(factor));
        TimeSpan Scale(TimeSpan time) => BoundedTime.FromMilliseconds(time.TotalMilliseconds * factor, string.Create(CultureInfo.InvariantCulture, $"time-scale={factor}"));
        return (workload with
        {
            Header = workload.Header.Without("EndTime", "MaxRuntime"),
            Jobs = Workload.Sort(workload.Jobs.Select(job => job with
            {
                Recorded = job.Recorded?.OfOtherTimes(), Submit = Scale(job.Submit), RunTime = Scale(job.RunTime),
                RequestedTime = job.RequestedTime is { } limit ? Max(Scale(limit), TimeSpan.FromMilliseconds(1)) : null,
                Dependencies = [.. job.Dependencies.Select(d => d with { ThinkTime = Scale(d.ThinkTime) })],
            })),
        }).Note(string.Create(CultureInfo.InvariantCulture, $"Times multiplied by {factor:0.########}."));
    }

    /// <summary>
    /// Stretches or squeezes the submit times so that the offered load on a machine of so many processors becomes <paramref name="load"/>. Run times stay.
    /// </summary>
    /// <exception cref="DiagnosticException">All jobs are submitted at once (<c>workload-load</c>), or the load is too low.</exception>
    public static Workload Load(this Workload workload, double load, int processors)
    {
        ArgumentNullException.ThrowIfNull(workload);
        Positive(load, nameof(load));
        if (workload.Span == TimeSpan.Zero)
        {
            throw new DiagnosticException(Diagnostic.Error("workload-load", $"{workload.Name} has no load to scale: all its jobs are submitted at one instant") with
            {
                Help = "give it arrivals such as arrivals=poisson:1",
            });
        }

        var factor = workload.Load(processors) / load;
        var first = workload.Jobs[0].Submit;
        return (workload.StartingAt(first) with
        {
            Header = workload.Header.StartingAt(first).Without("EndTime"),
            Jobs = Workload.Sort(workload.Jobs.Select(job => job with
            {
                Recorded = job.Recorded?.OfOtherSubmission(), Submit = BoundedTime.FromMilliseconds((job.Submit - first).TotalMilliseconds * factor, string.Create(CultureInfo.InvariantCulture, $"load={load}")),
            })),
        }).Note(string.Create(CultureInfo.InvariantCulture, $"Submit times multiplied by {factor:0.######} for a load of {load} on {processors} processors."),
            load > 1 ? [Diagnostic.Warning("workload-overload", string.Create(CultureInfo.InvariantCulture, $"a load of {load} is more than the machine can do: the queue grows without end"))] : []);
    }

    /// <summary>Keeps the jobs submitted in [<paramref name="from"/>, <paramref name="to"/>), and lets time start there. Dependencies on jobs that went are dropped.</summary>
    public static Workload Window(this Workload workload, TimeSpan from, TimeSpan to)
    {
        ArgumentNullException.ThrowIfNull(workload);
        var until = to == TimeSpan.MaxValue ? "the end" : string.Create(CultureInfo.InvariantCulture, $"{to.TotalSeconds:0.###} s");
        return Keep(workload, workload.Jobs.Where(job => job.Submit >= from && job.Submit < to),
            string.Create(CultureInfo.InvariantCulture, $"Cut to the jobs submitted from {from.TotalSeconds:0.###} s to {until}")).StartingAt(from);
    }

    /// <summary>Keeps the first jobs in queue order.</summary>
    public static Workload First(this Workload workload, int count)
    {
        ArgumentNullException.ThrowIfNull(workload);
        return Keep(workload, workload.Jobs.Take(count), "Cut to the first jobs");
    }

    /// <summary>Keeps the jobs of these users, or with <paramref name="exclude"/> those of all others.</summary>
    public static Workload Users(this Workload workload, IReadOnlySet<int> users, bool exclude = false)
    {
        ArgumentNullException.ThrowIfNull(workload);
        var list = string.Join(',', users.Order());
        return Keep(workload, workload.Jobs.Where(job => users.Contains(job.User) != exclude), exclude ? $"Without users {list}" : $"Only users {list}");
    }

    /// <summary>
    /// Removes flurries: bursts of one user (Tsafrir and Feitelson, "Instability in parallel job scheduling simulation: the role of workload flurries", IPDPS 2006). A job
    /// goes when its user has submitted more than <paramref name="most"/> kept or removed jobs in the <paramref name="within"/> before it.
    /// </summary>
    public static Workload WithoutFlurries(this Workload workload, int most, TimeSpan within)
    {
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        var recent = new Dictionary<int, Queue<TimeSpan>>();
        var kept = new List<Job>();
        foreach (var job in workload.Jobs)
        {
            if (!recent.TryGetValue(job.User, out var submits)) recent[job.User] = submits = new Queue<TimeSpan>();
            while (submits.TryPeek(out var oldest) && oldest <= job.Submit - within) submits.Dequeue();
            submits.Enqueue(job.Submit);
            if (submits.Count <= most) kept.Add(job);
        }

        return Keep(workload, kept, string.Create(CultureInfo.InvariantCulture, $"Without flurries of more than {most} jobs of one user in {within.TotalSeconds:0.###} s"));
    }

    /// <summary>
    /// Input shaking (Tsafrir, Ouaknine, Feitelson, "Reducing performance evaluation sensitivity and variability by input shaking", MASCOTS 2007): moves every submit time by a
    /// uniform amount of at most <paramref name="most"/> either way, not below 0.
    /// </summary>
    public static Workload Shake(this Workload workload, TimeSpan most, long seed)
    {
        ArgumentNullException.ThrowIfNull(workload);
        var random = RandomStream.For(seed, "shake");
        return (workload with
        {
            Jobs = Workload.Sort(workload.Jobs.Select(job => job with
            {
                Recorded = job.Recorded?.OfOtherSubmission(), Submit = Max(TimeSpan.Zero, job.Submit + TimeSpan.FromMilliseconds(Math.Round(random.Uniform(-1, 1) * most.TotalMilliseconds))),
            })),
        }).Note(string.Create(CultureInfo.InvariantCulture, $"Submit times shaken by up to {most.TotalSeconds:0.###} s, seed {seed}."));
    }

    /// <summary>Sets every requested time: null for none, else the factor times the run time, rounded up to whole seconds and at least one.</summary>
    public static Workload Estimates(this Workload workload, double? factor)
    {
        ArgumentNullException.ThrowIfNull(workload);
        if (factor is { } f) Positive(f, nameof(factor));
        return (workload with
        {
            Jobs = [.. workload.Jobs.Select(job => job with { RequestedTime = factor is { } times ? BoundedTime.FromMilliseconds(Math.Max(1, Math.Ceiling(job.RunTime.TotalSeconds * times)) * 1000, string.Create(CultureInfo.InvariantCulture, $"estimates={times}")) : null })],
        }).Note(factor is null ? "No requested times." : string.Create(CultureInfo.InvariantCulture, $"Requested times {factor} times the run times."));
    }

    /// <summary>Lifts the requested time of jobs that run longer to their run time, rounded up to whole seconds: none is cut any more.</summary>
    public static Workload LimitsLifted(this Workload workload) =>
        OverLimit(workload, job => job with { RequestedTime = TimeSpan.FromSeconds(Math.Ceiling(job.RunTime.TotalSeconds)) }, "requested times lifted to the run time");

    /// <summary>Cuts the run time of jobs that run longer than they requested: they complete at their limit instead of being ended there.</summary>
    public static Workload CutAtLimits(this Workload workload) =>
        OverLimit(workload, job => job with { RunTime = job.RequestedTime!.Value, Recorded = job.Recorded?.OfOtherTimes() }, "run times cut at the requested time");

    /// <summary>Gives every job a payload.</summary>
    public static Workload WithPayload(this Workload workload, Payload payload)
    {
        ArgumentNullException.ThrowIfNull(workload);
        return workload with { Jobs = [.. workload.Jobs.Select(job => job with { Payload = payload })] };
    }

    /// <summary>Numbers the jobs from 1 in queue order.</summary>
    public static Workload Renumber(this Workload workload)
    {
        ArgumentNullException.ThrowIfNull(workload);
        var numbers = new Dictionary<long, long>(workload.Jobs.Length);
        foreach (var job in workload.Jobs) numbers.Add(job.Id, numbers.Count + 1);
        return workload with
        {
            Jobs = [.. workload.Jobs.Select(job => job with
            {
                Id = numbers[job.Id], Array = job.Array is { } array ? numbers.GetValueOrDefault(array, numbers[job.Id]) : null,
                HeterogeneousJob = job.HeterogeneousJob is { } whole ? numbers.GetValueOrDefault(whole, numbers[job.Id]) : null,
                Dependencies = [.. job.Dependencies.Select(d => d with { Job = numbers[d.Job] })],
            })],
        };
    }

    private static Workload OverLimit(Workload workload, Func<Job, Job> change, string what)
    {
        ArgumentNullException.ThrowIfNull(workload);
        var over = workload.Jobs.Count(job => job.RequestedTime < job.RunTime);
        if (over == 0) return workload;
        return (workload with { Jobs = [.. workload.Jobs.Select(job => job.RequestedTime < job.RunTime ? change(job) : job)] })
            .Note($"{over} {what}.", Diagnostic.Hint("workload-limits", $"{workload.Name}: {over} of {workload.Jobs.Length} jobs ran longer than they had requested: {what}"));
    }

    private static Workload Keep(Workload workload, IEnumerable<Job> jobs, string what)
    {
        var kept = jobs.ToList();
        if (kept.Count == 0)
        {
            throw new DiagnosticException(Diagnostic.Error("workload-no-jobs", $"{workload.Name} holds no job any more: {what.ToLowerInvariant()}") with
            {
                Help = string.Create(CultureInfo.InvariantCulture, $"its {workload.Jobs.Length} jobs are submitted from {workload.Jobs[0].Submit.TotalSeconds:0.###} s to {workload.Jobs[^1].Submit.TotalSeconds:0.###} s"),
            });
        }

        var numbers = kept.Select(job => job.Id).ToHashSet();
        var lost = 0;
        for (var i = 0; i < kept.Count; i++)
        {
            if (kept[i].Dependencies.All(d => numbers.Contains(d.Job))) continue;
            var left = kept[i].Dependencies.RemoveAll(d => !numbers.Contains(d.Job));
            lost += kept[i].Dependencies.Length - left.Length;
            kept[i] = kept[i] with { Dependencies = left };
        }

        var header = kept[^1].Submit == workload.Jobs[^1].Submit ? workload.Header : workload.Header.Without("EndTime");
        return (workload with { Jobs = [.. kept], Header = header }).Note($"{what}: {kept.Count} of {workload.Jobs.Length} jobs.", lost == 0 ? [] :
        [
            Diagnostic.Warning("workload-dependency", $"{workload.Name}: {lost} dependencies on jobs that were left out were dropped: their jobs now wait for nothing") with
            {
                Detail = $"{what}: {kept.Count} of {workload.Jobs.Length} jobs",
            },
        ]);
    }

    private static void Positive(double value, string name)
    {
        if (!(value > 0 && double.IsFinite(value)))
            throw new ArgumentOutOfRangeException(name, value, "it must be a finite number above 0");
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
