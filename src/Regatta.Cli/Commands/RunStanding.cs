using System.Text.Json.Serialization;
using Regatta.Experiments.Launching;
using Regatta.Runs;

namespace Regatta.Cli.Commands;

/// <summary>How far a run is, as its directory says.</summary>
/// <param name="Run">The directory.</param>
/// <param name="Trials">Trials of the plan.</param>
/// <param name="Finished">Those whose files are in place.</param>
/// <param name="UnderWay">Those that began and have not ended.</param>
/// <param name="Attended">Whether a program works on it.</param>
/// <param name="Complete">Whether no trial is needed any more.</param>
/// <param name="Failed">Those that failed last, in the plan's order.</param>
internal sealed record RunStanding(string Run, int Trials, int Finished, int UnderWay, bool Attended, bool Complete, IReadOnlyList<FailedTrial> Failed)
{
    /// <summary>Reads it.</summary>
    public static RunStanding Read(string run)
    {
        var plan = RunDirectory.ReadPlan(run);
        var journal = Journal.Examine(Path.Combine(run, Journal.FileName));
        var last = journal.Last;
        var launch = new LaunchDirectory(run);
        var (finished, begun) = (0, 0);
        var failed = new List<FailedTrial>();
        foreach (var trial in plan.Trials)
        {
            if (File.Exists(Path.Combine(run, trial.Directory, TrialFiles.Record))) finished++;
            else if (last.GetValueOrDefault(trial.Id) is { Kind: JournalKind.TrialFailed } entry) failed.Add(new FailedTrial(trial.Id, entry.Text ?? "it failed", launch.LastLines(trial)));
            else if (last.GetValueOrDefault(trial.Id)?.Kind is JournalKind.TrialStarted or JournalKind.TrialRepeated || File.Exists(Path.Combine(launch.Folder(trial), "begun"))) begun++;
        }

        return new RunStanding(Path.GetFullPath(run), plan.Trials.Length, finished, begun, RunDirectory.IsInUse(run), journal.Entries.LastOrDefault(e => e.Kind is JournalKind.Finished or JournalKind.Opened)?.Kind == JournalKind.Finished, failed);
    }

    /// <summary>In a line.</summary>
    public string Words() => string.Create(CultureInfo.InvariantCulture, $"{Finished} of {Trials} trials have ended, {UnderWay} are under way, {Failed.Count} failed")
        + (Complete ? "; the run is complete" : Attended ? "" : "; no program works on it");
}

/// <summary>A trial that failed.</summary>
/// <param name="Trial">As <c>POINT/REPETITION</c>.</param>
/// <param name="Reason">What the journal says.</param>
/// <param name="Log">The last lines of its log; empty where it ran in the run's own program.</param>
internal sealed record FailedTrial(string Trial, string Reason, string Log);

/// <summary>JSON of how far a run is.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RunStanding))]
internal sealed partial class StandingJson : JsonSerializerContext;
