using Regatta.Agent.Platform;
using Regatta.Workloads;

namespace Regatta.Agent.Sampling;

/// <summary>
/// Asks sources once a second and writes what they say, a line a second, on a thread of its own whose processor time is what the sampling costs. Nothing
/// of it can end a replay: a source that cannot be asked is asked again later, and a sampler that fails says why in its summary.
/// </summary>
internal sealed class Sampler : IDisposable
{
    // A source that hangs holds the others up: it is left alone for a while.
    private const int Rest = 5;

    private readonly string _path;
    private readonly IReadOnlyList<ISampleSource> _sources;
    private readonly TimeProvider _time;
    private readonly TimeSpan _interval;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;
    private readonly (string Key, TimeSpan Cpu)[] _costs;
    private int _lines, _missed;
    private TimeSpan _cpu;
    private string? _failure;

    /// <summary>Begins to sample.</summary>
    /// <param name="path">The file that lines are appended to.</param>
    /// <param name="sources">What is asked; it ends with the sampler.</param>
    /// <param name="time">The clock.</param>
    /// <param name="interval">Between two lines.</param>
    public Sampler(string path, IReadOnlyList<ISampleSource> sources, TimeProvider time, TimeSpan interval)
    {
        (_path, _sources, _time, _interval) = (path, sources, time, interval);
        _costs = [.. sources.Select(s => (SampleWriter.Key("sampling_cpu_seconds", "source", s.Name), TimeSpan.Zero))];
        _thread = new Thread(Run) { IsBackground = true, Name = "sampler" };
        _thread.Start();
    }

    /// <summary>Whether it samples still.</summary>
    public bool Samples => _thread.IsAlive;

    /// <summary>Ends it.</summary>
    /// <returns>What it did and what it cost.</returns>
    public SamplingSummary End()
    {
        _stop.Set();
        // A source may be in the middle of an answer; a replay does not wait for it longer than for anything else.
        if (!_thread.Join(TimeSpan.FromSeconds(10))) return new SamplingSummary(_lines, _missed, 0) { Failure = "it did not end" };
        return new SamplingSummary(_lines, _missed, _cpu.TotalSeconds) { Failure = _failure };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_thread.IsAlive) End();
        foreach (var source in _sources) source.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        var before = Posix.ThreadCpuTime();
        try
        {
            using var file = new FileStream(_path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
            using var line = new SampleWriter();
            var resting = new int[_sources.Count];
            var start = _time.GetTimestamp();
            for (var tick = 0L; ; tick++)
            {
                line.Begin(Micros.Now(_time));
                for (var i = 0; i < _sources.Count; i++) Ask(_sources[i], ref resting[i], ref _costs[i].Cpu, line);
                foreach (var (key, cpu) in _costs) line.Add(key, cpu.TotalSeconds);
                file.Write(line.End().Span);
                _lines++;
                _cpu = Posix.ThreadCpuTime() - before;
                var late = _time.GetElapsedTime(start);
                // What was late is left out rather than made up for.
                for (; (tick + 1) * _interval < late; tick++) _missed++;
                if (_stop.Wait(((tick + 1) * _interval) - late)) return;
            }
        }
        catch (Exception exception)
        {
            // Whatever it is, the jobs go on: the record says that the series ends here.
            _failure = $"{exception.GetType().Name}: {exception.Message}";
        }
        finally
        {
            _cpu = Posix.ThreadCpuTime() - before;
        }
    }

    private static void Ask(ISampleSource source, ref int rest, ref TimeSpan cost, SampleWriter line)
    {
        if (rest > 0)
        {
            rest--;
            return;
        }

        var before = Posix.ThreadCpuTime();
        try
        {
            source.Take(line);
            rest = source.Every - 1;
        }
        catch (IOException)
        {
            line.Add("sample_unanswered", "source", source.Name, 1);
            rest = Rest;
        }

        cost += Posix.ThreadCpuTime() - before;
    }
}
