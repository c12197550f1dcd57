using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Regatta.Tests.Agent;

/// <summary>
/// Speaks like slurmrestd on a UNIX socket and writes slurmctld's log beside it, with the texts of Slurm 22.05.8. Every job runs at once and
/// ends at once, unless <see cref="Answer"/> says otherwise.
/// </summary>
internal sealed class FakeSlurm : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly Task _serving;
    private readonly List<Socket> _connections = [];
    private readonly Dictionary<string, long> _ids = [];
    private long _next;

    public FakeSlurm()
    {
        SocketPath = Path.Combine(Home, "s.sock");
        LogPath = Path.Combine(Home, "slurmctld.log");
        File.WriteAllText(LogPath, "[2026-11-24T01:00:00.000] _slurm_rpc_submit_batch_job: JobId=1 InitPrio=1 usec=1\n");
        _listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        _listener.Listen(64);
        _serving = Task.Run(ServeAsync);
    }

    /// <summary>What to do with a submission.</summary>
    public enum Reply
    {
        Take,

        /// <summary>Take it, but cut the connection instead of answering.</summary>
        TakeAndCut,

        /// <summary>The controller cannot be reached.</summary>
        Unreachable,

        /// <summary>Wrong partition.</summary>
        Refuse,

        /// <summary>Take it, and never end it.</summary>
        TakeAndKeep,

        /// <summary>What it waits for cannot be waited for.</summary>
        RefuseDependency,

        /// <summary>Take it and end it, and have the log say nothing of its start.</summary>
        TakeUntold,
    }

    /// <summary>A directory of its own, which goes with it.</summary>
    public string Home { get; } = Directory.CreateTempSubdirectory("regatta-slurm-").FullName;

    public string SocketPath { get; }

    public string LogPath { get; }

    /// <summary>The answer to the given submission of a name (from 1).</summary>
    public Func<string, int, Reply> Answer { get; set; } = (_, _) => Reply.Take;

    /// <summary>The one version of the interface that is served.</summary>
    public string Version { get; set; } = "v0.0.38";

    /// <summary>Slurm's own version.</summary>
    public string Release { get; set; } = "22.05.8";

    /// <summary>What is warned of at each submission.</summary>
    public string? Warning { get; set; }

    /// <summary>Answers that were recorded, by method and path below the interface; null for those of its own.</summary>
    public Func<string, (int Status, string Text)?> Recorded { get; set; } = _ => null;

    /// <summary>Bodies of all submissions, in order.</summary>
    public List<JsonNode> Submissions { get; } = [];

    /// <summary>Ids that were cancelled.</summary>
    public List<long> Cancelled { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        lock (_lock) _connections.ForEach(c => c.Dispose());
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        Directory.Delete(Home, recursive: true);
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var connection = await _listener.AcceptAsync(_stop.Token);
            lock (_lock) _connections.Add(connection);
            _ = Task.Run(() => TalkAsync(connection));
        }
    }

    private async Task TalkAsync(Socket connection)
    {
        await using var stream = new NetworkStream(connection, ownsSocket: true);
        try
        {
            while (await ReadAsync(stream) is var (request, body) && request.Length > 0)
            {
                var (status, text) = Respond(request, body);
                if (text is null) return;
                await stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 {status} X\r\nContent-Length: {Encoding.UTF8.GetByteCount(text)}\r\nContent-Type: application/json\r\n\r\n{text}"));
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or SocketException)
        {
            // The client or the test is gone.
        }
    }

    private static async Task<(string Request, string Body)> ReadAsync(NetworkStream stream)
    {
        var bytes = new List<byte>();
        var one = new byte[1];
        while (!(bytes.Count > 3 && bytes[^1] == '\n' && bytes[^3] == '\n'))
        {
            if (await stream.ReadAsync(one) == 0) return ("", "");
            bytes.Add(one[0]);
        }

        var head = Encoding.UTF8.GetString([.. bytes]).Split("\r\n");
        var length = head.Select(l => l.Split(": ")).FirstOrDefault(p => p[0].Equals("Content-Length", StringComparison.OrdinalIgnoreCase)) is { } pair ? int.Parse(pair[1], CultureInfo.InvariantCulture) : 0;
        var body = new byte[length];
        await stream.ReadExactlyAsync(body);
        return (head[0], Encoding.UTF8.GetString(body));
    }

    private (int Status, string? Text) Respond(string request, string body)
    {
        lock (_lock)
        {
            var asked = request.Split(' ')[1].Split('/', 4);
            // As slurmrestd says that it has not loaded a version.
            if (asked[2] != Version) return (404, "Unable to find requested URL");
            var path = asked[3];
            if (Recorded($"{request.Split(' ')[0]} {path}") is { } recorded) return recorded;
            if (request.StartsWith("POST", StringComparison.Ordinal)) return Submit(JsonNode.Parse(body)!);
            if (path == "ping") return (200, $$$"""{"meta":{"{{{(Version == "v0.0.38" ? "Slurm" : "slurm")}}}":{"release":"{{{Release}}}"}},"errors":[]}""");
            if (path == "jobs") return (200, Jobs(_ids));
            var id = long.Parse(path["job/".Length..], CultureInfo.InvariantCulture);
            if (request.StartsWith("DELETE", StringComparison.Ordinal))
            {
                Cancelled.Add(id);
                Log($"_slurm_rpc_kill_job: REQUEST_KILL_JOB JobId={id} uid 6420", $"job_signal: 9 of running JobId={id} successful 0x8004");
                return (200, """{"errors":[]}""");
            }

            return (200, Jobs(_ids.Where(p => p.Value == id)));
        }
    }

    private (int Status, string? Text) Submit(JsonNode body)
    {
        Submissions.Add(body);
        var name = (string)body["job"]!["name"]!;
        var reply = Answer(name, Submissions.Count(s => (string)s["job"]!["name"]! == name));
        switch (reply)
        {
            case Reply.Refuse:
                return (500, """{"errors":[{"error_code":2000,"error":"Invalid partition name specified"}]}""");
            case Reply.RefuseDependency:
                return (422, """{"errors":[{"error_number":2038,"error":"Job dependency problem"}],"warnings":[]}""");
            case Reply.Unreachable:
                return (500, """{"errors":[{"error_code":1800,"error":"Unable to contact slurm controller (connect failure)"}]}""");
        }

        var id = _ids[name] = ++_next;
        Log($"_slurm_rpc_submit_batch_job: JobId={id} InitPrio=1 usec=1");
        if (reply != Reply.TakeUntold) Log($"sched: Allocate JobId={id} NodeList=n1 #CPUs=1 Partition=main");
        if (reply != Reply.TakeAndKeep) Log($"_job_complete: JobId={id} WEXITSTATUS 0", $"_job_complete: JobId={id} done", $"debug2: _slurm_rpc_epilog_complete: JobId={id} Node=n1 ");
        return (200, reply == Reply.TakeAndCut ? null : $$"""{"errors":[],"warnings":[{{(Warning is null ? "" : $$"""{"description":"{{Warning}}"}""")}}],"job_id":{{id}},"step_id":"BATCH","job_submit_user_msg":""}""");
    }

    private string Jobs(IEnumerable<KeyValuePair<string, long>> jobs) => Version == "v0.0.38" ? First(jobs) :
        $$$"""{"errors":[],"warnings":[],"jobs":[{{{string.Join(',', jobs.Select(j => $$$"""{"job_id":{{{j.Value}}},"name":"{{{j.Key}}}","job_state":["RUNNING"],"state_reason":"None","exit_code":{"status":["PENDING"],"return_code":{"set":false,"infinite":false,"number":0},"signal":{"id":{"set":false,"infinite":false,"number":0},"name":""}},"end_time":{"set":true,"infinite":false,"number":0}}"""))}}}]}""";

    private static string First(IEnumerable<KeyValuePair<string, long>> jobs) =>
        $$"""{"errors":[],"jobs":[{{string.Join(',', jobs.Select(j => $$"""{"job_id":{{j.Value}},"name":"{{j.Key}}","job_state":"RUNNING","state_reason":"None","exit_code":0,"end_time":0}"""))}}]}""";

    private void Log(params string[] lines) => File.AppendAllLines(LogPath, lines.Select(l => $"[{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss.fff}] {l}"));
}
