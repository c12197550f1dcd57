using Regatta.Analysis;

namespace Regatta.Runs;

/// <summary>The trials that lie in a run directory, each held to its place, to the plan and to the journal: a trial that was copied or moved is not read.</summary>
public static class RunTrials
{
    /// <summary>Reads the trials of a run without their jobs.</summary>
    /// <exception cref="DiagnosticException">The run cannot be read, or a trial is not the one that its place and the plan say.</exception>
    public static Task<IReadOnlyList<TrialHead>> ReadAsync(string run, CancellationToken cancellation) =>
        ReadAsync(run, RunDirectory.ReadPlan(run), Journal.Examine(Path.Combine(run, Journal.FileName)), cancellation);

    internal static async Task<IReadOnlyList<TrialHead>> ReadAsync(string run, Plan plan, JournalReading journal, CancellationToken cancellation) =>
        (await ExamineAsync(run, plan, journal, stopAtFirst: true, cancellation)).Heads;

    /// <summary>Reads what can be read of the trials of a run, and says what is wrong with the others.</summary>
    /// <param name="run">The run directory.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <returns>The trials whose files are those that were recorded, and the faults of the others.</returns>
    /// <exception cref="DiagnosticException">The plan or the journal cannot be read.</exception>
    public static Task<(IReadOnlyList<TrialHead> Heads, ImmutableArray<Diagnostic> Faults)> ExamineAsync(string run, CancellationToken cancellation) =>
        ExamineAsync(run, RunDirectory.ReadPlan(run), Journal.Examine(Path.Combine(run, Journal.FileName)), stopAtFirst: false, cancellation);

    private static async Task<(IReadOnlyList<TrialHead> Heads, ImmutableArray<Diagnostic> Faults)> ExamineAsync(string run, Plan plan, JournalReading journal, bool stopAtFirst, CancellationToken cancellation)
    {
        var planned = plan.Trials.ToDictionary(t => t.Id, StringComparer.Ordinal);
        var finished = journal.Entries.Where(e => e is { Kind: JournalKind.TrialFinished, Subject: not null }).ToLookup(e => e.Subject!, e => e.Sha256, StringComparer.Ordinal);
        var read = await EachAsync<string, (TrialHead? Head, DiagnosticException? Fault)>([.. Directories(run)], async (directory, stop) =>
        {
            try
            {
                var head = await TrialFiles.ReadHeadAsync(directory, stop);
                var place = Path.GetRelativePath(Path.Combine(run, "trials"), directory);
                if (Mismatch(head.Record, place, planned.GetValueOrDefault(place)) is { } fault) throw Foreign(head, fault);
                if (finished[place].LastOrDefault() is { } hash && TrialFiles.Hash(Path.Combine(directory, TrialFiles.Record)) != hash)
                    throw Foreign(head, $"{TrialFiles.Record} is not the file that the journal of the run says was written");
                return (head, null);
            }
            catch (DiagnosticException exception) when (!stopAtFirst)
            {
                return (null, exception);
            }
        }, cancellation);
        return ([.. read.Select(r => r.Head).OfType<TrialHead>()], [.. read.SelectMany(r => r.Fault?.Diagnostics ?? [])]);
    }

    /// <summary>Something for each of many files, several at once, in their order. Of the faults the one that is met first is thrown.</summary>
    internal static async Task<TResult[]> EachAsync<T, TResult>(IReadOnlyList<T> of, Func<T, CancellationToken, Task<TResult>> read, CancellationToken cancellation)
    {
        var results = new TResult[of.Count];
        await Parallel.ForAsync(0, of.Count, cancellation, async (i, stop) => results[i] = await read(of[i], stop));
        return results;
    }

    internal static string? Mismatch(TrialRecord record, string place, PlannedTrial? planned)
    {
        var own = string.Create(CultureInfo.InvariantCulture, $"{record.Point}/{record.Repetition}");
        if (own != place) return $"its record says that it is {own}";
        if (planned is null) return "the plan of the run has no such trial";
        return planned.Order == record.Order && planned.Block == record.Block && planned.Seed == record.Seed
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"the plan says order {planned.Order}, block {planned.Block} and seed {planned.Seed}, its record {record.Order}, {record.Block} and {record.Seed}");
    }

    private static DiagnosticException Foreign(TrialHead head, string why) =>
        new(Diagnostic.Error("trial-misplaced", $"the trial in '{head.Directory}' is not the one that belongs there") with
        {
            Where = new SourceRange(Path.Combine(head.Directory, TrialFiles.Record)),
            Detail = why,
            Help = "put the trial back where it was, or " + TrialFiles.Repeat,
        });

    private static IEnumerable<string> Directories(string run)
    {
        var root = Path.Combine(run, "trials");
        return !Directory.Exists(root) ? [] : Directory.EnumerateDirectories(root)
            .SelectMany(Directory.EnumerateDirectories)
            .Where(d => !Path.GetFileName(d).StartsWith('.') && File.Exists(Path.Combine(d, TrialFiles.Record)))
            .Order(StringComparer.Ordinal);
    }
}
