namespace Regatta.Workloads;

/// <summary>Distributions of run times for simple workloads.</summary>
public enum RunTimeShape
{
    /// <summary>All the mean.</summary>
    Constant,

    /// <summary>Exponential with the mean.</summary>
    Exponential,

    /// <summary>Uniform from 0 to twice the mean.</summary>
    Uniform,
}

/// <summary>
/// Simple workloads: a bag of independent tasks, arrays, gangs, a fan of sleeps, and users in a closed loop. What a generator does not use
/// stays at its default. Run times are rounded to milliseconds.
/// </summary>
public sealed record Batches
{
    /// <summary>Jobs in all; of arrays the number of arrays, in a closed loop that of each user. At least 1.</summary>
    public int Jobs { get; init; } = 100;

    /// <summary>Processors of each job, at least 1.</summary>
    public int Processors { get; init; } = 1;

    /// <summary>Mean run time.</summary>
    public TimeSpan RunTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How run times spread.</summary>
    public RunTimeShape Spread { get; init; }

    /// <summary>When jobs come.</summary>
    public Arrivals Arrivals { get; init; } = new(ArrivalShape.Burst);

    /// <summary>Seed.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>A bag of tasks: independent jobs, all alike but for their run times.</summary>
    public Workload Bag() => Make("bag", Jobs, (i, submit, run) => Job(i, submit, run));

    /// <summary>Arrays of <paramref name="tasks"/> tasks each, the tasks of one submitted at once; <see cref="Workloads.Job.Array"/> is the number of its first task.</summary>
    public Workload Array(int tasks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tasks, 1);
        var first = default(TimeSpan);
        return Make("array", (long)Jobs * tasks, (i, submit, run) =>
        {
            if (i % tasks == 0) first = submit;
            return Job(i, first, run) with { Array = i - (i % tasks) + 1 };
        }, tasks);
    }

    /// <summary>Gangs of <see cref="Processors"/> members, of which <paramref name="minimum"/> must run at once.</summary>
    public Workload Gang(int minimum)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(minimum, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minimum, Processors);
        return Make("gang", Jobs, (i, submit, run) => Job(i, submit, run) with { GangMinimum = minimum });
    }

    /// <summary>
    /// A fan of sleeps for the launch-latency fit (Reuther et al., JPDC 2018): <paramref name="perProcessor"/> single-processor jobs for each processor of the
    /// machine, all at once, each so long that every processor has <paramref name="total"/> to do.
    /// </summary>
    public Workload SleepFan(int machine, int perProcessor, TimeSpan total)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(machine, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(perProcessor, 1);
        var each = TimeSpan.FromMilliseconds(Math.Round(total.TotalMilliseconds / perProcessor));
        return (this with { Processors = 1, Spread = RunTimeShape.Constant, RunTime = each, Arrivals = new Arrivals(ArrivalShape.Burst) })
            .Make("sleep", (long)machine * perProcessor, (i, submit, run) => Job(i, submit, run));
    }

    /// <summary>
    /// A closed loop: each of <paramref name="users"/> users submits <see cref="Jobs"/> jobs, the next one after the end of the one before and a think time that is
    /// exponential with mean <paramref name="think"/>. First jobs come by <see cref="Arrivals"/>.
    /// </summary>
    public Workload Closed(int users, TimeSpan think)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(users, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Jobs, 1);
        JobLimit.Check((long)users * Jobs);
        var runs = RandomStream.For(Seed, "closed run times");
        var thinks = RandomStream.For(Seed, "closed think times");
        var firsts = Arrivals.Times(RandomStream.For(Seed, "closed arrivals")).Take(users).ToList();
        var jobs = new List<Job>();
        for (var k = 0; k < Jobs; k++)
        {
            for (var user = 0; user < users; user++)
            {
                // Later jobs stand at the user's first submission: when they really come the dependency says.
                var job = Job((k * users) + user, At(firsts[user]), Draw(runs)) with { User = user + 1 };
                if (k > 0) job = job with { Dependencies = [new JobDependency(((k - 1) * users) + user + 1, DependencyKind.After, Milliseconds(thinks.Exponential(think.TotalSeconds)))] };
                jobs.Add(job);
            }
        }

        return Workload("closed", [.. jobs]) with { Jobs = Workloads.Workload.Sort(jobs) };
    }

    private TimeSpan At(double seconds) => BoundedTime.FromMilliseconds(seconds * 1000, $"arrivals={Arrivals.Shape.ToString().ToLowerInvariant()} of so low a rate");

    private static TimeSpan Milliseconds(double seconds) => BoundedTime.FromMilliseconds(seconds * 1000, "the spread of the run times");

    private Job Job(int index, TimeSpan submit, TimeSpan run) => new() { Id = index + 1, Submit = submit, Processors = Processors, RunTime = run };

    private TimeSpan Draw(RandomStream random) => Milliseconds(RunTime.TotalSeconds * Spread switch
    {
        RunTimeShape.Exponential => random.Exponential(1),
        RunTimeShape.Uniform => random.Uniform(0, 2),
        _ => 1,
    });

    private Workload Make(string name, long all, Func<int, TimeSpan, TimeSpan, Job> job, int together = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Jobs, 1);
        var count = JobLimit.Check(all);
        ArgumentOutOfRangeException.ThrowIfLessThan(Processors, 1);
        var runs = RandomStream.For(Seed, $"{name} run times");
        using var times = Arrivals.Times(RandomStream.For(Seed, $"{name} arrivals")).GetEnumerator();
        var jobs = ImmutableArray.CreateBuilder<Job>(count);
        for (var i = 0; i < count; i++)
        {
            if (i % together == 0) times.MoveNext();
            jobs.Add(job(i, At(times.Current), Draw(runs)));
        }

        return Workload(name, jobs.MoveToImmutable());
    }

    private Workload Workload(string name, ImmutableArray<Job> jobs) => new()
    {
        Name = name, Jobs = jobs, Header = SwfHeader.Empty.With("Version", "2.2").With("Computer", "generated"),
        Description = string.Create(CultureInfo.InvariantCulture, $"Generated: {name} of {jobs.Length} jobs, mean run time {RunTime.TotalSeconds} s {Spread.ToString().ToLowerInvariant()}, arrivals {Arrivals.Shape.ToString().ToLowerInvariant()}, seed {Seed}."),
    };
}
