using System.Diagnostics;

namespace Regatta.Agent.Drivers.Slurm;

/// <summary>Reservations of nodes, which the agent makes when a trial begins.</summary>
internal static class SlurmReservations
{
    /// <summary>Makes one.</summary>
    /// <param name="words">What follows <c>scontrol create reservation</c>.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    /// <exception cref="DiagnosticException">Slurm does not make it.</exception>
    public static async Task MakeAsync(string words, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("scontrol", ["create", "reservation", .. words.Split(' ')]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellation), process.StandardError.ReadToEndAsync(cancellation));
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode == 0) return;
        throw new DiagnosticException(Diagnostic.Error("replay-reservation", $"Slurm does not make the reservation: {words}") with
        {
            Detail = $"{(await error).Trim()}{(await output).Trim()}", Help = "scheduler.slurm.reservations: man scontrol says what a reservation may be",
        });
    }
}
