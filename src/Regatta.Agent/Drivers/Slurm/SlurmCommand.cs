using System.ComponentModel;
using System.Diagnostics;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Slurm;

/// <summary>Runs Slurm's own commands.</summary>
internal static class SlurmCommand
{
    /// <summary>What a shell's exit code is where there is no such command.</summary>
    public const int NotStarted = 127;

    /// <summary>Reads a time that one prints with its usual format, on a node whose clock goes by UTC: microseconds; null for <c>N/A</c> and the like.</summary>
    public static long? Time(string text) =>
        DateTime.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? Micros.From(time) : null;

    /// <summary>Runs one to its end.</summary>
    /// <param name="name">Name of the command.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Its exit code, and what it wrote, without blanks around; <see cref="NotStarted"/> and why for one that cannot be started, as a node may lack it.</returns>
    public static async Task<(int Code, string Output, string Error)> RunAsync(string name, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo(name, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        }
        catch (Win32Exception exception)
        {
            return (NotStarted, "", $"{name} cannot be started: {new Win32Exception(exception.NativeErrorCode).Message}");
        }

        using var started = process;
        try
        {
            var (output, error) = (started.StandardOutput.ReadToEndAsync(cancellation), started.StandardError.ReadToEndAsync(cancellation));
            await started.WaitForExitAsync(cancellation);
            return (started.ExitCode, (await output).Trim(), (await error).Trim());
        }
        catch (OperationCanceledException)
        {
            started.Kill();
            throw;
        }
    }
}
