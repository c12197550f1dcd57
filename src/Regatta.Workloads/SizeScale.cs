namespace Regatta.Workloads;

/// <summary>Ways to bring the sizes of jobs to a machine.</summary>
public enum SizeScaleKind
{
    /// <summary>Sizes stay; a job larger than the machine is an error.</summary>
    None,

    /// <summary>Sizes stay, but those above the machine become the whole machine.</summary>
    Clamp,

    /// <summary>Sizes keep their share of the machine that the workload was made for.</summary>
    Fit,

    /// <summary>Sizes are multiplied by a factor.</summary>
    Factor,
}

/// <summary>How sizes are brought to a machine: <c>workload.scale=none|clamp|fit|FACTOR</c>.</summary>
/// <param name="Kind">The way.</param>
/// <param name="Factor">Factor above 0 of <see cref="SizeScaleKind.Factor"/>.</param>
/// <param name="Source">Processors of the machine that the workload was made for, for <see cref="SizeScaleKind.Fit"/>; null for those that the workload knows.</param>
public readonly record struct SizeScale(SizeScaleKind Kind, double Factor = 1, int? Source = null)
{
    /// <summary>Reads <c>none</c>, <c>clamp</c>, <c>fit</c> or a factor such as <c>0.25</c>.</summary>
    /// <exception cref="DiagnosticException">It is none of these.</exception>
    public static SizeScale Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text switch
        {
            "none" => new SizeScale(SizeScaleKind.None),
            "clamp" => new SizeScale(SizeScaleKind.Clamp),
            "fit" => new SizeScale(SizeScaleKind.Fit),
            _ when double.TryParse(text, CultureInfo.InvariantCulture, out var factor) && factor > 0 && double.IsFinite(factor) => new SizeScale(SizeScaleKind.Factor, factor),
            _ => throw new DiagnosticException(Diagnostic.Error("workload-scale", $"scale '{text}' is neither none, clamp, fit nor a factor above 0") with
            {
                Help = "fit keeps each job's share of the machine, clamp cuts at the machine's size, 0.5 halves every size, none leaves them",
            }),
        };
    }

    /// <summary>
    /// The workload with its sizes brought to the machine. New sizes are <c>max(1, round(size · factor))</c>; the factor of
    /// <see cref="SizeScaleKind.Fit"/> is the machine's processors over <see cref="Source"/>, else <see cref="Workload.SourceProcessors"/>, else the largest job. What was
    /// fitted or clamped is a workload of that machine: to fit it again changes nothing.
    /// </summary>
    /// <exception cref="DiagnosticException">Jobs are larger than the machine (<c>workload-too-large</c>); the detail lists them.</exception>
    public Workload Apply(Workload workload, MachineSize machine)
    {
        ArgumentNullException.ThrowIfNull(workload);
        var source = Source ?? workload.SourceProcessors ?? workload.Jobs.Max(job => job.Processors);
        var scaled = Kind switch
        {
            SizeScaleKind.Clamp => Clamp(workload, machine),
            SizeScaleKind.Fit => Multiply(workload, (double)machine.Processors / source, machine).OnMachine(machine.Processors, NodesOf(machine)),
            SizeScaleKind.Factor => Multiply(workload, Factor, machine),
            _ => workload,
        };
        Check(scaled, machine, workload, Kind == SizeScaleKind.Fit ? source : null);
        return scaled;
    }

    /// <summary>Throws when a job needs more processors or nodes than the machine has.</summary>
    /// <param name="workload">The workload.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="original">The same jobs before they were scaled, whose sizes are named too; null when they were not.</param>
    /// <param name="fittedFrom">Processors of the machine that sizes were fitted from; null when they were not fitted.</param>
    /// <exception cref="DiagnosticException">With the list of the jobs that cannot fit.</exception>
    public static void Check(Workload workload, MachineSize machine, Workload? original = null, int? fittedFrom = null)
    {
        const int Shown = 20;
        ArgumentNullException.ThrowIfNull(workload);
        var large = Enumerable.Range(0, workload.Jobs.Length).Where(i => workload.Jobs[i].Processors > machine.Processors || workload.Jobs[i].Nodes > machine.Nodes).ToList();
        if (large.Count == 0) return;
        string Describe(int i)
        {
            var job = workload.Jobs[i];
            var many = job.Processors > machine.Processors;
            var before = original is not null && many && original.Jobs[i].Processors != job.Processors ? $" ({original.Jobs[i].Processors} before scaling)" : "";
            return string.Create(CultureInfo.InvariantCulture, $"job {job.Id}, submitted at {job.Submit.TotalSeconds:0.###} s: {(many ? $"{job.Processors} processors" : $"{job.Nodes} nodes")}{before}");
        }

        var lines = large.Take(Shown).Select(Describe);
        if (large.Count > Shown) lines = lines.Append($"and {large.Count - Shown} more");
        throw new DiagnosticException(Diagnostic.Error("workload-too-large",
            $"{large.Count} of {workload.Jobs.Length} jobs of {workload.Name} cannot fit a machine of {machine}") with
        {
            Detail = string.Join('\n', lines),
            Help = fittedFrom is { } source ? $"sizes were fitted from a machine of {source} processors, which is smaller than these jobs: say with scale_source how many it had, or give no scale_source"
                : "scale=fit keeps each job's share of the machine, scale=clamp cuts at the machine's size, or take a larger machine",
        });
    }

    private static int? NodesOf(MachineSize machine) => machine.ProcessorsPerNode > 1 ? machine.Nodes : null;

    private static Workload Clamp(Workload workload, MachineSize machine)
    {
        var cut = 0;
        var jobs = workload.Jobs.Select(job =>
        {
            if (job.Processors <= machine.Processors && job.Nodes <= machine.Nodes) return job;
            cut++;
            return Resize(job, Math.Min(job.Processors, machine.Processors), machine);
        }).ToList();
        // A machine that was larger is now one of this size, whether or not a job filled it.
        var clamped = workload.SourceProcessors > machine.Processors ? workload.OnMachine(machine.Processors, NodesOf(machine)) : workload;
        if (cut == 0) return clamped;
        return (clamped with { Jobs = [.. jobs] }).Note($"Sizes cut at {machine.Processors} processors.",
            Diagnostic.Warning("workload-sizes-clamped", $"{cut} of {jobs.Count} jobs of {workload.Name} were larger than the machine and now take all of its {machine.Processors} processors"));
    }

    private static Workload Multiply(Workload workload, double factor, MachineSize machine)
    {
        if (factor == 1) return workload;
        double exact = 0, rounded = 0;
        var raised = 0;
        var sizes = new List<(double Meant, int Got)>(workload.Jobs.Length);
        var jobs = workload.Jobs.Select(job =>
        {
            var wanted = job.Processors * factor;
            var size = (int)Math.Clamp(Math.Round(wanted, MidpointRounding.AwayFromZero), 1, int.MaxValue);
            if (wanted < 0.5) raised++;
            sizes.Add((wanted, size));
            exact += wanted * job.EffectiveRunTime().TotalSeconds;
            rounded += size * job.EffectiveRunTime().TotalSeconds;
            return Resize(job, size, machine);
        }).ToList();
        var distortion = exact > 0 ? rounded / exact : 1;
        var text = string.Create(CultureInfo.InvariantCulture, $"sizes multiplied by {factor:0.######}");
        var diagnostic = Diagnostic.Hint("workload-sizes-scaled", string.Create(CultureInfo.InvariantCulture,
            $"{workload.Name}: {text}; rounding to whole processors makes the work {distortion:0.###} times what exact scaling would, and {raised} jobs below half a processor take one"));
        var made = workload.SourceProcessors is { } source ? workload.OnMachine((int)Math.Clamp(Math.Round(source * factor), 1, int.MaxValue), null) : workload;
        return (made with { Jobs = [.. jobs] }).Note($"S{text[1..]}.", SizeMix.Check(sizes) is { } mix ? [diagnostic, mix] : [diagnostic]);
    }

    private static Job Resize(Job job, int processors, MachineSize machine) => job with
    {
        Processors = processors,
        Recorded = job.Recorded?.OfOtherSize(),
        Request = job.Request?.OfOtherSize((double)processors / job.Processors, Math.Max(1, machine.Nodes)),
        Nodes = job.Nodes == 0 ? 0 : Math.Clamp(Math.Min(job.Nodes, processors), 1, Math.Max(1, machine.Nodes)),
        GangMinimum = Math.Min(job.GangMinimum, processors),
    };
}
