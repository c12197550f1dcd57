using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using CliWrap;
using Regatta.Analysis;
using Regatta.Diagnostics;
using Regatta.Host;
using Regatta.Machines;
using Regatta.Workloads;

namespace Regatta.Experiments.Replay;

/// <summary>What is to be replayed, and where.</summary>
/// <param name="Header">The header; its number of jobs and its option <c>stamps</c> are filled in.</param>
/// <param name="Jobs">The jobs.</param>
/// <param name="Head">Name of the head.</param>
/// <param name="Workers">Names of the workers.</param>
/// <param name="Directory">Local directory that <c>events.jsonl</c> is written to; it exists.</param>
public sealed record ReplayRequest(ReplayHeader Header, IReadOnlyList<Job> Jobs, string Head, ImmutableArray<string> Workers, string Directory);

/// <summary>What a replay gave.</summary>
/// <param name="Summary">What the agent says of it.</param>
/// <param name="Jobs">One row for each job.</param>
/// <param name="Faults">What went wrong on the way, in the order of time: on the cluster, on the connection, and while stamps were collected.</param>
/// <param name="Harness">What the agent and what it submits through used on the head.</param>
/// <param name="ControlPlane">What the scheduler's daemons used on the head.</param>
public sealed record ReplayResult(
    ReplaySummary Summary, ImmutableArray<JobRecord> Jobs, ImmutableArray<TrialFault> Faults, HarnessCost Harness, ImmutableArray<ProcessCost> ControlPlane);

/// <summary>
/// Replays a workload through the agent on the head. The replay itself lives on the head: a connection that is cut is made again and goes
/// on at the byte where it was cut, so that no event is lost or seen twice.
/// </summary>
/// <param name="shell">Makes the command that runs a script on a node.</param>
/// <param name="time">Time of the pauses between two tries to connect, and of the faults that are recorded.</param>
public sealed class AgentReplay(Func<string, string, Command> shell, TimeProvider time)
{
    /// <summary>The agent on every node.</summary>
    public const string DefaultAgent = "/usr/local/lib/regatta/regatta-agent";

    private const int ReplayFailed = 1, UsageFault = 2, ReplayMissing = 3;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500), LongestPause = TimeSpan.FromSeconds(5), EndWithin = TimeSpan.FromSeconds(5);

    private readonly List<TrialFault> _faults = [];

    /// <summary>Replays on a cluster, through its OpenSSH configuration.</summary>
    public AgentReplay(Cluster cluster, TimeProvider time)
        : this((node, script) => new SshTarget(cluster.SshConfig, node).Run(script), time)
    {
    }

    /// <summary>The agent on every node.</summary>
    public string Agent { get; init; } = DefaultAgent;

    /// <summary>Directory on the head that replays are kept below.</summary>
    public string Replays { get; init; } = "/var/lib/regatta/replays";

    /// <summary>Directory on the workers that payloads stamp into.</summary>
    public string Stamps { get; init; } = "/var/lib/regatta/stamps";

    /// <summary>How long a head may not be reached before the trial is given up; the replay on it goes on.</summary>
    public TimeSpan LostAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The clocks of nodes against the head's.</summary>
    public Task<ImmutableArray<ClockOffset>> MeasureClocksAsync(string head, ImmutableArray<string> workers, CancellationToken cancellation) =>
        ClockMeasurement.MeasureAsync(node => shell(node, $"exec {Agent} clock"), head, workers, time, cancellation);

    /// <summary>Replays to the end. <paramref name="happened"/> sees every event as it arrives.</summary>
    /// <exception cref="DiagnosticException">The replay cannot be started, failed, or its head was lost.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the jobs on the cluster were cancelled too.</exception>
    public async Task<ReplayResult> RunAsync(ReplayRequest request, Action<JobEvent> happened, CancellationToken cancellation)
    {
        _faults.Clear();
        var header = Complete(request);
        await PrepareAsync(request, cancellation).ConfigureAwait(false);
        var events = new List<JobEvent>();
        var path = Path.Combine(request.Directory, "events.jsonl");
        ReplaySummary summary;
        var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read);
        await using (file.ConfigureAwait(false))
        {
            try
            {
                await foreach (var line in LinesAsync(request with { Header = header }, cancellation).ConfigureAwait(false))
                {
                    await WriteLineAsync(file, line, cancellation).ConfigureAwait(false);
                    var parsed = ReplayJson.ReadEvent(line, path, events.Count + 1);
                    events.Add(parsed);
                    happened(parsed);
                }
            }
            catch (OperationCanceledException)
            {
                await CancelAsync(request).ConfigureAwait(false);
                throw;
            }

            summary = await SummaryAsync(request, cancellation).ConfigureAwait(false);
            foreach (var stamps in await Task.WhenAll(request.Workers.Select(w => CollectAsync(w, request, cancellation))).ConfigureAwait(false))
            {
                foreach (var stamp in stamps)
                {
                    await WriteLineAsync(file, ReplayJson.Line(stamp), cancellation).ConfigureAwait(false);
                    events.Add(stamp);
                    happened(stamp);
                }
            }

            file.Flush(flushToDisk: true);
        }

        await ForgetAsync(request, cancellation).ConfigureAwait(false);
        var client = summary.Daemons.Where(d => d.Client).ToList();
        return new ReplayResult(
            summary,
            [.. JobRecords.From(request.Jobs, events)],
            [.. summary.Faults.Select(f => new TrialFault(f.Time, f.Node, f.Text)).Concat(Noted()).OrderBy(f => f.Time)],
            new HarnessCost(summary.CpuSeconds + client.Sum(d => d.CpuSeconds), summary.PeakRss),
            [.. summary.Daemons.Where(d => !d.Client).Select(d => new ProcessCost(request.Head, d.Process, d.CpuSeconds, d.PeakRss))]);
    }

    /// <summary>The lines of the head's events, each once, over every cut of the connection.</summary>
    private async IAsyncEnumerable<byte[]> LinesAsync(ReplayRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var directory = DirectoryOf(request);
        var started = false;
        var offset = 0L;
        var pause = FirstPause;
        long? lostSince = null;
        while (true)
        {
            var before = offset;
            var lines = Channel.CreateBounded<byte[]>(4096);
            var words = new StringBuilder();
            // A reader that stops reading ends the connection as well.
            using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var running = ConnectAsync(request, directory, started ? offset : null, lines.Writer, words, reading.Token);
            try
            {
                await foreach (var line in lines.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
                {
                    offset += line.Length + 1;
                    yield return line;
                }
            }
            finally
            {
                if (!lines.Reader.Completion.IsCompleted)
                {
                    await reading.CancelAsync().ConfigureAwait(false);
                    await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }

            var code = await running.ConfigureAwait(false);
            switch (code)
            {
                case 0:
                    yield break;
                case ReplayFailed:
                    throw Failed(request.Head, words);
                case ReplayMissing when started && offset == 0:
                    // The connection was cut before the head had read the schedule.
                    started = false;
                    continue;
                case UsageFault when words.ToString().Contains("[replay-exists]", StringComparison.Ordinal):
                    // The connection was cut after the head had read all, and before it had said so.
                    started = true;
                    continue;
                case UsageFault:
                    throw Failed(request.Head, words);
                case 126 or 127:
                    throw new DiagnosticException(Diagnostic.Error("agent-missing", $"{request.Head} has no agent at {Agent}") with
                    {
                        Detail = words.ToString().Trim(), Help = "regatta cluster configure copies it", ExitCode = ExitCode.Failed,
                    });
            }

            // Whatever the code, the head holds the truth: it is asked again, from where the last whole line ended.
            started = true;
            var now = time.GetTimestamp();
            if (offset > before || lostSince is null) (pause, lostSince) = (FirstPause, now);
            lock (_faults) _faults.Add(new TrialFault(Now(), request.Head, $"the connection was cut: {LastLine(words, code)}"));
            if (time.GetElapsedTime(lostSince.Value) > LostAfter)
            {
                throw new DiagnosticException(Diagnostic.Error("replay-connection-lost", string.Create(CultureInfo.InvariantCulture, $"{request.Head} was not reached for {LostAfter.TotalSeconds:0} s; the replay there goes on")) with
                {
                    Detail = words.ToString().Trim(), Help = $"its events are on {request.Head} in {directory}", ExitCode = ExitCode.Failed,
                });
            }

            await Task.Delay(pause, time, cancellation).ConfigureAwait(false);
            pause = pause + pause < LongestPause ? pause + pause : LongestPause;
        }
    }

    /// <summary>One connection: starts the replay when there is no offset, else follows it from there. Only whole lines are passed on.</summary>
    private async Task<int> ConnectAsync(ReplayRequest request, string directory, long? offset, ChannelWriter<byte[]> lines, StringBuilder words, CancellationToken cancellation)
    {
        try
        {
            var script = offset is { } from
                ? string.Create(CultureInfo.InvariantCulture, $"exec {Agent} follow --directory {directory} --from {from}")
                : $"exec {Agent} replay --directory {directory}";
            var command = shell(request.Head, script)
                .WithStandardOutputPipe(PipeTarget.Create((stream, token) => SplitAsync(stream, lines, token)))
                .WithStandardErrorPipe(PipeTarget.ToStringBuilder(words))
                .WithValidation(CommandResultValidation.None);
            if (offset is null) command = command.WithStandardInputPipe(PipeSource.Create((stream, token) => SendAsync(request, stream, token)));
            // Only the connection is ended, by a signal to it: what runs behind it goes on until it is asked to cancel.
            using var forceful = new CancellationTokenSource();
            using var patience = cancellation.Register(() => forceful.CancelAfter(EndWithin));
            var result = await command.ExecuteAsync(forceful.Token, cancellation).ConfigureAwait(false);
            return result.ExitCode;
        }
        finally
        {
            lines.TryComplete();
        }
    }

    private static async Task SendAsync(ReplayRequest request, Stream stream, CancellationToken cancellation)
    {
        try
        {
            await WriteLineAsync(stream, ReplayJson.Line(request.Header), cancellation).ConfigureAwait(false);
            foreach (var job in request.Jobs) await WriteLineAsync(stream, ReplayJson.Line(job), cancellation).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The other end is gone; its exit code says why.
        }
    }

    private static async Task SplitAsync(Stream stream, ChannelWriter<byte[]> lines, CancellationToken cancellation)
    {
        var buffer = new byte[64 * 1024];
        var partial = new MemoryStream();
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            var start = 0;
            while (buffer.AsSpan(start, count - start).IndexOf((byte)'\n') is var end && end >= 0)
            {
                partial.Write(buffer, start, end);
                await lines.WriteAsync(partial.ToArray(), cancellation).ConfigureAwait(false);
                partial.SetLength(0);
                start += end + 1;
            }

            partial.Write(buffer, start, count - start);
        }
    }

    private async Task PrepareAsync(ReplayRequest request, CancellationToken cancellation)
    {
        // Sticky and open to all: jobs of any user stamp there, and none removes another's.
        var stamps = StampsOf(request);
        await Task.WhenAll(request.Workers.Select(async worker =>
        {
            var (code, _, words) = await RunAsync(worker, $"install -d -m 1777 {Stamps} && rm -f {stamps}", cancellation).ConfigureAwait(false);
            if (code == 0) return;
            throw new DiagnosticException(Diagnostic.Error("replay-worker-unreachable", $"{worker} cannot be made ready for stamps") with { Detail = words.Trim(), ExitCode = ExitCode.Failed });
        })).ConfigureAwait(false);
        var (result, _, text) = await RunAsync(request.Head, $"install -d -m 0755 {Replays} && rm -rf {DirectoryOf(request)}", cancellation).ConfigureAwait(false);
        if (result != 0) throw new DiagnosticException(Diagnostic.Error("replay-head-unreachable", $"{request.Head} cannot be made ready for a replay") with { Detail = text.Trim(), ExitCode = ExitCode.Failed });
    }

    private async Task<ReplaySummary> SummaryAsync(ReplayRequest request, CancellationToken cancellation)
    {
        var path = $"{DirectoryOf(request)}/summary.json";
        var (code, output, words) = await AgainAsync(request.Head, $"cat {path}", cancellation).ConfigureAwait(false);
        return code == 0 ? ReplayJson.ReadSummary(output, path) : throw Failed(request.Head, new StringBuilder(words));
    }

    /// <summary>A worker's stamps; a worker that is gone is a fault of the trial and not of the program.</summary>
    private async Task<List<JobEvent>> CollectAsync(string worker, ReplayRequest request, CancellationToken cancellation)
    {
        var stamps = StampsOf(request);
        var (code, output, words) = await AgainAsync(worker, $"if [ -e {stamps} ]; then cat {stamps}; fi", cancellation).ConfigureAwait(false);
        var events = new List<JobEvent>();
        if (code != 0)
        {
            lock (_faults) _faults.Add(new TrialFault(Now(), worker, $"the stamps of {worker} cannot be read: {LastLine(new StringBuilder(words), code)}"));
            return events;
        }

        var number = 0;
        foreach (var line in Encoding.UTF8.GetString(output).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                number++;
                events.Add(ReplayJson.ReadEvent(Encoding.UTF8.GetBytes(line), stamps, number));
            }
            catch (DiagnosticException exception)
            {
                lock (_faults) _faults.Add(new TrialFault(Now(), worker, exception.Diagnostics[0].Summary));
            }
        }

        return events;
    }

    private async Task ForgetAsync(ReplayRequest request, CancellationToken cancellation)
    {
        await Task.WhenAll(request.Workers.Select(w => RunAsync(w, $"rm -f {StampsOf(request)}", cancellation))).ConfigureAwait(false);
        await RunAsync(request.Head, $"rm -rf {DirectoryOf(request)}", cancellation).ConfigureAwait(false);
    }

    private async Task CancelAsync(ReplayRequest request)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1), time);
        try
        {
            await RunAsync(request.Head, $"exec {Agent} cancel --directory {DirectoryOf(request)}", limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            lock (_faults) _faults.Add(new TrialFault(Now(), request.Head, "the jobs were not cancelled within a minute"));
        }
    }

    /// <summary>Runs a script; tries again for a while when the node is not reached.</summary>
    private async Task<(int Code, byte[] Output, string Words)> AgainAsync(string node, string script, CancellationToken cancellation)
    {
        const int unreachable = 255, tries = 4;
        for (var i = 1; ; i++)
        {
            var result = await RunAsync(node, script, cancellation).ConfigureAwait(false);
            if (result.Code != unreachable || i == tries) return result;
            await Task.Delay(FirstPause * i, time, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<(int Code, byte[] Output, string Words)> RunAsync(string node, string script, CancellationToken cancellation)
    {
        using var output = new MemoryStream();
        var words = new StringBuilder();
        var result = await shell(node, script)
            .WithStandardOutputPipe(PipeTarget.ToStream(output))
            .WithStandardErrorPipe(PipeTarget.ToStringBuilder(words))
            .WithValidation(CommandResultValidation.None)
            .ExecuteAsync(cancellation).ConfigureAwait(false);
        return (result.ExitCode, output.ToArray(), words.ToString());
    }

    private ReplayHeader Complete(ReplayRequest request) => request.Header with
    {
        Jobs = request.Jobs.Count,
        Options = request.Header.Options.SetItem("stamps", StampsOf(request)).SetItem("payload", request.Header.Options.GetValueOrDefault("payload", Agent)),
    };

    private string DirectoryOf(ReplayRequest request) => $"{Replays}/{request.Header.Trial}";

    private string StampsOf(ReplayRequest request) => $"{Stamps}/{request.Header.Trial}.jsonl";

    private TrialFault[] Noted()
    {
        lock (_faults) return [.. _faults];
    }

    private long Now() => (time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    private static async Task WriteLineAsync(Stream stream, byte[] line, CancellationToken cancellation)
    {
        await stream.WriteAsync(line, cancellation).ConfigureAwait(false);
        await stream.WriteAsync("\n"u8.ToArray(), cancellation).ConfigureAwait(false);
    }

    private static string LastLine(StringBuilder words, int code)
    {
        var lines = words.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Length > 0 ? lines[^1] : string.Create(CultureInfo.InvariantCulture, $"exit code {code}");
    }

    private static DiagnosticException Failed(string head, StringBuilder words) =>
        new(Diagnostic.Error("replay-failed", $"the replay on {head} failed") with { Detail = words.ToString().Trim(), ExitCode = ExitCode.Failed });
}
