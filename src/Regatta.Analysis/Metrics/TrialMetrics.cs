using System.Collections.Concurrent;
using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>The metrics of one trial.</summary>
public sealed record TrialMetrics
{
    /// <summary>How they were measured.</summary>
    public required MeasureSettings Settings { get; init; }

    /// <summary>Which jobs were measured, over which window.</summary>
    public required Cut Cut { get; init; }

    /// <summary>Each metric that is defined for this trial, by its name in <see cref="MetricCatalogue"/>.</summary>
    public required ImmutableSortedDictionary<string, double> Values { get; init; }

    /// <summary>How many jobs in the cut ended in each state.</summary>
    public required ImmutableSortedDictionary<JobState, int> States { get; init; }

    /// <summary>The metric of this name; null when it is not defined for this trial.</summary>
    public double? this[string name] => Values.TryGetValue(name, out var value) ? value : null;

    /// <summary>Computes every metric of <see cref="MetricCatalogue"/> that is defined for <paramref name="trial"/>.</summary>
    public static TrialMetrics Compute(Trial trial, MeasureSettings? settings = null)
    {
        settings ??= MeasureSettings.Default;
        var nothing = new MachineMetrics.Nothing();
        return Compute(trial, Cut.Of(trial.Jobs, settings), settings, ref nothing);
    }

    /// <summary>Computes the metrics and the series of <paramref name="trial"/>, in one walk over the machine's time.</summary>
    public static (TrialMetrics Metrics, TrialSeries Series) ComputeWithSeries(Trial trial, MeasureSettings? settings = null, int most = TrialSeries.Most)
    {
        settings ??= MeasureSettings.Default;
        var cut = Cut.Of(trial.Jobs, settings);
        var recorder = new TrialSeries.Recorder(trial.Jobs, cut, most);
        var metrics = Compute(trial, cut, settings, ref recorder);
        return (metrics, TrialSeries.Of(trial, cut, recorder, most));
    }

    private static TrialMetrics Compute<TVisitor>(Trial trial, Cut cut, MeasureSettings settings, ref TVisitor visitor)
        where TVisitor : struct, IMachineStepVisitor
    {
        var jobs = trial.Jobs;
        var values = new MetricValues();
        var seen = visitor;
        // The longest come first.
        AtOnce.Do(
            jobs.Count,
        [
            () => MachineMetrics.Compute(trial, cut, values, ref seen),
            .. JobMetrics.Parts(trial, cut, settings, values),
            () => TrialCosts.Compute(trial, cut, values),
        ]);
        visitor = seen;
        var counts = new int[Enum.GetValues<JobState>().Length];
        for (var row = 0; row < jobs.Count; row++)
        {
            if (cut.Holds(jobs, row)) counts[(int)jobs.State(row)]++;
        }

        var states = Enum.GetValues<JobState>().Where(s => counts[(int)s] > 0).ToImmutableSortedDictionary(s => s, s => counts[(int)s]);
        var all = counts.Sum();
        var completed = counts[(int)JobState.Completed];
        values.Add("jobs", all);
        values.Add("jobs-completed", completed);
        values.Add("jobs-not-completed", all - completed);
        if (trial.Record.RecordedWaits is { } recorded)
        {
            values.Add("recorded-wait-mean", recorded.Mean / 1e6);
            values.Add("recorded-wait-p50", recorded.P50 / 1e6);
            values.Add("recorded-wait-p90", recorded.P90 / 1e6);
            if (values["wait-mean"] is { } wait) values.Add("wait-over-recorded", wait * 1e6 / recorded.Mean);
        }

        return new() { Settings = settings, Cut = cut, Values = values.ToImmutable(), States = states };
    }

    /// <summary>The makespan of <paramref name="trial"/> in seconds, <c>max f - min r</c> over all jobs; null when no job was sent or none finished.</summary>
    public static double? Makespan(Trial trial)
    {
        long first = long.MaxValue, last = long.MinValue;
        foreach (var sent in trial.Jobs.Sent)
        {
            if (sent != JobTable.Missing) first = Math.Min(first, sent);
        }

        foreach (var finish in trial.Jobs.Finish) last = Math.Max(last, finish);
        return first == long.MaxValue || last == JobTable.Missing ? null : (last - first) / 1e6;
    }
}

/// <summary>Gathers metrics, of several threads at once; those that are not numbers are not defined and are left out.</summary>
internal sealed class MetricValues
{
    private readonly ConcurrentDictionary<string, double> _values = new(StringComparer.Ordinal);

    public double? this[string name] => _values.TryGetValue(name, out var value) ? value : null;

    public void Add(string name, double value)
    {
        if (double.IsFinite(value) && !_values.TryAdd(name, value)) throw new ArgumentException($"'{name}' is there already", nameof(name));
    }

    public void Add(string family, in Distribution distribution)
    {
        Add($"{family}-mean", distribution.Mean);
        Add($"{family}-weighted-mean", distribution.WeightedMean);
        Add($"{family}-p50", distribution.P50);
        Add($"{family}-p90", distribution.P90);
        Add($"{family}-p99", distribution.P99);
        Add($"{family}-max", distribution.Maximum);
    }

    public void Add(string family, in Rate rate)
    {
        Add($"{family}-rate", rate.Mean);
        Add($"{family}-rate-p50", rate.P50);
        Add($"{family}-rate-p90", rate.P90);
        Add($"{family}-rate-p99", rate.P99);
    }

    public ImmutableSortedDictionary<string, double> ToImmutable() => _values.ToImmutableSortedDictionary(StringComparer.Ordinal);
}
