using MathNet.Numerics.Distributions;

namespace Regatta.Analysis;

/// <summary>One run of a launch-latency experiment: many short tasks with a fixed total of work.</summary>
/// <param name="TasksPerProcessor"><c>n</c>, above 0.</param>
/// <param name="Overhead"><c>dT</c> in seconds: the makespan less the time that the work alone takes.</param>
public readonly record struct LaunchPoint(double TasksPerProcessor, double Overhead)
{
    /// <summary>The point of a trial that is a fan: jobs of one processor and one run time, more than one for each processor, and all ended; null for any other.</summary>
    public static LaunchPoint? OfFan(Trial trial)
    {
        var jobs = trial.Jobs;
        if (jobs.Count <= trial.Record.Processors) return null;
        for (var row = 0; row < jobs.Count; row++)
        {
            if (jobs.Processors[row] != 1 || jobs.RunTime[row] != jobs.RunTime[0] || jobs.Finish[row] == JobTable.Missing) return null;
        }

        return Of(trial);
    }

    /// <summary>The point that <paramref name="trial"/> gives: <c>n = sum of q / P</c>, <c>dT = makespan - sum of q * p / P</c> with the run times of the workload; null when no job ended.</summary>
    public static LaunchPoint? Of(Trial trial)
    {
        var jobs = trial.Jobs;
        double tasks = 0, work = 0;
        for (var row = 0; row < jobs.Count; row++)
        {
            tasks += jobs.Processors[row];
            work += jobs.Processors[row] * (jobs.RunTime[row] / 1e6);
        }

        return TrialMetrics.Makespan(trial) is { } makespan
            ? new(tasks / trial.Record.Processors, makespan - (work / trial.Record.Processors))
            : null;
    }
}

/// <summary>The law <c>dT = t_s * n^alpha_s</c> fitted to launch-latency runs: Reuther et al., JPDC 2018.</summary>
/// <param name="Latency"><c>t_s</c> in seconds: the overhead of one task a processor.</param>
/// <param name="LatencyInterval">Its interval.</param>
/// <param name="Exponent"><c>alpha_s</c>: 1 when every task costs the same, less when they overlap, more when the scheduler slows down with its load.</param>
/// <param name="ExponentInterval">Its interval.</param>
/// <param name="RSquared">Share of the variance of <c>log dT</c> that the law explains.</param>
/// <param name="Points">How many runs it was fitted to.</param>
/// <param name="LeftOut">How many runs were left out, since their overhead was not above zero.</param>
public sealed record LaunchLatencyFit(
    double Latency, Interval LatencyInterval, double Exponent, Interval ExponentInterval, double RSquared, int Points, int LeftOut)
{
    /// <summary>Least squares of <c>log dT</c> on <c>log n</c>, with Student's intervals; null for fewer than three runs, or for runs of one <c>n</c> only.</summary>
    public static LaunchLatencyFit? Of(IReadOnlyCollection<LaunchPoint> runs, double confidence = 0.95)
    {
        var points = runs.Where(r => r is { Overhead: > 0, TasksPerProcessor: > 0 }).Select(r => (X: Math.Log(r.TasksPerProcessor), Y: Math.Log(r.Overhead))).ToArray();
        if (points.Length < 3) return null;
        double n = points.Length, meanX = points.Average(p => p.X), meanY = points.Average(p => p.Y);
        var xx = points.Sum(p => (p.X - meanX) * (p.X - meanX));
        if (xx < 1e-12) return null;
        var slope = points.Sum(p => (p.X - meanX) * (p.Y - meanY)) / xx;
        var intercept = meanY - (slope * meanX);
        var residual = points.Sum(p => Math.Pow(p.Y - intercept - (slope * p.X), 2));
        var total = points.Sum(p => (p.Y - meanY) * (p.Y - meanY));
        var variance = residual / (n - 2);
        var t = StudentT.InvCDF(0, 1, n - 2, (1 + confidence) / 2);
        var slopeReach = t * Math.Sqrt(variance / xx);
        var interceptReach = t * Math.Sqrt(variance * ((1 / n) + (meanX * meanX / xx)));
        var coverage = SimulatedCoverage.Of(Estimate.LaunchLaw, points.Length, confidence);
        return new(
            Math.Exp(intercept),
            new(Math.Exp(intercept - interceptReach), Math.Exp(intercept + interceptReach), confidence) { Coverage = coverage },
            slope,
            new(slope - slopeReach, slope + slopeReach, confidence) { Coverage = coverage },
            total == 0 ? 1 : 1 - (residual / total),
            points.Length,
            runs.Count - points.Length);
    }
}
