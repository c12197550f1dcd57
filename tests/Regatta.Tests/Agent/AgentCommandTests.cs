using System.Text;
using CliWrap;
using CliWrap.Buffered;
using Microsoft.Extensions.Time.Testing;
using Regatta.Agent.Commands;
using Regatta.Agent.Replaying;
using Regatta.Workloads;

namespace Regatta.Tests.Agent;

/// <summary>The agent's commands, by the program itself where a process is what matters.</summary>
public sealed class AgentCommandTests : IDisposable
{
    /// <summary>The agent as it was built for these tests.</summary>
    public static string Binary { get; } = Path.Combine(AppContext.BaseDirectory, "regatta-agent");

    private readonly string _directory = Directory.CreateTempSubdirectory("regatta-agent-").FullName;

    private string Stamps => Path.Combine(_directory, "stamps.jsonl");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(0, "sleep", "0")]
    [InlineData(0, "cpu", "0.01")]
    [InlineData(3, "exec", "sh", "-c", "exit 3")]
    [InlineData(139, "exec", "sh", "-c", "kill -SEGV $$")]
    [InlineData(127, "exec", "/nowhere/program")]
    public async Task Payload_stamps_start_and_finish_and_ends_as_its_work_did(int code, params string[] work)
    {
        File.WriteAllBytes(Stamps, []);
        var result = await Agent(["payload", "--job", "12", "--stamps", Stamps, .. work]);
        Assert.Equal(code, result.ExitCode);
        var events = File.ReadAllLines(Stamps).Select((l, i) => ReplayJson.ReadEvent(Encoding.UTF8.GetBytes(l), "stamps", i + 1)).ToList();
        Assert.Equal([(JobEventKind.Started, null), (JobEventKind.Finished, (int?)code)], events.Select(e => (e.Kind, e.ExitCode)));
        Assert.All(events, e => Assert.Equal((12, "payload", Environment.MachineName), (e.Job, e.Source, e.Node)));
        Assert.True(events[0].Time <= events[1].Time);
    }

    [Fact]
    public async Task Payload_that_is_told_to_end_stamps_its_finish()
    {
        // The shell tells the payload to end as soon as it has stamped its start.
        var script = $": >'{Stamps}'; '{Binary}' payload --job 1 --stamps '{Stamps}' sleep 600 & while ! [ -s '{Stamps}' ]; do :; done; kill $!; wait $!";
        var result = await CliWrap.Cli.Wrap("sh").WithArguments(["-c", script]).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(TestContext.Current.CancellationToken);
        Assert.Equal(143, result.ExitCode);
        Assert.EndsWith("\"exitCode\":143}\n", await File.ReadAllTextAsync(Stamps, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(64, "regatta-agent payload: '")]
    [InlineData(73, "regatta-agent payload: cannot open /nowhere/stamps: No such file or directory")]
    public async Task Payload_says_what_is_wrong(int code, string words)
    {
        var result = code == 64 ? await Agent(["payload", "--job", "1", "--stamps", Stamps, "sleep", "-1"]) : await Agent(["payload", "--job", "1", "--stamps", "/nowhere/stamps", "sleep", "0"]);
        Assert.Equal(code, result.ExitCode);
        Assert.StartsWith(words, result.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public void Clock_answers_each_line_with_two_stamps()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddSeconds(7));
        using var output = new MemoryStream();
        ClockCommand.Run(new MemoryStream("0\n1\n"u8.ToArray()), output, time);
        Assert.Equal("0 7000000 7000000\n1 7000000 7000000\n", Encoding.UTF8.GetString(output.ToArray()));
    }

    public static TheoryData<string, string> WrongSchedules => new()
    {
        { "", "error[replay-empty]: standard input holds no replay: it is empty\n  help: the first line is the header, then one job a line" },
        {
            """
            {"version":9,"trial":"t","scheduler":"slurm","jobs":0}

            """,
            "error[replay-version]: the replay is of version 9; this agent reads 1 to 1\n  at standard input:1\n  help: copy the agent of the same Regatta to the head: regatta cluster configure"
        },
        {
            """
            {"version":1,"trial":"T 1","scheduler":"slurm","jobs":0,"connections":4}

            """,
            "error[replay-header]: the trial 'T 1' is not a name of small letters, digits and '-'"
        },
        {
            """
            {"version":1,"trial":"t","scheduler":"slurm","jobs":2,"connections":4}
            {"id":1,"submit":"00:00:00","processors":1,"runTime":"00:00:00"}

            """,
            "error[replay-cut]: standard input ends after 1 of 2 jobs\n  help: the connection was cut while it was sent: send it again"
        },
    };

    [Theory]
    [MemberData(nameof(WrongSchedules))]
    public void A_wrong_schedule_is_refused_before_anything_starts(string schedule, string message)
    {
        var directory = new ReplayDirectory(Path.Combine(_directory, "r"));
        var thrown = Assert.Throws<DiagnosticException>(() => directory.Create(new MemoryStream(Encoding.UTF8.GetBytes(schedule)), _ => { }));
        Assert.Equal(message, thrown.Message);
        Assert.False(directory.Exists);
    }

    [Fact]
    public void A_line_that_is_no_job_is_named_with_its_column()
    {
        var directory = new ReplayDirectory(Path.Combine(_directory, "r"));
        var schedule = "{\"version\":1,\"trial\":\"t\",\"scheduler\":\"slurm\",\"jobs\":1,\"connections\":4}\n{\"id\":1,\"submit\":nonsense}\n";
        var thrown = Assert.Throws<DiagnosticException>(() => directory.Create(new MemoryStream(Encoding.UTF8.GetBytes(schedule)), _ => { }));
        Assert.StartsWith("error[replay-line]: line 2 of standard input is not a job\n  at standard input:2:19\n", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replay_is_never_started_twice()
    {
        var directory = new ReplayDirectory(Path.Combine(_directory, "r"));
        var schedule = "{\"version\":1,\"trial\":\"t\",\"scheduler\":\"slurm\",\"jobs\":1,\"connections\":4}\n{\"id\":1,\"submit\":\"00:00:00\",\"processors\":1,\"runTime\":\"00:00:00\"}\n"u8.ToArray();
        directory.Create(new MemoryStream(schedule), _ => { });
        var result = await Agent(["replay", "--directory", directory.Path]);
        Assert.Equal(ReplayExit.Exists, result.ExitCode);
        Assert.StartsWith($"error[replay-exists]: {directory.Path} holds a replay already", result.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_can_be_followed_where_nothing_was_started()
    {
        var result = await Agent(["follow", "--directory", Path.Combine(_directory, "none")]);
        Assert.Equal(ReplayExit.Missing, result.ExitCode);
        Assert.StartsWith($"error[replay-missing]: there is no replay in {_directory}/none\n", result.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_is_full_ends_the_writing_with_its_reason_and_leaves_whole_lines()
    {
        // A device that takes nothing stands for a full disk.
        await using var log = new EventLog("/dev/full", FileMode.Open);
        log.Add(new JobEvent(1, JobEventKind.Sent, 1, "agent"));
        var thrown = await Assert.ThrowsAsync<IOException>(() => log.Writing);
        var told = new ReplayDirectory(_directory).Full(thrown);
        Assert.StartsWith($"error[replay-disk]: the replay cannot write to {_directory}\n", told.Message, StringComparison.Ordinal);
        Assert.Contains(thrown.Message, told.Message, StringComparison.Ordinal);
        Assert.EndsWith("help: make room on the head, then run the trial again", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Costs_of_daemons_count_from_the_first_look()
    {
        var proc = Path.Combine(_directory, "proc");
        Write(10, "slurmctld", 500, 4_000);
        Write(11, "other (x)", 900, 9_000);
        var costs = new ProcessCosts([("slurmctld", false)], proc);
        costs.Look();
        Write(10, "slurmctld", 700, 5_000);
        Write(12, "slurmctld", 30, 1_000);
        costs.Look();
        Directory.Delete(Path.Combine(proc, "10"), recursive: true);
        costs.Look();
        var cost = Assert.Single(costs.Costs());
        Assert.Equal(new DaemonCost("slurmctld", 2.3, 5_000 * 1024, false), cost);

        void Write(int process, string name, int ticks, int peak)
        {
            var directory = Directory.CreateDirectory(Path.Combine(proc, process.ToString(CultureInfo.InvariantCulture))).FullName;
            File.WriteAllText(Path.Combine(directory, "stat"), $"{process} ({name}) S 1 1 1 0 -1 4194560 1 2 3 4 {ticks} 0 0 0 20 0 1 0 77 1 1\n");
            File.WriteAllText(Path.Combine(directory, "status"), $"Name:\t{name}\nVmHWM:\t{peak} kB\n");
        }
    }

    private static async Task<BufferedCommandResult> Agent(string[] arguments) =>
        await CliWrap.Cli.Wrap(Binary).WithArguments(arguments).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(TestContext.Current.CancellationToken);
}
