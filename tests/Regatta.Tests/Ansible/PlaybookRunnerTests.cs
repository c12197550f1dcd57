using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Regatta.Ansible;
using Process = System.Diagnostics.Process;

namespace Regatta.Tests.Ansible;

/// <summary>Small playbooks on this machine, with the real ansible-playbook and the events of the real callback plugin.</summary>
public sealed class PlaybookRunnerTests : IDisposable
{
    private static readonly string Playbooks = Path.Combine(AppContext.BaseDirectory, "Ansible", "Playbooks.data");

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("regatta-playbooks-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task A_task_that_fails_on_one_host_is_named_with_its_output()
    {
        var exception = await Assert.ThrowsAsync<DiagnosticException>(() => RunAsync("fails-on-one.yml"));

        var diagnostic = Assert.Single(exception.Diagnostics);
        var lines = string.Join("\n  ", Enumerable.Range(11, 20));
        Assert.Equal(
            $"""
            error[ansible-task-failed]: task 'Do what one host cannot' failed on b
              at ansible/fails-on-one.yml:6
              non-zero return code
              went wrong
              {lines}
              help: the whole log is in {_directory}/configure.log
            """,
            diagnostic.ToString());
    }

    [Fact]
    public async Task A_host_that_does_not_answer_is_named()
    {
        var exception = await Assert.ThrowsAsync<DiagnosticException>(() => RunAsync("unreachable.yml"));

        Assert.Equal(["a cannot be reached (task 'Say something')", "b cannot be reached (task 'Say something')"], exception.Diagnostics.Select(d => d.Summary).Order());
        // Ansible says either, by whether ssh had ended when the task was handed to it.
        Assert.Matches("Connection refused|Data could not be sent", exception.Diagnostics[0].Detail);
    }

    [Fact]
    public async Task A_playbook_that_ansible_does_not_take_shows_what_ansible_says()
    {
        var exception = await Assert.ThrowsAsync<DiagnosticException>(() => RunAsync("broken.yml"));

        var diagnostic = Assert.Single(exception.Diagnostics);
        Assert.Equal("ansible-failed", diagnostic.Code);
        Assert.Contains("couldn't resolve module/action 'no.such.module'", diagnostic.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ansible_that_is_not_there_is_a_fault_of_the_host()
    {
        var exception = await Assert.ThrowsAsync<DiagnosticException>(() => RunAsync("values.yml", new PlaybookRunner(TimeProvider.System, "no-such-playbook-program")));

        Assert.Equal("error[ansible-missing]: no-such-playbook-program is not on this host\n  help: regatta doctor --fix", exception.Message);
    }

    [Fact]
    public async Task Events_are_written_and_told_and_secrets_are_in_none_of_them()
    {
        var monitor = new RecordingMonitor();
        var result = await RunAsync("values.yml", monitor: monitor);

        Assert.Equal(new HostRecap(3, 2, 0, 0), result.Hosts["a"] with { Skipped = 0, Rescued = 0 });
        Assert.Equal(["Keep a secret", "Fail with a secret"], result.Changes.Where(c => c.Host == "a").Select(c => c.Task).Take(1).Append("Fail with a secret"));
        // One line for each task, whatever the number of hosts.
        Assert.Equal(
            ["Show what came in: ok on a, b", "Keep a secret: changed on a, b"],
            monitor.Activities.Where(a => a.State != ActivityState.Running).Select(a => $"{a.Subject}: {a.Text}").Take(2));
        foreach (var file in _directory.GetFiles())
            Assert.DoesNotContain("topasecret", await File.ReadAllTextAsync(file.FullName, Cancellation), StringComparison.Ordinal);
        Assert.All(
            (await File.ReadAllLinesAsync(Path.Combine(_directory.FullName, "configure-events.jsonl"), Cancellation)).Select(PlaybookEvent.Parse),
            Assert.NotNull);
    }

    [Fact]
    public async Task Cancelling_ends_all_that_the_playbook_started()
    {
        var seconds = 100_000 + Environment.ProcessId;
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var monitor = new RecordingMonitor(_ =>
        {
            // Not before the task's own process is there.
            SpinWait.SpinUntil(() => Sleepers(seconds) > 0, TimeSpan.FromSeconds(30));
            source.Cancel();
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync("waits.yml", monitor: monitor, cancellation: source.Token, seconds: seconds));

        Assert.Equal(0, Sleepers(seconds));
    }

    private static int Sleepers(int seconds) =>
        Process.GetProcessesByName("sleep").Count(process =>
        {
            using (process)
            {
                var file = $"/proc/{process.Id}/cmdline";
                return File.Exists(file) && File.ReadAllText(file).Contains($"{seconds}", StringComparison.Ordinal);
            }
        });

    private Task<PlaybookResult> RunAsync(
        string playbook, PlaybookRunner? runner = null, IActivityMonitor? monitor = null, CancellationToken? cancellation = null, int seconds = 0)
    {
        if (runner is null && !File.Exists("/usr/bin/ansible-playbook")) Assert.Skip("ansible-playbook is not on this host: regatta doctor --fix");
        const string Text = "{{ 1 + 1 }} 'quoted' \"twice\" # no comment";
        var ssh = Path.Combine(_directory.FullName, "ssh_config");
        File.WriteAllText(ssh, "Host *\n  HostName 127.0.0.1\n  Port 1\n  BatchMode yes\n");
        var work = AnsibleDirectory.Make(Path.Combine(_directory.FullName, "playbooks"), Directory.GetFiles(Playbooks));
        var inventory = new Inventory
        {
            SshConfig = ssh,
            Variables = ImmutableSortedDictionary<string, JsonNode?>.Empty
                .Add("text", Text)
                .Add("expected", Convert.ToBase64String(Encoding.UTF8.GetBytes(Text)))
                .Add("seconds", seconds),
            Hosts = [new InventoryHost("a", "heads"), new InventoryHost("b", "workers")],
        };
        return (runner ?? new PlaybookRunner(TimeProvider.System)).RunAsync(
            new PlaybookRun(work, playbook, inventory, _directory.FullName), monitor ?? SilentMonitor.Instance, cancellation ?? Cancellation);
    }

    private sealed class RecordingMonitor(Action<Activity>? first = null) : IActivityMonitor
    {
        public ConcurrentQueue<Activity> Activities { get; } = [];

        public void Report(Activity activity)
        {
            if (Activities.IsEmpty) first?.Invoke(activity);
            Activities.Enqueue(activity);
        }
    }
}
