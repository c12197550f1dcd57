using System.Text.RegularExpressions;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Slurm;

/// <summary>Reservations of nodes, which the agent makes when a trial begins.</summary>
internal static partial class SlurmReservations
{
    /// <summary>Makes one.</summary>
    /// <param name="words">What follows <c>scontrol create reservation</c>.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    /// <returns>The reservation, as Slurm has it.</returns>
    /// <exception cref="DiagnosticException">Slurm does not make it, or does not show it as it should.</exception>
    public static async Task<ReservedTime> MakeAsync(string words, CancellationToken cancellation)
    {
        var (code, output, error) = await SlurmCommand.RunAsync("scontrol", ["create", "reservation", .. words.Split(' ')], cancellation);
        if (code != 0) throw Refused(error + output);
        var name = Created().Match(output).Groups["name"].Value;
        (code, output, error) = await SlurmCommand.RunAsync("scontrol", ["-o", "show", "reservation", name], cancellation);
        return code == 0 && Parse(output) is { } made ? made : throw Refused($"it shows: {error}{output}");

        DiagnosticException Refused(string detail) => new(Diagnostic.Error("replay-reservation", $"Slurm does not make the reservation: {words}") with
        {
            Detail = detail, Help = "scheduler.slurm.reservations: man scontrol says what a reservation may be",
        });
    }

    /// <summary>Its words with the moment that <c>StartTime=now+95seconds</c> means when a replay begins.</summary>
    /// <param name="begin">When it begins, UTC microseconds since 1970-01-01; Slurm knows whole seconds.</param>
    /// <param name="words">What follows <c>scontrol create reservation</c>, on a node whose clock goes by UTC.</param>
    internal static string From(long begin, string words) => Relative().Replace(words, match =>
        "StartTime=" + DateTime.UnixEpoch.AddSeconds(Math.Round(begin / 1e6) + int.Parse(match.Groups["seconds"].Value, CultureInfo.InvariantCulture)).ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture));

    /// <summary>Reads the line that <c>scontrol -o show reservation</c> gives of one, on nodes whose clocks go by UTC; null when it is another.</summary>
    internal static ReservedTime? Parse(string line)
    {
        var match = Shown().Match(line);
        return match.Success && SlurmCommand.Time(match.Groups["start"].Value) is { } start && SlurmCommand.Time(match.Groups["end"].Value) is { } end
            ? new ReservedTime(match.Groups["name"].Value, start, end, match.Groups["nodes"].Value) : null;
    }

    [GeneratedRegex(@"\bStartTime=now\+(?<seconds>\d+)seconds\b", RegexOptions.ExplicitCapture)]
    private static partial Regex Relative();

    [GeneratedRegex(@"^Reservation created: (?<name>\S+)", RegexOptions.ExplicitCapture | RegexOptions.Multiline)]
    private static partial Regex Created();

    [GeneratedRegex(@"^ReservationName=(?<name>\S+) StartTime=(?<start>\S+) EndTime=(?<end>\S+) .*?\bNodes=(?<nodes>\S+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Shown();
}
