using Regatta.Host;
using Regatta.Runs;

namespace Regatta.Experiments.Running;

/// <summary>
/// Simulated trials whose files are in place. Waiting for the disk at each would take longer than the simulation, so that the trials of about a second are brought to the disk together,
/// and then stand in the journal. One that is in place and not in the journal after a crash is looked at before it is believed (<see cref="UnwrittenTrials"/>).
/// </summary>
/// <param name="run">The run.</param>
/// <param name="journal">Its journal.</param>
/// <param name="time">The clock.</param>
internal sealed class FinishedTrials(RunDirectory run, Journal journal, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Lock _disk = new();
    private List<JournalEntry> _waiting = [];
    private Task _writing = Task.CompletedTask;
    private long _last = time.GetTimestamp();

    /// <summary>Takes a trial whose files are in place.</summary>
    /// <exception cref="IOException">The disk did not take those before it.</exception>
    public void Add(PlannedTrial trial, string sha256, TimeSpan took)
    {
        lock (_gate)
        {
            _waiting.Add(new JournalEntry(time.GetUtcNow(), JournalKind.TrialFinished, trial.Id) { Sha256 = sha256, Took = took });
            if (_writing.IsFaulted) _writing.GetAwaiter().GetResult();
            if (!_writing.IsCompleted || time.GetElapsedTime(_last) < Pause) return;
            _last = time.GetTimestamp();
            // The lanes go on meanwhile.
            _writing = Task.Run(Write);
        }
    }

    /// <summary>Writes down what is still to be written.</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public async Task WriteAsync()
    {
        await _writing;
        Write();
    }

    private void Write()
    {
        lock (_disk)
        {
            List<JournalEntry> entries;
            lock (_gate) (entries, _waiting) = (_waiting, []);
            if (entries.Count == 0) return;
            DurableFile.SyncAll(run.Path);
            journal.Write(entries);
        }
    }
}
