using System.Diagnostics;
using System.Runtime.InteropServices;
using Regatta.Cli.Terminal;

namespace Regatta.Cli;

/// <summary>
/// The signals that end a command. The first one asks it to clean up, however long that takes; a second one ends the process at once. What comes together is one: <c>timeout</c> sends its
/// signal to the process and then to its group. The command line library's own handling waits inside the first signal's handler, so that a second one would not be heard before the end.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly ITerminal _terminal;
    private readonly CancellationTokenSource _source;
    private readonly List<PosixSignalRegistration> _signals = [];
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(100);

    private long _first;

    /// <summary>Listens to SIGINT, SIGTERM and, unless it is ignored as under <c>nohup</c>, SIGHUP.</summary>
    public Interruption(ITerminal terminal, CancellationToken outer)
    {
        _terminal = terminal;
        _source = CancellationTokenSource.CreateLinkedTokenSource(outer);
        var hangUpIgnored = IsIgnored(SigHup, File.ReadLines("/proc/self/status"));
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt));
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt));
        if (!hangUpIgnored) _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, Interrupt));
    }

    /// <summary>The number of SIGHUP on Linux.</summary>
    public const int SigHup = 1;

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>True when a process ignores a signal.</summary>
    /// <param name="signal">Its number, 1 to 64.</param>
    /// <param name="status">The lines of <c>/proc/PID/status</c>; <c>SigIgn</c> there is a mask in hexadecimal digits.</param>
    public static bool IsIgnored(int signal, IEnumerable<string> status) =>
        status.FirstOrDefault(line => line.StartsWith("SigIgn:", StringComparison.Ordinal)) is { } line
        && (ulong.Parse(line.AsSpan("SigIgn:".Length).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) >> (signal - 1) & 1) != 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var signal in _signals) signal.Dispose();
        _source.Dispose();
    }

    private void Interrupt(PosixSignalContext context)
    {
        context.Cancel = true;
        var first = Interlocked.CompareExchange(ref _first, Stopwatch.GetTimestamp(), 0);
        if (first == 0)
        {
            _source.Cancel();
            return;
        }

        if (Stopwatch.GetElapsedTime(first) < Together) return;
        _terminal.Report(Diagnostic.Warning("interrupted-twice", "ended at once, without cleaning up") with { Help = "regatta reap        removes what is left" });
        Environment.Exit((int)ExitCode.Interrupted);
    }
}
