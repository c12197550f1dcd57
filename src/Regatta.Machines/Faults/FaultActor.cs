using System.Text;
using System.Text.Json;
using CliWrap;
using Regatta.Host;

namespace Regatta.Machines.Faults;

/// <summary>Does things to the nodes of a cluster and undoes them. What is to be undone is on the disk before it is done.</summary>
public sealed class FaultActor
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100), LongestPause = TimeSpan.FromSeconds(1);

    private readonly FaultLedger _ledger;
    private readonly Func<string, string, Command> _shell;
    private readonly TimeProvider _time;
    private readonly string _directory;

    /// <summary>Acts through the OpenSSH configuration of a cluster.</summary>
    public FaultActor(Cluster cluster, TimeProvider time)
        : this(cluster.Directory, (node, script) => new SshTarget(cluster.SshConfig, node).Run(script), time)
    {
    }

    /// <summary>Acts through a shell on each node.</summary>
    /// <param name="directory">The cluster's directory.</param>
    /// <param name="shell">Makes the command that runs a script on a node.</param>
    /// <param name="time">Clock of limits.</param>
    public FaultActor(string directory, Func<string, string, Command> shell, TimeProvider time) => (_ledger, _shell, _time, _directory) = (new FaultLedger(directory), shell, time, directory);

    /// <summary>How long one step may take.</summary>
    public TimeSpan ActWithin { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long it is tried to undo something.</summary>
    public TimeSpan HealWithin { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Does something.</summary>
    /// <exception cref="DiagnosticException">It could not be done; it may have been done in part, and is to be undone all the same.</exception>
    public async Task<ActedFault> ActAsync(FaultAct act, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(act);
        var place = act.OnHost ? await PlaceAsync(act, cancellation) : "";
        _ledger.Add(new PendingFault(act.Name, act.Node, place + act.Undo) { OnHost = act.OnHost });
        var (code, output, error) = await RunAsync(act.OnHost ? null : act.Node, place + act.Do, cancellation);
        if (code == 0 && Numbers(output) is [var began, var acted]) return new ActedFault(began, acted);
        throw new DiagnosticException(Diagnostic.Error("fault-act", $"the fault {act.Name} could not be brought about on {act.Node}") with { Detail = Words(code, output, error) });
    }

    /// <summary>Undoes something; tries for a minute whatever the failure says.</summary>
    /// <returns>When it was over, UTC microseconds; null where that is not known.</returns>
    /// <exception cref="DiagnosticException">It could not be undone, and stays written down.</exception>
    public async Task<long?> UndoAsync(PendingFault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        var start = _time.GetTimestamp();
        var pause = FirstPause;
        while (true)
        {
            var (code, output, error) = await RunAsync(fault.OnHost ? null : fault.Node, fault.Undo, CancellationToken.None);
            if (code == 0)
            {
                _ledger.Remove(fault.Name);
                return Numbers(output) is [var healed] ? healed : null;
            }

            if (_time.GetElapsedTime(start) > HealWithin)
            {
                throw new DiagnosticException(Diagnostic.Error("fault-heal", $"the fault {fault.Name} on {fault.Node} could not be healed") with
                {
                    Detail = Words(code, output, error), Help = "the cluster is not used again; 'regatta reap' tries once more",
                });
            }

            await Task.Delay(pause, _time);
            pause = pause + pause < LongestPause ? pause + pause : LongestPause;
        }
    }

    /// <summary>Undoes all that is written down; each that fails is told, and the others are tried.</summary>
    /// <returns>Names of those that were undone, and what is said of those that were not.</returns>
    public async Task<(ImmutableArray<string> Healed, ImmutableArray<Diagnostic> Left)> HealAsync()
    {
        var (healed, left) = (ImmutableArray.CreateBuilder<string>(), ImmutableArray.CreateBuilder<Diagnostic>());
        foreach (var pending in _ledger.Pending)
        {
            try
            {
                await UndoAsync(pending);
                healed.Add(pending.Name);
            }
            catch (DiagnosticException exception)
            {
                left.AddRange(exception.Diagnostics);
            }
        }

        return (healed.ToImmutable(), left.ToImmutable());
    }

    /// <summary>Undoes something by its name; nothing where it was never begun.</summary>
    /// <returns>When it was over, UTC microseconds; null where that is not known.</returns>
    /// <exception cref="DiagnosticException">It could not be undone, and stays written down.</exception>
    public async Task<long?> UndoAsync(string name) => _ledger.Pending.FirstOrDefault(p => p.Name == name) is { } pending ? await UndoAsync(pending) : null;

    /// <summary>What the scripts of a fault on this host find out about the cluster.</summary>
    private async Task<string> PlaceAsync(FaultAct act, CancellationToken cancellation)
    {
        var probe = "";
        if (act.Probe is { } script)
        {
            var (code, output, error) = await RunAsync(act.Node, script, cancellation);
            probe = output.Trim();
            if (code != 0 || probe.Length == 0 || !probe.All(c => char.IsAsciiLetterOrDigit(c) || c is ':' or '.' or '-'))
                throw new DiagnosticException(Diagnostic.Error("fault-act", $"the fault {act.Name} could not be brought about on {act.Node}") with { Detail = Words(code, output, error) });
        }

        var path = Path.Combine(_directory, "claim.json");
        var claim = File.Exists(path) ? JsonSerializer.Deserialize(await File.ReadAllTextAsync(path, cancellation), MachinesJson.Default.ClusterClaim) : null;
        return string.Join('\n', new[]
        {
            $"node='{act.Node}'", $"domain='{claim?.Domain(act.Node)}'", $"uri='{claim?.LibvirtUri}'", $"bridge='{claim?.Bridge}'", $"config='{Path.Combine(_directory, "ssh_config")}'",
            $"place='{Path.Combine(_directory, "faults")}'", $"probe='{probe}'", "",
        });
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(string? node, string script, CancellationToken cancellation)
    {
        var (output, error) = (new StringBuilder(), new StringBuilder());
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var late = new CancellationTokenSource(ActWithin, _time);
        await using var registration = late.Token.Register(limit.Cancel);
        try
        {
            var command = node is null ? CliWrap.Cli.Wrap("sh").WithArguments(["-c", script]) : _shell(node, script);
            var result = await command.WithStandardOutputPipe(PipeTarget.ToStringBuilder(output)).WithStandardErrorPipe(PipeTarget.ToStringBuilder(error))
                .WithValidation(CommandResultValidation.None).ExecuteAsync(limit.Token);
            return (result.ExitCode, output.ToString(), error.ToString());
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (-1, output.ToString(), string.Create(CultureInfo.InvariantCulture, $"it took longer than {ActWithin.TotalSeconds:0} s"));
        }
    }

    private static ImmutableArray<long> Numbers(string output)
    {
        var last = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault("");
        var words = last.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.All(w => long.TryParse(w, NumberStyles.None, CultureInfo.InvariantCulture, out _)) ? [.. words.Select(w => long.Parse(w, CultureInfo.InvariantCulture))] : [];
    }

    private static string Words(int code, string output, string error) =>
        HostTool.LastLines(error.Trim().Length > 0 ? error.Trim() : output.Trim(), 5) is { Length: > 0 } words ? words : string.Create(CultureInfo.InvariantCulture, $"exit code {code}");
}
