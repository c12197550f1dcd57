using Regatta.Runs;
using Regatta.Runs.Archives;

namespace Regatta.Archives.Verification;

/// <summary>Verifies archives and run directories.</summary>
public static class ArchiveVerifier
{
    /// <summary>Verifies what <paramref name="name"/> means.</summary>
    /// <param name="name">The file of an archive, or a run.</param>
    /// <param name="collection">Where runs are looked for.</param>
    /// <param name="monitor">Hears of each step.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="DiagnosticException">There is no such run, or the file is no archive that can be unpacked.</exception>
    public static async Task<VerificationOutcome> VerifyAsync(string name, RunCollection collection, IActivityMonitor monitor, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(collection);
        ArgumentNullException.ThrowIfNull(monitor);
        if (!UnpackedArchive.IsArchive(name))
        {
            var run = collection.Find(name);
            return new VerificationOutcome(run, null, await new RunVerifier(monitor).VerifyAsync(run, _ => null, cancellation));
        }

        var scratch = Directory.CreateTempSubdirectory("regatta-verify-").FullName;
        try
        {
            monitor.Report(new Activity("verify", Path.GetFileName(name), "unpacks and hashes"));
            var archive = UnpackedArchive.Of(name, scratch, null, cancellation);
            var items = ImmutableArray.CreateBuilder<VerificationItem>();
            foreach (var fault in archive.Faults)
                items.Add(new VerificationItem(archive.Reference.Name, "bytes", VerificationResult.Failed, fault.Detail is null ? fault.Summary : $"{fault.Summary}: {fault.Detail}"));
            if (archive.Faults.IsEmpty)
                items.Add(new VerificationItem(archive.Reference.Name, "bytes", VerificationResult.Passed, string.Create(CultureInfo.InvariantCulture, $"all of its {archive.Files:#,0} files are those that were archived")));
            foreach (var run in archive.Runs) items.AddRange(await RunAsync(archive, run, monitor, cancellation));
            return new VerificationOutcome(name, archive.Reference.Sha256, items.ToImmutable());
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private static async Task<ImmutableArray<VerificationItem>> RunAsync(UnpackedArchive archive, string run, IActivityMonitor monitor, CancellationToken cancellation)
    {
        var id = Path.GetFileName(run);
        string? Workload(PlannedTrial trial) => archive.Content.WorkloadOf(id, trial) is { } file ? Path.Combine(archive.Directory, file) : null;
        try
        {
            return await new RunVerifier(monitor).VerifyAsync(run, Workload, cancellation);
        }
        catch (DiagnosticException exception)
        {
            return [.. exception.Diagnostics.Select(d => new VerificationItem(id, "files", VerificationResult.Failed, d.Detail is null ? d.Summary : $"{d.Summary}: {d.Detail}"))];
        }
    }
}
