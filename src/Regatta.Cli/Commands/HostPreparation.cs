using Regatta.Cli.Terminal;
using Regatta.Experiments.Running;
using Regatta.Host;
using Regatta.Host.Checks;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Cli.Commands;

/// <summary>A host made ready for clusters before a run; disposing waits for what was begun and may go on beside the run.</summary>
internal sealed class HostPreparation : IAsyncDisposable
{
    private readonly Task _beside;

    private HostPreparation(Task beside) => _beside = beside;

    /// <summary>A host that nothing is asked of.</summary>
    public static HostPreparation None => new(Task.CompletedTask);

    /// <summary>Makes the host ready for clusters: says what is missing, and mends it where that was agreed to.</summary>
    /// <exception cref="DiagnosticException">Something is missing, and nobody agreed to mend it.</exception>
    public static async Task<HostPreparation> EnsureAsync(ITerminal terminal, Plan plan, bool yes, CancellationToken cancellation)
    {
        if (plan.Points.All(p => p.Machines is MachineKind.Simulation or MachineKind.Ssh)) return None;
        var state = StateDirectory.OfProcess();
        var checks = Doctor.Examine(await HostFacts.ReadAsync(state, cancellation));
        var missing = Doctor.Diagnostics(checks);
        if (missing.Count == 0) return None;
        var commands = Doctor.Commands(checks, refresh: true);
        var beside = Task.CompletedTask;
        if (commands.Count > 0)
        {
            terminal.WriteLine("This host lacks what clusters need. To be run as root:");
            foreach (var command in commands) terminal.WriteLine("  " + string.Join(' ', command));
            if (!yes && !terminal.Confirm("Run these commands?")) throw new DiagnosticException(missing);
            // What of the agent can be compiled before there is a compiler of C; the run waits for it where it needs the agent.
            beside = new AgentBinary(Installation.OfProcess()).CompileAsync(cancellation);
            checks = await terminal.WatchAsync(monitor => Doctor.FixAsync(state, checks, monitor, cancellation));
        }

        missing = Doctor.Diagnostics(checks);
        if (missing.Count == 0) return new HostPreparation(beside);
        await beside;
        throw new DiagnosticException(missing);
    }

    public async ValueTask DisposeAsync() => await _beside;
}
