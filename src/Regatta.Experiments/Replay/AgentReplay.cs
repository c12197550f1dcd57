using System.Collections.Immutable;
using System.Text;
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

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);

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
                var connection = new ReplayConnection(request.Head, script => shell(request.Head, script), Agent, DirectoryOf(request), LostAfter, Note, time);
                await foreach (var line in connection.LinesAsync(header, request.Jobs, cancellation).ConfigureAwait(false))
                {
                    await ReplayConnection.WriteLineAsync(file, line, cancellation).ConfigureAwait(false);
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
                    await ReplayConnection.WriteLineAsync(file, ReplayJson.Line(stamp), cancellation).ConfigureAwait(false);
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
        return code == 0 ? ReplayJson.ReadSummary(output, path) : throw ReplayConnection.Failed(request.Head, words);
    }

    /// <summary>A worker's stamps; a worker that is gone is a fault of the trial and not of the program.</summary>
    private async Task<List<JobEvent>> CollectAsync(string worker, ReplayRequest request, CancellationToken cancellation)
    {
        var stamps = StampsOf(request);
        var (code, output, words) = await AgainAsync(worker, $"if [ -e {stamps} ]; then cat {stamps}; fi", cancellation).ConfigureAwait(false);
        var events = new List<JobEvent>();
        if (code != 0)
        {
            Note(worker, $"the stamps of {worker} cannot be read: {ReplayConnection.LastLine(words, code)}");
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
                Note(worker, exception.Diagnostics[0].Summary);
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
            Note(request.Head, "the jobs were not cancelled within a minute");
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

    private void Note(string node, string text)
    {
        lock (_faults) _faults.Add(new TrialFault(Now(), node, text));
    }

    private TrialFault[] Noted()
    {
        lock (_faults) return [.. _faults];
    }

    private long Now() => (time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
}
