using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Regatta.Analysis;

/// <summary>The jobs of a trial that have something in common.</summary>
/// <param name="Key">What orders the groups: the user, or the number of the class from 0.</param>
/// <param name="Name">What they have in common, in words.</param>
/// <param name="Jobs">How many jobs, of any state.</param>
/// <param name="Wait">Their waits in seconds, of those that started.</param>
/// <param name="BoundedSlowdown">Their bounded slowdowns, of those that started and finished.</param>
/// <param name="ProcessorSeconds">The sum of <c>q * p</c> over those that started and finished.</param>
public sealed record JobGroup(int Key, string Name, int Jobs, Distribution Wait, Distribution BoundedSlowdown, double ProcessorSeconds);

/// <summary>Splits the jobs in the cut by state, user, size class and run-time class. Groups without jobs are left out.</summary>
public static class JobGroups
{
    /// <summary>By how the jobs ended.</summary>
    public static ImmutableArray<JobGroup> ByState(Trial trial, MeasureSettings? settings = null) =>
        Split(trial, settings, row => (int)trial.Jobs.State(row), key => JobTable.StateName((Workloads.JobState)key));

    /// <summary>By user; the unknown user is -1.</summary>
    public static ImmutableArray<JobGroup> ByUser(Trial trial, MeasureSettings? settings = null) =>
        Split(trial, settings, row => trial.Jobs.User[row], key => key < 0 ? "unknown" : key.ToString(CultureInfo.InvariantCulture));

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

    private static Func<int, int> SizeClass(Trial trial, MeasureSettings settings) => row =>
    {
        var share = (double)trial.Jobs.Processors[row] / trial.Record.Processors;
        var i = 0;
        while (i < settings.SizeClasses.Length && share > settings.SizeClasses[i]) i++;
        return i;
    };

    private static Func<int, int> RunTimeClass(Trial trial, MeasureSettings settings) => row =>
    {
        var seconds = trial.Jobs.RunTime[row] / 1e6;
        var i = 0;
        while (i < settings.RunTimeClasses.Length && seconds > settings.RunTimeClasses[i].TotalSeconds) i++;
        return i;
    };

    private static ImmutableArray<JobGroup> Split(Trial trial, MeasureSettings? settings, Func<int, int> keyOf, Func<int, string> name)
    {
        settings ??= MeasureSettings.Default;
        var jobs = trial.Jobs;
        var cut = Cut.Of(jobs, settings);
        var wait = JobColumns.Column("wait", jobs, settings);
        var slowdown = JobColumns.Column("bounded-slowdown", jobs, settings);

        // Rows are laid out group by group, so that each group is a slice.
        using Rented<int> rentedGroups = new(jobs.Count), rentedRows = new(jobs.Count);
        var groupOf = rentedGroups.Items;
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

        var order = Enumerable.Range(0, found.Count).OrderBy(g => found[g].Key).ToArray();
        var places = new int[found.Count];
        var total = 0;
        foreach (var group in order) (places[group], total) = (total, total + found[group].Count);
        var rows = rentedRows.Items;
        for (var row = 0; row < jobs.Count; row++)
        {
            if (groupOf[row] >= 0) rows[places[groupOf[row]]++] = row;
        }

        var groups = ImmutableArray.CreateBuilder<JobGroup>(order.Length);
        foreach (var group in order)
        {
            var (key, count) = found[group];
            var first = places[group] - count;
            var own = rows.Slice(first, count);
            double area = 0;
            foreach (var row in own)
            {
                if (JobColumns.Run(jobs, row) is var p && !double.IsNaN(p)) area += p * jobs.Processors[row];
            }

            var (waits, slowdowns) = (default(Distribution), default(Distribution));
            Parallel.Invoke(() => waits = Of(rentedRows.Items.Slice(first, count), wait), () => slowdowns = Of(rentedRows.Items.Slice(first, count), slowdown));
            groups.Add(new(key, name(key), own.Length, waits, slowdowns, area));
        }

        return groups.MoveToImmutable();
    }

    private static Distribution Of(ReadOnlySpan<int> rows, Func<int, double> column)
    {
        using var rented = new Rented<double>(rows.Length);
        var scratch = rented.Items;
        var n = 0;
        foreach (var row in rows)
        {
            if (column(row) is var value && !double.IsNaN(value)) scratch[n++] = value;
        }

        return Distribution.Of(scratch[..n]);
    }

    private static string Words(TimeSpan span) =>
        span >= TimeSpan.FromHours(1) ? FormattableString.Invariant($"{span.TotalHours:0.##} h")
        : span >= TimeSpan.FromMinutes(1) ? FormattableString.Invariant($"{span.TotalMinutes:0.##} min")
        : FormattableString.Invariant($"{span.TotalSeconds:0.###} s");
}
