using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Regatta.Tests.Agent;

/// <summary>
/// Speaks like slurmrestd on a UNIX socket and writes slurmctld's log beside it, with the texts of Slurm 22.05.8. Every job runs at once and
/// ends at once, unless <see cref="Answer"/> says otherwise.
/// </summary>
internal sealed class FakeSlurm : FakeServer
{
    private readonly Dictionary<string, long> _ids = [];
    private long _next;

    public FakeSlurm()
        : this(Directory.CreateTempSubdirectory("regatta-slurm-").FullName)
    {
    }

    private FakeSlurm(string home)
        : base(new UnixDomainSocketEndPoint(Path.Combine(home, "s.sock")))
    {
        Home = home;
        LogPath = Path.Combine(Home, "slurmctld.log");
        File.WriteAllText(LogPath, "[2026-11-24T01:00:00.000] _slurm_rpc_submit_batch_job: JobId=1 InitPrio=1 usec=1\n");
        Serve();
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
    public string Home { get; }

    public string SocketPath => Address.ToString()!;

    public string LogPath { get; }

    /// <summary>The answer to the given submission of a name (from 1).</summary>
    public Func<string, int, Reply> Answer { get; set; } = (_, _) => Reply.Take;

    /// <summary>The one version of the interface that is served.</summary>
    public string Version { get; set; } = "v0.0.38";

    /// <summary>Slurm's own version.</summary>
    public string Release { get; set; } = "22.05.8";

    /// <summary>What it counts of itself.</summary>
    public string Statistics { get; set; } = "{}";

    /// <summary>What is warned of at each submission.</summary>
    public string? Warning { get; set; }

    /// <summary>Answers that were recorded, by method and path below the interface; null for those of its own.</summary>
    public Func<string, (int Status, string Text)?> Recorded { get; set; } = _ => null;

    /// <summary>Bodies of all submissions, in order.</summary>
    public List<JsonNode> Submissions { get; } = [];

    /// <summary>Ids that were cancelled.</summary>
    public List<long> Cancelled { get; } = [];

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(Home, recursive: true);
    }

    protected override (int Status, string? Text) Respond(string method, string path, string body)
    {
        var asked = path.Split('/', 4);
        // As slurmrestd says that it has not loaded a version.
        if (asked[2] != Version) return (404, "Unable to find requested URL");
        var target = asked[3];
        if (Recorded($"{method} {target}") is { } recorded) return recorded;
        if (method == "POST") return Submit(JsonNode.Parse(body)!);
        if (target == "ping") return (200, $$$"""{"meta":{"{{{(Version == "v0.0.38" ? "Slurm" : "slurm")}}}":{"release":"{{{Release}}}"}},"errors":[]}""");
        if (target == "jobs") return (200, Jobs(_ids));
        if (target == "diag") return (200, $$"""{"statistics":{{Statistics}},"errors":[]}""");
        var id = long.Parse(target["job/".Length..], CultureInfo.InvariantCulture);
        if (method == "DELETE")
        {
            Cancelled.Add(id);
            Log($"_slurm_rpc_kill_job: REQUEST_KILL_JOB JobId={id} uid 6420", $"job_signal: 9 of running JobId={id} successful 0x8004");
            return (200, """{"errors":[]}""");
        }

        return (200, Jobs(_ids.Where(p => p.Value == id)));
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
