using System.Diagnostics;

namespace Regatta.Cli.Commands;

/// <summary>Goes on with a run in a program of its own, which no terminal's end reaches.</summary>
internal static class Detached
{
    /// <summary>What that program says.</summary>
    public const string Log = "detached.log";

    /// <summary>Starts it.</summary>
    /// <param name="run">The run directory, which nobody holds.</param>
    /// <param name="yes">Whether it may do what it says it will install or set.</param>
    public static void Start(string run, bool yes)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "regatta");
        var start = new ProcessStartInfo("setsid", ["--fork", "sh", "-c", "exec \"$0\" resume \"$@\" </dev/null >>\"$1/" + Log + "\" 2>&1", program, run, .. yes ? ["--yes"] : Array.Empty<string>()]);
        using var started = Process.Start(start) ?? throw new InvalidOperationException("setsid did not start");
        started.WaitForExit();
    }
}
