using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>
/// Where the pods of a job of several pods meet, as the processes of a parallel job do: each says <c>JOB MEMBERS</c> and waits for one line, which comes
/// once so many of the job are there. A gang whose members get nodes one by one waits here with what it already holds.
/// </summary>
internal sealed class GangRendezvous : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<long, Meeting> _meetings = [];
    private readonly Lock _lock = new();
    private readonly Task _serving;

    /// <param name="host">Address that members reach the head by.</param>
    public GangRendezvous(string host)
    {
        // The API server may be known by a name, or be another machine's: then any address of this one must do.
        var address = IPAddress.TryParse(host, out var own) && IsOwn(own) ? own : IPAddress.Any;
        _listener = new TcpListener(address, 0);
        _listener.Start(4096);
        Address = string.Create(CultureInfo.InvariantCulture, $"{host}:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _serving = ServeAsync();
    }

    /// <summary><c>HOST:PORT</c>.</summary>
    public string Address { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private static bool IsOwn(IPAddress address)
    {
        using var probe = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            probe.Bind(new IPEndPoint(address, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            var member = await _listener.AcceptSocketAsync(_stop.Token);
            _ = MeetAsync(member);
        }
    }

    private async Task MeetAsync(Socket member)
    {
        using var owned = member;
        Meeting? meeting = null;
        try
        {
            if (await ReadAsync(member) is not { } said) return;
            lock (_lock)
            {
                if (!_meetings.TryGetValue(said.Job, out meeting)) _meetings[said.Job] = meeting = new Meeting();
                meeting.Present.Add(member);
                if (meeting.Present.Count >= said.Members && meeting.Present.Count(IsThere) >= said.Members) meeting.Complete.TrySetResult();
            }

            // A member that dies while it waits is not there any more.
            using var gone = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            var leaving = LeaveAsync(member, gone.Token);
            var met = await Task.WhenAny(meeting.Complete.Task, leaving) == meeting.Complete.Task;
            if (met) await member.SendAsync("\n"u8.ToArray(), _stop.Token);
            await leaving;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // The member or the replay has ended.
        }
        finally
        {
            if (meeting is not null)
            {
                lock (_lock)
                {
                    // All have gone: one that is made anew waits for the others again.
                    meeting.Present.Remove(member);
                    if (meeting.Present.Count == 0) meeting.Renew();
                }
            }
        }
    }

    // A member may have gone without the task that waits for its end having run yet. Nothing is sent after the first line, so what is readable is an end.
    private static bool IsThere(Socket member) => !member.Poll(TimeSpan.Zero, SelectMode.SelectRead);

    private static async Task LeaveAsync(Socket member, CancellationToken cancellation)
    {
        var nothing = new byte[16];
        try
        {
            while (await member.ReceiveAsync(nothing, cancellation) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Gone without a word.
        }
    }

    private async Task<(long Job, int Members)?> ReadAsync(Socket member)
    {
        var text = new byte[64];
        var filled = 0;
        while (filled < text.Length)
        {
            var count = await member.ReceiveAsync(text.AsMemory(filled), _stop.Token);
            if (count == 0) return null;
            filled += count;
            if (text[filled - 1] != '\n') continue;
            var words = Encoding.ASCII.GetString(text, 0, filled - 1).Split(' ');
            return words.Length == 2 && long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var job) && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var members) ? (job, members) : null;
        }

        return null;
    }

    private sealed class Meeting
    {
        public HashSet<Socket> Present { get; } = [];

        public TaskCompletionSource Complete { get; private set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Renew() => Complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
