namespace Regatta.Workloads;

/// <summary>
/// Makes a workload from its settings: <c>workload=KIND</c> with <c>key=value</c>. The kinds and their settings are in <c>docs/workloads.md</c>.
/// </summary>
public static class WorkloadSource
{
    private static readonly string[] LublinTypes = ["all", "batch", "interactive", "mixed"];
    private static readonly string[] Spreads = ["constant", "exponential", "uniform"];

    /// <summary>The kind that reads a file of any format.</summary>
    public const string Trace = "trace";

    /// <summary>What <see cref="Trace"/> was called when there was one format: still taken.</summary>
    private const string FormerTrace = "swf";

    /// <summary>The kinds.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [Trace, "lublin", "esp", "quickstart", "bag", "array", "gang", "sleep", "closed"];

    /// <summary>
    /// Makes the workload: reads or generates it, then filters and transforms it, brings its sizes to the machine and checks it. What happened is in
    /// <see cref="Workload.Description"/> and <see cref="Workload.Diagnostics"/>.
    /// </summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="parameters">Settings.</param>
    /// <param name="machine">The machine that it must fit, and for which it is generated where the settings name none; null fits nothing.</param>
    /// <param name="open">Opens a file by the path that stands in the settings.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="DiagnosticException">Settings are wrong, the file cannot be read, a job cannot fit the machine, or the jobs are faulty.</exception>
    public static Workload Create(string kind, WorkloadParameters parameters, MachineSize? machine, Func<string, Stream> open, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(open);
        Func<Workload> make = kind switch
        {
            Trace or FormerTrace => FromFile(parameters, open, cancellationToken),
            "lublin" => Lublin(parameters, machine),
            "esp" => EspMix(parameters, machine),
            "quickstart" => Quick(parameters),
            "bag" or "array" or "gang" or "sleep" or "closed" => Batch(kind, parameters, machine),
            _ => throw new DiagnosticException(Diagnostic.Error("workload-kind", $"there is no workload '{kind}'") with
            {
                Where = new SourceRange(parameters.Source), Help = Suggestion.Help(kind, [.. Kinds]),
            }),
        };
        // The model makes its load from unrounded times, unless sizes change afterwards; the ESP mix says what scaled times mean.
        var change = WorkloadChanges.Read(parameters, ownLoad: kind == "lublin" && !parameters.Has("scale"), ownTimeScale: kind == "esp");
        parameters.Done($"workload {kind}");
        var workload = change.Apply(make().WithoutRecords(), machine);
        var faults = JobValidation.Check(workload.Jobs, workload.Name);
        return faults.IsEmpty ? workload : throw new DiagnosticException(faults);
    }

    private static Func<Workload> FromFile(WorkloadParameters parameters, Func<string, Stream> open, CancellationToken cancellationToken)
    {
        var file = parameters.Text("file");
        var mode = parameters.Flag("strict") ? SwfMode.Strict : SwfMode.Lenient;
        if (file is null) parameters.Missing("file", "name a file, such as workload.file=trace.swf or workload.file=trace.jsonl.gz");
        return () =>
        {
            using var stream = open(file!);
            return WorkloadFile.Read(stream, file!, mode, cancellationToken);
        };
    }

    private static Func<Workload> Lublin(WorkloadParameters parameters, MachineSize? machine)
    {
        var model = new LublinFeitelson
        {
            Jobs = parameters.Whole("jobs", 1) ?? 1000, Processors = Processors(parameters, machine), Seed = parameters.Long("seed") ?? 1,
            Load = parameters.Has("scale") ? null : parameters.Positive("load"), Type = (LublinType)parameters.Choice("type", LublinTypes), StartHour = parameters.Whole("start", 0) ?? 0,
        };
        return model.Generate;
    }

    private static Func<Workload> EspMix(WorkloadParameters parameters, MachineSize? machine)
    {
        var esp = new Esp
        {
            Processors = Processors(parameters, machine), Light = parameters.Flag("light"), Seed = parameters.Long("seed") ?? 1,
            TimeScale = parameters.Positive("time-scale") ?? 1,
        };
        return esp.Generate;
    }

    private static Func<Workload> Quick(WorkloadParameters parameters)
    {
        var seed = parameters.Long("seed") ?? Quickstart.ShippedSeed;
        return () => Quickstart.Generate(seed);
    }

    private static Func<Workload> Batch(string kind, WorkloadParameters parameters, MachineSize? machine)
    {
        var batches = new Batches { Seed = parameters.Long("seed") ?? 1 };
        if (kind == "sleep")
        {
            var processors = Processors(parameters, machine);
            var perProcessor = parameters.Whole("per-processor", 1) ?? 8;
            var total = parameters.Duration("total") ?? TimeSpan.FromSeconds(60);
            return () => batches.SleepFan(processors, perProcessor, total);
        }

        batches = batches with
        {
            Jobs = parameters.Whole("jobs", 1) ?? (kind == "closed" ? 10 : 100),
            RunTime = parameters.Duration("run-time") ?? batches.RunTime,
            Spread = (RunTimeShape)parameters.Choice("spread", Spreads),
            Arrivals = parameters.With("arrivals", Arrivals.Parse) ?? batches.Arrivals,
            Processors = (kind == "gang" ? parameters.Whole("members", 1) : parameters.Whole("size", 1)) ?? (kind == "gang" ? 4 : 1),
        };
        switch (kind)
        {
            case "array":
                var tasks = parameters.Whole("tasks", 1) ?? 10;
                return () => batches.Array(tasks);
            case "gang":
                var minimum = parameters.Whole("minimum", 1) ?? batches.Processors;
                return () => batches.Gang(minimum);
            case "closed":
                var users = parameters.Whole("users-in-loop", 1) ?? 4;
                var think = parameters.Duration("think-time") ?? TimeSpan.FromSeconds(10);
                return () => batches.Closed(users, think);
            default:
                return batches.Bag;
        }
    }

    private static int Processors(WorkloadParameters parameters, MachineSize? machine)
    {
        if (parameters.Whole("processors", 1) is { } given) return given;
        if (machine is { } size) return size.Processors;
        if (!parameters.Has("processors")) parameters.Missing("processors", "say for how large a machine, such as processors=1024");
        return 1;
    }
}
