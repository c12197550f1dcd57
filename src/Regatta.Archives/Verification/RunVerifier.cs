using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Regatta.Analysis;
using Regatta.Reports;
using Regatta.Reports.Html;
using Regatta.Reports.Model;
using Regatta.Runs;

namespace Regatta.Archives.Verification;

/// <summary>Recomputes all that a run says from the events of its trials, and compares.</summary>
/// <param name="monitor">Hears of each step.</param>
public sealed class RunVerifier(IActivityMonitor monitor)
{
    private readonly List<VerificationItem> _items = [];

    /// <summary>Verifies a run.</summary>
    /// <param name="path">Its directory.</param>
    /// <param name="workload">The file of the jobs of a trial; null where none is at hand.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The checks.</returns>
    /// <exception cref="DiagnosticException">It is no run.</exception>
    public async Task<ImmutableArray<VerificationItem>> VerifyAsync(string path, Func<PlannedTrial, string?> workload, CancellationToken cancellation)
    {
        _items.Clear();
        var id = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        var (_, faults) = await RunTrials.ExamineAsync(path, cancellation);
        foreach (var fault in faults) Add(id, "files", VerificationResult.Failed, fault.Detail is null ? fault.Summary : $"{fault.Summary}: {fault.Detail}");
        if (!faults.IsEmpty)
        {
            Add(id, "report", VerificationResult.NotChecked, "what the trials say was not recomputed, since their files are not those that were recorded");
            return [.. _items];
        }

        var run = await RecordedRun.ReadAsync(path, cancellation);
        var plan = RunDirectory.ReadPlan(path);
        var same = run.Provenance?.Regatta?.Version == ReportNumbers.ProgramVersion;
        var trials = ImmutableArray.CreateBuilder<RecordedTrial>(run.Trials.Length);
        foreach (var trial in run.Trials)
        {
            var record = trial.Trial.Record;
            monitor.Report(new Activity("verify", id, string.Create(CultureInfo.InvariantCulture, $"{record.Point}/{record.Repetition} from its events")));
            var planned = plan.Trials.First(t => t.Point == record.Point && t.Repetition == record.Repetition);
            trials.Add(await TrialAsync(id, trial, workload(planned), same, cancellation));
        }

        Add(id, "trial.json", VerificationResult.NotChecked, "what trial.json says of machines, settings, clocks, faults and costs of a trial comes of no event: it is as it was recorded");
        Report(run with { Trials = trials.ToImmutable() });
        return [.. _items];
    }

    private async Task<RecordedTrial> TrialAsync(string run, RecordedTrial trial, string? workload, bool same, CancellationToken cancellation)
    {
        var record = trial.Trial.Record;
        var subject = string.Create(CultureInfo.InvariantCulture, $"{run} {record.Point}/{record.Repetition}");
        TrialEvents events;
        IReadOnlyDictionary<long, Workloads.Job>? jobs;
        try
        {
            events = await TrialEvents.ReadAsync(trial.Directory, cancellation);
            jobs = workload is null ? null : ReplayedJobs.Read(workload, cancellation);
        }
        catch (DiagnosticException exception)
        {
            Add(subject, "jobs", VerificationResult.Failed, exception.Diagnostics[0].Detail is { } detail ? $"{exception.Diagnostics[0].Summary}: {detail}" : exception.Diagnostics[0].Summary);
            return trial;
        }

        if (!record.Files.TryGetValue(TrialFiles.Events, out var hash)) Add(subject, "files", VerificationResult.NotChecked, $"trial.json holds no hash of {TrialFiles.Events}");
        else if (hash != events.Sha256) Add(subject, "files", VerificationResult.Failed, $"{TrialFiles.Events} is not the file that was recorded: its sha256 is {events.Sha256}, and should be {hash}");
        else Add(subject, "files", VerificationResult.Passed, "trial.json, jobs, audit and events are the files that were recorded");
        var table = Recompute(subject, trial, events, jobs);
        var own = new Trial(record, table);
        var audit = TrialAudit.Of(own, [.. (jobs?.Keys ?? table.Job.ToArray().AsEnumerable())]);
        Compare(subject, "audit", Node(trial.Audit), Node(audit), same);
        return trial with { Trial = own, Audit = audit };
    }

    private JobTable Recompute(string subject, RecordedTrial trial, TrialEvents events, IReadOnlyDictionary<long, Workloads.Job>? jobs)
    {
        var recorded = trial.Trial.Jobs;
        var replayed = new List<Workloads.Job>(recorded.Count);
        for (var row = 0; row < recorded.Count; row++)
        {
            if (jobs is null) replayed.Add(ReplayedJobs.AsRecorded(recorded[row]));
            else if (jobs.TryGetValue(recorded.Job[row], out var job)) replayed.Add(job);
        }

        if (jobs is null) Add(subject, "workload", VerificationResult.NotChecked, "the jobs themselves are not at hand: what each asked for is as its table says");
        else if (replayed.Count != recorded.Count || jobs.Count != recorded.Count)
        {
            Add(subject, "jobs", VerificationResult.Failed, string.Create(CultureInfo.InvariantCulture, $"the table has {recorded.Count} jobs, {replayed.Count} of them of the workload, which has {jobs.Count}"));
            return recorded;
        }

        var rows = events.Events.Records(replayed, out var strangers);
        if (!events.Events.SayPlanned)
        {
            rows = rows.Zip(Enumerable.Range(0, recorded.Count), (row, at) => row with { Planned = recorded.Planned[at] == JobTable.Missing ? null : recorded.Planned[at] });
            Add(subject, "planned", VerificationResult.NotChecked, "the events do not say when jobs were planned to be sent: that, and their lateness, is as the table says");
        }

        if (strangers > 0) Add(subject, "events", VerificationResult.NotChecked, string.Create(CultureInfo.InvariantCulture, $"{strangers} events are of no job of the workload"));
        var table = JobTable.From(rows, recorded.Count);
        var differences = TableDifferences.Of(recorded, table);
        if (differences.IsEmpty) Add(subject, "jobs", VerificationResult.Passed, string.Create(CultureInfo.InvariantCulture, $"the table says of its {recorded.Count:#,0} jobs what {events.Events.Count:#,0} events say"));
        else
        {
            _items.Add(new VerificationItem(subject, "jobs", VerificationResult.Failed, $"the table contradicts the events: {string.Join(", ", differences.Select(d => $"{d.Column} of {Jobs(d.Jobs)}"))}")
            {
                Differences = [.. differences.Select(d => new NumberDifference(string.Create(CultureInfo.InvariantCulture, $"{d.Column} of job {d.First}"), d.Recorded, d.Own))],
            });
        }

        return table;
    }

    private void Report(RecordedRun run)
    {
        var file = Path.Combine(run.Path, "report", "index.html");
        if (!File.Exists(file))
        {
            Add(run.Id, "report", VerificationResult.NotChecked, "there is no report that the numbers could be compared with");
            return;
        }

        var page = File.ReadAllText(file, Encoding.UTF8);
        if (ReportNumbers.In(page) is not { } text)
        {
            Add(run.Id, "report", VerificationResult.NotChecked, "the report carries no numbers for programs: an earlier program wrote it; 'regatta report' writes it anew");
            return;
        }

        try
        {
            var recorded = JsonSerializer.Deserialize(text, ReportJson.Default.ReportNumbers) ?? throw new JsonException("it holds null");
            if (recorded.Version > ReportNumbers.CurrentVersion)
            {
                Add(run.Id, "report", VerificationResult.NotChecked, $"the numbers of the report have version {recorded.Version}; this program reads 1 to {ReportNumbers.CurrentVersion}");
                return;
            }

            var model = ReportBuilder.Build([run], recorded.Settings.ToSettings());
            var own = ReportNumbers.Of(model);
            var same = recorded.Program == own.Program;
            Compare(run.Id, "report", Node(text), Node(JsonSerializer.Serialize(own with { Program = recorded.Program }, ReportJson.Default.ReportNumbers)), same);
            if (!same) Add(run.Id, "page", VerificationResult.NotChecked, $"the words and charts of the page are of version {recorded.Program} of the program, and this is {own.Program}");
            else if (HtmlReport.Render(model) == page) Add(run.Id, "page", VerificationResult.Passed, "the page is the one that the events give");
            else Add(run.Id, "page", VerificationResult.Failed, "the page is not the one that the events give, though its numbers for programs may be: 'regatta report' writes it anew");
        }
        catch (JsonException exception)
        {
            Add(run.Id, "report", VerificationResult.Failed, $"the numbers of the report cannot be read: {exception.Message}");
        }
        catch (DiagnosticException exception)
        {
            Add(run.Id, "report", VerificationResult.Failed, $"the report cannot be made again: {exception.Diagnostics[0].Summary}");
        }
    }

    private void Compare(string subject, string check, JsonNode? recorded, JsonNode? own, bool words)
    {
        var comparison = new NumberComparison(words);
        comparison.Compare("", recorded, own);
        var differences = comparison.Differences;
        if (comparison.Undefined.Count > 0) Add(subject, check, VerificationResult.NotChecked, $"this version of the program no longer defines {string.Join(", ", comparison.Undefined)}");
        if (comparison.Newer.Count > 0) Add(subject, check, VerificationResult.NotChecked, $"the report is older than {string.Join(", ", comparison.Newer)}");
        _items.Add(differences.IsEmpty
            ? new VerificationItem(subject, check, VerificationResult.Passed, string.Create(CultureInfo.InvariantCulture, $"{comparison.Compared:#,0} values of the {check} are what the events give"))
            : new VerificationItem(subject, check, VerificationResult.Failed, string.Create(CultureInfo.InvariantCulture, $"{differences.Length} of {comparison.Compared:#,0} values of the {check} are not what the events give")) { Differences = differences });
    }

    private void Add(string subject, string check, VerificationResult result, string text) => _items.Add(new VerificationItem(subject, check, result, text));

    private static JsonNode? Node(string json) => JsonNode.Parse(json);

    private static JsonNode? Node(TrialAudit audit)
    {
        using var stream = new MemoryStream();
        TrialJson.Write(stream, audit);
        stream.Position = 0;
        return JsonNode.Parse(stream);
    }

    private static string Jobs(int count) => count == 1 ? "1 job" : string.Create(CultureInfo.InvariantCulture, $"{count:#,0} jobs");
}
