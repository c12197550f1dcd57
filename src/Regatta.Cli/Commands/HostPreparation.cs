using Regatta.Cli.Terminal;
using Regatta.Experiments.Running;
using Regatta.Host;
using Regatta.Host.Checks;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Cli.Commands;

/// <summary>Makes this host ready for clusters before a run.</summary>
internal static class HostPreparation
{
    /// <summary>Makes the host ready for clusters: says what is missing, and mends it where that was agreed to.</summary>
    /// <exception cref="DiagnosticException">Something is missing, and nobody agreed to mend it.</exception>
    public static async Task EnsureAsync(ITerminal terminal, Plan plan, bool yes, CancellationToken cancellation)
    {
        if (plan.Points.All(p => p.Machines is MachineKind.Simulation or MachineKind.Ssh)) return;
        var state = StateDirectory.OfProcess();
        var checks = Doctor.Examine(await HostFacts.ReadAsync(state, cancellation));
        var missing = Doctor.Diagnostics(checks);
        if (missing.Count == 0) return;
        var commands = Doctor.Commands(checks, refresh: true);
        if (commands.Count > 0)
        {
            terminal.WriteLine("This host lacks what clusters need. To be run as root:");
            foreach (var command in commands) terminal.WriteLine("  " + string.Join(' ', command));
            if (!yes && !terminal.Confirm("Run these commands?")) throw new DiagnosticException(missing);
            checks = await terminal.WatchAsync(async monitor =>
            {
                // What of the agent can be compiled before there is a compiler of C.
                var agent = new AgentBinary(Installation.OfProcess()).CompileAsync(monitor, cancellation);
                var mended = await Doctor.FixAsync(state, checks, monitor, cancellation);
                await agent;
                return mended;
            });
        }

        missing = Doctor.Diagnostics(checks);
        if (missing.Count > 0) throw new DiagnosticException(missing);
    }
}
