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
    // Larger trials come one after the other: what one takes is given back before the next.
    private const long LargestAtOnce = 16 << 20;

    /// <summary>Verifies a run.</summary>
    /// <param name="path">Its directory.</param>
    /// <param name="workload">The file of the jobs of a trial; null where none is at hand.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The checks.</returns>
    /// <exception cref="DiagnosticException">It is no run.</exception>
    public async Task<ImmutableArray<VerificationItem>> VerifyAsync(string path, Func<PlannedTrial, string?> workload, CancellationToken cancellation)
    {
        var id = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        var checks = new Checks(id);
        var (_, faults) = await RunTrials.ExamineAsync(path, cancellation);
        foreach (var fault in faults) checks.Add("files", VerificationResult.Failed, fault.Detail is null ? fault.Summary : $"{fault.Summary}: {fault.Detail}");
        if (!faults.IsEmpty)
        {
            checks.Add("report", VerificationResult.NotChecked, "what the trials say was not recomputed, since their files are not those that were recorded");
            return checks.Items;
        }

        var run = await RecordedRun.ReadAsync(path, cancellation);
        var (items, trials) = await TrialsAsync(run, workload, cancellation);
        checks.Add("trial.json", VerificationResult.NotChecked, "what trial.json says of machines, settings, clocks, faults and costs of a trial comes of no event: it is as it was recorded");
        monitor.Report(new Activity("verify", id, "the report from the trials"));
        Report(checks, run with { Trials = trials });
        return [.. items, .. checks.Items];
    }

    private async Task<(ImmutableArray<VerificationItem> Items, ImmutableArray<RecordedTrial> Trials)> TrialsAsync(RecordedRun run, Func<PlannedTrial, string?> workload, CancellationToken cancellation)
    {
        var planned = RunDirectory.ReadPlan(run.Path).Trials.DistinctBy(t => (t.Point, t.Repetition)).ToDictionary(t => (t.Point, t.Repetition));
        var verifier = new TrialVerifier(run.Id, run.Provenance?.Regatta?.Version == ReportNumbers.ProgramVersion);
        var results = new (ImmutableArray<VerificationItem> Items, RecordedTrial Trial)[run.Trials.Length];
        async ValueTask VerifyAsync(int at, CancellationToken stop)
        {
            var record = run.Trials[at].Trial.Record;
            monitor.Report(new Activity("verify", run.Id, string.Create(CultureInfo.InvariantCulture, $"{record.Point}/{record.Repetition} from its events")));
            results[at] = await verifier.VerifyAsync(run.Trials[at], workload(planned[(record.Point, record.Repetition)]), stop);
        }

        var large = Enumerable.Range(0, results.Length).ToLookup(at => new FileInfo(Path.Combine(run.Trials[at].Directory, TrialFiles.Events)) is { Exists: true, Length: > LargestAtOnce });
        await Parallel.ForEachAsync(large[false], cancellation, VerifyAsync);
        foreach (var at in large[true])
        {
            await VerifyAsync(at, cancellation);
            // What is awaited goes on upon the stack of what ended, which still holds what that used.
            await Task.Yield();
            Forgotten.Collect(run.Trials[at].Trial.Jobs.Count, compact: true);
        }

        return ([.. results.SelectMany(r => r.Items)], [.. results.Select(r => r.Trial)]);
    }

    private static void Report(Checks checks, RecordedRun run)
    {
        var file = Path.Combine(run.Path, "report", "index.html");
        if (!File.Exists(file))
        {
            checks.Add("report", VerificationResult.NotChecked, "there is no report that the numbers could be compared with");
            return;
        }

        var page = File.ReadAllText(file, Encoding.UTF8);
        if (ReportNumbers.In(page) is not { } text)
        {
            checks.Add("report", VerificationResult.NotChecked, "the report carries no numbers for programs: an earlier program wrote it; 'regatta report' writes it anew");
            return;
        }

        try
        {
            var recorded = JsonSerializer.Deserialize(text, ReportJson.Default.ReportNumbers) ?? throw new JsonException("it holds null");
            if (recorded.Version > ReportNumbers.CurrentVersion)
            {
                checks.Add("report", VerificationResult.NotChecked, $"the numbers of the report have version {recorded.Version}; this program reads 1 to {ReportNumbers.CurrentVersion}");
                return;
            }

            var archives = recorded.Archives ?? [];
            if (archives.Any(a => a.Sha256 is not null)) checks.Add("archives", VerificationResult.NotChecked, "in which archives the run is comes of no event: it is as the page says");
            var model = ReportBuilder.Build([run with { Archives = [.. archives.Where(a => a.Run == run.Id).Select(a => a.ToArchivedAs())] }], recorded.Settings.ToSettings());
            var own = ReportNumbers.Of(model);
            var same = recorded.Program == own.Program;
            checks.Compare("report", JsonNode.Parse(text), JsonNode.Parse(JsonSerializer.Serialize(own with { Program = recorded.Program }, ReportJson.Default.ReportNumbers)), same);
            if (!same) checks.Add("page", VerificationResult.NotChecked, $"the words and charts of the page are of version {recorded.Program} of the program, and this is {own.Program}");
            else if (HtmlReport.Render(model) == page) checks.Add("page", VerificationResult.Passed, "the page is the one that the events give");
            else checks.Add("page", VerificationResult.Failed, "the page is not the one that the events give, though its numbers for programs may be: 'regatta report' writes it anew");
        }
        catch (JsonException exception)
        {
            checks.Add("report", VerificationResult.Failed, $"the numbers of the report cannot be read: {exception.Message}");
        }
        catch (DiagnosticException exception)
        {
            checks.Add("report", VerificationResult.Failed, $"the report cannot be made again: {exception.Diagnostics[0].Summary}");
        }
    }
}
