using Regatta.Agent.Payloads;

namespace Regatta.Agent.Drivers.Kubernetes.Emulation;

/// <summary>What a payload on an emulated node would do.</summary>
/// <param name="Job">The job.</param>
/// <param name="Stamps">File that stamps go to, on the machine of the emulator.</param>
/// <param name="Rendezvous">Where it meets the other members; null when it is alone.</param>
/// <param name="RunTime">How long it runs.</param>
/// <param name="ExitCode">How it ends.</param>
internal sealed record EmulatedPayload(long Job, string Stamps, PayloadRendezvous? Rendezvous, TimeSpan RunTime, int ExitCode)
{
    /// <summary>Reads the command of a payload; null when it is none.</summary>
    public static EmulatedPayload? Parse(string[] command)
    {
        if (command is not [_, "payload", "--job", var number, "--stamps", var stamps, .. var rest] || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var job)) return null;
        PayloadRendezvous? rendezvous = null;
        if (rest is ["--rendezvous", var place, "--members", var members, .. var work])
        {
            rest = work;
            rendezvous = PayloadRendezvous.Parse(place, members);
        }

        return rest switch
        {
            ["sleep" or "cpu", var seconds] when Seconds(seconds) is { } runTime => new EmulatedPayload(job, stamps, rendezvous, runTime, 0),
            ["exec", "sleep", var seconds] when Seconds(seconds) is { } runTime => new EmulatedPayload(job, stamps, rendezvous, runTime, 0),
            ["exec", "false", ..] => new EmulatedPayload(job, stamps, rendezvous, TimeSpan.Zero, 1),
            // What a command would take is not known: it ends at once.
            ["exec", ..] => new EmulatedPayload(job, stamps, rendezvous, TimeSpan.Zero, 0),
            _ => null,
        };
    }

    private static TimeSpan? Seconds(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= 1e8 ? TimeSpan.FromSeconds(seconds) : null;
}
