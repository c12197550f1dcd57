using Regatta.Runs;

namespace Regatta.Experiments.Running;

/// <summary>The logs, events and further records of a trial that is repeated, beside its draft until it is known which of the two counts.</summary>
internal sealed class HeldTrial : IDisposable
{
    private static readonly string[] Parts = [TrialDirectory.Logs, TrialFiles.Events, .. TrialFiles.Beside];

    private readonly string _draft;
    private readonly string _held;

    /// <summary>Takes them out of the draft.</summary>
    /// <param name="draft">The trial's draft.</param>
    public HeldTrial(string draft)
    {
        (_draft, _held) = (draft, draft + ".held");
        // What an earlier program that was killed left here.
        Dispose();
        Directory.CreateDirectory(_held);
        Move(_draft, _held);
    }

    /// <summary>The repetition counts: only the logs are kept.</summary>
    public void KeepLogs(TrialPlace place) => KeepLogs(_held, place);

    /// <summary>The repetition failed: its logs are kept, and the trial is as it was.</summary>
    public void Restore(TrialPlace place)
    {
        KeepLogs(_draft, place);
        foreach (var file in Parts.Where(p => p != TrialDirectory.Logs)) File.Delete(Path.Combine(_draft, file));
        Move(_held, _draft);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Directory.Exists(_held)) Directory.Delete(_held, recursive: true);
    }

    // Where nothing was logged, that it was tried is kept.
    private static void KeepLogs(string attempt, TrialPlace place) => place.KeepLogs(Directory.CreateDirectory(Path.Combine(attempt, TrialDirectory.Logs)).FullName);

    private static void Move(string from, string to)
    {
        foreach (var part in Parts)
        {
            if (Path.Exists(Path.Combine(from, part))) Directory.Move(Path.Combine(from, part), Path.Combine(to, part));
        }
    }
}
