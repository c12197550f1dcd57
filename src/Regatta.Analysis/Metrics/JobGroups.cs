using System.Runtime.InteropServices;
using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>The jobs of a trial that have something in common.</summary>
/// <param name="Key">What orders the groups: the user, or the number of the class from 0.</param>
/// <param name="Name">What they have in common, in words.</param>
/// <param name="Jobs">How many jobs, of any state.</param>
/// <param name="Wait">Their waits in seconds, of those that started.</param>
/// <param name="BoundedSlowdown">Their bounded slowdowns, of those that started and finished.</param>
/// <param name="ProcessorSeconds">The sum of <c>q * p</c> over those that started and finished.</param>
public sealed record JobGroup(int Key, string Name, int Jobs, Distribution Wait, Distribution BoundedSlowdown, double ProcessorSeconds);

/// <summary>The jobs of a trial, split in each way that a reader asks for.</summary>
/// <param name="State">By how they ended.</param>
/// <param name="User">By user.</param>
/// <param name="Size">By share of the machine.</param>
/// <param name="RunTime">By the run time that the workload gives.</param>
public sealed record TrialGroups(ImmutableArray<JobGroup> State, ImmutableArray<JobGroup> User, ImmutableArray<JobGroup> Size, ImmutableArray<JobGroup> RunTime)
{
    /// <summary>By account; empty where jobs name none, like the ones below.</summary>
    public ImmutableArray<JobGroup> Account { get; init; } = [];

    /// <summary>By quality of service.</summary>
    public ImmutableArray<JobGroup> Qos { get; init; } = [];

    /// <summary>By partition or queue.</summary>
    public ImmutableArray<JobGroup> Partition { get; init; } = [];

    /// <summary>By type of GPU.</summary>
    public ImmutableArray<JobGroup> GpuType { get; init; } = [];

    /// <summary>Splits the jobs of <paramref name="trial"/>.</summary>
    public static TrialGroups Of(Trial trial, MeasureSettings? settings = null)
    {
        var groups = new ImmutableArray<JobGroup>[8];
        AtOnce.Do(
            trial.Jobs.Count,
            () => groups[0] = JobGroups.ByState(trial, settings),
            () => groups[1] = JobGroups.ByUser(trial, settings),
            () => groups[2] = JobGroups.BySize(trial, settings),
            () => groups[3] = JobGroups.ByRunTime(trial, settings),
            () => groups[4] = JobGroups.ByAccount(trial, settings),
            () => groups[5] = JobGroups.ByQos(trial, settings),
            () => groups[6] = JobGroups.ByPartition(trial, settings),
            () => groups[7] = JobGroups.ByGpuType(trial, settings));
        return new(groups[0], groups[1], groups[2], groups[3]) { Account = groups[4], Qos = groups[5], Partition = groups[6], GpuType = groups[7] };
    }
}

/// <summary>Splits the jobs in the cut by state, user, size class and run-time class. Groups without jobs are left out.</summary>
public static class JobGroups
{
    /// <summary>By how the jobs ended.</summary>
    public static ImmutableArray<JobGroup> ByState(Trial trial, MeasureSettings? settings = null) =>
        Split(trial, settings, row => (int)trial.Jobs.State(row), key => JobTable.StateName((JobState)key));

    /// <summary>By user, by name where jobs have names; the unknown user is -1.</summary>
    public static ImmutableArray<JobGroup> ByUser(Trial trial, MeasureSettings? settings = null) => trial.Jobs.Requests.Any(request => request.User is not null)
        ? ByName(trial, settings, request => request.User)
        : Split(trial, settings, row => trial.Jobs.User[row], key => key < 0 ? "unknown" : key.ToString(CultureInfo.InvariantCulture));

    /// <summary>By account; empty where no job names one.</summary>
    public static ImmutableArray<JobGroup> ByAccount(Trial trial, MeasureSettings? settings = null) => ByName(trial, settings, request => request.Account);

    /// <summary>By quality of service; empty where no job names one.</summary>
    public static ImmutableArray<JobGroup> ByQos(Trial trial, MeasureSettings? settings = null) => ByName(trial, settings, request => request.Qos);

    /// <summary>By partition; empty where no job names one.</summary>
    public static ImmutableArray<JobGroup> ByPartition(Trial trial, MeasureSettings? settings = null) => ByName(trial, settings, request => request.Partition);

    /// <summary>By type of GPU, jobs without GPUs together; empty where no job asks for one.</summary>
    public static ImmutableArray<JobGroup> ByGpuType(Trial trial, MeasureSettings? settings = null) => trial.Jobs.Requests.Any(request => request.Gpus > 0)
        ? ByName(trial, settings, request => request.GpuType ?? (request.Gpus > 0 ? "any" : null), "none") : [];

    /// <summary>By share of the machine.</summary>
    public static ImmutableArray<JobGroup> BySize(Trial trial, MeasureSettings? settings = null)
    {
        settings ??= MeasureSettings.Default;
        return Split(trial, settings, SizeClass(trial, settings), key => SizeName(settings, trial.Record.Processors, key));
    }

    /// <summary>By the run time that the workload gives.</summary>
    public static ImmutableArray<JobGroup> ByRunTime(Trial trial, MeasureSettings? settings = null)
    {
        settings ??= MeasureSettings.Default;
        return Split(trial, settings, RunTimeClass(trial, settings), key => RunTimeName(settings, key));
    }

    /// <summary>By both at once, as a heat map needs it: the key is <c>size class * (number of run-time classes) + run-time class</c>.</summary>
    public static ImmutableArray<JobGroup> BySizeAndRunTime(Trial trial, MeasureSettings? settings = null)
    {
        settings ??= MeasureSettings.Default;
        var size = SizeClass(trial, settings);
        var runTime = RunTimeClass(trial, settings);
        var width = settings.RunTimeClasses.Length + 1;
        return Split(trial, settings, row => (size(row) * width) + runTime(row),
            key => $"{SizeName(settings, trial.Record.Processors, key / width)}, {RunTimeName(settings, key % width)}");
    }

    /// <summary>The name of a size class on a machine of <paramref name="processors"/>.</summary>
    public static string SizeName(MeasureSettings settings, int processors, int sizeClass)
    {
        int Upper(int i) => (int)Math.Floor(settings.SizeClasses[i] * processors);
        if (sizeClass == settings.SizeClasses.Length) return $"over {Upper(sizeClass - 1)} processors";
        var low = sizeClass == 0 ? 1 : Upper(sizeClass - 1) + 1;
        var high = Math.Max(low, Upper(sizeClass));
        return low == high ? $"{low} processor{(low == 1 ? "" : "s")}" : $"{low} to {high} processors";
    }

    /// <summary>The name of a run-time class.</summary>
    public static string RunTimeName(MeasureSettings settings, int runTimeClass) =>
        runTimeClass == settings.RunTimeClasses.Length
            ? $"over {Words(settings.RunTimeClasses[^1])}"
            : $"up to {Words(settings.RunTimeClasses[runTimeClass])}";

    private static Func<int, int> SizeClass(Trial trial, MeasureSettings settings)
    {
        var known = new Dictionary<int, int>();
        var (last, lastClass) = (-1, 0);
        return row =>
        {
            var processors = trial.Jobs.Processors[row];
            if (processors == last) return lastClass;
            if (!known.TryGetValue(processors, out var i))
            {
                var share = (double)processors / trial.Record.Processors;
                while (i < settings.SizeClasses.Length && share > settings.SizeClasses[i]) i++;
                known.Add(processors, i);
            }

            (last, lastClass) = (processors, i);
            return i;
        };
    }

    private static Func<int, int> RunTimeClass(Trial trial, MeasureSettings settings)
    {
        // A run time is a whole number of microseconds, so that it is longer than a bound when it is longer than the bound's whole microseconds.
        long[] bounds = [.. settings.RunTimeClasses.Select(b => Micros.From(b))];
        return row =>
        {
            var runTime = trial.Jobs.RunTime[row];
            var i = 0;
            while (i < bounds.Length && runTime > bounds[i]) i++;
            return i;
        };
    }

    /// <summary>By a name: the key is its place among the names in alphabetical order, -1 for jobs without.</summary>
    private static ImmutableArray<JobGroup> ByName(Trial trial, MeasureSettings? settings, Func<JobRequest, string?> of, string without = "unknown")
    {
        var texts = trial.Jobs.Requests.Select(of).ToArray();
        string[] names = [.. texts.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (names.Length == 0) return [];
        var places = texts.Select(text => text is null ? -1 : Array.BinarySearch(names, text, StringComparer.Ordinal)).ToArray();
        return Split(trial, settings, row => trial.Jobs.RequestIndex(row) is >= 0 and var index ? places[index] : -1, key => key < 0 ? without : names[key]);
    }

    private static ImmutableArray<JobGroup> Split(Trial trial, MeasureSettings? settings, Func<int, int> keyOf, Func<int, string> name)
    {
        settings ??= MeasureSettings.Default;
        var jobs = trial.Jobs;
        var cut = Cut.Of(jobs, settings);
        using Rented<int> rentedGroups = new(jobs.Count);
        using Rented<double> rentedWaits = new(jobs.Count), rentedSlowdowns = new(jobs.Count);
        var groupOf = rentedGroups.Items;
        var found = Number(jobs, cut, keyOf, groupOf);

        // The numbers are laid out group by group, so that each group is a slice.
        var order = Enumerable.Range(0, found.Count).OrderBy(g => found[g].Key).ToArray();
        var parts = new GroupPart[found.Count];
        var total = 0;
        foreach (var group in order) (parts[group].First, total) = (total, total + found[group].Count);
        LayOut(jobs, settings.Tau.TotalSeconds, groupOf, parts, rentedWaits.Items, rentedSlowdowns.Items);

        var groups = new JobGroup[order.Length];
        Parallel.For(0, order.Length, i =>
        {
            var (key, count) = found[order[i]];
            var part = parts[order[i]];
            groups[i] = new(key, name(key), count, Distribution.Of(rentedWaits.Items.Slice(part.First, part.Waits)),
                Distribution.Of(rentedSlowdowns.Items.Slice(part.First, part.Slowdowns)), part.Area);
        });
        return [.. groups];
    }

    /// <summary>Numbers the groups in the order in which they are met, -1 for a job that is not in the cut; returns the key and the size of each.</summary>
    private static List<(int Key, int Count)> Number(JobTable jobs, Cut cut, Func<int, int> keyOf, Span<int> groupOf)
    {
        var numbers = new Dictionary<int, int>();
        var found = new List<(int Key, int Count)>();
        for (var row = 0; row < jobs.Count; row++)
        {
            groupOf[row] = -1;
            if (!cut.Holds(jobs, row)) continue;
            var key = keyOf(row);
            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, key, out var known);
            if (!known)
            {
                number = found.Count;
                found.Add((key, 0));
            }

            groupOf[row] = number;
            CollectionsMarshal.AsSpan(found)[number].Count++;
        }

        return found;
    }

    private static void LayOut(JobTable jobs, double tau, ReadOnlySpan<int> groupOf, Span<GroupPart> parts, Span<double> waits, Span<double> slowdowns)
    {
        for (var row = 0; row < groupOf.Length; row++)
        {
            if (groupOf[row] < 0) continue;
            ref var part = ref parts[groupOf[row]];
            if (JobColumns.Wait(jobs, row) is var wait && !double.IsNaN(wait)) waits[part.First + part.Waits++] = wait;
            var run = JobColumns.Run(jobs, row);
            if (double.IsNaN(run)) continue;
            part.Area += run * jobs.Processors[row];
            if (JobColumns.BoundedSlowdown(wait, run, tau) is var slowdown && !double.IsNaN(slowdown)) slowdowns[part.First + part.Slowdowns++] = slowdown;
        }
    }

    /// <summary>Where the numbers of one group lie.</summary>
    private struct GroupPart
    {
        public int First;
        public int Waits;
        public int Slowdowns;
        public double Area;
    }

    private static string Words(TimeSpan span) =>
        span >= TimeSpan.FromHours(1) ? FormattableString.Invariant($"{span.TotalHours:0.##} h")
        : span >= TimeSpan.FromMinutes(1) ? FormattableString.Invariant($"{span.TotalMinutes:0.##} min")
        : FormattableString.Invariant($"{span.TotalSeconds:0.###} s");
}
