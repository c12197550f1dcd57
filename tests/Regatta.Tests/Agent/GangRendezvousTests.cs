using System.Net.Sockets;
using System.Text;
using Regatta.Agent.Drivers.Kubernetes;

namespace Regatta.Tests.Agent;

/// <summary>Where the members of a gang wait for one another.</summary>
public sealed class GangRendezvousTests
{
    [Fact]
    public async Task Members_meet_once_all_are_there()
    {
        await using var rendezvous = new GangRendezvous("127.0.0.1");
        var port = int.Parse(rendezvous.Address.Split(':')[1], CultureInfo.InvariantCulture);
        using var first = await JoinAsync(port, "7 2\n");
        using var other = await JoinAsync(port, "8 2\n");
        Assert.False(first.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectRead));
        using var second = await JoinAsync(port, "7 2\n");
        var one = new byte[1];
        Assert.Equal(1, await first.ReceiveAsync(one, Cancellation));
        Assert.Equal(1, await second.ReceiveAsync(one, Cancellation));
        Assert.False(other.Poll(TimeSpan.FromMilliseconds(50), SelectMode.SelectRead));
    }

    [Fact]
    public async Task A_member_that_died_while_it_waited_is_not_there()
    {
        await using var rendezvous = new GangRendezvous("127.0.0.1");
        var port = int.Parse(rendezvous.Address.Split(':')[1], CultureInfo.InvariantCulture);
        (await JoinAsync(port, "7 2\n")).Dispose();
        using var second = await JoinAsync(port, "7 2\n");
        Assert.False(second.Poll(TimeSpan.FromMilliseconds(200), SelectMode.SelectRead));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task<Socket> JoinAsync(int port, string words)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", port, Cancellation);
        await socket.SendAsync(Encoding.ASCII.GetBytes(words), Cancellation);
        return socket;
    }
}
