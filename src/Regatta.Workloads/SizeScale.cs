using System.Globalization;
using Regatta.Diagnostics;

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
public readonly record struct SizeScale(SizeScaleKind Kind, double Factor = 1)
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
    /// <see cref="SizeScaleKind.Fit"/> is the machine's processors over <see cref="Workload.SourceProcessors"/>, or over the largest job where that is not known.
    /// </summary>
    /// <exception cref="DiagnosticException">Jobs are larger than the machine (<c>workload-too-large</c>); the detail lists them.</exception>
    public Workload Apply(Workload workload, MachineSize machine)
    {
        ArgumentNullException.ThrowIfNull(workload);
        var scaled = Kind switch
        {
            SizeScaleKind.Clamp => Clamp(workload, machine),
            SizeScaleKind.Fit => Multiply(workload, (double)machine.Processors / (workload.SourceProcessors ?? workload.Jobs.Max(job => job.Processors)), machine),
            SizeScaleKind.Factor => Multiply(workload, Factor, machine),
            _ => workload,
        };
        Check(scaled, machine);
        return scaled;
    }

    /// <summary>Throws when a job needs more processors or nodes than the machine has.</summary>
    /// <exception cref="DiagnosticException">With the list of the jobs that cannot fit.</exception>
    public static void Check(Workload workload, MachineSize machine)
    {
        const int Shown = 20;
        ArgumentNullException.ThrowIfNull(workload);
        var large = workload.Jobs.Where(job => job.Processors > machine.Processors || job.Nodes > machine.Nodes).ToList();
        if (large.Count == 0) return;
        var lines = large.Take(Shown).Select(job => string.Create(CultureInfo.InvariantCulture,
            $"job {job.Id}, submitted at {job.Submit.TotalSeconds:0.###} s: {(job.Processors > machine.Processors ? $"{job.Processors} processors" : $"{job.Nodes} nodes")}"));
        if (large.Count > Shown) lines = lines.Append($"and {large.Count - Shown} more");
        throw new DiagnosticException(Diagnostic.Error("workload-too-large",
            $"{large.Count} of {workload.Jobs.Length} jobs of {workload.Name} cannot fit a machine of {machine}") with
        {
            Detail = string.Join('\n', lines),
            Help = "scale=fit keeps each job's share of the machine, scale=clamp cuts at the machine's size, or take a larger machine",
        });
    }

    private static Workload Clamp(Workload workload, MachineSize machine)
    {
        var cut = 0;
        var jobs = workload.Jobs.Select(job =>
        {
            if (job.Processors <= machine.Processors && job.Nodes <= machine.Nodes) return job;
            cut++;
            return Resize(job, Math.Min(job.Processors, machine.Processors), machine);
        }).ToList();
        if (cut == 0) return workload;
        return (workload with { Jobs = [.. jobs] }).Note($"Sizes cut at {machine.Processors} processors.",
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
        return (workload with { Jobs = [.. jobs], SourceProcessors = null }).Note($"S{text[1..]}.", SizeMix.Check(sizes) is { } mix ? [diagnostic, mix] : [diagnostic]) with { SourceProcessors = workload.SourceProcessors is { } source ? (int)Math.Max(1, Math.Round(source * factor)) : null };
    }

    private static Job Resize(Job job, int processors, MachineSize machine) => job with
    {
        Processors = processors,
        Nodes = job.Nodes == 0 ? 0 : Math.Clamp(Math.Min(job.Nodes, processors), 1, Math.Max(1, machine.Nodes)),
        GangMinimum = Math.Min(job.GangMinimum, processors),
    };
}
