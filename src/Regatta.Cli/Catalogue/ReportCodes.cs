using static Regatta.Cli.Catalogue.FaultCategory;

namespace Regatta.Cli.Catalogue;

/// <summary>Analysis, reports, queries and checks.</summary>
internal static class ReportCodes
{
    public static IReadOnlyList<CatalogueEntry> All { get; } =
    [
        new("asymmetry", Note, "Points differ in more than what is compared", "Make them alike"),
        new("bimodal", Note, "The runs of a point fall into two groups", "Look for what differs between them"),
        new("client-limited", Note, "A trial was limited by the client and is not compared", "Repeat it on a quiet machine"),
        new("clock-not-known", Note, "The clock of a node is not known well enough", "Look at its time synchronisation"),
        new("clock-not-synchronised", Note, "The clock of a node is off", "Synchronise it"),
        new("hosts-differ", Note, "Runs on one host differ from those on the others", "Run whole blocks on each host"),
        new("hosts-confounded", Note, "Points ran on hosts that no other point ran on", "Run whole blocks on each host"),
        new("drift", Note, "A metric drifts over the order of the runs", "Look for what changed meanwhile"),
        new("emulated", Note, "A scheduler ran on emulated nodes", "Read docs/emulation.md"),
        new("few-repetitions", Note, "Few repetitions for so many tests", "Take more repetitions"),
        new("interval-coverage", Note, "Intervals of few repetitions cover less than they say where runs are skewed", "Take as many repetitions as it names"),
        new("jobs-over-limit", Note, "Jobs run longer than their time limit and are ended there", "Raise their limits, or judge them as timed out"),
        new("late-start", Note, "The first job is submitted long after the start", "Cut the workload with window"),
        new("load-above-one", Note, "More work arrives than the machine can do", "Judge the makespan, or scale the load"),
        new("never-queues", Note, "No job has to wait", "Compress times, scale the load or take a smaller machine"),
        new("one-burst", Note, "All jobs are submitted at once", "Judge the makespan"),
        new("outlier", Note, "A run is far from the others", "Look at that trial's logs"),
        new("point-left-out", Note, "A point could not run on this host", "Follow its reason"),
        new("repetitions-identical", Note, "All repetitions gave the same numbers", "Shake the workload: measure=shaken"),
        new("too-few-repetitions", Note, "Too few repetitions for a verdict", "Take more repetitions"),
        new("trial-invalid", Note, "A trial is invalid and is not compared", "Read its reasons; resume repeats it when removed"),
        new("trial-missing", Note, "A trial left no record", "regatta resume"),
        new("trial-too-long", Input, "The stamps of a trial are years apart", "Put the record back, or repeat the trial"),
        new("no-valid-trial", Failed, "No trial of a point is valid", "Read the reasons and repeat them"),
        new("metric-none", Input, "No metric is named that a verdict could be about", "Name one in measure.judge"),
        new("metric-unknown", Input, "There is no such metric", "docs/measurement.md lists all"),
        new("metric-maximum", Input, "Nothing is judged on a maximum", "Choose a mean or a percentile"),
        new("point-unknown", Input, "There is no such point", "Choose one of the run"),
        new("check-against", Input, "A point that others are held to is not there, or none can be held to it", "Name a point of the run; one for each workload"),
        new("check-both", Input, "A check names a baseline run and a point", "Give --baseline or --against"),
        new("check-bound", Input, "A bound cannot be read or names what the run does not have", "METRIC <= VALUE or METRIC >= VALUE"),
        new("check-bounds-file", Input, "The file of bounds cannot be read", "Name a file with one bound a line"),
        new("check-nothing", Input, "A check names neither a baseline nor a bound", "Give --baseline or --bound"),
        new("check-share", Input, "A share for --max-regression cannot be read", "5%, 0.05 or METRIC=10%"),
        new("check-metric", Input, "A metric has no better or worse", "Choose one such as wait-mean"),
        new("check-points", Input, "The runs have no point in common", "Compare runs of the same experiment"),
        new("check-write", Lacking, "The JUnit file cannot be written", "Name a place that can be written"),
        new("export-no-samples", Input, "No trial of the runs was sampled", "measure.sample=1s, on machines"),
        new("export-no-trial", Failed, "No trial is finished", "Finish the run first"),
        new("export-write", Lacking, "The export cannot be written", "Name a place that can be written"),
        new("query-no-trial", Failed, "No trial is finished", "Finish a run first"),
        new("query-reads-only", Input, "query takes one statement that only reads", "SELECT, WITH, FROM, DESCRIBE, SUMMARIZE or SHOW"),
        new("query-sql", Input, "DuckDB does not accept the query", "Read its words in the detail"),
        new("report-no-jobs", Input, "A trial has no jobs.parquet", "Repeat the trial"),
        new("report-no-trial", Failed, "No trial is finished", "Finish the run first"),
        new("report-write", Lacking, "The report cannot be written", "Name a place that can be written"),
    ];
}
