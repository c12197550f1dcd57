using Regatta.Analysis;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Reports.Model;

/// <summary>What the trials say about each item of the checklist.</summary>
internal sealed class ChecklistFacts
{
    private readonly Comparison _comparison;
    private readonly IReadOnlyList<RacedTrial> _trials;
    private readonly IReadOnlyList<RecordedRun> _runs;
    private readonly ReportSettings _settings;
    private readonly List<TrialRecord> _records;
    private double? _estimateShare;

    public ChecklistFacts(Comparison comparison, IReadOnlyList<RacedTrial> trials, IReadOnlyList<RecordedRun> runs, ReportSettings settings)
    {
        _comparison = comparison;
        _trials = trials;
        _runs = runs;
        _settings = settings;
        _records = [.. trials.Select(t => t.Measured.Record)];
    }

    public string Workloads => All(r => r.Workload);

    // Offered load: processor time of the jobs over what the machine offers while they are submitted.
    private List<double> Loads => field ??= [.. _trials.Select(Load).Where(l => double.IsFinite(l))];

    public bool? LoadBelowOne => Loads.Count == 0 ? null : Loads.Max() <= 1;

    public string LoadText => Loads.Count == 0
        ? "The jobs were submitted all at once; offered load is not defined."
        : $"Offered load {Range(Loads)} of the machine between first and last submission"
            + (Loads.Max() > 1 ? ": above 1, so waits grow with the length of the trace and are no steady state." : ".");

    private int Rejected => _trials.Sum(t => Count(t, s => s == JobState.Rejected));

    public bool? NoRejects => Rejected == 0;

    public string RejectText => Rejected == 0 ? "No job was rejected." : $"{Quantity.Count(Rejected, "job")} were rejected by the scheduler.";

    // Read once for all sentences.
    private double EstimateShare => _estimateShare ??= _trials.Sum(t => CountRows(t, (j, row) => j.RequestedTime[row] != JobTable.Missing && j.RequestedTime[row] > j.RunTime[row]))
        / (double)Math.Max(1, _trials.Sum(t => t.Trial.Jobs.Count));

    public bool? Estimates => EstimateShare > 0.5;

    public string EstimateText => $"{Quantity.Format(EstimateShare, Unit.Share)} of the jobs ask for more time than they use" + (EstimateShare > 0.5 ? "." : "; with exact or missing estimates backfilling looks better than it is.");

    public bool? Real => _records.All(r => r.Machines != MachineKind.Simulation && Emulation.Of(r) is null);

    public string RealText => _records.Any(r => Emulation.Of(r) is not null) ? $"The nodes of {Quantity.Count(_records.Count(r => Emulation.Of(r) is not null), "trial")} are emulated: what that leaves out stands in the verdict."
        : Real == true ? $"Every trial ran on real daemons and nodes ({All(r => r.Machines.Name())})."
        : _records.All(r => r.Machines == MachineKind.Simulation) ? "Every trial is a simulation without overhead." : "Some trials are simulations without overhead.";

    public bool IsCut => _settings.Measure.WarmUp > TimeSpan.Zero || _settings.Measure.CoolDown > TimeSpan.Zero;

    // A workload that is raced from its first job to its last has no steady state to cut out.
    public bool WholeWorkload => _trials.All(t => t.Trial.Jobs.Count <= 1_000);

    public string CutText => IsCut
        ? $"Jobs of the first {Quantity.Seconds(_settings.Measure.WarmUp.TotalSeconds)} and the last {Quantity.Seconds(_settings.Measure.CoolDown.TotalSeconds)} of submissions are left out; they stay running."
        : WholeWorkload ? "Nothing is cut: the whole workload, from an empty machine to an empty machine, is what is compared." : "Nothing is cut, though the trials are long: the empty machine at both ends is in the means.";

    public string StatesText
    {
        get
        {
            var not = _trials.Sum(t => Count(t, s => s != JobState.Completed));
            return not == 0 ? "All jobs completed." : $"{Quantity.Count(not, "job")} did not complete; they are in every metric that their stamps define.";
        }
    }

    public bool? HasReference => _trials.Any(t => t.Ideal is not null) || _records.All(r => r.Machines == MachineKind.Simulation);

    public string ReferenceText => _trials.Any(t => t.Ideal is not null) ? "The same jobs were simulated without overhead; the distance to that stands beside each number, and each makespan’s lower bound."
        : _records.All(r => r.Machines == MachineKind.Simulation) ? "The trials are themselves the ideal; each makespan has its lower bound."
        : "No trial could be simulated; each makespan has its lower bound.";

    public string SubsetText
    {
        get
        {
            var left = _trials.Count(t => t.Standing == TrialStanding.Invalid);
            var missing = _runs.Sum(r => r.Missing.Length);
            if (_runs.Sum(r => r.LeftOut.Length) is > 0 and var points)
                return $"{Quantity.Count(points, "point")} could not run, {Quantity.Count(left, "trial")} not compared and {missing.ToString(CultureInfo.InvariantCulture)} not run are named with their reasons.";
            return left + missing == 0 ? "Every planned trial is here and compared; no job is left out."
                : $"{Quantity.Count(left, "trial")} not compared and {missing.ToString(CultureInfo.InvariantCulture)} not run are named with their reasons.";
        }
    }

    private int Fewest => _comparison.Points.Select(p => p.Valid).DefaultIfEmpty(0).Min();

    public bool? HasIntervals => Fewest >= MeanInterval.Fewest;

    public string IntervalText => HasIntervals == true
        ? $"At least {Quantity.Count(Fewest, "valid run")} of each point; intervals over runs, for the jobs of one run are not independent."
        : $"Only {Quantity.Count(Fewest, "valid run")} of some point: too few for an interval. 'measure.repetitions=6' or more gives one, and a test.";

    public string DistributionText =>
        _comparison.Points.SelectMany(p => p.Metrics.Values).Select(m => m.Interval?.Coverage).OfType<SimulatedCoverage>().MinBy(c => c.Runs) is { } few
            ? $"Rank tests, and no t-test. Intervals of few runs say how often they cover where runs are not normal: {few.Range()} at n = {few.Runs.ToString(CultureInfo.InvariantCulture)}."
            : "BCa bootstrap intervals and rank tests; no t-test.";

    public bool? Tested => _comparison.Points.Length < 2 ? null : _comparison.Pairs.Any(p => p.Test is not null && p.Outcome != Outcome.TooFewRuns);

    public string TestText => Tested switch
    {
        null => "There is one point; nothing is compared.",
        true => $"{string.Join(" and ", _comparison.Pairs.Select(p => p.Test?.Name).OfType<string>().Distinct(StringComparer.Ordinal))}, Hodges–Lehmann shift and Cliff’s delta, corrected by Holm.",
        false => "Too few runs for any test; the report says so instead of a verdict.",
    };

    public bool? HasProvenance => _runs.All(r => r.Provenance is not null);

    public string ProvenanceText => HasProvenance == true ? "Host, tools, images by hash, machines, versions, seeds and the composed experiment are above." : "provenance.json is missing in a run directory.";

    public bool? Clocks => _records.All(r => r.Machines == MachineKind.Simulation) ? null : _records.All(r => r.ClocksBefore.Length > 0 && r.ClocksAfter.Length > 0);

    public string ClockText => Clocks switch
    {
        null => "A simulation has one clock.",
        true => $"Offsets to the head measured before and after each trial; the largest change was {Change()}.",
        false => "Clock offsets are not recorded for every trial.",
    };

    public bool? Blocks => _comparison.Points.Length < 2 || _runs.Count > 1 && _comparison.Pairs.All(p => !p.Paired) ? null : _comparison.Pairs.Any(p => p.Paired);

    public string BlockText => Blocks switch
    {
        null => _runs.Count > 1 ? "The points come from different runs, whose trials were not mixed: what changed between the runs is not told apart from what is compared." : "There is one point.",
        true => $"{Quantity.Count(_records.Select(r => r.Block).Distinct().Count(), "block")}, each with every point once, shuffled{(_runs[0].Seed is { } seed ? string.Create(CultureInfo.InvariantCulture, $" with seed {seed}") : "")}.",
        false => "The trials are not in blocks that hold every point.",
    };

    public bool? SameState => _records.Select(r => r.ClusterState).Distinct(StringComparer.Ordinal).Count() == 1;

    public string StateText => $"State before a trial: {string.Join(", ", _records.GroupBy(r => r.ClusterState, StringComparer.Ordinal).Select(g => SameState == true ? g.Key : $"{g.Key} ({Quantity.Count(g.Count(), "trial")})"))}.";

    private List<double> Late => field ??= [.. _trials.Select(t => t.Audit.LatenessP99).OfType<double>().Select(v => v / 1e6)];

    public bool? Lateness => _records.All(r => r.Machines == MachineKind.Simulation) ? null : Late.Count == _trials.Count && _trials.All(t => t.Audit.Verdict != TrialVerdict.ClientLimited);

    public string LatenessText => Lateness is null ? "A simulation is never late."
        : Late.Count == 0 ? "Lateness of the submissions is not recorded."
        : $"Submissions were late by at most {Quantity.Seconds(Late.Max())} (99th percentile, worst trial); {Quantity.Count(_trials.Count(t => t.Audit.Verdict == TrialVerdict.ClientLimited), "trial")} limited by the client.";

    private string All(Func<TrialRecord, string> of) => string.Join(", ", _records.Select(of).Distinct(StringComparer.Ordinal));

    private string Change() => _trials.Select(t => t.Audit.LargestOffsetChange).OfType<long>().DefaultIfEmpty(-1).Max() is >= 0 and var change ? Quantity.Seconds(change / 1e6) : "not known";

    private static string Range(List<double> values) =>
        values.Max() - values.Min() < 0.005 ? Quantity.Format(values[0], Unit.Share) : $"{Quantity.Format(values.Min(), Unit.Share)} to {Quantity.Format(values.Max(), Unit.Share)}";

    private static double Load(RacedTrial trial)
    {
        var jobs = trial.Trial.Jobs;
        var area = 0.0;
        long first = long.MaxValue, last = long.MinValue;
        for (var row = 0; row < jobs.Count; row++)
        {
            var sent = jobs.Planned[row] != JobTable.Missing ? jobs.Planned[row] : jobs.Sent[row];
            if (sent == JobTable.Missing) continue;
            first = Math.Min(first, sent);
            last = Math.Max(last, sent);
            area += (double)jobs.Processors[row] * jobs.RunTime[row];
        }

        // As the validator of the workload counts it: n arrivals span n - 1 gaps.
        return last > first ? area / ((double)trial.Measured.Record.Processors * (last - first) * jobs.Count / (jobs.Count - 1.0)) : double.NaN;
    }

    private static int Count(RacedTrial trial, Func<JobState, bool> of) => trial.Measured.Metrics.States.Where(s => of(s.Key)).Sum(s => s.Value);

    private static int CountRows(RacedTrial trial, Func<JobTable, int, bool> of)
    {
        var count = 0;
        for (var row = 0; row < trial.Trial.Jobs.Count; row++)
        {
            if (of(trial.Trial.Jobs, row)) count++;
        }

        return count;
    }
}
