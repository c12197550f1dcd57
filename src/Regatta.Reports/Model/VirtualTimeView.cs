using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Reports.Model;

/// <summary>How alike the repetitions of a point in virtual time are, or of one in real time beside it.</summary>
/// <param name="Point">The point.</param>
/// <param name="Time">The time that it ran in.</param>
/// <param name="Runs">Valid repetitions.</param>
/// <param name="Tau">Kendall's tau of the starts, mean over all pairs of repetitions.</param>
/// <param name="LeastTau">The least of any pair.</param>
/// <param name="Difference">How far the starts of a job are apart, mean over jobs and pairs, seconds.</param>
/// <param name="Wait">Mean wait, seconds.</param>
/// <param name="WaitSpread">The largest mean wait over the smallest, less one.</param>
/// <param name="Factor">Virtual seconds in a real one, mean over repetitions; 1 in real time.</param>
public sealed record AlikeRow(string Point, string Time, int Runs, double Tau, double LeastTau, double Difference, double Wait, double WaitSpread, double Factor);

/// <summary>Virtual time against real time, by one metric.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="Real">Its mean in real time.</param>
/// <param name="Virtual">Its mean in virtual time.</param>
/// <param name="Margin">How far two runs in real time were apart at most: what is taken for equal.</param>
/// <param name="P">Of two one-sided tests that the means are within the margin.</param>
public sealed record FidelityRow(string Metric, double Real, double Virtual, double Margin, double P)
{
    /// <summary>Whether they were shown to be equal within the margin.</summary>
    public bool Holds => P < 0.05;
}

/// <summary>What virtual time was worth on one set of jobs, held against real time.</summary>
/// <param name="Scheduler">The scheduler and its version.</param>
/// <param name="Workload">The jobs.</param>
/// <param name="Runs">How many valid runs there are of each, in real and in virtual time.</param>
/// <param name="Rows">By metric.</param>
/// <param name="Among">Kendall's tau of the starts, two real runs against each other: mean and least.</param>
/// <param name="Between">A real one against a virtual one: mean and least.</param>
/// <param name="On">The day, UTC.</param>
public sealed record FidelityCheck(string Scheduler, string Workload, (int Real, int Virtual) Runs, ImmutableArray<FidelityRow> Rows, (double Mean, double Least) Among, (double Mean, double Least) Between, DateOnly On)
{
    /// <summary>One sentence that says what was found.</summary>
    public override string ToString()
    {
        var (shown, not) = (Rows.Where(r => r.Holds).Select(r => r.Metric).ToArray(), Rows.Where(r => !r.Holds).Select(r => r.Metric).ToArray());
        var found = not.Length == 0 ? $"equal in {VerdictWords.Listed(shown)}" : shown.Length == 0 ? $"not shown to be equal in {VerdictWords.Listed(not)}" : $"equal in {VerdictWords.Listed(shown)}, not shown to be in {VerdictWords.Listed(not)}";
        return string.Create(CultureInfo.InvariantCulture,
            $"{Scheduler}, {Workload}, {On:yyyy-MM-dd}: {Runs.Virtual} runs in virtual time against {Runs.Real} in real time, {found}, within the largest difference of two real runs; Kendall's tau of the starts {Between.Mean:0.000} between the two and {Among.Mean:0.000} among the real ones.");
    }
}

/// <summary>What must be known of trials in virtual time.</summary>
/// <param name="Alike">How alike repetitions are.</param>
/// <param name="Checks">Virtual time against real time, where the report has both.</param>
/// <param name="Known">What the latest check of these versions on the runs' hosts found, where the report has none.</param>
public sealed record VirtualTimeView(ImmutableArray<AlikeRow> Alike, ImmutableArray<FidelityCheck> Checks, ImmutableArray<string> Known)
{
    private static readonly string[] Judged = ["makespan", "wait-mean", "bounded-slowdown-mean"];

    /// <summary>What was found, one sentence each.</summary>
    public IEnumerable<string> Sentences =>
    [
        .. Alike.Where(a => a.Runs > 1).Select(a => string.Create(CultureInfo.InvariantCulture,
            $"{a.Point} in {a.Time} time: {a.Runs} runs of the same jobs start them {a.Difference:0.00} s apart in the mean, Kendall's tau {a.Tau:0.000} (least {a.LeastTau:0.000}), mean waits {a.WaitSpread * 100:0.0} % apart.")),
        .. Checks.Select(c => c.ToString()),
        .. Known.Select(k => $"Virtual time was last held against real time on this host: {k}"),
    ];

    /// <summary>What the trials say; null where none ran in virtual time.</summary>
    internal static VirtualTimeView? Of(IReadOnlyList<RacedTrial> trials)
    {
        if (trials.All(t => t.Trial.Record.Clock is null)) return null;
        var valid = trials.Where(t => t.Standing != TrialStanding.Invalid).ToList();
        // Real trials are told of where they ran the jobs of virtual ones on nodes of the same kind.
        var sets = valid.GroupBy(t => (t.Trial.Record.Workload, t.Trial.Record.Processors, Name(t))).Where(s => s.Any(t => t.Trial.Record.Clock is not null)).ToList();
        var checks = sets.Select(s => Check([.. s])).OfType<FidelityCheck>().ToImmutableArray();
        var known = trials.Where(t => t.Trial.Record.Clock is not null && checks.All(c => c.Scheduler != Name(t))).Select(t => t.Run.Provenance?.VirtualTime?.GetValueOrDefault(Name(t)));
        return new VirtualTimeView([.. sets.SelectMany(s => s.GroupBy(t => t.Trial.Record.Point, StringComparer.Ordinal)).Select(p => Row([.. p]))], checks, [.. known.OfType<string>().Distinct(StringComparer.Ordinal)]);
    }

    private static string Name(RacedTrial trial) => $"{trial.Trial.Record.Scheduler}{(trial.Trial.Record.SchedulerVersion is { } version ? " " + version : "")}";

    private static AlikeRow Row(List<RacedTrial> runs)
    {
        var pairs = Pairs(runs, runs, among: true);
        var waits = Values(runs, "wait-mean");
        var clocks = runs.Select(r => r.Trial.Record.Clock).OfType<ClockReport>().ToArray();
        return new AlikeRow(
            runs[0].Trial.Record.Point, clocks.Length == 0 ? "real" : "virtual", runs.Count, Mean(pairs, p => p.Tau), Least(pairs), Mean(pairs, p => p.MeanDifference),
            waits.DefaultIfEmpty(double.NaN).Average(), waits.Length == 0 || waits.Min() <= 0 ? double.NaN : (waits.Max() / waits.Min()) - 1, clocks.Length == 0 ? 1 : clocks.Average(c => c.Factor));
    }

    private static FidelityCheck? Check(List<RacedTrial> runs)
    {
        // One point of each: points that differ in more than their time say nothing of it.
        var points = runs.GroupBy(r => r.Trial.Record.Point, StringComparer.Ordinal).Select(p => p.ToList()).Where(p => p.Count > 1).ToList();
        var (real, other) = (points.Where(p => p[0].Trial.Record.Clock is null).ToList(), points.Where(p => p[0].Trial.Record.Clock is not null).ToList());
        if (real is not [var first] || other is not [var second]) return null;
        var rows = Judged.Select(metric =>
        {
            var (x, y) = (Values(first, metric), Values(second, metric));
            var margin = x.Length < 2 ? double.NaN : x.Max() - x.Min();
            return new FidelityRow(metric, x.DefaultIfEmpty(double.NaN).Average(), y.DefaultIfEmpty(double.NaN).Average(), margin, EquivalenceTest.P(x, y, margin));
        });
        var (among, between) = (Pairs(first, first, among: true), Pairs(first, second, among: false));
        return new FidelityCheck(
            Name(first[0]), first[0].Trial.Record.Workload, (first.Count, second.Count), [.. rows], (Mean(among, p => p.Tau), Least(among)), (Mean(between, p => p.Tau), Least(between)),
            DateOnly.FromDateTime(DateTime.UnixEpoch.AddTicks(first[0].Trial.Record.Started * 10)));
    }

    private static StartOrder[] Pairs(List<RacedTrial> first, List<RacedTrial> second, bool among) =>
        [.. first.SelectMany((a, i) => second.Skip(among ? i + 1 : 0).Select(b => StartOrder.Of(a.Trial, b.Trial)))];

    private static double[] Values(List<RacedTrial> runs, string metric) => [.. runs.Select(r => r.Measured.Metrics[metric]).OfType<double>().Where(double.IsFinite)];

    private static double Mean(StartOrder[] pairs, Func<StartOrder, double> of) => pairs.Select(of).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();

    private static double Least(StartOrder[] pairs) => pairs.Select(p => p.Tau).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Min();
}
