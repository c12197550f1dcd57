using Regatta.Analysis;
using Regatta.Runs;

namespace Regatta.Reports.Model;

/// <summary>
/// The pitfalls of Frachtenberg and Feitelson (JSSPP 2005) and the twelve rules of Hoefler and Belli (SC'15), each with what this report did about it.
/// What is said comes from the trials themselves, so that an item is never kept by assertion.
/// </summary>
internal static class Checklists
{
    private const string Pitfalls = "Frachtenberg and Feitelson, JSSPP 2005";
    private const string Rules = "Hoefler and Belli, SC’15";

    public static ImmutableArray<ChecklistItem> Of(Comparison comparison, IReadOnlyList<RacedTrial> trials, IReadOnlyList<RecordedRun> runs, ReportSettings settings)
    {
        var facts = new ChecklistFacts(comparison, trials, runs, settings);
        return
        [
            new(Pitfalls, "Workloads: a trace or a model that represents the users’ work", null, $"Workload {facts.Workloads}; whether it represents yours is for you to say. 'regatta workload inspect' draws it."),
            new(Pitfalls, "Load: saturate neither by accident nor hide behind low load", facts.LoadBelowOne, facts.LoadText),
            new(Pitfalls, "Sizes of the jobs fit the machine", facts.NoRejects, facts.RejectText),
            new(Pitfalls, "User estimates, not run times, are what the scheduler sees", facts.Estimates, facts.EstimateText),
            new(Pitfalls, "Real costs of submission, launch and release are in the numbers", facts.Real, facts.RealText),
            new(Pitfalls, "Warm-up and cool-down do not distort the means", facts.IsCut || facts.WholeWorkload, facts.CutText),
            new(Pitfalls, "Metrics: several, and the one that suits the question", true, "Wait, turnaround, slowdown, bounded slowdown (tau stated, weighted and unweighted), utilisation, loss of capacity, makespan with its bound, three rates, fairness over users."),
            new(Pitfalls, "Failed and cancelled jobs keep their rows", true, facts.StatesText),
            new(Pitfalls, "Statistics of long tails: not the mean alone", true, "Medians, 90th and 99th percentiles and whole distributions stand beside each mean; nothing is judged on a maximum."),
            new(Pitfalls, "Baselines: compared with an ideal and a bound", facts.HasReference, facts.ReferenceText),
            new(Rules, "1. Speedups state their base", true, comparison.Points.Length > 1 ? $"All changes are against {comparison.Settings.Baseline ?? comparison.Points[0].Point}, whose own numbers are shown." : "No speedup is stated."),
            new(Rules, "2. Subsets and what is left out are named", true, facts.SubsetText),
            new(Rules, "3. Arithmetic means for costs, harmonic for rates", true, "Times are averaged arithmetically; rates are counts over time, never means of ratios. Slowdown is a ratio of times by definition and its weighted mean stands beside it."),
            new(Rules, "4. Ratios are not averaged where their parts are known", true, "Utilisation and relative changes are computed from sums and shifts, not from means of ratios."),
            new(Rules, "5. Whether the numbers vary, and how much", facts.HasIntervals, facts.IntervalText),
            new(Rules, "6. No normal distribution is assumed", true, facts.DistributionText),
            new(Rules, "7. Compared soundly", facts.Tested, facts.TestText),
            new(Rules, "8. Percentiles where tails matter", true, "50th, 90th and 99th percentiles and distributions."),
            new(Rules, "9. The environment is described", facts.HasProvenance, facts.ProvenanceText),
            new(Rules, "10. Parallel time: how clocks were kept together", facts.Clocks, facts.ClockText),
            new(Rules, "11. Bounds show what could be reached", true, "The makespan’s lower bound stands beside each makespan" + (facts.HasReference == true ? ", and the reference scheduler’s numbers beside the others." : ".")),
            new(Rules, "12. Plots show the spread; lines join only what may be joined", true, "Distributions are steps, each repetition is drawn, and courses over time are means over stated intervals."),
            new("Measurement of schedulers", "Order of trials: shuffled in blocks with a recorded seed", facts.Blocks, facts.BlockText),
            new("Measurement of schedulers", "State of the cluster is the same for all", facts.SameState, facts.StateText),
            new("Measurement of schedulers", "The harness measures itself", facts.Lateness, facts.LatenessText),
            new("Measurement of schedulers", "Asymmetries are listed", !comparison.Labelled, comparison.Asymmetries.Length == 0 ? "None is recorded." : string.Create(CultureInfo.InvariantCulture, $"{comparison.Asymmetries.Length} listed, {comparison.Asymmetries.Count(a => !a.Explained)} of them unexplained.")),
        ];
    }
}
