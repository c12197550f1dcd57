using System.Net;
using System.Net.Sockets;

namespace Regatta.Tests;

internal static class LoopbackPort
{
    /// <summary>A port that nobody listens at now.</summary>
    public static int Free()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
