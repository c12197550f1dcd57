using System.Diagnostics;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Slurm;

/// <summary>Runs Slurm's own commands.</summary>
internal static class SlurmCommand
{
    /// <summary>Reads a time that one prints with its usual format, on a node whose clock goes by UTC: microseconds; null for <c>N/A</c> and the like.</summary>
    public static long? Time(string text) =>
        DateTime.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? Micros.From(time) : null;

    /// <summary>Runs one to its end.</summary>
    /// <param name="name">Name of the command.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Its exit code, and what it wrote, without blanks around.</returns>
    /// <exception cref="System.ComponentModel.Win32Exception">There is none of that name.</exception>
    public static async Task<(int Code, string Output, string Error)> RunAsync(string name, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        using var process = Process.Start(new ProcessStartInfo(name, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellation), process.StandardError.ReadToEndAsync(cancellation));
            await process.WaitForExitAsync(cancellation);
            return (process.ExitCode, (await output).Trim(), (await error).Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }
}
