using Regatta.Experiments.Configuration;
using Regatta.Experiments.Configuration.WorkloadKinds;
using Regatta.Experiments.Launching;
using Regatta.Host;
using Regatta.Workloads;

namespace Regatta.Experiments.Planning;

/// <summary>Makes the workload of a point: reads or generates it, and brings its sizes to the point's machine.</summary>
/// <param name="installation">Where files behind <c>regatta:</c> lie.</param>
/// <param name="workingDirectory">What other relative paths are relative to.</param>
/// <param name="carried">Files that came along, which are read in place of those at their paths; null for none.</param>
public sealed class WorkloadLoader(Installation installation, string workingDirectory, CarriedTraces? carried = null)
{
    /// <summary>The workload of a point.</summary>
    /// <exception cref="DiagnosticException">Its settings are wrong, its file cannot be read, or a job is larger than the machine.</exception>
    public Workload Load(ComposedPoint point, long seed)
    {
        ArgumentNullException.ThrowIfNull(point);
        var section = point.Experiment.Workload;
        var measure = point.Experiment.Measure;
        // Shaken repetitions are of the same jobs, unless those vary as well.
        var workload = section.Create(new WorkloadSurroundings(point.Experiment.Machine(), Open) { Seed = measure.Vary ? seed : point.Experiment.Seed });
        return measure.Shake > TimeSpan.Zero ? workload.Shake(measure.Shake, seed) : workload;
    }

    private FileStream Open(string path)
    {
        var full = carried?.Find(path)
            ?? (path.StartsWith(CarriedTraces.OwnFiles, StringComparison.Ordinal) ? Path.Combine(installation.Root, path[CarriedTraces.OwnFiles.Length..]) : Path.Combine(workingDirectory, path));
        try
        {
            return new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            var directory = Path.GetDirectoryName(full);
            var names = Directory.Exists(directory) ? Directory.GetFiles(directory).Select(Path.GetFileName).OfType<string>().ToList() : [];
            throw new DiagnosticException(
                Diagnostic.Error("workload-file", $"the workload file '{path}' cannot be read") with
                {
                    Detail = exception.Message,
                    Help = Suggestion.Nearest(Path.GetFileName(full), names) is { } near ? $"did you mean '{near}'?" : $"workload.file names a trace, such as trace.swf; files end in {TraceFormats.Endings}",
                },
                exception);
        }
    }
}
