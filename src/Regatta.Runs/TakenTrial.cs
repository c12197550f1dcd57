namespace Regatta.Runs;

/// <summary>A trial that was run by itself, in a directory outside the run's: <c>regatta trial</c> writes one, and its run takes it in.</summary>
public static class TakenTrial
{
    /// <summary>Takes a trial into its run: its files are copied, its end is written into the run's journal, and what it depends on into the run's provenance.</summary>
    /// <param name="run">The run.</param>
    /// <param name="journal">The run's journal.</param>
    /// <param name="directory">The trial's directory; it stays as it is.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <returns>The trial.</returns>
    /// <exception cref="DiagnosticException">It gave no record, its files are not those that were recorded, it is of another run, or the run has it already.</exception>
    public static async Task<PlannedTrial> AcceptAsync(this RunDirectory run, Journal journal, string directory, CancellationToken cancellation)
    {
        var planned = await CheckAsync(run, id => RunDirectory.ReadPlan(run.Path).Trials.FirstOrDefault(t => t.Id == id), directory, cancellation);
        var draft = run.Draft(planned.Trial);
        Copy(directory, draft);
        run.Keep(planned.Trial, draft);
        Adopt(run, directory);
        journal.Write(JournalKind.TrialFinished, planned.Trial.Id, $"taken in from {directory}", planned.Sha256, planned.Took);
        return planned.Trial;
    }

    /// <summary>Moves a trial that was run for this run into it. The journal is the caller's to write.</summary>
    /// <param name="run">The run.</param>
    /// <param name="trial">The trial that it should be.</param>
    /// <param name="directory">The trial's directory, on the run's file system; it is gone afterwards.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <returns>sha256 of its record, and how long it took.</returns>
    /// <exception cref="DiagnosticException">As of <see cref="AcceptAsync"/>.</exception>
    public static async Task<(string Sha256, TimeSpan Took)> MoveInAsync(this RunDirectory run, PlannedTrial trial, string directory, CancellationToken cancellation)
    {
        var planned = await CheckAsync(run, id => id == trial.Id ? trial : null, directory, cancellation);
        Adopt(run, directory);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(run.Path, planned.Trial.Directory))!);
        run.Keep(planned.Trial, directory);
        return (planned.Sha256, planned.Took ?? TimeSpan.Zero);
    }

    private static void Adopt(RunDirectory run, string directory)
    {
        if (RunDirectory.ReadProvenance(directory) is not { } own) return;
        var before = RunDirectory.ReadProvenance(run.Path);
        var after = (before ?? own).With(own);
        if (after != before) RunDirectory.WriteProvenance(run.Path, after);
    }

    private static async Task<(PlannedTrial Trial, string Sha256, TimeSpan? Took)> CheckAsync(RunDirectory run, Func<string, PlannedTrial?> find, string directory, CancellationToken cancellation)
    {
        if (!File.Exists(Path.Combine(directory, TrialFiles.Record))) throw Refused(directory, "trial-without-record", $"'{directory}' holds no trial that gave a record", "run it again: regatta trial RUN POINT/REPETITION --output DIR");
        var head = await TrialFiles.ReadHeadAsync(directory, cancellation);
        TrialFiles.Check(directory, head.Record, TrialFiles.Events);
        TrialFiles.Check(directory, head.Record, TrialFiles.Clients);
        var id = string.Create(CultureInfo.InvariantCulture, $"{head.Record.Point}/{head.Record.Repetition}");
        var entries = Journal.Read(Path.Combine(directory, Journal.FileName));
        if (entries.FirstOrDefault(e => e.Kind == JournalKind.Opened)?.Subject is var owner && owner != run.Id)
            throw Refused(directory, "trial-foreign", $"the trial in '{directory}' was run for {owner ?? "no run"}, not for {run.Id}", "take it into its own run");
        if (RunDirectory.ReadProvenance(directory)?.Regatta?.Version is { } there && RunDirectory.ReadProvenance(run.Path)?.Regatta?.Version is { } here && there != here)
            throw Refused(directory, "trial-program", $"the trial {id} was run by regatta {there}, and the run by {here}: points that two versions run cannot be compared", $"run it again with regatta {here}");
        var planned = find(id);
        if (RunTrials.Mismatch(head.Record, id, planned) is { } mismatch)
            throw Refused(directory, "trial-foreign", $"the trial in '{directory}' is not one of the plan of {run.Id}: {mismatch}", "take it into its own run");
        if (run.Has(planned!)) throw Refused(directory, "trial-there", $"the run has the trial {id} already", "remove the trial's directory from the run first, if this one is to take its place");
        var finished = entries.LastOrDefault(e => e is { Kind: JournalKind.TrialFinished } && e.Subject == id);
        if (finished?.Sha256 != TrialFiles.Hash(Path.Combine(directory, TrialFiles.Record)))
            throw Refused(directory, "trial-file-changed", $"{TrialFiles.Record} of the trial {id} is not the file that its journal says was written", "run it again: regatta trial RUN POINT/REPETITION --output DIR");
        return (planned!, finished!.Sha256!, finished.Took);
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var below in Directory.EnumerateDirectories(from))
            Copy(below, Directory.CreateDirectory(Path.Combine(to, Path.GetFileName(below))).FullName);
    }

    private static DiagnosticException Refused(string directory, string code, string summary, string help) =>
        new(Diagnostic.Error(code, summary) with { Where = new SourceRange(directory), Help = help });
}
