using System.Text.Json.Nodes;
using Regatta.Analysis;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Archives.Verification;

/// <summary>Recomputes what a trial says from its events and the jobs that it replayed, and compares.</summary>
/// <param name="run">Id of the run.</param>
/// <param name="same">Whether the program that recorded it was this version, so that words are compared, too.</param>
internal sealed class TrialVerifier(string run, bool same)
{
    /// <summary>Verifies a trial.</summary>
    /// <param name="trial">The trial as it is recorded.</param>
    /// <param name="workload">The file of the jobs that it replayed; null where it is not at hand.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The checks, and the trial as its events give it.</returns>
    public async Task<(ImmutableArray<VerificationItem> Items, RecordedTrial Trial)> VerifyAsync(RecordedTrial trial, string? workload, CancellationToken cancellation)
    {
        var (record, recorded) = (trial.Trial.Record, trial.Trial.Jobs);
        var checks = new Checks(string.Create(CultureInfo.InvariantCulture, $"{run} {record.Point}/{record.Repetition}"));
        try
        {
            if (JobPlaces.Of(recorded.Job, out var twice) is not { } places)
            {
                checks.Add("jobs", VerificationResult.Failed, string.Create(CultureInfo.InvariantCulture, $"job {twice} stands in the table twice"));
                return (checks.Items, trial);
            }

            var own = AskedFor(checks, recorded, places, workload, cancellation);
            Forgotten.Collect(recorded.Count, compact: true);
            var events = await TrialEvents.ReadAsync(trial.Directory, places, cancellation);
            Files(checks, trial, events.Sha256);
            if (own is null) return (checks.Items, trial);
            var table = Recompute(checks, recorded, own, events.Events);
            // What is equal is kept once.
            var again = ReferenceEquals(table, recorded) ? trial.Trial : new Trial(record, table);
            var audit = TrialAudit.Of(again, recorded.Job.ToArray());
            checks.Compare("audit", Node(trial.Audit), Node(audit), same);
            return (checks.Items, trial with { Trial = again, Audit = audit });
        }
        catch (DiagnosticException exception)
        {
            var fault = exception.Diagnostics[0];
            checks.Add("jobs", VerificationResult.Failed, fault.Detail is { } detail ? $"{fault.Summary}: {detail}" : fault.Summary);
            return (checks.Items, trial);
        }
    }

    private static void Files(Checks checks, RecordedTrial trial, string sha256)
    {
        var record = trial.Trial.Record;
        bool Altered(string name) => record.Files.TryGetValue(name, out var recorded) && !(File.Exists(Path.Combine(trial.Directory, name)) && TrialFiles.Hash(Path.Combine(trial.Directory, name)) == recorded);
        if (!record.Files.TryGetValue(TrialFiles.Events, out var hash)) checks.Add("files", VerificationResult.NotChecked, $"trial.json holds no hash of {TrialFiles.Events}");
        else if (hash != sha256) checks.Add("files", VerificationResult.Failed, $"{TrialFiles.Events} is not the file that was recorded: its sha256 is {sha256}, and should be {hash}");
        else if (TrialFiles.Beside.FirstOrDefault(Altered) is { } name) checks.Add("files", VerificationResult.Failed, $"{name} is missing, or not the file that was recorded");
        else checks.Add("files", VerificationResult.Passed, "trial.json, jobs, audit and events are the files that were recorded");
    }

    // Read before the events, and forgotten but for the columns: a million jobs as objects are a quarter of the memory that verifying takes.
    private static JobTable? AskedFor(Checks checks, JobTable recorded, JobPlaces places, string? workload, CancellationToken cancellation)
    {
        if (workload is null)
        {
            checks.Add("workload", VerificationResult.NotChecked, "the jobs themselves are not at hand: what each asked for is as its table says");
            return recorded.AskedFor();
        }

        var jobs = ReplayedJobs.ReadAll(workload, cancellation).Jobs;
        if (ReplayedJobs.InOrder(jobs, places, out var known) is { } own) return own;
        checks.Add("jobs", VerificationResult.Failed, string.Create(CultureInfo.InvariantCulture, $"the table has {recorded.Count} jobs, {known} of them of the workload, which has {jobs.Length}"));
        return null;
    }

    private static JobTable Recompute(Checks checks, JobTable recorded, JobTable own, EventColumns events)
    {
        if (!events.SayPlanned) checks.Add("planned", VerificationResult.NotChecked, "the events do not say when jobs were planned to be sent: that, and their lateness, is as the table says");
        if (events.Strangers > 0) checks.Add("events", VerificationResult.NotChecked, string.Create(CultureInfo.InvariantCulture, $"{events.Strangers} events are of no job of the workload"));
        own.Fill(events, events.SayPlanned ? null : recorded);
        var differences = TableDifferences.Of(recorded, own);
        if (differences.IsEmpty)
        {
            checks.Add("jobs", VerificationResult.Passed, string.Create(CultureInfo.InvariantCulture, $"the table says of its {recorded.Count:#,0} jobs what {events.Count:#,0} events say"));
            return recorded;
        }

        checks.Add(
            "jobs", VerificationResult.Failed, $"the table contradicts the events: {string.Join(", ", differences.Select(d => $"{d.Column} of {Jobs(d.Jobs)}"))}",
            [.. differences.Select(d => new NumberDifference(string.Create(CultureInfo.InvariantCulture, $"{d.Column} of job {d.First}"), d.Recorded, d.Own))]);
        return own;
    }

    private static JsonNode? Node(TrialAudit audit)
    {
        using var stream = new MemoryStream();
        TrialJson.Write(stream, audit);
        stream.Position = 0;
        return JsonNode.Parse(stream);
    }

    private static string Jobs(int count) => count == 1 ? "1 job" : string.Create(CultureInfo.InvariantCulture, $"{count:#,0} jobs");
}
