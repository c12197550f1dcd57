using System.Net.Sockets;
using System.Text;

namespace Regatta.Agent.Payloads;

/// <summary>Where the members of a job meet before they start.</summary>
/// <param name="Host">The host.</param>
/// <param name="Port">The port.</param>
/// <param name="Members">How many must be there.</param>
internal sealed record PayloadRendezvous(string Host, int Port, int Members)
{
    /// <summary>Reads <c>HOST:PORT</c> and a number; null when they are none.</summary>
    public static PayloadRendezvous? Parse(string place, string members) =>
        place.LastIndexOf(':') is > 0 and var colon
            && int.TryParse(place.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536
            && int.TryParse(members, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? new PayloadRendezvous(place[..colon], port, count) : null;

    /// <summary>
    /// Waits until the members of the job are there, or <paramref name="end"/> is set. What is returned says that this one is there, and is to be kept until
    /// it ends.
    /// </summary>
    /// <exception cref="SocketException">The place cannot be reached, or closed before all were there.</exception>
    public static IDisposable Meet(PayloadRendezvous rendezvous, long job, ManualResetEventSlim end)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(rendezvous.Host, rendezvous.Port);
            socket.Send(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{job} {rendezvous.Members}\n")));
            // A signal must be heard at once, and one byte is all that comes.
            while (!end.IsSet)
            {
                if (!socket.Poll(TimeSpan.FromMilliseconds(50), SelectMode.SelectRead)) continue;
                if (socket.Receive(new byte[1]) == 0) throw new SocketException((int)SocketError.ConnectionReset);
                break;
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
