using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Reports.Model;

/// <summary>Clients of one kind at one point, over its repetitions.</summary>
/// <param name="Point">The point.</param>
/// <param name="Kind">What they did.</param>
/// <param name="Command">What was run.</param>
/// <param name="Rate">Calls a second that were asked for.</param>
/// <param name="Calls">Calls of all repetitions.</param>
/// <param name="NoAnswer">Those that timed out, or were not begun since too many were under way.</param>
/// <param name="Failed">Those that ended with an error.</param>
/// <param name="P50">Median, mean over repetitions, seconds; NaN where there is none.</param>
/// <param name="P90">90th percentile.</param>
/// <param name="P99">99th percentile.</param>
/// <param name="StartRate">Jobs that started per second, mean over repetitions.</param>
public sealed record ClientRow(string Point, ClientKind Kind, string Command, double Rate, int Calls, int NoAnswer, int Failed, double P50, double P90, double P99, double StartRate);

/// <summary>What clients beside the workload met.</summary>
/// <param name="Rows">By point and kind.</param>
/// <param name="Sentences">At which rate a latency passes its bound, and what clients do to the start rate.</param>
public sealed record ClientView(ImmutableArray<ClientRow> Rows, ImmutableArray<string> Sentences)
{
    /// <summary>What the trials met; null where no client called.</summary>
    public static ClientView? Of(IEnumerable<TrialRow> trials)
    {
        var valid = trials.Where(t => t.Standing != TrialStanding.Invalid).ToList();
        if (valid.All(t => t.Record.Clients.IsEmpty)) return null;
        var rows = valid.GroupBy(t => t.Record.Point, StringComparer.Ordinal).SelectMany(point => point.SelectMany(t => t.Record.Clients).GroupBy(c => c.Kind).Select(kind => Row(point.Key, [.. kind], Starts(point))));
        return new ClientView([.. rows.OrderBy(r => r.Kind).ThenBy(r => r.Rate)], [.. Sets(valid).SelectMany(Knees), .. Sets(valid).SelectMany(Effects)]);
    }

    private static ClientRow Row(string point, List<ClientLatency> clients, double starts)
    {
        double Mean(Func<ClientLatency, long?> of) => clients.Select(of).OfType<long>().Select(v => v / 1e6).DefaultIfEmpty(double.NaN).Average();
        return new ClientRow(
            point, clients[0].Kind, clients[0].Command, clients[0].Rate, clients.Sum(c => c.Calls), clients.Sum(c => c.TimedOut + c.LeftOut), clients.Sum(c => c.Failed), Mean(c => c.P50), Mean(c => c.P90), Mean(c => c.P99), starts);
    }

    private static double Starts(IEnumerable<TrialRow> trials) => trials.Select(t => t.Metrics["started-rate"]).OfType<double>().Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();

    // Trials that differ in their clients alone.
    private static IEnumerable<IGrouping<string, TrialRow>> Sets(IEnumerable<TrialRow> trials) => trials.GroupBy(t =>
    {
        var r = t.Record;
        var settings = r.Settings.Where(s => !s.Key.StartsWith("clients.", StringComparison.Ordinal) && s.Key != Trait.ClustersBeside.Name()).Select(s => $"{s.Key}={s.Value}");
        return string.Join('\n', [Name(r), r.Workload, r.Image ?? "", .. settings]);
    }, StringComparer.Ordinal);

    private static string Name(TrialRecord record) => $"{record.Scheduler}{(record.SchedulerVersion is { } version ? " " + version : "")}, {record.Profile}";

    private static IEnumerable<string> Knees(IGrouping<string, TrialRow> set)
    {
        var name = Name(set.First().Record);
        foreach (var kind in set.SelectMany(t => t.Record.Clients).Select(c => c.Kind).Distinct().Order())
        {
            var knees = set.GroupBy(t => t.Record.Repetition)
                .Select(r => r.SelectMany(t => t.Record.Clients).Where(c => c.Kind == kind && c.P90 is not null).Select(c => (c.Rate, c.P90!.Value / 1e6, c.Bound)).ToList())
                .Where(r => r.DistinctBy(m => m.Rate).Count() > 1).Select(r => (Bound: r[0].Bound, Knee: ClientKnee.Of(kind, r.Select(m => (m.Rate, m.Item2)), r[0].Bound / 1e6))).ToList();
            if (knees.Count == 0) continue;
            var what = $"{name}: the 90th percentile of the latency of clients that {Does(kind)}";
            var bound = Quantity.Seconds(knees[0].Bound / 1e6);
            var crossed = knees.Select(k => k.Knee.Rate).OfType<double>().ToArray();
            if (crossed.Length == 0)
            {
                yield return knees.TrueForAll(k => k.Knee.Within is null)
                    ? $"{what} is beyond {bound} at {Quantity.Digits(knees.Min(k => k.Knee.Beyond!.Value))} calls a second already."
                    : $"{what} stays within {bound} up to {Quantity.Digits(knees.Where(k => k.Knee.Within is not null).Min(k => k.Knee.Within!.Value))} calls a second.";
                continue;
            }

            var interval = MeanInterval.Of(crossed) is { } known ? $", {known.Confidence:P0} interval {Quantity.Digits(known.Low)} to {Quantity.Digits(known.High)}" : "";
            yield return $"{what} passes {bound} at {Quantity.Digits(crossed.Average())} calls a second (mean of {Quantity.Count(crossed.Length, "repetition")} of {knees.Count} in which it does{interval}; between rates that were measured it is interpolated).";
        }
    }

    private static IEnumerable<string> Effects(IGrouping<string, TrialRow> set)
    {
        var calm = set.Where(t => t.Record.Clients.IsEmpty).ToList();
        var most = set.Where(t => !t.Record.Clients.IsEmpty).GroupBy(t => t.Record.Point, StringComparer.Ordinal).MaxBy(p => p.First().Record.Clients.Sum(c => c.Rate));
        if (calm.Count == 0 || most is null) yield break;
        var (without, with) = (Starts(calm), Starts(most));
        if (!double.IsFinite(without) || !double.IsFinite(with)) yield break;
        var change = ((with / without) - 1).ToString("+0.#%;−0.#%", CultureInfo.InvariantCulture);
        yield return $"{Name(calm[0].Record)}: {Quantity.Digits(without)} jobs started per second without clients, {Quantity.Digits(with)} ({change}) with {Quantity.Digits(most.First().Record.Clients.Sum(c => c.Rate))} calls a second.";
    }

    private static string Does(ClientKind kind) => kind switch
    {
        ClientKind.Queue => "look at the queue",
        ClientKind.Nodes => "look at the nodes",
        ClientKind.History => "look at jobs that have ended",
        ClientKind.Job => "look at one job",
        ClientKind.Step => "make steps",
        _ => "submit from scripts",
    };
}
